"""When a customer or an account counts as at risk: a stated rule over what customers said and met.

What a customer said, how they left and a promise that was broken count until a later conversation leaves them better, has
them recommend us or turns them around; an idea that nobody answered and a silence are not undone by a better mood. The rule
makes a list to work through, not a forecast: metrics/contrast/foretold.py tells how far such words went with leaving here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from metrics.contrast import asked
from metrics.contrast.holders import ACCOUNT_KEY, NOW, Holder, without_corrected
from metrics.totals import Scope, rows_sql
from warehouse.store import Version

RENEWAL_DAYS: Final = 90
RENEWING: Final = f"renewal within {RENEWAL_DAYS} days"
RENEW: Final = f"renew within {RENEWAL_DAYS} days"


@dataclass(frozen=True)
class Reason:
    """A reason for being at risk: its words, the column it is read from, and the SQL of a conversation that has it."""

    name: str
    words: str
    of_many: str  # after a number
    column: str
    sql: str
    is_enough: bool  # it needs no second one
    is_turned: bool = True  # a later conversation that went well takes it away
    least: int = 1  # conversations that must have it
    quoted: str = ""  # the column whose sentence is shown, where it is another

    @property
    def shown_by(self) -> str:
        """The column whose sentence speaks for it."""
        return self.quoted or self.column


REASONS: Final = (
    Reason(
        "leaving", "said they would leave", "said they would leave", "has_words_of_leaving",
        "has_words_of_leaving AND NOT coalesce(is_turned_around, false)", is_enough=True,
    ),
    Reason("warning", "would warn others", "would warn others", "would_warn_others", "would_warn_others", is_enough=True),
    Reason("worse", "left worse twice or more", "left worse twice or more", "left_worse", "left_worse", is_enough=True, least=2),
    Reason("quiet", "gone quiet", "have gone quiet", "is_gone_quiet", "is_gone_quiet", is_enough=True, is_turned=False, quoted="left_worse"),
    Reason("promise", "a promise was broken", "met a broken promise", "share_promises_broken", "share_promises_broken > 0", is_enough=False),
    Reason("idea", "an idea went unanswered", "had an idea that nobody answered", "is_unheard", "is_unheard", is_enough=False, is_turned=False),
)  # fmt: skip
_FACTS: Final = (
    "source, ticket_id, ticket_number, customer_number, goodwill_step, is_turned_around,"
    " has_words_of_leaving, would_warn_others, left_worse, is_gone_quiet, share_promises_broken"
)

_UP: Final = "goodwill_step > 0 OR is_turned_around"  # a conversation that turns what came before it


def reasons(version: Version) -> tuple[Reason, ...]:
    """The reasons in force: those whose signal may be told (metrics/contrast/asked.py)."""
    trusted = asked.told(version, [one.column for one in REASONS])
    return tuple(one for one in REASONS if one.column in trusted)


def rule_text(version: Version) -> str:
    """The rule in words, with the reasons in force, and those that wait for a check of their signal."""
    inside = reasons(version)
    enough = ", or ".join(one.words for one in inside if one.is_enough)
    half = [*(one.words for one in inside if not one.is_enough), RENEWING]
    waiting = [one.words for one in REASONS if one not in inside]
    rule = (
        f"At risk: {enough}; or two of these: {', '.join(half)}. What was said, and how they left, counts until a later"
        " conversation leaves them better, has them recommend us or turns them around. Who has left already is not at risk."
    )
    return rule + (
        f" Not used until its signal is checked on your data: {', '.join(waiting)}." if waiting else ""
    )


def risky_sql(version: Version, scope: Scope, holder: Holder) -> tuple[str, list[Any]]:
    """SQL (WITH ... ) that ends in `risky`, a row for each holder that meets the rule in the scope, and its values.

    Columns of risky: source, id, account, value, currency, tier, renewal_on, as_of_on, has_left, is_renewing,
    count_conversations, last_on, count_reasons, newest, and <name>_number of each reason in force: the ticket_number of the
    newest conversation that has it (null: not a reason). Tickets are numbered in the order in which they ended.
    """
    inside = reasons(version)
    chosen, params = rows_sql(scope, "ticket", "ended_at", (), _FACTS)
    marks, values = [], list[Any]()
    for one in inside:
        stands, wrong = without_corrected(version, one.column)
        marks.append(f"({one.sql}) AND {stands} AS {one.name}")
        values += wrong
    names = [one.name for one in inside]
    any_sign = " OR ".join(names)
    sums = ", ".join(
        f"count(*) FILTER ({name}) AS {name}_count, max(ticket_number) FILTER ({name}) AS {name}_last"
        for name in names
    )
    kept = ", ".join(
        f"CASE WHEN {_stands(one)} THEN {one.name}_last END AS {one.name}_number" for one in inside
    )
    numbers = [f"{name}_number" for name in names]
    enough = _count([one for one in inside if one.is_enough])
    half = _count([one for one in inside if not one.is_enough])
    sql = f"""
    WITH {NOW},
    chosen AS NOT MATERIALIZED ({chosen}),
    unheard AS (SELECT DISTINCT ticket_number, true AS is_unheard FROM suggestion_facts WHERE is_unheard),
    signs AS MATERIALIZED (
        SELECT customer_number, {sums}
        FROM (
            SELECT ticket_number, customer_number, {", ".join(marks)}
            FROM chosen LEFT JOIN unheard USING (ticket_number) WHERE customer_number IS NOT NULL)
        WHERE {any_sign} GROUP BY customer_number),
    seen AS (
        SELECT customer_number, count(*) AS count_conversations, max(ticket_number) FILTER ({_UP}) AS up_last,
            max(ticket_number) AS ticket_number
        FROM chosen SEMI JOIN signs USING (customer_number) GROUP BY customer_number),
    standing_signs AS (
        SELECT count_conversations, ticket_number, {kept} FROM signs JOIN seen USING (customer_number)),
    customers AS (
        SELECT latest.source, latest.customer_id, coalesce(latest.ended_at, latest.created_at) AS last_at,
            {ACCOUNT_KEY.replace("s.", "latest.")} AS account_key, coalesce(latest.account, a.account) AS account,
            a.account_value AS value, a.account_currency AS currency, a.account_tier AS tier,
            a.account_renewal_at::DATE AS renewal_on, a.account_churned_at AS churned_at, s.count_conversations,
            {", ".join(numbers)}
        FROM (FROM standing_signs WHERE {enough} + {half} > 0) s
        JOIN ticket_facts latest USING (ticket_number)
        LEFT JOIN ticket_accounts a ON a.source = latest.source AND a.ticket_id = latest.ticket_id),
    holders AS ({_HOLDERS[holder].format(both=", ".join(f"max({name}) AS {name}" for name in numbers))}),
    judged AS (
        SELECT *, as_of::DATE AS as_of_on, coalesce(churned_at <= as_of, false) AS has_left,
            coalesce(renewal_on BETWEEN as_of::DATE AND as_of::DATE + {RENEWAL_DAYS}, false) AS is_renewing
        FROM holders, now),
    risky AS (
        SELECT source, id, account, value, currency, tier, renewal_on, as_of_on, has_left, is_renewing, count_conversations,
            last_at::DATE AS last_on, {enough} + {half} + is_renewing::INT AS count_reasons,
            greatest({", ".join(numbers)}) AS newest, {", ".join(numbers)}
        FROM judged WHERE {enough} > 0 OR ({half} > 0 AND {half} + is_renewing::INT > 1))
    """
    return sql, [*params, *values]


# A customer is one row already; an account may have many customers.
_HOLDERS: Final[dict[Holder, str]] = {
    "customer": "SELECT * EXCLUDE (customer_id, account_key), customer_id AS id FROM customers",
    "account": """
        SELECT source, account_key AS id, any_value(account) AS account, max(value) AS value, any_value(currency) AS currency,
            any_value(tier) AS tier, min(renewal_on) AS renewal_on, max(churned_at) AS churned_at,
            sum(count_conversations)::BIGINT AS count_conversations, max(last_at) AS last_at, {both}
        FROM customers WHERE account_key IS NOT NULL GROUP BY source, account_key""",
}


def _stands(one: Reason) -> str:
    enough = f"{one.name}_count >= {one.least}"
    return f"{enough} AND coalesce({one.name}_last > up_last, true)" if one.is_turned else enough


def _count(some: list[Reason]) -> str:
    return "(" + (" + ".join(f"({one.name}_number IS NOT NULL)::INT" for one in some) or "0") + ")"
