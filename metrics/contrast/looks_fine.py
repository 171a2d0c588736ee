"""Tickets that look fine by every score and aren't by what the customer said or met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from metrics.measure import Capability, Column, Derived
from metrics.totals import Scope, rows_sql
from metrics.wording import say
from warehouse.settings import LooksFine
from warehouse.store import Version

# Left worse and unhappy after our answer are one family: both hear the same sentences.
REASONS: Final = {
    "is_red_warning": "said they would warn others",
    "is_red_mood": "left worse than they came, or unhappy after our answer",
    "is_red_wait": "waited very long for an answer",
    "is_red_idea": "an idea of theirs went unanswered",
}

_RULE: Final = (
    "Looks fine: solved or closed, not reopened (where that is known), the first reply within {first_reply} "
    "(where the customer wrote first), and not rated bad (rated good, or not rated). "
    "Isn't: the customer said they would warn others, or at least two of these three: "
    "the customer left worse than they came or was unhappy after our answer (mood below {unhappy}); they "
    "waited longer than {wait} for an answer; an idea of theirs went unanswered."
)

# How a threshold is named where people change it; in heard.toml it has the same name.
REPLY, UNHAPPY, WAIT = "first_reply_within_hours", "unhappy_below", "longest_wait_hours"


def _restated(facts: str, rules: Mapping[str, float]) -> str:
    """The facts by other thresholds; what is not among `rules` stays as it was built."""
    replaced, waits = [], ""
    if UNHAPPY in rules:
        replaced.append(
            f"CASE WHEN f.is_red_wait IS NULL THEN NULL ELSE f.left_worse OR f.mood_after_answer < {float(rules[UNHAPPY])!r}"
            " END AS is_red_mood"
        )
    if WAIT in rules:
        replaced.append(
            "CASE WHEN f.is_red_wait IS NULL THEN NULL"
            f" ELSE coalesce(f.longest_wait_minutes > {60 * float(rules[WAIT])!r}, false) END AS is_red_wait"
        )
    if REPLY in rules:
        waits = """
            LEFT JOIN (SELECT source, ticket_id, min(calendar_minutes) FILTER (NOT is_open) AS minutes
                FROM reply_waits WHERE is_first GROUP BY ALL) p ON p.source = f.source AND p.ticket_id = f.ticket_id"""
        replaced.append(
            "CASE WHEN f.is_red_wait IS NULL THEN NULL"
            f" ELSE (f.is_outbound OR coalesce(p.minutes <= {60 * float(rules[REPLY])!r}, false))"
            " AND coalesce(NOT f.is_reopened, true) AND coalesce(f.is_satisfied, true) END AS is_looking_fine"
        )
    if not replaced:
        return f"SELECT * FROM {facts}"
    count_red = "coalesce(is_red_mood, false)::INT + is_red_wait::INT + is_red_idea::INT"
    return f"""
        SELECT * REPLACE (
            CASE WHEN is_looking_fine IS DISTINCT FROM true THEN NULL WHEN is_red_warning OR {count_red} >= 2 THEN true
                WHEN is_red_mood IS NULL AND {count_red} = 1 THEN NULL ELSE false END AS looks_fine_isnt
        ) FROM (SELECT f.* REPLACE ({", ".join(replaced)}) FROM {facts} f {waits})
    """


looks_fine = Derived(
    name="looks_fine",
    title="Looks fine, isn't",
    question="Which conversations look fine by every score and aren't?",
    rule=_RULE.format(
        first_reply="the hours of looks_fine.first_reply_within_hours",
        unhappy="looks_fine.unhappy_below",
        wait="the hours of looks_fine.longest_wait_hours",
    ),
    leaves_out="Conversations that are not solved or closed, and those that could not be read. Of those that look fine, "
    "one with a single red sign whose mood could not be followed: a second sign may have gone unheard.",
    columns=(
        Column(
            name="looks_fine_isnt",
            title="Look fine, aren't",
            unit="share",
            total="share",
            better="lower",
            about="Of the conversations that look fine, those that aren't.",
            sql_type="BOOLEAN",
            evidence=("warn", "after_answer", "turning_point", "found"),
        ),
        Column(
            name="is_looking_fine",
            title="Look fine",
            unit="share",
            total="share",
            better="higher",
            about="Ended and readable conversations that look fine by status, reply time, reopening and rating.",
            sql_type="BOOLEAN",
        ),
        *(
            Column(
                name=name,
                title=words[:1].upper() + words[1:],
                unit="share",
                total=None,
                better="lower",
                about=f"A red sign: {words}.",
                sql_type="BOOLEAN",
            )
            for name, words in REASONS.items()
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    restated=_restated,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export tickets with their status and their messages.",
    uses=frozenset(
        {
            "is_satisfied",
            "is_reopened",
            "longest_wait_minutes",
            "left_worse",
            "mood_after_answer",
            "would_warn_others",
            "is_unheard",
        }
    ),
    facts="""
        WITH replies AS (
            SELECT source, ticket_id, min(calendar_minutes) FILTER (NOT is_open) AS first_reply_minutes
            FROM reply_waits WHERE is_first GROUP BY ALL
        ),
        ideas AS (
            SELECT source, ticket_id, bool_or(is_unheard) AS is_unheard FROM suggestion_facts GROUP BY ALL
        ),
        signs AS (
            SELECT t.source, t.ticket_id,
                   t.left_worse OR t.mood_after_answer < {settings.looks_fine.unhappy_below} AS is_red_mood,
                   coalesce(t.longest_wait_minutes > 60 * {settings.looks_fine.longest_wait_hours}, false) AS is_red_wait,
                   coalesce(i.is_unheard, false) AS is_red_idea,
                   t.would_warn_others AS is_red_warning,
                   (t.is_outbound
                        OR coalesce(p.first_reply_minutes <= 60 * {settings.looks_fine.first_reply_within_hours}, false))
                       AND coalesce(NOT t.is_reopened, true) AND coalesce(t.is_satisfied, true) AS is_looking_fine,
                   coalesce(t.status IN ('solved', 'closed'), false) AS is_possible, h.is_readable
            FROM ticket_facts t
            LEFT JOIN heard h ON h.source = t.source AND h.ticket_id = t.ticket_id
            LEFT JOIN replies p ON p.source = t.source AND p.ticket_id = t.ticket_id
            LEFT JOIN ideas i ON i.source = t.source AND i.ticket_id = t.ticket_id
        ),
        counted AS (
            SELECT *, coalesce(is_red_mood, false)::INT + is_red_wait::INT + is_red_idea::INT AS count_red FROM signs
        )
        SELECT source, ticket_id, is_possible, is_looking_fine, is_red_warning, is_red_mood, is_red_wait, is_red_idea,
               CASE WHEN NOT is_looking_fine THEN NULL
                    WHEN is_red_warning OR count_red >= 2 THEN true
                    WHEN is_red_mood IS NULL AND count_red = 1 THEN NULL
                    ELSE false END AS looks_fine_isnt
        FROM counted WHERE is_possible AND is_readable
        UNION ALL BY NAME
        SELECT source, ticket_id, is_possible FROM counted WHERE is_possible AND is_readable IS DISTINCT FROM true
    """,
)


def rule_text(chosen: LooksFine) -> str:
    """The rule in words, with these thresholds."""
    return _RULE.format(
        first_reply=say(chosen.first_reply_within_hours * 60, "minutes"),
        unhappy=say(chosen.unhappy_below, "mood"),
        wait=say(chosen.longest_wait_hours * 60, "minutes"),
    )


def tickets(version: Version, scope: Scope, limit: int = 50) -> pl.DataFrame:
    """The conversations of a scope that look fine and aren't, most red signs first, then the newest.

    Columns: source, ticket_id, team, channel, ended_on, mood_shift, is_rated_good (null: not rated), reasons (list
    of words), longest_wait_minutes, count_all (how many there are without the limit).
    """
    chosen, values = rows_sql(scope, "ticket", "ended_at", ())
    signs = ", ".join(f"coalesce(t.{name}, false) AS {name}" for name in REASONS)
    rows = version.query(
        f"""
        SELECT t.source, t.ticket_id, t.team, t.channel, t.ended_on, t.mood_shift,
               t.is_satisfied AS is_rated_good, t.longest_wait_minutes, {signs}, count(*) OVER () AS count_all
        FROM ({chosen}) t WHERE t.looks_fine_isnt
        ORDER BY {" + ".join(f"{name}::INT" for name in REASONS)} DESC, is_red_warning DESC, t.ended_on DESC,
                 t.source, t.ticket_id
        LIMIT {max(0, int(limit))}
        """,
        values,
    )
    reasons = pl.concat_list(
        pl.when(pl.col(name)).then(pl.lit(words)).otherwise(None) for name, words in REASONS.items()
    ).list.drop_nulls()
    return (
        rows.with_columns(reasons=reasons)
        .drop(list(REASONS))
        .select(
            "source",
            "ticket_id",
            "team",
            "channel",
            "ended_on",
            "mood_shift",
            "is_rated_good",
            "reasons",
            "longest_wait_minutes",
            "count_all",
        )
    )
