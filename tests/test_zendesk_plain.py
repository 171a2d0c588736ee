"""Zendesk records read together give what they give one by one: the same rows, the same refusals with their lines."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines import stage
from pipelines.sample import generate
from pipelines.sources import _files, _sniff, zendesk
from pipelines.sources._zendesk_people import HANDLE_TIME
from pipelines.sources.source import Options
from tests.conftest import shared

GOLDEN = Path(__file__).parent / "golden" / "zendesk"
TOGETHER = Options(known={(HANDLE_TIME, "360012000021"): "seconds"})
ODD: tuple[Any, ...] = (
    None, "", " ", "x", "12", 0, -1, 1, 2.5, 1e16, 10**18, 10**20, True, False, [], [1], ["a", "a"], {}, {"id": 1},
    "2026-13-01T00:00:00Z", "2026-03-01T10:00:00+02:00", "2026-03-01T10:00:00.123Z", 1772355600, "1.03E+13",
    "suspended", "on-hold", "closed_by_merge", ["closed_by_merge"], "good", "badwithcomment", 4, "\u00a0", "-1", "rule",
)  # fmt: skip


def _read(path: Path, options: Options) -> tuple[dict[str, pl.DataFrame], list[Any], int]:
    """Every staged table in the order of its key, the refusals, and how many records came together."""
    folder = path.with_name(f"{path.name}-{options.is_one_by_one}")
    folder.mkdir()
    parts = stage.Parts(folder, "0")
    staging = stage.Stage(parts, "zendesk", 0)
    (member,) = _files.members(path)
    sample = _sniff.sample(member)
    assert sample is not None
    refused: list[Any] = []
    count = 0
    for item in zendesk.read(sample, options):
        count += len(item.columns)
        refused += [(one.line, one.reason, one.raw) for one in staging.add(item)]
        if item.reason:
            refused.append((item.line, item.reason, item.raw))
    refused += [(one.line, one.reason, one.raw) for one in staging.flush()]
    parts.close()
    frames = {
        name: pl.concat(map(pl.read_parquet, paths)).sort(pl.all()) if name not in ("tickets", "schedules")
        else pl.concat(map(pl.read_parquet, paths)).sort("ticket_id" if name == "tickets" else "schedule_id", "updated_at", "created_at", "subject" if name == "tickets" else "name")
        for name, paths in stage.parts_in(folder).items()
    }  # fmt: skip
    return frames, sorted(refused, key=str), count


def _same_both_ways(path: Path) -> int:
    together, refused, count = _read(path, TOGETHER)
    alone, refused_alone, none = _read(path, replace(TOGETHER, is_one_by_one=True))
    assert none == 0 and refused == refused_alone
    assert together.keys() == alone.keys()
    for name, frame in alone.items():
        assert together[name].equals(frame), name
    return count


def _copied(path: Path, folder: Path) -> Path:
    target = folder / path.name
    target.write_bytes(path.read_bytes())
    return target


def test_the_golden_sample(tmp_path: Path) -> None:
    counts = [_same_both_ways(_copied(path, tmp_path)) for path in sorted(GOLDEN.iterdir())]
    assert sum(counts) > 2


def test_an_export_of_the_peer(tmp_path: Path) -> None:
    for path in sorted(shared("peer/native").iterdir()):
        if path.suffix in (".json", ".ndjson"):
            _same_both_ways(_copied(path, tmp_path))


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Tickets and audits of a made-up export."""
    import gzip

    folder = tmp_path_factory.mktemp("sample")
    generate(folder, tickets=60, weeks=12)
    found = []
    for name in ("tickets-1.ndjson.gz", "ticket_audits-1.ndjson.gz"):
        with gzip.open(folder / name) as file:
            found += [json.loads(line) for line in file]
    return found[:60] + found[60:180]


def test_a_sample(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    path = tmp_path / "all.ndjson"
    path.write_text("\n".join(map(json.dumps, lines)))
    assert _same_both_ways(path) >= 5


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a record that something else could stand at: its holder and its key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in list(pairs):
        yield value, key
        if isinstance(one, (dict, list)):
            yield from _places(one)


@pytest.mark.parametrize("seed", range(12))
def test_mutated_records(tmp_path: Path, lines: list[dict[str, Any]], seed: int) -> None:
    rng = random.Random(seed)
    records = copy.deepcopy(rng.sample(lines, 40))
    for record in records:
        if rng.random() < 0.6:
            for _ in range(rng.randint(1, 2)):
                holder, key = rng.choice(list(_places(record)))
                if rng.random() < 0.2 and isinstance(holder, dict):
                    del holder[key]
                    break
                holder[key] = copy.deepcopy(rng.choice(ODD))
    written = [json.dumps(record) for record in records]
    for _ in range(3):
        place = rng.randrange(1, len(written))  # the first says that a line is a record
        written[place] = rng.choice(
            ("", "broken", written[place][:-3], written[place] + "}", "[1]", "7", "\ud83d")
        )
    path = tmp_path / "mutated.ndjson"
    path.write_bytes("\n".join(written).encode("utf-8", "surrogatepass"))
    _same_both_ways(path)
