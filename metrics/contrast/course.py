"""Figures week by week, each with its interval, its target of that week and the notes of the days around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from metrics import registry
from metrics.contrast import asked, targets
from metrics.contrast.targets import Target
from metrics.measure import Better, Unit, Wing
from metrics.periods import week_days
from metrics.totals import Scope
from warehouse.store import Version

# What stands there before anybody chooses: the two sides of the same questions, one beside the other.
SHOWN: Final = (
    "is_satisfied",
    "mood_shift",
    "first_reply_minutes",
    "left_worse",
    "count_tickets",
    "has_exit_wish",
)
MOST: Final = 9


@dataclass(frozen=True)
class Week:
    """One week of a figure; value, low and high are null where not measured, target where nothing was wanted yet."""

    week: str
    monday: date
    value: float | None
    low: float | None
    high: float | None
    n: int
    target: float | None


@dataclass(frozen=True)
class Course:
    """A figure over the weeks of a scope. A week that the scope cuts is as long as what is left of it."""

    column: str
    title: str
    unit: Unit
    better: Better
    wing: Wing
    weeks: tuple[Week, ...]


def columns(version: Version) -> dict[str, str]:
    """The titles of all figures that can be drawn by week, by column: those with a total that may be told here."""
    names = [column.name for measure in registry.discover() for column in measure.columns if column.total]
    return {name: registry.find(name)[1].title for name in asked.told(version, names)}


def courses(
    version: Version, names: Sequence[str], scope: Scope, wanted: Sequence[Target]
) -> tuple[Course, ...]:
    """The figures of these columns by week, in their order; one that may not be told, or has no week, is left out."""
    known = [name for name in asked.told(version, names) if name in columns(version)]
    if not known:
        return ()
    rows = asked.totals(version, known, scope, ["week"]).to_dicts()
    found = []
    for name in known:
        measure, column = registry.find(name)
        weeks = tuple(
            _week(row, targets.on(wanted, name, week_days(row["week"])[1]))
            for row in rows
            if row["column"] == name and row["week"] is not None
        )
        if any(week.value is not None for week in weeks):
            found.append(Course(name, column.title, column.unit, column.better, measure.wing, weeks))
    return tuple(found)


def as_frame(found: Sequence[Course]) -> pl.DataFrame:
    """One row per figure and week: figure, unit, week, value, low, high, n, target; null as in Week."""
    rows = [
        (course.title, course.unit, week.week, week.value, week.low, week.high, week.n, week.target)
        for course in found
        for week in course.weeks
    ]
    text, number = pl.String(), pl.Float64()
    names = {
        "figure": text, "unit": text, "week": text, "value": number, "low": number, "high": number, "n": pl.Int64(),
        "target": number,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def _week(row: dict[str, object], target: Target | None) -> Week:
    week = str(row["week"])
    return Week(
        week=week,
        monday=week_days(week)[0],
        value=row["value"],  # type: ignore[arg-type]
        low=row["low"],  # type: ignore[arg-type]
        high=row["high"],  # type: ignore[arg-type]
        n=int(row["n"] or 0),  # type: ignore[call-overload]
        target=target.value if target else None,
    )
