"""How long: times in each status, and the waits of customers for a human's reply."""

from __future__ import annotations

# One row for each time a ticket was in a status, from its status events. A ticket without events has no row. The state
# before the first event is that event's own "old". The last span is_open and ends at the as-of instant; calendar_minutes are
# its length up to there, business_minutes (business.py) the open ones of them.
STATUS_SPANS = """
CREATE OR REPLACE TABLE status_spans AS
WITH changes AS (
    SELECT event.source, event.ticket_id, "at" AS happened_at, coalesce(position, 0) AS position, event_id,
        replace(lower(old), 'on-hold', 'hold') AS old, replace(lower(new), 'on-hold', 'hold') AS status,
        ticket.created_at,
        row_number() OVER (PARTITION BY event.source, event.ticket_id
            ORDER BY happened_at, position, try_cast(event_id AS HUGEINT), event_id) AS place
    FROM events event JOIN tickets_clean ticket USING (source, ticket_id)
    WHERE field = 'status' AND new IS NOT NULL AND "at" IS NOT NULL),
states AS (
    SELECT source, ticket_id, happened_at, place, status FROM changes
    UNION ALL
    SELECT source, ticket_id, created_at, 0, old FROM changes WHERE place = 1 AND old IS NOT NULL AND created_at < happened_at),
moves AS (
    SELECT *, lag(status) OVER ticket AS status_before FROM states
    WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY happened_at, place)
    QUALIFY status IS DISTINCT FROM status_before)
SELECT source, ticket_id, row_number() OVER ticket AS span_number, status, status_before, happened_at AS started_at,
    coalesce(lead(happened_at) OVER ticket, greatest(happened_at, $as_of::TIMESTAMPTZ)) AS ended_at, lead(happened_at) OVER ticket IS NULL AS is_open,
    (epoch_us(least(ended_at, $as_of::TIMESTAMPTZ)) - epoch_us(least(started_at, $as_of::TIMESTAMPTZ))) / 6e7
        AS calendar_minutes
FROM moves
WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY happened_at, place)
"""

# One row for each ticket with status events: its minutes in each status so far, 0 where it never was in one. Of open hours
# nothing is told (null) where the schedule of a part of them is not known. is_running: not solved, closed or deleted, so
# that the minutes may still grow. What happens after the as-of instant has not happened.
STATUS_MINUTES = """
CREATE OR REPLACE TABLE status_minutes AS
SELECT source, ticket_id, arg_max(status, span_number) NOT IN ('solved', 'closed', 'deleted') AS is_running,
    {minutes}
FROM status_spans WHERE started_at <= $as_of::TIMESTAMPTZ GROUP BY ALL
""".format(
    minutes=",\n    ".join(
        f"coalesce(sum(calendar_minutes) FILTER (status = '{status}'), 0) AS {status}_minutes,"
        f" CASE WHEN count(business_minutes) = count(*)"
        f" THEN coalesce(sum(business_minutes) FILTER (status = '{status}'), 0) END AS {status}_business_minutes"
        for status in ("new", "open", "pending", "hold")
    )
)

# One row for each wait of a customer for a human's public reply. Bots, rules and private notes never reply; a ticket that a
# bot solved alone has no wait, since nobody waits for a human there.
# The first wait (is_first) runs from the ticket's creation to the first public words of an agent after the opening
# ones; tickets that an agent opened have none. Without a reply it is open and runs to the as-of instant, also when the
# ticket was solved without one; where somebody wrote of whom the files do not say whether they are an agent, its end is
# 'unknown' and it has no length. What happened after the as-of instant has not happened. Later waits run from the first message of a customer's run to the next reply;
# solving ends the run (end_kind 'solved': no reply was due, so the wait has no length). A last message that nobody
# answered waits (end_kind 'open') while the ticket is known to be unsolved, else its end is 'unknown'.
REPLY_WAITS = """
CREATE OR REPLACE TABLE reply_waits AS
WITH opened AS (
    SELECT source, ticket_id, created_at, is_outbound, status, solved_at FROM tickets_clean
    WHERE left_out IS NULL AND NOT is_bot_only AND has_messages AND created_at <= $as_of::TIMESTAMPTZ),
said AS (FROM turn_index WHERE created_at <= $as_of::TIMESTAMPTZ),
strangers AS (
    SELECT DISTINCT source, ticket_id FROM said WHERE role IS NULL AND is_public AND kind = 'message' AND place > 1),
first_public AS (
    SELECT first.source, first.ticket_id, first.role, first.created_at, first.place > 1 AS is_after_a_note
    FROM turn_index first WHERE first.turn = 0),
replies AS (
    SELECT opened.source, opened.ticket_id, min(reply.created_at) AS replied_at
    FROM opened JOIN first_public USING (source, ticket_id) JOIN said reply USING (source, ticket_id)
    WHERE NOT opened.is_outbound AND reply.turn IS NOT NULL AND reply.role = 'agent'
        AND (reply.created_at >
                CASE WHEN first_public.role = 'customer' THEN first_public.created_at ELSE opened.created_at END
            OR (reply.turn = 0 AND first_public.is_after_a_note))
    GROUP BY ALL),
happened AS (
    SELECT source, ticket_id, created_at AS happened_at, 0 AS comes_after, place, role AS what
    FROM said WHERE turn IS NOT NULL
    UNION ALL
    SELECT source, ticket_id, started_at, 1, span_number, 'solved' FROM status_spans
    WHERE status IN ('solved', 'closed') AND started_at <= $as_of::TIMESTAMPTZ
    UNION ALL
    SELECT source, ticket_id, solved_at, 1, 0, 'solved' FROM opened ANTI JOIN status_spans USING (source, ticket_id)
    WHERE solved_at <= $as_of::TIMESTAMPTZ AND status IN ('solved', 'closed')),
turning AS (
    SELECT *, lag(what) OVER ticket AS what_before FROM happened
    WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY happened_at, comes_after, place)
    QUALIFY what IS DISTINCT FROM what_before),
runs AS (
    SELECT source, ticket_id, happened_at AS started_at, what, lead(what) OVER ticket AS next, lead(happened_at) OVER ticket AS next_at
    FROM turning WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY happened_at, comes_after, place)),
waits AS (
    SELECT opened.source, opened.ticket_id, opened.created_at AS started_at, replies.replied_at, true AS is_first,
        CASE WHEN replies.replied_at IS NOT NULL THEN 'reply' WHEN strangers.ticket_id IS NOT NULL THEN 'unknown'
            ELSE 'open' END AS end_kind
    FROM opened LEFT JOIN replies USING (source, ticket_id) LEFT JOIN strangers USING (source, ticket_id)
    WHERE NOT opened.is_outbound
    UNION ALL
    SELECT runs.source, runs.ticket_id, runs.started_at, CASE WHEN next = 'agent' THEN next_at END, false,
        CASE WHEN next = 'agent' THEN 'reply' WHEN next = 'solved' THEN 'solved'
            WHEN opened.status NOT IN ('solved', 'closed') THEN 'open' ELSE 'unknown' END
    FROM runs JOIN opened USING (source, ticket_id) LEFT JOIN replies USING (source, ticket_id)
    WHERE what = 'customer' AND (opened.is_outbound OR runs.started_at > replies.replied_at))
SELECT source, ticket_id,
    row_number() OVER (PARTITION BY source, ticket_id ORDER BY is_first DESC, started_at) AS wait_number,
    started_at, replied_at, is_first, end_kind = 'open' AS is_open, end_kind,
    CASE WHEN end_kind = 'open' THEN $as_of::TIMESTAMPTZ WHEN replied_at >= started_at THEN replied_at END AS ended_at,
    (epoch_us(ended_at) - epoch_us(started_at)) / 6e7 AS calendar_minutes
FROM waits
"""
