"""Weighted figures with their 95 % intervals: what direct standardisation needs for shares, nets, means and medians.

A weighted share has Wilson's interval at its effective number of rows p (1 - p) / variance, never more than Kish's
1 / sum(w^2 / n) (Korn and Graubard 1998); a mean Student's, with the degrees of freedom of Satterthwaite; a net score the
adjusted Wald interval; a median is read off the weighted curve of Kaplan and Meier with Woodruff's interval (1952).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from metrics import intervals
from metrics.intervals import Array
from metrics.measure import Column

NET: Final = 100.0  # a net score counts from -100 to 100

Figures = tuple[Array, Array, Array]  # value, low, high of each group


def plain(column: Column, n: Array, total: Array, squares: Array, customers: Array, effect: Array) -> Figures:
    """Shares, nets and means of groups as they are, just as metrics/figures.py tells them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
    if column.total == "share":
        return mean, *intervals.wilson(total, n, effect)
    if column.total == "net":
        return NET * mean, *intervals.net((squares + total) / 2, (squares - total) / 2, n, effect)
    low, high = intervals.student(
        mean, np.maximum(squares - n * np.nan_to_num(mean) ** 2, 0), n, customers, effect
    )
    return mean, *_within_bounds(column, low, high)


def _within_bounds(column: Column, low: Array, high: Array) -> tuple[Array, Array]:
    """A mean of shares lies between 0 and 1, and so does what it may be."""
    return (np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)) if column.unit == "share" else (low, high)


def means(
    column: Column, weight: Array, n: Array, total: Array, squares: Array, variance: Array, effect: Array
) -> Figures:
    """Shares, nets and means of each group (down) over strata (across), whose weights add up to 1.

    `variance` is that of each group's figure, NaN where it is not known: then it is made of the spread within strata,
    widened by `effect`, the design effect of customers with several rows. NaN where a group has no weight.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, total / n, 0.0)
        inside = np.where(n > 1, np.maximum(squares - n * mean**2, 0.0) / (n - 1), 0.0)
        parts = weight**2 * np.where(n > 0, inside / n, 0.0)
        spread = parts.sum(axis=1)
        variance = np.where(np.isnan(variance), spread * effect, np.maximum(variance, spread))
        kish = 1 / np.where(n > 0, weight**2 / n, 0.0).sum(axis=1) / effect
        freedom = np.maximum(spread**2 / np.where(n > 1, parts**2 / (n - 1), 0.0).sum(axis=1), 1.0)
    value = (weight * mean).sum(axis=1)
    value = np.where(weight.sum(axis=1) > 0, value, np.nan)
    ones = np.ones_like(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        if column.total == "share":
            rows = np.fmin(value * (1 - value) / variance, kish)
            return value, *intervals.wilson(value * rows, rows, ones)
        if column.total == "net":
            moved = (weight * np.where(n > 0, squares / n, 0.0)).sum(axis=1)
            rows = np.fmin((moved - value**2) / variance, kish)
            low, high = intervals.net(rows * (moved + value) / 2, rows * (moved - value) / 2, rows, ones)
            return NET * value, low, high
        error = np.sqrt(variance)
        half = stdtrit(np.where(np.isnan(freedom), 1.0, freedom), 0.5 + intervals.CONFIDENCE / 2) * error
        half = np.where(n.sum(axis=1) > 1, half, np.nan)
    return value, *_within_bounds(column, value - half, value + half)


def median(
    values: Array, is_open: NDArray[np.bool_], weight: Array, customers: NDArray[np.int64]
) -> tuple[float, float, float]:
    """Weighted median of values in rising order, some of them waits that are still open, with its interval.

    `weight` adds up to 1, `customers` numbers the customer of each row from 0. NaN where it is not reached.
    """
    used = weight > 0
    values, is_open, weight, customers = values[used], is_open[used], weight[used], customers[used]
    if not len(values):
        return np.nan, np.nan, np.nan
    gone = _gone(values, is_open, weight)
    middle = _at(values, gone, 0.5)
    if np.isnan(middle):
        return np.nan, np.nan, np.nan
    below = (values <= middle) & ~is_open
    each = np.bincount(customers, weight * (below - weight @ below))
    count = len(np.unique(customers))
    if count < 2:
        return middle, np.nan, np.nan
    error = float(np.sqrt((each**2).sum() * count / (count - 1)))
    error = max(error, 0.5 * float(np.sqrt((weight**2).sum())))
    return middle, _at(values, gone, 0.5 - intervals.Z * error), _at(values, gone, 0.5 + intervals.Z * error)


def _gone(values: Array, is_open: NDArray[np.bool_], weight: Array) -> Array:
    """The weighted share that has ended by each value, by Kaplan and Meier."""
    at_risk = np.cumsum(weight[::-1])[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        stays = np.where(is_open, 1.0, 1.0 - np.where(at_risk > 0, weight / at_risk, 0.0))
    waiting = np.cumprod(np.clip(stays, 0.0, 1.0))
    last = np.searchsorted(values, values, side="right") - 1
    return np.asarray(1.0 - waiting[last], dtype=float)


def _at(values: Array, gone: Array, share: float) -> float:
    if share <= 0:
        return np.nan
    place = int(np.searchsorted(gone, share - 1e-12, side="left"))
    return float(values[place]) if place < len(values) else np.nan
