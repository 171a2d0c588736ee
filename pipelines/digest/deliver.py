"""Sends what is due: claim, hand over, mark. A crash never sends twice, and nobody is left out in silence."""

from __future__ import annotations

import fcntl
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from pipelines.digest import due as dates
from pipelines.digest import stored as kept
from pipelines.digest.outstanding import (
    Due,
    due,
    due_of,
    is_stopped,
    latest,
    not_wanted,
    to_be_tried,
    waiting,
)
from pipelines.digest.ways import folder, mail, slack, teams
from pipelines.digest.ways.parcel import HandOver, Later, NotSentError, Parcel, Stored, Unknown
from warehouse.errors import BadInput, HeardError, StoreBusy
from warehouse.ledger import reviewer
from warehouse.recipients import Recipient, check_server
from warehouse.sends import Send, Sends, State
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed

WAYS: Final[Mapping[str, Callable[[Parcel, HandOver], None]]] = MappingProxyType(
    {"mail": mail.send, "folder": folder.send, "slack": slack.send, "teams": teams.send}
)
__all__ = ["Due", "Outcome", "Report", "due", "parcel", "send_due", "send_week"]

# How long after each failed try the next one is due; after the last of them a person has to look.
BACK_OFF: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 360, 720, 1440))
UNSUBSCRIBED: Final = "They asked for no more digests."


@dataclass(frozen=True)
class Outcome:
    """What became of one send."""

    week: str
    recipient: str
    name: str
    state: State
    words: str = ""
    next_try_at: datetime | None = None


@dataclass(frozen=True)
class Report:
    """What a run of sending did. waiting: what it waits for, in words; empty where for nothing.

    pending: what earlier runs tried in vain and this one did not try, as its next try is later (or nobody asked for it).
    """

    outcomes: tuple[Outcome, ...] = ()
    waiting: str = ""
    pending: tuple[Outcome, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nothing failed, nothing is to be tried again and nothing is left for a person to decide."""
        return not self.pending and all(one.state in ("sent", "skipped") for one in self.outcomes)

    @property
    def needs_person(self) -> bool:
        """Whether something is unknown, or failed and is not tried again by itself."""
        return any(
            one.state == "unknown" or (one.state == "failed" and one.next_try_at is None)
            for one in self.outcomes
        )


def send_due(store: Store, settings: Settings, now: datetime) -> Report:
    """Send what is due, safely at any time. Raises StoreBusy while another run sends, BadSettings on mails without a server."""
    check_server(settings.recipients, settings.mail)
    with _alone(store):
        Sends(store.folder).take_over(now)
        outcomes: list[Outcome] = []
        newest = latest(store, settings, now)
        if newest:
            for one in (*not_wanted(newest, store, settings), *due_of(newest, store, settings, now)):
                outcomes += _send(store, settings, one, now)
        return _report(store, settings, outcomes, waiting(newest))


def send_week(
    store: Store,
    settings: Settings,
    week: str,
    now: datetime,
    *,
    recipients: Sequence[Recipient] | None = None,
) -> Report:
    """Send a week's digest to all who have not got it, or to those named; to those also where it failed for good.

    Raises BadInput on a week that is not over, StoreBusy while another run sends, BadSettings as `send_due`.
    """
    recipients_of = settings.recipients if recipients is None else recipients
    check_server(recipients_of, settings.mail)
    with store.reading() as version:
        zone_of = dates.zone_name(version, settings)
        has_arrived = dates.has_arrived(version, week, zone_of)
    if not dates.has_ended(week, now, zone_of):
        raise BadInput(
            f"Week {week} is not over: its digest would be sent once, and not whole.",
            fix=f"heard digest send --week {week} --preview DIR, or --test-to ADDRESS",
        )
    with _alone(store):
        Sends(store.folder).take_over(now)
        outcomes: list[Outcome] = []
        for one in recipients_of:
            outcomes += _send(
                store, settings, Due(week, one, has_arrived), now, is_asked_for=recipients is not None
            )
        return _report(store, settings, outcomes)


def parcel(
    store: Store, settings: Settings, content: Stored, one: Recipient, now: datetime, *, is_test: bool = False
) -> Parcel:
    """A week's digest made ready for one recipient."""
    url = ""
    if one.by == "mail" and not is_test:
        proof = {"store": store.name, "address": one.to, "token": Unsubscribed(store.folder).token(one.to)}
        url = f"{settings.digest.base_url.rstrip('/')}/unsubscribe?{urlencode(proof)}"
    return Parcel(
        recipient=one,
        content=content,
        store=store.name,
        now=now,
        mail=settings.mail,
        organisation=settings.organisation.name,
        unsubscribe_url=url,
        is_test=is_test,
    )


def _report(store: Store, settings: Settings, outcomes: Sequence[Outcome], waits_for: str = "") -> Report:
    """What was done, with what earlier runs left: for a person what is unknown, and of the newest week refused; for a later try."""
    done = {(one.week, one.recipient) for one in outcomes}
    listed = {one.key for one in settings.recipients}
    rows = Sends(store.folder).sends()
    left = [
        Outcome(row.week, row.recipient, row.name, row.state, row.error or "")
        for row in rows
        if (row.week, row.recipient) not in done
        and (
            row.state == "unknown"
            or (_is_given_up(row) and row.week == rows[0].week and row.recipient in listed)
        )
    ]
    pending = [
        Outcome(row.week, row.recipient, row.name, row.state, row.error or "", row.next_try_at)
        for row in to_be_tried(store, settings)
        if (row.week, row.recipient) not in done
    ]
    return Report((*left, *outcomes), waits_for, tuple(pending))


def _is_given_up(row: Send) -> bool:
    return row.state == "failed" and row.next_try_at is None


def _send(
    store: Store, settings: Settings, one: Due, now: datetime, *, is_asked_for: bool = False
) -> list[Outcome]:
    """Claim, hand over, mark. Returns nothing where it is not to be sent (again, or yet)."""
    sends, who, to = Sends(store.folder), reviewer(settings), one.recipient

    def outcome(state: State, words: str = "", next_try_at: datetime | None = None) -> list[Outcome]:
        return [Outcome(one.week, to.key, to.name, state, words, next_try_at)]

    if is_stopped(to, Unsubscribed(store.folder).all()):
        is_new = sends.skip(one.week, to.key, to.name, UNSUBSCRIBED, now, who)
        return outcome("skipped", UNSUBSCRIBED) if is_new or is_asked_for else []
    attempt = sends.claim(one.week, to.key, to.name, now, who, is_asked_for=is_asked_for)
    if attempt is None:
        return []
    is_handed_over = False
    try:
        content = kept.stored(store, one.week, to.rights, settings, has_arrived=one.has_arrived)
        ready = parcel(store, settings, content, to, now)
        number = mail.message_id(ready) if to.by == "mail" else None

        def hand_over() -> None:
            nonlocal is_handed_over
            if not sends.hand_over(one.week, to.key, now, content.content_hash, number):
                raise StoreBusy("Another run has taken this send over.", fix="heard digest show")
            is_handed_over = True

        WAYS[to.by](ready, hand_over)
    except Unknown as error:
        sends.mark(one.week, to.key, "unknown", now, error=error.why)
        return outcome("unknown", error.why)
    except (NotSentError, HeardError) as error:
        words = error.why if isinstance(error, NotSentError) else error.what
        at = (
            None
            if isinstance(error, NotSentError) and not isinstance(error, Later)
            else _next(now, attempt, error)
        )
        sends.mark(one.week, to.key, "failed", now, error=words, next_try_at=at)
        return outcome("failed", words, at)
    except Exception as error:  # noqa: BLE001 - a fault of ours with one reader must not keep the others waiting
        traceback.print_exc()
        words = f"A fault of the program: {type(error).__name__}: {error}"
        if is_handed_over:
            sends.mark(one.week, to.key, "unknown", now, error=words)
            return outcome("unknown", words)
        at = _next(now, attempt, error)
        sends.mark(one.week, to.key, "failed", now, error=words, next_try_at=at)
        return outcome("failed", words, at)
    sends.mark(one.week, to.key, "sent", now, content_hash=content.content_hash, message_id=number)
    return outcome("sent")


def _next(now: datetime, attempt: int, error: Exception) -> datetime | None:
    """When to try again; null where it was tried often enough for a person to look."""
    if attempt > len(BACK_OFF):
        return None
    asked = error.wait if isinstance(error, Later) else None
    return now + max(BACK_OFF[attempt - 1], asked or timedelta())


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """The lock of sending: whoever holds it knows that what is claimed was claimed by a run that is gone."""
    store.folder.mkdir(parents=True, exist_ok=True)
    with (store.folder / "sending.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreBusy(
                f"Another run is sending digests of the store {store.name!r}.", fix="wait until it has ended"
            ) from None
        lock.write(str(os.getpid()))
        yield
