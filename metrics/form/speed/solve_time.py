"""Solve time: how long a ticket was unsolved, by its statuses."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

solve_time = Metric(
    name="solve_time",
    title="Time unsolved",
    question="How long is a ticket unsolved, all its reopenings included?",
    rule=(
        "The time that the ticket was new, open, pending or on hold. Unlike resolution time it leaves out the time between a"
        " solve and the next opening."
        " In calendar time and in business time, over all the times it was opened again. A ticket that is not solved stands"
        " in the median with its time up to the as-of instant, as one whose time may still grow."
    ),
    leaves_out="Tickets without status events, and merged, deleted, spam and test tickets. Time spent as a deleted ticket.",
    columns=(
        Column(
            name="solve_minutes",
            title="Time unsolved",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Calendar minutes as new, open, pending or on hold.",
            open_column="is_solve_time_open",
        ),
        Column(
            name="solve_business_minutes",
            title="Time unsolved, business hours",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Of these the minutes within business hours.",
            open_column="is_solve_time_open",
        ),
        Column(
            name="is_solve_time_open",
            title="Not finished",
            unit="share",
            total=None,
            better="neither",
            about="The ticket is not solved, closed or deleted, so that its minutes may still grow.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="created_at",
    facts="""
        SELECT source, ticket_id,
            new_minutes + open_minutes + pending_minutes + hold_minutes AS solve_minutes,
            new_business_minutes + open_business_minutes + pending_business_minutes + hold_business_minutes
                AS solve_business_minutes,
            is_running AS is_solve_time_open
        FROM status_minutes
    """,
    needs=frozenset({Capability.TICKETS, Capability.STATUS_EVENTS}),
    unlock=(
        "Export the status history: the audit log or ticket events. Business hours come from the export's schedules or from"
        " heard.toml."
    ),
)
