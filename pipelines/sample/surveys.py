"""Who is asked for a score, who answers, and what they tick: by how the conversation went, with noise."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from pipelines.sample.calendar import DAY, in_office
from pipelines.sample.people import mix
from pipelines.sample.slots import Slots
from pipelines.sample.stock import family, say_any
from pipelines.sample.timeline import Told

# arc: (share that answers, share of the answers that is good, mean NPS, spread of it)
_HABITS = {
    "fine": (0.30, 0.95, 8.2, 1.4), "restored": (0.42, 0.98, 9.1, 1.1), "turned": (0.55, 0.96, 9.2, 1.2),
    "loved": (0.50, 0.98, 9.7, 0.8), "improved": (0.28, 0.84, 7.0, 1.5), "silent": (0.20, 0.78, 6.6, 2.2),
    "flat_bad": (0.14, 0.22, 3.6, 2.0), "soured": (0.11, 0.25, 3.2, 2.0), "lost": (0.16, 0.08, 1.3, 1.3),
    "curt_sour": (0.16, 0.90, 4.0, 2.2), "curt_fine": (0.50, 0.99, 7.9, 1.3), "curt_silent": (0.18, 0.95, 5.4, 2.2),
    "defended": (0.24, 0.12, 2.0, 1.7), "defended_silent": (0.10, 0.30, 3.5, 2.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Csat:
    """A satisfaction survey: when it was offered, and the answer if there was one."""

    offered_at: int
    answered_at: int | None
    score: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Nps:
    """A recommendation survey: when it was sent, and the answer if there was one."""

    asked_at: int
    answered_at: int | None
    score: int | None
    comment: str
    is_linked: bool


def csat_of(told: Told, ends_at: int) -> Csat | None:
    """The satisfaction survey of a solved conversation, or None where nobody was asked."""
    if told.solved_at is None or told.arc not in _HABITS:
        return None
    rng = Random(mix(told.plan.seed, 5))
    offered_at = told.solved_at + DAY
    if rng.random() > 0.86 or offered_at > ends_at:
        return None
    answers, good, _, _ = _HABITS[told.arc]
    answered_at = offered_at + int(1.5 * DAY * rng.random() ** 2) + 300
    if rng.random() > answers or answered_at > ends_at:
        return Csat(offered_at, None, None, None)
    score = "good" if rng.random() < good else "bad"
    comment = None
    if rng.random() < (0.42 if score == "good" else 0.6):
        stock = family("surveys")["csat"]
        key = "polite" if score == "good" and told.arc.startswith("curt") else score
        if score == "good" and told.arc == "loved":
            comment = say_any(family("surveys")["loved"]["any"], rng, _slots(told))
        else:
            comment = say_any(stock[key]["any"], rng, _slots(told))
    return Csat(offered_at, answered_at, score, comment)


def nps_of(told: Told, ends_at: int, *, asks_for_idea: bool) -> Nps | None:
    """The recommendation survey sent three days after, to a third of the solved conversations."""
    if told.solved_at is None or told.arc not in _HABITS:
        return None
    rng = Random(mix(told.plan.seed, 6))
    if rng.random() > 0.36:
        return None
    asked_at = in_office(told.solved_at + 3 * DAY, rng)
    if asked_at > ends_at:
        return None
    is_linked = rng.random() < 0.75
    answers, _, mean, spread = _HABITS[told.arc]
    answered_at = asked_at + int(4 * DAY * rng.random() ** 2) + 600
    if rng.random() > answers + 0.05 or answered_at > ends_at:
        return Nps(asked_at, None, None, "", is_linked)
    score = max(0, min(10, round(mean + spread * rng.gauss(0, 1))))
    comment, number, wants = "", rng.random(), rng.random()
    chosen = Random(mix(told.plan.seed, 7))
    if number < 0.6:
        stock = family("surveys")
        band = "high" if score >= 9 else "middle" if score >= 7 else "low"
        lines = (
            stock["loved"]["any"]
            if told.arc == "loved" and chosen.random() < 0.6
            else stock["nps"][band]["any"]
        )
        comment = say_any(lines, chosen, _slots(told))
        if wants < 0.11 and asks_for_idea and score >= 5:
            comment = say_any(family("ideas")["accountant"]["survey"], chosen, _slots(told))
    return Nps(asked_at, answered_at, score, comment, is_linked)


def _slots(told: Told) -> Slots:
    assert told.slots is not None
    return told.slots
