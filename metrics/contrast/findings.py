"""What moved beyond noise, overall and by team, corrected for how many figures were looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from metrics import ripening, wording
from metrics.contrast import asked
from metrics.contrast.asked import GROUPED_BY, LOOKED_AT, looked_at
from metrics.contrast.difference import Difference, difference, estimate, holm
from metrics.contrast.quadrant import quadrant
from metrics.measure import Column, Measure
from metrics.totals import Scope
from warehouse.store import Version

__all__ = ["Finding", "Looked", "look", "moved", "quadrant"]

TOO_FEW: Final = 30
SCORE, ANSWERED = "is_satisfied", "is_csat_answered"


@dataclass(frozen=True)
class Finding:
    """One figure that moved beyond noise: in words, and with all that the words stand on.

    `group` is the team, or null for all together. `query` is what a page's address needs to show the same rows.
    """

    text: str
    measure: str
    column: str
    group: str | None
    value: float
    before: float
    change: float
    chance: float
    n: int
    n_before: int
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Looked:
    """All that was looked at and what stood: also when nothing did, which is a finding of its own."""

    findings: tuple[Finding, ...]
    count_compared: int
    count_too_few: int

    @property
    def rule(self) -> str:
        """How it was decided, in words."""
        more = " more" if self.count_compared else ""
        few = (
            f" {self.count_too_few:,}{more} had too few conversations for that." if self.count_too_few else ""
        )
        if self.count_compared == 0:
            return f"No figure could be compared with the period before.{few}"
        looks = "One figure was" if self.count_compared == 1 else f"{self.count_compared:,} figures were"
        return (
            f"{looks} compared with the period before, over all and by team; told is what exceeds noise, "
            f"allowing for how many were looked at.{few}"
        )


@dataclass(frozen=True)
class _Compared:
    measure: Measure
    column: Column
    group: str | None
    now: dict[str, Any]
    then: dict[str, Any]
    difference: Difference


def moved(version: Version, scope: Scope, before: Scope, *, too_few: int = TOO_FEW) -> tuple[Finding, ...]:
    """The figures that moved beyond noise, surest first; empty when nothing did."""
    return look(version, scope, before, too_few=too_few).findings


def look(version: Version, scope: Scope, before: Scope, *, too_few: int = TOO_FEW) -> Looked:
    """Compare every figure of LOOKED_AT that is there, over all and by team, with the period before.

    A figure is compared when both periods have at least `too_few` rows of it. Holm's correction runs over all that
    was compared, so that a list of findings holds one by chance at most once in twenty. What still ripens is compared with
    the period before as it was known at the same age.
    """
    before = ripening.same_age(version, scope, before)
    found = {
        column.name: (measure, column)
        for measure, column in looked_at(asked.told(version, LOOKED_AT)).values()
    }
    compared: list[_Compared] = []
    count_too_few = 0
    answered: dict[tuple[str, str | None], dict[str, Any]] = {}
    for by in ((), (GROUPED_BY,)):
        then = _rows(asked.totals(version, list(found), before, by=by), by)
        answered |= _rows(asked.totals(version, [ANSWERED], scope, by=by), by)
        for key, row in _rows(asked.totals(version, list(found), scope, by=by), by).items():
            name, group = key
            earlier = then.get(key)
            if name not in found or (by and group is None) or earlier is None:
                continue
            if min(row["n"] or 0, earlier["n"] or 0) < too_few:
                count_too_few += 1
                continue
            change = difference(estimate(row), estimate(earlier))
            if change:
                compared.append(_Compared(*found[name], group, row, earlier, change))
    stands = holm([item.difference.chance for item in compared])
    kept = [item for item, is_kept in zip(compared, stands, strict=True) if is_kept]
    kept.sort(key=lambda item: (item.difference.chance, item.group or "", item.column.name))
    return Looked(
        findings=tuple(
            _finding(
                item,
                scope,
                answered.get((ANSWERED, item.group)),
                is_final=ripening.is_final(version, item.measure.name, scope),
            )
            for item in kept
        ),
        count_compared=len(compared),
        count_too_few=count_too_few,
    )


def _rows(frame: pl.DataFrame, by: tuple[str, ...]) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {(row["column"], row[by[0]] if by else None): row for row in frame.to_dicts()}


def _finding(item: _Compared, scope: Scope, answered: dict[str, Any] | None, *, is_final: bool) -> Finding:
    column = item.column
    now, then = item.now["value"], item.then["value"]
    rose = "rose" if item.difference.change > 0 else "fell"
    title = column.title[:1].lower() + column.title[1:] if column.title[1:2].islower() else column.title
    subject = f"{item.group}: {title}" if item.group else column.title
    text = (
        f"{subject} {rose} from {wording.say(then, column.unit)} to {wording.say(now, column.unit)} "
        f"({wording.say_change(item.difference.change, column.unit, column.better)}; "
        f"n = {item.then['n']:,} and {item.now['n']:,}{_beside(column, answered)}"
        f"{'' if is_final else '; not final yet, the period before is told at the same age'})."
    )
    return Finding(
        text=text,
        measure=item.measure.name,
        column=column.name,
        group=item.group,
        value=now,
        before=then,
        change=item.difference.change,
        chance=item.difference.chance,
        n=int(item.now["n"]),
        n_before=int(item.then["n"]),
        query=_query(item, scope),
    )


def _beside(column: Column, answered: dict[str, Any] | None) -> str:
    """A satisfaction score is never said without how many of those asked answered."""
    if column.name != SCORE or not answered or answered["value"] is None:
        return ""
    return f"; {wording.say(answered['value'], 'share')} of those asked answered"


def _query(item: _Compared, scope: Scope) -> tuple[tuple[str, str], ...]:
    query = [("column", item.column.name)]
    if item.group:
        query.append((GROUPED_BY, item.group))
    if scope.date_from:
        query.append(("from", scope.date_from.isoformat()))
    if scope.date_to:
        query.append(("to", scope.date_to.isoformat()))
    return tuple(query)
