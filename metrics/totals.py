"""Every aggregation: value, n, coverage and 95 % interval of any columns, over any groups.

Values of a filter are bound; names come from fixed dictionaries. The sums themselves are made in metrics/tally.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

import polars as pl

from metrics import registry, tally
from metrics.facts.build import TABLES
from metrics.measure import Grain
from metrics.periods import week_of
from metrics.tally import Pair, Queried
from warehouse import schema
from warehouse.errors import HeardError

BY_TIME: Final[dict[str, tuple[str, Callable[[date], str]]]] = {
    "day": ("{}", date.isoformat),
    "week": ("date_trunc('week', {})::DATE", week_of),
    "month": ("date_trunc('month', {})::DATE", lambda day: f"{day:%Y-%m}"),
}
BY_DIMENSION: Final[dict[str, str]] = {name: name for name in schema.DIMENSIONS if name != "tags"} | {
    "tag": "tag"
}

RESULT: Final[dict[str, pl.DataType]] = {
    "value": pl.Float64(),
    "n": pl.Int64(),
    "n_possible": pl.Int64(),
    "coverage": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "count_open": pl.Int64(),
}


@dataclass(frozen=True)
class Scope:
    """Which rows: days in the organisation's zone, both included, and values of dimensions.

    `where` maps a dimension (team, channel, priority, type, brand, language, source, agent, customer_id, tag), or a
    yes-or-no column of the same grain ("true", "false"), to the values wanted; the value "" stands for rows without
    one. A row that a measure was not taken on counts, for coverage, on the day its conversation ended or its survey was
    sent.
    """

    date_from: date | None = None
    date_to: date | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def totals(version: Queried, names: Sequence[str], scope: Scope, by: Sequence[str] = ()) -> pl.DataFrame:
    """One row per column and group: measure, column, the groups, value, n, n_possible, coverage, low, high, count_open.

    A name is a measure's (all its columns that have a total) or a column's. `by` takes dimensions, "day", "week"
    ("2026-W46") and "month" ("2026-11"); several of a ticket's tags put it into several groups. value is null where n
    is 0, and where more than half of a waiting_median still wait; low and high are null where there is no interval.
    Raises HeardError or NoData on unknown names.
    """
    pairs: dict[str, Pair] = {}
    for name in names:
        for pair in _named(name):
            pairs.setdefault(pair[1].name, pair)
    return totals_of(version, list(pairs.values()), scope, by)


def totals_of(version: Queried, pairs: Sequence[Pair], scope: Scope, by: Sequence[str] = ()) -> pl.DataFrame:
    """`totals` of measures and columns at hand, in their order."""
    for name in by:
        if name not in BY_TIME and name not in BY_DIMENSION:
            raise _unknown(name, [*BY_DIMENSION, *BY_TIME])
    parts: dict[tuple[Grain, str], list[Pair]] = {}
    for pair in pairs:
        parts.setdefault((pair[0].grain, pair[0].dated_by), []).append(pair)
    frames = [
        frame
        for (grain, dated_by), here in parts.items()
        for frame in _part(version, grain, dated_by, here, scope, tuple(by))
    ]
    groups = {name: pl.String() for name in by}
    empty = pl.DataFrame(schema={"measure": pl.String(), "column": pl.String(), **groups, **RESULT})
    order = {column.name: place for place, (_, column) in enumerate(pairs)}
    return pl.concat([empty, *frames]).sort(
        [pl.col("column").replace_strict(order, return_dtype=pl.Int64), *by], nulls_last=True
    )


def _named(name: str) -> list[Pair]:
    measure, column = registry.find(name)
    columns = measure.columns if measure.name == name else (column,)
    pairs = [(measure, column) for column in columns if column.total is not None]
    if not pairs:
        raise HeardError(
            f"{name} has no total of its own.", fix=f"ask for {measure.main.name}, or heard export facts"
        )
    return pairs


def _unknown(name: str, known: Sequence[str]) -> HeardError:
    near = get_close_matches(name, known, n=1)
    return HeardError(
        f"There is no dimension called {name!r}.",
        fix=(f"did you mean {near[0]}? " if near else "") + f"known are {', '.join(known)}",
    )


def rows_sql(scope: Scope, grain: Grain, dated_by: str, by: Sequence[str]) -> tuple[str, list[Any]]:
    """The grain's fact rows that are in the scope, with g0, g1 ... for the groups, and the values to bind."""
    day = "created_on" if dated_by == "created_at" else f"{dated_by.removesuffix('_at')}_on"
    otherwise = ("asked_on",) if grain == "survey" else ("ended_on", "created_on")
    dated = f"coalesce({', '.join(dict.fromkeys((day, *otherwise)))})"
    conditions, params = [], list[Any]()
    for sign, bound in ((">=", scope.date_from), ("<=", scope.date_to)):
        if bound is not None:
            conditions.append(f"{dated} {sign} ?::DATE")
            params.append(bound)
    flags = {
        c.name for m in registry.discover() if m.grain == grain for c in m.columns if c.sql_type == "BOOLEAN"
    }
    for name, values in scope.where.items():
        if name not in BY_DIMENSION and name not in flags:
            raise _unknown(name, [*BY_DIMENSION, *sorted(flags)])
        wanted = [value for value in values if value]
        if name == "tag":
            tests = ["list_has_any(tags, ?::VARCHAR[])"] if wanted else []
            blank = "coalesce(len(tags), 0) = 0"
        else:
            tests = [f"{name}{'::VARCHAR' if name in flags else ''} = ANY(?::VARCHAR[])"] if wanted else []
            blank = f"{name} IS NULL"
        if wanted:
            params.append(wanted)
        if "" in values:
            tests.append(blank)
        conditions.append(f"({' OR '.join(tests) or 'false'})")
    keys = [
        f"{BY_TIME[name][0].format(dated) if name in BY_TIME else BY_DIMENSION[name]} AS g{place}"
        for place, name in enumerate(by)
    ]
    tags = " LEFT JOIN UNNEST(tags) AS each_tag(tag) ON true" if "tag" in by else ""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join([*keys, '*'])} FROM {TABLES[grain]}{tags}{where}", params


def _part(
    version: Queried, grain: Grain, dated_by: str, pairs: Sequence[Pair], scope: Scope, by: tuple[str, ...]
) -> list[pl.DataFrame]:
    """The totals of columns that share a grain and a date."""
    known = version.query(f"SELECT * FROM {TABLES[grain]} LIMIT 0").columns
    pairs = [pair for pair in pairs if pair[1].name in known]
    if not pairs:
        return []
    rows, params = rows_sql(scope, grain, dated_by, by)
    keys = [f"g{place}" for place in range(len(by))]
    sums = tally.tally(version, rows, params, pairs, keys, known)
    groups = [_label(sums[key], name).alias(name) for key, name in zip(keys, by, strict=True)]
    return [
        pl.DataFrame([*groups, *tally.figures(sums, place, column)]).select(
            pl.lit(measure.name).alias("measure"), pl.lit(column.name).alias("column"), pl.all()
        )
        for place, (measure, column) in enumerate(pairs)
    ]


def _label(keys: pl.Series, name: str) -> pl.Series:
    if name not in BY_TIME:
        return keys.cast(pl.String())
    said = BY_TIME[name][1]
    return pl.Series([None if day is None else said(day) for day in keys], dtype=pl.String())
