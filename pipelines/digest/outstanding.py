"""Whose digest is outstanding at an instant, and what it waits for. Reads the clock nowhere: time is what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.digest import due as dates
from warehouse.recipients import Recipient
from warehouse.sends import Send, Sends
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed


@dataclass(frozen=True)
class Due:
    """A week's digest that a recipient should have now. has_arrived: whether that week's export came."""

    week: str
    recipient: Recipient
    has_arrived: bool


@dataclass(frozen=True)
class Latest:
    """The latest week that is due, whether its export came, and until when it waits for that; null where it does not wait."""

    week: str
    has_arrived: bool
    waits_until: datetime | None


def latest(store: Store, settings: Settings, now: datetime) -> Latest | None:
    """The latest due week; null where nothing was loaded, where the data begin after that week, or nobody gets a digest."""
    if store.current() is None or not settings.recipients:
        return None
    with store.reading() as version:
        zone_of = dates.zone_name(version, settings)
        week = dates.week_due(now, settings, zone_of)
        if dates.is_before_all_data(version, week):
            return None
        has_arrived = dates.has_arrived(version, week, zone_of)
    until = dates.due_at(week, settings, zone_of) + timedelta(hours=settings.digest.wait_for_export_hours)
    return Latest(week, has_arrived, None if has_arrived or now >= until else until)


def due(store: Store, settings: Settings, now: datetime) -> list[Due]:
    """What is due at an instant: the latest week's digest for whoever has not got it, and what failed and is to be tried.

    Weeks before the latest are not caught up on, save where a try of theirs failed.
    """
    newest = latest(store, settings, now)
    return due_of(newest, store, settings, now) if newest else []


def due_of(newest: Latest, store: Store, settings: Settings, now: datetime) -> list[Due]:
    """As `due`, where the latest week is known."""
    rows = {(one.week, one.recipient): one for one in Sends(store.folder).sends()}
    stopped = Unsubscribed(store.folder).all()
    found = []
    for one in settings.recipients:
        if is_stopped(one, stopped):
            continue
        found += [
            Due(row.week, one, has_arrived(store, settings, row.week))
            for (_, recipient), row in sorted(rows.items())
            if recipient == one.key and row.week != newest.week and _is_to_be_tried(row, now)
        ]
        row = rows.get((newest.week, one.key))
        if _is_to_be_tried(row, now) if row else newest.waits_until is None:
            found.append(Due(newest.week, one, newest.has_arrived))
    return found


def not_wanted(newest: Latest, store: Store, settings: Settings) -> list[Due]:
    """Those of the latest due week who asked for no more and of whom the ledger does not know it yet."""
    stopped = Unsubscribed(store.folder).all()
    settled = {one.recipient for one in Sends(store.folder).sends(newest.week) if one.state != "failed"}
    return [
        Due(newest.week, one, newest.has_arrived)
        for one in settings.recipients
        if newest.waits_until is None and is_stopped(one, stopped) and one.key not in settled
    ]


def to_be_tried(store: Store, settings: Settings) -> list[Send]:
    """What failed and is tried again, now or later, of those who are still to get it; reads the ledger and makes none."""
    if not (store.folder / "ledger.sqlite").exists():
        return []
    stopped = Unsubscribed(store.folder).all()
    listed = {one.key for one in settings.recipients if not is_stopped(one, stopped)}
    return [
        one
        for one in Sends(store.folder).sends()
        if one.state == "failed" and one.next_try_at is not None and one.recipient in listed
    ]


def waiting(newest: Latest | None) -> str:
    """What the latest due week waits for, in words; empty where it waits for nothing."""
    if newest is None or newest.waits_until is None:
        return ""
    until = f"{newest.waits_until:%Y-%m-%d %H:%M} UTC"
    return f"The export of week {newest.week} has not arrived; its digest waits for it until {until}."


def has_arrived(store: Store, settings: Settings, week: str) -> bool:
    """Whether a week's export came, by all of the data, whoever asks."""
    with store.reading() as version:
        return dates.has_arrived(version, week, dates.zone_name(version, settings))


def _is_to_be_tried(row: Send, now: datetime) -> bool:
    return row.state == "failed" and row.next_try_at is not None and row.next_try_at <= now


def is_stopped(one: Recipient, stopped: Mapping[str, object]) -> bool:
    return one.by == "mail" and one.to.casefold() in stopped
