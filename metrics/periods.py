"""Weeks and periods: ISO weeks, periods that end with the last day of data, and the period before."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from warehouse.errors import HeardError, NoData
from warehouse.settings import zone

if TYPE_CHECKING:
    from metrics.tally import Queried
    from metrics.totals import Scope

WEEK = re.compile(r"(\d{4})-W(\d{2})")


def week_days(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week such as 2026-W46. Raises HeardError on anything else."""
    found = WEEK.fullmatch(week)
    try:
        if found is None:
            raise ValueError
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise HeardError(f"{week!r} is not an ISO week.", fix="write it like 2026-W46") from None
    return monday, monday + timedelta(days=6)


def week_of(day: date) -> str:
    """The ISO week of a day, as 2026-W46."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def last_whole_week(version: Queried) -> str:
    """The last ISO week that had ended when the data did: the as-of day's own week only where that is a Sunday."""
    known = dict(version.query("SELECT key, value FROM meta WHERE key IN ('as_of', 'zone')").rows())
    if not known.get("as_of"):
        raise NoData("The store has no as-of instant.", fix="heard ingest PATH")
    # An instant at midnight belongs to the day that it ends.
    last = datetime.fromisoformat(known["as_of"]).astimezone(zone(known.get("zone") or "")) - timedelta(
        microseconds=1
    )
    return week_of(last.date() - timedelta(days=last.isoweekday() % 7))


def last_weeks(last_day: date, count: int) -> tuple[date, date]:
    """First and last day of the `count` times seven days that end with the last day of data."""
    if count < 1:
        raise HeardError(f"{count} weeks are no period.", fix="ask for one week or more")
    return last_day - timedelta(days=7 * count - 1), last_day


def previous(scope: Scope) -> Scope:
    """The same scope in the period of the same length just before it. Raises HeardError where it has no two ends."""
    if scope.date_from is None or scope.date_to is None:
        raise HeardError("A period without a first and a last day has none before it.", fix="name both days")
    days = (scope.date_to - scope.date_from).days + 1
    return dataclasses.replace(
        scope, date_from=scope.date_from - timedelta(days=days), date_to=scope.date_from - timedelta(days=1)
    )


@dataclasses.dataclass(frozen=True)
class Span:
    """A calendar month or quarter up to the last day of data: its name, and its first and last day."""

    name: str
    first: date
    last: date
    is_whole: bool


def calendar_spans(last_day: date, months: int = 6, quarters: int = 4) -> tuple[Span, ...]:
    """The months and then the quarters back from the last day of data, the newest first of each."""
    spans = []
    for length, count in ((1, months), (3, quarters)):
        number = (last_day.year * 12 + last_day.month - 1) // length  # of months or quarters since the year 0
        for back in range(count):
            first, after = (_first_of(length * (number - back + step)) for step in (0, 1))
            name = f"{first:%B %Y}" if length == 1 else f"quarter {first.month // 3 + 1} of {first.year}"
            last = after - timedelta(days=1)
            spans.append(Span(name, first, min(last, last_day), last <= last_day))
    return tuple(spans)


def _first_of(month: int) -> date:
    """The first day of a month, numbered from the year 0."""
    return date(month // 12, month % 12 + 1, 1)
