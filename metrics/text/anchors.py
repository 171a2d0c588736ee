"""Anchors: pieces of words without which a pattern can not be found.

Of thousands of patterns a sentence can hold but few: "cancel my order" no pattern that asks for "ombudsman", "lawyer" or "court".
Looking for the anchors first costs little and spares most of the patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Python's own parser of patterns: the modules sre_parse and sre_constants, which go by no other name any more.
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

# Pieces that stand in most sentences: they part nothing, and another anchor of the pattern is better.
_COMMON: Final = frozenset(
    (
        "a able about all an and any are as at ation be been been but by can can't could did didn't do does don't ed ent er est for from get got "
        "had has have how i'd i'm i've if in ing ion is it it's just ll me ment more my no not of on one or our out re so ted than "
        "that the then there they this tion to up us ve was we were what when who why will with would you your"
    ).split()
)
_WORD: Final = re.compile(r"[a-z0-9']{2,}")

Anchors = frozenset[str]


def anchors(pattern: str) -> Anchors | None:
    """Pieces of which every text that holds the pattern has at least one, in lower case; None where none can be named."""
    return _needed(parser.parse(pattern))


def is_common(pieces: Anchors) -> bool:
    """Whether one of the pieces stands in most sentences, so that they part little."""
    return not _COMMON.isdisjoint(pieces)


def _needed(nodes: Iterable[tuple[Any, Any]]) -> Anchors | None:
    """The best anchors that a row of parts needs: of all that are needed, one is enough."""
    best: Anchors | None = None
    letters: list[str] = []
    for kind, value in [*nodes, (None, None)]:
        if kind is op.LITERAL:
            letters.append(chr(value).lower())
            continue
        for word in _WORD.findall("".join(letters)):
            best = _better(best, frozenset([word]))
        letters.clear()
        best = _better(best, _of_part(kind, value))
    return best


def _of_part(kind: Any, value: Any) -> Anchors | None:
    """What a part needs that is no plain letter."""
    if kind is op.SUBPATTERN:
        return _needed(value[3])
    if kind is op.BRANCH:
        each = [_needed(branch) for branch in value[1]]
        return None if None in each else frozenset().union(*(one for one in each if one is not None))
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] >= 1:
        return _needed(value[2])
    return None


def _better(one: Anchors | None, other: Anchors | None) -> Anchors | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other, key=_rank)


def _rank(pieces: Anchors) -> tuple[float, int, int]:
    common = sum(piece in _COMMON for piece in pieces) / len(pieces)
    return (-common, min(map(len, pieces)), -len(pieces))
