"""The stories planted in the sample: what happens in each, and what Heard should find."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from warehouse.errors import HeardError

WEEKS = 26  # the shipped sample's; the stories' weeks below are counted back from its end


@dataclass(frozen=True, slots=True)
class Expectation:
    """A statement about a measure's column that holds with the story on and does not with it off.

    `weeks` are the last n weeks of the sample. rises/falls: those weeks against all before them.
    above/below: the tickets `where` names against all others, in those weeks. reaches: the count of rows
    of that kind (whose words match the alternatives in `words`) is at least `at_least`.
    """

    column: str
    change: Literal["rises", "falls", "above", "below", "reaches"]
    weeks: int
    where: tuple[tuple[str, str], ...] = ()
    at_least: float | None = None
    holds_without: bool = False  # the setting of the story, there with it and without it


@dataclass(frozen=True, slots=True)
class Story:
    """One planted story that can be switched off by its name."""

    name: str
    title: str
    about: str
    team: str | None
    weeks: int
    expects: tuple[Expectation, ...]
    tags: tuple[str, ...] = field(default=())


_DELIVERIES = (("team", "Deliveries"),)
_RESCUE = (("team", "Data Rescue"),)
_REFUNDS = (("team", "Plans & Billing"), ("tag", "refund"))

STORIES: tuple[Story, ...] = (
    Story(
        name="sour_team",
        title="Deliveries gets faster and its scores rise while its customers sour",
        about="In the last ten weeks the team closes tickets quickly with short formulas. Handle time falls, "
        "those who answer the survey tick good (often 'quick' or 'polite'), but customers who write back "
        "leave worse than they came, and the others say nothing.",
        team="Deliveries",
        weeks=10,
        expects=(
            Expectation("handle_minutes", "falls", 10, _DELIVERIES),
            Expectation("is_satisfied", "rises", 10, _DELIVERIES),
            Expectation("mood_shift", "falls", 10, _DELIVERIES),
            Expectation("left_worse", "rises", 10, _DELIVERIES),
        ),
    ),
    Story(
        name="slow_loved",
        title="Data Rescue is slow, and its customers love it",
        about="The first reply takes a day or more throughout. Customers arrive worried or upset, are told "
        "honestly how long it takes, get everything back and leave pleased; many say that they'd recommend. "
        "Without the story the team is just as slow, but an ordinary team.",
        team="Data Rescue",
        weeks=26,
        expects=(
            Expectation("first_reply_minutes", "above", 26, _RESCUE, holds_without=True),
            Expectation("mood_shift", "above", 26, _RESCUE),
            Expectation("left_better", "above", 26, _RESCUE),
            Expectation("left_worse", "below", 26, _RESCUE),
            Expectation("said_would_recommend", "above", 26, _RESCUE),
        ),
    ),
    Story(
        name="unanswered_idea",
        title="Everybody's accountant wants a login, and nobody answers",
        about="Customers of every team ask, each in their own words, for their accountant or bookkeeper to get "
        "a look of their own at the books. It is asked in tickets and in survey comments. No reply ever takes "
        "it up. Without the story nobody asks.",
        team=None,
        weeks=26,
        expects=(
            Expectation("is_unheard", "reaches", 26, (("words", "accountant|bookkeeper"),), at_least=20),
        ),
    ),
    Story(
        name="defensive_policy",
        title="A new refund policy makes agents defensive",
        about="Eleven weeks before the end (from Monday 31 August 2026 in the shipped sample) refunds are only "
        "given as account credit. Agents of Plans & Billing answer refund matters with terms and conditions, "
        "and customers leave worse, some for good.",
        team="Plans & Billing",
        weeks=11,
        expects=(
            Expectation("mood_shift", "falls", 11, _REFUNDS),
            Expectation("left_worse", "rises", 11, _REFUNDS),
        ),
        tags=("refund",),
    ),
    Story(
        name="gone_quiet",
        title="Customers who wrote every week have fallen silent",
        about="A few shops write every six to nine days. Their last three conversations before week 15 to 18 end "
        "badly, and then they write no more. Without the story they keep writing: these are the only "
        "tickets that exist in one sample and not in the other.",
        team=None,
        weeks=8,
        expects=(Expectation("is_gone_quiet", "reaches", 26, at_least=20),),
    ),
)
NAMES = tuple(story.name for story in STORIES)


def switched_on(without: Collection[str]) -> frozenset[str]:
    """The names of the stories that are told."""
    unknown = sorted(set(without) - set(NAMES))
    if unknown:
        raise HeardError(
            f"There is no story called {', '.join(unknown)}.", fix=f"choose from: {', '.join(NAMES)}"
        )
    return frozenset(NAMES) - frozenset(without)
