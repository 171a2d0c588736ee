"""What the silent could make of a survey's figure: its bounds, and where it tips.

Of everybody who was asked some answered. If nothing is assumed of the others, the figure of all lies anywhere between what
it would be if none of the silent were satisfied and what it would be if all were (the bounds of Manski 1989). The tipping
point turns this round: how satisfied the silent must be for the figure of all to reach a target. Both are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

Unit = Literal["share", "net"]
_ROUNDING: Final = 1e-9  # of a conversation: what the floating point of a target may be off


@dataclass(frozen=True)
class Bounds:
    """A survey's figure among those who answered, and between which values that of everybody asked lies.

    unit "share": satisfied among all, 0 to 1. unit "net": promoters minus detractors, -100 to 100. `total` is the sum of the
    answers (1 satisfied or promoter, 0, -1 detractor). value is null where nobody answered, lowest and highest where nobody
    was asked.
    """

    unit: Unit
    count_asked: int
    count_answered: int
    total: int

    @property
    def count_silent(self) -> int:
        """Asked, and no answer."""
        return self.count_asked - self.count_answered

    @property
    def value(self) -> float | None:
        """The figure of those who answered."""
        return self._scale * self.total / self.count_answered if self.count_answered else None

    @property
    def lowest(self) -> float | None:
        """The figure of all if none of the silent were satisfied (net: if all were detractors)."""
        return self._of_all(self._least * self.count_silent)

    @property
    def highest(self) -> float | None:
        """The figure of all if every one of the silent were satisfied (net: a promoter)."""
        return self._of_all(self.count_silent)

    @property
    def _scale(self) -> int:
        return 100 if self.unit == "net" else 1

    @property
    def _least(self) -> int:
        return -1 if self.unit == "net" else 0

    def _of_all(self, silent_total: int) -> float | None:
        return self._scale * (self.total + silent_total) / self.count_asked if self.count_asked else None


@dataclass(frozen=True)
class Tipping:
    """How satisfied the silent must be for the figure of everybody asked to reach a target.

    verdict "depends": the figure of all is under the target exactly where the silent's own figure is below `needed` (in the
    unit of the figure), that is where fewer than `count_needed` of them are satisfied (net: promoters less detractors).
    "reached": whatever they think, the target is reached. "missed": it is not, whatever they think. "none": nobody is silent.
    """

    target: float
    verdict: Literal["depends", "reached", "missed", "none"]
    needed: float | None = None
    count_needed: int | None = None


def tipping(bounds: Bounds, target: float) -> Tipping:
    """The tipping point of a target in the unit of the figure (0.8, or 30 points)."""
    if not bounds.count_silent or bounds.lowest is None or bounds.highest is None:
        return Tipping(target, "none")
    scale = 100 if bounds.unit == "net" else 1
    wanted = target * bounds.count_asked / scale - bounds.total
    count_needed = ceil(wanted - _ROUNDING)
    if count_needed <= (-bounds.count_silent if bounds.unit == "net" else 0):
        return Tipping(target, "reached")
    if count_needed > bounds.count_silent:
        return Tipping(target, "missed")
    return Tipping(target, "depends", scale * wanted / bounds.count_silent, count_needed)
