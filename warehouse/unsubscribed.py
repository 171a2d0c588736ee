"""Addresses that want no digest any more, in a store's `ledger.sqlite`, and the secret that signs the links to say so."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Stopped:
    """Since when an address wants no digest, and who said so."""

    address: str
    at: datetime
    who: str


class Unsubscribed:
    """The list of a store; addresses are known in any case."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "ledger.sqlite"
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS unsubscribed (address TEXT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL)"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS unsubscribe_key (one INTEGER PRIMARY KEY, key TEXT NOT NULL)"
            )

    def add(self, address: str, now: datetime, who: str) -> bool:
        """Keep that an address wants no digest any more; false where that was known."""
        with closing(self._connect()) as connection, connection:
            return bool(
                connection.execute(
                    "INSERT OR IGNORE INTO unsubscribed VALUES (?, ?, ?)",
                    (address.casefold(), now.astimezone(UTC).isoformat(), who),
                ).rowcount
            )

    def take_off(self, address: str) -> bool:
        """Take an address off the list; false where it was not on it."""
        with closing(self._connect()) as connection, connection:
            return bool(
                connection.execute(
                    "DELETE FROM unsubscribed WHERE address = ?", (address.casefold(),)
                ).rowcount
            )

    def all(self) -> dict[str, Stopped]:
        """Everybody on the list, by address."""
        with closing(self._connect()) as connection:
            rows = connection.execute("SELECT address, at, who FROM unsubscribed ORDER BY address").fetchall()
        return {address: Stopped(address, datetime.fromisoformat(at), who) for address, at, who in rows}

    def token(self, address: str) -> str:
        """What proves that a link to unsubscribe this address came from us."""
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "INSERT OR IGNORE INTO unsubscribe_key VALUES (1, ?)", (secrets.token_hex(32),)
            )
            key = connection.execute("SELECT key FROM unsubscribe_key").fetchone()[0]
        return hmac.new(bytes.fromhex(key), address.casefold().encode(), hashlib.sha256).hexdigest()[:40]

    def is_ours(self, address: str, token: str) -> bool:
        """Whether a token is the one of this address."""
        return hmac.compare_digest(self.token(address).encode(), token.encode())

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection
