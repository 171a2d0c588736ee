"""Whether two figures differ by more than noise, from their own intervals, and how that is corrected for many looks.

The interval of a difference is built from the two figures' intervals (the method of variance estimates recovery,
Zou and Donner 2008; for two Wilson intervals this is Newcombe's hybrid score interval). It therefore holds for shares,
net scores, means and medians alike, and never contradicts the intervals that are printed beside the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

NORMAL_95: Final = 1.959963984540054
LEVEL: Final = 0.05


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and the number of rows behind it; all null where not measured."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def estimate(row: dict[str, Any] | None) -> Estimate:
    """One row of totals as an estimate; a missing row is not measured."""
    if row is None:
        return Estimate(None, None, None, 0)
    return Estimate(row["value"], row["low"], row["high"], int(row["n"] or 0))


@dataclass(frozen=True)
class Difference:
    """Now minus before, with a 95 % interval and the chance of so large a difference from noise alone."""

    change: float
    low: float
    high: float
    chance: float

    @property
    def exceeds_noise(self) -> bool:
        """Whether the interval leaves out zero; for one comparison looked at by itself."""
        return self.low > 0 or self.high < 0


def difference(now: Estimate, before: Estimate) -> Difference | None:
    """The difference of two figures from different conversations; null where one of them has no interval."""
    if now.value is None or now.low is None or now.high is None:
        return None
    if before.value is None or before.low is None or before.high is None:
        return None
    change = now.value - before.value
    down = math.hypot(now.value - now.low, before.high - before.value)
    up = math.hypot(now.high - now.value, before.value - before.low)
    towards_zero = down if change >= 0 else up
    if change == 0:
        chance = 1.0
    elif towards_zero == 0:
        chance = 0.0
    else:
        chance = math.erfc(abs(change) / (towards_zero / NORMAL_95) / math.sqrt(2))
    return Difference(change=change, low=change - down, high=change + up, chance=chance)


def holm(chances: Sequence[float], level: float = LEVEL) -> tuple[bool, ...]:
    """Which comparisons stand when all of them were looked at (Holm 1979), in the order given.

    The chance that even one of those that stand is noise is at most `level`, whatever hangs together with what.
    """
    stands = [False] * len(chances)
    ranked = sorted(range(len(chances)), key=lambda place: (chances[place], place))
    for rank, place in enumerate(ranked):
        if chances[place] > level / (len(chances) - rank):
            break
        stands[place] = True
    return tuple(stands)
