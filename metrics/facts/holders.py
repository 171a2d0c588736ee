"""Who had a ticket when: times with an agent or with nobody, and with each team, from the changes of both."""

from __future__ import annotations

# One row for each time a ticket was with an agent (field 'agent') or a team (field 'team'), from its events; holder_id
# is null while it was with nobody. A ticket without events of that field has no row of it. Before the first change it
# was with that change's own "old", else with nobody, from its creation on. A change to the same holder is none. The last
# span is_open and ends at the as-of instant.
HOLDER_SPANS = """
CREATE OR REPLACE TABLE holder_spans AS
WITH changes AS (
    SELECT event.source, event.ticket_id, event.field, "at" AS happened_at, old, new AS holder_id, ticket.created_at,
        row_number() OVER (PARTITION BY event.source, event.ticket_id, event.field
            ORDER BY happened_at, coalesce(position, 0), try_cast(event_id AS HUGEINT), event_id) AS place
    FROM events event JOIN tickets_clean ticket USING (source, ticket_id)
    WHERE field IN ('agent', 'team') AND "at" IS NOT NULL),
states AS (
    SELECT source, ticket_id, field, happened_at, place, holder_id FROM changes
    UNION ALL
    SELECT source, ticket_id, field, created_at, 0, old FROM changes WHERE place = 1 AND created_at < happened_at),
moves AS (
    SELECT *, lag(holder_id) OVER held AS holder_before, row_number() OVER held = 1 AS is_first FROM states
    WINDOW held AS (PARTITION BY source, ticket_id, field ORDER BY happened_at, place)
    QUALIFY is_first OR holder_id IS DISTINCT FROM holder_before)
SELECT source, ticket_id, field, row_number() OVER held AS span_number, holder_id,
    CASE WHEN NOT is_first THEN holder_before END AS holder_before, happened_at AS started_at,
    coalesce(lead(happened_at) OVER held, greatest(happened_at, $as_of::TIMESTAMPTZ)) AS ended_at,
    lead(happened_at) OVER held IS NULL AS is_open
FROM moves
WINDOW held AS (PARTITION BY source, ticket_id, field ORDER BY happened_at, place)
"""
