"""Turned around: who came angry or about to leave, and ended pleased."""

from __future__ import annotations

from metrics.measure import Capability, Column, Derived

turned_around = Derived(
    name="turned_around",
    title="Turned around",
    question="How many who came angry or about to leave ended pleased?",
    rule=(
        "Of the conversations in which the customer was unhappy on arrival (mood below {settings.trust.unhappy_below}) or said"
        " that they would leave or warn others, and wrote after our answer, those whose mood after it is above"
        " {settings.trust.pleased_above}, and who did not say at the end that they would warn others."
    ),
    leaves_out="Conversations that can not be read, that began neither unhappy nor with leaving, or without a word after our answer.",
    columns=(
        Column(
            name="is_turned_around",
            title="Turned around",
            unit="share",
            total="share",
            better="higher",
            about="Came unhappy or leaving, and ended pleased.",
            sql_type="BOOLEAN",
            evidence=("turning_point", "after_answer"),
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        SELECT source, ticket_id, is_possible,
            CASE WHEN mood_after_answer IS NOT NULL
                THEN mood_after_answer > {settings.trust.pleased_above} AND NOT coalesce(would_warn_others, false) END
                AS is_turned_around
        FROM (SELECT *, coalesce(mood_on_arrival < {settings.trust.unhappy_below} OR has_words_of_leaving, false) AS is_possible
            FROM ticket_facts)
        WHERE is_possible
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset({"mood_on_arrival", "mood_after_answer", "would_warn_others", "has_words_of_leaving"}),
    goal="trust",
    wing="function",
)
