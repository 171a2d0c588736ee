"""Every source's golden sample in any pieces and order, twice, or in part: the same tables and the same facts."""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
import random
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import fuzz
from metrics import facts
from metrics.measure import GRAIN_KEYS
from pipelines.identify import identify
from pipelines.ingest import AfterMerge, ingest
from pipelines.sources.source import NAMES, THREAD, Options, Source, discover, find
from pipelines.summary import Summary
from tests.loading import nothing
from warehouse.errors import HeardError
from warehouse.schema import KEYS
from warehouse.settings import Organisation, Settings
from warehouse.store import Connection, Store

GOLDEN = fuzz.GOLDEN
OURS = Settings(organisation=Organisation(domains=fuzz.DOMAINS))
READERS = [source for source in discover() if fuzz.files(source)]
Pieces = list[tuple[str, bytes]]  # a file's name and what is in it

# A second header belongs to every row; a thread, and a schedule's week, are put together from the rows of one file.
WHOLE_FILES = frozenset({"surveymonkey/labels.csv", "twcs/twcs.csv", "fivetran_zendesk/schedule.csv"})


def _state(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Merged tables and fact tables; without a message's place in its file, which moves with the file."""
    with store.reading() as version:
        keys = {name: ", ".join(key) for name, key in KEYS.items()} | {
            f"{name}_facts": "ALL" for name in GRAIN_KEYS
        }
        found = {
            name: version.query(f"SELECT * FROM {name} ORDER BY {key}").to_dicts()
            for name, key in keys.items()
        }
    for row in found["messages"]:
        del row["position"]
    return found


def _count(connection: Connection, known: Settings, tell: object) -> None:
    """The facts without hearing: what is heard depends on nothing but the merged tables."""
    facts.resolve(connection, known)
    facts.build(connection, known)


def _load(store: Store, folder: Path, pieces: Pieces, after: AfterMerge = _count) -> Summary | None:
    """Load pieces as the files of one folder, and count; None for pieces without anything that is used."""
    if not pieces:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in pieces:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for one in [*folder.rglob("cur"), *folder.rglob("new")]:
        (one.parent / "cur").mkdir(exist_ok=True)
        (one.parent / "new").mkdir(exist_ok=True)
    try:
        return ingest([folder], store=store, settings=OURS, after_merge=after)
    except HeardError as error:
        # A piece of which nothing can be read stops its load; the others of that load stand for themselves.
        if broken := re.match(r"Nothing in (.+) can be read", error.what):
            left = [one for one in pieces if Path(one[0]).name != broken.group(1)]
            return _load(store, folder, left, after)
        assert re.search("hold no record|hold nothing|None of these files", error.what), error
        return None


@functools.cache
def _names_first(source: Source) -> frozenset[str]:
    """The files that others are read with: they have to be there when those are."""
    found = set()
    for path in fuzz.files(source):
        for job in identify(path, Options(domains=fuzz.DOMAINS), is_named=False).jobs:
            with contextlib.suppress(HeardError):
                items = list(job.source.read(job.sample, fuzz.options(source)))
                rows_ = [row for item in items for row in item.rows]
                if any(table == NAMES and row["kind"] != THREAD for table, row in rows_):
                    found.add(path.name)
    return frozenset(found)


def _records(source: Source, path: Path) -> tuple[bytes, list[bytes]]:
    """What every piece of a file begins with, and its records; one record where it can not be taken apart."""
    content = path.read_bytes()
    if f"{source.name}/{path.name}" in WHOLE_FILES:
        return b"", [content]
    if path.suffix == ".ndjson":
        return b"", [line + b"\n" for line in content.splitlines() if line.strip()]
    with contextlib.suppress(UnicodeDecodeError):
        text = content.decode("utf-8-sig")
        if path.suffix == ".csv" and text.split("\n")[0].count(",") > 1:
            first, *others = (_line(row) for row in csv.reader(io.StringIO(text, newline="")))
            return first, others
    return b"", [content]


def _line(row: list[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerow(row)
    return stream.getvalue().encode()


def _pieces(source: Source, chance: random.Random, count: int) -> list[Pieces]:
    """The sample in that many loads: every record in one of them, some in two, in any order."""
    loads: list[Pieces] = [[] for _ in range(count)]
    for path in fuzz.files(source):
        name = str(path.relative_to(GOLDEN / source.name))
        begin, records = _records(source, path)
        chance.shuffle(records)
        if path.name in _names_first(source):
            loads[0].append((name, begin + b"".join(records)))
            continue
        shares: list[list[bytes]] = [[] for _ in range(count)]
        for record in records:
            shares[chance.randrange(count)].append(record)
            if chance.random() < 0.2:
                shares[chance.randrange(count)].append(record)
        for piece, share in zip(loads, shares, strict=True):
            if share:
                # A record that stands twice in one piece would be a second one where rows have no id.
                piece.append((name, begin + b"".join(dict.fromkeys(share))))
    return loads


@functools.cache
def _whole(source: Source) -> dict[str, list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        _load(store, Path(folder) / "files", _pieces(source, random.Random(0), 1)[0])
        return _state(store)


def _in_pieces(source: Source, loads: Sequence[Pieces], folder: Path) -> Store:
    store = Store(folder / "store")
    for number, pieces in enumerate(loads):
        _load(store, folder / f"files{number}", pieces)
    return store


def _without_collections(content: bytes) -> bytes:
    """Every record without the lists of records that lie in it, as another call of an API gives it."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: bare(inner) for key, inner in value.items() if not _is_collection(inner)}
            return kept if len(kept) > 2 else {key: bare(inner) for key, inner in value.items()}
        return [bare(one) for one in value] if isinstance(value, list) else value

    values = [json.loads(line) for line in content.splitlines() if line.strip()]
    return b"".join(json.dumps(bare(value)).encode() + b"\n" for value in values)


def _is_collection(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


@pytest.mark.parametrize("source", READERS, ids=lambda source: source.name)
def test_pieces_are_one_load_twice_is_once_and_what_is_absent_erases_nothing(
    source: Source, tmp_path: Path
) -> None:
    loads = _pieces(source, random.Random(f"split {source.name}"), 2)
    store = _in_pieces(source, loads, tmp_path)
    found = _state(store)
    assert any(found.values()) and found == _whole(source)
    # The same records in other bytes, so that the files are read again.
    again = [(name, content + b"\n") for name, content in loads[0] if name.endswith((".csv", "json"))]
    summary = _load(store, tmp_path / "again", again)
    assert summary is None or summary.total("count_merged") == 0
    assert _state(store) == found
    bare: Pieces = []
    for name, content in (piece for pieces in loads for piece in pieces):
        with contextlib.suppress(ValueError):
            bare.append((f"{len(bare)}/{name}", _without_collections(content)))
    _load(store, tmp_path / "bare", bare, nothing)  # its facts are other ones, and looked at by nobody
    after = _state(store)
    for table, key in KEYS.items():
        keys = {tuple(row[column] for column in key) for row in after[table]}
        assert {tuple(row[column] for column in key) for row in found[table]} <= keys, table


@pytest.mark.parametrize("name", ["zendesk", "tables"])
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), count=st.integers(1, 3))
def test_any_number_of_loads_in_any_order_gives_the_same_numbers(name: str, seed: int, count: int) -> None:
    source = find(name)
    with tempfile.TemporaryDirectory() as folder:
        store = _in_pieces(source, _pieces(source, random.Random(seed), count), Path(folder))
        assert _state(store) == _whole(source)
