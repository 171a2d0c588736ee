"""What `heard doctor` says of the schedule: what starts it, how the last run went, who gets digests, what waits for a person."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from pipelines import inbox
from pipelines.digest.outstanding import to_be_tried
from pipelines.run_log import LOCK, NAME
from pipelines.schedule import install
from pipelines.schedule.job import job_of
from warehouse import secrets
from warehouse.errors import HeardError
from warehouse.recipients import LOCAL, check_server
from warehouse.runs import ACT, last_run
from warehouse.sends import AGAIN, Sends
from warehouse.settings import Settings, zone
from warehouse.store import Store

OVERDUE: Final = timedelta(hours=3)  # of a schedule that starts every hour
Found = tuple[bool, str, str]  # whether it is well, what was seen, what to type


def checks(settings: Settings, store: Store, now: datetime | None = None) -> Iterator[Found]:
    """One thing at a time. `now` is the clock's instant where none is given."""
    now = now or datetime.now(UTC)
    yield _started(settings, store, now)
    yield from _last(settings, store, now)
    yield from _inbox(settings, store)
    yield from _recipients(settings)
    yield from _sends(settings, store)


def _started(settings: Settings, store: Store, now: datetime) -> Found:
    """Whether something starts heard run. Without recipients nothing has to."""
    try:
        how = install.is_in_place(job_of(settings, store.name))
    except HeardError as error:
        return False, error.what, error.fix or ""
    last = last_run(store.folder)
    is_recent = last is not None and now - last.began < OVERDUE
    if how:
        fix = "systemctl --user list-timers" if how == "systemd" else "look whether cron runs on this machine"
        if last is not None and not is_recent:
            return (
                False,
                f"{how} should start heard run every hour, but it did not since {_at(last.began, settings)}",
                fix,
            )
        return True, f"{how} starts heard run every hour", ""
    if is_recent:
        return True, "Something starts heard run: it ran in the last hours", ""
    if not settings.recipients:
        return True, "Nothing starts heard run, and nobody is to get a digest", ""
    return (
        False,
        "Nothing starts heard run, so no digest goes out by itself.",
        "heard schedule systemd --install, or cron",
    )


def _last(settings: Settings, store: Store, now: datetime) -> Iterator[Found]:
    last = last_run(store.folder)
    if last is None:
        return
    log = settings.folder(settings.run.log) / NAME
    began = _at(last.began, settings)
    if last.ended is None and _is_at_work(settings):
        is_stuck = now - last.began > 2 * OVERDUE
        yield (
            not is_stuck,
            f"A run is at work since {began}",
            f"see {log}; end process {last.pid} if it hangs",
        )
    elif last.ended is None:
        yield False, f"The last run, of {began}, was cut off.", "heard run takes over where it was"
    else:
        words = {0: "all well", ACT: "a person must act"}.get(last.code or 0, "something was put off")
        yield last.code != ACT, f"The last run, of {began}: {words}", f"see {log}"


def _inbox(settings: Settings, store: Store) -> Iterator[Found]:
    folder = settings.folder(settings.run.inbox)
    lying = inbox.failed(folder) if store.name != "demo" else []
    if lying:
        names = ", ".join(path.name for path in lying[:3]) + (
            f" and {len(lying) - 3:,} more" if len(lying) > 3 else ""
        )
        yield False, f"Not loaded from the inbox: {names}", f"read why beside them in {folder / inbox.FAILED}"


def _recipients(settings: Settings) -> Iterator[Found]:
    if not settings.recipients:
        yield True, "No recipients: no digest is sent", ""
        return
    if urlsplit(settings.digest.base_url).hostname in LOCAL:
        yield (
            True,
            f"Links in digests open on this machine only: digest.base_url is {settings.digest.base_url}",
            "",
        )
    count = len(settings.recipients)
    yield True, f"{count:,} {'recipient' if count == 1 else 'recipients'} of digests", ""
    try:
        check_server(settings.recipients, settings.mail)
    except HeardError as error:
        yield False, error.what, error.fix or ""
    place, there = secrets.secrets_file(), secrets.names()
    needed = {one.to for one in settings.recipients if one.by in ("slack", "teams")}
    needs_password = settings.mail.user or "HEARD_SMTP_USER" in there
    if needs_password and any(one.by == "mail" for one in settings.recipients):
        needed.add("HEARD_SMTP_PASSWORD")
    for name in sorted(needed - there):
        yield (
            False,
            f"${name} is not set.",
            f"write {name}=... into {place} (chmod 600), or set it where heard runs",
        )
    if place.exists() and place.stat().st_mode & 0o077:
        yield False, f"{place} can be read by others.", f"chmod 600 {place}"


def _sends(settings: Settings, store: Store) -> Iterator[Found]:
    if not (store.folder / "ledger.sqlite").exists():
        return
    sends = Sends(store.folder).sends()
    unknown = [one for one in sends if one.state == "unknown"]
    refused = [
        one
        for one in sends
        if one.state == "failed" and one.next_try_at is None and one.week == sends[0].week
    ]
    for rows, words in (
        (unknown, "nobody can tell whether it went out"),
        (refused, "it failed and is not tried again"),
    ):
        for one in rows:
            yield False, f"Digest {one.week} to {one.name}: {words}", "heard digest resolve --help"
    for one in to_be_tried(store, settings):
        if one.next_try_at and one.error != AGAIN:
            yield (
                False,
                f"Digest {one.week} to {one.name} has failed: {one.error} Next try {_at(one.next_try_at, settings)}",
                f'mend what it says; sooner by heard digest send --week {one.week} --to "{one.name}"',
            )


def _is_at_work(settings: Settings) -> bool:
    try:
        with (settings.store_root / LOCK).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _at(instant: datetime, settings: Settings) -> str:
    return f"{instant.astimezone(zone(settings.organisation.zone)):%Y-%m-%d %H:%M %Z}"
