"""The weeks around the one that is due: what comes next and when, what waits for its export, what was missed.

Nothing here reads the clock: an instant comes in, so that a month can be simulated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from metrics import periods
from pipelines.digest.due import due_at, has_arrived, week_due, zone_name
from pipelines.digest.outstanding import is_stopped
from warehouse.recipients import Recipient
from warehouse.sends import Send, Sends
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed

_WEEK: Final = timedelta(days=7)
MISSED: Final = "Heard did not run while this week was the newest; a newer one went out in its place."


@dataclass(frozen=True)
class Now:
    """How things stand at an instant: the newest week that is due, since when, and until when it waits for its export.

    as_of is the instant the data stand for, None without data. next_week becomes due at next_at.
    """

    zone: str
    week: str
    since: datetime
    waits_until: datetime
    has_arrived: bool
    as_of: datetime | None
    next_week: str
    next_at: datetime
    is_waiting: bool


def at(store: Store, settings: Settings, now: datetime) -> Now:
    """How things stand with a store's digests at an instant."""
    place, as_of, is_there = settings.organisation.zone, None, False
    if store.current() is None:
        week = week_due(now, settings, place)
    else:
        with store.reading() as version:
            place = zone_name(version, settings)
            week = week_due(now, settings, place)
            is_there = has_arrived(version, week, place)
            known = version.query("SELECT value FROM meta WHERE key = 'as_of'")
            as_of = datetime.fromisoformat(known.item()) if known.height and known.item() else None
    since = due_at(week, settings, place)
    until = since + timedelta(hours=settings.digest.wait_for_export_hours)
    following = after(week)
    return Now(
        zone=place,
        week=week,
        since=since,
        waits_until=until,
        has_arrived=is_there,
        as_of=as_of,
        next_week=following,
        next_at=due_at(following, settings, place),
        is_waiting=not is_there and now < until,
    )


def after(week: str) -> str:
    """The week after a week; after the last of a year the first of the next."""
    return periods.week_of(periods.week_days(week)[0] + _WEEK)


def between(last: str | None, newest: str) -> tuple[str, ...]:
    """The weeks after `last` and before `newest`, the oldest first; none where no week was ever dealt with."""
    weeks = []
    week = after(last) if last else newest
    while periods.week_days(week) < periods.week_days(newest):
        weeks.append(week)
        week = after(week)
    return tuple(weeks)


def missed(
    recipients: Iterable[Recipient], sends: Iterable[Send], newest: str
) -> tuple[tuple[str, Recipient], ...]:
    """The weeks before the newest that recipients never got and nobody noted, each with the recipient.

    They are counted from the last week that the ledger knows of a recipient: before it nobody had asked for any.
    """
    last: dict[str, str] = {}
    for one in sends:
        last[one.recipient] = max(one.week, last.get(one.recipient, one.week))
    return tuple((week, one) for one in recipients for week in between(last.get(one.key), newest))


def note_missed(store: Store, settings: Settings, newest: str, now: datetime, who: str) -> tuple[str, ...]:
    """Keep in the ledger that weeks were missed, once for each recipient. Returns the weeks that were noted now."""
    sends = Sends(store.folder)
    found = missed(_wanting(store, settings), sends.sends(), newest)
    return tuple(
        sorted({week for week, one in found if sends.skip(week, one.key, one.name, MISSED, now, who)})
    )


def to_catch_up(
    store: Store, settings: Settings, newest: str
) -> tuple[tuple[str, tuple[Recipient, ...]], ...]:
    """Every week before the newest that was missed, noted or not, the oldest first, with who missed it."""
    wanting, sends = _wanting(store, settings), Sends(store.folder).sends()
    noted = {(one.week, one.recipient) for one in sends if one.state == "skipped" and one.error == MISSED}
    weeks: dict[str, list[Recipient]] = {}
    for week, one in missed(wanting, sends, newest):
        weeks.setdefault(week, []).append(one)
    for one in wanting:
        for week, key in noted:
            if key == one.key:
                weeks.setdefault(week, []).append(one)
    return tuple((week, tuple(who)) for week, who in sorted(weeks.items()))


def _wanting(store: Store, settings: Settings) -> list[Recipient]:
    """The recipients without those who asked for no more digests."""
    stopped = Unsubscribed(store.folder).all()
    return [one for one in settings.recipients if not is_stopped(one, stopped)]
