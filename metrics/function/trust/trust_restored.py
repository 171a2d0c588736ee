"""Trust restored: who came unhappy, was answered, said so, and did not have to come back about it."""

from __future__ import annotations

from metrics.measure import Capability, Column, Derived

trust_restored = Derived(
    name="trust_restored",
    title="Trust restored",
    question="Of those who came unhappy, whose trust did we restore?",
    rule=(
        "Of the conversations that began unhappy (mood on arrival below {settings.trust.unhappy_below}) and were answered, those"
        " in which the customer, after our answer, wrote something that is at least neutral (mood not below"
        " {settings.trust.neutral_from}), and did not have to come back about it within"
        " {settings.came_back.within_days} days. Whoever wrote nothing after our answer is not known, never restored."
    ),
    leaves_out=(
        "Conversations that can not be read or did not begin unhappy; those without a word after our answer, and those of which"
        " it is not known yet, or not at all, whether the customer came back."
    ),
    columns=(
        Column(
            name="is_trust_restored",
            title="Trust restored",
            unit="share",
            total="share",
            better="higher",
            about="Came unhappy, was at least neutral after our answer, and did not come back about it.",
            sql_type="BOOLEAN",
            evidence=("after_answer", "turning_point"),
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        SELECT source, ticket_id, true AS is_possible,
            CASE WHEN mood_after_answer IS NULL THEN NULL
                WHEN mood_after_answer < {settings.trust.neutral_from} OR has_come_back THEN false
                WHEN NOT has_come_back THEN true END AS is_trust_restored
        FROM ticket_facts WHERE mood_on_arrival < {settings.trust.unhappy_below}
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset({"mood_on_arrival", "mood_after_answer", "has_come_back"}),
    goal="trust",
    wing="function",
)
