"""Does form tell which conversations went well: for each score the chance that it puts one that did above one that did not.

That chance is the area under the ROC curve (metrics/contrast/roc.py): 0.5 is no better than a coin. An association: it says
nothing about what makes conversations go well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from metrics import registry
from metrics.contrast import asked
from metrics.contrast.difference import holm
from metrics.contrast.roc import areas_sql, interval, value_sql, variance
from metrics.measure import Unit
from metrics.tally import EXACT_ROWS
from metrics.totals import Scope, rows_sql
from warehouse.store import Version

LEAST_OF_EACH: Final = 10  # conversations that went well, and that did not
SAMPLED: Final = (
    200_000  # conversations at most: above that, a share of the customers, the same ones each time
)
POINTS: Final = 60  # of a curve

Tells = Literal["tells", "other way", "chance", "too few", "all alike"]

# How often a score falls: from the ticket's own facts, or from the rows of another grain folded to one value a ticket.
_TICKET: Final = (
    "is_satisfied",
    "resolution_minutes",
    "first_resolution_minutes",
    "requester_wait_minutes",
    "total_reply_minutes",
    "handle_minutes",
    "count_replies_to_solve",
    "is_one_touch",
    "is_first_contact_resolution",
    "is_reopened",
    "count_handoffs",
)
_OPEN: Final = {"requester_wait_minutes": "is_requester_wait_open"}  # of these the value is not known yet
_FOLDED: Final = {
    "nps_net": (
        "survey_facts",
        "SELECT ticket_source AS source, ticket_id, avg(nps_net) AS value FROM survey_facts"
        " WHERE (ticket_source, ticket_id) IN (SELECT (source, ticket_id) FROM known) AND nps_net IS NOT NULL GROUP BY ALL",
    ),
    "ces_ease": (
        "survey_facts",
        "SELECT ticket_source AS source, ticket_id, avg(ces_ease) AS value FROM survey_facts"
        " WHERE (ticket_source, ticket_id) IN (SELECT (source, ticket_id) FROM known) AND ces_ease IS NOT NULL GROUP BY ALL",
    ),
    "first_reply_minutes": (
        "wait_facts",
        "SELECT source, ticket_id, min(first_reply_minutes) AS value FROM wait_facts"
        " WHERE is_first AND NOT is_open AND first_reply_minutes IS NOT NULL"
        " AND (source, ticket_id) IN (SELECT (source, ticket_id) FROM known) GROUP BY ALL",
    ),
    "is_sla_met": (
        "sla_facts",
        "SELECT source, ticket_id, min(is_sla_met::INT) AS value FROM sla_facts"
        " WHERE is_sla_met IS NOT NULL AND (source, ticket_id) IN (SELECT (source, ticket_id) FROM known) GROUP BY ALL",
    ),
}
ORDER: Final = (
    "is_satisfied", "nps_net", "ces_ease", "first_reply_minutes", "total_reply_minutes", "requester_wait_minutes",
    "first_resolution_minutes", "resolution_minutes", "handle_minutes", "count_replies_to_solve", "is_one_touch",
    "is_first_contact_resolution", "is_reopened", "count_handoffs", "is_sla_met",
)  # fmt: skip


@dataclass(frozen=True)
class Well:
    """What "went well" means: a title, its rule in words, the SQL that says so (null: not known), and what it is made of."""

    title: str
    rule: str
    sql: str
    uses: tuple[str, ...]


WELL: Final[dict[str, Well]] = {
    "well": Well(
        "Left better, or confirmed",
        "the customer left better than they came, or said that it is solved, and neither left worse nor warned others;"
        " of the others it is known that they did not. Who said nothing after our answer is left out",
        "CASE WHEN left_worse OR would_warn_others THEN false WHEN left_better OR is_ended_confirmed THEN true"
        " WHEN left_better IS NULL THEN NULL ELSE false END",
        ("left_better", "left_worse", "would_warn_others", "is_ended_confirmed"),
    ),
    "better": Well(
        "Left better",
        "the customer's mood after our answer was better than on arrival, beyond what noise makes of it. Who said nothing"
        " after our answer is left out",
        "left_better",
        ("left_better",),
    ),
    "confirmed": Well(
        "Confirmed as solved",
        "the customer said in their own words that it is solved; everything else that could be read did not",
        "is_ended_confirmed",
        ("is_ended_confirmed",),
    ),
}


@dataclass(frozen=True)
class Foretelling:
    """How well one score tells which conversations went well.

    auc above 0.5: those that went well have the better score (more of what is better upward, else less of it, see
    `is_lower_better`). low and high: 95 % interval, by itself. n and n_well: conversations with both; `tells` says what stands
    after correcting for how many scores were looked at.
    """

    column: str
    title: str
    unit: Unit
    is_lower_better: bool
    auc: float | None
    low: float | None
    high: float | None
    chance: float | None
    n: int
    n_well: int
    tells: Tells


@dataclass(frozen=True)
class Foretold:
    """All scores, best first, those that could not be compared last. is_sampled: a share of the customers stands for all."""

    scores: tuple[Foretelling, ...]
    n: int
    n_well: int
    is_sampled: bool

    @property
    def compared(self) -> tuple[Foretelling, ...]:
        """Those with enough conversations."""
        return tuple(one for one in self.scores if one.auc is not None)


def definitions(version: Version) -> dict[str, Well]:
    """The definitions of "went well" that these data allow: all they are made of is there and trusted."""
    known = _columns(version, "ticket_facts")
    return {
        name: well
        for name, well in WELL.items()
        if set(well.uses) <= known and len(asked.told(version, well.uses)) == len(well.uses)
    }


def foretold(version: Version, scope: Scope, well: Well, *, too_few: int = 30) -> Foretold:
    """How well each score tells which conversations of a scope went well.

    A score is compared from `too_few` conversations on with LEAST_OF_EACH that went well and as many that did not. Values of
    times are exact up to EXACT_ROWS conversations, above in steps of one percent.
    """
    counted = version.query(*_counted(scope, well)).row(0, named=True)
    n = int(counted["n"] or 0)
    names = _known_scores(version)
    if not n or not names:
        return Foretold(
            tuple(_told(name, None, too_few) for name in names), n, int(counted["n_well"] or 0), False
        )
    sql, params = _scored(scope, well, names, n)
    found = {row["name"]: row for row in version.query(areas_sql(sql, n > EXACT_ROWS), params).to_dicts()}
    scores = [_told(name, found.get(name), too_few) for name in names]
    return Foretold(tuple(_ordered(_corrected(scores))), n, int(counted["n_well"] or 0), n > SAMPLED)


def curve(version: Version, scope: Scope, well: Well, name: str) -> pl.DataFrame:
    """The ROC curve of a score: for each threshold the share of those that did not go well that it lets pass (others) and of
    those that did (well), from (0, 0) to (1, 1); at most POINTS points, the best scores first.
    """
    start = pl.DataFrame({"others": [0.0], "well": [0.0]})
    if name not in _known_scores(version):
        return start.clear()
    n = int(version.query(*_counted(scope, well)).row(0, named=True)["n"] or 0)
    sql, params = _scored(scope, well, [name], n)
    rows = version.query(
        f"""
        WITH scored AS ({sql}),
        bins AS (SELECT {value_sql(n > EXACT_ROWS)} AS v, sum(y) AS n1, sum(1 - y) AS n0 FROM scored GROUP BY ALL),
        passed AS (
            SELECT sum(n0) OVER w / sum(n0) OVER () AS others, sum(n1) OVER w / sum(n1) OVER () AS well FROM bins
            WINDOW w AS (ORDER BY v DESC)
        )
        SELECT max(others) AS others, max(well) AS well FROM passed
        GROUP BY floor((others + well) / 2 * {POINTS}) ORDER BY others, well
        """,
        params,
    )
    return pl.concat([start, rows.cast(pl.Float64()).drop_nulls()])


def _known_scores(version: Version) -> list[str]:
    """The scores that these facts hold, in the order of ORDER."""
    ticket = _columns(version, "ticket_facts")
    names = registry.names()
    return [
        name
        for name in ORDER
        if name in names
        and (name in ticket if name in _TICKET else name in _columns(version, _FOLDED[name][0]))
    ]


def _columns(version: Version, table: str) -> set[str]:
    return set(
        version.query(
            "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = ?", [table]
        )["column_name"]
    )


def _counted(scope: Scope, well: Well) -> tuple[str, list[Any]]:
    sql, params = rows_sql(scope, "ticket", "ended_at", ())
    return (
        f"SELECT count(well) AS n, count(*) FILTER (well) AS n_well FROM (SELECT {well.sql} AS well FROM ({sql}))",
        params,
    )


def is_lower_better(name: str) -> bool:
    """Whether less of a score is read as better; a time of which the measure says neither is read as the shorter the better."""
    column = registry.find(name)[1]
    return column.better == "lower" or (column.better == "neither" and column.unit == "minutes")


def _scored(scope: Scope, well: Well, names: Sequence[str], n: int) -> tuple[str, list[Any]]:
    """SQL with a row for each score that a conversation has: name, cluster, y (1: went well), value (more is better)."""
    sql, params = rows_sql(scope, "ticket", "ended_at", ())
    sampled = f" AND cluster % 10000 < {max(1, 10_000 * SAMPLED // n)}" if n > SAMPLED else ""
    own = [name for name in names if name in _TICKET]
    parts = []
    for name in names:
        sign = "-" if is_lower_better(name) else ""
        if name in own:
            is_open = f" AND NOT coalesce({_OPEN[name]}, false)" if name in _OPEN else ""
            parts.append(
                f"SELECT '{name}' AS name, cluster, y, {sign}{name}::DOUBLE AS value FROM known WHERE {name} IS NOT NULL{is_open}"
            )
        else:
            parts.append(
                f"SELECT '{name}' AS name, cluster, y, {sign}f.value::DOUBLE AS value FROM known"
                f" JOIN ({_FOLDED[name][1]}) f USING (source, ticket_id)"
            )
    needed = ", ".join(
        ["source", "ticket_id", "cluster", *own, *(_OPEN[name] for name in own if name in _OPEN)]
    )
    known = (
        f"SELECT {needed}, well::INT AS y FROM (SELECT *, {well.sql} AS well FROM ({sql}))"
        f" WHERE well IS NOT NULL{sampled}"
    )
    return f"WITH known AS MATERIALIZED ({known}) {' UNION ALL '.join(parts)}", params


def _told(name: str, row: dict[str, Any] | None, too_few: int) -> Foretelling:
    column = registry.find(name)[1]
    m, n = (int(row["m"] or 0), int(row["n"] or 0)) if row else (0, 0)
    about = (name, column.title, column.unit, is_lower_better(name))
    if row is None or m + n < too_few or min(m, n) < LEAST_OF_EACH:
        return Foretelling(*about, None, None, None, None, m + n, m, "too few")
    if not row["is_parted"]:
        return Foretelling(*about, None, None, None, None, m + n, m, "all alike")
    low, high, chance = interval(row["auc"], variance(row))
    return Foretelling(*about, row["auc"], low, high, chance, m + n, m, "chance")


def _corrected(scores: Sequence[Foretelling]) -> list[Foretelling]:
    """What stands after correcting for how many scores were looked at."""
    looked = [one for one in scores if one.chance is not None]
    stands = dict(
        zip((one.column for one in looked), holm([one.chance or 0.0 for one in looked]), strict=True)
    )
    return [
        Foretelling(**{**one.__dict__, "tells": "tells" if (one.auc or 0) > 0.5 else "other way"})
        if stands.get(one.column)
        else one
        for one in scores
    ]


def _ordered(scores: Sequence[Foretelling]) -> list[Foretelling]:
    return sorted(scores, key=lambda one: (one.auc is None, -(one.auc or 0.0)))
