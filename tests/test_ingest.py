"""Merging: pieces in any order and number give the same tables; nothing new publishes nothing."""

from __future__ import annotations

import dataclasses
import json
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import cleaning, sources, stage
from pipelines.sources.source import Source, discover, find
from tests.loading import load, nothing, rows, tables
from warehouse.errors import BadInput, Declaration
from warehouse.settings import LooksFine, Organisation, Settings
from warehouse.store import Store

SAMPLE = Path(__file__).parent / "golden" / "zendesk"


def _records() -> list[dict[str, Any]]:
    """Every record of the sample on its own, with an older, a newer and an equally new form of some tickets."""
    found: list[dict[str, Any]] = []
    for path in sorted(SAMPLE.iterdir()):
        text = path.read_text(encoding="utf-8")
        values = (
            [json.loads(line) for line in text.splitlines()]
            if path.suffix == ".ndjson"
            else [json.loads(text)]
        )
        for value in values:
            if isinstance(value, list):
                found.append({"groups": value})
            else:
                found.append(value)
    first = json.loads((SAMPLE / "tickets.ndjson").read_text(encoding="utf-8").splitlines()[0])
    found.append(
        {**first, "updated_at": "2026-03-02T08:30:00Z", "status": "open", "comments": first["comments"][:1]}
    )
    found.append(
        {**first, "updated_at": "2026-03-08T08:30:00Z", "status": "closed", "tags": ["later"], "comments": []}
    )
    found.append(
        {**first, "updated_at": "2026-03-08T08:30:00Z", "status": "solved", "tags": ["also"], "subject": "B"}
    )
    edited = {**first["comments"][0], "plain_body": "The March invoice counts a seat twice."}
    found.append({**first, "comments": [edited]})
    return found


def _is_about_fields(record: dict[str, Any]) -> bool:
    return "ticket_fields" in record


def _in_pieces(pieces: list[list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        for number, piece in enumerate(pieces):
            path = Path(folder) / f"{number}.ndjson"
            path.write_text("\n".join(map(json.dumps, piece)), encoding="utf-8")
            load(store, path)
        return tables(store)


@pytest.fixture(scope="module")
def whole() -> dict[str, list[dict[str, Any]]]:
    """All records in one file, the ticket fields first."""
    return _in_pieces([sorted(_records(), key=lambda record: not _is_about_fields(record))])


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_pieces_in_any_order_give_the_same_tables(data: st.DataObject, whole: dict[str, Any]) -> None:
    records = data.draw(st.permutations(_records()), label="order")
    again = data.draw(st.lists(st.sampled_from(records), max_size=6), label="repeated")
    records = [*records, *again]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(records) - 1), max_size=2), label="cuts"))
    pieces = [records[a:b] for a, b in zip([0, *cuts], [*cuts, len(records)], strict=True)]
    # Which custom field holds handle time has to be known when the tickets are read.
    fields = [record for record in _records() if _is_about_fields(record)]
    assert _in_pieces([fields, *pieces]) == whole


def test_rows_of_a_table_in_any_order(tmp_path: Path) -> None:
    lines = [
        f"{n},subject {n % 7},{['new', 'open', 'solved'][n % 3]},2026-03-{1 + n % 27:02}" for n in range(200)
    ]
    lines += [f"{n},other {n},closed,2026-03-28" for n in range(0, 200, 9)] + lines[:20]
    found = []
    for seed in range(3):
        path = tmp_path / f"{seed}.csv"
        path.write_text(
            "ticket_id,subject,status,updated_at\n" + "\n".join(random.Random(seed).sample(lines, len(lines)))
        )
        store = Store(tmp_path / f"store{seed}")
        load(store, path)
        found.append(tables(store))
    assert found[0] == found[1] == found[2]
    assert len(found[0]["tickets"]) == 200


def test_a_file_loaded_again_among_new_ones_is_not_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "users.json")
    summary = load(store, SAMPLE)
    assert summary.unchanged == ("users.json",)
    assert "users.json" not in [file.file for file in summary.files]


def test_the_same_content_in_another_file_publishes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE)
    lines = (SAMPLE / "tickets.ndjson").read_text(encoding="utf-8").splitlines()
    (tmp_path / "again.ndjson").write_text("\n".join(reversed(lines)), encoding="utf-8")
    summary = load(store, tmp_path / "again.ndjson")
    assert (
        summary.published is None and summary.total("count_merged") == 0 and summary.total("count_read") > 10
    )


def test_counts_add_up_and_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    lines = (SAMPLE / "tickets.ndjson").read_text(encoding="utf-8")
    (tmp_path / "t.ndjson").write_text(lines + "broken\n", encoding="utf-8")
    file = load(store, tmp_path / "t.ndjson").files[0]
    assert (file.count_left_out, file.count_refused) == (3, 1)
    assert file.count_read == file.count_merged == sum(file.tables.values())
    (kept,) = rows(store, "SELECT * FROM loads")
    assert (kept["count_read"], kept["count_refused"], kept["file"]) == (file.count_read, 1, "t.ndjson")
    assert kept["capabilities"] == ["tickets", "messages"]


def test_as_of_is_stated_else_the_exports_stamp_else_the_newest_instant(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "tickets.ndjson")
    assert rows(store, "SELECT value FROM meta WHERE key = 'as_of'") == [
        {"value": "2026-03-05T09:00:00+00:00"}
    ]
    (tmp_path / "page.json").write_text(
        json.dumps({"tickets": [], "users": [], "end_time": 1773100800, "groups": [{"id": 9, "name": "x"}]})
    )
    load(store, tmp_path / "page.json")
    assert rows(store, "SELECT value FROM meta WHERE key = 'as_of'") == [
        {"value": "2026-03-10T00:00:00+00:00"}
    ]
    stated = datetime(2026, 4, 1, tzinfo=UTC)
    summary = load(store, SAMPLE / "tickets.ndjson", as_of=stated)
    assert summary.published
    assert rows(store, "SELECT value FROM meta WHERE key = 'as_of'") == [{"value": stated.isoformat()}]
    assert load(store, SAMPLE / "tickets.ndjson", as_of=stated).published is None


def test_other_settings_compute_the_same_data_anew(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE)
    other = dataclasses.replace(Settings(), looks_fine=LooksFine(longest_wait_hours=1.0))
    assert load(store, SAMPLE, settings=other).published
    assert load(store, SAMPLE, settings=other).published is None


def test_the_zone_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE, settings=Settings(organisation=Organisation(zone="Europe/Berlin")))
    assert rows(store, "SELECT value FROM meta WHERE key = 'zone'") == [{"value": "Europe/Berlin"}]


def test_what_is_missing_is_named_with_what_unlocks_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    summary = load(store, SAMPLE / "tickets.ndjson")
    assert "nps" not in summary.capabilities and "messages" in summary.capabilities
    missing = {name for one in summary.unavailable for name in one.measures}
    assert "nps" in missing
    assert any("Not available from these data" in line and "nps" in line for line in summary.lines())


def test_progress_is_told_by_stage(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    load(
        Store(tmp_path / "store"),
        SAMPLE,
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "looking",
        "reading",
        "merging",
        "cleaning",
    ]
    assert all(0 <= done <= max(total, 1) for _, done, total in told)


def test_cleaning_in_other_processes_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = Store(tmp_path / "here"), Store(tmp_path / "elsewhere")
    load(here, SAMPLE)
    monkeypatch.setattr(cleaning, "ALONE", 0)
    monkeypatch.setattr(stage, "BATCH_ROWS", 5)
    load(elsewhere, SAMPLE)
    assert tables(elsewhere) == tables(here)


def test_a_failure_after_the_merge_publishes_nothing(tmp_path: Path) -> None:
    from pipelines.ingest import ingest

    store = Store(tmp_path / "store")

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ingest([SAMPLE], store=store, settings=Settings(), after_merge=fail)
    assert store.current() is None
    assert not list(store.folder.glob("*.partial*"))
    assert ingest([SAMPLE], store=store, settings=Settings(), after_merge=nothing).published


def test_rollback_then_loading_again_reads_the_file_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "users.json")
    load(store, SAMPLE / "tickets.ndjson")
    after = tables(store)
    store.rollback()
    load(store, SAMPLE / "tickets.ndjson")
    assert tables(store) == after


def test_every_source_is_declared_and_named_after_its_module() -> None:
    folder = Path(sources.__file__).parent
    modules = {path.stem for path in folder.glob("[a-z]*.py")} - {"source"}
    assert {source.name for source in discover()} == modules
    assert [source.claims for source in discover()] == sorted(source.claims for source in discover())
    assert all(isinstance(source, Source) and source.title and source.about for source in discover())
    with pytest.raises(BadInput, match="no source called"):
        find("nothing")


def test_a_module_without_a_source_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.sources import twcs

    discover.cache_clear()
    monkeypatch.delattr(twcs, "SOURCE")
    with pytest.raises(Declaration, match="must declare one source named 'twcs'"):
        discover()
    discover.cache_clear()


def test_a_stated_as_of_holds_for_its_run_and_not_for_ever(tmp_path: Path) -> None:
    """A year typed wrong would let every open wait run to it, in all later loads."""
    store = Store(tmp_path / "store")
    for day, stated in ((1, datetime(2099, 1, 1, tzinfo=UTC)), (2, None)):
        path = tmp_path / f"{day}.ndjson"
        times = {"created_at": f"2026-03-0{day}T10:00:00Z", "updated_at": f"2026-03-0{day}T10:00:00Z"}
        path.write_text(json.dumps({"id": day, "requester_id": 1, "status": "open", **times}))
        load(store, path, as_of=stated)
    assert rows(store, "SELECT value FROM meta WHERE key = 'as_of'") == [
        {"value": "2026-03-02T10:00:00+00:00"}
    ]


def test_changed_measures_are_computed_anew_from_unchanged_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE)
    assert load(store, SAMPLE).published is None
    monkeypatch.setattr("pipelines.score.fingerprint", lambda *_: "another lexicon")
    assert load(store, SAMPLE).published is not None
    assert load(store, SAMPLE).published is None
