"""Anchors: pieces of words without which a pattern can not be found.

Of thousands of patterns a sentence can hold but few: "cancel my order" no pattern that asks for "ombudsman", "lawyer" or "court".
Looking for the anchors first costs little and spares most of the patterns.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# Pieces that stand in most sentences: they part nothing, and another anchor of the pattern is better.
_COMMON: Final = frozenset(
    (
        "a able about all an and any are as at ation be been but by can can't could did didn't do does don't ed ent er est for from get got "
        "had has have how i'd i'm i've if in ing ion is it it's just ll me ment more my no not of on one or our out re so ted than "
        "that the then there they this tion to up us ve was we were what when who why will with would you your"
    ).split()
)
_WORD: Final = re.compile(r"[a-z0-9']{2,}")
# A pattern's parts: letters of which none may be left out or repeated, flags, what opens a group, an escape, a class of letters,
# how often, or a single sign.
_PARTS: Final = re.compile(
    r"[a-z0-9']+(?![a-z0-9'*+?{])|[a-z0-9']+(?=[a-z0-9'][*+?{])|"
    r"\(\?[a-zA-Z]+\)|\((?:\?(?:[a-zA-Z-]*:|P?<\w+>))?|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?]\??|\{\d*,?\d*\}\??|.",
    re.DOTALL,
)
_OFTEN: Final = frozenset("*+?{")
_SPELLED: Final = re.compile(r"\\[xpPQE0-9]")  # letters by their numbers or kinds: too seldom to be read

Anchors = frozenset[str]


def anchors(pattern: str) -> Anchors | None:
    """Pieces of which every text that holds the pattern has at least one, in lower case; None where none can be named."""
    if _SPELLED.search(pattern):
        return None
    outside: list[tuple[Anchors | None, list[Anchors | None]]] = []  # of each group that is open
    best: Anchors | None = None  # of the branch that is read: of all that it needs, one is enough
    branches: list[Anchors | None] = []  # the best of those before it in the same group
    letters = ""
    for part, times in pairwise([*_PARTS.findall(pattern), ""]):
        if part[0].isalnum() or part[0] == "'":
            letters += "" if times[:1] in _OFTEN and _may_lack(times) else part.lower()
            if times[:1] not in _OFTEN:
                continue
        if letters:
            best = _with_words(best, letters)
            letters = ""
        if part == "|":
            branches.append(best)
            best = None
        elif part[0] == "(" and part[-1] != ")":
            outside.append((best, branches))
            best, branches = None, []
        elif part == ")":
            group = _either([*branches, best])
            best, branches = outside.pop()
            best = best if _may_lack(times) else _better(best, group)
    return _either([*branches, _with_words(best, letters)])


def is_common(pieces: Anchors) -> bool:
    """Whether one of the pieces stands in most sentences, so that they part little."""
    return not _COMMON.isdisjoint(pieces)


def _may_lack(times: str) -> bool:
    """Whether a part that comes so often may be missing."""
    return times.startswith(("*", "?", "{0", "{,"))


def _with_words(best: Anchors | None, letters: str) -> Anchors | None:
    for word in _WORD.findall(letters):
        best = _better(best, frozenset([word]))
    return best


def _either(branches: list[Anchors | None]) -> Anchors | None:
    """What all branches together need: a piece of any of them."""
    known = [one for one in branches if one is not None]
    return frozenset().union(*known) if len(known) == len(branches) else None


def _better(one: Anchors | None, other: Anchors | None) -> Anchors | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other, key=_rank)


def _rank(pieces: Anchors) -> tuple[float, int, int]:
    common = sum(piece in _COMMON for piece in pieces) / len(pieces)
    return (-common, min(map(len, pieces)), -len(pieces))
