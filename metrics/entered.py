"""What people set (targets, notes on charts, views, statuses), read and written with the reader's rights checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warehouse.errors import HeardError
from warehouse.ledger import Entry, Ledger, ledger_in
from warehouse.rights import Area
from warehouse.store import Version


def standing(version: Version, kind: str) -> dict[str, Entry]:
    """What stands of a kind, by subject, in the order in which it was set; empty where nothing was ever written."""
    ledger = ledger_in(version.folder)
    return ledger.entries(kind) if ledger else {}


def newest(version: Version) -> int:
    """A number that grows with whatever people set: what is computed from entries is kept under it."""
    ledger = ledger_in(version.folder)
    return ledger.newest_entry() if ledger else 0


def keep(
    version: Version,
    kind: str,
    subject: str,
    fields: Mapping[str, Any] | None,
    who: str,
    area: Area = Area.EDIT,
) -> Entry:
    """Set the fields of a subject, or remove it (None). Raises NotAllowed, HeardError where the data lie in no store."""
    version.rights.check(area)
    return _ledger(version).keep(kind, subject, fields, who)


def undo(version: Version, entry: Entry, who: str, area: Area = Area.EDIT) -> bool:
    """Set again what stood before an entry; false where something newer stands, which is left alone. Raises NotAllowed."""
    version.rights.check(area)
    return _ledger(version).undo(entry, who)


def _ledger(version: Version) -> Ledger:
    if version.folder is None:
        raise HeardError("These data lie in no store.", fix="heard ingest PATH")
    return Ledger(version.folder)
