"""A score counted again by other rules: which answers or replies count, by which date, zone, scale and hours.

Every rule has options, of which the first is ours; with the first of each the figure is the one that the measures tell
(metrics/form). Answers are fetched as counts of alike ones, first replies with their minutes, since a median needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics import intervals

Score = Literal["csat", "nps", "first_reply"]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Option:
    """One way of a rule: its key, and in words what it counts."""

    key: str
    words: str


@dataclass(frozen=True)
class Rule:
    """One rule of counting; the first option is ours. `title` names the step of the bridge."""

    name: str
    title: str
    options: tuple[Option, ...]

    def words(self, key: str) -> str:
        """The option of that key in words."""
        return next(one.words for one in self.options if one.key == key)


class Counted(NamedTuple):
    """A figure and how many answers or tickets it stands on; null where there are none."""

    value: float | None
    n: int


@dataclass(frozen=True)
class Recount:
    """The rows of a score with what each option of each rule counts of them.

    `masks` says by rule and option which rows count; `windows` by date basis and zone which lie in the period. Of
    answers, `parts` gives by scale what each row adds to the good, the bad and to all. Of replies, `minutes` gives by
    hours and whose reply how long it took and whether it is still awaited.
    """

    score: Score
    rules: tuple[Rule, ...]
    weights: Numbers
    masks: Mapping[str, Mapping[str, Mask]]
    windows: Mapping[tuple[str, str], Mask]
    parts: Mapping[str, tuple[Numbers, Numbers, Numbers]]
    minutes: Mapping[tuple[str, str], tuple[Numbers, Mask]]

    @property
    def ours(self) -> dict[str, str]:
        """Our option of every rule."""
        return {rule.name: rule.options[0].key for rule in self.rules}

    def counted(self, chosen: Mapping[str, str]) -> Counted:
        """The figure by these options, one for each rule."""
        mask = self.windows[chosen["dated_by"], chosen["zone"]]
        for name, options in self.masks.items():
            mask = mask & options[chosen[name]]
        return self._median(chosen, mask) if self.score == "first_reply" else self._share(chosen, mask)

    def drawn(self, most: int, seed: int) -> Recount:
        """The same over at most so many rows, drawn by a stated seed."""
        if len(self.weights) <= most:
            return self
        rows = np.sort(np.random.default_rng(seed).choice(len(self.weights), most, replace=False))
        return Recount(
            self.score,
            self.rules,
            self.weights[rows],
            {name: {key: mask[rows] for key, mask in options.items()} for name, options in self.masks.items()},
            {key: mask[rows] for key, mask in self.windows.items()},
            {},
            {key: (minutes[rows], still[rows]) for key, (minutes, still) in self.minutes.items()},
        )  # fmt: skip

    def _share(self, chosen: Mapping[str, str], mask: Mask) -> Counted:
        good, bad, every = self.parts[chosen["scale"]]
        n = float(every[mask].sum())
        if not n:
            return Counted(None, 0)
        value = float(good[mask].sum() - bad[mask].sum()) / n
        return Counted(100 * value if self.score == "nps" else value, round(n))

    def _median(self, chosen: Mapping[str, str], mask: Mask) -> Counted:
        if (chosen["hours"], chosen["whose"]) not in self.minutes:
            return Counted(None, 0)
        minutes, still = self.minutes[chosen["hours"], chosen["whose"]]
        mask = mask & np.isfinite(minutes)
        ended, waiting = minutes[mask & ~still], minutes[mask & still]
        match chosen["middle"]:
            case "waiting":
                value = intervals.waiting_median(ended, waiting, 1.0)[0]
                n = len(ended) + len(waiting)
            case "median":
                value, n = float(np.median(ended)) if len(ended) else np.nan, len(ended)
            case _:
                value, n = float(ended.mean()) if len(ended) else np.nan, len(ended)
        return Counted(None, n) if np.isnan(value) else Counted(value, n)
