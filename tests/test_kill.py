"""A run that is killed leaves nothing behind that the next one would stumble over, and no process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from benchmarks import kill
from pipelines.sample import generate


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    generate(folder, tickets=400)
    return folder


def test_killed_three_times_and_started_again_gives_the_same_tables(export: Path, tmp_path: Path) -> None:
    outcome = kill.compare(export, tmp_path, kills=3, seed=20, is_large=True)
    assert outcome.different == ()
    assert outcome.killed_after
    assert outcome.tables["ticket_facts"][0] > 300 and outcome.tables["evidence"][0] > 1_000
    assert not [path for path in (tmp_path / "hunted").rglob("*") if ".partial" in path.name]


def test_other_contents_are_told_apart(export: Path, tmp_path: Path) -> None:
    """The comparison itself must be able to fail."""
    first = {"facts": (2, "17"), "same": (1, "1")}
    assert kill.different(first, {"facts": (2, "18"), "same": (1, "1")}) == ("facts",)
    assert kill.different(first, {"same": (1, "1")}) == ("facts",)


def test_helpers_end_with_the_run_that_started_them(export: Path, tmp_path: Path) -> None:
    process = kill.start(export, tmp_path, is_large=True)
    helpers: list[psutil.Process] = []
    while process.poll() is None and not helpers:
        helpers = _children(process.pid)
        time.sleep(0.01)
    time.sleep(1)  # until they are at work
    helpers += _children(process.pid)
    assert helpers and process.poll() is None, "it ended without other processes"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)  # a helper that lives on would hold its pipes
    gone, alive = psutil.wait_procs(helpers, timeout=20)
    assert gone and not alive


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
