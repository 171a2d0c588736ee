"""Conversations that are alike: the strata of arrival mood, topic, channel and language, and each group's sums in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics import groupings, registry
from metrics.facts.grains import TABLES
from metrics.intervals import Array
from metrics.measure import Column, Measure
from metrics.tally import EXACT_ROWS, PARCELS, Rows
from metrics.totals import Scope, rows_sql
from warehouse.store import Version

# What conversations can be alike in, and how each is called. Fixed edges part the moods: very unhappy, unhappy, neutral, pleased.
ALIKE: Final = {"mood": "mood on arrival", "topic": "topic", "channel": "channel", "language": "language"}
DIMENSION: Final = {"topic": "contact_reason", "channel": "channel", "language": "language"}
MOODS: Final = (
    "mood not read",
    "very unhappy on arrival",
    "unhappy on arrival",
    "neutral on arrival",
    "pleased on arrival",
)
_MOOD: Final = "CASE WHEN {mood} IS NULL THEN 0 WHEN {mood} < -0.4 THEN 1 WHEN {mood} < -0.15 THEN 2 WHEN {mood} <= 0.15 THEN 3 ELSE 4 END"
FEWEST: Final = 5  # rows of a group, and of the others, without which a stratum is not compared
MOST_TAGS: Final = 40  # tags that are told of, the most frequent ones


@dataclass(frozen=True)
class Asked:
    """What is compared: a column, over a scope, by a grouping, with the strata in which conversations are alike."""

    measure: Measure
    column: Column
    scope: Scope
    by: str
    alike: tuple[str, ...]

    @property
    def parts(self) -> list[str]:
        """The names of the strata's parts in a row."""
        return [f"part_{name}" for name in self.alike]


@dataclass(frozen=True)
class Cells:
    """Sums by group (down) and stratum (across): rows, values and squared values; `all_...` of every row of the scope.

    `strata` has the parts of each stratum. `ids` names the cells as they were read, of strata that may be finer, as
    `hash` does in SQL (0 where one is empty), and `onto` says in which stratum each of these lies; `read` asked for them.
    """

    asked: Asked
    read: Asked
    groups: tuple[str, ...]
    strata: tuple[tuple[Any, ...], ...]
    ids: NDArray[np.uint64]
    onto: NDArray[np.int64]
    n: Array
    total: Array
    squares: Array
    all_n: Array
    all_total: Array
    all_squares: Array


def ask(column: str, scope: Scope, by: str, alike: Sequence[str]) -> Asked:
    """The question of a measure's or column's name. What is compared by, or is the column itself, is no stratum."""
    measure, declared = registry.find(column)
    own = {"mood"} if declared.name == "mood_on_arrival" else set()
    kept = tuple(name for name in ALIKE if name in alike and name not in own and DIMENSION.get(name) != by)
    return Asked(measure, declared, scope, by, kept)


def is_known(version: Version, asked: Asked) -> bool:
    """Whether the facts of this version hold the column."""
    found = version.query(
        "SELECT count(*) FROM duckdb_columns() WHERE table_name = ? AND column_name = ?",
        [TABLES[asked.measure.grain], asked.column.name],
    )
    return bool(found.item())


def rows(asked: Asked, *, grouped: bool = True) -> Rows:
    """SQL of the rows on which the column was measured: grp (null without one), the parts, cluster, y, is_open."""
    grain, by = asked.measure.grain, asked.by if grouped else ""
    is_time = by in ("tag", "week")
    carried = [DIMENSION[name] for name in asked.alike if name in DIMENSION]
    if by and not is_time and by not in groupings.MADE:
        carried.append(by)
    source = "ticket_source" if grain == "survey" else "source"
    opened = asked.column.open_column
    own = (
        {"hour": groupings.QUARTER, "answered_by": groupings.BY_NAME["answered_by"].sql}
        if grain == "ticket"
        else {}
    )
    columns = [
        *dict.fromkeys([*carried, "cluster", "mood_on_arrival"] if grain == "ticket" else [*carried, "cluster"]),
        f"{source} AS key_source", "ticket_id AS key_ticket",
        f"{asked.column.name}::DOUBLE AS y", f"{opened or 'false'} AS is_open",
        *([f"{own[by]} AS made"] if by in own else []),
    ]  # fmt: skip
    inner, params = rows_sql(
        asked.scope, grain, asked.measure.dated_by, (by,) if is_time else (), ", ".join(columns)
    )
    joins, group, mood = (
        "",
        f"rows.by_{by}" if is_time else f"rows.{by}" if by else "''",
        "rows.mood_on_arrival",
    )
    if grain != "ticket":
        mood = "tickets.mood_on_arrival"
        joins += " LEFT JOIN ticket_facts tickets ON tickets.source = rows.key_source AND tickets.ticket_id = rows.key_ticket"
    if by in own:
        group = "rows.made"
        if by == "hour":
            group = "hours.hour"
            joins += f" LEFT JOIN {groupings.HOURS_SQL} hours ON hours.quarter = rows.made"
    elif by in groupings.MADE:
        group = "made.made"
        joins += f" LEFT JOIN {groupings.made_sql(by)} made ON made.source = rows.key_source AND made.ticket_id = rows.key_ticket"
    parts = {
        "mood": _MOOD.format(mood=mood),
        **{name: f"coalesce(rows.{dimension}, '')" for name, dimension in DIMENSION.items()},
    }
    listed = ", ".join(
        [f"nullif({group}::VARCHAR, '') AS grp", *(f"{parts[name]} AS part_{name}" for name in asked.alike)]
    )
    return (
        f"SELECT {listed}, rows.cluster, rows.y, rows.is_open FROM ({inner}) rows{joins} WHERE rows.y IS NOT NULL",
        params,
    )


def cells(version: Version, asked: Asked) -> Cells:
    """The sums of each group in each stratum."""
    sql, params = rows(asked)
    found = _summed(version, sql, params, ["grp", *asked.parts])
    every = found
    if asked.by == "tag":  # a conversation with several tags is in several groups, and once in the whole
        plain, values = rows(asked, grouped=False)
        every = _summed(version, plain, values, ["grp", *asked.parts])
        most = (
            found.drop_nulls("grp")
            .group_by("grp")
            .agg(pl.col("n").sum())
            .sort(["n", "grp"], descending=[True, False])
        )
        found = found.filter(pl.col("grp").is_in(most["grp"].head(MOST_TAGS).to_list()))
    return _matrices(asked, found, every)


def coarser(found: Cells, alike: Sequence[str]) -> Cells:
    """The same sums over strata of fewer parts, without reading anything again."""
    places = [found.asked.alike.index(name) for name in found.asked.alike if name in alike]
    keys = [tuple(stratum[place] for place in places) for stratum in found.strata]
    strata = tuple(dict.fromkeys(keys))
    places_of = {key: place for place, key in enumerate(strata)}
    places_now = np.array([places_of[key] for key in keys], dtype=np.int64)
    onto = np.zeros((len(keys), len(strata)))
    onto[np.arange(len(keys)), places_now] = 1.0
    kept = tuple(name for name in found.asked.alike if name in alike)
    return Cells(
        replace(found.asked, alike=kept), found.read, found.groups, strata, found.ids, places_now[found.onto],
        *(sums @ onto for sums in (found.n, found.total, found.squares, found.all_n, found.all_total, found.all_squares)),
    )  # fmt: skip


def weights(found: Cells) -> tuple[Array, Array]:
    """The weight of each stratum for each group, adding up to 1, and the share of all conversations they stand for.

    A stratum weighs what it weighs in the whole scope; one with fewer than FEWEST rows of the group, or of the others,
    is not compared. Without any stratum the weights are 0.
    """
    can = (found.n >= FEWEST) & (found.all_n - found.n >= FEWEST)
    kept = np.where(can, found.all_n, 0.0)
    sums = kept.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(sums > 0, kept / sums, 0.0)
        return shares, sums[:, 0] / found.all_n.sum() if len(found.all_n) else sums[:, 0]


def clustered(version: Version, found: Cells, mean: Array, weight: Array) -> tuple[Array, Array, Array]:
    """By group: variance of the weighted sum of residuals by customer, the design effect of its plain mean, its customers.

    `mean` and `weight` are by cell: u = sum of weight x (y - mean) over a customer's rows, and the variance is the sum
    of u squared, times C / (C - 1): rows of one customer resemble each other. The design effect says how many times wider
    that makes the variance of the group's mean as it is. Customers are put together in parcels in a very large scope
    (metrics/tally.py).
    """
    sql, params = rows(found.read)
    keys = ", ".join(["grp", *found.read.parts])
    held = np.nonzero(found.ids)
    n = found.n.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = found.total.sum(axis=1) / n
        alone = (found.squares.sum(axis=1) - n * plain**2) / n / np.maximum(n - 1, 1)
    cell_of = (held[0], found.onto[held[1]])
    bound = [
        found.ids[held].tolist(),
        mean[cell_of].tolist(),
        weight[cell_of].tolist(),
        plain[held[0]].tolist(),
    ]
    customer = f"cluster % {PARCELS}" if found.all_n.sum() > EXACT_ROWS else "cluster"
    frame = version.query(
        f"""
        WITH facts AS NOT MATERIALIZED ({sql}),
        cells AS (SELECT unnest(?::UBIGINT[]) AS cell, unnest(?::DOUBLE[]) AS mean, unnest(?::DOUBLE[]) AS weight,
            unnest(?::DOUBLE[]) AS plain),
        each AS (SELECT facts.grp, {customer} AS customer, sum(weight * (y - mean)) AS u, sum(y - plain) AS v
            FROM facts JOIN cells ON cells.cell = hash({keys}) GROUP BY ALL)
        SELECT grp, sum(u * u) AS squares, sum(v * v) AS plain_squares, count(*)::DOUBLE AS customers FROM each GROUP BY ALL
        """,
        [*params, *bound],
    )
    sums = {row[0]: row[1:] for row in frame.rows()}
    squares, plain_squares, count = np.array(
        [sums.get(group, (0.0, 0.0, 0.0)) for group in found.groups], dtype=float
    ).reshape(-1, 3).T  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        few = np.where(count > 1, count / (count - 1), np.nan)
        effect = np.nan_to_num(plain_squares / n**2 * few / alone, nan=1.0, posinf=1.0)
    return squares * few, np.clip(effect, 1.0, np.maximum(n, 1.0)), count


def in_words(asked: Asked, stratum: Sequence[Any]) -> str:
    """A stratum as it is named: "unhappy on arrival, refunds, e-mail"."""
    said = [
        MOODS[int(value)] if name == "mood" else str(value).replace("_", " ") or f"{ALIKE[name]} not known"
        for name, value in zip(asked.alike, stratum, strict=True)
    ]
    return ", ".join(said) or "all conversations"


def _summed(version: Version, sql: str, params: Sequence[Any], keys: Sequence[str]) -> pl.DataFrame:
    listed = ", ".join(keys)
    return version.query(
        f"SELECT {listed}, hash({listed}) AS cell, count(*)::DOUBLE AS n, sum(y) AS total, sum(y * y) AS squares"
        f" FROM ({sql}) GROUP BY {listed} ORDER BY {listed}",
        params,
    )


def _matrices(asked: Asked, found: pl.DataFrame, every: pl.DataFrame) -> Cells:
    strata = tuple(dict.fromkeys(every.select(asked.parts).rows())) if asked.parts else ((),)
    places = {stratum: place for place, stratum in enumerate(strata)}
    groups = tuple(dict.fromkeys(found["grp"].drop_nulls().to_list()))
    lines = {group: line for line, group in enumerate(groups)}
    ids = np.zeros((len(groups), len(strata)), np.uint64)
    sums = np.zeros((3, len(groups), len(strata)))
    whole = np.zeros((3, len(strata)))
    names = ["grp", "cell", "n", "total", "squares", *asked.parts]
    for group, cell, *numbers in found.select(names).iter_rows():
        if group is not None:
            line, place = lines[group], places[tuple(numbers[3:])]
            ids[line, place] = cell
            sums[:, line, place] = numbers[:3]
    for _, _, *numbers in every.select(names).iter_rows():
        whole[:, places[tuple(numbers[3:])]] += numbers[:3]
    return Cells(asked, asked, groups, strata, ids, np.arange(len(strata)), *sums, *whole)
