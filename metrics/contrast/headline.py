"""The headline: one sentence about the same conversations, made from the data and true of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from metrics import wording
from metrics.contrast import asked
from metrics.contrast.difference import Estimate, estimate
from metrics.contrast.quadrant import quadrant
from metrics.coverage import coverage
from metrics.totals import Scope
from warehouse.store import Version

TOO_FEW: Final = 30
HIGH_SCORE: Final = 0.90
MOST_TEAMS_NAMED: Final = 3


@dataclass(frozen=True)
class Headline:
    """The answer in one sentence, about the same conversations, and what it stands on.

    `n`, `value`, `low` and `high` are those of the share in the answer; 0 and null where it tells of no share. `short` is the
    finding in a few words; empty where nothing was found.
    """

    answer: str
    more: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    short: str = ""


def headline(version: Version, scope: Scope, *, too_few: int = TOO_FEW) -> Headline:
    """Whether the good scores hold up: of those who ticked satisfied, the share that left worse than they came.

    Where that can not be told it says so, and tells what can: conversations alone, scores alone, or neither. A team
    is named only when its score is strictly above 90 % while the interval of its customers' shift of mood lies wholly
    below zero, both from at least `too_few` conversations.
    """
    seen = coverage(version, scope)
    score = _total(version, "is_satisfied", scope)
    if seen.count == 0 and score.n == 0:
        return _plain("There are no conversations in this period.", "There is nothing to compare.")
    satisfied = replace(scope, where={**scope.where, "is_satisfied": ("true",)})
    both = _total(version, "left_worse", satisfied)
    followed = _total(version, "left_worse", scope)
    if both.n >= too_few:
        return _share(
            both,
            f"Customers tick {wording.say(score.value, 'share')} satisfied; of those who did, {{share}} left worse than"
            " they came.",
            "That is {part} of the {n} conversations that were rated satisfied and whose mood could be followed"
            " ({interval}). " + _answered(version, scope),
            _teams(version, scope, too_few),
            f"{wording.say(score.value, 'share')} tick satisfied, {{share}} of them left worse",
        )
    if followed.n >= too_few:
        return _share(
            followed,
            "Of the conversations whose mood could be followed, {share} ended worse than they began.",
            "That is {part} of {n} ({interval}).",
            _why_no_comparison(score.n, both.n, too_few),
            "{share} left worse than they came",
        )
    if score.n >= too_few:
        return _share(
            score,
            "Customers tick {share} satisfied; what stands behind it is not measured.",
            "{part} of {n} ratings ({interval}). " + _answered(version, scope),
            "No conversation could be read."
            if seen.count_readable == 0
            else f"Mood could be followed in only {_conversations(followed.n)}.",
            "{share} tick satisfied",
        )
    return _plain(
        f"{_conversations(seen.count).capitalize()} in this period: too few were rated or could be followed for a rate.",
        f"{score.n:,} rated, mood followed in {followed.n:,}. Below {too_few} we show the conversations, not a rate.",
    )


def _total(version: Version, column: str, scope: Scope) -> Estimate:
    rows = asked.totals(version, asked.told(version, [column]), scope).to_dicts()
    return estimate(rows[0] if rows else None)


def _answered(version: Version, scope: Scope) -> str:
    """How many of those whom the satisfaction survey asked answered it: a score is never said without."""
    rate = _total(version, "is_csat_answered", scope)
    if rate.value is None:
        return "How many were asked is not in these data."
    return f"Of {rate.n:,} who were asked, {wording.say(rate.value, 'share')} answered."


def _teams(version: Version, scope: Scope, too_few: int) -> str:
    """The sentence that names teams whose scores are high while moods fall; empty where the data name none."""
    frame = quadrant(version, scope, "team", too_few=too_few)
    named = [row for row in frame.to_dicts() if _is_high_and_falling(row, too_few)]
    if not named:
        return ""
    named.sort(key=lambda row: (row["mood_shift"], row["group"]))
    names = _listed([str(row["group"]) for row in named[:MOST_TEAMS_NAMED]])
    more = f" and {len(named) - MOST_TEAMS_NAMED} more" if len(named) > MOST_TEAMS_NAMED else ""
    does = "scores" if len(named) == 1 else "score"
    return f"{names}{more} {does} above {HIGH_SCORE * 100:.0f} on CSAT while customers' mood falls."


def _is_high_and_falling(row: dict[str, Any], too_few: int) -> bool:
    if row["csat"] is None or row["mood_shift_high"] is None:
        return False
    is_enough = row["n_rated"] >= too_few and row["n_followed"] >= too_few
    return bool(is_enough and row["csat"] > HIGH_SCORE and row["mood_shift_high"] < 0)


def _why_no_comparison(rated: int, both: int, too_few: int) -> str:
    if rated == 0:
        return "No conversation was rated, so there is no score to compare with."
    return f"Only {both:,} were rated satisfied and followed: below {too_few} we show the conversations, not a rate."


def _share(share: Estimate, answer: str, stands_on: str, more: str, short: str) -> Headline:
    value = share.value or 0.0
    said = wording.say(value, "share")
    interval = wording.say_interval(share.low, share.high, "share")
    stands_on = stands_on.format(part=f"{round(value * share.n):,}", n=f"{share.n:,}", interval=interval)
    return Headline(
        answer=answer.format(share=said),
        more=f"{stands_on} {more}".strip(),
        n=share.n,
        value=value,
        low=share.low,
        high=share.high,
        short=short.format(share=said),
    )


def _plain(answer: str, more: str) -> Headline:
    return Headline(answer=answer, more=more, n=0, value=None, low=None, high=None)


def _conversations(count: int) -> str:
    return "one conversation" if count == 1 else f"{count:,} conversations"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
