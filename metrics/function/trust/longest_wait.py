"""Longest wait: the longest time in a conversation that the customer waited for us."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

longest_wait = Metric(
    name="longest_wait",
    title="Longest wait",
    question="How long is the longest time that a customer had to wait for a word from us?",
    rule=(
        "The longest of a ticket's waits for a human's public reply: from its creation to the first reply, and from each"
        " later message of the customer to the next reply, in calendar time. A wait that is still open runs to the as-of"
        " instant; a ticket solved without any reply waited until it was solved."
    ),
    leaves_out=(
        "Last messages that needed no reply because the ticket was solved, or of which we can not tell because the ticket"
        " has no status; tickets without any message; and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="longest_wait_minutes",
            title="Longest wait",
            unit="minutes",
            total="median",
            better="lower",
            about="Calendar minutes of the longest wait for a human's reply.",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        SELECT wait.source, wait.ticket_id, max(
            CASE WHEN wait.is_first AND wait.is_open AND ticket.status IN ('solved', 'closed')
                AND ticket.solved_at >= wait.started_at
            THEN (epoch_us(ticket.solved_at) - epoch_us(wait.started_at)) / 6e7
            ELSE wait.calendar_minutes END) AS longest_wait_minutes
        FROM reply_waits wait JOIN tickets_clean ticket USING (source, ticket_id)
        GROUP BY ALL
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    wing="function",
)
