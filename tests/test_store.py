"""The store: what is published is served, whatever happens to a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import PROJECT
from warehouse.errors import HeardError, NoData, StoreBusy
from warehouse.store import Reader, Store, insert


def _publish(store: Store, value: str) -> str:
    draft = store.begin()
    draft.connection.execute("INSERT OR REPLACE INTO meta VALUES ('word', ?)", [value])
    return draft.publish()


def _word(store: Store) -> str:
    with store.reading() as version:
        return str(version.query("SELECT value FROM meta WHERE key = 'word'").item())


def test_an_empty_store_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="empty") as caught:
        Store(tmp_path).open_version()
    assert "heard ingest" in str(caught.value)


def test_a_store_name_can_not_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(HeardError):
        Store(tmp_path, "../elsewhere")


def test_what_a_run_writes_is_seen_only_after_it_publishes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _publish(store, "first")
    draft = store.begin()
    draft.connection.execute("UPDATE meta SET value = 'second'")
    assert _word(store) == "first"
    draft.publish()
    assert _word(store) == "second"


def test_a_discarded_run_leaves_the_live_data(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _publish(store, "first")
    draft = store.begin()
    draft.connection.execute("UPDATE meta SET value = 'second'")
    draft.discard()
    assert _word(store) == "first"
    assert len(store.versions()) == 1


def test_a_second_writer_is_told_so(tmp_path: Path) -> None:
    store = Store(tmp_path)
    draft = store.begin()
    with pytest.raises(StoreBusy):
        store.begin()
    draft.discard()
    store.begin().discard()


def test_two_versions_are_kept_and_rollback_serves_the_one_before(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for word in ("first", "second", "third"):
        _publish(store, word)
    assert len(store.versions()) == 2
    store.rollback()
    assert _word(store) == "second"
    with pytest.raises(NoData):
        store.rollback()


def test_a_run_after_a_rollback_starts_from_what_is_live(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for word in ("first", "second"):
        _publish(store, word)
    store.rollback()
    draft = store.begin()
    draft.connection.execute("INSERT INTO meta VALUES ('more', 'yes')")
    draft.publish()
    assert _word(store) == "first"


def test_a_reader_keeps_its_version_and_the_next_call_gives_the_new_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _publish(store, "first")
    reader = Reader(store)
    held = reader.version()
    for word in ("second", "third"):
        _publish(store, word)
        assert reader.version().query("SELECT value FROM meta").item() == word
    assert held.query("SELECT value FROM meta").item() == "first"


def test_many_threads_read_while_versions_are_published(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _publish(store, "0")
    reader = Reader(store)
    problems: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                reader.version().query("SELECT value FROM meta").item()
            except Exception as error:  # noqa: BLE001 (whatever goes wrong is what the test looks for)
                problems.append(error)
                return

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 8):
        _publish(store, str(number))
    time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_killed_run_leaves_the_last_version_and_the_next_clears_up(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _publish(store, "first")
    script = (
        "import sys, time; from pathlib import Path; from warehouse.store import Store\n"
        "draft = Store(Path(sys.argv[1])).begin(); draft.connection.execute(\"UPDATE meta SET value = 'lost'\")\n"
        "print('writing', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"writing\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert _word(store) == "first"
    assert list(store.folder.glob("*.partial*"))
    _publish(store, "second")
    assert _word(store) == "second"
    assert not list(store.folder.glob("*.partial*"))


FORBIDDEN = [
    "INSERT INTO meta VALUES ('a', 'b')",
    "UPDATE meta SET value = 'x'",
    "DELETE FROM meta",
    "DROP TABLE meta",
    "CREATE TABLE other (a INT)",
    "COPY meta TO 'stolen.csv'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "ATTACH 'other.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access=true",
    "SET lock_configuration=false",
    "SET memory_limit='100GB'",
    "EXPORT DATABASE 'stolen'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_reader_is_no_way_out_and_changes_nothing(tmp_path: Path, statement: str) -> None:
    store = Store(tmp_path)
    _publish(store, "first")
    with store.reading() as version:
        with pytest.raises(Exception, match=r"(?i)read-only|disabled|locked|permission|cannot"):
            version.connection.cursor().execute(statement)
        assert version.query("SELECT value FROM meta").item() == "first"


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(HeardError, match="MB free"):
        Store(tmp_path).begin(expected_bytes=10**18)


def test_instants_are_utc_whatever_the_machine_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        store = Store(tmp_path)
        draft = store.begin()
        frame = pl.DataFrame({"source": ["a"], "ticket_id": ["1"]}).with_columns(
            created_at=pl.datetime(2026, 3, 1, 23, time_zone="UTC")
        )
        insert(draft.connection, "tickets", frame)
        draft.publish()
        with store.reading() as version:
            assert str(version.query("SELECT created_at::DATE AS day FROM tickets").item()) == "2026-03-01"
    finally:
        monkeypatch.undo()
        time.tzset()
