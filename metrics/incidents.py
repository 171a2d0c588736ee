"""Incidents: conversations that people chose to leave out of figures, kept with who and when, and taken back at will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import uuid4

from metrics import entered
from warehouse.errors import HeardError
from warehouse.ledger import Entry
from warehouse.store import Version

KIND: Final = "incident"
LONGEST_WHY: Final = 200
MOST_TAGS: Final = 500


@dataclass(frozen=True)
class Incident:
    """Conversations that came in on these days (both included, null: no end), with this tag ("": whatever the tag).

    Without a day and without a tag it holds nothing.
    """

    first: date | None = None
    last: date | None = None
    tag: str = ""

    @property
    def in_words(self) -> str:
        """What it leaves out: "from 3 to 9 August 2026, tag outage"."""
        days = [f"{day:%-d %B %Y}" if day else "" for day in (self.first, self.last)]
        if self.first and self.first == self.last:
            said = f"on {days[0]}"
        elif self.first and self.last:
            said = f"from {days[0]} to {days[1]}"
        else:
            said = f"since {days[0]}" if self.first else f"until {days[1]}" if self.last else "on any day"
        return f"{said}, tag {self.tag}" if self.tag else said


@dataclass(frozen=True)
class Kept:
    """An incident as it was kept in the ledger: what it leaves out, why, who set it and when."""

    incident: Incident
    why: str
    entry: Entry


def keep(version: Version, incident: Incident, why: str, who: str) -> Entry:
    """Leave an incident out from now on. Raises NotAllowed where the reader may not, HeardError where it holds nothing."""
    if incident == Incident():
        raise HeardError("This leaves nothing out.", fix="name a day or a tag")
    fields = {
        "first": incident.first.isoformat() if incident.first else None,
        "last": incident.last.isoformat() if incident.last else None,
        "tag": incident.tag,
        "why": why[:LONGEST_WHY],
    }
    return entered.keep(version, KIND, uuid4().hex, fields, who)


def bring_back(version: Version, kept: Kept, who: str) -> Entry:
    """Count an incident again; the entry that is returned can be undone. Raises NotAllowed."""
    return entered.keep(version, KIND, kept.entry.subject, None, who)


def standing(version: Version) -> tuple[Kept, ...]:
    """The incidents that are left out now, in the order in which they were set."""
    found = entered.standing(version, KIND).values()
    return tuple(
        Kept(_incident(one.fields or {}), str((one.fields or {}).get("why") or ""), one) for one in found
    )


def tags(version: Version) -> list[str]:
    """The tags of conversations, the most frequent first, at most MOST_TAGS."""
    rows = version.query(
        "SELECT tag FROM (SELECT unnest(tags) AS tag FROM ticket_facts) WHERE tag <> '' GROUP BY tag"
        f" ORDER BY count(*) DESC, tag LIMIT {MOST_TAGS}"
    )
    return [str(tag) for tag in rows["tag"]]


def _incident(fields: dict[str, Any]) -> Incident:
    days = [date.fromisoformat(fields[name]) if fields.get(name) else None for name in ("first", "last")]
    return Incident(days[0], days[1], str(fields.get("tag") or ""))


def conditions(incidents: Sequence[Incident], created: str, tags: str) -> tuple[list[str], list[Any]]:
    """SQL that keeps the rows outside each incident, and the values to bind; `created` and `tags` are SQL of a row."""
    parts: list[str] = []
    values: list[Any] = []
    for one in incidents:
        tests: list[str] = []
        for test, value in (
            (f"{created} >= ?::DATE", one.first),
            (f"{created} <= ?::DATE", one.last),
            (f"list_contains({tags}, ?)", one.tag or None),
        ):
            if value is not None:
                tests.append(test)
                values.append(value)
        if tests:
            parts.append(f"NOT coalesce({' AND '.join(tests)}, false)")
    return parts, values
