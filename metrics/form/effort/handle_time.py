"""Handle time: the helpdesk's own figure where it exports one, and beside it an estimate from the words written."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

handle_time = Metric(
    name="handle_time",
    title="Handle time",
    question="How long do we work on a ticket?",
    rule=(
        "The handle time that the helpdesk exported, in minutes. The estimate is a separate figure: the letters of our"
        " public replies at 200 a minute, and of what the customer wrote before our last reply at 1,200 a minute, at most"
        " 5,000 letters of any one message. Time in a status is never taken for work."
    ),
    leaves_out=(
        "For the helpdesk's figure, tickets for which it has none; for the estimate, tickets that we never replied to. The"
        " estimate knows nothing of calls, research and private notes. Merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="handle_minutes",
            title="Handle time",
            unit="minutes",
            total="median",
            better="neither",
            about="The helpdesk's own handle time.",
        ),
        Column(
            name="handle_minutes_estimated",
            title="Handle time, estimated",
            unit="minutes",
            total="median",
            better="neither",
            about="Time to read and write the messages, estimated from their length.",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        WITH letters AS (
            SELECT source, ticket_id, role, turn, least(count_letters, 5000) AS count_letters,
                max(turn) FILTER (role = 'agent') OVER (PARTITION BY source, ticket_id) AS last_reply
            FROM turn_index WHERE turn IS NOT NULL),
        estimated AS (
            SELECT source, ticket_id, coalesce(sum(count_letters) FILTER (role = 'agent'), 0) / 200.0
                + coalesce(sum(count_letters) FILTER (role = 'customer'), 0) / 1200.0 AS minutes
            FROM letters WHERE turn <= last_reply GROUP BY ALL)
        SELECT ticket.source, ticket.ticket_id, ticket.handle_seconds / 60 AS handle_minutes,
            estimated.minutes AS handle_minutes_estimated
        FROM tickets_clean ticket LEFT JOIN estimated USING (source, ticket_id)
        WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS}),
    unlock="Export the helpdesk's handle time as a column handle_seconds; the estimate needs the messages.",
)
