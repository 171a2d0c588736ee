"""Anchors: pieces of words without which a pattern can not be found.

Of thousands of patterns a sentence can hold but few: "cancel my order" no pattern that asks for "ombudsman", "lawyer" or "court".
Looking for the pieces first costs little and spares nearly all of the patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

# Pieces that stand in most sentences: they part little, and another anchor of the pattern is better.
_COMMON: Final = frozenset(
    (
        "a able about all an and any are as at ation be been but by can can't could did didn't do does don't ed ent er est for from get got "
        "had has have how i'd i'm i've if in ing ion is it it's just ll me ment more my no not of on one or our out re so ted than "
        "that the then there they this tion to up us ve was we were what when who why will with would you your"
    ).split()
)
STARTS: Final = r"\b"  # before a piece that begins a word wherever the pattern is found
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789' ")
# A pattern's parts: letters of which none may be left out or repeated, flags, what opens a group, an escape, a class of letters,
# how often, or a single sign.
_PARTS: Final = re.compile(
    r"[a-z0-9' ]+(?![a-z0-9' *+?{])|[a-z0-9' ]+(?=[a-z0-9' ][*+?{])|"
    r"\(\?[a-zA-Z]+\)|\((?:\?(?:[a-zA-Z-]*:|P?<\w+>))?|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+?]\??|\{\d*,?\d*\}\??|.",
    re.DOTALL,
)
_MOST: Final = 32  # ways of a pattern; where there would be more, branches are taken together
_SPELLED: Final = re.compile(r"\\[xpPQE0-9]")  # letters by their numbers or kinds: too seldom to be read
# Parts after which letters begin a word: signs that are none of a word, and the edge of one.
_EDGE: Final = re.compile(r"\\[bsW.()|$?*+/-]|\^|[^\w\\.$^()|\[]|\[-?(?:\\[sW.]|[^\w\\^\]-])+-?\]", re.ASCII)

Anchors = frozenset[str]  # pieces of which one is enough
Way = list[Anchors]  # sets of which each is needed


class _Branch(NamedTuple):
    """In which ways a branch may be found, as far as it was read, and whether letters that come next begin a word."""

    ways: list[Way]
    is_edge: bool


def anchors(pattern: str) -> list[Way]:
    r"""Ways in which the pattern may be found: every text that holds it has, for one of them, a piece of each of its sets.

    Pieces are in lower case; one that counts only where it begins a word has \b before it. In each way the rarest set comes
    first. No way where the pattern may be found in a text without any piece that can be named.
    """
    if _SPELLED.search(pattern):
        return []
    outside: list[tuple[_Branch, bool, list[_Branch]]] = []  # what each open group interrupts
    branches: list[_Branch] = []  # of this group, the earlier ones
    here, begins_word = _Branch([[]], False), False  # this branch; whether the group begins where a word does
    letters, starts_word = "", False
    for part, times in pairwise([*_PARTS.findall(pattern), ""]):
        may_lack = times.startswith(("*", "?", "{0", "{,"))
        if part[0] in _LETTERS:
            starts_word = starts_word if letters else here.is_edge
            letters += "" if may_lack else part.lower()
            here = here._replace(is_edge=part[-1] in "' " and (here.is_edge or not may_lack))
            if times[:1] in _LETTERS:
                continue
        if letters:
            here = here._replace(ways=_both(here.ways, [_piece(letters, starts_word=starts_word)]))
            letters = ""
        if part == "|":
            branches.append(here)
            here = _Branch([[]], begins_word)
        elif part == ")":
            group = _either([*branches, here])
            if times.startswith(("+", "{")) and not group.is_edge:
                group = group._replace(ways=[_anywhere(way) for way in group.ways])
            before, begins_word, branches = outside.pop()
            here = _Branch(
                before.ways if may_lack else _both(before.ways, group.ways),
                group.is_edge and (before.is_edge or not may_lack),
            )
        elif part[0] == "(" and part[-1] != ")":
            outside.append((here, begins_word, branches))
            begins_word, branches = here.is_edge, []
            here = _Branch([[]], begins_word)
        elif part[0] not in _LETTERS and part[0] not in "(*+?{":
            is_edge = _EDGE.fullmatch(part) is not None
            here = here._replace(is_edge=is_edge and (here.is_edge or not may_lack))
    ways = [_ranked(dict.fromkeys(way)) for way in _either([*branches, here]).ways]
    return ways if all(ways) else []


def _piece(letters: str, *, starts_word: bool) -> Way:
    """The letters as a set of one piece; none where they are too few to tell anything."""
    piece = letters.strip()
    if len(piece) < 2:
        return []
    starts_word = (starts_word or letters[0] == " ") and piece[0] != "'"
    return [frozenset([STARTS + piece if starts_word else piece])]


def _either(branches: list[_Branch]) -> _Branch:
    """The ways of all branches. Those of a single set are one way; a branch that needs nothing leaves nothing to tell."""
    every = [way for branch in branches for way in branch.ways]
    is_edge = all(branch.is_edge for branch in branches)
    if not all(every):
        return _Branch([[]], is_edge)
    single = [way[0] for way in every if len(way) == 1]
    ways = [way for way in every if len(way) > 1]
    if single:
        ways.append([_union(single)])
    return _Branch(ways if len(ways) <= _MOST else [_joined(ways)], is_edge)


def _both(first: list[Way], then: list[Way]) -> list[Way]:
    """The ways of one thing and of another after it."""
    if len(first) * len(then) > _MOST:
        first, then = (first, [_joined(then)]) if len(first) > len(then) else ([_joined(first)], then)
    return [one + other for one in first for other in then]


def _joined(ways: list[Way]) -> Way:
    """One way for all: a piece of the rarest set of any, then of the next, as far as all have one."""
    return [_union(sets) for sets in zip(*map(_ranked, ways), strict=False)]


def _union(sets: Iterable[Anchors]) -> Anchors:
    return frozenset[str]().union(*sets)


def _anywhere(way: Way) -> Way:
    """The same pieces wherever they stand: what comes again may follow its own end."""
    return [frozenset(piece.removeprefix(STARTS) for piece in pieces) for pieces in way]


def _ranked(way: Iterable[Anchors]) -> Way:
    """The sets, the rarest first."""
    return sorted(way, key=_rank, reverse=True)


def _rank(pieces: Anchors) -> tuple[float, int, int]:
    plain = [piece.removeprefix(STARTS) for piece in pieces]
    common = sum(piece in _COMMON for piece in plain) / len(plain)
    return (-common, min(map(len, plain)), -len(plain))
