"""Handoffs: how often a ticket passes from one agent to another."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

handoffs = Metric(
    name="handoffs",
    title="Handoffs",
    question="How many hands does a ticket pass through?",
    rule=(
        "How many times a ticket came to another agent than the one who had it last, also where nobody had it in between, as a"
        " mean per ticket. The first assignment is no handoff. Beside it how many different agents wrote in the ticket,"
        " private notes included."
    ),
    leaves_out=(
        "Tickets without a history of their changes (for who wrote: without messages, or where an agent's words name nobody),"
        " and merged, deleted, spam and test tickets. Moves between teams are no handoff; they are stations."
    ),
    columns=(
        Column(
            name="count_handoffs",
            title="Handoffs per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Times the ticket came to another agent.",
            sql_type="BIGINT",
        ),
        Column(
            name="is_handed_over",
            title="Handed over",
            unit="share",
            total="share",
            better="lower",
            about="The ticket came to another agent at least once.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="count_agents_writing",
            title="Agents writing per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Different agents who wrote in the ticket, private notes included.",
            sql_type="BIGINT",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        WITH held AS (
            SELECT source, ticket_id, coalesce(lag(holder_id) OVER held <> holder_id, false) AS is_handoff
            FROM holder_spans WHERE field = 'agent' AND holder_id IS NOT NULL
            WINDOW held AS (PARTITION BY source, ticket_id ORDER BY span_number)),
        passed AS (SELECT source, ticket_id, count_if(is_handoff) AS count_handoffs FROM held GROUP BY ALL),
        told_by AS (SELECT DISTINCT source FROM events WHERE field = 'agent'),
        followed AS (SELECT DISTINCT source, ticket_id FROM events SEMI JOIN told_by USING (source)),
        written AS (
            SELECT said.source, said.ticket_id, count(DISTINCT author_id) AS count_agents,
                count(*) = count(author_id) AS is_known
            FROM turn_index said JOIN messages ON messages.source = message_source
                AND messages.ticket_id = message_ticket_id AND messages.message_id = message_own_id
            WHERE said.role = 'agent' AND said.kind IN ('message', 'note') GROUP BY ALL)
        SELECT ticket.source, ticket.ticket_id,
            CASE WHEN followed.source IS NOT NULL THEN coalesce(count_handoffs, 0) END AS count_handoffs,
            CASE WHEN followed.source IS NOT NULL THEN coalesce(count_handoffs, 0) > 0 END AS is_handed_over,
            CASE WHEN has_messages AND coalesce(is_known, true) THEN coalesce(count_agents, 0) END AS count_agents_writing
        FROM tickets_clean ticket LEFT JOIN followed USING (source, ticket_id)
        LEFT JOIN passed USING (source, ticket_id) LEFT JOIN written USING (source, ticket_id)
        WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.AGENT_EVENTS}),
    unlock="Export the history of who had each ticket: the audit log or ticket events.",
)
