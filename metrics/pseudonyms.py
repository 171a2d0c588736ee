"""Agents under names that are not theirs: the same for the same agent, and of no use without this store's own key."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path
from secrets import token_hex
from typing import Final

from warehouse.ledger import Ledger, ledger_in

KIND: Final = "key"
SUBJECT: Final = "agents"
DIGITS: Final = 5


def key(folder: Path | None) -> str:
    """$HEARD_AGENT_KEY, else the key that this store drew for itself when it was first asked; another key renames all."""
    given = os.environ.get("HEARD_AGENT_KEY", "")
    if given or folder is None:
        return given
    ledger = ledger_in(folder) or Ledger(folder)
    kept = ledger.entries(KIND).get(SUBJECT)
    fields = (kept or ledger.keep(KIND, SUBJECT, {"key": token_hex(16)}, "heard")).fields or {}
    return str(fields.get("key", ""))


def pseudonym(name: str, secret: str) -> str:
    """What an agent is called: "Agent 7F3A2", by a keyed hash of the name."""
    return f"Agent {hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()[:DIGITS].upper()}"
