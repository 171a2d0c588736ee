"""Zendesk's business hours: schedules in minutes of a week that begins on Sunday, and their holidays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.sources._values import identifier, listing, number, words
from pipelines.sources._zendesk_people import required
from pipelines.sources._zones import iana
from pipelines.sources.source import HOLIDAY, PARTS, Options, Row
from warehouse.errors import BadInput

DAY, WEEK = 24 * 60, 7 * 24 * 60
_DAY_FORM = re.compile(r"^\d{4}-\d\d-\d\d")


def schedule(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A schedule with its hours and the holidays that stand in it."""
    pairs = [(one.get("start_time"), one.get("end_time")) for one in _objects(record.get("intervals"))]
    holidays = [holiday_days(one) for one in _objects(record.get("holidays"))]
    yield (
        "schedules",
        {
            "schedule_id": required(record, "schedule"),
            "name": words(record.get("name")),
            "zone": zone_of(record.get("time_zone")),
            "hours": hours_of(pairs),
            "holidays": sorted(set(holidays)) or None,
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at"),
        },
    )


def holiday(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A holiday that lies beside its schedule and names it."""
    schedule_id = required(record, "holiday", "schedule_id")
    yield PARTS, {"kind": HOLIDAY, "id": schedule_id, "place": holiday_days(record)}


def zone_of(name: Any) -> str:
    """The schedule's zone as an IANA name. Raises BadInput on a zone that nobody knows: its hours would be wrong."""
    found = iana(words(name))
    if found is None:
        raise BadInput(f"a schedule in the time zone {str(name)[:60]!r}, which is not known")
    return found


def hours_of(intervals: Iterable[tuple[Any, Any]]) -> list[str]:
    """Hours from Monday 00:00 of intervals from Sunday 00:00, in order; what touches is joined, what wraps is split.

    Raises BadInput on an interval that is none.
    """
    found: list[tuple[int, int]] = []
    for start, end in intervals:
        opens, closes = number(start), number(end)
        if opens is None or closes is None or not 0 <= opens < closes <= WEEK:
            raise BadInput(f"the hours {start!r} to {end!r} are no part of a week in minutes")
        from_monday = (int(opens) - DAY) % WEEK
        until = from_monday + int(closes) - int(opens)
        found.append((from_monday, min(until, WEEK)))
        if until > WEEK:
            found.append((0, until - WEEK))
    return [f"{opens}-{closes}" for opens, closes in _joined(sorted(found))]


def _joined(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    whole: list[tuple[int, int]] = []
    for opens, closes in intervals:
        if whole and opens <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(closes, whole[-1][1]))
        else:
            whole.append((opens, closes))
    return whole


def holiday_days(record: Row) -> str:
    """The whole local days of a holiday: 2026-12-25, or 2026-12-24/2026-12-26 with both ends closed."""
    first, last = (str(record.get(key) or "")[:10] for key in ("start_date", "end_date"))
    last = last or first
    if not _DAY_FORM.match(first) or not _DAY_FORM.match(last) or last < first:
        raise BadInput(f"a holiday from {first!r} to {last!r}")
    return first if first == last else f"{first}/{last}"


def assignment(one: Row, ticket_id: str, event_id: str, at: Any) -> Row:
    """The moment from which a ticket follows another schedule; a null schedule is the default one again."""
    chosen = identifier(one.get("new_schedule_id"), "schedule id")
    return {"ticket_id": ticket_id, "event_id": event_id, "at": at, "schedule_id": chosen}


def _objects(value: Any) -> list[Row]:
    return [one for one in listing(value) if isinstance(one, dict)]
