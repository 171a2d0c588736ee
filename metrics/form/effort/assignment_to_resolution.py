"""From assignment to resolution: how long an agent needs once the ticket is theirs."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

assignment_to_resolution = Metric(
    name="assignment_to_resolution",
    title="From assignment to resolution",
    question="How long does it take once an agent has the ticket?",
    rule=(
        "Calendar time from the first, and from the last, time that an agent was given the ticket to the last time it was solved;"
        " closed counts where it was never solved."
    ),
    leaves_out=(
        "Tickets that are not solved now, tickets that were given to nobody or only after they were solved, tickets without a"
        " history of their changes, and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="first_assignment_to_resolution_minutes",
            title="From first assignment to resolution",
            unit="minutes",
            total="median",
            better="lower",
            about="Calendar minutes from the first assignment to the last solve.",
        ),
        Column(
            name="last_assignment_to_resolution_minutes",
            title="From last assignment to resolution",
            unit="minutes",
            total="median",
            better="lower",
            about="Calendar minutes from the last assignment to the last solve.",
        ),
    ),
    grain="ticket",
    dated_by="solved_at",
    facts="""
        WITH held AS (
            SELECT source, ticket_id, min(started_at) AS first_at, max(started_at) AS last_at
            FROM holder_spans WHERE field = 'agent' AND holder_id IS NOT NULL GROUP BY ALL)
        SELECT ticket.source, ticket.ticket_id, status IN ('solved', 'closed') AS is_possible,
            CASE WHEN is_possible AND first_at <= solved_at THEN (epoch_us(solved_at) - epoch_us(first_at)) / 6e7 END
                AS first_assignment_to_resolution_minutes,
            CASE WHEN is_possible AND last_at <= solved_at THEN (epoch_us(solved_at) - epoch_us(last_at)) / 6e7 END
                AS last_assignment_to_resolution_minutes
        FROM tickets_clean ticket LEFT JOIN held USING (source, ticket_id) WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.AGENT_EVENTS, Capability.SOLVED_TIMES}),
    unlock="Export the history of who had each ticket: the audit log or ticket events.",
)
