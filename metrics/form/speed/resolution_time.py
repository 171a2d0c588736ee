"""Resolution time: from creation to the last time a ticket was solved."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

resolution_time = Metric(
    name="resolution_time",
    title="Resolution time",
    question="How long does it take until a ticket is solved?",
    rule=(
        "From creation to the last time the ticket was set to solved, in calendar time; closed counts where it was never"
        " solved. A ticket that was opened again keeps its last solve until it is solved anew."
    ),
    leaves_out="Tickets that were never solved or closed, and merged, deleted, spam and test tickets.",
    columns=(
        Column(
            name="resolution_minutes",
            title="Resolution time",
            unit="minutes",
            total="median",
            better="lower",
            about="Calendar minutes from creation to the last solve.",
        ),
    ),
    grain="ticket",
    dated_by="solved_at",
    facts="""
        SELECT source, ticket_id, CASE WHEN solved_at >= created_at
            THEN (epoch_us(solved_at) - epoch_us(created_at)) / 6e7 END AS resolution_minutes
        FROM tickets_clean WHERE left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.SOLVED_TIMES}),
    unlock="Export the times at which tickets were solved: ticket metrics or the audit log.",
)
