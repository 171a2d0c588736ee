"""Ideas voiced: conversations in which the customer offered an idea."""

from __future__ import annotations

from metrics.measure import Capability, Column, Derived

ideas_voiced = Derived(
    name="ideas_voiced",
    title="Ideas voiced",
    question="In how many conversations does a customer offer an idea?",
    rule="Conversations in which at least one suggestion was found, among all conversations that could be read.",
    leaves_out=(
        "Conversations that could not be read, survey comments that belong to no ticket, and merged, deleted, spam and"
        " test tickets."
    ),
    columns=(
        Column(
            name="has_suggestion",
            title="Ideas voiced",
            unit="share",
            total="share",
            better="neither",
            about="The customer offered at least one suggestion.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        SELECT heard.source, heard.ticket_id, found.ticket_id IS NOT NULL AS has_suggestion
        FROM heard LEFT JOIN (SELECT DISTINCT source, ticket_id FROM suggestion_facts) found USING (source, ticket_id)
        WHERE heard.is_readable
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset({"is_unheard"}),
    goal="heard",
    wing="function",
)
