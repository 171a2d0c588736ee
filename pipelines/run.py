"""What `heard run` does: new files from the inbox into the store, then the digests that are due. Safe to start every hour.

One run at a time; a run that is killed at any point loses nothing and sends nothing twice: the next one loads the files
that are still in the inbox, and the ledger knows what was handed over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from pipelines.digest import calendar
from pipelines.digest.deliver import Report, send_due, send_week
from pipelines.ingest import AfterMerge
from pipelines.run_log import LATER, LOCK, RunLog
from pipelines.take_in import take_in
from warehouse.errors import HeardError, StoreBusy
from warehouse.runs import ACT, LastRun, last_run, note
from warehouse.settings import Settings, zone
from warehouse.store import Store

WHO: Final = "heard run"


def _clock() -> datetime:
    return datetime.now(UTC)


def run(
    store: Store,
    settings: Settings,
    *,
    clock: Callable[[], datetime] = _clock,
    say: Callable[[str], None] = lambda line: None,
    catch_up: bool = False,
    after_merge: AfterMerge | None = None,
) -> int:
    """One run at the clock's instant. Returns 0 where all is well, 1 where a person must act, 75 where the next run tries again.

    Each step goes to `say` and to the log. catch_up: weeks that were missed are sent too, the oldest first. Raises what
    is a fault of the program, after it was noted.
    """
    now = clock()
    with _alone(settings.store_root / LOCK) as holder:
        if holder is not None:
            say(f"Another run is at work{holder}; this one has nothing to do.")
            return LATER
        log = RunLog(settings.folder(settings.run.log), clock, zone(settings.organisation.zone), say)
        try:
            return _run(store, settings, log, now, catch_up, after_merge)
        finally:
            log.close()


def _run(
    store: Store,
    settings: Settings,
    log: RunLog,
    now: datetime,
    catch_up: bool,
    after_merge: AfterMerge | None,
) -> int:
    before = last_run(store.folder)
    if before and before.ended is None:
        log(
            "begin",
            f"the run of {before.began.astimezone(log.place):%Y-%m-%d %H:%M} did not end; this one takes over",
        )
    note(store.folder, LastRun(now, None, None, os.getpid()))
    code = ACT
    try:
        with _ending_well() as shielded:
            take_in(store, settings, log, now, after_merge)
            with shielded():
                standing = _digests(store, settings, log, now, catch_up)
        code = log.code
    except KeyboardInterrupt:
        log("end", "stopped; the live data are as they were", LATER)
        code = LATER
        raise
    except HeardError as error:
        log("end", f"{error.what} Fix: {error.fix}", ACT)
    except Exception as error:
        log("end", f"a fault of the program, {type(error).__name__}: {error}", ACT)
        raise
    else:
        log("end", f"{_in_words(code)}. {_next(standing, settings, log)}", code)
    finally:
        note(store.folder, LastRun(now, log.now(), code, os.getpid()))
    return code


def _digests(
    store: Store, settings: Settings, log: RunLog, now: datetime, catch_up: bool
) -> calendar.Now | None:
    """Send what is due. Older weeks that nothing ran for are noted in the ledger, or with catch_up sent before it.

    Returns how things stood before; None where nothing can be sent: nobody to send to, or nothing loaded yet.
    """
    if not settings.recipients or store.current() is None:
        return None
    standing = calendar.at(store, settings, now)
    try:
        for week, recipients in calendar.to_catch_up(store, settings, standing.week) if catch_up else ():
            # What waits for its next try is told once, by what is sent last.
            _tell(log, replace(send_week(store, settings, week, now, recipients=recipients), pending=()))
        for week in calendar.note_missed(store, settings, standing.week, now, WHO):
            log("digest", f"{week} was missed and is not sent late; heard run --catch-up sends it after all")
        report = send_due(store, settings, now)
    except StoreBusy as error:
        log("digest", error.what, LATER)
        return standing
    _tell(log, report)
    is_out = any(one.week == standing.week and one.state == "sent" for one in report.outcomes)
    if is_out and not standing.has_arrived:
        until = f"the data end {standing.as_of:%Y-%m-%d %H:%M} UTC" if standing.as_of else "there are no data"
        log(
            "digest", f"{standing.week} went out though its export has not arrived, and says so: {until}", ACT
        )
    return standing


def _tell(log: RunLog, report: Report) -> None:
    """Each send as a line, also what waits for its next try; what failed for good, or nobody can tell, is for a person."""
    for one in (*report.outcomes, *report.pending):
        words = f": {one.words}" if one.words else ""
        if one.state == "unknown":
            log("digest", f"{one.week} to {one.name}: sent or not, a person decides{words}", ACT)
        elif one.state == "failed" and one.next_try_at:
            when = one.next_try_at.astimezone(log.place)
            log(
                "digest",
                f"{one.week} to {one.name} failed, again from {when:%Y-%m-%d %H:%M}{words}",
                LATER,
            )
        elif one.state == "failed":
            log("digest", f"{one.week} to {one.name} failed and is not tried again{words}", ACT)
        else:
            log("digest", f"{one.week} to {one.name} {one.state}{words}")
    if report.waiting:
        log("wait", report.waiting)


def _next(standing: calendar.Now | None, settings: Settings, log: RunLog) -> str:
    if standing is None:
        nobody = "heard.toml names no recipients" if not settings.recipients else "nothing was loaded yet"
        return f"No digest goes out: {nobody}."
    when = standing.next_at.astimezone(log.place)
    return f"The digest of {standing.next_week} is due on {when:%A %Y-%m-%d %H:%M}."


def _in_words(code: int) -> str:
    return {ACT: "A person must act, see above", LATER: "Something was put off to the next run"}.get(
        code, "All well"
    )


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[str | None]:
    """Holds the lock of running; gives None, or words about who holds it. A process that dies lets go of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            known = lock.read().strip()
            yield f" ({known})" if known else ""
            return
        lock.truncate(0)
        lock.write(f"process {os.getpid()} since {datetime.now(UTC).isoformat(timespec='seconds')}")
        lock.flush()
        yield None


@contextlib.contextmanager
def _ending_well() -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Lets SIGTERM stop the run as Ctrl+C does, but not inside what is given: a send that has begun is seen through."""
    asked, is_shielded = threading.Event(), threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        asked.set()
        if not is_shielded.is_set():
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def shielded() -> Iterator[None]:
        is_shielded.set()
        yield
        is_shielded.clear()
        if asked.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield contextlib.nullcontext
        return
    earlier = signal.signal(signal.SIGTERM, stop)
    try:
        yield shielded
    finally:
        signal.signal(signal.SIGTERM, earlier)
