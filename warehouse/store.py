"""The store: immutable versions of one DuckDB file and a pointer to the live one. The only door to DuckDB.

`<root>/<name>/heard-<UTC stamp>.duckdb` are the versions; `current` is a small text file that names the live one.
A run works on a copy and replaces `current` at the end, atomically, so that a crash at any point leaves the last
published version served. One writer at a time; any number of readers. Linux and macOS.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import duckdb
import polars as pl

from warehouse import schema
from warehouse.errors import HeardError, NoData, StoreBusy
from warehouse.rights import Rights

Connection = duckdb.DuckDBPyConnection
OutOfMemory = duckdb.OutOfMemoryException  # a statement needed more than the memory limit and could not spill
PARTIAL = ".partial"
SPARE_BYTES = 64 * 2**20
_TICKETS_SEEN = "whole.tickets_clean SEMI JOIN tickets_seen USING (source, ticket_id)"
# Two threads that open one file share its instance: only one of them may configure and lock it.
_opening = threading.Lock()


def connect(path: Path | None = None, *, memory_limit: str = "1GB", threads: int | None = None) -> Connection:
    """A writing connection to a file, or to memory; instants are UTC."""
    connection = duckdb.connect(str(path) if path else ":memory:")
    connection.execute("SET GLOBAL TimeZone='UTC'")
    connection.execute(f"SET memory_limit='{memory_limit}'")
    connection.execute("SET preserve_insertion_order=false")
    if threads:
        connection.execute(f"SET threads={int(threads)}")
    return connection


def create_tables(connection: Connection) -> None:
    """Every canonical table, and every column, that is not there yet."""
    for name, table in schema.TABLES.items():
        connection.execute(schema.create_sql(name, table, key=schema.KEYS[name]))
        add_columns(connection, name, table)
    connection.execute(schema.create_sql("evidence", schema.EVIDENCE))
    connection.execute(schema.create_sql("heard", schema.HEARD, key=("source", "ticket_id")))
    add_columns(connection, "heard", schema.HEARD)
    connection.execute(schema.create_sql("rejects", schema.REJECTS))
    connection.execute(schema.create_sql("loads", schema.LOADS))
    connection.execute("CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR)")


def add_columns(connection: Connection, name: str, table: pl.Schema) -> None:
    """Add the columns that a table of an older version lacks."""
    known = {row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()}
    for column, dtype in table.items():
        if column not in known:
            connection.execute(f'ALTER TABLE {name} ADD COLUMN "{column}" {schema.DUCKDB_TYPES[str(dtype)]}')


def query(connection: Connection, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
    """The rows of a query as a frame, over a cursor of its own; values are bound, never pasted."""
    cursor = connection.cursor()
    try:
        frame: pl.DataFrame = cursor.sql(sql, params=list(params)).pl()
        return frame
    finally:
        cursor.close()


def insert(connection: Connection, table: str, frame: pl.DataFrame) -> None:
    """Append a frame to a table, by column name."""
    connection.register("_incoming", frame)
    try:
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM _incoming")
    finally:
        connection.unregister("_incoming")


@dataclass(frozen=True)
class Version:
    """One published state of the data, opened for reading: locked, read-only, no way to other files."""

    name: str
    connection: Connection = field(repr=False)
    folder: Path | None = None  # of its store, where the ledger lies; None for data that lie nowhere
    rights: Rights = field(default_factory=Rights)  # of whoever reads

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """The rows of a query; see `query`."""
        return query(self.connection, sql, params)


class Draft:
    """A copy of the live data that one run works on; nothing of it is seen before `publish`."""

    def __init__(self, store: Store, lock: IO[str], *, memory_limit: str, threads: int | None) -> None:
        self._store = store
        self._lock = lock
        self.based_on = store.current()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._final = store.folder / f"heard-{stamp}.duckdb"
        self.path = self._final.with_name(self._final.name + PARTIAL)
        try:
            if self.based_on:
                shutil.copyfile(self.based_on, self.path)
            self.connection = connect(self.path, memory_limit=memory_limit, threads=threads)
            self.connection.execute(f"SET temp_directory='{_quoted(self.path)}.tmp'")
            create_tables(self.connection)
        except BaseException:
            self.discard()
            raise

    def publish(self) -> str:
        """Close, make durable, and let every reader find this version. Returns its name."""
        self.connection.execute("CHECKPOINT")
        self.connection.close()
        check = duckdb.connect(str(self.path), read_only=True)
        check.execute("SELECT count(*) FROM tickets").fetchall()
        check.close()
        _sync(self.path)
        self.path.rename(self._final)
        self._store.point_to(self._final.name)
        self._store.prune(keep=self.based_on)
        self._release()
        return self._final.name

    def discard(self) -> None:
        """Throw the copy away; the live data stays as it was."""
        if hasattr(self, "connection"):
            self.connection.close()
        self._store.remove_partials()
        self._release()

    def _release(self) -> None:
        if not self._lock.closed:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
            self._lock.close()


class Store:
    """A named store below a root folder: `main`, or `demo`, never mixed."""

    def __init__(self, root: Path, name: str = "main") -> None:
        if not name.isidentifier():
            raise HeardError(f"{name!r} can not be the name of a store.", fix="use letters, digits and _")
        self.name = name
        self.folder = root / name

    def current(self) -> Path | None:
        """The live version's file, or None before the first load."""
        try:
            name = (self.folder / "current").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        path = self.folder / name
        if not path.exists():
            raise HeardError(
                f"The store {self.name!r} points to {name}, which is gone.",
                fix=f"heard rollback --store {self.name}",
            )
        return path

    def versions(self) -> list[Path]:
        """Every complete version, oldest first."""
        return sorted(self.folder.glob("heard-*.duckdb"))

    def begin(
        self, *, expected_bytes: int = 0, memory_limit: str = "1GB", threads: int | None = None
    ) -> Draft:
        """Start the one writing run. Raises StoreBusy when another holds it, HeardError when the disk is too full."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StoreBusy(
                f"Another run is writing to the store {self.name!r}.",
                fix="wait until it has ended and run this again",
            ) from None
        try:
            self.remove_partials()
            self._check_space(expected_bytes)
            return Draft(self, lock, memory_limit=memory_limit, threads=threads)
        except BaseException:
            if not lock.closed:
                lock.close()
            raise

    def open_version(
        self, *, memory_limit: str = "1GB", threads: int | None = None, rights: Rights | None = None
    ) -> Version:
        """The live version, open for reading by somebody with these rights (None: everything).

        Where the rights name teams, no query sees a ticket of another team. Raises NoData before the first load.
        """
        rights = rights or Rights()
        with _opening:
            path = self.current()
            if path is None:
                raise NoData(f"The store {self.name!r} is empty.", fix="heard ingest PATH, or heard demo")
            connection = (
                _of_teams(path, rights.teams) if rights.teams else duckdb.connect(str(path), read_only=True)
            )
            if not connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
                connection.execute("SET GLOBAL TimeZone='UTC'")
                connection.execute(f"SET memory_limit='{memory_limit}'")
                if threads:
                    connection.execute(f"SET threads={int(threads)}")
                connection.execute("SET enable_external_access=false")
                connection.execute("SET lock_configuration=true")
        return Version(path.name, connection, self.folder, rights)

    @contextlib.contextmanager
    def reading(self, rights: Rights | None = None) -> Iterator[Version]:
        """The live version for the length of a with block."""
        version = self.open_version(rights=rights)
        try:
            yield version
        finally:
            version.connection.close()

    def rollback(self) -> str:
        """Point to the version before the live one. Returns its name; raises NoData when there is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        live = (
            (self.folder / "current").read_text(encoding="utf-8").strip()
            if (self.folder / "current").exists()
            else ""
        )
        older = [path for path in self.versions() if path.name < live]
        if not older:
            raise NoData(f"The store {self.name!r} has no version before the live one.", fix="heard status")
        self.point_to(older[-1].name)
        return older[-1].name

    def point_to(self, name: str) -> None:
        """Replace the pointer, atomically and durably."""
        fresh = self.folder / "current.new"
        fresh.write_text(name + "\n", encoding="utf-8")
        _sync(fresh)
        fresh.replace(self.folder / "current")
        _sync(self.folder)

    def prune(self, *, keep: Path | None) -> None:
        """Remove versions that are neither live nor the one to go back to."""
        kept = {self.current(), keep}
        for path in self.versions():
            if path not in kept:
                path.unlink()

    def remove_partials(self) -> None:
        """Clear up what a crashed run left behind."""
        for path in self.folder.glob(f"*{PARTIAL}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _check_space(self, expected_bytes: int) -> None:
        live = self.current()
        needed = (live.stat().st_size if live else 0) + expected_bytes + SPARE_BYTES
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise HeardError(
                f"The disk has {free / 2**20:,.0f} MB free; this run may need {needed / 2**20:,.0f} MB.",
                fix="free some space, or name another folder with store.folder in heard.toml",
            )


class Reader:
    """Follows the pointer for a long-lived process: each call to `version` gives the live version."""

    def __init__(self, store: Store, rights: Rights | None = None) -> None:
        self.store = store
        self._rights = rights
        self._version: Version | None = None

    def version(self) -> Version:
        """The live version; one already handed out stays readable until its user lets go of it."""
        live = self.store.current()
        if self._version is None or live is None or self._version.name != live.name:
            self._version = self.store.open_version(rights=self._rights)
        return self._version


def _of_teams(path: Path, teams: Sequence[str]) -> Connection:
    """A database in memory that holds a view for each table of the file: only the rows of these teams' tickets.

    Every query of every cursor goes through the views, so that nothing needs to remember to filter. A table that can
    not be told by team and may hold text of tickets has no rows.
    """
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{_quoted(path)}' AS whole (READ_ONLY)")
    connection.execute("CREATE TABLE teams_seen AS SELECT unnest(?::VARCHAR[]) AS team", [list(teams)])
    connection.execute(
        "CREATE TABLE tickets_seen AS SELECT source, ticket_id FROM whole.tickets_clean SEMI JOIN teams_seen USING (team)"
    )
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'whole' AND NOT internal"
    ).fetchall():
        columns.setdefault(table, set()).add(column)
    for table, known in sorted(columns.items()):
        connection.execute(f'CREATE VIEW "{table}" AS SELECT * FROM whole."{table}" {_seen(table, known)}')
    return connection


def _seen(table: str, columns: set[str]) -> str:
    """What keeps a table to the tickets that are seen."""
    if table in schema.OF_EVERYBODY:
        return ""
    if table == "people":
        return f"WHERE (source, person_id) IN (SELECT (source, customer_id) FROM {_TICKETS_SEEN})"
    if table == "accounts":
        return f"WHERE (source, account_id) IN (SELECT (source, account_id) FROM {_TICKETS_SEEN})"
    if {"source", "ticket_id"} <= columns:
        return "SEMI JOIN tickets_seen USING (source, ticket_id)"
    if {"ticket_source", "ticket_id"} <= columns:
        return "WHERE (ticket_source, ticket_id) IN (SELECT (source, ticket_id) FROM tickets_seen)"
    return "WHERE false"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
