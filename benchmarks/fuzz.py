"""Every reader against exports made wrong on purpose: `python -m benchmarks.fuzz [--inputs 10000] [--source NAME]`.

Each input is one file of a source's golden sample with one or two things wrong in it. It is recognised and read as
`heard ingest` does it. Whatever happens, only the program's own errors may come out, each with words, and every row must
fit its staged table; of every 20th input the frames are made too. The first input that breaks this is kept.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.fuzz_inputs import changed
from pipelines import stage
from pipelines.identify import identify
from pipelines.sources.source import NAMES, Item, Options, Row, Source, discover
from warehouse import schema
from warehouse.errors import HeardError
from warehouse.settings import PROJECT

GOLDEN = PROJECT / "tests" / "golden"
DOMAINS = ("example.com",)  # of the golden mailbox
FRAMED_EVERY = 20  # inputs; frames take ten times as long as looking at each value does
ENOUGH_BYTES = 60_000  # a larger golden file tells no more about a reader and takes longer


@dataclass
class Figures:
    """What became of the inputs of one reader."""

    source: str
    count_inputs: int = 0
    count_read: int = 0  # inputs of which rows came
    count_refused: int = 0  # inputs refused as a whole
    count_refused_records: int = 0  # records refused in inputs that were read
    count_rows: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0


def files(source: Source) -> list[Path]:
    """The golden files that the source reads."""
    folder = GOLDEN / source.name
    listed = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return [path for path in listed if path.stat().st_size <= ENOUGH_BYTES]


def options(source: Source) -> Options:
    """What a load of the whole golden sample would know when the last file is read."""
    known: dict[tuple[str, str], str] = {}
    found = Options(domains=DOMAINS, known=known)
    for path in files(source):
        try:
            for job in identify(path, found, is_named=False).jobs:
                for item in job.source.read(job.sample, found):
                    for table, row in item.rows:
                        if table == NAMES and row.get("name"):
                            known[row["kind"], row["id"]] = row["name"]
        except HeardError:
            continue  # a file that asks for something is part of some samples
    return found


def check(item: Item) -> None:
    """Raises AssertionError on an item that is not as items are."""
    assert isinstance(item.rows, list)
    assert item.line is None or isinstance(item.line, int)
    assert item.reason is None or (item.reason and isinstance(item.raw, str) and not item.rows)
    assert item.note is None or item.note


_FITS: dict[Any, tuple[type, ...]] = {
    schema.TEXT: (str,),
    schema.FLAG: (bool,),
    schema.COUNT: (int,),
    schema.NUMBER: (int, float),
    schema.INSTANT: (object,),  # what is no instant is refused with its row when frames are made
    pl.List(schema.TEXT): (list,),
}


def check_row(table: str, row: Row) -> None:
    """Raises AssertionError on a row with a column or a type that the staged table does not have."""
    columns = {**stage.SCHEMAS[table], **stage.EXTRA.get(table, {})}
    for column, value in row.items():
        assert column in columns, f"{table} has no column {column}"
        if value is not None:
            assert isinstance(value, _FITS[columns[column]]), f"{table}.{column} is {value!r:.80}"
            if isinstance(value, str):
                value.encode("utf-8")
            if isinstance(value, int) and columns[column] == schema.COUNT:
                assert abs(value) < 2**63


def read_one(path: Path, given: Options, figures: Figures) -> None:
    """Recognise and read a file, and put its rows into frames; the program's own errors count as a refusal."""
    begun = time.perf_counter()
    tables: dict[str, list[Row]] = {}
    count_refused = 0
    try:
        for job in identify(path, given, is_named=True).jobs:
            for item in job.source.read(job.sample, given):
                check(item)
                count_refused += item.reason is not None
                for table, row in item.rows:
                    tables.setdefault("ratings_stated" if table == "ratings" else table, []).append(row)
    except HeardError as error:
        assert error.what and "Traceback" not in error.what
        figures.count_refused += 1
        tables.clear()
    for table, rows in tables.items():
        for row in rows:
            check_row(table, row)
        if figures.count_inputs % FRAMED_EVERY == 0:
            count_refused += len(stage.framed(table, rows)[1])
        figures.count_rows += len(rows)
    seconds = time.perf_counter() - begun
    figures.count_inputs += 1
    figures.count_read += bool(tables)
    figures.count_refused_records += count_refused
    figures.seconds += seconds
    figures.slowest_seconds = max(figures.slowest_seconds, seconds)


def run(source: Source, count: int, seed: int, folder: Path) -> Figures:
    """Read that many inputs. Raises whatever a reader raises beside the program's own errors, the input kept."""
    figures = Figures(source.name)
    given = options(source)
    originals = files(source)
    for number in range(count):
        chance = random.Random(f"{seed} {source.name} {number}")
        original = originals[number % len(originals)]
        path = folder / original.name
        path.write_bytes(changed(original.read_bytes(), chance))
        try:
            read_one(path, given, figures)
        except Exception:
            kept = Path(tempfile.gettempdir()) / f"fuzz-{source.name}-{number}-{original.name}"
            kept.write_bytes(path.read_bytes())
            print(f"{source.name}: input {number} of seed {seed} breaks it; kept as {kept}", file=sys.stderr)
            raise
        path.unlink()
    return figures


def line(figures: Figures) -> str:
    """The figures of a reader in a line."""
    return (
        f"{figures.source}: {figures.count_inputs:,} inputs, {figures.count_read:,} read, {figures.count_refused:,} refused "
        f"as a whole, {figures.count_rows:,} rows, {figures.count_refused_records:,} records refused, "
        f"{figures.seconds:,.0f} s, slowest {figures.slowest_seconds:.2f} s"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each reader, or with --json an object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=10_000, help="for each reader")
    parser.add_argument("--source", action="append", help="this reader only; may be given again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args(arguments)
    for source in discover():
        if (said.source and source.name not in said.source) or not files(source):
            continue
        with tempfile.TemporaryDirectory() as folder:
            figures = run(source, said.inputs, said.seed, Path(folder))
        print(json.dumps(asdict(figures)) if said.json else line(figures), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
