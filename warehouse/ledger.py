"""What people write, outside the versions of the data: column mappings by name, in SQLite (WAL)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path


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

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection
