"""What `heard run` did, a line for each step with its instant: for people in a log file, for the doctor as the last run."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.terminal import visible

NAME: Final = "heard-run.log"
MOST_BYTES: Final = 2**20  # of one file; then it becomes heard-run.log.1, and so on
KEPT: Final = 5
LAST: Final = "last-run.json"
LOCK: Final = "run.lock"  # beside the stores; whoever holds it runs

FINE: Final = 0
ACT: Final = 1  # a person must act
LATER: Final = 75  # what was not done now is tried again by the next run (EX_TEMPFAIL of sysexits.h)


class RunLog:
    """Lines of one run. Names of files stand in it, nothing that customers wrote."""

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], place: ZoneInfo, say: Callable[[str], None]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        self.place = place  # the zone that its instants are told in
        self._clock, self._say = clock, say
        self._handler = RotatingFileHandler(
            self.path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True
        )
        self.code = FINE

    def __call__(self, step: str, said: str, code: int = FINE) -> None:
        """One step. A code other than 0 becomes the run's, the more urgent of several."""
        self.code = ACT if ACT in (code, self.code) else max(code, self.code)
        mark = {FINE: " ", ACT: "!", LATER: "~"}[code]
        words = visible(" ".join(said.split()))
        at = self._clock().astimezone(self.place).isoformat(timespec="seconds")
        line = f"{at} {mark} {step:<7} {words}"
        self._handler.emit(logging.makeLogRecord({"msg": line}))
        self._say(line)

    def now(self) -> datetime:
        """The clock's instant."""
        return self._clock()

    def close(self) -> None:
        """Let go of the file."""
        self._handler.close()


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
