"""How conversations go: an arc is the way a customer's feeling moves, a script the turns that move it."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random

MOODS = ("calm", "worried", "annoyed", "furious", "leaving")
_MOOD_SHARES = {
    "readers": (25, 32, 27, 11, 5),
    "invoicing": (42, 30, 20, 5, 3),
    "deliveries": (32, 26, 28, 10, 4),
    "shop": (40, 30, 20, 7, 3),
    "billing": (34, 18, 30, 9, 9),
    "rescue": (12, 50, 26, 8, 4),
}
_ARC_SHARES = {
    "calm": {"fine": 50, "restored": 8, "silent": 24, "flat_bad": 2, "soured": 8, "unanswered": 5},
    "worried": {
        "fine": 22,
        "restored": 33,
        "silent": 20,
        "improved": 8,
        "flat_bad": 5,
        "soured": 7,
        "unanswered": 5,
    },
    "annoyed": {
        "restored": 20,
        "improved": 25,
        "silent": 22,
        "flat_bad": 13,
        "soured": 10,
        "lost": 4,
        "unanswered": 6,
    },
    "furious": {
        "turned": 8,
        "restored": 8,
        "improved": 30,
        "silent": 20,
        "flat_bad": 18,
        "lost": 12,
        "unanswered": 4,
    },
    "leaving": {"turned": 20, "improved": 15, "silent": 20, "lost": 35, "flat_bad": 10},
}
_SOUR = {"curt_sour": 50, "curt_fine": 28, "curt_silent": 22}
_LOVED = {"loved": 84, "improved": 3, "fine": 2, "silent": 8, "soured": 1, "unanswered": 2}
_DEFENDED = {"defended": 76, "defended_silent": 15, "flat_bad": 5, "improved": 4}
_BEFORE_SILENCE = {"flat_bad": 45, "soured": 45, "unanswered": 10}

# Moves of the customer: gives chase cross_chase still thanks warm relief turned sceptic waiting sour shrug repeat
# leave loved protest. Moves of the agent: ask fix own process no curt defend defend_again nudge bye parting.
_SCRIPTS = {
    "fine": (
        "fix thanks", "fix", "ask gives fix thanks", "ask gives fix", "fix thanks bye", "fix nudge",
        "ask gives fix thanks bye", "own waiting fix thanks",
    ),
    "restored": (
        "fix warm", "ask gives fix warm", "own waiting fix warm", "fix still own fix warm", "own fix warm bye",
        "process chase fix warm", "ask gives fix warm bye", "fix still ask gives fix warm",
    ),
    "turned": ("own sceptic fix turned", "own fix turned bye", "own sceptic fix turned bye"),
    "improved": (
        "fix relief", "ask gives fix relief", "chase fix relief", "process cross_chase fix relief",
        "own fix relief bye", "fix still own fix relief",
    ),
    "silent": ("fix", "ask", "process", "ask nudge", "fix nudge", "no", "own fix"),
    "flat_bad": (
        "process cross_chase process shrug", "no shrug", "fix still ask repeat process", "process cross_chase no shrug",
        "fix still no shrug", "ask repeat process cross_chase",
    ),
    "soured": (
        "process chase no sour", "ask repeat no sour", "no sour", "fix still curt sour",
        "process cross_chase curt sour", "ask gives process chase process sour",
    ),
    "lost": ("process leave parting", "no leave parting", "process cross_chase no leave", "no leave"),
    "unanswered": ("", "chase", "chase cross_chase", ""),
    "curt_sour": ("curt sour", "curt still curt sour", "curt sour curt", "curt repeat curt sour", "curt shrug"),
    "curt_fine": ("curt thanks", "curt", "curt_fix thanks", "curt_fix"),
    "curt_silent": ("curt", "curt", "curt chase curt"),
    "loved": (
        "own fix loved", "own fix loved bye", "fix loved", "own fix loved", "own waiting fix loved bye",
        "ask gives fix loved", "own waiting fix loved", "fix loved bye",
    ),
    "defended": (
        "defend protest defend_again sour", "defend sour", "defend protest defend_again leave", "defend leave parting",
        "ask gives defend sour", "defend protest defend_again shrug",
    ),
    "defended_silent": ("defend", "defend protest defend_again"),
}  # fmt: skip
PLEASED = frozenset({"restored", "turned", "loved"})
BETTER = PLEASED | {"improved"}
UNHAPPY = frozenset({"flat_bad", "soured", "lost", "curt_sour", "defended", "defended_silent"})


def _pick(shares: dict[str, int], u: float) -> str:
    ends = list(accumulate(shares.values()))
    return list(shares)[bisect(ends, u * ends[-1])]


def mood_at_arrival(team: str, u: float, shares: dict[str, int] | None = None) -> str:
    """The mood in which a customer of that team writes; `shares` are other moods than the team's own."""
    return _pick(shares or dict(zip(MOODS, _MOOD_SHARES[team], strict=True)), u)


def arc_of(
    mood: str,
    u: float,
    *,
    sour: bool,
    loved: bool,
    defensive: bool,
    until_silence: int,
    shares: dict[str, dict[str, int]] | None = None,
) -> str:
    """The arc, by the mood on arrival and the stories in force for this ticket; `shares` are other arcs than the usual."""
    if 0 <= until_silence < 3:
        return "soured" if until_silence == 0 else _pick(_BEFORE_SILENCE, u)
    if sour:
        return _pick(_SOUR, u)
    if loved:
        return _pick(_LOVED, u)
    if defensive:
        return _pick(_DEFENDED, u)
    return _pick((shares or _ARC_SHARES)[mood], u)


def script_of(arc: str, rng: Random) -> list[str]:
    """The moves after the opening."""
    scripts = _SCRIPTS[arc]
    return scripts[int(rng.random() * len(scripts))].split()
