"""Days on which nothing came in though that weekday always brings something: the sign of an export that is not whole."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from metrics.tally import Queried

WEEKS_BEFORE: Final = 4
LEAST: Final = 5  # conversations that began on each of those weekdays


def left_empty(version: Queried, first: date, last: date) -> tuple[date, ...]:
    """The days from first to last on which no conversation began, while at least LEAST did on the same weekday of each of
    the four weeks before."""
    rows = version.query(
        "SELECT created_on, count(*) FROM ticket_facts WHERE created_on BETWEEN ? AND ? GROUP BY ALL",
        [first - timedelta(weeks=WEEKS_BEFORE), last],
    ).rows()
    counts: dict[date, int] = dict(rows)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(
        day
        for day in days
        if not counts.get(day)
        and all(counts.get(day - timedelta(weeks=week), 0) >= LEAST for week in range(1, WEEKS_BEFORE + 1))
    )
