"""Goodwill: what each conversation added to, or took from, a customer's trust."""

from __future__ import annotations

from metrics.measure import Capability, Column, Derived

goodwill = Derived(
    name="goodwill",
    title="Goodwill",
    question="Which conversations added to a customer's goodwill, and which used it up?",
    rule=(
        "Every conversation moves its customer's goodwill by one step or not at all: down where the customer left worse than"
        " they came, said that they would leave or warned others; else up where they left better or said that they would"
        " recommend us; else not. A customer's goodwill, or an account's, is the sum of its conversations' steps."
    ),
    leaves_out=(
        "Conversations that can not be read, and those in which the customer said nothing after our answer and nothing of"
        " recommending, warning or leaving: what they did to goodwill is not known."
    ),
    columns=(
        Column(
            name="goodwill_step",
            title="Goodwill",
            unit="net",
            total="net",
            better="higher",
            about="Up (1), down (-1) or unmoved (0); in total the share of steps up minus the share of steps down.",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        SELECT source, ticket_id,
            CASE WHEN left_worse OR would_warn_others OR has_words_of_leaving THEN -1
                WHEN left_better OR said_would_recommend THEN 1
                WHEN mood_shift IS NOT NULL THEN 0 END AS goodwill_step
        FROM ticket_facts
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset(
        {
            "left_worse",
            "left_better",
            "mood_shift",
            "would_warn_others",
            "said_would_recommend",
            "has_words_of_leaving",
        }
    ),
    goal="trust",
    wing="function",
)
