"""The gate before the cues: which patterns a text may hold, told by the pieces of words in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import re2

from metrics.text.anchors import Way
from metrics.text.runs import Integers, Runs

_TESTS: Final = 4  # sets of a way that are looked at; a fifth would tell next to nothing
_TOGETHER: Final = 250  # texts at a time, so that their table stays near the processor


class Gate:
    """Opens for each text the patterns that may be in it, by their anchors; what it leaves shut is not there."""

    def __init__(self, patterns: Sequence[Sequence[Way]], options: Any) -> None:
        """`patterns` has the ways of each (anchors.anchors), at least one."""
        ways = [way[:_TESTS] for own in patterns for way in own]
        self._pattern = np.repeat(np.arange(len(patterns)), [len(own) for own in patterns])
        """The pattern of each way."""
        rarest = dict.fromkeys(way[0] for way in ways)
        every = dict.fromkeys([*rarest, *(pieces for way in ways for pieces in way)])
        number = {pieces: place for place, pieces in enumerate(every)}
        self._count_rarest, self._count = len(rarest), len(every)
        """Sets by number: first those that are the rarest of some way."""
        self._opened = _runs(self._count_rarest, [(number[way[0]], place) for place, way in enumerate(ways)])
        """The ways of which each set is the rarest."""
        self._others = np.array(
            [[number[way[min(test, len(way) - 1)]] for test in range(1, _TESTS)] for way in ways], np.int64
        ).reshape(-1, _TESTS - 1)
        """The further sets of each way; where it has fewer, the last of them again."""
        piece = {
            one: place for place, one in enumerate(dict.fromkeys(one for pieces in every for one in pieces))
        }
        self._sets = _runs(len(piece), [(piece[one], number[pieces]) for pieces in every for one in pieces])
        """The sets that each piece is of."""
        self._pieces = re2.Set.SearchSet(options)
        for one in piece:
            self._pieces.Add(one)
        self._pieces.Compile()

    def open(self, texts: Sequence[bytes]) -> Iterator[tuple[int, list[int]]]:
        """Each pattern that may be in some of the texts, and the numbers of these."""
        opened = [self._open(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
        if not opened:
            return
        pattern = np.concatenate([own for _, own in opened])
        text = np.concatenate([start * _TOGETHER + own for start, (own, _) in enumerate(opened)])
        pairs = np.unique(pattern * len(texts) + text)  # a text may hold the same pattern in several ways
        pattern, text = np.divmod(pairs, len(texts))
        begins = np.flatnonzero(np.diff(pattern, prepend=-1)).tolist()
        for begin, end in pairwise([*begins, len(pairs)]):
            yield int(pattern[begin]), text[begin:end].tolist()

    def _open(self, texts: Sequence[bytes]) -> tuple[Integers, Integers]:
        """The same as pairs of a text and a pattern, some of them several times."""
        found = [self._pieces._set.Match(text) or () for text in texts]
        text = np.repeat(np.arange(len(texts)), [len(pieces) for pieces in found])
        owner, runs = self._sets.of(np.array([piece for pieces in found for piece in pieces], np.int64))
        holds = np.zeros((len(texts), self._count), np.bool_)
        holds[text[owner], runs["number"]] = True
        rarest = np.flatnonzero(holds[:, : self._count_rarest])
        text, rarest = np.divmod(rarest, max(1, self._count_rarest))
        owner, runs = self._opened.of(rarest)
        text, way = text[owner], runs["number"]
        for test in range(_TESTS - 1):
            is_open = holds[text, self._others[way, test]]
            text, way = text[is_open], way[is_open]
        return text, self._pattern[way]


def _runs(count: int, pairs: list[tuple[int, int]]) -> Runs:
    """For each of so many things the numbers that it stands in a pair with."""
    owner, number = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
    runs = Runs("number")
    runs.add(np.bincount(owner, minlength=count), number=number)
    return runs
