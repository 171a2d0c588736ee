"""Where rows wait between reading and merging: Parquet files beside the draft, thrown away after the run.

Readers write parts, here or in other processes; the merge sees them as `stage.<table>`, a view over the files, so that
nothing is held in memory and nothing is copied before it is known to be new.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipelines.newest import silent
from pipelines.sources._values import instants
from pipelines.sources.source import NAMES, PARTS, STATED_TIMES, Item, Row
from warehouse import schema
from warehouse.errors import Declaration
from warehouse.store import Connection, add_columns, query

BATCH_ROWS = 30_000
BATCH_BYTES = 24 * 2**20
MOST_FRAMES = 500  # small files make small frames; joined before there are too many

# What a reader may give beside the canonical tables; kept in the store so that files may come in any order.
OWN_TABLES: Final[dict[str, pl.Schema]] = {
    NAMES: pl.Schema({"source": schema.TEXT, "kind": schema.TEXT, "id": schema.TEXT, "name": schema.TEXT}),
    STATED_TIMES: pl.Schema(
        {
            "source": schema.TEXT,
            "ticket_id": schema.TEXT,
            "solved_at": schema.INSTANT,
            "first_assigned_at": schema.INSTANT,
            "stated_at": schema.INSTANT,
        }
    ),
    PARTS: pl.Schema(
        {
            "source": schema.TEXT,
            "kind": schema.TEXT,
            "id": schema.TEXT,
            "place": schema.TEXT,
            "value": schema.TEXT,
        }
    ),
    # Ratings as they were stated, in all places, and when; `ratings` is derived from these.
    "ratings_stated": pl.Schema({**schema.TABLES["ratings"], "stated_at": schema.INSTANT}),
}
KEYS: Final[dict[str, tuple[str, ...]]] = {
    **schema.KEYS,
    NAMES: ("source", "kind", "id"),
    STATED_TIMES: ("source", "ticket_id"),
    PARTS: ("source", "kind", "id", "place"),
    "ratings_stated": schema.KEYS["ratings"],
}
# The merged tables and what each waits for: `ratings` rows of a reader go to ratings_stated.
SCHEMAS: Final[dict[str, pl.Schema]] = {
    **{name: table for name, table in schema.TABLES.items() if name != "ratings"},
    **OWN_TABLES,
}
# Columns that we make ourselves, so that they say nothing about whether a row is another one.
# Nor does a message's place in its file: it orders messages of the same instant, and moves with the file.
MADE_HERE: Final = {"messages": {"text", "kind", "position"}}
EXTRA: Final = {"messages": {"is_html": schema.FLAG}}


@dataclass(frozen=True)
class Refused:
    """A record or a row that was not taken, with its reason and the beginning of its text."""

    line: int | None
    reason: str
    raw: str
    member: str = ""


@dataclass
class Counts:
    """What became of one file so far."""

    read: int = 0
    left_out: int = 0
    refused: int = 0
    tables: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def create(connection: Connection) -> None:
    """Attach an empty stage and make the folder that parts are written to, beside the draft."""
    connection.execute("ATTACH ':memory:' AS stage")
    connection.execute("BEGIN")
    for name, table in OWN_TABLES.items():
        connection.execute(schema.create_sql(name, table, key=KEYS[name]))
        add_columns(connection, name, table)
    connection.execute("COMMIT")
    connection.execute("CREATE TABLE stage.folder AS SELECT $1 AS path", [str(_new_folder(connection))])
    show(connection)


def _new_folder(connection: Connection) -> Path:
    """A folder beside the draft, so that the next run clears it up if this one is killed."""
    file = query(
        connection, "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).item()
    if file is None:
        return Path(tempfile.mkdtemp(prefix="heard-stage-"))
    folder = Path(f"{file}.stage")
    folder.mkdir()
    return folder


def folder(connection: Connection) -> Path:
    """Where the parts lie."""
    return Path(connection.execute("SELECT path FROM stage.folder").fetchall()[0][0])


def remove(connection: Connection) -> None:
    """Throw the stage away."""
    path = folder(connection)
    connection.execute("DETACH stage")
    shutil.rmtree(path, ignore_errors=True)


def show(connection: Connection) -> None:
    """Make `stage.<table>` what the parts hold now."""
    parts = parts_in(folder(connection))
    for name, table in SCHEMAS.items():
        if name in parts:
            listed = ", ".join(f"'{_quoted(path)}'" for path in parts[name])
            sql = f"SELECT * FROM read_parquet([{listed}])"
        else:
            columns = {**table, **EXTRA.get(name, {}), "load": schema.COUNT}
            nothing = (
                f'NULL::{schema.DUCKDB_TYPES[str(dtype)]} AS "{column}"' for column, dtype in columns.items()
            )
            sql = f"SELECT {', '.join(nothing)} WHERE false"
        connection.execute(f"CREATE OR REPLACE VIEW stage.{name} AS {sql}")


def hold(connection: Connection, name: str) -> None:
    """Make `stage.<table>` a table that can be changed."""
    if is_held(connection, name):
        return
    connection.execute(f"CREATE OR REPLACE TABLE stage.held AS SELECT * FROM stage.{name}")
    connection.execute(f"DROP VIEW stage.{name}")
    connection.execute(f"ALTER TABLE stage.held RENAME TO {name}")


def is_held(connection: Connection, name: str) -> bool:
    """Whether `stage.<name>` is a table of its own, and not a view over parts."""
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'stage' AND table_name = $1", [name]
    ).fetchall()
    return bool(found[0][0])


def parts_in(folder: Path) -> dict[str, list[Path]]:
    """The parts of each table, in the order of their names."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*.parquet")):
        found[path.name.partition("-")[0]].append(path)
    return dict(found)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


class Parts:
    """Writes frames to a folder as Parquet files of bounded size; `name` tells one writer's files from another's."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._frames: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._rows: dict[str, int] = defaultdict(int)
        self._count = 0

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """Take a frame of a table with all its columns."""
        if frame.is_empty():
            return
        self._frames[table].append(frame)
        self._rows[table] += frame.height
        if self._rows[table] >= BATCH_ROWS or len(self._frames[table]) >= MOST_FRAMES:
            self._write(table)

    def close(self) -> None:
        """Write what is left."""
        for table in list(self._frames):
            self._write(table)

    def _write(self, table: str) -> None:
        frames = self._frames.pop(table)
        del self._rows[table]
        path = self._folder / f"{table}-{self._name}-{self._count:05}.parquet"
        self._count += 1
        pl.concat(frames).write_parquet(path, compression="lz4")


class Stage:
    """Collects the rows of one file and writes them in batches of bounded size."""

    def __init__(self, parts: Parts, source: str, load: int) -> None:
        self._parts, self._source, self._load = parts, source, load
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._lines: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
        self.member = ""  # which of the file's members is being read
        self._count = self._bytes = 0
        self.counts = Counts()

    def add(self, item: Item) -> list[Refused]:
        """Take the rows of an item. Returns what a full batch turned out to refuse."""
        for table, row in item.rows:
            name = "ratings_stated" if table == "ratings" else table
            self._rows[name].append(row)
            self._lines[name].append((self.member, item.line))
        for table, columns in item.columns.items():
            self.take(table, _completed(table, columns, self._source))
        self._count += len(item.rows)
        self._bytes += item.size
        return self.flush() if self._count >= BATCH_ROWS or self._bytes >= BATCH_BYTES else []

    def flush(self) -> list[Refused]:
        """Write what has been collected. Returns the rows that no column type fits."""
        refused: list[Refused] = []
        for name, rows in self._rows.items():
            frame, wrong = _frame(name, rows, self._lines[name], self._source)
            refused += wrong
            self.counts.refused += len(wrong)
            self.take(name, frame)
        self._rows.clear()
        self._lines.clear()
        self._count = self._bytes = 0
        return refused

    def take(self, name: str, frame: pl.DataFrame) -> None:
        """Count and write a frame of a table that has all its columns."""
        self.counts.read += len(frame)
        self.counts.tables[name] += len(frame)
        if name == "tickets":
            self.counts.left_out += _count_left_out(frame)
        self._parts.add(name, frame.with_columns(pl.lit(self._load, dtype=schema.COUNT).alias("load")))


def framed(name: str, rows: list[Row]) -> tuple[pl.DataFrame, list[Refused]]:
    """The rows as a frame of the staged table, and those that no column type fits."""
    return _frame(name, rows, [("", None)] * len(rows), "")


def _completed(name: str, given: Mapping[str, pl.Series], source: str) -> pl.DataFrame:
    """Whole columns as a frame of the staged table."""
    wanted = {**SCHEMAS[name], **EXTRA.get(name, {})}
    frame = pl.DataFrame({**given})
    made = {column: pl.lit(None, dtype=dtype).alias(column) for column, dtype in wanted.items()}
    made["source"] = pl.lit(source).alias("source")
    return frame.select(pl.col(column) if column in given else made[column] for column in wanted)


def _frame(
    name: str, rows: list[Row], lines: list[tuple[str, int | None]], source: str
) -> tuple[pl.DataFrame, list[Refused]]:
    wanted = {**SCHEMAS[name], **EXTRA.get(name, {})}
    given = set().union(*rows)
    if name == "tickets" and (silent(given) or any(len(row) < len(given) for row in rows)):
        rows, given = _with_silence(rows), given | {"known_at"}
    if unknown := given - wanted.keys():
        raise Declaration(
            f"{name} has no column {', '.join(sorted(unknown))}.", fix=f"use {', '.join(wanted)}"
        )
    by_column = _by_column(rows, sorted(given))
    columns: list[pl.Series] = []
    wrong: dict[int, str] = {}
    for column, dtype in wanted.items():
        if column == "source":
            columns.append(pl.repeat(source, len(rows), dtype=dtype, eager=True).alias(column))
            continue
        values = by_column.get(column) or [None] * len(rows)
        if dtype == schema.INSTANT:
            series, bad = instants(values)
            wrong |= {place: f"{column}: {reason}" for place, reason in bad.items()}
        else:
            series = pl.Series(values, dtype=dtype, strict=dtype != schema.TEXT)
        columns.append(series.alias(column))
    frame = pl.DataFrame(columns)
    if not wrong:
        return frame, []
    refused = [
        Refused(lines[place][1], reason, repr(rows[place])[:500], lines[place][0])
        for place, reason in sorted(wrong.items())
    ]
    return frame.with_row_index("_row").filter(~pl.col("_row").is_in(list(wrong))).drop("_row"), refused


def _with_silence(rows: list[Row]) -> list[Row]:
    """The rows of a reader that leaves columns out, each with what it does not know at all."""
    return [
        {**row, "known_at": sorted((row.get("known_at") or []) + (silent(row) or [])) or None} for row in rows
    ]


def _by_column(rows: list[Row], names: list[str]) -> dict[str, Sequence[Any]]:
    """The rows turned on their side. Rows of one reader mostly have the same keys, which is the fast way."""
    if len(names) > 1:
        try:
            return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))
        except KeyError:
            pass
    return {name: [row.get(name) for row in rows] for name in names}


def _count_left_out(frame: pl.DataFrame) -> int:
    out = pl.any_horizontal("is_spam", "is_deleted", "is_test") | pl.col("merged_into").is_not_null()
    return frame.filter(out.fill_null(False)).height


def content(name: str, alias: str = "") -> str:
    """The SQL list of a row's content: everything but the key and what is made here."""
    left = MADE_HERE.get(name, set()) | set(KEYS[name])
    dot = f"{alias}." if alias else ""
    return ", ".join(f'{dot}"{column}"' for column in SCHEMAS[name] if column not in left)
