"""What a score stands on: of how many it is made, who did not answer, how low and how high it is if the silent differ."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Final

from metrics.contrast import asked, targets
from metrics.contrast.bounds import Bounds, Tipping, tipping
from metrics.contrast.bridge import UNITS
from metrics.contrast.recount import Score
from metrics.contrast.silent import silence
from metrics.measure import Unit
from metrics.totals import Scope
from warehouse.settings import Settings
from warehouse.store import Version

COLUMNS: Final[dict[Score, str]] = {
    "csat": "is_satisfied",
    "nps": "nps_net",
    "first_reply": "first_reply_minutes",
}
STEP: Final = 10  # points of a round target below the figure


@dataclass(frozen=True)
class Stands:
    """A score by our rules, with its interval and n; null where not measured.

    bounds: of everybody asked in the scope (dated by when they were asked); null for a time, or where who was asked is not
    known. tipping: of the organisation's target where it has one, else of the next round figure below; is_own says which.
    waiting: of n, those who still wait for a first reply.
    """

    score: Score
    unit: Unit
    value: float | None
    n: int
    low: float | None
    high: float | None
    bounds: Bounds | None
    is_asked_known: bool
    tipping: Tipping | None
    is_own: bool
    waiting: int


def stands_on(version: Version, score: Score, scope: Scope, settings: Settings) -> Stands:
    """What the score of a scope stands on."""
    column = COLUMNS[score]
    row = next(iter(asked.totals(version, [column], scope).to_dicts()), None)
    value = row["value"] if row else None
    found, tips, is_own, known = None, None, False, False
    if score != "first_reply":
        silent = silence(version, scope, score, settings)
        known = silent.is_asked_known
        found = silent.bounds if silent.bounds.count_asked else None
        if found and found.value is not None:
            own = targets.on(targets.targets(version), column, scope.date_to) if scope.date_to else None
            is_own = own is not None
            tips = tipping(found, own.value if own else _round_below(found.value, found.unit))
    return Stands(
        score=score,
        unit=UNITS[score],
        value=value,
        n=int(row["n"]) if row else 0,
        low=row["low"] if row else None,
        high=row["high"] if row else None,
        bounds=found,
        is_asked_known=known,
        tipping=tips,
        is_own=is_own,
        waiting=int(row["count_open"] or 0) if row else 0,
    )


def _round_below(value: float, unit: str) -> float:
    """The next round figure below: 0.8 below 0.84, 20 below 24."""
    scale = 100 if unit == "share" else 1
    points = floor(round(value * scale, 9) / STEP) * STEP
    return (points - STEP if points >= round(value * scale, 9) else points) / scale
