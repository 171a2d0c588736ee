"""Response rate: answered surveys among those sent."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

response_rate = Metric(
    name="response_rate",
    title="Response rate",
    question="How many of those we asked have answered?",
    rule=(
        "Answered surveys among all surveys sent, both filtered alike and both dated by when the survey was sent (where"
        " that is not known, by its answer or the end of its ticket). One survey per ticket and kind."
    ),
    leaves_out=(
        "Surveys of a source that names only the answered ones: how many were sent is not known there, and the rate is"
        " not measured rather than 100 %."
    ),
    columns=(
        Column(
            name="is_survey_answered",
            title="Response rate",
            unit="share",
            total="share",
            better="higher",
            about="The survey was sent and answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_csat_answered",
            title="Response rate, CSAT",
            unit="share",
            total="share",
            better="higher",
            about="The satisfaction survey was sent and answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_nps_answered",
            title="Response rate, NPS",
            unit="share",
            total="share",
            better="higher",
            about="The NPS survey was sent and answered.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="survey",
    dated_by="asked_at",
    ripens="answered_at",
    facts="""
        WITH answered AS (
            SELECT source, rating_id, kind, CASE WHEN is_asked_known THEN is_answered END AS is_survey_answered
            FROM surveys WHERE is_latest)
        SELECT source, rating_id, is_survey_answered, true AS is_possible,
            CASE WHEN kind = 'csat' THEN is_survey_answered END AS is_csat_answered,
            CASE WHEN kind = 'nps' THEN is_survey_answered END AS is_nps_answered,
            kind = 'csat' AS is_csat_answered_is_possible, kind = 'nps' AS is_nps_answered_is_possible
        FROM answered
    """,
    needs=frozenset({Capability.ASKED}),
    unlock="Export the surveys that were sent and not answered too.",
)
