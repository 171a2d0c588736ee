"""CSAT: the share of rated tickets whose customer was satisfied."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

csat = Metric(
    name="csat",
    title="CSAT",
    question="How many of those who answered the survey were satisfied?",
    rule=(
        "Satisfied answers among all answers; 4 and 5 count on a scale of 1 to 5, the same part of any other scale, and the"
        " vendor's own word where the answers are good and bad. The latest answer of a ticket counts. An answer that the export does not date counts when its conversation ended."
    ),
    leaves_out=(
        "Tickets whose survey was not answered or not sent, answers that belong to no ticket, and merged, deleted, spam"
        " and test tickets. A neutral answer stays among all answers."
    ),
    columns=(
        Column(
            name="is_satisfied",
            title="CSAT",
            unit="share",
            total="share",
            better="higher",
            about="The customer's latest answer to the satisfaction survey was a satisfied one.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="answered_at",
    facts="""
        SELECT ticket.source, ticket.ticket_id, survey.is_satisfied,
            NOT ticket.is_outbound OR survey.is_satisfied IS NOT NULL AS is_possible
        FROM tickets_clean ticket LEFT JOIN surveys survey
            ON survey.ticket_source = ticket.source AND survey.ticket_id = ticket.ticket_id
            AND survey.kind = 'csat' AND survey.is_latest AND survey.is_answered
        WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.CSAT}),
    unlock="Export the satisfaction ratings with the tickets, or load them as a table with ticket_id and score.",
)
