"""Texts by number, and rows of numbers in runs: what an ear remembers with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Numbers(dict[str, int]):
    """Texts by number, counted from 0 as they are met."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class Runs:
    """Rows of numbers in runs: each thing, by its number, has a run of them that may be empty."""

    def __init__(self, *names: str) -> None:
        self.first: Integers = np.empty(0, np.int64)
        self.count: Integers = np.empty(0, np.int64)
        self.columns: dict[str, Integers] = {name: np.empty(0, np.int64) for name in names}

    def add(self, count: Sequence[int] | Integers, **columns: Sequence[int] | Integers) -> None:
        """Add the runs of the next things: how long each is, and the rows of all."""
        added = np.asarray(count, np.int64)
        size = len(next(iter(self.columns.values())))
        self.first = np.concatenate([self.first, size + np.cumsum(added) - added])
        self.count = np.concatenate([self.count, added])
        for name, values in columns.items():
            self.columns[name] = np.concatenate([self.columns[name], np.asarray(values, np.int64)])

    def keep(self, kept: Integers) -> None:
        """Forget all things but these, which are then numbered in their order."""
        _, self.columns = self.of(kept)
        self.count = self.count[kept]
        self.first = np.cumsum(self.count) - self.count

    def of(self, things: Integers) -> tuple[Integers, dict[str, Integers]]:
        """The runs of these things one after the other: whose each row is (its place in `things`), and the rows."""
        count = self.count[things]
        owner = np.repeat(np.arange(len(things)), count)
        row = np.arange(len(owner)) + np.repeat(self.first[things] - (np.cumsum(count) - count), count)
        return owner, {name: values[row] for name, values in self.columns.items()}
