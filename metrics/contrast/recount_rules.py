"""The rules by which a report may count a score, each with its options: ours first, then what other helpdesks do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from metrics.contrast.recount import Option, Rule, Score
from metrics.totals import Scope

# Zones that a helpdesk's report may be in, beside ours; a report in a far zone moves whole evenings to another day.
ZONES: Final = (
    "UTC",
    "America/Los_Angeles",
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
)
MOST_BRANDS: Final = 6
BRAND: Final = "brand:"  # before a brand's name in the key of an option
LEFT_OUT: Final = ("merged", "deleted", "spam", "test")

# Of each score the dates that a report may go by, ours first, with their SQL and words.
BASES: Final[dict[Score, dict[str, tuple[str, str]]]] = {
    "csat": {
        "answered": ("coalesce(answer.dated_at, ticket.ended_at, ticket.created_at)", "by the day of the answer"),
        "created": ("ticket.created_at", "by the day the ticket was created"),
        "solved": ("ticket.solved_at", "by the day the ticket was solved"),
        "asked": ("answer.asked_at", "by the day the survey was sent"),
    },
    "nps": {
        "answered": ("coalesce(answer.dated_at, ticket.ended_at, ticket.created_at)", "by the day of the answer"),
        "created": ("ticket.created_at", "by the day the ticket was created"),
        "solved": ("ticket.solved_at", "by the day the ticket was solved"),
        "asked": ("answer.asked_at", "by the day the survey was sent"),
    },
    "first_reply": {
        "created": ("ticket.created_at", "by the day the ticket was created"),
        "solved": ("ticket.solved_at", "by the day the ticket was solved"),
        "answered": ("first.replied_at", "by the day of the reply"),
    },
}  # fmt: skip


def rules_of(
    score: Score, scope: Scope, zones: Sequence[str], brands: Sequence[str], rows: pl.DataFrame
) -> tuple[Rule, ...]:
    """The rules of a score in the order of the steps, with only those options that its rows (recount_rows) can tell."""
    dated = tuple(Option(key, words) for key, (_, words) in BASES[score].items())
    rules = [Rule("dated_by", "Date basis", dated)]
    if score != "first_reply":
        rules.append(Rule("scale", "Scale", SCALES[score]))
        rules.append(Rule("which", "First or latest rating", WHICH))
    here = set(rows["left_out"].drop_nulls().unique())
    alone = [Option(one, f"{one} tickets counted") for one in LEFT_OUT if one in here]
    every = [Option("every", "merged, deleted, spam and test tickets counted")] if len(here) > 1 else []
    kept = Option("none", "merged, deleted, spam and test tickets left out")
    rules.append(Rule("kept", "Merged, spam, deleted", (kept, *alone, *every)))
    own = "the brand of the filter" if "brand" in scope.where else "all brands"
    others = [Option("any", "all brands")] if "brand" in scope.where else []
    others += [
        Option(f"{BRAND}{name}", f"{name} alone") for name in brands if (name,) != scope.where.get("brand")
    ]
    rules.append(Rule("brand", "Brand", (Option("filter", own), *others)))
    zoned = [Option(name, f"days in {name}") for name in zones]
    rules.append(Rule("zone", "Zone of days", tuple(zoned)))
    if score == "first_reply":
        rules += _reply_rules(rows)
    return tuple(rules)


def _reply_rules(rows: pl.DataFrame) -> list[Rule]:
    hours, whose = [Option("calendar", "calendar hours")], [Option("human", "a human's first reply")]
    if rows["business"].count():
        hours.append(Option("business", "business hours"))
    if rows["bot"].count():
        whose.append(Option("bot", "bots and automatic answers count as a reply"))
    if rows["note"].count():
        whose.append(Option("note", "private notes count as a reply"))
    middle = (
        Option("waiting", "the median, those who still wait included"),
        Option("median", "the median of those who got a reply"),
        Option("mean", "the mean of those who got a reply"),
    )
    return [
        Rule("hours", "Business or calendar hours", tuple(hours)),
        Rule("whose", "Whose reply", tuple(whose)),
        Rule("middle", "Who waits, median or mean", middle),
    ]


SCALES: Final[dict[Score, tuple[Option, ...]]] = {
    "csat": (
        Option("ours", "the top answers among all (4 and 5 of 5)"),
        Option("middle_good", "the middle answer counts as good (3, 4 and 5 of 5)"),
        Option("middle_out", "the middle answer counts neither way (3 of 5 left out)"),
        Option("top", "the best answer alone (5 of 5)"),
        Option("net", "good answers minus bad ones"),
    ),
    "nps": (
        Option("ours", "9 and 10 minus 0 to 6"),
        Option("promoters", "9 and 10 alone, none subtracted"),
        Option("wide", "8 to 10 minus 0 to 5"),
    ),
}
WHICH: Final = (
    Option("latest", "the latest answer of a ticket"),
    Option("first", "the first answer of a ticket"),
    Option("all", "every answer of a ticket"),
)
