"""What `heard run` did, a line for each step with its instant: for people in a log file, for the doctor as the last run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.terminal import visible
from warehouse.runs import ACT

NAME: Final = "heard-run.log"
MOST_BYTES: Final = 2**20  # of one file; then it becomes heard-run.log.1, and so on
KEPT: Final = 5
LOCK: Final = "run.lock"  # beside the stores; whoever holds it runs

FINE: Final = 0
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
