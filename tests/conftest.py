"""Shared fixtures: where the measuring data lies, and what may be skipped."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.ingest import ingest
from warehouse.settings import Settings
from warehouse.store import Store

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def missing(what: str, reason: str) -> None:
    """Skip with the reason, or fail where HEARD_REQUIRE says that this must be there."""
    if what in os.environ.get("HEARD_REQUIRE", "").split(","):
        pytest.fail(f"HEARD_REQUIRE names {what}, but {reason}", pytrace=False)
    pytest.skip(reason)


def shared(relative: str) -> Path:
    """The path of a file or folder of the shared measuring data; skips where it is absent."""
    path = SHARED / relative
    if not path.exists():
        missing("shared", f"the measuring data ../shared/{relative} is not here")
    return path


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder made once for all test processes of a run."""
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            (folder / "ready").touch()
    return folder


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The shipped sample, loaded and heard: to be read only."""

    folder = shared_base(tmp_path_factory) / "sample"
    return Store(once(folder, lambda made: _load(made, "demo", PROJECT / "data" / "sample")), "demo")


@pytest.fixture(scope="session")
def twcs_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The real conversations of the measuring data, loaded and heard: to be read only."""
    export = shared("real/twcs_sample.csv.gz")
    folder = shared_base(tmp_path_factory) / "twcs"
    return Store(once(folder, lambda made: _load(made, "main", export)), "main")


def shared_base(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder that all test processes of a run share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _load(folder: Path, name: str, export: Path) -> None:
    ingest([export], store=Store(folder, name), settings=Settings())
