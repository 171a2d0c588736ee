"""Where the organisation itself draws the line: targets for figures of either side, each from a day on.

A target holds from its day until the next one of the same figure, so that a week is held against what was wanted then.
They are entries of the ledger: who set them and when stays, and setting one can be undone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from metrics import entered, registry
from metrics.measure import Better, Column
from warehouse.errors import HeardError
from warehouse.ledger import Entry
from warehouse.store import Version

KIND: Final = "target"
Verdict = Literal["met", "missed", "too close to say"]


@dataclass(frozen=True)
class Target:
    """A value wanted of a column from a day on, in the column's own unit (a share from 0 to 1, a net score from -100 to 100, minutes)."""

    column: str
    value: float
    since: date
    entry: Entry


def choices() -> tuple[Column, ...]:
    """The columns that can have a target: those with a total of which more or less is better."""
    return tuple(
        column
        for measure in registry.discover()
        for column in measure.columns
        if column.total is not None and column.better != "neither"
    )


def targets(version: Version) -> tuple[Target, ...]:
    """Every target that stands, by column and day."""
    known = {column.name for column in choices()}
    found = [
        Target(one.fields["column"], float(one.fields["value"]), date.fromisoformat(one.fields["since"]), one)
        for one in entered.standing(version, KIND).values()
        if one.fields and one.fields["column"] in known
    ]
    return tuple(sorted(found, key=lambda one: (one.column, one.since)))


def set_target(version: Version, column: str, value: float, since: date, who: str) -> Entry:
    """Set what is wanted of a column from a day on; one of the same column and day is replaced.

    Raises NotAllowed, and HeardError on a column that can have no target or a value that it can not reach.
    """
    found = next((one for one in choices() if one.name == column), None)
    if found is None:
        raise HeardError(
            f"{column} can have no target.", fix="choose a figure of which more or less is better"
        )
    low, high = REACH.get(found.unit, (0.0, math.inf))
    if not low <= value <= high:
        raise HeardError(
            f"A target of {value:g} can not be reached by {found.title.lower()}.",
            fix=f"choose a value from {low:g} to {high:g}"
            if math.isfinite(high)
            else f"choose {low:g} or more",
        )
    fields = {"column": column, "value": float(value), "since": since.isoformat()}
    return entered.keep(version, KIND, f"{column} {since.isoformat()}", fields, who)


REACH: Final = {"share": (0.0, 1.0), "net": (-100.0, 100.0), "mood": (-1.0, 1.0)}


def remove(version: Version, target: Target, who: str) -> Entry:
    """Remove a target; undoing the entry returned brings it back. Raises NotAllowed."""
    return entered.keep(version, KIND, target.entry.subject, None, who)


def on(known: Sequence[Target], column: str, day: date) -> Target | None:
    """What was wanted of a column on a day; null before its first target."""
    held = [one for one in known if one.column == column and one.since <= day]
    return held[-1] if held else None


def verdict(value: float, low: float | None, high: float | None, target: float, better: Better) -> Verdict:
    """Whether a figure meets its target: "too close to say" while its 95 % interval holds the target within it.

    A figure without an interval is held against the target as it is.
    """
    if low is not None and high is not None and low < target < high:
        return "too close to say"
    is_met = value >= target if better == "higher" else value <= target
    return "met" if is_met else "missed"
