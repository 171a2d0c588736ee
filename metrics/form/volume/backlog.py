"""Backlog: how many tickets are unsolved at the end of a day, and how old they are."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

backlog = Metric(
    name="backlog",
    title="Backlog",
    question="How many tickets are unsolved, and for how long?",
    rule=(
        "Tickets that were new, open, pending or on hold at the end of a day in the organisation's zone, from the changes of"
        " their status; where there are none, from their creation to when they were solved. The backlog of several days is the"
        " mean of its days, also of those on which nothing was unsolved. The last day is as of the as-of instant. Ages run from"
        " creation. n counts tickets once for each day; kept for {settings.backlog.keep_days} days."
    ),
    leaves_out=(
        "Solved tickets that do not say when they were solved, and merged, deleted, spam and test tickets. It has no interval:"
        " it counts all there is, and it is the same tickets from one day to the next."
    ),
    columns=(
        Column(
            name="count_backlog",
            title="Backlog",
            unit="count",
            total="per_day",
            better="lower",
            about="Tickets unsolved at the end of a day.",
            sql_type="UTINYINT",
        ),
        Column(
            name="backlog_age_minutes",
            title="Age of the backlog",
            unit="minutes",
            total="stock_median",
            better="lower",
            about="Calendar minutes from creation to the end of the day, of each ticket unsolved then.",
        ),
    ),
    grain="day",
    dated_by="day",
    facts="""
        SELECT * EXCLUDE (age_minutes), 1 AS count_backlog, age_minutes AS backlog_age_minutes FROM unsolved_days
    """,
    needs=frozenset({Capability.TICKETS, Capability.SOLVED_TIMES}),
    unlock="Export the times at which tickets were solved: ticket metrics or the audit log.",
)
