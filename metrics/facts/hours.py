"""When the desk is open: every schedule as a table of open spans in UTC.

A schedule comes from the export or from heard.toml. A minute is open where the local clock reads within the opening hours
of its weekday and the day is no holiday: on the day the clocks go forward an hour of the night is not there, on the day they
go back it is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from metrics.facts.clock import zone_name
from warehouse.errors import BadInput, BadSettings
from warehouse.hours import DAYS, MINUTES_PER_DAY
from warehouse.settings import Settings, zone_names
from warehouse.store import Connection, insert

# Instants before and after are mistakes of a clock, and no business time is told of them.
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
US_PER_MINUTE: Final = 60_000_000
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1)

# A schedule's number is its place here; source is null for those of heard.toml, teams are in lower case. The export's
# default is the schedule of its source that was created first.
SCHEDULES_KNOWN: Final = pl.Schema(
    {
        "schedule": pl.Int64(),
        "source": pl.String(),
        "schedule_id": pl.String(),
        "is_default": pl.Boolean(),
        "teams": pl.List(pl.String()),
    }
)
# opens_at and closes_at bound a stretch of open time; before_us is the open time of the schedule before it. The first row
# of a schedule has no length and stands where its table begins; the last one's before_us is null: after it nothing is known.
OPEN_SPANS: Final = pl.Schema(
    {
        "schedule": pl.Int64(),
        "opens_at": pl.Datetime("us", "UTC"),
        "closes_at": pl.Datetime("us", "UTC"),
        "before_us": pl.Int64(),
    }
)
_CREATE = """
CREATE OR REPLACE TABLE schedules_known
    (schedule BIGINT, source VARCHAR, schedule_id VARCHAR, is_default BOOLEAN, teams VARCHAR[]);
CREATE OR REPLACE TABLE open_spans
    (schedule BIGINT, opens_at TIMESTAMPTZ, closes_at TIMESTAMPTZ, before_us BIGINT);
"""
_STATED = """
    SELECT source, schedule_id, coalesce(name, schedule_id), zone, hours, holidays,
        row_number() OVER (PARTITION BY source ORDER BY created_at NULLS LAST, schedule_id) = 1
    FROM schedules ORDER BY source, schedule_id
"""
_YEARS = """
    SELECT extract(year FROM min(least(created_at, solved_at, closed_at))),
        extract(year FROM max(greatest(created_at, updated_at, solved_at, closed_at))) FROM tickets
"""


@dataclass(frozen=True)
class Hours:
    """A week's opening hours in one place: (opens, closes) in minutes from Monday 00:00, and the days that are closed."""

    zone: str
    spans: tuple[tuple[int, int], ...]
    closed: frozenset[date]


def write_open_spans(connection: Connection, settings: Settings, as_of: datetime) -> bool:
    """Make schedules_known and open_spans anew; False where no schedule is known.

    The spans reach from the year before the data to the year after it. A schedule whose zone or hours are not known
    has none: minutes in it are null. Raises BadSettings on holidays of a place that is not known.
    """
    connection.execute(_CREATE)
    years = _years(connection, as_of)
    known: list[tuple[Any, ...]] = []
    every: list[tuple[Any, ...]] = []
    for *key, hours in (*_stated(connection, years), *_of_settings(connection, settings, years)):
        known.append((len(known), *key))
        if hours is not None:
            every += [(known[-1][0], *span) for span in open_spans(hours, years)]
    if known:
        insert(connection, "schedules_known", pl.DataFrame(known, schema=SCHEDULES_KNOWN, orient="row"))
    if every:
        insert(connection, "open_spans", pl.DataFrame(every, schema=OPEN_SPANS, orient="row"))
    return bool(known)


_Known = tuple[str | None, str, bool, list[str], Hours | None]


def _years(connection: Connection, as_of: datetime) -> range:
    first, last = connection.execute(_YEARS).fetchall()[0]
    first, last = min(first or as_of.year, as_of.year), max(last or as_of.year, as_of.year)
    return range(max(int(first) - 1, FIRST_YEAR), min(int(last) + 1, LAST_YEAR) + 1)


def _stated(connection: Connection, years: range) -> Iterator[_Known]:
    """The export's own schedules."""
    for source, schedule_id, name, zone, weekly, closed, is_default in connection.execute(_STATED).fetchall():
        hours = None
        if weekly and zone in zone_names():
            try:
                spans = tuple(sorted((int(a), int(b)) for a, b in (one.split("-") for one in weekly)))
                hours = Hours(zone, spans, frozenset(day for one in closed or () for day in _days(one)))
            except ValueError as error:
                raise BadInput(
                    f"The hours of the schedule {name!r} can not be read: {error}",
                    fix="state it in heard.toml",
                ) from error
        yield source, schedule_id, is_default, [], hours


def _of_settings(connection: Connection, settings: Settings, years: range) -> Iterator[_Known]:
    """The schedules of heard.toml."""
    for schedule in settings.schedules:
        spans = tuple(
            (int(opens), int(closes)) for opens, closes in (one.split("-") for one in schedule.hours())
        )
        closed = frozenset(date.fromisoformat(day) for day in schedule.closed)
        zone = schedule.zone or zone_name(connection, settings)
        hours = Hours(zone, spans, closed | public_holidays(schedule.holidays, years))
        teams = [team.strip().lower() for team in schedule.teams]
        yield None, schedule.name, not teams, teams, hours


def _days(said: str) -> Iterator[date]:
    """ "2026-12-24/2026-12-26" or one day, both ends included."""
    first, _, last = said.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return (start + number * _DAY for number in range((end - start).days + 1))


def public_holidays(place: str, years: Sequence[int]) -> frozenset[date]:
    """The public holidays of a country ("DE") or a part of one ("DE-BY"). Raises BadSettings on an unknown place."""
    if not place:
        return frozenset()
    import holidays  # slow to import, and few need it

    supported = holidays.list_supported_countries(include_aliases=False)
    country, _, part = place.partition("-")
    if country not in supported or (part and part not in supported[country]):
        parts = [f"{country}-{one}" for one in supported.get(country, [])]
        near = get_close_matches(country, list(supported), n=1)
        meant = (
            f"known are {country}, {', '.join(parts)}"
            if parts
            else 'a country, "DE", or a part of one, "DE-BY"'
        )
        raise BadSettings(
            f"The holidays of {place!r} are not known.",
            fix=f"did you mean {near[0]}?" if near and not parts else meant,
        )
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years))


def open_spans(hours: Hours, years: Sequence[int]) -> Iterator[tuple[datetime, datetime, int | None]]:
    """The rows of OPEN_SPANS of one schedule: (opens_at, closes_at, before_us) in UTC, in order."""
    zone = ZoneInfo(hours.zone)
    first, last = datetime(years[0], 1, 1), datetime(years[-1] + 1, 1, 1)
    pieces = _by_weekday(hours.spans)
    begins = first.replace(tzinfo=UTC)
    yield begins, begins, 0
    before = 0
    for starts, ends, offset in _regimes(zone, first, last):
        day = (starts + offset).date()
        while datetime.combine(day, datetime.min.time()) < ends + offset:
            midnight = datetime.combine(day, datetime.min.time()) - offset
            for opens, closes in () if day in hours.closed else pieces[day.weekday()]:
                opens_at = max(midnight + timedelta(minutes=opens), starts)
                closes_at = min(midnight + timedelta(minutes=closes), ends)
                if opens_at < closes_at:
                    yield opens_at.replace(tzinfo=UTC), closes_at.replace(tzinfo=UTC), before
                    before += (closes_at - opens_at) // timedelta(microseconds=1)
            day += _DAY
    yield last.replace(tzinfo=UTC), last.replace(tzinfo=UTC), None


def _by_weekday(spans: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """A week's hours cut at midnight: for each weekday its (opens, closes) in minutes of the day, overlaps joined."""
    pieces: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for opens, closes in spans:
        while opens < closes:
            day, minute = divmod(opens, MINUTES_PER_DAY)
            until = min(closes, (day + 1) * MINUTES_PER_DAY)
            pieces[day % len(DAYS)].append((minute, until - day * MINUTES_PER_DAY))
            opens = until
    return [_joined(sorted(piece)) for piece in pieces]


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for opens, closes in spans:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def _regimes(
    zone: ZoneInfo, first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The stretches of one offset from UTC: (starts, ends, offset), instants in UTC without a zone."""
    starts, day = first, first
    offset = _offset(zone, first)
    while day < last:
        following = min(day + _DAY, last)
        if _offset(zone, following) != offset:
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            yield starts, high, offset
            starts, offset = high, _offset(zone, high)
        day = following
    yield starts, last, offset


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    found = instant.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return found if found is not None else timedelta(0)
