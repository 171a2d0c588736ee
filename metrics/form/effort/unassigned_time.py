"""Unassigned time: how long a ticket is nobody's."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

unassigned_time = Metric(
    name="unassigned_time",
    title="Unassigned time",
    question="How long does a ticket lie with nobody?",
    rule=(
        "All calendar time without an assignee, from creation to the last time the ticket was solved; of an unsolved ticket up to"
        " the as-of instant. The median takes in tickets that are still with nobody: their time is still running."
    ),
    leaves_out=(
        "Tickets without a history of their changes, tickets that have an assignee though their history names none, and merged,"
        " deleted, spam and test tickets. Being with a team and no agent is being with nobody."
    ),
    columns=(
        Column(
            name="unassigned_minutes",
            title="Unassigned time",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Calendar minutes without an assignee.",
            open_column="is_unassigned_now",
        ),
        Column(
            name="is_unassigned_now",
            title="Unassigned now",
            unit="share",
            total="share",
            better="lower",
            about="The ticket is unsolved and with nobody.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="created_at",
    facts="""
        WITH ends AS (
            SELECT ticket.source, ticket.ticket_id, ticket.created_at, agent_id,
                coalesce(status IN ('solved', 'closed'), false) AS is_solved,
                CASE WHEN is_solved THEN solved_at ELSE moment.as_of END AS end_at
            FROM tickets_clean ticket, moment WHERE ticket.left_out IS NULL),
        told_by AS (SELECT DISTINCT source FROM events WHERE field = 'agent'),
        followed AS (SELECT DISTINCT source, ticket_id FROM events SEMI JOIN told_by USING (source)),
        held AS (
            SELECT source, ticket_id, coalesce(sum(epoch_us(least(span.ended_at, end_at)) - epoch_us(span.started_at))
                    FILTER (holder_id IS NULL AND span.started_at < end_at), 0) / 6e7 AS minutes,
                arg_max({{'holder': holder_id}}, span_number).holder IS NULL AS is_nobodys
            FROM holder_spans span JOIN ends USING (source, ticket_id) WHERE field = 'agent' GROUP BY ALL),
        told AS (
            SELECT ends.source, ends.ticket_id, is_solved, end_at IS NOT NULL AND (held.source IS NOT NULL
                OR followed.source IS NOT NULL AND agent_id IS NULL AND end_at >= ends.created_at) AS is_known,
                coalesce(minutes, (epoch_us(end_at) - epoch_us(ends.created_at)) / 6e7) AS minutes,
                coalesce(is_nobodys, true) AS is_nobodys
            FROM ends LEFT JOIN held USING (source, ticket_id) LEFT JOIN followed USING (source, ticket_id))
        SELECT source, ticket_id, CASE WHEN is_known THEN minutes END AS unassigned_minutes,
            CASE WHEN is_known THEN is_nobodys AND NOT is_solved END AS is_unassigned_now
        FROM told
    """,
    needs=frozenset({Capability.TICKETS, Capability.AGENT_EVENTS}),
    unlock="Export the history of who had each ticket: the audit log or ticket events.",
)
