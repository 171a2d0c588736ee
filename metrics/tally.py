"""The sums behind every total, in two passes over a grain's facts, and the figures made of them.

The first pass counts and sums all columns by group. The second sums over customers that have several rows in a group:
their rows resemble each other, and the intervals are widened for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
import polars as pl

from metrics import intervals
from metrics.intervals import Array
from metrics.measure import Column, Measure

# Above this many rows, and with few groups, customers are put together at random in this many parcels: the width of an
# interval then varies by about one percent, and a total over a million rows keeps its speed.
EXACT_ROWS: Final = 100_000
PARCELS: Final = 4_096
ROWS_PER_PARCEL: Final = 4

Pair = tuple[Measure, Column]


class Queried(Protocol):
    """What totals asks of a version: rows of a query with bound values."""

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame: ...


def tally(
    version: Queried,
    rows: str,
    params: list[Any],
    pairs: Sequence[Pair],
    keys: Sequence[str],
    known: Sequence[str],
) -> pl.DataFrame:
    """Sums of the columns for each group of `keys`, numbered by their place in `pairs`; `rows` is the SQL of the rows."""
    facts = f"WITH facts AS NOT MATERIALIZED ({rows})"
    grouped = " GROUP BY ALL" if keys else ""
    sums = [
        term for place, (measure, column) in enumerate(pairs) for term in _sums(place, measure, column, known)
    ]
    group = f"{_hashed(keys)} AS group_hash"
    main = version.query(
        f"{facts} SELECT {', '.join([*keys, group, 'count(*) AS rows', *sums])} FROM facts{grouped}", params
    )
    widened = {place: column for place, (_, column) in enumerate(pairs) if column.total != "sum"}
    if not widened:
        return main
    count = main["rows"].sum()
    is_large = count > max(EXACT_ROWS, ROWS_PER_PARCEL * PARCELS * main.height)
    medians = [place for place, column in widened.items() if _is_median(column)]
    bound = [*params, *_middles(main, medians)] if medians else params
    many = version.query(_many_sql(facts, widened, keys, in_parcels=is_large), bound)
    if keys:
        return main.join(many, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return pl.concat([main, many], how="horizontal")


def _sums(place: int, measure: Measure, column: Column, known: Sequence[str]) -> list[str]:
    """What the first pass counts of a column: n, possible, and what its total needs."""
    possible = next(
        (f"{n}_is_possible" for n in (column.name, measure.name) if f"{n}_is_possible" in known), None
    )
    terms = [
        f"count({column.name}) AS n{place}",
        f"count_if({possible}) AS possible{place}" if possible else f"count(*) AS possible{place}",
    ]
    match column.total:
        case "share":
            terms.append(f"count_if({column.name}) AS total{place}")
        case "median":
            terms.append(f"list({column.name}) FILTER ({column.name} IS NOT NULL) AS values{place}")
        case "waiting_median":
            told = f"{column.name} IS NOT NULL AND"
            terms.append(f"list({column.name}) FILTER ({told} NOT {column.open_column}) AS values{place}")
            terms.append(f"list({column.name}) FILTER ({told} {column.open_column}) AS open{place}")
        case _:
            terms.append(f"sum({column.name}::DOUBLE) AS total{place}")
            terms.append(f"sum({column.name}::DOUBLE * {column.name}::DOUBLE) AS squares{place}")
    return terms


def _many_sql(facts: str, columns: dict[int, Column], keys: Sequence[str], *, in_parcels: bool) -> str:
    """The second pass: over parcels of customers, or over each customer that has several rows in a group.

    A share counts its true rows, a median those at or below the middle of their group.
    """
    medians = {place: column for place, column in columns.items() if _is_median(column)}
    inner, outer = [], []
    for place, column in columns.items():
        value = f"facts.{column.name} <= middle{place}" if place in medians else f"facts.{column.name}"
        is_flag = column.total == "share" or place in medians
        inner.append(f"count(facts.{column.name})::DOUBLE AS n{place}")
        if is_flag:
            inner.append(f"count_if({value})::DOUBLE AS total{place}")
        else:
            inner.append(f"coalesce(sum({value}::DOUBLE), 0) AS total{place}")
            inner.append(f"coalesce(sum({value}::DOUBLE * {value}::DOUBLE), 0) AS squares{place}")
        outer += [
            f"count_if(n{place} > 0)::DOUBLE AS many_count{place}",
            f"sum(n{place}) AS many_n{place}",
            f"sum(total{place}) AS many_total{place}",
            f"sum({'total' if is_flag else 'squares'}{place}) AS many_squares{place}",
            f"sum(n{place} * n{place}) AS many_n_n{place}",
            f"sum(n{place} * total{place}) AS many_n_total{place}",
            f"sum(total{place} * total{place}) AS many_total_total{place}",
        ]
    listed = "".join(f"{key}, " for key in keys)
    grouped = " GROUP BY ALL" if keys else ""
    with_middle, middles = "", ""
    if medians:
        listed_middles = ", ".join(f"unnest(?::DOUBLE[]) AS middle{place}" for place in medians)
        with_middle = f", middles AS (SELECT unnest(?::UBIGINT[]) AS group_hash, {listed_middles})"
        middles = f" JOIN middles ON {_hashed(keys, 'facts.')} = middles.group_hash"
    if in_parcels:
        several, chosen, customer = "", "", f"cluster % {PARCELS}"
    else:
        row = [*keys, "cluster"]
        several = f", several AS (SELECT {_hashed(row)} FROM facts GROUP BY ALL HAVING count(*) > 1)"
        chosen, customer = f" WHERE {_hashed(row, 'facts.')} IN (FROM several)", "cluster"
    ours = "".join(f"facts.{key}, " for key in keys)
    return (
        f"{facts}{with_middle}{several},"
        f" customers AS (SELECT {ours}facts.{customer} AS customer, {', '.join(inner)}"
        f" FROM facts{middles}{chosen} GROUP BY ALL)"
        f" SELECT {listed}{', '.join(outer)} FROM customers{grouped}"
    )


def _hashed(keys: Sequence[str], prefix: str = "") -> str:
    """One number for several keys, so that groups are found by it."""
    return f"hash({', '.join(prefix + key for key in keys)})" if keys else "0::UBIGINT"


def _middles(main: pl.DataFrame, medians: Sequence[int]) -> list[list[Any]]:
    """The groups and the middle value of each in every median column, to be bound."""
    found: list[list[Any]] = [main["group_hash"].to_list()]
    for place in medians:
        values = main[f"values{place}"]
        if f"open{place}" in main.columns:
            both = pl.concat_list(pl.col(f"values{place}", f"open{place}").fill_null([]))
            values = main.select(both).to_series()
        found.append([None if one is None or not len(one) else _middle(one) for one in values])
    return found


def _middle(values: pl.Series) -> float:
    place = (len(values) - 1) // 2
    return float(np.partition(values.to_numpy(), place)[place])


def _is_median(column: Column) -> bool:
    return column.total in ("median", "waiting_median")


def figures(sums: pl.DataFrame, place: int, column: Column) -> list[pl.Series]:
    """value, n, n_possible, coverage, low, high and count_open of a column, one element per group."""
    n, possible = _array(sums, f"n{place}"), _array(sums, f"possible{place}")
    count_open = [None] * len(n)
    if _is_median(column):
        value, low, high = _medians(sums, place, column, n)
        if column.total == "waiting_median":
            count_open = sums[f"open{place}"].list.len().fill_null(0).to_list()
    else:
        value, low, high = _means(sums, place, column, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = n / possible
    return [
        pl.Series("value", value, nan_to_null=True, dtype=pl.Float64()),
        pl.Series("n", n).cast(pl.Int64()),
        pl.Series("n_possible", possible).cast(pl.Int64()),
        pl.Series("coverage", coverage, nan_to_null=True, dtype=pl.Float64()),
        pl.Series("low", low, nan_to_null=True, dtype=pl.Float64()),
        pl.Series("high", high, nan_to_null=True, dtype=pl.Float64()),
        pl.Series("count_open", count_open, dtype=pl.Int64()),
    ]


def _means(sums: pl.DataFrame, place: int, column: Column, n: Array) -> tuple[Array, Array, Array]:
    """Shares, nets, means and sums, each with its interval; a sum has none."""
    total = _array(sums, f"total{place}")
    none = np.full(len(n), np.nan)
    if column.total == "sum":
        return np.where(n > 0, total, np.nan), none, none
    squares = total if column.total == "share" else _array(sums, f"squares{place}")
    effect, clusters = _effect(sums, place, n, total, squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
    match column.total:
        case "share":
            return mean, *intervals.wilson(total, n, effect)
        case "net":
            return 100 * mean, *intervals.net((squares + total) / 2, (squares - total) / 2, n, effect)
        case _:
            spread = np.maximum(squares - n * np.nan_to_num(mean) ** 2, 0)
            return mean, *intervals.student(mean, spread, n, clusters, effect)


def _medians(sums: pl.DataFrame, place: int, column: Column, n: Array) -> tuple[Array, Array, Array]:
    """Medians of each group; the design effect is that of being at or below the middle, for which half the rows are."""
    at_or_below = np.ceil(n / 2)
    effect, _ = _effect(sums, place, n, at_or_below, at_or_below)
    found = np.full((3, len(n)), np.nan)
    for group in range(len(n)):
        values = _values(sums, f"values{place}", group)
        found[:, group] = (
            intervals.median(values, effect[group])
            if column.total == "median"
            else intervals.waiting_median(values, _values(sums, f"open{place}", group), effect[group])
        )
    return found[0], found[1], found[2]


def _effect(sums: pl.DataFrame, place: int, n: Array, total: Array, squares: Array) -> tuple[Array, Array]:
    names = ("count", "n", "total", "squares", "n_n", "n_total", "total_total")
    return intervals.design_effect(
        n, total, squares, {name: _array(sums, f"many_{name}{place}") for name in names}
    )


def _array(sums: pl.DataFrame, name: str) -> Array:
    return sums[name].cast(pl.Float64()).fill_null(0.0).to_numpy()


def _values(sums: pl.DataFrame, name: str, group: int) -> Array:
    values = sums[name][group]
    return np.empty(0) if values is None else values.cast(pl.Float64()).to_numpy()
