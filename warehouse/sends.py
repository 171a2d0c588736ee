"""The send ledger: which digest went to whom, kept so that nobody gets a week twice and nobody is forgotten in silence.

A send is claimed, handed over, marked. States: `claimed` (a run is at it), `sent`, `failed` (next_try_at says when it is
tried again; null: a person has to do something), `unknown` (sent or not: nobody can tell, a person decides), `skipped`
(not wanted). Only failed and skipped ones can be claimed again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

State = Literal["claimed", "sent", "failed", "unknown", "skipped"]

# at: when the state was reached. handed_over_at: from when on the other side may have it, whatever we hear of it.
_COLUMNS: Final = {
    "week": "TEXT NOT NULL", "recipient": "TEXT NOT NULL", "name": "TEXT NOT NULL", "state": "TEXT NOT NULL",
    "content_hash": "TEXT", "message_id": "TEXT", "attempts": "INTEGER NOT NULL", "next_try_at": "TEXT",
    "handed_over_at": "TEXT", "at": "TEXT NOT NULL", "error": "TEXT", "who": "TEXT NOT NULL",
}  # fmt: skip
_NAMES: Final = ", ".join(_COLUMNS)
AGAIN: Final = "To be sent again, as a person decided."
ENDED_BEFORE: Final = "The run ended before anything was handed over."
ENDED_AFTER: Final = "The run ended after the message was handed over and before the answer was kept."


@dataclass(frozen=True)
class Send:
    """What became of one week's digest for one recipient (recipient: the way and the address; name: as it was then)."""

    week: str
    recipient: str
    name: str
    state: State
    content_hash: str | None
    message_id: str | None
    attempts: int
    next_try_at: datetime | None
    handed_over_at: datetime | None
    at: datetime
    error: str | None
    who: str


class Sends:
    """The table `send` in a store's `ledger.sqlite`, one row per week and recipient, and `send_history` of all it was."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "ledger.sqlite"
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        with closing(self._connect()) as connection, connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS send ({columns}, PRIMARY KEY (week, recipient))")
            connection.execute(f"CREATE TABLE IF NOT EXISTS send_history ({columns})")

    def claim(
        self, week: str, recipient: str, name: str, now: datetime, who: str, *, is_asked_for: bool = False
    ) -> int | None:
        """Take a send upon oneself. Returns which attempt this is; None where it is not to be sent (again, or yet).

        One that failed can be claimed from its next_try_at on; `is_asked_for`: also before, and where none is set.
        """
        given = (week, recipient, name, _written(now), who)
        with closing(self._connect()) as connection, connection:
            row = connection.execute(
                "INSERT INTO send (week, recipient, name, state, attempts, at, who) VALUES (?, ?, ?, 'claimed', 1, ?, ?)"
                " ON CONFLICT (week, recipient) DO UPDATE SET state = 'claimed', attempts = attempts + 1,"
                " name = excluded.name, at = excluded.at, who = excluded.who, error = NULL, next_try_at = NULL,"
                " handed_over_at = NULL WHERE state = 'skipped' OR (state = 'failed' AND (? OR next_try_at <= ?))"
                " RETURNING attempts",
                (*given, is_asked_for, _written(now)),
            ).fetchone()
            if row:
                _remember(connection, week, recipient)
        return int(row[0]) if row else None

    def hand_over(
        self, week: str, recipient: str, now: datetime, content_hash: str, message_id: str | None
    ) -> bool:
        """Say, before it happens, that from now on the other side may have the message. Durable when it returns.

        Returns false where the send is not claimed (any more): then nothing may be handed over.
        """
        return self._set(
            week,
            recipient,
            handed_over_at=_written(now),
            content_hash=content_hash,
            message_id=message_id,
            only_from=("claimed",),
        )

    def mark(
        self,
        week: str,
        recipient: str,
        state: State,
        now: datetime,
        *,
        error: str | None = None,
        next_try_at: datetime | None = None,
        content_hash: str | None = None,
        message_id: str | None = None,
    ) -> None:
        """Say what became of a claimed send."""
        kept = {"content_hash": content_hash, "message_id": message_id}
        self._set(
            week,
            recipient,
            state=state,
            at=_written(now),
            error=error,
            next_try_at=_written(next_try_at) if next_try_at else None,
            only_from=("claimed",),
            **{name: value for name, value in kept.items() if value is not None},
        )

    def skip(self, week: str, recipient: str, name: str, why: str, now: datetime, who: str) -> bool:
        """Keep that a recipient is left out on purpose; false where the week is settled for them already."""
        with closing(self._connect()) as connection, connection:
            is_new = connection.execute(
                "INSERT INTO send (week, recipient, name, state, attempts, at, error, who)"
                " VALUES (?, ?, ?, 'skipped', 0, ?, ?, ?) ON CONFLICT (week, recipient) DO UPDATE SET state = 'skipped',"
                " at = excluded.at, error = excluded.error, who = excluded.who, next_try_at = NULL WHERE state = 'failed'",
                (week, recipient, name, _written(now), why, who),
            ).rowcount
            if is_new:
                _remember(connection, week, recipient)
        return is_new > 0

    def take_over(self, now: datetime) -> list[Send]:
        """Settle what runs that are gone had claimed; to be called by whoever holds the lock of sending.

        What was handed over is unknown from then on, for a person to decide; what was not did not go out and is due again.
        """
        left = [one for one in self.sends() if one.state == "claimed"]
        for one in left:
            if one.handed_over_at:
                self.mark(one.week, one.recipient, "unknown", now, error=ENDED_AFTER)
            else:
                self.mark(one.week, one.recipient, "failed", now, error=ENDED_BEFORE, next_try_at=now)
        return left

    def resolve(self, week: str, recipient: str, *, was_sent: bool, now: datetime, who: str) -> bool:
        """A person's word on a send: it was sent, or it shall go out again.

        The first is for what is unknown alone: what failed did not go out. Sent again can be what is unknown, failed, or
        sent, as when the export came after the digest had said that it had not. Returns false where nothing is to be decided.
        """
        return self._set(
            week,
            recipient,
            state="sent" if was_sent else "failed",
            next_try_at=None if was_sent else _written(now),
            error=None if was_sent else AGAIN,
            at=_written(now),
            who=who,
            only_from=("unknown",) if was_sent else ("unknown", "failed", "sent"),
        )

    def sends(self, week: str | None = None) -> list[Send]:
        """Every send, or those of a week: the newest week first, in it by name."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                f"SELECT {_NAMES} FROM send WHERE ? IS NULL OR week = ? ORDER BY week DESC, name, recipient",
                (week, week),
            ).fetchall()
        return [_send(row) for row in rows]

    def uncertain(self) -> list[Send]:
        """Those of which nobody can tell whether they went out: a person decides."""
        return [one for one in self.sends() if one.state == "unknown"]

    def history(self, week: str, recipient: str) -> list[Send]:
        """Every state that a send was in, the oldest first, with who brought it there."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                f"SELECT {_NAMES} FROM send_history WHERE week = ? AND recipient = ? ORDER BY rowid",
                (week, recipient),
            ).fetchall()
        return [_send(row) for row in rows]

    def _set(self, week: str, recipient: str, *, only_from: Sequence[State], **values: Any) -> bool:
        fields = ", ".join(f"{name} = ?" for name in values)
        with closing(self._connect()) as connection, connection:
            is_set = connection.execute(
                f"UPDATE send SET {fields} WHERE week = ? AND recipient = ?"
                " AND state IN (SELECT value FROM json_each(?))",
                (*values.values(), week, recipient, json.dumps(only_from)),
            ).rowcount
            if is_set:
                _remember(connection, week, recipient)
        return bool(is_set)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # what is kept here has to outlive a power cut
        return connection


def _remember(connection: sqlite3.Connection, week: str, recipient: str) -> None:
    connection.execute(
        f"INSERT INTO send_history SELECT {_NAMES} FROM send WHERE week = ? AND recipient = ?",
        (week, recipient),
    )


def _written(instant: datetime) -> str:
    # One zone and one length, so that texts compare as instants do.
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _send(row: Sequence[Any]) -> Send:
    named = dict(zip(_COLUMNS, row, strict=True))
    for name in ("next_try_at", "handed_over_at", "at"):
        named[name] = _instant(named[name])
    return Send(**named)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
