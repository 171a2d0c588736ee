"""How far a reading can be trusted on these data, and a rate corrected for reading errors.

A person says of conversations drawn at random, flagged and unflagged apart, whether the reading is right. From the share
of flagged ones that are right (precision) and of unflagged ones that were missed, a rate is corrected:
rate as read x precision + (1 - rate as read) x missed. Its interval holds what sampling and both checks leave open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from metrics import intervals
from metrics.intervals import Z

LEAST_IN_A_STRATUM: Final = 30  # or all there are
_DRAWS: Final = 10_000
_SEED: Final = 20_260_101  # the same reviews always give the same interval
_JEFFREYS: Final = 0.5


@dataclass(frozen=True)
class Stratum:
    """Flagged or unflagged conversations: how many there are, how many were checked, in what share the thing is there.

    `n` is the number checked, less where reviews stand for unequal numbers of conversations (effective size).
    """

    size: int
    reviewed: int
    n: float
    share: float  # of the checked, where the thing is truly there; 0 where none was checked

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share; None where nothing was checked."""
        if not self.n:
            return None
        low, high = intervals.wilson(np.array([self.share * self.n]), np.array([self.n]), np.ones(1))
        return float(low[0]), float(high[0])


@dataclass(frozen=True)
class Checked:
    """What the random sample says of a column's reading; `least` is how many reviews it takes to correct a rate."""

    column: str
    flagged: Stratum
    unflagged: Stratum
    least: int

    @property
    def reviewed(self) -> int:
        """How many conversations were checked."""
        return self.flagged.reviewed + self.unflagged.reviewed

    @property
    def missing(self) -> int:
        """How many more reviews it takes until rates are corrected; 0 where they are."""
        return sum(self.missing_of(stratum) for stratum in (self.flagged, self.unflagged))

    def missing_of(self, stratum: Stratum) -> int:
        """How many more reviews of this stratum it takes: two fifths are flagged, three unflagged, or all there are."""
        other = self.unflagged if stratum is self.flagged else self.flagged
        share = 2 / 5 if stratum is self.flagged else 3 / 5
        wanted = max(LEAST_IN_A_STRATUM, round(self.least * share), self.least - other.size)
        return max(0, int(np.ceil(min(wanted, stratum.size) - stratum.n - 1e-6)))

    @property
    def is_checked(self) -> bool:
        """Whether there are enough reviews to correct a rate."""
        return self.missing == 0 and self.reviewed > 0


@dataclass(frozen=True)
class Corrected:
    """A rate corrected for reading errors, with its 95 % interval."""

    value: float
    low: float
    high: float


def stratum(size: int, truths: Sequence[bool], weights: Sequence[float] | None = None) -> Stratum:
    """A stratum from what the checked ones truly are; weights say how many conversations each stands for."""
    if not truths:
        return Stratum(size, 0, 0.0, 0.0)
    heavy = np.ones(len(truths)) if weights is None else np.asarray(weights, float)
    total = heavy.sum()
    share = float((heavy * np.asarray(truths, float)).sum() / total)
    return Stratum(size, len(truths), float(total**2 / (heavy**2).sum()), share)


def corrected(value: float, low: float, high: float, checked: Checked) -> Corrected:
    """A rate as read, with its interval, corrected by the checks of its column.

    The errors are those of all data that were checked; in the scope of the rate they are taken to be the same. The
    interval is of Jeffreys' posteriors of the rate as read, the precision and the share missed, drawn together.
    """
    rate = _beta(value, effective_n(value, low, high))
    precision = _beta(checked.flagged.share, checked.flagged.n)
    missed = _beta(checked.unflagged.share, checked.unflagged.n)
    generator = np.random.Generator(np.random.PCG64(_SEED))
    p, right, over = (generator.beta(a, b, _DRAWS) for a, b in (rate, precision, missed))
    drawn = np.quantile(
        p * right + (1 - p) * over, [0.5 - intervals.CONFIDENCE / 2, 0.5 + intervals.CONFIDENCE / 2]
    )
    point = value * checked.flagged.share + (1 - value) * checked.unflagged.share
    return Corrected(point, min(point, float(drawn[0])), max(point, float(drawn[1])))


def recall(checked: Checked) -> tuple[float, float, float] | None:
    """The share found of all where the thing is truly there, with its 95 % interval; None where nothing says."""
    if not checked.flagged.n or not checked.unflagged.n:
        return None
    generator = np.random.Generator(np.random.PCG64(_SEED))
    found, over = (
        stratum.size * generator.beta(*_beta(stratum.share, stratum.n), _DRAWS)
        for stratum in (checked.flagged, checked.unflagged)
    )
    there = checked.flagged.size * checked.flagged.share
    missed = checked.unflagged.size * checked.unflagged.share
    if there + missed == 0:
        return None
    low, high = np.quantile(found / (found + over), [0.025, 0.975])
    point = there / (there + missed)
    return point, min(point, float(low)), max(point, float(high))


def effective_n(value: float, low: float, high: float) -> float:
    """How many independent rows a share's interval (Wilson's) stands for: fewer than n where customers have several."""
    half = (high - low) / (2 * Z)
    if half <= 0:
        return np.inf
    spread = value * (1 - value)
    a, b, c = half**2, 2 * half**2 * Z**2 - spread, half**2 * Z**4 - Z**2 / 4
    return float(max((-b + np.sqrt(max(b**2 - 4 * a * c, 0.0))) / (2 * a), 1.0))


def _beta(share: float, n: float) -> tuple[float, float]:
    n = min(n, 1e9)
    return share * n + _JEFFREYS, (1 - share) * n + _JEFFREYS
