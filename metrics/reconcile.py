"""Our figures beside the helpdesk's own, ticket by ticket, and why they differ.

The helpdesk's figures are those that its export states (`vendor_metrics`, and its ratings). They are compared and
explained here, and used nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from warehouse.store import Version

SAME = "the same"
UNEXPLAINED = "not explained"
NOT_LOADED = "the ticket is not loaded here"
A_MINUTE = 1.0  # helpdesks print whole minutes
RUNNING: Final = ("requester_wait", "agent_wait", "agent_work", "on_hold")  # go on until the ticket is solved
HALF_HOUR, LONGEST_SHIFT = 30.0, 14 * 60.0  # zones differ by half hours, and by 14 hours at most


@dataclass(frozen=True)
class Compared:
    """A figure of the helpdesk's and the column of ours that it is held against."""

    name: str
    title: str
    ours: str
    business: str | None = None  # the same in business hours; None: a count
    is_share: bool = False


FIGURES: Final = (
    Compared("first_reply", "First reply time", "first_reply_minutes", "first_reply_business_minutes"),
    Compared("first_resolution", "First resolution time", "first_resolution_minutes", "first_resolution_business_minutes"),
    Compared("full_resolution", "Full resolution time", "resolution_minutes", "resolution_business_minutes"),
    Compared("resolution_in_whole_hours", "Resolution time, whole hours", "resolution_minutes", "resolution_business_minutes"),
    Compared("requester_wait", "Requester wait time", "requester_wait_minutes", "requester_wait_business_minutes"),
    Compared("agent_wait", "Agent wait time", "agent_wait_minutes", "agent_wait_business_minutes"),
    Compared("agent_work", "Agent work time", "agent_work_minutes", "agent_work_business_minutes"),
    Compared("on_hold", "On-hold time", "on_hold_minutes", "on_hold_business_minutes"),
    Compared("count_reopens", "Reopens", "count_reopens"),
    Compared("count_replies", "Replies", "count_replies"),
    Compared("count_assignee_stations", "Assignee stations", "count_agent_stations"),
    Compared("count_group_stations", "Group stations", "count_team_stations"),
    Compared("csat", "CSAT", "is_satisfied", is_share=True),
)  # fmt: skip

# One row a ticket: when a bot or a rule first wrote, when the first private note was written, how much bots wrote in public.
SPOKEN: Final = """spoken AS (
    SELECT source, ticket_id,
        min(created_at) FILTER (role IN ('bot', 'ai') OR kind = 'auto_reply') AS bot_at,
        min(created_at) FILTER (role = 'agent' AND NOT is_public) AS note_at,
        count_if(is_public AND (role IN ('bot', 'ai') OR kind = 'auto_reply')) AS count_bot_messages
    FROM turn_index GROUP BY ALL)"""
# One row a ticket that is known here: what is held against, and what explains a difference.
_OURS = (
    f"WITH {SPOKEN},"
    """
answers AS (
    SELECT ticket_source AS source, ticket_id, arg_min(is_satisfied, dated_at) AS is_first_satisfied, count(*) AS count_answers
    FROM surveys WHERE kind = 'csat' AND is_answered AND ticket_id IS NOT NULL GROUP BY ALL)
SELECT ticket.source, ticket.ticket_id, ticket.left_out, ticket.is_outbound, ticket.brand,
    ticket.status IN ('solved', 'closed') AS is_finished, ticket.has_messages, {columns},
    first.first_reply_minutes, first.first_reply_business_minutes, first.is_first_reply_open,
    (epoch_us(bot_at) - epoch_us(ticket.created_at)) / 6e7 AS bot_minutes,
    (epoch_us(note_at) - epoch_us(ticket.created_at)) / 6e7 AS note_minutes,
    coalesce(count_bot_messages, 0) AS count_bot_messages, is_first_satisfied, coalesce(count_answers, 0) AS count_answers
FROM tickets_clean ticket LEFT JOIN ticket_facts facts USING (source, ticket_id)
LEFT JOIN (FROM wait_facts WHERE is_first) first USING (source, ticket_id)
LEFT JOIN spoken USING (source, ticket_id) LEFT JOIN answers USING (source, ticket_id)
"""
)
THEIRS: Final = pl.Schema(
    {
        "source": pl.String(),
        "ticket_id": pl.String(),
        "name": pl.String(),
        "calendar_minutes": pl.Float64(),
        "business_minutes": pl.Float64(),
        "value": pl.Float64(),
    }
)


def stated(version: Version) -> pl.DataFrame:
    """The helpdesk's own figures that are loaded, in the columns of THEIRS."""
    return version.query(f"SELECT {', '.join(THEIRS)} FROM vendor_metrics").cast(THEIRS)


def differences(version: Version, theirs: pl.DataFrame) -> pl.DataFrame:
    """One row for each figure of theirs: figure, hours, source, ticket_id, theirs, ours, why.

    `theirs` has the columns of THEIRS; of `csat` the value is 1 for satisfied, 0 for not. hours is calendar, business,
    or empty for counts and shares. `why` is SAME, one of the reasons, or UNEXPLAINED.
    """
    ours = _ours(version)
    parts = [
        _explained(theirs.filter(pl.col("name") == figure.name), ours, figure, hours)
        for figure in FIGURES
        for hours in (("calendar", "business") if figure.business else ("",))
    ]
    return pl.concat(parts)


def summed_up(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each figure: figure, hours, n, n_same, median_theirs, median_ours (of the tickets where both are known)."""
    both = pl.col("theirs").is_not_null() & pl.col("ours").is_not_null()
    return rows.group_by("figure", "hours", maintain_order=True).agg(
        pl.len().alias("n"),
        (pl.col("why") == SAME).sum().alias("n_same"),
        pl.col("theirs").filter(both).median().alias("median_theirs"),
        pl.col("ours").filter(both).median().alias("median_ours"),
    )


def reasons(rows: pl.DataFrame, examples: int = 3) -> pl.DataFrame:
    """Why figures differ, most first: figure, hours, why, n, examples (ticket ids)."""
    return (
        rows.filter(pl.col("why") != SAME)
        .sort("ticket_id")
        .group_by("figure", "hours", "why", maintain_order=True)
        .agg(pl.len().alias("n"), pl.col("ticket_id").head(examples).alias("examples"))
        .sort(["figure", "hours", "n", "why"], descending=[False, False, True, False])
    )


def _ours(version: Version) -> pl.DataFrame:
    known = set(
        version.query("SELECT column_name FROM duckdb_columns() WHERE table_name = 'ticket_facts'")[
            "column_name"
        ]
    )
    wanted = dict.fromkeys(
        name
        for figure in FIGURES
        for name in (figure.ours, figure.business)
        if name and "first_reply" not in name
    )
    columns = ", ".join(f"facts.{name}" if name in known else f"NULL AS {name}" for name in wanted)
    return version.query(_OURS.format(columns=columns)).with_columns(is_here=pl.lit(True))


def _explained(theirs: pl.DataFrame, ours: pl.DataFrame, figure: Compared, hours: str) -> pl.DataFrame:
    column = {"calendar": "calendar_minutes", "business": "business_minutes", "": "value"}[hours]
    mine = figure.business if hours == "business" and figure.business else figure.ours
    other = figure.ours if hours == "business" else (figure.business or figure.ours)
    joined = (
        theirs.filter(pl.col(column).is_not_null())
        .select("source", "ticket_id", pl.col(column).alias("theirs"))
        .join(ours, on=["source", "ticket_id"], how="left")
        .with_columns(
            pl.col(mine).cast(pl.Float64).alias("ours"), pl.col(other).cast(pl.Float64).alias("other_hours")
        )
        .with_columns((pl.col("theirs") - pl.col("ours")).alias("gap"))
    )
    why = pl.lit(UNEXPLAINED)
    for reason, holds in reversed(_rules(figure, hours)):
        why = pl.when(holds().fill_null(False)).then(pl.lit(reason)).otherwise(why)
    return joined.select(
        pl.lit(figure.title).alias("figure"), pl.lit(hours).alias("hours"), "source", "ticket_id", "theirs", "ours",
        why.alias("why"),
    )  # fmt: skip


Rule = tuple[str, Callable[[], pl.Expr]]


def _near(value: pl.Expr, other: pl.Expr) -> pl.Expr:
    return (value - other).abs() <= A_MINUTE


def _rules(figure: Compared, hours: str) -> list[Rule]:
    """The reasons in the order in which they are tried; the first that holds is given."""
    theirs, ours, gap = pl.col("theirs"), pl.col("ours"), pl.col("gap")
    is_time = figure.business is not None
    rules: list[Rule] = [
        (NOT_LOADED, lambda: pl.col("is_here").is_null()),
        *(
            (f"left out here: {reason}", lambda reason=reason: pl.col("left_out") == reason)
            for reason in ("merged", "deleted", "spam", "test")
        ),
        (SAME, lambda: gap.abs() <= A_MINUTE if is_time else gap == 0),
    ]
    if figure.name == "first_reply":
        rules += [
            (
                "an agent opened the ticket, so that nobody waited for a first reply",
                lambda: pl.col("is_outbound"),
            ),
            ("their reply is a bot's or a rule's", lambda: _near(theirs, pl.col("bot_minutes"))),
            ("their reply is a private note", lambda: _near(theirs, pl.col("note_minutes"))),
            ("nobody has replied yet by our rule", lambda: pl.col("is_first_reply_open")),
        ]
    if figure.name == "full_resolution":
        rules.append(
            (
                "theirs is the first solve, ours the last",
                lambda: _near(theirs, pl.col("first_resolution_minutes")),
            )
        )
    if figure.name == "resolution_in_whole_hours":
        rules.append(("theirs is rounded to whole hours", lambda: gap.abs() < 60))
    if figure.name == "count_reopens":
        rules.append(("theirs counts solves minus one: reopened and not solved again", lambda: gap == -1))
    if figure.name == "count_replies":
        rules.append(("theirs counts bots' messages too", lambda: gap == pl.col("count_bot_messages")))
    if figure.is_share:
        rules += [
            ("theirs is the first rating, ours the latest", lambda: (pl.col("count_answers") > 1) & (theirs == pl.col("is_first_satisfied").cast(pl.Float64))),
            ("rated in their file, not in what is loaded here", lambda: ours.is_null()),
            ("rated again since, or another scale", lambda: ours.is_not_null()),
        ]  # fmt: skip
    if is_time:
        rules += [
            ("theirs counts business hours where ours is calendar time" if hours == "calendar" else "theirs is calendar time where ours counts business hours",
             lambda: _near(theirs, pl.col("other_hours"))),
            ("no schedule of business hours is known here", lambda: ours.is_null() & pl.col("other_hours").is_not_null() & (pl.lit(hours) == "business")),
        ]  # fmt: skip
    rules.append(
        ("not measured here: the messages or the status history are not loaded", lambda: ours.is_null())
    )
    if figure.name in RUNNING:
        unfinished = "not finished: theirs ends with their export, ours at the as-of instant"
        rules.append((unfinished, lambda: ~pl.col("is_finished")))
    if is_time:
        rules.append(("their times are in another zone", lambda: _is_shift(gap)))
    if hours == "business":
        rules.append(("another schedule of business hours, or other holidays", lambda: pl.lit(True)))
    return rules


def _is_shift(gap: pl.Expr) -> pl.Expr:
    """Whether a difference is a whole number of half hours, as between two zones."""
    beside = (gap - (gap / HALF_HOUR).round() * HALF_HOUR).abs()
    return (gap.abs() >= HALF_HOUR - A_MINUTE) & (gap.abs() <= LONGEST_SHIFT) & (beside <= A_MINUTE)
