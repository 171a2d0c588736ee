"""The sums behind every total, in two passes over a grain's facts.

The first pass counts and sums all columns by group; what is asked of the same rows is asked once, by the finest groups, and
rolled up. The second sums over customers that have several rows in a group: their rows resemble each other, and the
intervals are widened for that. Of very many rows the second pass reads a sample of customers (metrics/facts/sample.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, Protocol

import polars as pl

from metrics.by_customer import Customers, in_order, many
from metrics.measure import Column, Measure

# Of more rows than these the second pass reads a sample of customers for every group that has enough of them: the width of
# an interval then varies by one percent for a million rows, by a few for the smallest of such groups, and a total over a
# million rows keeps its speed.
EXACT_ROWS: Final = 100_000
ROWS_PER_GROUP: Final = 4_096
PARCELS: Final = 4_096  # of customers put together at random, where something else is summed over them

# Ways to part rows that are never crossed with others: a row has several, or there are very many.
APART: Final = frozenset({"tag", "agent", "customer_id"})
Pair = tuple[Measure, Column]
Rows = tuple[str, list[Any]]  # SQL of fact rows, and the values to bind


class Queried(Protocol):
    """What totals asks of a version: rows of a query with bound values."""

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame: ...


class RowsOf(Protocol):
    """SQL of the fact rows in a scope with by_team, by_week ... beside the columns, all of them or the sample's."""

    def __call__(self, scope: Any, by: Sequence[str], columns: str, *, is_sample: bool = False) -> Rows: ...


Ask = tuple[Any, Sequence[str]]  # a scope, and the groups to total its rows by


def tally(
    version: Queried,
    rows_of: RowsOf,
    asked: Sequence[Ask],
    pairs: Sequence[Pair],
    known: Collection[str],
    *,
    bare: Collection[int] = (),
    has_sample: bool = False,
) -> list[pl.DataFrame]:
    """Sums of the columns for each group, numbered by their place in `pairs`: a frame for each that is asked.

    Those with the numbers in `bare` are told without intervals: over their customers nothing is summed.
    """
    sums = _first_pass(version, rows_of, asked, pairs, known)
    widened = {place: column for place, (_, column) in enumerate(pairs) if has_interval(column)}
    told = [
        number
        for number in range(len(asked))
        if number not in bare and widened and sums[number]["rows"].sum()
    ]
    for numbers in _of_the_same_rows(asked, told):
        scope, by = asked[numbers[0]][0], _all_groups(asked, numbers)
        large = {number: _large(sums[number], has_sample) for number in numbers}
        whole = [number for number in numbers if not large[number].any()]
        if whole:
            common = [key for key in _keys(by) if all(key in _keys(asked[number][1]) for number in whole)]
            rows = _several(rows_of(scope, by, _read(widened)), common)
            customers = _customers(version, rows, widened)
            for number in whole:
                sums[number] = many(customers, sums[number], _keys(asked[number][1]), widened)
        if len(whole) < len(numbers):
            sample = _customers(
                version, rows_of(scope, by, f"{_read(widened)}, weight", is_sample=True), widened
            )
            for number in set(numbers) - set(whole):
                keys = _keys(asked[number][1])
                some, rest = sums[number].filter(large[number]), sums[number].filter(~large[number])
                found = [many(sample, some, keys, widened)]
                if rest.height:
                    rows = _only(rows_of(scope, asked[number][1], _read(widened)), rest.select(keys))
                    rows = _several(rows, keys)
                    found.append(many(_customers(version, rows, widened), rest, keys, widened))
                sums[number] = pl.concat(found)
    return sums


def _first_pass(
    version: Queried,
    rows_of: RowsOf,
    asked: Sequence[Ask],
    pairs: Sequence[Pair],
    known: Collection[str],
) -> list[pl.DataFrame]:
    """What is counted and summed of all rows, for each that is asked."""
    terms = [
        term for place, (measure, column) in enumerate(pairs) for term in _sums(place, measure, column, known)
    ]
    found: dict[int, pl.DataFrame] = {}
    is_additive = all(column.total != "stock_median" for _, column in pairs)
    every = range(len(asked))
    for numbers in _of_the_same_rows(asked, every) if is_additive else [[number] for number in every]:
        by = _all_groups(asked, numbers)
        keys = _keys(by)
        facts, params = rows_of(asked[numbers[0]][0], by, ", ".join(columns_of(pairs, known)))
        selected = ", ".join([*keys, "count(*) AS rows", *terms])
        grouped = " GROUP BY ALL" if keys else ""
        finest = version.query(f"SELECT {selected} FROM ({facts}){grouped}", params)
        for number in numbers:
            found[number] = _rolled_up(finest, keys, _keys(asked[number][1]))
    return [found[number] for number in every]


def _of_the_same_rows(asked: Sequence[Ask], numbers: Iterable[int]) -> list[list[int]]:
    """The numbers of those asked for, together where one pass over their rows can tell them all."""
    together: list[list[int]] = []
    for number in numbers:
        scope, by = asked[number]
        for others in together:
            first, its = asked[others[0]]
            if scope == first and APART.isdisjoint((*by, *its)):
                others.append(number)
                break
        else:
            together.append([number])
    return together


def _all_groups(asked: Sequence[Ask], numbers: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(name for number in numbers for name in asked[number][1]))


def _keys(by: Sequence[str]) -> list[str]:
    return [f"by_{name}" for name in by]


def _rolled_up(finest: pl.DataFrame, keys: Sequence[str], wanted: Sequence[str]) -> pl.DataFrame:
    """The sums by some of the keys."""
    if set(wanted) == set(keys):
        return finest
    whole = [
        pl.col(name).explode(empty_as_null=False).drop_nulls()
        if isinstance(dtype, pl.List)
        else pl.col(name).sum()
        for name, dtype in finest.schema.items()
        if name not in keys
    ]
    if wanted:
        return finest.group_by(wanted).agg(whole)
    return finest.select(
        one.implode() if isinstance(finest.schema[one.meta.output_name()], pl.List) else one for one in whole
    )


def _large(sums: pl.DataFrame, has_sample: bool) -> pl.Series:
    """Which groups have so many rows that a sample of their customers tells how much wider their intervals are."""
    is_sampled = has_sample and int(sums["rows"].sum()) > EXACT_ROWS
    return (sums["rows"] > ROWS_PER_GROUP) & is_sampled


def _read(widened: dict[int, Column]) -> str:
    """The columns that the sums over customers are made of."""
    return ", ".join(dict.fromkeys(["cluster", *(column.name for column in widened.values())]))


def _customers(version: Queried, rows: Rows, widened: dict[int, Column]) -> Customers:
    return in_order(version.query(*rows), widened)


def _several(rows: Rows, keys: Sequence[str]) -> Rows:
    """Of these rows those of customers who have several in a group: no others resemble each other."""
    sql, params = rows
    row = ", ".join([*keys, "cluster"])
    return (
        f"WITH facts AS NOT MATERIALIZED ({sql}),"
        f" several AS (SELECT hash({row}) FROM facts GROUP BY ALL HAVING count(*) > 1)"
        f" SELECT * FROM facts WHERE hash({row}) IN (FROM several)",
        params,
    )


def _only(rows: Rows, groups: pl.DataFrame) -> Rows:
    """Of these rows those of some groups."""
    listed = ", ".join(
        f"unnest(?::{'DATE' if dtype == pl.Date else 'VARCHAR'}[]) AS {key}"
        for key, dtype in groups.schema.items()
    )
    same = " AND ".join(f"rows.{key} IS NOT DISTINCT FROM listed.{key}" for key in groups.columns)
    sql, params = rows
    return (
        f"SELECT rows.* FROM ({sql}) rows SEMI JOIN (SELECT {listed}) listed ON {same}",
        [*params, *(groups[key].to_list() for key in groups.columns)],
    )


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


def has_interval(column: Column) -> bool:
    """Whether the column's rows are a sample of something: a sum and a stock are all there is."""
    return column.total not in ("sum", "per_day", "stock_median")
