"""Figures that are only known from a low to a high end, and the arithmetic that keeps both ends.

Interval arithmetic over amounts that are never below zero: a product takes low with low and high with high, a quotient low
with high. The ends are as far apart as if all that is uncertain fell the same way, so the result is rather too wide than too
narrow. A formula holds names only, so that a page and a workbook compute the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, prod
from typing import NamedTuple


class Range(NamedTuple):
    """An amount: the least it may be, what is likely, the most."""

    low: float
    likely: float
    high: float


def exactly(value: float) -> Range:
    """An amount that is known."""
    return Range(float(value), float(value), float(value))


def is_range(low: float, likely: float, high: float) -> bool:
    """Whether three numbers are a range: finite, in order, not below zero."""
    return all(isfinite(value) for value in (low, likely, high)) and 0 <= low <= likely <= high


@dataclass(frozen=True)
class Formula:
    """The product of `times` divided by the product of `over`; or, where there is `plus`, the sum of these."""

    times: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    plus: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What it is made of."""
        return (*self.times, *self.over, *self.plus)


def computed(formula: Formula, values: Mapping[str, Range]) -> Range | None:
    """The range of a formula; null where a name has no value, or where something is divided by what may be nothing."""
    if not formula.names or any(name not in values for name in formula.names):
        return None
    if formula.plus:
        low, likely, high = (sum(values[name][end] for name in formula.plus) for end in range(3))
        return Range(low, likely, high)
    if any(values[name].low <= 0 for name in formula.over):
        return None
    low, likely, high = (
        prod(values[name][end] for name in formula.times)
        / prod(values[name][2 - end] for name in formula.over)
        for end in range(3)
    )
    return Range(low, likely, high)
