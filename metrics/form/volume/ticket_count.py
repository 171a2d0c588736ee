"""Ticket count: how many tickets there are to speak of."""

from __future__ import annotations

from metrics.measure import Column, Metric

ticket_count = Metric(
    name="ticket_count",
    title="Tickets",
    question="How many tickets came in?",
    rule="Each ticket counts once, in the period in which it was created.",
    leaves_out="Merged, deleted, spam and test tickets; heard status says how many of each, and lists them when asked.",
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
        Column(
            name="is_opened_by_agent",
            title="Opened by an agent",
            unit="share",
            total="share",
            better="neither",
            about="An agent opened it with words of their own: in no figure of replies, one touch or ratings.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_solved_by_bot",
            title="Solved by a bot alone",
            unit="share",
            total="share",
            better="neither",
            about="Solved, and no human wrote to the customer: in no figure of what humans do.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="created_at",
    facts="""
        SELECT source, ticket_id, 1 AS count_tickets, is_outbound AS is_opened_by_agent, is_bot_only AS is_solved_by_bot
        FROM tickets_clean WHERE left_out IS NULL
    """,
)
