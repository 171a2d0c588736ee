"""The inbox: what is taken, what is left, and that every file is in exactly one place at any moment."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest

from pipelines import inbox

DAY = date(2026, 11, 16)


def _put(folder: Path, name: str, text: str = "a,b\n", *, age: float = 0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def _names(folder: Path, **options: float) -> dict[str, bool]:
    seen = inbox.entries(folder, **{"settle_seconds": 0, **options})
    return {entry.path.name: entry.is_moving for entry in seen}


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert inbox.entries(tmp_path / "none", settle_seconds=0) == []


def test_files_and_folders_are_taken_and_what_is_ours_or_unfinished_is_not(tmp_path: Path) -> None:
    for name in (
        "b.csv",
        "a.zip",
        "dump/tickets.json",
        "done/2026-11-09/x.csv",
        "failed/y.csv",
        "y.csv.why.txt",
    ):
        _put(tmp_path, name)
    for name in (".hidden.csv", "c.csv.part", "d.zip.crdownload", "e.tmp", "f.csv~"):
        _put(tmp_path, name)
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert _names(tmp_path) == {"a.zip": False, "b.csv": False, "dump": False}


def test_what_changed_just_now_is_left_for_the_next_run(tmp_path: Path) -> None:
    _put(
        tmp_path, "old-time.csv", age=3600
    )  # the time of its content was brought along; it has only just come
    _put(tmp_path, "tomorrow.csv", age=-86_400)
    assert _names(tmp_path, settle_seconds=30) == {"old-time.csv": True, "tomorrow.csv": True}
    time.sleep(0.3)
    assert _names(tmp_path, settle_seconds=0.2) == {"old-time.csv": False, "tomorrow.csv": False}


def test_a_folder_is_whole_when_all_of_it_is(tmp_path: Path) -> None:
    _put(tmp_path, "dump/tickets.json")
    _put(tmp_path, "dump/users.json.part")
    assert _names(tmp_path) == {"dump": True}
    (tmp_path / "dump/users.json.part").rename(tmp_path / "dump/users.json")
    assert _names(tmp_path) == {"dump": False}


def test_a_file_held_open_for_writing_is_left_though_nothing_comes(tmp_path: Path) -> None:
    path = _put(tmp_path, "stalled.csv")
    with path.open("a", encoding="utf-8"):
        assert _names(tmp_path) == {"stalled.csv": True}
    assert _names(tmp_path) == {"stalled.csv": False}


def test_moves_keep_names_apart_and_overwrite_nothing(tmp_path: Path) -> None:
    for number, text in enumerate(("first", "second", "third")):
        _put(tmp_path, "week.csv.gz", text)
        (entry,) = inbox.entries(tmp_path, settle_seconds=0)
        target = inbox.move_done(entry, tmp_path, DAY)
        assert target is not None and target.read_text(encoding="utf-8") == text
        assert target.name == ("week.csv.gz" if number == 0 else f"week-{number + 1}.csv.gz")
    assert len(list((tmp_path / "done" / "2026-11-16").iterdir())) == 3


def test_a_file_that_failed_has_its_reason_beside_it(tmp_path: Path) -> None:
    _put(tmp_path, "bad.csv")
    (entry,) = inbox.entries(tmp_path, settle_seconds=0)
    target = inbox.move_failed(entry, tmp_path, "No ticket id.")
    assert target == tmp_path / "failed" / "bad.csv"
    assert (tmp_path / "failed" / "bad.csv.why.txt").read_text(encoding="utf-8") == "No ticket id."
    assert inbox.failed(tmp_path) == [target]


@pytest.mark.parametrize("more", ["", "more\n"])
def test_what_changed_while_it_was_worked_on_stays(tmp_path: Path, more: str) -> None:
    path = _put(tmp_path, "tickets.csv", age=10)
    (entry,) = inbox.entries(tmp_path, settle_seconds=0)
    path.write_text(f"a,b\n{more}", encoding="utf-8")  # even where only its time is another
    assert inbox.move_done(entry, tmp_path, DAY) is None
    assert inbox.move_failed(entry, tmp_path, "why") is None
    assert path.exists() and _names(tmp_path) == {"tickets.csv": False}
