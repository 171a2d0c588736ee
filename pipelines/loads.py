"""What was loaded before, what a run found, and the few facts about the data as a whole (`meta`)."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from metrics import registry
from metrics.measure import Capability
from pipelines import score
from pipelines.summary import FileSummary
from warehouse import schema
from warehouse.settings import Settings
from warehouse.store import Connection, Store, insert

# Which rows bring which capability.
_CAPABILITIES = {
    Capability.TICKETS: "SELECT 1 FROM tickets",
    Capability.MESSAGES: "SELECT 1 FROM messages WHERE kind <> 'survey'",
    Capability.STATUS_EVENTS: "SELECT 1 FROM events WHERE field = 'status'",
    Capability.SOLVED_TIMES: "SELECT 1 FROM tickets WHERE solved_at IS NOT NULL OR closed_at IS NOT NULL UNION ALL "
    "SELECT 1 FROM events WHERE field = 'status' AND new IN ('solved', 'closed')",
    Capability.CSAT: "SELECT 1 FROM ratings WHERE kind = 'csat'",
    Capability.NPS: "SELECT 1 FROM ratings WHERE kind = 'nps'",
    Capability.CES: "SELECT 1 FROM ratings WHERE kind = 'ces'",
    Capability.ASKED: "SELECT 1 FROM ratings WHERE score IS NULL AND kind IS NOT NULL",
    Capability.HANDLE_TIME: "SELECT 1 FROM tickets WHERE handle_seconds IS NOT NULL",
    Capability.AGENT_EVENTS: "SELECT 1 FROM events WHERE field IN ('agent', 'team')",
    Capability.SCHEDULES: "SELECT 1 FROM schedules",
    Capability.SLA: "SELECT 1 FROM sla_targets",
    Capability.ACCOUNT_VALUE: "SELECT 1 FROM accounts WHERE value IS NOT NULL",
}
_FILE_TABLES = {
    Capability.TICKETS: "tickets",
    Capability.MESSAGES: "messages",
    Capability.STATUS_EVENTS: "events",
}

# Settings that change no number.
_NOT_OF_NUMBERS = ("file", "store", "digest", "run", "mail", "recipients")

_NEWEST = """
SELECT greatest(
    (SELECT greatest(max(created_at), max(updated_at), max(solved_at), max(closed_at)) FROM tickets),
    (SELECT max(created_at) FROM messages), (SELECT max("at") FROM events),
    (SELECT greatest(max(asked_at), max(answered_at)) FROM ratings), (SELECT max(as_of) FROM loads))
"""


@dataclass(frozen=True)
class Loaded:
    """The loads of the live version and what its meta says."""

    files: frozenset[tuple[str, str]]  # sha256, reader
    meta: dict[str, str]

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the live data hold."""
        return tuple(one for one in self.meta.get("capabilities", "").split(",") if one)

    def differs(self, as_of: datetime | None, settings: Settings) -> bool:
        """Whether the same data must be computed anew: another as-of was stated, or settings or measures changed."""
        if not self.meta:
            return False
        if as_of is not None and as_of.isoformat() != self.meta.get("as_of"):
            return True
        return self.meta.get("settings_fingerprint") != settings_fingerprint(settings) or (
            self.meta.get("definitions") != definitions()
        )


def already_loaded(store: Store) -> Loaded:
    """The loads and meta of the live version; none before the first load."""
    if store.current() is None:
        return Loaded(frozenset(), {})
    with store.reading() as version:
        loads = version.query("SELECT DISTINCT sha256, reader FROM loads")
        meta = version.query("SELECT key, value FROM meta")
    return Loaded(frozenset(loads.rows()), dict(meta.rows()))


def settings_fingerprint(settings: Settings) -> str:
    """What the settings say about numbers; where the store lies and who gets a digest say nothing."""
    said = {key: value for key, value in dataclasses.asdict(settings).items() if key not in _NOT_OF_NUMBERS}
    return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()[:16]


def definitions() -> str:
    """What the measures are: their versions, their SQL, and what conversations are heard with."""
    digest = hashlib.sha256(score.fingerprint().encode())
    for measure in sorted(registry.discover(), key=lambda measure: measure.name):
        digest.update(f"|{measure.name} {measure.version} {measure.facts}".encode())
    return digest.hexdigest()[:16]


def note_load(connection: Connection, file: FileSummary, at: datetime) -> str:
    """Remember a file with its own stamp, so that it is not read again. Returns the id of the load."""
    load_id = hashlib.sha256(f"{file.sha256} {file.reader}".encode()).hexdigest()[:16]
    row = {
        "load_id": load_id,
        "file": file.file,
        "sha256": file.sha256,
        "reader": file.reader,
        "as_of": file.exported_at,
        "loaded_at": at,
        "capabilities": [str(name) for name, table in _FILE_TABLES.items() if file.tables.get(table)],
        "count_read": file.count_read,
        "count_merged": file.count_merged,
        "count_left_out": file.count_left_out,
        "count_refused": file.count_refused,
    }
    connection.execute("DELETE FROM loads WHERE load_id = $1", [load_id])
    insert(connection, "loads", pl.DataFrame([row], schema=schema.LOADS))
    return load_id


def note_rejects(connection: Connection, file: FileSummary, load_id: str, limit: int) -> None:
    """Keep what a file's load refused, in place of what an earlier load of the same file did."""
    connection.execute("DELETE FROM rejects WHERE load_id = $1", [load_id])
    connection.execute(
        "DELETE FROM rejects WHERE load_id IN (SELECT load_id FROM loads WHERE sha256 = $1)", [file.sha256]
    )
    if file.refused:
        rows = [(*refused, load_id) for refused in file.refused[:limit]]
        insert(connection, "rejects", pl.DataFrame(rows, schema=schema.REJECTS, orient="row"))


def capabilities(connection: Connection) -> tuple[str, ...]:
    """What the merged tables hold, as the names of Capability."""
    asked = ", ".join(f"EXISTS ({sql})" for sql in _CAPABILITIES.values())
    answers = connection.execute(f"SELECT {asked}").fetchall()[0]
    return tuple(str(name) for name, is_there in zip(_CAPABILITIES, answers, strict=True) if is_there)


def write_meta(connection: Connection, settings: Settings, as_of: datetime | None) -> tuple[str, ...]:
    """As-of, zone, capabilities and the settings' fingerprint. Returns the capabilities.

    As-of is what was stated now, else the later of the newest instant in the data and the newest stamp of an export.
    """
    found = capabilities(connection)
    if settings.schedules and Capability.SCHEDULES not in found:
        found = (*found, str(Capability.SCHEDULES))
    newest = connection.sql(_NEWEST).pl().item()  # a cursor would not see what this run has written
    instant = as_of or newest
    values = {
        "as_of": instant.isoformat() if instant else "",
        "zone": settings.organisation.zone or "UTC",
        "capabilities": ",".join(found),
        "settings_fingerprint": settings_fingerprint(settings),
        "definitions": definitions(),
    }
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES ($1, $2)", [list(pair) for pair in values.items()]
    )
    return found
