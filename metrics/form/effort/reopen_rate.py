"""Reopen rate: tickets that came back after they had been solved."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

reopen_rate = Metric(
    name="reopen_rate",
    title="Reopen rate",
    question="How many solved tickets had to be opened again?",
    rule=(
        "Tickets that went from solved (or closed) back to an unsolved status, among all tickets that were ever solved. A"
        " ticket that is open again and not yet solved anew counts. A ticket counts in the period in which it was first solved,"
        " so that it does not move when it is solved again; a period's rate grows until its tickets no longer come back."
    ),
    leaves_out=(
        "Tickets that were never solved, tickets without status events, and merged, deleted, spam and test tickets. From"
        " solved to closed or deleted is not a reopening."
    ),
    columns=(
        Column(
            name="is_reopened",
            title="Reopen rate",
            unit="share",
            total="share",
            better="lower",
            about="The ticket was opened again after it had been solved.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="count_reopens",
            title="Times opened again",
            unit="count",
            total=None,
            better="lower",
            about="How many times the ticket was opened again.",
            sql_type="BIGINT",
        ),
    ),
    grain="ticket",
    dated_by="first_solved_at",
    ripens="reopened_at",
    version=2,
    facts="""
        WITH moved AS (
            SELECT source, ticket_id, bool_or(status IN ('solved', 'closed')) AS is_ever_solved,
                count_if(status_before IN ('solved', 'closed') AND status IN ('new', 'open', 'pending', 'hold'))
                    AS count_reopens
            FROM status_spans GROUP BY ALL)
        SELECT ticket.source, ticket.ticket_id,
            CASE WHEN is_ever_solved THEN count_reopens > 0 END AS is_reopened,
            CASE WHEN is_ever_solved THEN count_reopens END AS count_reopens,
            coalesce(is_ever_solved, ticket.solved_at IS NOT NULL) AS is_possible
        FROM tickets_clean ticket LEFT JOIN moved USING (source, ticket_id)
        WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.STATUS_EVENTS}),
    unlock="Export the status history: the audit log or ticket events.",
)
