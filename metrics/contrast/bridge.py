"""The bridge from the figure that a helpdesk shows to ours: which rules differ, and what each makes of the figure.

Every combination of the rules of metrics/contrast/recount.py is counted, and the one that comes nearest to the typed
figure is taken for the helpdesk's: among those that round to it the one with the fewest rules changed, and with the typed
n where one was typed. From it the rules are turned into ours one after the other, in their stated order, each step a
recount with one rule more changed. The steps, the rounding of the typed figure and the remainder add up to ours.
A combination that rounds to the figure may be chance; how many do so is said with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import Final

from metrics.contrast.recount import Counted, Recount, Score
from metrics.contrast.recount_rows import recount
from metrics.measure import Unit
from metrics.totals import Scope
from warehouse.errors import HeardError
from warehouse.store import Version

TITLES: Final[dict[Score, str]] = {"csat": "CSAT", "nps": "NPS", "first_reply": "First reply time"}
UNITS: Final[dict[Score, Unit]] = {"csat": "share", "nps": "net", "first_reply": "minutes"}
DRAWN: Final = 10_000  # first replies among which combinations are compared where there are more
SEED: Final = 20
CLOSEST: Final = 50  # combinations that are then counted over all of them, and twice as many that may fit
NOISE: Final = 8.0  # over the root of the number drawn: how far, as a share, a figure of the drawn may be off
_NUMBER: Final = r"(?P<number>[+-]?[0-9]{1,9}(?:\.(?P<decimals>[0-9]{1,6}))?)"
_PLAIN: Final = re.compile(rf"{_NUMBER}\s*(?P<unit>%|[a-z]*)")
_HOURS: Final = re.compile(r"([0-9]{1,6})\s*(?:h|hours?|:)\s*([0-9]{1,2})\s*(?:m|min|minutes?)?")
_MINUTES: Final = {"": 1.0, "m": 1.0, "min": 1.0, "mins": 1.0, "minute": 1.0, "minutes": 1.0, "h": 60.0, "hour": 60.0,
    "hours": 60.0, "d": 1440.0, "day": 1440.0, "days": 1440.0, "s": 1 / 60, "sec": 1 / 60, "seconds": 1 / 60}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """The figure that a helpdesk shows, in our unit, and how far the true one may lie from it by rounding."""

    score: Score
    value: float
    half: float
    n: int | None = None

    def holds(self, value: float) -> bool:
        """Whether a figure is this one once it is rounded as typed."""
        return abs(value - self.value) <= self.half * (1 + 1e-9)


@dataclass(frozen=True)
class Step:
    """One rule turned from theirs into ours: both in words, what that changes, and the figure and n after it."""

    rule: str
    title: str
    theirs: str
    ours: str
    change: float
    value: float
    n: int


@dataclass(frozen=True)
class Bridge:
    """From the typed figure to ours: typed + rounding + the steps + remainder = ours.

    rounding is what the typed figure lacks of the unrounded one, remainder what no rule explains; one of the two is 0.
    same: the rules that are taken to be ours on both sides, by title with their words. count_tried combinations were
    counted; of those that round to the typed figure count_fitting differ in the figure or in n. n_theirs: what the nearest
    one stands on.
    """

    typed: Typed
    theirs: float
    rounding: float
    steps: tuple[Step, ...]
    same: tuple[tuple[str, str], ...]
    remainder: float
    ours: float
    n: int
    n_theirs: int
    count_tried: int
    count_fitting: int

    @property
    def is_explained(self) -> bool:
        """Whether rules and rounding explain the typed figure wholly."""
        return self.remainder == 0


def typed(score: Score, text: str, n: int | None = None) -> Typed:
    """The figure that was typed: "94", "94.2 %", "0.94"; "+31"; "84 min", "1.4 h", "2 h 5 min", "1:24".

    Raises HeardError where it is none, or out of range.
    """
    words = " ".join(text.strip().lower().replace(",", ".").replace("\N{MINUS SIGN}", "-").split())
    clock = _HOURS.fullmatch(words) if score == "first_reply" else None
    if clock:
        return Typed(score, 60.0 * int(clock[1]) + int(clock[2]), 0.5, n)
    found = _PLAIN.fullmatch(words)
    unit = found["unit"] if found else ""
    units = {"first_reply": tuple(_MINUTES), "csat": ("", "%"), "nps": ("",)}[score]
    if found is None or unit not in units:
        raise _unreadable(score, text)
    value, half = float(found["number"]), 0.5 * 10 ** -len(found["decimals"] or "")
    match score:
        case "first_reply":
            scale, ends = _MINUTES[unit], (0.0, 1e7)
        case "nps":
            scale, ends = 1.0, (-100.0, 100.0)
        case _:
            scale, ends = (1.0 if not unit and found["decimals"] and 0 < value <= 1 else 0.01), (-1.0, 1.0)
    if not ends[0] <= value * scale <= ends[1]:
        raise _unreadable(score, text)
    return Typed(score, value * scale, half * scale, n)


def bridge(
    version: Version, told: Typed, scope: Scope, own_zone: str, known: Mapping[str, str] | None = None
) -> Bridge | None:
    """The bridge from a typed figure to ours over the same days and filters; null where ours is not measured.

    `known` are rules of the helpdesk that the reader knows (rule to option), which are then not searched.
    """
    rows = recount(version, told.score, scope, own_zone)
    ours = rows.counted(rows.ours)
    if ours.value is None:
        return None
    nearest, tried, fitting = _nearest(rows, told, known or {})
    theirs = rows.counted(nearest)
    if theirs.value is None:  # the rules that are known count nothing here
        nearest, theirs = rows.ours, ours
    start = theirs.value if theirs.value is not None else ours.value
    gap = start - told.value
    fits = told.holds(start)
    return Bridge(
        typed=told,
        theirs=start,
        rounding=gap if fits else 0.0,
        steps=_steps(rows, nearest, start),
        same=tuple(
            (rule.title, rule.options[0].words)
            for rule in rows.rules
            if nearest[rule.name] == rule.options[0].key
        ),
        remainder=0.0 if fits else gap,
        ours=ours.value,
        n=ours.n,
        n_theirs=theirs.n,
        count_tried=tried,
        count_fitting=fitting,
    )


def _steps(rows: Recount, theirs: Mapping[str, str], start: float) -> tuple[Step, ...]:
    """The rules that differ, turned into ours in their order; where nothing is left to count the figure stays."""
    chosen, value, steps = dict(theirs), start, list[Step]()
    for rule in rows.rules:
        mine = rule.options[0]
        if chosen[rule.name] == mine.key:
            continue
        words = rule.words(chosen[rule.name])
        chosen[rule.name] = mine.key
        now = rows.counted(chosen)
        after = value if now.value is None else now.value
        steps.append(Step(rule.name, rule.title, words, mine.words, after - value, after, now.n))
        value = after
    return tuple(steps)


def _nearest(rows: Recount, told: Typed, known: Mapping[str, str]) -> tuple[dict[str, str], int, int]:
    """The combination that comes nearest to the typed figure, how many were tried, and how many round to it."""
    names = [rule.name for rule in rows.rules]
    options = []
    for rule in rows.rules:
        keys = [one.key for one in rule.options]
        options.append([known[rule.name]] if known.get(rule.name) in keys else keys)
    combinations = [dict(zip(names, keys, strict=True)) for keys in product(*options)]
    ours = rows.ours

    def rank(chosen: Mapping[str, str], found: Counted) -> tuple[float, ...]:
        changed = sum(chosen[name] != ours[name] for name in names)
        if found.value is None:
            return 2, 0, 0, 0
        off = abs(found.value - told.value)
        if not told.holds(found.value):
            return 1, off // (2 * told.half), changed, off
        return 0, float(told.n is not None and found.n != told.n), changed, off

    drawn = rows.drawn(DRAWN, SEED)
    tried = combinations
    counts = [drawn.counted(chosen) for chosen in tried]
    if drawn is not rows:
        tried = _hopeful(
            tried, counts, told, [sum(one[name] != ours[name] for name in names) for one in tried]
        )
        counts = [rows.counted(chosen) for chosen in tried]
    ranked = [(rank(chosen, found), chosen) for chosen, found in zip(tried, counts, strict=True)]
    best = min(ranked, key=lambda one: one[0])[1]
    fitting = {found for found in counts if found.value is not None and told.holds(found.value)}
    return best, len(combinations), len(fitting)


def _hopeful(
    combinations: Sequence[dict[str, str]], drawn: Sequence[Counted], told: Typed, changed: Sequence[int]
) -> list[dict[str, str]]:
    """Those that may give the typed figure as far as the drawn rows tell, the fewest rules changed first; and the nearest."""
    off = [abs(found.value - told.value) if found.value is not None else inf for found in drawn]
    slack = told.half + NOISE * abs(told.value) / DRAWN**0.5
    places = range(len(combinations))
    near = sorted(
        (place for place in places if off[place] <= slack), key=lambda place: (changed[place], off[place])
    )
    nearest = sorted(places, key=lambda place: off[place])[:CLOSEST]
    few = [place for place in places if changed[place] <= 1]
    return [combinations[place] for place in dict.fromkeys([*near[: 2 * CLOSEST], *nearest, *few])]


def _unreadable(score: Score, text: str) -> HeardError:
    examples = {
        "csat": "94, 94.2 % or 0.94",
        "nps": "31 or -4.5, from -100 to 100",
        "first_reply": "84 min, 1.4 h, 2 h 5 min or 1:24",
    }
    return HeardError(f"{text!r} is not a figure of {TITLES[score]}.", fix=f"type it like {examples[score]}")
