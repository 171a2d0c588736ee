"""First contact resolution: solved with one reply, and solved it stayed."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

first_contact_resolution = Metric(
    name="first_contact_resolution",
    title="First contact resolution",
    question="How often does the first answer solve it for good?",
    rule=(
        "Tickets that were solved, had exactly one public reply of a human agent up to {settings.first_contact.within_days} days"
        " after they were first solved, and were not opened again within these days, among all tickets that were solved so long"
        " ago. Before these days have passed nothing is said of a ticket, neither yes nor no."
    ),
    leaves_out=(
        "Tickets that an agent opened, tickets that only a bot answered, tickets without status events or without any message"
        " in the files, tickets in which somebody wrote of whom the files do not say whether they are an agent, and merged,"
        " deleted, spam and test tickets. A new ticket of the same customer does not count against it."
    ),
    columns=(
        Column(
            name="is_first_contact_resolution",
            title="First contact resolution",
            unit="share",
            total="share",
            better="higher",
            about="One reply solved the ticket, and it stayed solved.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="first_solved_at",
    final_after_days="{settings.first_contact.within_days}",
    facts="""
        WITH solved AS (
            SELECT source, ticket_id, has_messages, is_outbound, is_bot_only, first_solved_at,
                first_solved_at + to_days({settings.first_contact.within_days}) AS ripe_at
            FROM tickets_clean WHERE left_out IS NULL),
        written AS (
            SELECT solved.source, solved.ticket_id,
                count_if(turn IS NOT NULL AND role = 'agent' AND coalesce(said.created_at <= ripe_at, true)) AS count_replies,
                bool_or(role IS NULL AND is_public AND kind = 'message') AS has_strangers_words
            FROM turn_index said JOIN solved USING (source, ticket_id) WHERE kind <> 'survey' GROUP BY ALL),
        moved AS (
            SELECT source, ticket_id, min(started_at) FILTER (status_before IN ('solved', 'closed')
                AND status IN ('new', 'open', 'pending', 'hold')) AS reopened_at
            FROM status_spans GROUP BY ALL)
        SELECT solved.source, solved.ticket_id,
            CASE WHEN ripe_at <= moment.as_of AND NOT is_outbound AND NOT is_bot_only AND moved.source IS NOT NULL
                    AND NOT has_strangers_words
                THEN count_replies = 1 AND coalesce(reopened_at > ripe_at, true) END AS is_first_contact_resolution,
            NOT is_outbound AND NOT is_bot_only AND coalesce(first_solved_at <= moment.as_of, false) AS is_possible
        FROM solved CROSS JOIN moment LEFT JOIN written USING (source, ticket_id) LEFT JOIN moved USING (source, ticket_id)
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES, Capability.STATUS_EVENTS}),
    unlock="Export the tickets with their comments, and the status history: the audit log or ticket events.",
)
