"""Agent work: how long a ticket lay with the agents, by its statuses. It is no handle time."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

agent_work = Metric(
    name="agent_work",
    title="Agent work",
    question="How long does a ticket lie with the agents?",
    rule=(
        "The time that the ticket was new or open: nobody else had to act. It tells of the status alone, not of effort, and is"
        " never handle time."
        " In calendar time and in business time, over all the times it was opened again. A ticket that is not solved stands"
        " in the median with its time up to the as-of instant, as one whose time may still grow."
    ),
    leaves_out="Tickets without status events, and merged, deleted, spam and test tickets. Time spent as a deleted ticket.",
    columns=(
        Column(
            name="agent_work_minutes",
            title="Agent work",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Calendar minutes as new or open.",
            open_column="is_agent_work_open",
        ),
        Column(
            name="agent_work_business_minutes",
            title="Agent work, business hours",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Of these the minutes within business hours.",
            open_column="is_agent_work_open",
        ),
        Column(
            name="new_minutes",
            title="Time new",
            unit="minutes",
            total=None,
            better="lower",
            about="Calendar minutes as new.",
        ),
        Column(
            name="new_business_minutes",
            title="Time new, business hours",
            unit="minutes",
            total=None,
            better="lower",
            about="Of the time new the minutes within business hours.",
        ),
        Column(
            name="open_minutes",
            title="Time open",
            unit="minutes",
            total=None,
            better="lower",
            about="Calendar minutes as open.",
        ),
        Column(
            name="open_business_minutes",
            title="Time open, business hours",
            unit="minutes",
            total=None,
            better="lower",
            about="Of the time open the minutes within business hours.",
        ),
        Column(
            name="is_agent_work_open",
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
            new_minutes + open_minutes AS agent_work_minutes,
            new_business_minutes + open_business_minutes AS agent_work_business_minutes,
            new_minutes, new_business_minutes, open_minutes, open_business_minutes,
            is_running AS is_agent_work_open
        FROM status_minutes
    """,
    needs=frozenset({Capability.TICKETS, Capability.STATUS_EVENTS}),
    unlock=(
        "Export the status history: the audit log or ticket events. Business hours come from the export's schedules or from"
        " heard.toml."
    ),
)
