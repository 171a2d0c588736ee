"""The goodwill ledger: what every conversation added to, or took from, each customer's or account's goodwill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import polars as pl

from metrics.totals import Scope, rows_sql
from warehouse.store import Version

Holder = Literal["customer", "account"]
# An account is the helpdesk's own, else that of the table of accounts which the customer's address led to.
_KEY: Final[dict[Holder, str]] = {
    "customer": "f.customer_id",
    "account": "coalesce(f.account_id, listed.account)",
}
_LISTED: Final[dict[Holder, str]] = {
    "customer": "",
    "account": "LEFT JOIN ticket_accounts listed ON listed.source = f.source AND listed.ticket_id = f.ticket_id",
}
# What tells holders apart in a summary: the columns, the one that has to be known, and what is grouped by.
_OF: Final[dict[Holder, tuple[str, str, str]]] = {
    "customer": ("customer_number", "customer_number", "customer_number"),
    "account": (
        f"f.source, {_KEY['account']} AS id,"
        " coalesce(any_value(f.account), any_value(listed.account), any_value(f.account_id)) AS name",
        _KEY["account"],
        f"f.source, {_KEY['account']}",
    ),
}
_TOLD: Final[dict[Holder, str]] = {
    "customer": """
        SELECT listed.*, who.source, who.customer_id AS id, coalesce(people.name, who.customer_id) AS name
        FROM listed JOIN (
            SELECT DISTINCT customer_number, source, customer_id
            FROM ticket_facts SEMI JOIN listed USING (customer_number)) who USING (customer_number)
        LEFT JOIN people ON people.source = who.source AND people.person_id = who.customer_id""",
    "account": "FROM listed",
}

# What the rule of goodwill (metrics/function/trust/goodwill.py) took as the step, the plainest words first.
_MOVED_BY: Final = """CASE WHEN goodwill_step < 0 AND has_words_of_leaving THEN 'has_words_of_leaving'
                WHEN goodwill_step < 0 AND would_warn_others THEN 'would_warn_others'
                WHEN goodwill_step < 0 THEN 'left_worse'
                WHEN goodwill_step > 0 AND said_would_recommend THEN 'said_would_recommend'
                WHEN goodwill_step > 0 THEN 'left_better' END"""


def ledgers(
    version: Version, scope: Scope, holder: Holder = "customer", *, rising: bool = False, limit: int = 20
) -> pl.DataFrame:
    """Who lost most goodwill in the scope, or gained most where `rising`; one row a customer or an account.

    Columns: source, id, name, goodwill (sum of the steps), count_up, count_down, count_conversations (all of the scope),
    count_measured (those whose step is known), last_ended_on. Holders without any known step are left out.
    """
    return _ledgers(version, scope, holder, (rising,), limit)[rising]


def both_ledgers(
    version: Version, scope: Scope, holder: Holder = "customer", *, limit: int = 20
) -> dict[bool, pl.DataFrame]:
    """`ledgers` of both ways, by whether it rises, for little more than one of them."""
    return _ledgers(version, scope, holder, (False, True), limit)


def _ledgers(
    version: Version, scope: Scope, holder: Holder, ways: Sequence[bool], limit: int
) -> dict[bool, pl.DataFrame]:
    chosen, values = rows_sql(scope, "ticket", "ended_at", ())
    # Customers are numbered in the order of their source and id.
    ties = "customer_number" if holder == "customer" else "source, id"
    order = f"goodwill * sign, last_ended_on DESC, {ties}"  # the furthest first, whichever way
    listed = " UNION ALL ".join(
        f"(SELECT *, {sign} AS sign FROM summed WHERE goodwill * {sign} < 0 ORDER BY {order} LIMIT {max(0, int(limit))})"
        for sign in (-1 if rising else 1 for rising in ways)
    )
    found = version.query(
        f"""
        WITH summed AS MATERIALIZED (
            SELECT {_OF[holder][0]}, sum(goodwill_step)::BIGINT AS goodwill, count(*) FILTER (goodwill_step > 0) AS count_up,
                count(*) FILTER (goodwill_step < 0) AS count_down, count(*) AS count_conversations,
                count(goodwill_step) AS count_measured, max(ended_on) AS last_ended_on
            FROM ({chosen}) f {_LISTED[holder]}
            WHERE {_OF[holder][1]} IS NOT NULL
            GROUP BY {_OF[holder][2]} HAVING sum(goodwill_step) <> 0),
        listed AS ({listed})
        {_TOLD[holder]} ORDER BY sign, {order}
        """,
        values,
    ).select("source", "id", "name", pl.exclude("source", "id", "name", "customer_number"))
    return {rising: found.filter(pl.col("sign") == (-1 if rising else 1)).drop("sign") for rising in ways}


def entries(version: Version, source: str, holder: Holder, holder_id: str) -> pl.DataFrame:
    """The conversations of one customer or account, oldest first, with the step of each and the goodwill after it.

    Columns: source, ticket_id, ended_on, goodwill_step (null: not known), goodwill (running sum), moved_by (see `courses`).
    """
    return courses(version, Scope(), holder, [(source, holder_id)]).drop("id")


def courses(
    version: Version, scope: Scope, holder: Holder, holders: Sequence[tuple[str, str]]
) -> pl.DataFrame:
    """`entries` of several holders (source, id) in a scope: their conversations in it, summed up from its beginning.

    Columns: source, id, ticket_id, ended_on, goodwill_step (null: not known), goodwill (running sum), moved_by (the column
    that made the step; null where there was none).
    """
    chosen, values = rows_sql(scope, "ticket", "ended_at", ())
    sources, ids = zip(*holders, strict=True) if holders else ((), ())
    return version.query(
        f"""
        SELECT f.source, {_KEY[holder]} AS id, f.ticket_id, f.ended_on, f.goodwill_step,
            coalesce(sum(goodwill_step) OVER (
                PARTITION BY f.source, {_KEY[holder]} ORDER BY f.ended_at, f.ticket_id), 0)::BIGINT AS goodwill,
            {_MOVED_BY} AS moved_by
        FROM ({chosen}) f {_LISTED[holder]}
        WHERE (f.source, {_KEY[holder]}) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))
        ORDER BY f.source, id, f.ended_at, f.ticket_id
        """,
        [*values, list(sources), list(ids)],
    )
