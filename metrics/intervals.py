"""95 % intervals: plain functions over arrays with one element per group.

An interval is NaN where it can not be told (no rows, or one row of a mean). `effect` is the design effect: how many
times wider the variance is because rows of one customer resemble each other; 1 where every customer has one row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Array = NDArray[np.float64]

CONFIDENCE = 0.95
Z = float(ndtri(0.5 + CONFIDENCE / 2))


def wilson(count_true: Array, n: Array, effect: Array) -> tuple[Array, Array]:
    """Wilson's score interval of a share, with n divided by the design effect."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share, n = count_true / n, n / effect
        scale = 1 + Z**2 / n
        centre = (share + Z**2 / (2 * n)) / scale
        half = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / scale
    return np.where(share == 0, 0.0, centre - half), np.where(share == 1, 1.0, centre + half)


def student(mean: Array, squares: Array, n: Array, clusters: Array, effect: Array) -> tuple[Array, Array]:
    """Student's t interval of a mean; `squares` is the sum of squared distances from it, `clusters` the customers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(squares / (n - 1) / n * effect)
        half = np.where(
            clusters > 1, stdtrit(np.maximum(clusters - 1, 1), 0.5 + CONFIDENCE / 2) * error, np.nan
        )
    return mean - half, mean + half


def net(count_up: Array, count_down: Array, n: Array, effect: Array) -> tuple[Array, Array]:
    """Interval of 100 * (share up - share down): adjusted Wald, one row added to either side.

    Never of width 0, also where all answers agree. Source: Bonett and Price, Statistics in Medicine 31 (2012).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        up, down = (count_up / effect + 1) / (n / effect + 2), (count_down / effect + 1) / (n / effect + 2)
        half = Z * np.sqrt((up + down - (up - down) ** 2) / (n / effect + 2))
        low, high = np.maximum(up - down - half, -1), np.minimum(up - down + half, 1)
    return np.where(n > 0, 100 * low, np.nan), np.where(n > 0, 100 * high, np.nan)


def median(values: Array, effect: float) -> tuple[float, float, float]:
    """Median of one group's values with an interval of order statistics (NaN where there are too few for one)."""
    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    half = Z * np.sqrt(n * effect) / 2
    low, high = int(np.floor((n - 1) / 2 - half)), int(np.ceil((n - 1) / 2 + half))
    places = {(n - 1) // 2, n // 2} | {place for place in (low, high) if 0 <= place < n}
    ordered = np.partition(values, sorted(places))
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    if low < 0 or high >= n:
        return float(middle), np.nan, np.nan
    return float(middle), float(ordered[low]), float(ordered[high])


def waiting_median(ended: Array, still_open: Array, effect: float) -> tuple[float, float, float]:
    """Median of waits of which some are still open, by Kaplan and Meier, with Brookmeyer and Crowley's interval.

    The interval holds the times at which the log(-log) confidence band of the share still waiting crosses one half.
    NaN where it is not reached: a NaN median with more than half still waiting, a NaN upper end with too few ended.
    """
    n = len(ended) + len(still_open)
    if n == 0 or len(ended) == 0:
        return np.nan, np.nan, np.nan
    ordered = np.sort(ended)
    firsts = np.flatnonzero(np.diff(ordered, prepend=-np.inf))  # the place of the first of each time
    times, count_ended = ordered[firsts], np.diff(firsts, append=len(ordered))
    at_risk = n - firsts - np.searchsorted(np.sort(still_open), times)
    with np.errstate(divide="ignore", invalid="ignore"):
        waiting = np.cumprod(1 - count_ended / at_risk)
        greenwood = np.cumsum(count_ended / (at_risk * (at_risk - count_ended))) * effect
        spread = Z * np.sqrt(greenwood) / np.abs(np.log(waiting))
        lower, upper = waiting ** np.exp(spread), waiting ** np.exp(-spread)
    lower, upper = np.where(waiting > 0, lower, 0.0), np.where(waiting > 0, upper, _last(upper))
    return _first(times, waiting <= 0.5 + 1e-12), _first(times, lower <= 0.5), _first(times, upper <= 0.5)


def _last(upper: Array) -> float:
    """Where nobody waits any more Greenwood's variance has no value: the band stays where it last was."""
    known = upper[np.isfinite(upper)]
    return float(known[-1]) if len(known) else 1.0


def _first(times: Array, reached: NDArray[np.bool_]) -> float:
    return float(times[np.argmax(reached)]) if reached.any() else np.nan


def design_effect(n: Array, total: Array, squares: Array, many: dict[str, Array]) -> tuple[Array, Array]:
    """Design effect and number of customers of each group, from its sums and those of customers with several rows.

    `squares` is the sum of squared values. `many` sums over customers that have several rows in the group: n, total
    and squares of their rows, count of such customers, and n_n, n_total, total_total of their own n and total.
    Where all values are equal the rows of one customer are taken to tell the same thing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        clusters = n - many["n"] + many["count"]
        spread = squares - n * mean**2
        inside = many["squares"] - 2 * mean * many["total"] + mean**2 * many["n"]
        between = many["total_total"] - 2 * mean * many["n_total"] + mean**2 * many["n_n"]
        clustered = (spread - inside + between) * clusters / (clusters - 1) / n**2
        effect = clustered / (spread / (n - 1) / n)
        all_equal = (n - many["n"] + many["n_n"]) / n
    flat = spread <= 1e-12 * np.maximum(squares, 1e-300)
    effect = np.where(clusters <= 1, n, np.where(flat, all_equal, effect))
    return np.clip(np.nan_to_num(effect, nan=1.0), 1.0, np.maximum(n, 1.0)), clusters
