"""What every source keeps to: a guide, a sample of its own, its own files and nobody else's, and order without meaning."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import _files, _sniff
from pipelines.sources.source import Options, Source, discover
from tests.conftest import PROJECT, shared
from tests.loading import load, tables
from warehouse.errors import BadInput, HeardError
from warehouse.store import Store

GOLDEN = PROJECT / "tests" / "golden"
SOURCES = {source.name: source for source in discover()}
# The folders of measuring data that are called otherwise than the system that reads them.
SYSTEMS = {"twitter_twcs": "twcs"}
# Zendesk's records are told by few fields and are asked for after the systems whose fields are like them.
LOOSE = {"zendesk"}


def _samples() -> list[str]:
    return sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def _askers(path: Path) -> list[list[Source]]:
    """For each member of a file the sources that would read it, in the order in which they are asked."""
    found = []
    for member in _files.members(path):
        try:
            sample = _sniff.sample(member)
        except BadInput:
            continue
        if sample is not None:
            asked = [source for source in SOURCES.values() if not source.is_declared or source.system]
            found.append([source for source in asked if source.recognise(sample, Options()) is not None])
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_how_to_get_its_files(name: str) -> None:
    guide = SOURCES[name].guide
    assert guide is not None and guide.plan and guide.exports
    for export in guide.exports:
        assert export.how.strip() and export.name.strip()
        assert export.enables or export.lacks, "an export that enables nothing says what it is for"


@pytest.mark.parametrize(
    "name", sorted({source.name for source in SOURCES.values() if source.name != "twcs"})
)
def test_every_source_has_a_sample_with_its_golden_tables(name: str) -> None:
    assert _files_below(GOLDEN / name)
    assert json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in _samples() if not SOURCES[name].is_declared])
def test_a_sample_is_claimed_by_its_own_source_alone(name: str) -> None:
    for path in _files_below(GOLDEN / name):
        for askers in _askers(path):
            names = [source.name for source in askers]
            assert names[:1] in ([name], []), f"{path.name} would be read by {names}"
            assert set(names) <= {name} | LOOSE, f"{path.name} is claimed by {names}"


def test_measuring_data_is_read_by_its_own_system_or_refused_with_advice() -> None:
    root = shared("exports")
    wrong = []
    for path in _files_below(root):
        system = path.relative_to(root).parts[0]
        if path.parent == root:
            continue
        try:
            claimed = [askers[0].stands_for for askers in _askers(path) if askers]
        except HeardError as error:
            assert error.fix, f"{path.name} is refused without advice"
            continue
        wrong += [(path.name, one) for one in claimed if one != SYSTEMS.get(system, system)]
    assert wrong == []


def _halves(path: Path, order: random.Random) -> list[str] | None:
    """The file's records in two files and in another order; None for what is not lines, an array or a page of one list."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".ndjson":
        lines = [line for line in text.splitlines() if line.strip()]
        return ["\n".join(half) + "\n" for half in _dealt(lines, order)]
    try:
        value: Any = json.loads(text)
    except ValueError:
        return None
    if isinstance(value, list):
        return [json.dumps(half) for half in _dealt(value, order)]
    lists = [key for key, held in value.items() if isinstance(held, list)] if isinstance(value, dict) else []
    if len(lists) != 1 or "id" in value:
        return None
    return [json.dumps({**value, lists[0]: half}) for half in _dealt(value[lists[0]], order)]


def _dealt(records: list[Any], order: random.Random) -> list[list[Any]]:
    shuffled = order.sample(records, len(records))
    return [half for half in (shuffled[::2], shuffled[1::2]) if half]


JSON_SAMPLES = [name for name in _samples() if any((GOLDEN / name).glob("*json"))]


@pytest.mark.parametrize("name", JSON_SAMPLES)
def test_halves_in_any_order_are_the_whole(name: str, tmp_path: Path) -> None:
    """The records of every file shuffled into two, under other names, give the golden tables of the sample."""
    store, order = Store(tmp_path / "store"), random.Random(5)
    files: list[tuple[Path, str | None]] = []
    for path in _files_below(GOLDEN / name):
        halves: list[str | None] = list(_halves(path, order) or ()) or [None]
        files += [(path, half) for half in halves]
    order.shuffle(files)
    for number, (path, half) in enumerate(files):
        # A file's name may say what it holds: it stays.
        target = tmp_path / "files" / f"{number:03}" / path.name
        target.parent.mkdir(parents=True)
        if half is None:
            shutil.copy(path, target)
        else:
            target.write_text(half, encoding="utf-8")
    load(store, tmp_path / "files")
    assert tables(store) == json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
