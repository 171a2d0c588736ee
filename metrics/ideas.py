"""The ideas customers offered, each with its words and what became of it."""

from __future__ import annotations

import threading
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

import polars as pl

from metrics import registry
from metrics.conversations import scope_sql
from metrics.reviews import standing
from metrics.reviews import state as reviews_state
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
UNHEARD: Final[tuple[Fate, ...]] = ("passed_over", "no_reply")
MEASURE: Final = "unheard_suggestion"

# By version, with the state of the reviews that it was read with; a published version never changes.
_kept: WeakKeyDictionary[Version, tuple[str, pl.DataFrame]] = WeakKeyDictionary()
_keeping = threading.Lock()


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

    Columns: source, suggestion_id, ticket_id, message_id, team, channel, dated_on, fate (a key of FATES), quote (the idea in the
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
        SELECT c.source, c.suggestion_id, c.ticket_id, c.message_id, c.team, c.channel, c.dated_on, c.fate, c.count_all,
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


def every(version: Version) -> pl.DataFrame:
    """Every idea of the data that nobody marked wrong, in the order in which they were said; kept for this version.

    Columns: source, suggestion_id, ticket_id, message_id, start, end, team, channel, customer (the id, else the idea's own),
    customer_name, account, value (a year's revenue of the account), currency, tier (each null where not known), dated_on,
    said_at, fate (a key of FATES), quote, reply (the agent's words that heard or passed over it; null without).
    """
    state = reviews_state(version)
    with _keeping:
        known = _kept.get(version)
    if known is None or known[0] != state:
        known = (state, _every(version))
        with _keeping:
            _kept[version] = known
    return known[1]


def _every(version: Version) -> pl.DataFrame:
    stands, params = standing(version)
    return version.query(
        f"""
        WITH {stands}, found AS (
            SELECT e.* FROM standing e WHERE e.measure = '{MEASURE}' AND e.kind IN ('found', 'found_in_survey')
        ), replies AS (
            SELECT e.source, e.ticket_id, e.refers_to_message AS message_id, e.kind,
                   arg_min({_slice("e", "w")}, (w.created_at, e."start")) AS reply
            FROM standing e JOIN turns w USING (source, ticket_id, message_id)
            WHERE e.measure = '{MEASURE}' AND e.kind IN ('heard', 'passed_over') GROUP BY ALL
        ), called AS (SELECT source, person_id, any_value(name) AS name FROM people GROUP BY ALL)
        SELECT s.source, s.suggestion_id, s.ticket_id, s.message_id, e."start", e."end", s.team, s.channel,
               coalesce(s.customer_id, s.suggestion_id) AS customer, p.name AS customer_name,
               coalesce(a.account, s.account, s.account_id) AS account, a.account_value AS value,
               a.account_currency AS currency, a.account_tier AS tier, {_day("s")} AS dated_on, w.created_at AS said_at,
               CASE {" ".join(f"WHEN {test} THEN '{name}'" for name, test in FATES.items())} END AS fate,
               {_slice("e", "w")} AS quote, r.reply
        FROM suggestion_facts s
        JOIN found e ON e.source = s.source AND e.ticket_id = s.ticket_id AND e.message_id = s.message_id
            AND e.ticket_id || '/' || e.message_id || ':' || e."start" = s.suggestion_id
        JOIN turns w ON w.source = s.source AND w.ticket_id = s.ticket_id AND w.message_id = s.message_id
        LEFT JOIN ticket_accounts a ON a.source = s.source AND a.ticket_id = s.ticket_id
        LEFT JOIN called p ON p.source = s.source AND p.person_id = s.customer_id
        LEFT JOIN replies r ON r.source = s.source AND r.ticket_id = s.ticket_id AND r.message_id = s.message_id
            AND r.kind = CASE WHEN s.is_passed_over THEN 'passed_over' WHEN s.is_unheard = false THEN 'heard' END
        ORDER BY w.created_at, s.source, s.suggestion_id
        """,
        params,
    )


def among(version: Version, scope: Scope, text: str = "") -> pl.DataFrame:
    """Which ideas are in a scope with these words in their message: columns source, suggestion_id."""
    where, params = _where(scope, None, text)
    return version.query(f"SELECT s.source, s.suggestion_id FROM suggestion_facts s WHERE {where}", params)


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
