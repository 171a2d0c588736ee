"""One customer or one account: what is known of them, and their conversations in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from metrics import goodwill
from metrics.contrast.holders import ACCOUNT_KEY, Holder
from metrics.many_quotes import said
from warehouse.errors import NoData
from warehouse.rights import Area
from warehouse.store import Version

_KEY: Final[dict[Holder, str]] = {"customer": "s.customer_id", "account": ACCOUNT_KEY}


@dataclass(frozen=True)
class About:
    """What is known of a customer or an account; null where it is not. value is a year's, in currency."""

    source: str
    holder_id: str
    name: str
    account: str | None
    account_id: str | None  # by which the account is found; null where there is none
    value: float | None
    currency: str | None
    tier: str | None
    renewal_on: date | None
    churned_on: date | None
    count_conversations: int
    count_customers: int
    first_on: date | None
    last_on: date | None


def about(version: Version, holder: Holder, holder_id: str, source: str | None = None) -> About:
    """What is known of a holder, of that source or of the one with most of its conversations.

    The account is that of the latest conversation that has one. Raises NoData where there is no such holder, NotAllowed.
    """
    version.rights.check(Area.CUSTOMERS)
    rows = version.query(
        f"""
        WITH own AS (
            SELECT s.source, s.ticket_id, s.customer_id, coalesce(s.ended_at, s.created_at) AS met_at, s.created_on, s.ended_on,
                coalesce(s.account, a.account) AS account, {ACCOUNT_KEY} AS account_id, a.account_value, a.account_currency,
                a.account_tier, a.account_renewal_at, a.account_churned_at
            FROM ticket_facts s LEFT JOIN ticket_accounts a USING (source, ticket_id)
            WHERE {_KEY[holder]} = ? AND (?::VARCHAR IS NULL OR s.source = ?)),
        summed AS (
            SELECT source, count(*) AS count_conversations, count(DISTINCT customer_id) AS count_customers,
                any_value(customer_id) AS customer_id, min(created_on) AS first_on, max(coalesce(ended_on, created_on)) AS last_on,
                arg_max({{'account': account, 'account_id': account_id, 'value': account_value, 'currency': account_currency,
                    'tier': account_tier, 'renewal_on': account_renewal_at::DATE, 'churned_on': account_churned_at::DATE}},
                    (met_at, ticket_id)) FILTER (account_id IS NOT NULL) AS known
            FROM own GROUP BY source)
        SELECT summed.source, people.name, known.account, known.account_id, known.value, known.currency, known.tier,
            known.renewal_on, known.churned_on, count_conversations, count_customers, first_on, last_on
        FROM summed LEFT JOIN people ON people.source = summed.source AND people.person_id = summed.customer_id
        ORDER BY count_conversations DESC, summed.source LIMIT 1
        """,
        [holder_id, source, source],
    ).to_dicts()
    if not rows:
        raise NoData(
            f"There is no {holder} {holder_id!r} with a conversation.",
            fix="choose one from the list of customers",
        )
    row = rows[0]
    name = row.pop("name") if holder == "customer" else row["account"]
    row.pop("name", None)
    return About(holder_id=holder_id, name=name or holder_id, **row)


def tickets(version: Version, holder: Holder, source: str, holder_id: str) -> pl.DataFrame:
    """All conversations of a holder, oldest first, with what each did to their goodwill.

    Columns: source, ticket_id, ended_on, goodwill_step (null: not known), goodwill (running sum), moved_by, subject, team,
    channel, dated_on (ended, else created), customer_id, mood_on_arrival, mood_after_answer, is_satisfied, is_gone_quiet,
    is_turned_around.
    """
    version.rights.check(Area.CUSTOMERS)
    entries = goodwill.entries(version, source, holder, holder_id)
    more = version.query(
        """
        SELECT f.source, f.ticket_id, t.subject, f.team, f.channel, coalesce(f.ended_on, f.created_on) AS dated_on, f.customer_id,
            f.mood_on_arrival, f.mood_after_answer, f.is_satisfied, f.is_gone_quiet, f.is_turned_around
        FROM ticket_facts f LEFT JOIN tickets_clean t USING (source, ticket_id)
        WHERE f.source = ? AND f.ticket_id IN (SELECT unnest(?::VARCHAR[]))
        """,
        [source, entries["ticket_id"].to_list()],
    )
    return entries.join(more, on=["source", "ticket_id"], how="left", maintain_order="left")


def moving_sentences(version: Version, rows: pl.DataFrame) -> dict[tuple[str, str], str]:
    """The sentence by which each of these conversations moved goodwill; of those that moved it and have one."""
    asked = [
        (source, ticket, column)
        for source, ticket, column in rows.select("source", "ticket_id", "moved_by").iter_rows()
        if column is not None
    ]
    return {key[:2]: quote.text for key, quote in said(version, asked).items() if quote.text}
