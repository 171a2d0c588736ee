"""On hold: how long a ticket waited for somebody who is neither the customer nor the agent."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

on_hold = Metric(
    name="on_hold",
    title="Time on hold",
    question="How long does a ticket wait for somebody else?",
    rule=(
        "The time that the ticket was on hold, 0 where it never was; put on hold tells how many were."
        " In calendar time and in business time, over all the times it was opened again. A ticket that is not solved stands"
        " in the median with its time up to the as-of instant, as one whose time may still grow."
    ),
    leaves_out="Tickets without status events, and merged, deleted, spam and test tickets. Time spent as a deleted ticket.",
    columns=(
        Column(
            name="on_hold_minutes",
            title="Time on hold",
            unit="minutes",
            total="waiting_median",
            better="neither",
            about="Calendar minutes on hold; 0 where it never was.",
            open_column="is_on_hold_open",
        ),
        Column(
            name="on_hold_business_minutes",
            title="Time on hold, business hours",
            unit="minutes",
            total="waiting_median",
            better="neither",
            about="Of these the minutes within business hours.",
            open_column="is_on_hold_open",
        ),
        Column(
            name="is_held",
            title="Put on hold",
            unit="share",
            total="share",
            better="neither",
            about="The ticket was on hold at least once.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_on_hold_open",
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
            hold_minutes AS on_hold_minutes, hold_business_minutes AS on_hold_business_minutes, hold_minutes > 0 AS is_held,
            is_running AS is_on_hold_open
        FROM status_minutes
    """,
    needs=frozenset({Capability.TICKETS, Capability.STATUS_EVENTS}),
    unlock=(
        "Export the status history: the audit log or ticket events. Business hours come from the export's schedules or from"
        " heard.toml."
    ),
)
