"""NPS: promoters minus detractors among those who answered."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

nps = Metric(
    name="nps",
    title="NPS",
    question="Would those who answered the survey recommend us?",
    rule=(
        "The share of answers of 9 and 10 minus the share of answers of 0 to 6, times 100. Each answered survey counts"
        " once; of several answers to one ticket the latest counts."
    ),
    leaves_out="Surveys that were not answered, and answers on a scale that is not 0 to 10.",
    columns=(
        Column(
            name="nps_net",
            title="NPS",
            unit="net",
            total="net",
            better="higher",
            about="1 for an answer of 9 or 10, 0 for 7 or 8, -1 for 0 to 6.",
            sql_type="TINYINT",
        ),
    ),
    grain="survey",
    dated_by="answered_at",
    facts="""
        SELECT source, rating_id, CASE WHEN is_answered THEN nps_net END AS nps_net, true AS is_possible
        FROM surveys WHERE kind = 'nps' AND is_latest
    """,
    needs=frozenset({Capability.NPS}),
    unlock="Load the NPS answers as a table with score and, where there is one, ticket_id or customer_email.",
)
