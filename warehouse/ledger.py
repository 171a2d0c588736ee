"""What people and schedules write, outside the versions of the data, in SQLite (WAL).

Mappings, figures printed, reviews, and entries: whatever else a person sets (the status of an idea, a target, a note on a
chart, a saved view). An entry is never changed: the newest of a kind and subject stands, and the earlier ones are its history.
"""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from warehouse.errors import Answered
from warehouse.settings import Settings

# A figure that was printed. scope: its days and filters as JSON. rows: the key and value of each row, packed.
_PRINTED: Final = ("figure", "scope", "value", "n", "as_of", "printed_at", "version", "rule", "rows")

# What a person said of a reading. One act may say several things at once: of a conversation and of its sentences.
# Of a sentence: message_id, kind, start, end and the hash of its words, by which it is found again after another scoring.
# Drawn at random: the column asked for, unit (the conversation's or the idea's id), stratum (flagged | unflagged),
# stratum_size when it was drawn, and the signal's version. What was taken back stays, with who took it back and when.
_REVIEW: Final = {
    "act": "TEXT NOT NULL", "who": "TEXT NOT NULL", "at": "TEXT NOT NULL", "source": "TEXT NOT NULL",
    "ticket_id": "TEXT NOT NULL", "message_id": "TEXT", "measure": "TEXT NOT NULL", "kind": "TEXT",
    "start": "INTEGER", "end": "INTEGER", "sentence_hash": "TEXT", "verdict": "TEXT NOT NULL",
    "column": "TEXT", "unit": "TEXT", "stratum": "TEXT", "stratum_size": "INTEGER", "version": "INTEGER",
    "note": "TEXT", "withdrawn_at": "TEXT", "withdrawn_by": "TEXT",
}  # fmt: skip
_GIVEN: Final = tuple(
    name for name in _REVIEW if name not in ("act", "who", "at", "withdrawn_at", "withdrawn_by")
)
VERDICTS: Final = ("right", "wrong", "missed")
_ENTRY: Final = ("entry_id", "kind", "subject", "fields", "who", "at")


@dataclass(frozen=True)
class Entry:
    """What a person set: the fields of a subject of a kind ("target", "view", ...), who set them and when.

    fields is None where the subject was removed.
    """

    entry_id: int
    kind: str
    subject: str
    fields: dict[str, Any] | None
    who: str
    at: datetime


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
            columns = ", ".join(f'"{name}" {kind}' for name, kind in _REVIEW.items())
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS review (review_id INTEGER PRIMARY KEY AUTOINCREMENT, {columns})"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS entry (entry_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
                " subject TEXT NOT NULL, fields TEXT, who TEXT NOT NULL, at TEXT NOT NULL)"
            )
            connection.execute("CREATE INDEX IF NOT EXISTS entry_of ON entry (kind, subject)")
            connection.execute("CREATE INDEX IF NOT EXISTS review_of ON review (source, ticket_id)")
            # What was drawn has one answer that stands, also where two keys or two people come at once.
            connection.execute(
                'CREATE UNIQUE INDEX IF NOT EXISTS review_drawn ON review ("column", source, unit)'
                " WHERE stratum IS NOT NULL AND withdrawn_at IS NULL"
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

    def review(self, who: str, said: Sequence[Mapping[str, Any]]) -> str:
        """Keep what a person said in one act; returns the act's id, by which it is taken back.

        Each of `said` names source, ticket_id, measure and verdict (one of VERDICTS), and of a sentence or of a draw
        what _REVIEW lists. Raises Answered where a draw has an answer that stands, ValueError on another verdict or field.
        """
        for one in said:
            if one["verdict"] not in VERDICTS or not set(one) <= set(_GIVEN):
                raise ValueError(f"not a review: {dict(one)}")
        act, now = uuid4().hex, datetime.now(UTC).isoformat()
        names = ("act", "who", "at", *_GIVEN)
        sql = f"INSERT INTO review ({_quoted(names)}) VALUES ({', '.join('?' for _ in names)})"
        rows = [(act, who, now, *(one.get(name) for name in _GIVEN)) for one in said]
        try:
            with closing(self._connect()) as connection, connection:
                connection.executemany(sql, rows)
        except sqlite3.IntegrityError as error:
            raise Answered("This was reviewed already.", fix="take that review back first") from error
        return act

    def take_back(self, act: str, who: str) -> int:
        """Take an act back; it stays in the history. Returns how many reviews it held that still stood."""
        with closing(self._connect()) as connection, connection:
            return connection.execute(
                "UPDATE review SET withdrawn_at = ?, withdrawn_by = ? WHERE act = ? AND withdrawn_at IS NULL",
                (datetime.now(UTC).isoformat(), who, act),
            ).rowcount

    def reviews(
        self, source: str | None = None, ticket_id: str | None = None, *, with_history: bool = False
    ) -> list[dict[str, Any]]:
        """Every review that stands, the oldest first, of one conversation or of all; with_history: those taken back too."""
        conditions = ["true" if with_history else "withdrawn_at IS NULL"]
        params: list[str] = []
        for name, value in (("source", source), ("ticket_id", ticket_id)):
            if value is not None:
                conditions.append(f"{name} = ?")
                params.append(value)
        names = ("review_id", *_REVIEW)
        with closing(self._connect()) as connection:
            rows = connection.execute(
                f"SELECT {_quoted(names)} FROM review WHERE {' AND '.join(conditions)} ORDER BY review_id",
                params,
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def state_of_reviews(self) -> str:
        """A text that changes whenever what is listed changes: a review other than right, given or taken back."""
        with closing(self._connect()) as connection:
            row = connection.execute(
                "SELECT count(*), count(withdrawn_at) FROM review WHERE sentence_hash IS NOT NULL OR verdict <> 'right'"
            ).fetchone()
        return f"{row[0]}-{row[1]}"

    def keep(self, kind: str, subject: str, fields: Mapping[str, Any] | None, who: str) -> Entry:
        """Set the fields of a subject (JSON values); None removes it. What stood before stays in its history."""
        return self.keep_all(kind, {subject: fields}, who)[0]

    def keep_all(
        self, kind: str, given: Mapping[str, Mapping[str, Any] | None], who: str
    ) -> tuple[Entry, ...]:
        """Set several subjects of a kind, all or none, as `keep` sets one."""
        at = datetime.now(UTC)
        kept: list[Entry] = []
        with closing(self._connect()) as connection, connection:
            for subject, fields in given.items():
                packed = (
                    None if fields is None else json.dumps(dict(fields), ensure_ascii=False, sort_keys=True)
                )
                number = connection.execute(
                    "INSERT INTO entry (kind, subject, fields, who, at) VALUES (?, ?, ?, ?, ?)",
                    (kind, subject, packed, who, at.isoformat()),
                ).lastrowid
                own = None if fields is None else dict(fields)
                kept.append(Entry(number or 0, kind, subject, own, who, at))
        return tuple(kept)

    def entries(self, kind: str) -> dict[str, Entry]:
        """What stands of a kind, by subject, in the order in which it was set; what was removed is left out."""
        newest = "SELECT max(entry_id) FROM entry WHERE kind = ? GROUP BY subject"
        found = self._entries(f"entry_id IN ({newest}) AND fields IS NOT NULL", (kind,))
        return {one.subject: one for one in found}

    def newest_entry(self) -> int:
        """A number that grows with every entry of whatever kind; 0 where there is none."""
        with closing(self._connect()) as connection:
            return int(connection.execute("SELECT coalesce(max(entry_id), 0) FROM entry").fetchone()[0])

    def history(self, kind: str, subject: str) -> list[Entry]:
        """Every entry of a subject, the newest first, removals too."""
        return self._entries("kind = ? AND subject = ?", (kind, subject))[::-1]

    def undo(self, entry: Entry, who: str) -> bool:
        """Set again what stood before this entry; false where something newer stands, which is then left alone."""
        told = self.history(entry.kind, entry.subject)
        if not told or told[0].entry_id != entry.entry_id:
            return False
        self.keep(entry.kind, entry.subject, told[1].fields if len(told) > 1 else None, who)
        return True

    def _entries(self, condition: str, params: Sequence[Any]) -> list[Entry]:
        with closing(self._connect()) as connection:
            rows = connection.execute(
                f"SELECT {_quoted(_ENTRY)} FROM entry WHERE {condition} ORDER BY entry_id", params
            ).fetchall()
        return [
            Entry(
                number, kind, subject, json.loads(fields) if fields else None, who, datetime.fromisoformat(at)
            )
            for number, kind, subject, fields, who, at in rows
        ]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection


def ledger_in(folder: Path | None) -> Ledger | None:
    """The ledger of a store's folder where there is one; reading never makes one."""
    return Ledger(folder) if folder is not None and (folder / "ledger.sqlite").exists() else None


def reviewer(settings: Settings) -> str:
    """Who is named with a review: reviews.reviewer of the settings, else $HEARD_REVIEWER, else the user of this computer."""
    chosen = settings.reviews.reviewer or os.environ.get("HEARD_REVIEWER", "")
    if chosen.strip():
        return chosen.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unnamed"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _packed(rows: Mapping[str, float] | None) -> bytes | None:
    return None if rows is None else zlib.compress(json.dumps(dict(rows), ensure_ascii=False).encode())


def _unpacked(packed: bytes) -> dict[str, float]:
    return dict(json.loads(zlib.decompress(packed)))
