"""The ideas customers offered, each with its words and what became of it."""

from __future__ import annotations

from typing import Any, Final, Literal

import polars as pl

from metrics import registry
from metrics.conversations import scope_sql
from metrics.reviews import standing
from metrics.totals import Scope
from warehouse.store import Version

Fate = Literal["passed_over", "no_reply", "heard", "survey"]

# What became of an idea, in the order in which they are worth reading.
FATES: Final[dict[Fate, str]] = {
    "passed_over": "s.is_passed_over",
    "no_reply": "s.is_without_reply",
    "heard": "s.is_unheard = false",
    "survey": "s.is_unheard IS NULL",
}
MEASURE: Final = "unheard_suggestion"


def ideas(
    version: Version,
    scope: Scope,
    fate: Fate | None = None,
    *,
    text: str = "",
    limit: int = 25,
    offset: int = 0,
) -> pl.DataFrame:
    """The ideas of a scope with that fate (None: all), the unanswered first, then the newest; none that a person marked wrong.

    Columns: source, ticket_id, message_id, team, channel, dated_on, fate (a key of FATES), quote (the idea in the
    customer's words), reply (the agent's words that heard it, or the sentence that passed over it; null without),
    count_all (how many there are without the limit).
    """
    stands, params = standing(version)
    where, values = _where(scope, fate, text)
    return version.query(
        f"""
        WITH {stands}, chosen AS (
            SELECT s.source, s.ticket_id, s.message_id, s.suggestion_id, s.team, s.channel, {_day("s")} AS dated_on,
                   CASE {" ".join(f"WHEN {test} THEN '{name}'" for name, test in FATES.items())} END AS fate,
                   e."start", e."end", count(*) OVER () AS count_all
            FROM suggestion_facts s
            JOIN standing e ON e.source = s.source AND e.ticket_id = s.ticket_id AND e.measure = '{MEASURE}'
                AND e.kind IN ('found', 'found_in_survey') AND e.ticket_id || '/' || e.message_id || ':' || e."start" = s.suggestion_id
            WHERE {where}
        ), replies AS (
            SELECT e.source, e.ticket_id, e.refers_to_message AS message_id, e.kind,
                   arg_min({_slice("e", "w")}, (w.created_at, e."start")) AS reply
            FROM standing e JOIN turns w USING (source, ticket_id, message_id)
            WHERE e.measure = '{MEASURE}' AND e.kind IN ('heard', 'passed_over') GROUP BY ALL
        )
        SELECT c.source, c.ticket_id, c.message_id, c.team, c.channel, c.dated_on, c.fate, c.count_all,
               {_slice("c", "w")} AS quote, r.reply
        FROM chosen c
        JOIN turns w ON w.source = c.source AND w.ticket_id = c.ticket_id AND w.message_id = c.message_id
        LEFT JOIN replies r ON r.source = c.source AND r.ticket_id = c.ticket_id AND r.message_id = c.message_id
            AND r.kind = c.fate
        ORDER BY list_position({list(FATES)}, c.fate), c.dated_on DESC, c.source, c.ticket_id, c.suggestion_id
        LIMIT {int(limit)} OFFSET {max(0, int(offset))}
        """,
        [*params, *values],
    )


def counts(version: Version, scope: Scope) -> dict[Fate, int]:
    """How many ideas of a scope were read with which fate; a fate without any is 0. Marks of people change no count."""
    where, params = _where(scope, None, "")
    sums = ", ".join(f"count(*) FILTER (WHERE {test}) AS {name}" for name, test in FATES.items())
    row = version.query(f"SELECT {sums} FROM suggestion_facts s WHERE {where}", params).to_dicts()[0]
    return {name: int(row[name]) for name in FATES}


def _where(scope: Scope, fate: Fate | None, text: str) -> tuple[str, list[Any]]:
    where, params = scope_sql(scope, _day("s"), "s")
    if fate is not None:
        where += f" AND coalesce({FATES[fate]}, false)"
    if text.strip():
        where += (
            " AND EXISTS (SELECT 1 FROM turns t WHERE t.source = s.source AND t.ticket_id = s.ticket_id"
            " AND t.message_id = s.message_id AND contains(lower(t.text), lower(?)))"
        )
        params.append(text.strip())
    return where, params


def _day(alias: str) -> str:
    return f"{alias}.{registry.measure(MEASURE).dated_by.removesuffix('_at')}_on"


def _slice(evidence: str, turn: str) -> str:
    """The words of a span; DuckDB counts characters from 1."""
    return f'substring({turn}.text, {evidence}."start" + 1, {evidence}."end" - {evidence}."start")'
