"""The figures made of the sums of metrics/tally.py: value, n, coverage and 95 % interval of each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from polars import selectors

from metrics import intervals
from metrics.by_customer import MANY, is_median
from metrics.intervals import Array
from metrics.measure import Column
from metrics.tally import Pair, has_interval

# What a total tells, in this order.
FIGURES: Final = pl.Schema(
    {
        "value": pl.Float64(),
        "n": pl.Int64(),
        "n_possible": pl.Int64(),
        "coverage": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "count_open": pl.Int64(),
    }
)

DAYS: Final = "days"  # of a stock's sums: how many days each group has

Arrays = dict[str, Array]


def figures(sums: pl.DataFrame, pairs: Sequence[Pair], *, is_bare: bool = False) -> pl.DataFrame:
    """measure, column, value, n, n_possible, coverage, low, high and count_open: the groups of each column in turn.

    Where `is_bare` low and high are null.
    """
    numbers = sums.select(selectors.numeric().cast(pl.Float64).fill_null(0.0))
    arrays = {name: numbers[name].to_numpy() for name in numbers.columns}
    found: dict[str, list[Array]] = {name: [] for name in FIGURES}
    for place, (_, column) in enumerate(pairs):
        for name, array in zip(FIGURES, _figures(sums, arrays, place, column), strict=True):
            found[name].append(np.full(sums.height, np.nan) if is_bare and name in ("low", "high") else array)
    named = {
        "measure": [measure.name for measure, _ in pairs],
        "column": [column.name for _, column in pairs],
    }
    return pl.DataFrame(
        [pl.Series(name, np.repeat(names, sums.height), dtype=pl.String()) for name, names in named.items()]
        + [pl.Series(name, np.concatenate(parts), nan_to_null=True) for name, parts in found.items()]
    ).cast(FIGURES)


def _figures(sums: pl.DataFrame, arrays: Arrays, place: int, column: Column) -> tuple[Array, ...]:
    """The FIGURES of one column, NaN where there is none."""
    n, possible = arrays[f"n{place}"], arrays[f"possible{place}"]
    count_open = np.full(len(n), np.nan)
    if is_median(column):
        value, low, high = _medians(sums, arrays, place, column)
        if column.total == "waiting_median":
            count_open = sums[f"open{place}"].list.len().fill_null(0).cast(pl.Float64()).to_numpy()
    else:
        value, low, high = _means(arrays, place, column)
    with np.errstate(divide="ignore", invalid="ignore"):
        return value, n, possible, n / possible, low, high, count_open


def _means(arrays: Arrays, place: int, column: Column) -> tuple[Array, Array, Array]:
    """Shares, nets, means and sums, each with its interval; sums and stocks have none."""
    n = arrays[f"n{place}"]
    none = np.full(len(n), np.nan)
    if column.total == "per_day":
        with np.errstate(divide="ignore", invalid="ignore"):
            return n / arrays[DAYS], none, none
    total = arrays[f"total{place}"]
    if not has_interval(column):
        return np.where(n > 0, total, np.nan), none, none
    squares = total if column.total == "share" else arrays[f"squares{place}"]
    effect, clusters = _effect(arrays, place, total, squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
    match column.total:
        case "share":
            return mean, *intervals.wilson(total, n, effect)
        case "net":
            return 100 * mean, *intervals.net((squares + total) / 2, (squares - total) / 2, n, effect)
        case _:
            spread = np.maximum(squares - n * np.nan_to_num(mean) ** 2, 0)
            low, high = intervals.student(mean, spread, n, clusters, effect)
            if column.unit == "share":  # a mean of shares lies between 0 and 1, and so does what it may be
                low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
            return mean, low, high


def _medians(sums: pl.DataFrame, arrays: Arrays, place: int, column: Column) -> tuple[Array, Array, Array]:
    """Medians of each group; the design effect is that of being at or below the middle, for which half the rows are."""
    at_or_below = np.ceil(arrays[f"n{place}"] / 2)
    effect, _ = _effect(arrays, place, at_or_below, at_or_below)
    found = np.full((3, sums.height), np.nan)
    ended = _lists(sums, f"values{place}")
    if column.total == "median":
        for group, values in enumerate(ended):
            found[:, group] = intervals.median(values, effect[group])
    else:
        for group, both in enumerate(zip(ended, _lists(sums, f"open{place}"), strict=True)):
            found[:, group] = intervals.waiting_median(*both, effect[group])
    return found[0], found[1], found[2]


def _effect(arrays: Arrays, place: int, total: Array, squares: Array) -> tuple[Array, Array]:
    if f"many_n_{place}" not in arrays:  # no interval is told
        return np.ones_like(total), arrays[f"n{place}"]
    many = {name: arrays[f"many_{name}_{place}"] for name in MANY}
    return intervals.design_effect(arrays[f"n{place}"], total, squares, many)


def _lists(sums: pl.DataFrame, name: str) -> list[Array]:
    """The values of each group; none where its list is null."""
    values = sums[name].fill_null([]).cast(pl.List(pl.Float64()))
    ends = values.list.len().cum_sum().to_list()
    flat = values.explode(empty_as_null=False).to_numpy() if ends and ends[-1] else np.empty(0)
    return [flat[start:end] for start, end in zip([0, *ends], ends, strict=False)]
