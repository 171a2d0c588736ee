"""Which week's digest is due at an instant, on the clock of the organisation; and whether that week's export has come."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from metrics import periods
from pipelines.digest.stands_on import first_and_last_day
from warehouse.hours import DAYS
from warehouse.settings import Settings, zone
from warehouse.store import Version

_WEEK: Final = timedelta(days=7)


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

    It has where the data stand for an instant after the week, or where they hold something of the week and a file was
    loaded after it had ended: a desk that rests on Sundays writes nothing on them.
    """
    end = _end(week, zone_of)
    monday, sunday = periods.week_days(week)
    row = version.query(
        "SELECT (SELECT value FROM meta WHERE key = 'as_of') AS as_of, (SELECT max(loaded_at) FROM loads) AS loaded_at,"
        " EXISTS (FROM ticket_facts WHERE created_on BETWEEN ? AND ? OR ended_on BETWEEN ? AND ?) AS has_any",
        [monday, sunday, monday, sunday],
    ).row(0, named=True)
    if row["as_of"] and datetime.fromisoformat(row["as_of"]) >= end:
        return True
    return bool(row["has_any"] and row["loaded_at"] and _aware(row["loaded_at"]) >= end)


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
