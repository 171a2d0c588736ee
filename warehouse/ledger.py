"""What people and schedules write, outside the versions of the data: column mappings, figures printed, in SQLite (WAL)."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

# A figure that was printed. scope: its days and filters as JSON. rows: the key and value of each row, packed.
_PRINTED: Final = ("figure", "scope", "value", "n", "as_of", "printed_at", "version", "rule", "rows")


class Ledger:
    """`<root>/<store>/ledger.sqlite`; kept when a version is rolled back."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "ledger.sqlite"
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS mapping (name TEXT PRIMARY KEY, columns TEXT NOT NULL, header TEXT NOT NULL,"
                " saved_at TEXT NOT NULL)"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS printed (figure TEXT, scope TEXT, value REAL, n INTEGER NOT NULL,"
                " as_of TEXT, printed_at TEXT NOT NULL, version INTEGER NOT NULL, rule TEXT NOT NULL, rows BLOB,"
                " PRIMARY KEY (figure, scope, as_of, version, rule))"
            )

    def save_mapping(self, name: str, columns: Mapping[str, str], header: list[str]) -> None:
        """Keep a mapping (canonical column to the file's column) for files with this header."""
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "INSERT OR REPLACE INTO mapping VALUES (?, ?, ?, ?)",
                (
                    name,
                    json.dumps(dict(columns), sort_keys=True),
                    json.dumps(header),
                    datetime.now(UTC).isoformat(),
                ),
            )

    def mapping(self, name: str) -> dict[str, str] | None:
        """The mapping of that name, or None."""
        with closing(self._connect()) as connection:
            row = connection.execute("SELECT columns FROM mapping WHERE name = ?", (name,)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def mapping_for(self, header: list[str]) -> dict[str, str] | None:
        """The newest mapping kept for a file with exactly this header, or None."""
        with closing(self._connect()) as connection:
            row = connection.execute(
                "SELECT columns FROM mapping WHERE header = ? ORDER BY saved_at DESC LIMIT 1",
                (json.dumps(header),),
            ).fetchone()
        return dict(json.loads(row[0])) if row else None

    def keep_printed(self, figures: Sequence[Mapping[str, Any]]) -> None:
        """Keep figures as they were printed: figure, scope, value, n, as_of, version, rule, rows (key to value, or None).

        The first printing of a figure from the same data stays; printing it again adds nothing.
        """
        now = datetime.now(UTC).isoformat()
        rows = [
            tuple(
                _packed(one[name]) if name == "rows" else {**one, "printed_at": now}[name]
                for name in _PRINTED
            )
            for one in figures
        ]
        with closing(self._connect()) as connection, connection:
            places = ", ".join("?" for _ in _PRINTED)
            connection.executemany(f"INSERT OR IGNORE INTO printed VALUES ({places})", rows)

    def printed(self, figure: str) -> list[dict[str, Any]]:
        """Every printing of a figure, the latest first, with the fields of `keep_printed` and printed_at."""
        with closing(self._connect()) as connection:
            found = connection.execute(
                f"SELECT {', '.join(_PRINTED)} FROM printed WHERE figure = ? ORDER BY printed_at DESC, scope",
                (figure,),
            ).fetchall()
        named = [dict(zip(_PRINTED, row, strict=True)) for row in found]
        return [{**one, "rows": None if one["rows"] is None else _unpacked(one["rows"])} for one in named]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection


def _packed(rows: Mapping[str, float] | None) -> bytes | None:
    return None if rows is None else zlib.compress(json.dumps(dict(rows), ensure_ascii=False).encode())


def _unpacked(packed: bytes) -> dict[str, float]:
    return dict(json.loads(zlib.decompress(packed)))
