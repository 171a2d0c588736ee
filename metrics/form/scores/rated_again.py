"""Rated again: customers who answered the satisfaction survey of a ticket more than once, and changed their mind."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

rated_again = Metric(
    name="rated_again",
    title="Rated again",
    question="How many customers changed their rating?",
    rule=(
        "Tickets whose satisfaction survey was answered more than once, among all rated tickets. A change from satisfied to not"
        " satisfied, or back, counts between any two answers that follow each other in time."
    ),
    leaves_out=(
        "Tickets without an answer, answers that belong to no ticket, and merged, deleted, spam and test tickets. Sources that"
        " name only the present answer show none."
    ),
    columns=(
        Column(
            name="is_rated_again",
            title="Rated again",
            unit="share",
            total="share",
            better="neither",
            about="The ticket was rated more than once.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_good_to_bad",
            title="Changed from satisfied to not satisfied",
            unit="share",
            total="share",
            better="lower",
            about="A satisfied answer was followed by one that was not.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_bad_to_good",
            title="Changed from not satisfied to satisfied",
            unit="share",
            total="share",
            better="higher",
            about="An answer that was not satisfied was followed by a satisfied one.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="answered_at",
    facts="""
        WITH answers AS (
            SELECT ticket_source AS source, ticket_id, is_satisfied, lag(is_satisfied) OVER given AS before
            FROM surveys WHERE kind = 'csat' AND is_answered AND joined_by = 'ticket' AND left_out IS NULL
            WINDOW given AS (PARTITION BY ticket_source, ticket_id
                ORDER BY dated_at NULLS FIRST, try_cast(rating_id AS HUGEINT) NULLS FIRST, rating_id))
        SELECT source, ticket_id, count(*) > 1 AS is_rated_again, true AS is_possible,
            coalesce(bool_or(before AND NOT is_satisfied), false) AS is_good_to_bad,
            coalesce(bool_or(NOT before AND is_satisfied), false) AS is_bad_to_good
        FROM answers GROUP BY ALL
    """,
    needs=frozenset({Capability.TICKETS, Capability.CSAT}),
    unlock="Export the satisfaction ratings with the tickets, every one of them and not only the present one.",
)
