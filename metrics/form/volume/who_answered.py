"""Who answered: a human, a bot, an AI, both or nobody."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

who_answered = Metric(
    name="who_answered",
    title="Who answered",
    question="Who answers our customers: people, bots, both or nobody?",
    rule=(
        "Tickets by whose public messages followed the customer's first words. Both means a human and a bot or an AI; an AI is a"
        " bot that the export calls one. The five shares are one whole."
    ),
    leaves_out=(
        "Tickets that an agent opened, tickets without any message in the files, tickets that only somebody answered of whom the"
        " files do not say who they are, and merged, deleted, spam and test tickets. Automatic receipts, rules, private notes and"
        " greetings before the customer wrote are no answers."
    ),
    columns=(
        Column(
            name="is_answered_by_human",
            title="Answered by a human alone",
            unit="share",
            total="share",
            better="neither",
            about="Only humans answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_answered_by_ai",
            title="Answered by an AI alone",
            unit="share",
            total="share",
            better="neither",
            about="Only a bot that the export calls an AI answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_answered_by_bot",
            title="Answered by a bot alone",
            unit="share",
            total="share",
            better="neither",
            about="Only a bot answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_answered_by_both",
            title="Answered by a human and a bot",
            unit="share",
            total="share",
            better="neither",
            about="A human and a bot or an AI answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_answered_by_nobody",
            title="Answered by nobody",
            unit="share",
            total="share",
            better="lower",
            about="Nobody has answered.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="created_at",
    facts="""
        SELECT source, ticket_id, NOT is_outbound AS is_possible,
            CASE WHEN NOT is_outbound THEN answered_by = 'human' END AS is_answered_by_human,
            CASE WHEN NOT is_outbound THEN answered_by = 'ai' END AS is_answered_by_ai,
            CASE WHEN NOT is_outbound THEN answered_by = 'bot' END AS is_answered_by_bot,
            CASE WHEN NOT is_outbound THEN answered_by = 'both' END AS is_answered_by_both,
            CASE WHEN NOT is_outbound THEN answered_by = 'nobody' END AS is_answered_by_nobody
        FROM tickets_clean WHERE left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
)
