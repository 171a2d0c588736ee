"""Where the mood turned: the sentences at which customers' moods moved most, either way."""

from __future__ import annotations

import polars as pl

from metrics.conversations import scope_sql
from metrics.reviews import standing
from metrics.totals import Scope
from warehouse.store import Version

LEAST_LETTERS = 12  # of a sentence that is shown: "Ok." says nothing to who reads it alone


def turning_points(version: Version, scope: Scope, limit: int = 5) -> pl.DataFrame:
    """The sentences at which the mood rose most, and those at which it fell most, in the conversations that ended in the scope.

    Columns: source, ticket_id, team, channel, value (half the move of the mood; above 0 it rose), quote; what rose most
    first, then what fell most, so many of each. A sentence that a person marked wrong is left out.
    """
    stands, gone = standing(version)
    where, values = scope_sql(scope, "f.ended_on")
    order = "round(value, 6) * way DESC, ended_on DESC, source, ticket_id"
    furthest = " UNION ALL ".join(
        f"(SELECT *, {way} AS way FROM turned WHERE value * {way} > 0 ORDER BY {order} LIMIT {max(0, int(limit))})"
        for way in (1, -1)
    )
    # The words are looked up for the few that are listed: joined before, those of every conversation would be read.
    return version.query(
        f"""
        WITH {stands},
        turned AS MATERIALIZED (
            SELECT f.source, f.ticket_id, f.team, f.channel, f.ended_on, e.value, e.message_id, e."start", e."end"
            FROM ticket_facts f JOIN standing e USING (source, ticket_id)
            WHERE {where} AND e.measure = 'sentiment_shift' AND e.kind = 'turning_point'
                AND e."end" - e."start" >= {LEAST_LETTERS}),
        listed AS MATERIALIZED ({furthest})
        SELECT source, ticket_id, team, channel, value, trim(substring(w.text, l."start" + 1, l."end" - l."start")) AS quote
        FROM listed l JOIN turns w USING (source, ticket_id, message_id) ORDER BY way DESC, {order}
        """,
        [*gone, *values],
    )
