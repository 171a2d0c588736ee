"""Next reply time: how long customers wait for an answer to whatever they write after the first reply."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

next_reply_time = Metric(
    name="next_reply_time",
    title="Next reply time",
    question="How long does a customer wait for an answer after the first one?",
    rule=(
        "Every run of a customer's messages after the first reply (on a ticket that an agent opened, every run), from its"
        " first message to the next public words of an agent, in calendar time and in business time; each run counts by"
        " itself, in the period in which it began. The median takes in those who still wait."
    ),
    leaves_out=(
        "Runs after which the ticket was solved without a reply: none was due. Runs of which it is not known whether anybody"
        " answered, and merged, deleted, spam and test tickets. Bots, automatic answers and private notes never count as a"
        " reply."
    ),
    columns=(
        Column(
            name="next_reply_minutes",
            title="Next reply time",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Calendar minutes from the first message of the run to the reply, or waited so far.",
            open_column="is_next_reply_open",
        ),
        Column(
            name="next_reply_business_minutes",
            title="Next reply time, business hours",
            unit="minutes",
            total="waiting_median",
            better="lower",
            about="Of these the minutes within business hours.",
            open_column="is_next_reply_open",
        ),
        Column(
            name="is_next_reply_open",
            title="Still waiting for a next reply",
            unit="share",
            total="share",
            better="lower",
            about="The ticket is unsolved and no agent has replied to the run up to the as-of instant.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="wait",
    dated_by="started_at",
    facts="""
        SELECT source, ticket_id, wait_number, calendar_minutes AS next_reply_minutes,
            business_minutes AS next_reply_business_minutes,
            CASE WHEN end_kind IN ('reply', 'open') THEN is_open END AS is_next_reply_open,
            end_kind <> 'solved' AS is_possible
        FROM reply_waits WHERE NOT is_first
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments; business hours come from the export's schedules or from heard.toml.",
)
