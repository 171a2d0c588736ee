"""The sums behind every total, in two passes over a grain's facts.

The first pass counts and sums all columns by group. The second sums over customers that have several rows in a group:
their rows resemble each other, and the intervals are widened for that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Protocol

import numpy as np
import polars as pl

from metrics.measure import Column, Measure

# Above this many rows, and with few groups, customers are put together at random in this many parcels: the width of an
# interval then varies by about one percent, and a total over a million rows keeps its speed.
EXACT_ROWS: Final = 100_000
PARCELS: Final = 4_096
ROWS_PER_PARCEL: Final = 4

# The sums over customers with several rows that a design effect is made of (intervals.design_effect).
MANY: Final = {
    "many_count": "count_if(n > 0)::DOUBLE",
    "many_n": "sum(n)",
    "many_total": "sum(total)",
    "many_squares": "sum(squares)",
    "many_n_n": "sum(n * n)",
    "many_n_total": "sum(n * total)",
    "many_total_total": "sum(total * total)",
}

Pair = tuple[Measure, Column]
Rows = tuple[str, list[Any]]  # SQL of fact rows, and the values to bind


class Queried(Protocol):
    """What totals asks of a version: rows of a query with bound values."""

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame: ...


def tally(
    version: Queried,
    asked: Sequence[Rows],
    pairs: Sequence[Pair],
    keys: Sequence[str],
    known: Collection[str],
    bare: Collection[int] = (),
) -> pl.DataFrame:
    """Sums of the columns for each group of `keys`, numbered by their place in `pairs`, of all rows asked for.

    `asked` holds the SQL of rows and its values; where there are several, the first key is the number of each. Those with
    the numbers in `bare` are told without intervals: over their customers nothing is summed.
    """
    facts, params = _facts(asked)
    grouped = " GROUP BY ALL" if keys else ""
    sums = [
        term for place, (measure, column) in enumerate(pairs) for term in _sums(place, measure, column, known)
    ]
    group = f"{_hashed(keys)} AS group_hash"
    main = version.query(
        f"{facts} SELECT {', '.join([*keys, group, 'count(*) AS rows', *sums])} FROM facts{grouped}", params
    )
    widened = {place: column for place, (_, column) in enumerate(pairs) if has_interval(column)}
    wanted = set(range(len(asked))) - set(bare)
    if not widened or not wanted:
        return main
    told = main.filter(pl.col("ask").is_in(wanted)) if bare else main
    middles = _middles(told, [place for place, column in widened.items() if is_median(column)])
    large = _large(main, len(asked))
    many = [
        version.query(
            _many_sql(_only(facts, numbers, len(asked)), widened, keys, in_parcels=in_parcels),
            [*params, *middles],
        )
        for in_parcels, numbers in ((True, wanted & large), (False, wanted - large))
        if numbers
    ]
    wide = pl.concat(many).pivot("place", on_columns=list(widened), index="group_hash", values=list(MANY))
    return main.join(wide, on="group_hash", how="left", maintain_order="left")


def _facts(asked: Sequence[Rows]) -> tuple[str, list[Any]]:
    """All rows asked for under the name of facts, and the values to bind."""
    rows = " UNION ALL BY NAME ".join(sql for sql, _ in asked)
    return f"WITH facts AS NOT MATERIALIZED ({rows})", [value for _, values in asked for value in values]


def _only(facts: str, numbers: set[int], count_asked: int) -> str:
    """Of all rows asked for those with these numbers, under the same name."""
    if len(numbers) == count_asked:
        return facts
    chosen = f"FROM every WHERE ask IN ({', '.join(map(str, sorted(numbers)))})"
    return f"{facts.replace('WITH facts', 'WITH every', 1)}, facts AS NOT MATERIALIZED ({chosen})"


def _large(main: pl.DataFrame, count_asked: int) -> set[int]:
    """The numbers of those asked for that have so many rows that customers are put together in parcels."""
    each = main if count_asked > 1 else main.with_columns(pl.lit(0).alias("ask"))
    limit = pl.max_horizontal(pl.lit(EXACT_ROWS), ROWS_PER_PARCEL * PARCELS * pl.len())
    return set(each.group_by("ask").agg(pl.col("rows").sum() > limit).filter("rows")["ask"])


def columns_of(pairs: Sequence[Pair], known: Collection[str]) -> list[str]:
    """The columns of a fact table that the totals of these are made of."""
    used = {"cluster"}
    for measure, column in pairs:
        used |= {
            column.name,
            column.open_column or column.name,
            _possible(measure, column, known) or column.name,
        }
    return sorted(used)


def _possible(measure: Measure, column: Column, known: Collection[str]) -> str | None:
    """The fact column that says on which rows the measure could have been taken; None where on every one."""
    names = (f"{name}_is_possible" for name in (column.name, measure.name))
    return next((name for name in names if name in known), None)


def _sums(place: int, measure: Measure, column: Column, known: Collection[str]) -> list[str]:
    """What the first pass counts of a column: n, possible, and what its total needs."""
    possible = _possible(measure, column, known)
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
        case "per_day":
            pass
        case "stock_median":
            terms.append(f"median({column.name}) AS total{place}")
        case _:
            terms.append(f"sum({column.name}::DOUBLE) AS total{place}")
            terms.append(f"sum({column.name}::DOUBLE * {column.name}::DOUBLE) AS squares{place}")
    return terms


def _many_sql(facts: str, columns: dict[int, Column], keys: Sequence[str], *, in_parcels: bool) -> str:
    """The second pass: over parcels of customers, or over each customer that has several rows in a group.

    A share counts its true rows, a median those at or below the middle of their group.
    """
    medians = {place: column for place, column in columns.items() if is_median(column)}
    inner, squares = [], []
    for place, column in columns.items():
        value = f"facts.{column.name} <= middle{place}" if place in medians else f"facts.{column.name}"
        inner.append(f"count(facts.{column.name})::DOUBLE AS n{place}")
        if column.total == "share" or place in medians:
            inner.append(f"count_if({value})::DOUBLE AS total{place}")
            squares.append(f"total{place}")
        else:
            inner.append(f"coalesce(sum({value}::DOUBLE), 0) AS total{place}")
            inner.append(f"coalesce(sum({value}::DOUBLE * {value}::DOUBLE), 0) AS squares{place}")
            squares.append(f"squares{place}")
    lists = {
        "place": [str(place) for place in columns],
        "n": [f"n{place}" for place in columns],
        "total": [f"total{place}" for place in columns],
        "squares": squares,
    }
    each = ", ".join(f"unnest([{', '.join(listed)}]) AS {name}" for name, listed in lists.items())
    outer = ", ".join(f"{term} AS {name}" for name, term in MANY.items())
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
    return (
        f"{facts}{with_middle}{several},"
        f" customers AS (SELECT {_hashed(keys, 'facts.')} AS group_hash, facts.{customer} AS customer, {', '.join(inner)}"
        f" FROM facts{middles}{chosen} GROUP BY ALL),"
        f" each AS (SELECT group_hash, {each} FROM customers)"
        f" SELECT group_hash, place, {outer} FROM each GROUP BY ALL"
    )


def _hashed(keys: Sequence[str], prefix: str = "") -> str:
    """One number for several keys, so that groups are found by it."""
    return f"hash({', '.join(prefix + key for key in keys)})" if keys else "0::UBIGINT"


def _middles(main: pl.DataFrame, medians: Sequence[int]) -> list[list[Any]]:
    """The groups and the middle value of each in every median column, to be bound."""
    if not medians:
        return []
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


def has_interval(column: Column) -> bool:
    """Whether the column's rows are a sample of something: a sum and a stock are all there is."""
    return column.total not in ("sum", "per_day", "stock_median")


def is_median(column: Column) -> bool:
    """Whether the column is told by its middle, for which the values themselves are needed."""
    return column.total in ("median", "waiting_median")
