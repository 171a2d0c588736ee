"""Resolution time: from creation to the last time a ticket was solved, and beside it to the first."""

from __future__ import annotations

from metrics.facts.business import between
from metrics.measure import Capability, Column, Metric

FULL = between("full", "ticket", "ticket.created_at", "ticket.solved_at")
FIRST = between("once", "ticket", "ticket.created_at", "ticket.first_solved_at")

resolution_time = Metric(
    name="resolution_time",
    title="Resolution time",
    question="How long does it take until a ticket is solved?",
    rule=(
        "From creation to the last time the ticket was set to solved, in calendar time and in business time; closed counts"
        " where it was never solved. A ticket that was opened again keeps its last solve until it is solved anew. First"
        " resolution is to the first time it was solved; without status events the two are the same."
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
        Column(
            name="resolution_business_minutes",
            title="Resolution time, business hours",
            unit="minutes",
            total="median",
            better="lower",
            about="Of these the minutes within business hours.",
        ),
        Column(
            name="first_resolution_minutes",
            title="First resolution time",
            unit="minutes",
            total="median",
            better="lower",
            about="Calendar minutes from creation to the first solve.",
        ),
        Column(
            name="first_resolution_business_minutes",
            title="First resolution time, business hours",
            unit="minutes",
            total="median",
            better="lower",
            about="Of these the minutes within business hours.",
        ),
    ),
    grain="ticket",
    dated_by="solved_at",
    facts=f"""
        SELECT ticket.source, ticket.ticket_id,
            CASE WHEN solved_at >= created_at
                THEN (epoch_us(solved_at) - epoch_us(created_at)) / 6e7 END AS resolution_minutes,
            CASE WHEN solved_at >= created_at THEN {FULL.minutes} END AS resolution_business_minutes,
            CASE WHEN first_solved_at >= created_at
                THEN (epoch_us(first_solved_at) - epoch_us(created_at)) / 6e7 END AS first_resolution_minutes,
            CASE WHEN first_solved_at >= created_at THEN {FIRST.minutes} END AS first_resolution_business_minutes
        FROM tickets_clean ticket {FULL.joins} {FIRST.joins}
        WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.SOLVED_TIMES}),
    unlock="Export the times at which tickets were solved: ticket metrics or the audit log. Business hours come from the"
    " export's schedules or from heard.toml.",
)
