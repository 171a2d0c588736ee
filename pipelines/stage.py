"""Where rows wait between reading and merging: tables beside the draft, thrown away after the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

import polars as pl

from pipelines.sources._values import instants
from pipelines.sources.source import NAMES, STATED_TIMES, Item, Row
from warehouse import schema
from warehouse.errors import Declaration
from warehouse.store import Connection, add_columns

BATCH_ROWS = 60_000
BATCH_BYTES = 48 * 2**20

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
    # Ratings as they were stated, in all places, and when; `ratings` is derived from these.
    "ratings_stated": pl.Schema({**schema.TABLES["ratings"], "stated_at": schema.INSTANT}),
}
KEYS: Final[dict[str, tuple[str, ...]]] = {
    **schema.KEYS,
    NAMES: ("source", "kind", "id"),
    STATED_TIMES: ("source", "ticket_id"),
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


@dataclass
class Counts:
    """What became of one file so far."""

    read: int = 0
    left_out: int = 0
    refused: int = 0
    tables: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def create(connection: Connection) -> None:
    """Attach an empty stage. It lies in memory up to the memory limit and spills to the draft's temporary folder."""
    connection.execute("ATTACH ':memory:' AS stage")
    connection.execute("BEGIN")
    for name, table in OWN_TABLES.items():
        connection.execute(schema.create_sql(name, table, key=KEYS[name]))
        add_columns(connection, name, table)
    connection.execute("COMMIT")
    for name, table in SCHEMAS.items():
        columns = pl.Schema({**table, **EXTRA.get(name, {}), "load": schema.COUNT, "hash": schema.TEXT})
        connection.execute(schema.create_sql(f"stage.{name}", columns))


def remove(connection: Connection) -> None:
    """Throw the stage away."""
    connection.execute("DETACH stage")


class Stage:
    """Collects the rows of one file and writes them in batches of bounded size."""

    def __init__(self, connection: Connection, source: str, load: int) -> None:
        self._connection, self._source, self._load = connection, source, load
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._lines: dict[str, list[int | None]] = defaultdict(list)
        self._count = self._bytes = 0
        self.counts = Counts()

    def add(self, item: Item) -> list[Refused]:
        """Take the rows of an item. Returns what a full batch turned out to refuse."""
        for table, row in item.rows:
            name = "ratings_stated" if table == "ratings" else table
            self._rows[name].append(row)
            self._lines[name].append(item.line)
        self._count += len(item.rows)
        self._bytes += item.size
        return self.flush() if self._count >= BATCH_ROWS or self._bytes >= BATCH_BYTES else []

    def flush(self) -> list[Refused]:
        """Write what has been collected. Returns the rows that no column type fits."""
        refused: list[Refused] = []
        for name, rows in self._rows.items():
            frame, wrong = _frame(name, rows, self._lines[name], self._source)
            refused += wrong
            self.counts.read += len(frame)
            self.counts.refused += len(wrong)
            self.counts.tables[name] += len(frame)
            if name == "tickets":
                self.counts.left_out += _count_left_out(frame)
            _write(self._connection, name, frame, self._load)
        self._rows.clear()
        self._lines.clear()
        self._count = self._bytes = 0
        return refused


def _frame(
    name: str, rows: list[Row], lines: list[int | None], source: str
) -> tuple[pl.DataFrame, list[Refused]]:
    wanted = {**SCHEMAS[name], **EXTRA.get(name, {})}
    given = set().union(*rows)
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
        Refused(lines[place], reason, repr(rows[place])[:500]) for place, reason in sorted(wrong.items())
    ]
    return frame.with_row_index("_row").filter(~pl.col("_row").is_in(list(wrong))).drop("_row"), refused


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


def hashed(name: str, alias: str = "") -> str:
    """The SQL of a row's content hash: everything but the key and what is made here."""
    left = MADE_HERE.get(name, set()) | set(KEYS[name])
    dot = f"{alias}." if alias else ""
    content = ", ".join(
        f'coalesce({dot}"{column}"::VARCHAR, chr(0))' for column in SCHEMAS[name] if column not in left
    )
    return f"md5(concat_ws(chr(31), {content}))"


def _write(connection: Connection, name: str, frame: pl.DataFrame, load: int) -> None:
    connection.register("_incoming", frame)
    try:
        connection.execute(
            f"INSERT INTO stage.{name} BY NAME SELECT *, {load} AS load, {hashed(name)} AS hash FROM _incoming"
        )
    finally:
        connection.unregister("_incoming")
