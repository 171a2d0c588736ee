"""Replies per ticket: how much is written until a ticket is solved."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

replies_per_ticket = Metric(
    name="replies_per_ticket",
    title="Replies per ticket",
    question="How many replies does a ticket take?",
    rule=(
        "The public messages of agents in tickets that are solved or closed, as a mean per ticket; beside it those of the"
        " customer, the first one included, and the private notes."
    ),
    leaves_out=(
        "Tickets that an agent opened, tickets that are not solved now, tickets that only a bot answered, tickets without any"
        " message in the files, tickets in which somebody wrote of whom the files do not say whether they are an agent, and"
        " merged, deleted, spam and test tickets. What bots and rules wrote is no reply."
    ),
    columns=(
        Column(
            name="count_replies_to_solve",
            title="Replies per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Public messages of agents.",
            sql_type="BIGINT",
        ),
        Column(
            name="count_customer_messages",
            title="Customer messages per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Public messages of the customer.",
            sql_type="BIGINT",
        ),
        Column(
            name="count_notes",
            title="Private notes per ticket",
            unit="count",
            total="mean",
            better="neither",
            about="Private notes of agents.",
            sql_type="BIGINT",
        ),
    ),
    grain="ticket",
    dated_by="solved_at",
    facts="""
        WITH written AS (
            SELECT source, ticket_id, count_if(turn IS NOT NULL AND role = 'agent') AS count_replies,
                count_if(turn IS NOT NULL AND role = 'customer') AS count_asked,
                count_if(NOT is_public AND role = 'agent') AS count_private,
                bool_or(role IS NULL AND is_public AND kind = 'message') AS has_strangers_words
            FROM turn_index WHERE kind <> 'survey' GROUP BY ALL),
        told AS (
            SELECT ticket.source, ticket.ticket_id, count_replies, count_asked, count_private,
                has_strangers_words,
                NOT is_outbound AND NOT is_bot_only AND status IN ('solved', 'closed') AS is_possible
            FROM tickets_clean ticket LEFT JOIN written USING (source, ticket_id) WHERE ticket.left_out IS NULL)
        SELECT source, ticket_id, is_possible,
            CASE WHEN is_possible AND NOT has_strangers_words THEN count_replies END AS count_replies_to_solve,
            CASE WHEN is_possible AND NOT has_strangers_words THEN count_asked END AS count_customer_messages,
            CASE WHEN is_possible THEN count_private END AS count_notes
        FROM told
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
)
