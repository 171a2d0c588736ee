"""Requester wait: how long the customer waited for us, by the statuses of the ticket."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

requester_wait = Metric(
    name="requester_wait",
    title="Requester wait",
    question="How long does a customer wait for us until it is done?",
    rule=(
        "The time that the ticket was new, open or on hold: the ball was with us or with somebody we waited for, not with the"
        " customer."
        " In calendar time and in business time, over all the times it was opened again. A ticket that is not solved stands"
        " in the median with its time up to the as-of instant, as one whose time may still grow."
    ),
    leaves_out="Tickets without status events, and merged, deleted, spam and test tickets. Time spent as a deleted ticket.",
    columns=(
        Column(
            name="requester_wait_minutes",
            title="Requester wait",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Calendar minutes as new, open or on hold.",
            open_column="is_requester_wait_open",
        ),
        Column(
            name="requester_wait_business_minutes",
            title="Requester wait, business hours",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Of these the minutes within business hours.",
            open_column="is_requester_wait_open",
        ),
        Column(
            name="is_requester_wait_open",
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
            new_minutes + open_minutes + hold_minutes AS requester_wait_minutes,
            new_business_minutes + open_business_minutes + hold_business_minutes AS requester_wait_business_minutes,
            is_running AS is_requester_wait_open
        FROM status_minutes
    """,
    needs=frozenset({Capability.TICKETS, Capability.STATUS_EVENTS}),
    unlock=(
        "Export the status history: the audit log or ticket events. Business hours come from the export's schedules or from"
        " heard.toml."
    ),
)
