"""Whom a survey asked: the one table that every figure about answering and silence is made of.

Everybody whom a survey asked stands in it, filtered alike above and below every line and dated by when they were asked. Where
the data name only the surveys that were answered, nobody knows who was asked; for satisfaction the conversations of the
period that could have been rated then stand in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from metrics.contrast.bounds import Unit
from metrics.measure import Grain
from metrics.reviews import standing
from metrics.totals import Scope, rows_sql
from warehouse.rights import Area
from warehouse.settings import Settings
from warehouse.store import Version

Survey = Literal["csat", "nps"]
UNITS: Final[dict[Survey, Unit]] = {"csat": "share", "nps": "net"}
UNHAPPY: Final = "unhappy"


@dataclass(frozen=True)
class Sort:
    """A sort of conversation: the condition that it meets and the fact column that it is read from."""

    key: str
    title: str
    family: str  # the heading that it stands under; empty: in no table
    condition: str
    column: str


ENDED, LEFT, SAID, WHO = "How it ended", "How they left", "What they said", "Who answered"
SORTS: Final = (
    Sort("confirmed", "Confirmed by the customer", ENDED, "is_ended_confirmed", "is_ended_confirmed"),
    Sort("next_step", "With a next step", ENDED, "is_ended_next_step", "is_ended_next_step"),
    Sort("open", "Left open", ENDED, "is_ended_open", "is_ended_open"),
    Sort("not_known", "Not known", ENDED, "ticket_id IS NOT NULL AND coalesce(is_ended_unknown, true)", "is_ended_unknown"),
    Sort("better", "Better", LEFT, "left_better", "left_better"),
    Sort("same", "The same", LEFT, "left_same", "left_same"),
    Sort("worse", "Worse", LEFT, "left_worse", "left_worse"),
    Sort("no_word", "Wrote nothing after our answer", LEFT, "ticket_id IS NOT NULL AND left_better IS NULL", "left_better"),
    Sort("warned", "Said they'd warn others", SAID, "is_warned", "would_warn_others"),
    Sort("chased", "Had to chase us", SAID, "has_chased", "has_chased"),
    Sort("human", "Humans", WHO, "is_answered_by_human", "is_answered_by_human"),
    Sort("ai", "An AI", WHO, "is_answered_by_ai", "is_answered_by_ai"),
    Sort("bot", "A bot", WHO, "is_answered_by_bot", "is_answered_by_bot"),
    Sort("both", "Humans and a bot", WHO, "is_answered_by_both", "is_answered_by_both"),
    Sort("nobody", "Nobody", WHO, "is_answered_by_nobody", "is_answered_by_nobody"),
)  # fmt: skip
_READ: Final = ("mood_after_answer", "would_warn_others", *dict.fromkeys(sort.column for sort in SORTS))


def is_asked_known(version: Version, survey: Survey) -> bool:
    """Whether the data name those who were asked by this survey and did not answer."""
    return bool(version.query(f"SELECT count(is_{survey}_answered) > 0 FROM survey_facts").item())


def surveys(version: Version) -> tuple[Survey, ...]:
    """The surveys of whose silence something can be told: NPS only where it is known who was asked."""
    row = version.query(
        "SELECT count(is_csat_answered) > 0 OR (SELECT count(is_satisfied) > 0 FROM ticket_facts) AS csat,"
        " count(is_nps_answered) > 0 AS nps FROM survey_facts"
    ).row(0, named=True)
    return tuple(survey for survey in UNITS if row[survey])


def count_asked(version: Version, scope: Scope, survey: Survey, *, with_conversation: bool = False) -> int:
    """About how many were asked: before answers that can not be read are left out. Quick, for it joins nothing."""
    if grain_of(version, survey) == "ticket":
        rows, params = rows_sql(scope, "ticket", "ended_at", (), "ticket_id")
        return int(version.query(f"SELECT count(*) FROM ({rows})", params).item())
    rows, params = rows_sql(scope, "survey", "asked_at", (), f"ticket_id, is_{survey}_answered")
    known = " AND ticket_id IS NOT NULL" if with_conversation else ""
    return int(
        version.query(
            f"SELECT count(*) FROM ({rows}) WHERE is_{survey}_answered IS NOT NULL{known}", params
        ).item()
    )


def grain_of(version: Version, survey: Survey) -> Grain:
    """Whose rows tell who was asked: surveys; where nobody knows who was asked, conversations stand in their place."""
    return "ticket" if survey == "csat" and not is_asked_known(version, survey) else "survey"


def asked_sql(
    version: Version,
    scope: Scope,
    survey: Survey,
    settings: Settings,
    *,
    share: float | None = None,
    also: Sequence[str] = (),
    is_sample: bool = False,
) -> tuple[str, list[Any]]:
    """The first part of a query: a table `asked` of everybody whom the survey asked in the scope, and the values to bind.

    Columns: ticket_source, ticket_id (null: a survey about no conversation), cluster (the customer), chosen_by (a hash),
    is_answered, outcome (1 satisfied or promoter, 0, -1 detractor; null where silent), is_warned (in the conversation,
    survey comments apart), is_unhappy, and what SORTS reads of the ticket's facts (null where not measured), and `also`. An
    answer that can not be read as one is left out. `share` takes only about that share of all, by the hash; `is_sample` only the
    sample of customers (metrics/facts/sample.py), each with its weight. Raises NotAllowed.
    """
    version.rights.check(Area.SILENT)
    known = set(
        version.query("SELECT column_name FROM duckdb_columns() WHERE table_name = 'ticket_facts'")[
            "column_name"
        ]
    )
    facts = ", ".join(
        f"t.{name}" if name in known else f"NULL AS {name}" for name in dict.fromkeys([*_READ, *also])
    )
    chosen = f" AND chosen_by < {int(share * 2**64)}::UBIGINT" if share is not None and share < 1 else ""
    stands, gone = standing(version)
    weight = ", weight" if is_sample else ""
    if grain_of(version, survey) == "ticket":
        columns = "*, hash(source, ticket_id) AS chosen_by"
        rows, params = rows_sql(scope, "ticket", "ended_at", (), columns, is_sample=is_sample)
        possible = "t.csat_is_possible" if "csat_is_possible" in known else "true"
        base = (
            "SELECT t.source AS ticket_source, t.ticket_id, t.cluster, t.chosen_by, t.is_satisfied IS NOT NULL AS is_answered,"
            f" t.is_satisfied::INT AS outcome, {facts}{weight} FROM ({rows}) t WHERE {possible}{chosen}"
        )
    else:
        named = (
            f"ticket_source, ticket_id, ticket_number, cluster, is_{survey}_answered, nps_net,"
            f" hash(source, rating_id) AS chosen_by{weight}"
        )
        rows, params = rows_sql(scope, "survey", "asked_at", (), named, is_sample=is_sample)
        outcome, join = (
            ("t.is_satisfied::INT", "JOIN") if survey == "csat" else ("s.nps_net::INT", "LEFT JOIN")
        )
        base = (
            f"SELECT s.ticket_source, s.ticket_id, s.cluster, s.chosen_by, s.is_{survey}_answered"
            f" AS is_answered, CASE WHEN s.is_{survey}_answered THEN {outcome} END AS outcome, {facts}{weight}"
            f" FROM (SELECT * FROM ({rows}) WHERE is_{survey}_answered IS NOT NULL{chosen}) s"
            f" {join} ticket_facts t USING (ticket_number)"
        )
    sql = f"""
        WITH {stands},
        warned AS (
            SELECT DISTINCT e.source, e.ticket_id FROM standing e
            ANTI JOIN (SELECT source, ticket_id, message_id FROM turn_index WHERE kind = 'survey') w
                USING (source, ticket_id, message_id)
            WHERE e.measure = 'would_recommend' AND e.kind = 'warn'),
        base AS NOT MATERIALIZED ({base}),
        asked AS NOT MATERIALIZED (
            SELECT base.*, coalesce(would_warn_others, false) AND warned.ticket_id IS NOT NULL AS is_warned,
                coalesce(left_worse, false) OR coalesce(mood_after_answer < {settings.trust.unhappy_below!r}, false)
                    OR (coalesce(would_warn_others, false) AND warned.ticket_id IS NOT NULL) AS {UNHAPPY}
            FROM base LEFT JOIN warned ON warned.source = base.ticket_source AND warned.ticket_id = base.ticket_id
            WHERE NOT is_answered OR outcome IS NOT NULL)
    """
    return sql, [*gone, *params]
