"""Ideas after ideas: whether customers offer another idea once their last one was heard, or was not."""

from __future__ import annotations

from metrics.measure import Capability, Column, Derived

ideas_after = Derived(
    name="ideas_after",
    title="Ideas after ideas",
    question="Do customers go on offering ideas when the last one was heard?",
    rule=(
        "Later conversations of customers who had offered an idea before, parted by whether the last idea before was heard: the share of"
        " each in which the customer offered an idea again. What hangs together need not be cause and effect."
    ),
    leaves_out=(
        "Conversations of customers without an earlier idea in another conversation, conversations that could not be read, and merged,"
        " deleted, spam and test tickets. Ideas of survey comments, which nobody could answer, count as no earlier idea."
    ),
    columns=(
        Column(
            name="has_idea_after_heard",
            evidence=("found",),
            title="Ideas again after being heard",
            unit="share",
            total="share",
            better="neither",
            about="Of the conversations after an idea that was heard those in which the customer offered an idea again.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="has_idea_after_unheard",
            evidence=("found",),
            title="Ideas again after being unheard",
            unit="share",
            total="share",
            better="neither",
            about="Of the conversations after an idea that nobody answered those in which the customer offered an idea again.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        WITH offered AS (
            SELECT source, customer_id, created_at, bool_and(is_unheard) AS is_unheard
            FROM suggestion_facts
            WHERE is_unheard IS NOT NULL AND customer_id IS NOT NULL AND created_at IS NOT NULL GROUP BY ALL)
        SELECT later.source, later.ticket_id,
            NOT offered.is_unheard AS has_idea_after_heard_is_possible,
            offered.is_unheard AS has_idea_after_unheard_is_possible,
            CASE WHEN NOT offered.is_unheard THEN has_suggestion END AS has_idea_after_heard,
            CASE WHEN offered.is_unheard THEN has_suggestion END AS has_idea_after_unheard
        FROM (SELECT source, ticket_id, customer_id, created_at, has_suggestion FROM ticket_facts
            WHERE has_suggestion IS NOT NULL AND customer_id IS NOT NULL AND created_at IS NOT NULL) later
        ASOF JOIN offered ON offered.source = later.source AND offered.customer_id = later.customer_id
            AND offered.created_at < later.created_at
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset({"has_suggestion", "is_unheard"}),
    goal="heard",
    wing="function",
)
