"""Takes what lies in the inbox into the store: loads what is whole, moves it to done/, and sorts out what can not be read."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines import inbox
from pipelines.inbox import Entry
from pipelines.ingest import AfterMerge, ingest
from pipelines.run_log import LATER, RunLog
from pipelines.summary import Summary
from warehouse.errors import BadInput, HeardError, StoreBusy
from warehouse.runs import ACT
from warehouse.settings import Run, Settings
from warehouse.store import OutOfMemory, Store


@dataclass(frozen=True)
class _Desk:
    """What taking in works with."""

    folder: Path
    store: Store
    settings: Settings
    log: RunLog
    now: datetime
    after_merge: AfterMerge | None


def take_in(
    store: Store, settings: Settings, log: RunLog, now: datetime, after_merge: AfterMerge | None = None
) -> None:
    """Load every whole file of the inbox and publish; each step goes to the log with what a person must do.

    Files go to the store together. Where one of them can not be read the rest is loaded without it. Raises nothing that a
    file could cause; what the machine lacks (space, another writer) leaves every file where it is.
    """
    folder = settings.folder(settings.run.inbox)
    if not folder.is_dir():
        if (
            settings.run.inbox != Run.inbox
        ):  # perhaps a disk that is not there today: made anew, it would look empty
            log(
                "load", f"The inbox {folder} is not there. Fix: make it, or mend run.inbox in heard.toml", ACT
            )
            return
        folder.mkdir(parents=True, exist_ok=True)
    desk = _Desk(folder, store, settings, log, now, after_merge)
    found = inbox.entries(folder, settle_seconds=settings.run.settle_seconds)
    if found and store.name == "demo":
        log("load", f"{len(found):,} in the inbox stay there: the demo store takes only the sample")
        return
    for entry in found:
        if entry.is_moving:
            log("wait", f"{entry.path.name} is still being written; the next run looks again")
    ready = [entry for entry in found if not entry.is_moving]
    if not ready:
        return
    try:
        _load(desk, ready)
    except StoreBusy as error:
        log("load", f"{error.what} The files stay in the inbox.", LATER)
    except HeardError as error:
        log("load", f"{error.what} Fix: {error.fix}. The files stay in the inbox.", ACT)


def _load(desk: _Desk, entries: Sequence[Entry]) -> None:
    """Load these together, or where one of them is bad each half by itself, until it stands alone."""
    try:
        summary = ingest(
            [entry.path for entry in entries],
            store=desk.store,
            settings=desk.settings,
            after_merge=desk.after_merge,
        )
    except BadInput as error:
        if len(entries) == 1:
            _refuse(desk, entries[0], str(error), f"{error.what} Fix: {error.fix or 'export it again'}")
            return
    except HeardError:
        raise  # of the machine or the settings, whatever the file
    except (OSError, MemoryError, OutOfMemory) as error:
        if len(entries) == 1:
            desk.log("load", f"{entries[0].path.name} stays in the inbox: {error}", ACT)
            return
    except Exception as error:  # noqa: BLE001 - a fault of ours in one file must not keep the others out
        if len(entries) == 1:
            said = f"{type(error).__name__}: {error}"
            why = f"A fault of the program, not of the file.\n\n{''.join(traceback.format_exception(error))}"
            _refuse(desk, entries[0], why, f"a fault of the program, {said}")
            return
    else:
        _tell(desk, summary)
        for entry in entries:
            _put_away(desk, entry)
        return
    half = len(entries) // 2
    _load(desk, entries[:half])
    _load(desk, entries[half:])


def _tell(desk: _Desk, summary: Summary) -> None:
    for one in summary.files:
        refused = f", {one.count_refused:,} refused (heard status --rejects)" if one.count_refused else ""
        desk.log("load", f"{one.file}: {one.count_read:,} rows read, {one.count_merged:,} merged{refused}")
    for name in summary.unchanged:
        desk.log("load", f"{name} was loaded before")
    for name, reason in summary.passed:
        desk.log("load", f"{name} was not read: {reason}")
    if summary.published:
        desk.log("publish", f"{desk.store.name}: {summary.published}")


def _put_away(desk: _Desk, entry: Entry) -> None:
    target = inbox.move_done(entry, desk.folder, desk.now.astimezone(desk.log.place).date())
    if target is None:
        desk.log("load", f"{entry.path.name} changed while it was loaded; the next run loads it again")


def _refuse(desk: _Desk, entry: Entry, why: str, line: str) -> None:
    text = (
        f"{entry.path.name} was not loaded on {desk.now.astimezone(desk.log.place):%Y-%m-%d %H:%M %Z}.\n\n{why}\n\n"
        f"Once that is mended, move it back to {desk.folder}. heard look PATH says how a file is understood.\n"
    )
    target = inbox.move_failed(entry, desk.folder, text)
    if target is None:
        desk.log("load", f"{entry.path.name} changed while it was read; the next run looks again")
        return
    desk.log("load", f"{entry.path.name} could not be loaded and is now {target}: {line}", ACT)
