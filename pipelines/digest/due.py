"""Which week's digest is due at an instant, on the clock of the organisation; and whether that week's export has come."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from metrics import periods
from pipelines.digest.stands_on import first_and_last_day
from warehouse.hours import DAYS
from warehouse.settings import Settings, zone
from warehouse.store import Version

_WEEK: Final = timedelta(days=7)
_WEEKS_BEFORE: Final = 4
_FRIDAY: Final = 4


def zone_name(version: Version, settings: Settings) -> str:
    """The zone of days and weeks: the organisation's, else the export's; empty is UTC."""
    known = dict(version.query("SELECT key, value FROM meta WHERE key = 'zone'").iter_rows())
    return settings.organisation.zone or known.get("zone") or ""


def due_at(week: str, settings: Settings, zone_of: str) -> datetime:
    """The instant at which a week's digest is due: the weekday after the week ended, at the hour on that place's clock.

    An hour that a clock change leaves out counts as the one after it; one that comes twice as the first.
    """
    _, sunday = periods.week_days(week)
    day = sunday + timedelta(days=1 + DAYS.index(settings.digest.weekday))
    return _instant(day, time(settings.digest.hour), zone_of)


def week_due(now: datetime, settings: Settings, zone_of: str) -> str:
    """The latest week whose digest is due at that instant. Those before it are not caught up on."""
    day = now.astimezone(zone(zone_of)).date()
    week = periods.week_of(day)
    while due_at(week, settings, zone_of) > now:
        week = periods.week_of(periods.week_days(week)[0] - _WEEK)
    return week


def has_ended(week: str, now: datetime, zone_of: str) -> bool:
    """Whether the week is over at that instant."""
    return now >= _end(week, zone_of)


def has_arrived(version: Version, week: str, zone_of: str) -> bool:
    """Whether the export of a week has come.

    It has where the data stand for an instant after the week; or where a file was loaded after the week had ended and
    conversations reach its last working day: a desk that rests at weekends writes nothing on them, and a file of
    something else says nothing of the days that are missing.
    """
    end = _end(week, zone_of)
    monday, sunday = periods.week_days(week)
    row = version.query(
        "SELECT (SELECT value FROM meta WHERE key = 'as_of') AS as_of, (SELECT max(loaded_at) FROM loads) AS loaded_at,"
        " (SELECT greatest(max(created_on) FILTER (created_on BETWEEN ? AND ?),"
        " max(ended_on) FILTER (ended_on BETWEEN ? AND ?)) FROM ticket_facts) AS last_day",
        [monday, sunday, monday, sunday],
    ).row(0, named=True)
    if row["as_of"] and datetime.fromisoformat(row["as_of"]) >= end:
        return True
    if row["last_day"] is None or row["loaded_at"] is None or _aware(row["loaded_at"]) < end:
        return False
    return bool(row["last_day"] >= monday + timedelta(days=_last_working_day(version, monday)))


def _last_working_day(version: Version, monday: date) -> int:
    """The last weekday (0 is Monday) that brought conversations in at least half of the weeks before, four at most.

    Friday where the data hold no whole week before. 0 where no weekday brings them as a rule: then any day will do.
    """
    first, _ = first_and_last_day(version)
    weeks = min(_WEEKS_BEFORE, (monday - first).days // 7) if first else 0
    if weeks < 1:
        return _FRIDAY
    days = version.query(
        "SELECT DISTINCT created_on FROM ticket_facts WHERE created_on BETWEEN ? AND ?",
        [monday - weeks * _WEEK, monday - timedelta(days=1)],
    )["created_on"]
    counts = Counter(day.weekday() for day in days)
    return max((weekday for weekday, count in counts.items() if 2 * count >= weeks), default=0)


def is_before_all_data(version: Version, week: str) -> bool:
    """Whether a week was over before the data begin: of it there will never be anything to tell."""
    first, _ = first_and_last_day(version)
    return first is not None and first > periods.week_days(week)[1]


def _end(week: str, zone_of: str) -> datetime:
    return _instant(periods.week_days(week)[1] + timedelta(days=1), time(), zone_of)


def _instant(day: date, hour: time, zone_of: str) -> datetime:
    return datetime.combine(day, hour, zone(zone_of)).astimezone(UTC)


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
