"""First reply time: how long customers wait for the first words of a human, those who still wait included."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

first_reply_time = Metric(
    name="first_reply_time",
    title="First reply time",
    question="How long does a customer wait for a first answer?",
    rule=(
        "From the ticket's creation to the first public words of an agent after the opening ones, in calendar time and in"
        " business time; a reply in the same second as the opening is not counted as one. The median takes in those who still"
        " wait: they have waited until the as-of instant, also where the ticket was solved without a reply."
    ),
    leaves_out=(
        "Tickets that an agent opened, tickets that a bot solved alone, tickets without any message in the files, tickets without a reply in which somebody"
        " wrote of whom the files do not say whether they are an agent, and merged, deleted, spam and test tickets."
        " Bots, automatic answers and private notes never count as a reply."
    ),
    columns=(
        Column(
            name="first_reply_minutes",
            title="First reply time",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Calendar minutes to the first reply, or waited so far where there is none.",
            open_column="is_first_reply_open",
        ),
        Column(
            name="first_reply_business_minutes",
            title="First reply time, business hours",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Of these the minutes within business hours; 0 where the reply came outside of them.",
            open_column="is_first_reply_open",
        ),
        Column(
            name="is_first_reply_open",
            title="Still waiting for a first reply",
            unit="share",
            total="share",
            better="lower",
            about="No agent has replied up to the as-of instant.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="wait",
    dated_by="created_at",
    facts="""
        SELECT source, ticket_id, wait_number, calendar_minutes AS first_reply_minutes,
            business_minutes AS first_reply_business_minutes,
            CASE WHEN end_kind <> 'unknown' THEN is_open END AS is_first_reply_open, true AS is_possible
        FROM reply_waits WHERE is_first
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments; business hours come from the export's schedules or from heard.toml.",
)
