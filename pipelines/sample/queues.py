"""Unequal queues, where a sample is asked for them: a hard one with good agents and an easy one with poor agents.

Two teams get the same two kinds of matters in opposite shares. Hard matters bring angry customers, easy ones calm ones; in
every mood the good agents do better than the poor ones, and yet the hard queue as a whole ends worse.
"""

from __future__ import annotations

from pipelines.sample.stock import Situation, situations

QUEUES = ("hard-and-easy",)
_GOOD, _POOR = "readers", "shop"
_HARD_SHARE = {_GOOD: 0.86, _POOR: 0.14}
_HARD = (("deliveries", "the missing parcel"), ("deliveries", "the damaged goods"))
_EASY = (("invoicing", "payment reminders"), ("invoicing", "the repeat invoice"))
_MOODS = {
    True: {"calm": 1, "worried": 4, "annoyed": 20, "furious": 45, "leaving": 30},
    False: {"calm": 78, "worried": 18, "annoyed": 2, "furious": 1, "leaving": 1},
}
_ARCS = {
    _GOOD: {
        "calm": {"fine": 72, "restored": 20, "silent": 6, "soured": 1, "unanswered": 1},
        "worried": {"fine": 32, "restored": 54, "silent": 8, "improved": 4, "soured": 2},
        "annoyed": {"restored": 34, "improved": 26, "silent": 14, "flat_bad": 18, "soured": 8},
        "furious": {"turned": 10, "restored": 14, "improved": 14, "silent": 14, "flat_bad": 32, "lost": 16},
        "leaving": {"turned": 12, "restored": 8, "improved": 12, "silent": 14, "lost": 40, "flat_bad": 14},
    },
    _POOR: {
        "calm": {"fine": 54, "restored": 12, "silent": 12, "flat_bad": 6, "soured": 12, "unanswered": 4},
        "worried": {"fine": 22, "restored": 32, "silent": 14, "flat_bad": 14, "soured": 14, "unanswered": 4},
        "annoyed": {"restored": 4, "improved": 8, "silent": 14, "flat_bad": 44, "soured": 30},
        "furious": {"improved": 4, "silent": 12, "flat_bad": 54, "lost": 30},
        "leaving": {"improved": 2, "silent": 12, "lost": 68, "flat_bad": 18},
    },
}  # fmt: skip


def matter(team: str, number: float) -> tuple[tuple[Situation, ...], ...] | None:
    """What a conversation of the team may be about, by a number from 0 to 1; null where its queue is as ever."""
    share = _HARD_SHARE.get(team)
    if share is None:
        return None
    wanted = _HARD if number < share else _EASY
    return tuple(cases for own, topic in wanted for cases in situations(own) if cases[0].topic == topic)


def moods(situation: Situation, team: str) -> dict[str, int] | None:
    """The shares of moods on arrival; null where they are as ever."""
    if team not in _HARD_SHARE:
        return None
    return _MOODS[any(situation.topic == topic for _, topic in _HARD)]


def arcs(team: str) -> dict[str, dict[str, int]] | None:
    """The shares of arcs by mood of a team's agents; null where they are as ever."""
    return _ARCS.get(team)
