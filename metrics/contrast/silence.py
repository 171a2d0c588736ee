"""Customers who have gone quiet: their rhythm before, and their silence since.

Shares by rhythm are not held against each other: the silence that counts is a multiple of a customer's own rhythm, so that
who writes often can be found quiet sooner than who writes seldom.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.contrast.holders import NOW
from metrics.totals import Scope, rows_sql
from warehouse.rights import Area
from warehouse.store import Version

OFTEN_DAYS: Final = 10  # who writes at least every so many days writes about every week
# The pauses between the conversations of some customers, with the median as their rhythm, as the signal takes it.
_RHYTHM: Final = """
    SELECT customer_number, median(pause) / 86400 AS rhythm_days, count(*) AS count_conversations
    FROM (
        SELECT customer_number,
            epoch(created_at) - epoch(lag(created_at) OVER (PARTITION BY customer_number ORDER BY created_at)) AS pause
        FROM ticket_facts SEMI JOIN quiet USING (customer_number) WHERE created_at IS NOT NULL)
    GROUP BY customer_number
"""


def gone_quiet(version: Version, scope: Scope, limit: int = 10) -> pl.DataFrame:
    """The customers whose last conversation ended in the scope and who are silent since, the longest for their rhythm first.

    Columns: source, customer_id, name, ticket_id, ended_on, count_conversations and rhythm_days (median between them) of
    all their conversations, silent_days (up to the as-of instant), count_all, and of all: count_often (who wrote at least every OFTEN_DAYS days),
    all_rhythm_days and all_silent_days (medians). Raises NotAllowed.
    """
    version.rights.check(Area.CUSTOMERS)
    chosen, values = rows_sql(
        scope,
        "ticket",
        "ended_at",
        (),
        "source, ticket_id, customer_id, customer_number, ended_at, ended_on, is_gone_quiet",
    )
    return version.query(
        f"""
        WITH {NOW}, quiet AS (SELECT * FROM ({chosen}) WHERE is_gone_quiet AND customer_id IS NOT NULL),
        rhythm AS ({_RHYTHM}),
        listed AS (
            SELECT q.source, q.customer_id, q.ticket_id, q.ended_on, r.count_conversations, r.rhythm_days,
                (epoch(as_of) - epoch(q.ended_at)) / 86400 AS silent_days, count(*) OVER () AS count_all,
                count(*) FILTER (r.rhythm_days <= {OFTEN_DAYS}) OVER () AS count_often,
                median(r.rhythm_days) OVER () AS all_rhythm_days,
                median((epoch(as_of) - epoch(q.ended_at)) / 86400) OVER () AS all_silent_days
            FROM quiet q JOIN rhythm r USING (customer_number), now
            ORDER BY silent_days / greatest(rhythm_days, 1) DESC, q.source, q.customer_id LIMIT {max(0, int(limit))})
        SELECT listed.*, coalesce(people.name, customer_id) AS name
        FROM listed LEFT JOIN people ON people.source = listed.source AND people.person_id = customer_id
        ORDER BY silent_days / greatest(rhythm_days, 1) DESC, source, customer_id
        """,
        values,
    )
