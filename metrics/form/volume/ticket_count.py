"""Ticket count: how many tickets there are to speak of."""

from __future__ import annotations

from metrics.measure import Column, Metric

ticket_count = Metric(
    name="ticket_count",
    title="Tickets",
    question="How many tickets came in?",
    rule="Each ticket counts once, in the period in which it was created.",
    leaves_out="Merged, deleted, spam and test tickets.",
    columns=(
        Column(
            name="count_tickets",
            title="Tickets",
            unit="count",
            total="sum",
            better="neither",
            about="1 for each ticket.",
            sql_type="BIGINT",
        ),
    ),
    grain="ticket",
    dated_by="created_at",
    facts="SELECT source, ticket_id, 1 AS count_tickets FROM tickets_clean WHERE left_out IS NULL",
)
