"""Loading files into a real store, and looking at the merged tables as plain rows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pipelines.ingest import ingest
from pipelines.summary import Summary
from warehouse.schema import KEYS
from warehouse.settings import Settings
from warehouse.store import Connection, Store

MERGED = (
    "tickets",
    "messages",
    "ratings",
    "events",
    "people",
    "teams",
    "accounts",
    "vendor_metrics",
    "schedules",
    "ticket_schedules",
    "sla_targets",
)


def nothing(connection: Connection, settings: Settings, tell: object) -> None:
    """In place of hearing: these tests are about what is merged."""


def load(store: Store, *paths: Path, settings: Settings | None = None, **options: Any) -> Summary:
    """Ingest without hearing."""
    return ingest(list(paths), store=store, settings=settings or Settings(), after_merge=nothing, **options)


def rows(store: Store, sql: str) -> list[dict[str, Any]]:
    """The rows of a query over the live version."""
    with store.reading() as version:
        return version.query(sql).to_dicts()


def tables(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every merged table in the order of its key, with instants as text and without empty columns."""
    found = {}
    with store.reading() as version:
        every = {
            name: version.query(f"SELECT * FROM {name} ORDER BY {', '.join(KEYS[name])}").to_dicts()
            for name in MERGED
        }
    for name, listed in every.items():
        found[name] = [
            {key: _plain(value) for key, value in row.items() if value is not None and key != "known_at"}
            for row in listed
        ]
    return found


def _plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value


def golden(path: Path, found: Any) -> None:
    """Compare with the file; HEARD_GOLDEN=write writes it anew, to be read in the diff."""
    if os.environ.get("HEARD_GOLDEN") == "write":
        path.write_text(
            json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
        )
    assert found == json.loads(path.read_text(encoding="utf-8"))
