"""The pairs: one question asked twice, once of the scores and once of the conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from metrics import ripening
from metrics.contrast import asked
from metrics.contrast.asked import QUESTIONS, by_week_scope, looked_at
from metrics.contrast.difference import difference, estimate
from metrics.contrast.headline import Headline, headline
from metrics.measure import Better, Column, Measure, Unit
from metrics.totals import Scope
from warehouse.store import Version

__all__ = ["Figure", "Headline", "Pair", "figures", "headline", "ledger"]


@dataclass(frozen=True)
class Figure:
    """One figure of the ledger with all that belongs to it; null where not measured."""

    measure: str
    column: str
    title: str
    unit: Unit
    better: Better
    value: float | None
    n: int
    coverage: float | None
    low: float | None
    high: float | None
    change: float | None
    change_exceeds_noise: bool | None
    weekly: tuple[tuple[str, float | None], ...]
    n_before: int = 0
    count_open: int = 0  # of n: still waiting
    is_final: bool = True  # false while answers or reopenings may still come in


@dataclass(frozen=True)
class Pair:
    """One question with its figures from both sides."""

    question: str
    goal: str
    scores: tuple[Figure, ...]
    conversations: tuple[Figure, ...]


def ledger(version: Version, scope: Scope, before: Scope | None = None) -> tuple[Pair, ...]:
    """The pairs of this scope; changes against `before`, null without one.

    While a figure of the scope still ripens, `before` is told as it was known at the same age (metrics/ripening.py).
    A change exceeds noise when the 95 % interval of the difference leaves out zero; this is one look at each figure,
    uncorrected (metrics/contrast/findings.py corrects for all looks taken together).
    """
    columns = asked.told(version, [column for _, _, scores, talk in QUESTIONS for column in (*scores, *talk)])
    found = figures(version, columns, scope, before)
    pairs = (
        Pair(
            question=question,
            goal=goal,
            scores=tuple(found[name] for name in scores if name in found),
            conversations=tuple(found[name] for name in talk if name in found),
        )
        for question, goal, scores, talk in QUESTIONS
    )
    return tuple(pair for pair in pairs if pair.scores and pair.conversations)


def figures(
    version: Version, columns: Sequence[str], scope: Scope, before: Scope | None = None
) -> dict[str, Figure]:
    """The figures of measures and columns, by the names given; one whose measure is not there is left out."""
    before = ripening.same_age(version, scope, before) if before else None
    found = looked_at(columns)
    names = [column.name for _, column in found.values()]
    # Back from the last day of the scope, so that even one week stands in its history.
    wanted = [(scope, ()), (by_week_scope(scope), ("week",)), *([(before, ())] if before else [])]
    totals = asked.each(version, names, wanted, bare=(1,))
    now, then = estimates(totals[0]), estimates(totals[2]) if before else {}
    weekly = _weekly(totals[1])
    return {
        name: replace(
            _figure(pair, now, then, weekly), is_final=ripening.is_final(version, pair[0].name, scope)
        )
        for name, pair in found.items()
    }


def as_frame(found: Sequence[Figure]) -> pl.DataFrame:
    """One row per figure: measure, column, figure, unit, value, low, high, n, coverage, change, change_exceeds_noise,
    is_final; null as in Figure."""
    names = (
        "measure", "column", "title", "unit", "value", "low", "high", "n", "coverage", "change",
        "change_exceeds_noise", "is_final",
    )  # fmt: skip
    number = pl.Float64()
    types = {
        "value": number, "low": number, "high": number, "n": pl.Int64(), "coverage": number, "change": number,
        "change_exceeds_noise": pl.Boolean(), "is_final": pl.Boolean(),
    }  # fmt: skip
    rows = [tuple(getattr(figure, name) for name in names) for figure in found]
    schema = {name: types.get(name, pl.String()) for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row").rename({"title": "figure"})


def estimates(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of totals without groups, by column."""
    return {row["column"]: row for row in frame.to_dicts()}


def _weekly(weeks: pl.DataFrame) -> dict[str, list[tuple[str, float | None]]]:
    """Each column by week."""
    rows = weeks.sort("week", nulls_last=True).to_dicts()
    series: dict[str, list[tuple[str, float | None]]] = {}
    for row in rows:
        if row["week"] is not None:
            series.setdefault(row["column"], []).append((row["week"], row["value"]))
    return series


def _figure(
    found: tuple[Measure, Column],
    now: dict[str, dict[str, Any]],
    then: dict[str, dict[str, Any]],
    weekly: dict[str, list[tuple[str, float | None]]],
) -> Figure:
    measure, column = found
    row = now.get(column.name)
    current = estimate(row)
    earlier = estimate(then.get(column.name))
    moved = difference(current, earlier)
    return Figure(
        measure=measure.name,
        column=column.name,
        title=column.title,
        unit=column.unit,
        better=column.better,
        value=current.value,
        n=current.n,
        coverage=row["coverage"] if row else None,
        low=current.low,
        high=current.high,
        change=moved.change if moved else None,
        change_exceeds_noise=moved.exceeds_noise if moved else None,
        weekly=tuple(weekly.get(column.name, ())),
        n_before=earlier.n,
        count_open=int(row["count_open"]) if row and row["count_open"] else 0,
    )
