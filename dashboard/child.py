"""`heard` as a child process: the dashboard loads and looks at files with the same command that a person types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.state import Data
from warehouse.errors import HeardError
from warehouse.settings import PROJECT, load_settings

_OURS = "The command ended without an answer."


@dataclass
class Job:
    """A running command. `stage`, `done` and `total` follow its progress; at its end there is a result or an error."""

    arguments: tuple[str, ...]
    stage: str = "starting"
    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    error: HeardError | None = None
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def is_running(self) -> bool:
        """Whether there is neither a result nor an error yet."""
        return self.result is None and self.error is None

    def start(self) -> Job:
        """Run in the background, so that it goes on when the page is left."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def wait(self) -> Job:
        """Run to its end."""
        self._run()
        return self

    def _run(self) -> None:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "pipelines.cli", *_settings(), *self.arguments],
                cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            )  # fmt: skip
            complaints: list[str] = []
            drain = threading.Thread(target=lambda: complaints.extend(process.stderr or ()), daemon=True)
            drain.start()
            for line in process.stdout or ():
                self._take(line)
            process.wait()
            drain.join(timeout=5)
            if self.is_running:
                said = "".join(complaints).strip().splitlines()
                self.error = HeardError(said[-1].removeprefix("heard: ") if said else _OURS)
        except OSError as error:
            self.error = HeardError(f"heard could not be started: {error}", fix="make setup")

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return  # a line for people
        if "done" in said and isinstance(said["done"], dict):
            self.result = said["done"]
        elif "error" in said:
            self.error = HeardError(said["error"]["what"], fix=said["error"]["fix"])
        elif "stage" in said:
            self.stage, self.done, self.total = said["stage"], said["done"], said["total"]


def run(*arguments: str) -> dict[str, Any]:
    """The result of a command that answers in JSON. Raises HeardError with the command's own words."""
    job = Job((*arguments, "--json")).wait()
    if job.error:
        raise job.error
    return job.result or {}


def printed(*arguments: str) -> Any:
    """What a command prints as one JSON value, whatever its exit code. Raises HeardError with its words where it printed none."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *_settings(), *arguments],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        return json.loads(done.stdout)
    except ValueError:
        what, _, fix = done.stderr.rpartition("heard: ")[2].strip().partition("\n  Fix: ")
        raise HeardError(what or _OURS, fix=fix or None) from None


def file_of(*arguments: str, ending: str) -> bytes:
    """The content of the file that a command writes with --out."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="heard-") as folder:
        path = Path(folder) / f"out{ending}"
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *_settings(), *arguments, "--out", str(path)],
            cwd=PROJECT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise HeardError(done.stderr.strip().removeprefix("heard: ") or _OURS)
        return path.read_bytes()


@st.cache_resource
def loading() -> dict[str, Job]:
    """The load that is going on or ended last, by store: one at a time, whoever started it."""
    return {}


def _settings() -> Sequence[str]:
    file = load_settings().file
    return ("--settings", str(file)) if file else ()


def store_of(data: Data | None) -> str:
    """The store that the page shows, or will show once something is loaded; the demo's is never loaded into."""
    chosen = os.environ.get("HEARD_STORE_NAME") or (data.store_name if data else "main")
    return "main" if chosen == "demo" else chosen
