"""The inbox folder: which files are there and whole, and where they go when they were loaded or could not be.

Exports are dropped into the folder itself, a file or a folder each. `done/<date>/` holds what was loaded, `failed/` what
could not be, each beside a text that says why. A file is moved by one rename on its own disk, so that it is always in
exactly one place; nothing is deleted and nothing is overwritten.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

DONE: Final = "done"
FAILED: Final = "failed"
WHY: Final = ".why.txt"
# Names under which browsers and copying programs write what they have not finished.
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", "~")

State = tuple[tuple[str, int, int], ...]  # of each file of an entry: name, size, last change in nanoseconds


@dataclass(frozen=True)
class Entry:
    """A file or folder in the inbox as it was seen: it is `moving` while somebody may still be writing to it."""

    path: Path
    state: State
    is_moving: bool


def entries(folder: Path, *, settle_seconds: float) -> list[Entry]:
    """What lies in the inbox, by name; an inbox that is not there is empty.

    Hidden files and the names of unfinished downloads are passed over: their writer gives them another name at the end.
    """
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        is_ours = (path.name in (DONE, FAILED) and path.is_dir()) or path.name.endswith(WHY)
        is_export = path.is_file() or path.is_dir()
        if is_ours or not is_export or _is_unfinished(path.name):
            continue
        is_moving, state = _is_moving(path, settle_seconds), state_of(path)
        if state:  # an empty folder waits for its files
            found.append(Entry(path, state, is_moving))
    return found


def state_of(path: Path) -> State:
    """Names, sizes and last changes of a file, or of all files of a folder; empty where it has gone."""
    seen = []
    for one in _files(path):
        try:
            known = one.stat()
        except FileNotFoundError:
            continue
        seen.append((str(one.relative_to(path.parent)), known.st_size, known.st_mtime_ns))
    return tuple(seen)


def move_done(entry: Entry, folder: Path, day: date) -> Path | None:
    """Move what was loaded to done/<date>/. None where it has changed since it was seen: then it is left to be loaded again."""
    if state_of(entry.path) != entry.state:
        return None
    return _move(entry.path, folder / DONE / day.isoformat())


def move_failed(entry: Entry, folder: Path, why: str) -> Path | None:
    """Move what could not be loaded to failed/ with a text beside it. None where it has changed since it was seen."""
    if state_of(entry.path) != entry.state:
        return None
    target = _free(folder / FAILED, entry.path.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The text first: a run that is killed in between finds the file still in the inbox.
    beside = target.with_name(target.name + WHY)
    fresh = beside.with_name(f".{beside.name}.part")
    fresh.write_text(why, encoding="utf-8")
    fresh.replace(beside)
    entry.path.rename(target)
    return target


def failed(folder: Path) -> list[Path]:
    """What lies in failed/, by name, without the texts."""
    place = folder / FAILED
    if not place.is_dir():
        return []
    return sorted(one for one in place.iterdir() if not one.name.endswith(WHY) and one.name[0] != ".")


def _move(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = _free(folder, path.name)
    path.rename(target)
    return target


def _free(folder: Path, name: str) -> Path:
    """A name that nothing in the folder has: the file's own, else with a number before its endings."""
    target, number = folder / name, 2
    stem, dot, endings = name.partition(".")
    while target.exists() or target.is_symlink():
        target = folder / f"{stem}-{number}{dot}{endings}"
        number += 1
    return target


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(one for one in path.rglob("*") if one.is_file())
    else:
        yield path


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def _is_moving(path: Path, settle_seconds: float) -> bool:
    """Whether something of it changed within these seconds, bears an unfinished name, or is open for writing."""
    now = time.time()
    for one in (path, *_files(path)):
        try:
            known = one.stat()
        except FileNotFoundError:
            return True
        # The time of change is this machine's own; that of the content may be brought along, even from tomorrow.
        changed = max(known.st_ctime, known.st_mtime if known.st_mtime <= now else 0.0)
        if settle_seconds and now - changed < settle_seconds:
            return True
        if one != path and one.name.lower().endswith(_UNFINISHED):
            return True
        if one.is_file() and _is_being_written(one):
            return True
    return False


def _is_being_written(path: Path) -> bool:
    """Whether a process of this machine holds the file open for writing; false where the system does not tell."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Whoever opens it for writing meanwhile has us told; by a signal that is ignored, not one that would end us.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
