"""Every aggregation: value, n, coverage and 95 % interval of any columns, over any groups.

Values of a filter are bound; names come from fixed dictionaries. The sums are made in metrics/tally.py, the figures in metrics/figures.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Final, Literal

import polars as pl

from metrics import figures, groupings, incidents, registry, tally
from metrics.facts.grains import TABLES
from metrics.facts.sample import SAMPLES
from metrics.incidents import Incident
from metrics.measure import Derived, Grain
from metrics.periods import week_of
from metrics.tally import Pair, Queried, Rows
from warehouse import schema
from warehouse.errors import HeardError

BY_TIME: Final[dict[str, tuple[str, Callable[[date], str]]]] = {
    "day": ("{}", date.isoformat),
    "week": ("date_trunc('week', {})::DATE", week_of),
    "month": ("date_trunc('month', {})::DATE", lambda day: f"{day:%Y-%m}"),
}
TRUNCATED: Final = {"day": "1d", "week": "1w", "month": "1mo"}  # the same buckets, of a calendar
BY_DIMENSION: Final[dict[str, str]] = (
    {name: name for name in schema.DIMENSIONS if name != "tags"}
    | {
        "tag": "unnest(CASE WHEN len(tags) > 0 THEN tags ELSE [NULL] END)"  # a row for each tag, one where there is none
    }
)
OF_GRAIN: Final[dict[Grain, tuple[str, ...]]] = {
    "sla": ("policy", "metric")
}  # dimensions that no other grain has


@dataclass(frozen=True)
class Scope:
    """Which rows: days in the organisation's zone, both included, and values of dimensions.

    `where` maps a dimension (team, channel, priority, type, brand, language, source, agent, customer_id, tag), or a
    yes-or-no column of the same grain ("true", "false"), or a group made of a ticket's facts (account_tier, hour,
    answered_by), to the values wanted; the value "" stands for rows without one. `without` leaves incidents out. A row
    that a measure was not taken on counts, for coverage, on the day its conversation ended or its survey was sent. `known_at` tells the figures that ripen (answers, reopenings) as they were known at that instant. `rules` are thresholds that people changed since
    the facts were built, by name (metrics/contrast/looks_fine_rule.py).
    """

    date_from: date | None = None
    date_to: date | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known_at: datetime | None = None
    without: tuple[Incident, ...] = ()
    rules: tuple[tuple[str, float], ...] = ()


Ask = tuple[Scope, Sequence[str]]  # which rows, and the groups to total them by


def totals(
    version: Queried, names: Sequence[str], scope: Scope, by: Sequence[str] = (), *, is_bare: bool = False
) -> pl.DataFrame:
    """One row per column and group: measure, column, the groups, value, n, n_possible, coverage, low, high, count_open.

    A name is a measure's (all its columns that have a total) or a column's. `by` takes dimensions, "day", "week"
    ("2026-W46") and "month" ("2026-11"); several of a ticket's tags put it into several groups. value is null where n
    is 0 (a stock of nothing is 0), and where more than half of a waiting_median still wait; low and high are null where
    there is no interval, and everywhere where `is_bare`, which costs about a third. A stock (`per_day`) is the mean of its
    days; its n counts a row for each day. Raises HeardError or NoData on unknown names.
    """
    return totals_of(version, named(names), scope, by, is_bare=is_bare)


def totals_of(
    version: Queried, pairs: Sequence[Pair], scope: Scope, by: Sequence[str] = (), *, is_bare: bool = False
) -> pl.DataFrame:
    """`totals` of measures and columns at hand, in their order."""
    return totals_together(version, pairs, [(scope, by)], bare=(0,) if is_bare else ())[0]


def totals_together(
    version: Queried, pairs: Sequence[Pair], asked: Sequence[Ask], *, bare: Collection[int] = ()
) -> list[pl.DataFrame]:
    """`totals_of` of several scopes and groups in the same queries: one frame for each, as if asked one by one.

    Those at the places in `bare` have no intervals.
    """
    for name in dict.fromkeys(name for _, by in asked for name in by):
        grains = {measure.grain for measure, _ in pairs}
        own = [one for grain in grains for one in OF_GRAIN.get(grain, ())] if len(grains) == 1 else []
        if name not in BY_TIME and name not in BY_DIMENSION and name not in own:
            raise _unknown(name, [*BY_DIMENSION, *own, *BY_TIME])
    parts: dict[tuple[Grain, str], list[Pair]] = {}
    for pair in pairs:
        parts.setdefault((pair[0].grain, pair[0].dated_by), []).append(pair)
    known = _known(version)

    def told(part: tuple[tuple[Grain, str], list[Pair]]) -> list[pl.DataFrame]:
        (grain, dated_by), here = part
        is_sampled = grain in SAMPLES and bool(known[SAMPLES[grain]])
        return _part(version, grain, dated_by, here, asked, known[TABLES[grain]], bare, is_sampled)

    # Two at a time: while one is being read, figures are made of the other.
    with ThreadPoolExecutor(2) as pool:
        frames = list(pool.map(told, parts.items()))
    order = {column.name: place for place, (_, column) in enumerate(pairs)}
    place = pl.col("column").replace_strict(order, return_dtype=pl.Int64)
    return [
        pl.concat([_empty(by), *(frame[number] for frame in frames if frame)]).sort(
            [place, *by], nulls_last=True
        )
        for number, (_, by) in enumerate(asked)
    ]


def _empty(by: Sequence[str]) -> pl.DataFrame:
    groups = {name: pl.String() for name in by}
    return pl.DataFrame(schema={"measure": pl.String(), "column": pl.String(), **groups, **figures.FIGURES})


def _known(version: Queried) -> dict[str, set[str]]:
    """The columns of each fact table and of its sample: a measure that was not there when the facts were built has none."""
    known: dict[str, set[str]] = {table: set() for table in (*TABLES.values(), *SAMPLES.values())}
    rows = version.query("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main'")
    for table, column in rows.iter_rows():
        if table in known:
            known[table].add(column)
    return known


def named(names: Sequence[str]) -> list[Pair]:
    """The columns that these names of measures and columns mean, each once. Raises HeardError on one without a total."""
    pairs: dict[str, Pair] = {}
    for name in names:
        for pair in _named(name):
            pairs.setdefault(pair[1].name, pair)
    return list(pairs.values())


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


def has_sample(version: Queried, grain: Grain) -> bool:
    """Whether there are so many rows of the grain that a sample of its customers was drawn (metrics/facts/sample.py)."""
    return grain in SAMPLES and bool(_known(version)[SAMPLES[grain]])


def rows_sql(
    scope: Scope,
    grain: Grain,
    dated_by: str,
    by: Sequence[str],
    columns: str = "*",
    *,
    is_sample: bool = False,
) -> Rows:
    """The grain's fact rows that are in the scope, with by_team, by_week ... for the groups, and the values to bind.

    With `is_sample` those of the sample of customers (metrics/facts/sample.py), each with its weight.
    """
    day = _day_column(dated_by)
    otherwise = {"survey": ("asked_on",), "day": ()}.get(grain, ("ended_on", "created_on"))
    dated = f"coalesce({', '.join(dict.fromkeys((day, *otherwise)))})"
    facts, params = _known_then(scope, grain, SAMPLES[grain] if is_sample else TABLES[grain])
    conditions: list[str] = []
    for sign, bound in ((">=", scope.date_from), ("<=", scope.date_to)):
        if bound is not None:
            conditions.append(f"{dated} {sign} ?::DATE")
            params.append(bound)
    flags = {
        c.name for m in registry.discover() if m.grain == grain for c in m.columns if c.sql_type == "BOOLEAN"
    }
    kept, left_out = incidents.conditions(
        scope.without, "coalesce(created_on, asked_on)" if grain == "survey" else "created_on", "tags"
    )
    conditions += kept
    params += left_out
    for name, values in scope.where.items():
        own = OF_GRAIN.get(grain, ())
        if name in groupings.MADE:
            if grain == "ticket":
                test, made = groupings.own_condition(name, values)
            else:
                source = "ticket_source" if grain == "survey" else "source"
                test, made = groupings.made_condition(name, values, f"{source}, ticket_id")
            conditions.append(test)
            params += made
            continue
        if name not in BY_DIMENSION and name not in flags and name not in own:
            raise _unknown(name, [*BY_DIMENSION, *own, *sorted(flags)])
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
        f"{BY_TIME[name][0].format(dated) if name in BY_TIME else BY_DIMENSION.get(name, name)} AS by_{name}"
        for name in by
    ]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join([*keys, columns])} FROM {facts}{where}", params


def _known_then(scope: Scope, grain: Grain, table: str) -> Rows:
    """The grain's facts; where the scope says so with every yes that was not known then as a no."""
    facts = facts_sql(scope, grain, table)
    ripening = [measure for measure in registry.discover() if measure.grain == grain and measure.ripens]
    if scope.known_at is None or not ripening:
        return facts, []
    flags = [(c.name, m.ripens) for m in ripening for c in m.columns if c.total == "share"]
    replaced = ", ".join(
        f"CASE WHEN {name} THEN coalesce({event} <= ?::TIMESTAMPTZ, true) ELSE {name} END AS {name}"
        for name, event in flags
    )
    return f"(SELECT * REPLACE ({replaced}) FROM {facts})", [scope.known_at] * len(flags)


def facts_sql(scope: Scope, grain: Grain, table: str = "") -> str:
    """The grain's facts as the thresholds in force make them: a table, or SQL in brackets."""
    facts = table or TABLES[grain]
    for measure in registry.discover() if scope.rules else ():
        if isinstance(measure, Derived) and measure.grain == grain and measure.restated:
            facts = f"({measure.restated(facts, dict(scope.rules))})"
    return facts


def _day_column(dated_by: str) -> str:
    return f"{dated_by.removesuffix('_at')}_on"


def _part(
    version: Queried,
    grain: Grain,
    dated_by: str,
    pairs: Sequence[Pair],
    asked: Sequence[Ask],
    known: set[str],
    bare: Collection[int],
    has_sample: bool,
) -> list[pl.DataFrame]:
    """The totals of columns that share a grain and a date, for each that is asked; empty where none is in the facts."""
    pairs = [pair for pair in pairs if pair[1].name in known]
    if not pairs or _day_column(dated_by) not in known:
        return []

    def rows_of(scope: Scope, by: Sequence[str], columns: str, *, is_sample: bool = False) -> Rows:
        return rows_sql(scope, grain, dated_by, by, columns, is_sample=is_sample)

    sums = tally.tally(version, rows_of, asked, pairs, known, bare=bare, has_sample=has_sample)
    return [
        _figures(_with_days(version, sums[number], grain, scope, by), pairs, by, number in bare)
        for number, (scope, by) in enumerate(asked)
    ]


def _with_days(
    version: Queried, sums: pl.DataFrame, grain: Grain, scope: Scope, by: Sequence[str]
) -> pl.DataFrame:
    """The sums of a stock with the days of each group: those of the scope that the data tell of.

    Groups of time alone are all there, also where nothing was unsolved.
    """
    if grain != "day":
        return sums
    days = version.query("SELECT day FROM backlog_days")
    if scope.date_from:
        days = days.filter(pl.col("day") >= scope.date_from)
    if scope.date_to:
        days = days.filter(pl.col("day") <= scope.date_to)
    times = [name for name in by if name in BY_TIME]
    if not times:
        return sums.with_columns(pl.lit(days.height).alias(figures.DAYS))
    buckets = [pl.col("day").dt.truncate(TRUNCATED[name]).alias(f"by_{name}") for name in times]
    counted = days.select(buckets).group_by(pl.all()).agg(pl.len().alias(figures.DAYS))
    how: Literal["right", "left"] = "right" if len(times) == len(by) else "left"
    return sums.join(counted, on=[f"by_{name}" for name in times], how=how)


def _figures(sums: pl.DataFrame, pairs: Sequence[Pair], by: Sequence[str], is_bare: bool) -> pl.DataFrame:
    found = figures.figures(sums, pairs, is_bare=is_bare)
    groups = [_label(sums[f"by_{name}"], name).alias(name) for name in by]
    repeated = [pl.concat([group] * len(pairs)) for group in groups]
    return pl.DataFrame([found["measure"], found["column"], *repeated, *found[:, 2:]])


def _label(keys: pl.Series, name: str) -> pl.Series:
    if name not in BY_TIME:
        return keys.cast(pl.String())
    said = BY_TIME[name][1]
    return pl.Series([None if day is None else said(day) for day in keys], dtype=pl.String())
