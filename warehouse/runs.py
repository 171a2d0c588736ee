"""How the newest run of a store went, and whether one is at work: for whoever watches, and for the dashboard."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from warehouse.store import PARTIAL

LAST: Final = "last-run.json"
ACT: Final = 1  # the code of a run after which a person must act


@dataclass(frozen=True)
class LastRun:
    """The newest run of a store: when it began and ended, with which code. ended is None while it works, or where it was killed."""

    began: datetime
    ended: datetime | None
    code: int | None
    pid: int


def note(folder: Path, run: LastRun) -> None:
    """Keep it as the newest run, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{LAST}.{os.getpid()}"
    fresh.write_text(json.dumps(asdict(run), default=datetime.isoformat), encoding="utf-8")
    fresh.replace(folder / LAST)


def last_run(folder: Path) -> LastRun | None:
    """The newest run of a store, None where there was none."""
    try:
        known = json.loads((folder / LAST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    ended = known["ended"]
    return LastRun(
        datetime.fromisoformat(known["began"]),
        datetime.fromisoformat(ended) if ended else None,
        known["code"],
        known["pid"],
    )


def is_loading(folder: Path) -> bool:
    """Whether a run works on the next version of the store; what a killed run left behind is none."""
    if not any(folder.glob(f"*{PARTIAL}")):
        return False
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
