"""Agent wait: how long we waited for the customer."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

agent_wait = Metric(
    name="agent_wait",
    title="Agent wait",
    question="How long do we wait for the customer?",
    rule=(
        "The time that the ticket was pending: we had asked and waited for an answer."
        " In calendar time and in business time, over all the times it was opened again. A ticket that is not solved stands"
        " in the median with its time up to the as-of instant, as one whose time may still grow."
    ),
    leaves_out="Tickets without status events, and merged, deleted, spam and test tickets. Time spent as a deleted ticket.",
    columns=(
        Column(
            name="agent_wait_minutes",
            title="Agent wait",
            unit="minutes",
            total="waiting_median",
            better="neither",
            about="Calendar minutes as pending; 0 where it never was.",
            open_column="is_agent_wait_open",
        ),
        Column(
            name="agent_wait_business_minutes",
            title="Agent wait, business hours",
            unit="minutes",
            total="waiting_median",
            better="neither",
            about="Of these the minutes within business hours.",
            open_column="is_agent_wait_open",
        ),
        Column(
            name="is_agent_wait_open",
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
            pending_minutes AS agent_wait_minutes, pending_business_minutes AS agent_wait_business_minutes,
            is_running AS is_agent_wait_open
        FROM status_minutes
    """,
    needs=frozenset({Capability.TICKETS, Capability.STATUS_EVENTS}),
    unlock=(
        "Export the status history: the audit log or ticket events. Business hours come from the export's schedules or from"
        " heard.toml."
    ),
)
