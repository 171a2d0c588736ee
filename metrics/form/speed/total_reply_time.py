"""Total reply time: all the time a customer waited for replies on one ticket."""

from __future__ import annotations

from metrics.facts.business import between
from metrics.measure import Capability, Column, Metric

BUSINESS = between("waited", "waits", "waits.started_at", "waits.replied_at")

total_reply_time = Metric(
    name="total_reply_time",
    title="Total reply time",
    question="How long did a customer wait for replies in all?",
    rule=(
        "The first reply time plus, for each later run of the customer's messages, the time from its first message to the"
        " next public words of an agent, whatever the status in between."
    ),
    leaves_out=(
        "Messages that nobody answered; they stand in first and next reply time. On a ticket that an agent opened, the time"
        " before the customer wrote. Tickets without any reply, and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="total_reply_minutes",
            title="Total reply time",
            unit="minutes",
            total="median",
            better="lower",
            about="Calendar minutes that the customer waited for replies in all.",
        ),
        Column(
            name="total_reply_business_minutes",
            title="Total reply time, business hours",
            unit="minutes",
            total="median",
            better="lower",
            about="Of these the minutes within business hours.",
        ),
    ),
    grain="ticket",
    dated_by="created_at",
    facts=f"""
        WITH turning AS (
            SELECT source, ticket_id, turn, role, created_at, lag(role) OVER ticket AS role_before
            FROM turn_index WHERE turn IS NOT NULL AND created_at <= (SELECT as_of FROM moment)
            WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY turn)
            QUALIFY role IS DISTINCT FROM role_before),
        runs AS (
            SELECT source, ticket_id, role, created_at AS started_at, lead(created_at) OVER ticket AS replied_at
            FROM turning WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY turn)),
        firsts AS (SELECT source, ticket_id, started_at, replied_at FROM reply_waits WHERE is_first),
        waits AS (
            FROM firsts WHERE replied_at >= started_at
            UNION ALL
            SELECT runs.source, runs.ticket_id, runs.started_at, runs.replied_at
            FROM runs JOIN tickets_clean ticket USING (source, ticket_id) LEFT JOIN firsts USING (source, ticket_id)
            WHERE runs.role = 'customer' AND runs.replied_at IS NOT NULL AND ticket.left_out IS NULL
                AND (ticket.is_outbound OR runs.started_at > firsts.replied_at))
        SELECT waits.source, waits.ticket_id,
            sum(epoch_us(waits.replied_at) - epoch_us(waits.started_at)) / 6e7 AS total_reply_minutes,
            CASE WHEN count({BUSINESS.minutes}) = count(*) THEN sum({BUSINESS.minutes}) END
                AS total_reply_business_minutes
        FROM waits {BUSINESS.joins} GROUP BY ALL
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments; business hours come from the export's schedules or from heard.toml.",
)
