"""CES: how easy it was, by those who were asked."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

ces = Metric(
    name="ces",
    title="CES",
    question="How easy was it, by those who answered?",
    rule=(
        "The mean of all answers, each placed on one scale from 1 (hardest) to 7 (easiest) by how far up its own scale it is. Which"
        ' end is easy comes from the question: "how much effort" is turned round, "made it easy" is not. Of several answers to'
        " one ticket the latest counts."
    ),
    leaves_out=(
        "Surveys that were not answered, and answers to a question of which it is not known whether more is easier; a wrong"
        " direction would turn the figure over."
    ),
    columns=(
        Column(
            name="ces_ease",
            title="CES (1 to 7, easier is higher)",
            unit="count",
            total="mean",
            better="higher",
            about="The answer on a scale from 1, hardest, to 7, easiest.",
        ),
    ),
    grain="survey",
    dated_by="answered_at",
    facts="""
        SELECT source, rating_id, CASE WHEN is_answered THEN 1 + 6 * ease END AS ces_ease, true AS is_possible
        FROM surveys WHERE kind = 'ces' AND is_latest
    """,
    needs=frozenset({Capability.CES}),
    unlock="Load the CES answers with the direction of their question: whether a high answer means easy or much effort.",
)
