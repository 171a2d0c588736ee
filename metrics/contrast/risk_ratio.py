"""Two shares held against each other: each with Wilson's interval, their ratio with Katz's, their difference with Newcombe's.

Sources: Katz, Baptista, Azen and Pike, Biometrics 34 (1978); Newcombe, Statistics in Medicine 17 (1998), method 10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from metrics.intervals import Z, wilson


@dataclass(frozen=True)
class TwoShares:
    """Of n_first `count_first` and of n_second `count_second`: shares, difference and ratio, each with its 95 % interval.

    A share is null where its group is empty. The ratio (first by second) is null where a share is null or the second is
    0; its interval is null also where the first is 0, since the logarithm of 0 has none. Nothing is added to the cells.
    """

    count_first: int
    n_first: int
    count_second: int
    n_second: int

    @property
    def first(self) -> tuple[float, float, float] | None:
        """Share, low and high of the first group."""
        return _share(self.count_first, self.n_first)

    @property
    def second(self) -> tuple[float, float, float] | None:
        """Share, low and high of the second group."""
        return _share(self.count_second, self.n_second)

    @property
    def difference(self) -> tuple[float, float, float] | None:
        """First minus second, with Newcombe's hybrid score interval."""
        if self.first is None or self.second is None:
            return None
        (p, low, high), (q, q_low, q_high) = self.first, self.second
        return p - q, p - q - math.hypot(p - low, q_high - q), p - q + math.hypot(high - p, q - q_low)

    @property
    def ratio(self) -> tuple[float, float | None, float | None] | None:
        """First by second, with Katz's interval of the logarithm."""
        if self.first is None or self.second is None or not self.count_second:
            return None
        ratio = self.first[0] / self.second[0]
        if not self.count_first:
            return ratio, None, None
        error = math.sqrt(1 / self.count_first - 1 / self.n_first + 1 / self.count_second - 1 / self.n_second)
        return ratio, ratio * math.exp(-Z * error), ratio * math.exp(Z * error)


def _share(count: int, n: int) -> tuple[float, float, float] | None:
    if not n:
        return None
    low, high = wilson(np.array([float(count)]), np.array([float(n)]), np.ones(1))
    return count / n, float(low[0]), float(high[0])
