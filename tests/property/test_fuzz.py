"""Exports made wrong on purpose: the program's own errors or rows that fit, and never half a load."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks import fuzz, fuzz_inputs
from pipelines.sources.source import Source, discover
from tests.loading import load, rows, tables
from warehouse.errors import HeardError
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

INPUTS = 200  # a reader; `python -m benchmarks.fuzz` reads 10,000
LOADED = 4  # of these through a whole ingest
READERS = [source for source in discover() if fuzz.files(source)]
OURS = Settings(organisation=Organisation(domains=fuzz.DOMAINS))


def test_every_reader_has_a_golden_sample() -> None:
    assert list(discover()) == READERS


@pytest.mark.parametrize("source", READERS, ids=lambda source: source.name)
def test_a_reader_reads_or_refuses_whatever_it_is_given(source: Source, tmp_path: Path) -> None:
    figures = fuzz.run(source, INPUTS, seed=2, folder=tmp_path)
    assert figures.count_inputs == INPUTS
    assert figures.count_read > INPUTS // 10  # else the inputs say nothing about reading
    assert figures.count_refused > 0


@pytest.mark.parametrize("source", READERS, ids=lambda source: source.name)
def test_a_load_is_whole_or_did_not_happen(source: Source, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    (tmp_path / "good.ndjson").write_text(
        '{"id": 1, "status": "open", "requester_id": 7, "via": {"channel": "web"}, '
        '"created_at": "2026-03-02T08:00:00Z", "updated_at": "2026-03-02T08:00:00Z", "comments": []}'
    )
    load(store, tmp_path / "good.ndjson")
    originals = fuzz.files(source)
    for number in range(LOADED):
        chance = random.Random(f"{source.name} {number}")
        original = originals[number % len(originals)]
        path = tmp_path / f"{number}-{original.name}"
        path.write_bytes(fuzz_inputs.changed(original.read_bytes(), chance))
        before, live = tables(store), store.current()
        try:
            summary = load(store, path, settings=OURS)
        except HeardError:
            assert store.current() == live and tables(store) == before
        else:
            kept = rows(store, f"SELECT count(*) AS n FROM rejects WHERE file LIKE '{number}-%'")
            if summary.published:
                assert kept == [{"n": summary.total("count_refused")}]
            else:
                assert store.current() == live and summary.total("count_merged") == 0
        assert not list(store.folder.glob("*.partial*"))
