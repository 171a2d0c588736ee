"""A scheduler in the foreground, for containers: `heard run` at once and then every hour, until it is told to stop."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import Final

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from pipelines.schedule.job import MINUTE, Job

_STOP_SECONDS: Final = 60  # after which a run that was asked to stop is ended; no harm comes of it


class Foreground:
    """Starts each run as a process of its own, so that what it needs in memory is given back, and one at a time.

    At once at the start: a container that was down catches up. SIGTERM and Ctrl+C stop the run that is at work, which
    sees a send that has begun through, and then the scheduler.
    """

    def __init__(self, job: Job, say: Callable[[str], None], *, minute: str = str(MINUTE)) -> None:
        self._job, self._say, self._minute = job, say, minute
        self._scheduler = BlockingScheduler(timezone=UTC)
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopping = False

    def run(self) -> int:
        """Until it is told to stop. Returns 0."""
        earlier = {one: signal.signal(one, self._stop) for one in (signal.SIGTERM, signal.SIGINT)}
        # coalesce: of several that were due while the machine slept one is started. No misfire is too late.
        self._scheduler.add_job(
            self._once, CronTrigger(minute=self._minute, timezone=UTC), next_run_time=datetime.now(UTC),
            coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
        self._say(f"heard run --store {self._job.store} starts now and then every hour; stop it with Ctrl+C.")
        try:
            if not self._is_stopping:
                self._scheduler.start()
        finally:
            self._end()
            for one, handler in earlier.items():
                signal.signal(one, handler)
        self._say("Stopped.")
        return 0

    def _once(self) -> None:
        if self._is_stopping:  # told so before the scheduler had begun
            self._scheduler.shutdown(wait=False)
            return
        # Its own group: Ctrl+C reaches us alone, and we pass it on.
        self._process = subprocess.Popen(
            [word for word in self._job.command if word != "--quiet"],
            cwd=self._job.folder,
            start_new_session=True,
        )
        code = self._process.wait()
        if code not in (0, 75) and not self._is_stopping:
            self._say(f"heard run ended with exit code {code}; heard doctor says what stands.")

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
        if self._process and self._process.poll() is None:
            self._process.terminate()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _end(self) -> None:
        """Wait for the run that was asked to stop, and end it where it does not."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
