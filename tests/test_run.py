"""`heard run`: what is loaded, what is sorted out, and that a run that is killed, stopped or doubled does no harm."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time as clocks
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import pytest

from pipelines import inbox, take_in
from pipelines.run import run
from pipelines.schedule import health
from tests.conftest import PROJECT
from tests.run_desk import AUTUMN, BERLIN, Desk, light, on, whole
from warehouse.runs import last_run
from warehouse.store import Store


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return light(tmp_path, monkeypatch)


@pytest.fixture
def whole_desk(tmp_path: Path) -> Desk:
    return whole(tmp_path)


def test_two_runs_one_after_the_other_do_what_one_does(whole_desk: Desk) -> None:
    desk = whole_desk
    desk.export(AUTUMN)
    assert desk.run_at(on(AUTUMN, 7)) == 0
    version, told = desk.store.current(), desk.sent()
    assert told == [("2037-W41", "Dana"), ("2037-W41", "Finn")]
    assert desk.run_at(on(AUTUMN, 7)) == 0
    assert desk.store.current() == version and desk.sent() == told
    assert desk.lines[-1].split(maxsplit=1)[1].startswith("end ") and "2037-W42 is due on" in desk.lines[-1]


def test_a_second_run_beside_the_first_says_so_and_does_nothing(desk: Desk) -> None:
    desk.export(AUTUMN)
    desk.settings.store_root.mkdir()
    with (desk.settings.store_root / "run.lock").open("w") as lock:
        lock.write("process 7 since noon")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert desk.run_at(on(AUTUMN, 7)) == 75
    assert desk.lines == ["Another run is at work (process 7 since noon); this one has nothing to do."]
    assert desk.store.current() is None and len(inbox.entries(desk.root / "inbox", settle_seconds=0)) == 1
    assert desk.run_at(on(AUTUMN, 7)) == 0


def test_bad_files_are_sorted_out_and_the_good_ones_loaded(desk: Desk) -> None:
    desk.export(AUTUMN)
    folder = desk.root / "inbox"
    (folder / "notes.txt").write_text("call Ann\n", encoding="utf-8")
    (folder / "cut\nshort.json.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    (folder / "empty.csv").write_text("", encoding="utf-8")
    assert desk.run_at(on(AUTUMN, 6)) == 1
    assert [path.name for path in inbox.failed(folder)] == ["cut\nshort.json.gz", "empty.csv", "notes.txt"]
    for path in inbox.failed(folder):
        why = path.with_name(path.name + inbox.WHY).read_text(encoding="utf-8")
        assert (
            "was not loaded on 2037-10-12 06:05 CEST" in why
            and "move it back" in why
            and "Traceback" not in why
        )
    assert (folder / "done" / "2037-10-12" / f"tickets-{AUTUMN}.csv").exists()
    log = (desk.root / "log" / "heard-run.log").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("2037-10-12T06:05:00+02:00 ") for line in log), (
        "one line a step, whatever a file is called"
    )
    assert sum(" ! load " in line for line in log) == 3
    assert desk.run_at(on(AUTUMN, 6)) == 0, "said once; the doctor says it as long as it stands"
    found = [
        what for is_well, what, _ in health.checks(desk.settings, desk.store, on(AUTUMN, 7)) if not is_well
    ]
    assert any("notes.txt" in what for what in found)


def test_a_file_that_is_still_being_written_waits_and_is_not_cut(desk: Desk) -> None:
    path = desk.export(AUTUMN)
    with path.open("a", encoding="utf-8") as writer:
        assert desk.run_at(on(AUTUMN, 6)) == 0
        assert path.exists() and any("still being written" in line for line in desk.lines)
        writer.write(f"last,{datetime.combine(AUTUMN, time(2), BERLIN).isoformat()},Open,Parcel,\n")
    assert desk.run_at(on(AUTUMN, 7)) == 0
    with desk.store.reading() as version:
        assert version.query("SELECT count(*) FROM tickets WHERE ticket_id = 'last'").item() == 1


def test_a_fault_of_ours_in_one_file_keeps_no_other_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.export(AUTUMN)
    desk.export(AUTUMN, name="strange.csv", tickets=2)
    whole = take_in.ingest

    def ingest(paths: list[Path], **options: object) -> object:
        if any(path.name == "strange.csv" for path in paths):
            raise ZeroDivisionError("one over nothing")
        return whole(paths, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(take_in, "ingest", ingest)
    assert desk.run_at(on(AUTUMN, 6)) == 1
    assert "ZeroDivisionError" in (desk.root / "inbox/failed/strange.csv.why.txt").read_text(encoding="utf-8")
    assert (desk.root / "inbox/done/2037-10-12" / f"tickets-{AUTUMN}.csv").exists()


def test_while_another_writes_to_the_store_the_files_stay(desk: Desk) -> None:
    path = desk.export(AUTUMN)
    draft = desk.store.begin()
    assert desk.run_at(on(AUTUMN, 6)) == 75
    assert path.exists()
    draft.discard()
    assert desk.run_at(on(AUTUMN, 6)) == 0 and not path.exists()


def test_an_inbox_that_is_not_there_is_said_and_not_taken_for_empty(desk: Desk) -> None:
    (desk.root / "inbox").rmdir()
    assert desk.run_at(on(AUTUMN, 6)) == 1
    assert any("is not there" in line for line in desk.lines) and not (desk.root / "inbox").exists()


def test_the_demo_store_takes_nothing_from_the_inbox(desk: Desk) -> None:
    path = desk.export(AUTUMN)
    assert run(Store(desk.settings.store_root, "demo"), desk.settings, clock=lambda: on(AUTUMN, 6)) == 0
    assert path.exists() and Store(desk.settings.store_root, "demo").current() is None


# Kills


def _heard_run(desk: Desk) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "HEARD_STORE"}
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "--settings", str(desk.root / "heard.toml"), "run"],
        cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _until(seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = clocks.monotonic() + 30
    while not seen() and process.poll() is None and clocks.monotonic() < deadline:
        clocks.sleep(0.005)


@pytest.mark.parametrize("when", ["copying", "published"])
def test_a_killed_run_loses_nothing(whole_desk: Desk, when: str) -> None:
    desk = whole_desk
    path = desk.export(AUTUMN)
    process = _heard_run(desk)
    if when == "copying":
        _until(lambda: any(desk.store.folder.glob("*.partial")), process)
    else:
        _until(lambda: (desk.store.folder / "current").exists(), process)
    process.kill()
    process.communicate()
    done = list((desk.root / "inbox" / "done").rglob("*.csv"))
    assert path.exists() != bool(done), "in exactly one place"
    was_cut = (known := last_run(desk.store.folder)) is not None and known.ended is None
    assert process.returncode == -signal.SIGKILL and was_cut
    assert any("cut off" in what for _, what, _ in health.checks(desk.settings, desk.store))
    again = _heard_run(desk)
    said, _ = again.communicate(timeout=60)
    assert again.returncode in (0, 1), said
    assert "did not end; this one takes over" in said
    assert not path.exists() and len(list((desk.root / "inbox" / "done").rglob("*.csv"))) == 1
    with desk.store.reading() as version:
        assert version.query("SELECT count(*) FROM tickets").item() == 13
    assert len(desk.sent()) == len(set(desk.sent()))


def test_a_run_that_is_asked_to_stop_leaves_the_files_for_the_next(whole_desk: Desk) -> None:
    desk = whole_desk
    path = desk.export(AUTUMN)
    process = _heard_run(desk)
    _until(lambda: any(desk.store.folder.glob("*.partial")), process)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert path.exists() and desk.store.current() is None and not list(desk.store.folder.glob("*.partial"))
    known = json.loads((desk.store.folder / "last-run.json").read_text(encoding="utf-8"))
    assert known["ended"] and known["code"] == 75
