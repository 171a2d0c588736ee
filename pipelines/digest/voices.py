"""Customers' own words for a digest: three worth reading, chosen by rule, and the ideas nobody answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from metrics import idea_status, ideas
from metrics.contrast import asked
from metrics.mask import mask
from metrics.reviews import standing
from metrics.totals import Scope, rows_sql
from metrics.wording import spaced
from pipelines.digest.addresses import Addresses, addresses
from pipelines.digest.content import Quote
from warehouse.store import Version

MOST_QUOTES: Final = 3
MOST_IDEAS: Final = 3
_LOOKED_THROUGH: Final = 50  # ideas, so that one that many had in the same words is quoted once
LONGEST_QUOTE: Final = 320  # characters; a sentence can be as long as a message
_READ_AT_MOST: Final = (
    2_000  # what is masked before it is cut, so that no number is cut in two and slips through
)
_TELLING_FROM: Final = 25  # characters; "Thanks!" says less than the sentence before it

QUOTES_RULE: Final = (
    "Chosen by rule: one who would warn others, one who ticked satisfied and left worse, one who came unhappy and left "
    "better, each the strongest of its kind that is said in more than a few words; where a kind is missing, the largest "
    "fall and then the largest rise of mood."
)

# Why, which conversations, which comes first, which measure's evidence, of which kinds, lowest or highest first.
_KINDS: Final = (
    ("Would warn others", "t.would_warn_others", "t.mood_after_answer", "would_recommend", ("warn",), "ASC"),
    (
        "Ticked satisfied, left worse than they came",
        "t.is_satisfied AND t.left_worse",
        "t.mood_shift",
        "sentiment_shift",
        ("turning_point", "after_answer"),
        "ASC",
    ),
    (
        "Came unhappy, left better",
        "t.left_better AND t.mood_on_arrival < 0",
        "-t.mood_shift",
        "sentiment_shift",
        ("turning_point", "after_answer"),
        "DESC",
    ),
    (
        "The largest fall of mood",
        "t.left_worse",
        "t.mood_shift",
        "sentiment_shift",
        ("turning_point", "after_answer"),
        "ASC",
    ),
    (
        "The largest rise of mood",
        "t.left_better",
        "-t.mood_shift",
        "sentiment_shift",
        ("turning_point", "after_answer"),
        "DESC",
    ),
)


def worth_reading(
    version: Version,
    scope: Scope,
    base_url: str,
    most: int = MOST_QUOTES,
    told: Collection[tuple[str, str]] = (),
) -> tuple[Quote, ...]:
    """Up to three quotes from different conversations, by the rule of QUOTES_RULE; none of those `told` already."""
    chosen: dict[tuple[str, str], Quote] = {}
    where = addresses(base_url, version.rights, scope)
    for why, which, order, measure, kinds, direction in _KINDS:
        if len(chosen) >= most:
            break
        if not asked.told(version, [measure]):
            continue
        for row in _candidates(version, scope, which, order, measure, kinds, direction):
            key = (row["source"], row["ticket_id"])
            if key not in chosen and key not in told:
                chosen[key] = as_quote(row, why, where)
                break
    return tuple(chosen.values())


def ideas_unanswered(
    version: Version, scope: Scope, base_url: str, *, whose: str = "this week's", most: int = MOST_IDEAS
) -> tuple[tuple[Quote, ...], str]:
    """The ideas of a scope that no later reply took up, those passed over first, and how many there are.

    `whose` names the scope's conversations in these words.
    """
    if not asked.told(version, ["unheard_suggestion"]):
        return (), "Ideas are not told while reading them is experimental."
    where = addresses(base_url, version.rights, scope)
    counts = ideas.counts(version, scope)
    unanswered = counts["passed_over"] + counts["no_reply"]
    told = unanswered + counts["heard"]
    surveyed = f" {counts['survey']:,} more came in survey comments." if counts["survey"] else ""
    if told == 0:
        return (), f"No idea was found in {whose} conversations.{surveyed}"
    if unanswered == 0:
        each = "The one idea" if told == 1 else f"Each of the {told:,} ideas"
        return (), f"{each} in {whose} conversations was answered.{surveyed}"
    told_once: dict[str, Quote] = {}
    taken_up = idea_status.taken_up(version)
    for row in ideas.ideas(version, scope, limit=_LOOKED_THROUGH + len(taken_up)).to_dicts():
        if (
            row["fate"] in ("passed_over", "no_reply")
            and (row["source"], row["suggestion_id"]) not in taken_up
        ):
            why = "Passed over by our reply" if row["fate"] == "passed_over" else "No reply since"
            told_once.setdefault(
                re.sub(r"\W+", " ", row["quote"]).strip().casefold(), as_quote(row, why, where)
            )
    kept = tuple(told_once.values())[:most]
    since = len(taken_up.intersection(ideas.among(version, scope).iter_rows())) if taken_up else 0
    more = f" {since:,} of them were taken up since." if since else ""
    return kept, f"{_unanswered(unanswered, told, whose)}{more}{surveyed}"


def _unanswered(count: int, told: int, whose: str) -> str:
    if told == 1:
        return f"The one idea in {whose} conversations was not answered."
    if count == told:
        return f"None of the {told:,} ideas in {whose} conversations was answered."
    return f"{count:,} of the {told:,} ideas in {whose} conversations went unanswered."


def shorten(text: str) -> str:
    """A quote masked and cut to a length that a mail can carry."""
    masked = mask(" ".join(text[:_READ_AT_MOST].split()))
    return masked if len(masked) <= LONGEST_QUOTE else masked[: LONGEST_QUOTE - 1].rstrip() + "…"


def _candidates(
    version: Version,
    scope: Scope,
    which: str,
    order: str,
    measure: str,
    kinds: tuple[str, ...],
    direction: str,
) -> list[dict[str, Any]]:
    rows, values = rows_sql(scope, "ticket", "ended_at", ())
    stands, gone = standing(version)
    return version.query(
        f"""
        WITH {stands}
        SELECT t.source, t.ticket_id, t.team, t.channel, t.ended_on AS dated_on,
               substring(w.text, e."start" + 1, e."end" - e."start") AS quote
        FROM ({rows}) t
        JOIN standing e ON e.source = t.source AND e.ticket_id = t.ticket_id
        JOIN turns w ON w.source = e.source AND w.ticket_id = e.ticket_id AND w.message_id = e.message_id
        WHERE {which} AND e.measure = ? AND list_contains(?, e.kind)
        ORDER BY e."end" - e."start" < {_TELLING_FROM}, {order} NULLS LAST, t.source, t.ticket_id,
                 e.value {direction} NULLS LAST, e.message_id, e."start"
        LIMIT 200
        """,
        [*gone, *values, measure, list(kinds)],
    ).to_dicts()


def as_quote(row: Mapping[str, Any], why: str, where: Addresses) -> Quote:
    """A row with source, ticket_id, team, channel, dated_on and quote as a quote."""
    return Quote(why, shorten(row["quote"]), about(row), where.conversation(row["ticket_id"], row["source"]))


def about(row: Mapping[str, Any]) -> str:
    """Team, channel and day of a conversation, masked."""
    day: date | None = row["dated_on"]
    parts = [mask(spaced(str(row[name])) or "") for name in ("team", "channel") if row[name]]
    return " · ".join([*parts, *([f"{day:%-d %B %Y}"] if day else [])])
