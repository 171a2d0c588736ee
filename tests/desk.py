"""A small helpdesk for tests: tickets, words, statuses and ratings told in minutes, then the real tables made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from metrics import facts, registry
from metrics.measure import Metric
from warehouse import schema
from warehouse.settings import Settings
from warehouse.store import Version, connect, create_tables, insert

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


def at(minutes: float) -> datetime:
    """The instant so many minutes after the start."""
    return START + timedelta(minutes=minutes)


class Desk:
    """Collects rows of the canonical tables; `done` makes the facts. Staff are a1, a2 and bot; everyone else is a customer."""

    def __init__(self, *, as_of: float = 10_000, zone: str = "UTC", source: str = "desk") -> None:
        self.source = source
        self.meta = {"as_of": at(as_of).isoformat(), "zone": zone}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in schema.TABLES}
        for person, role in (("a1", "agent"), ("a2", "agent"), ("bot", "bot")):
            self.person(person, role)

    def person(self, person_id: str, role: str, **more: Any) -> None:
        """Someone with a role."""
        self.rows["people"].append({"source": self.source, "person_id": person_id, "role": role, **more})

    def ticket(self, ticket_id: str, minutes: float = 0, *, customer: str = "c1", **more: Any) -> None:
        """A ticket created at that minute, opened by its customer unless told otherwise."""
        row = {"customer_id": customer, "opened_by_id": customer, "created_at": at(minutes)} | more
        self.rows["tickets"].append({"source": self.source, "ticket_id": ticket_id} | row)

    def say(
        self, ticket_id: str, minutes: float | None, who: str | None, text: str = "words", **more: Any
    ) -> None:
        """A message; public and of kind message unless told otherwise. Its id grows with each call."""
        messages = self.rows["messages"]
        row = {
            "author_id": who,
            "is_public": True,
            "kind": "message",
            "text": text,
            "position": len(messages),
        } | more
        row["created_at"] = None if minutes is None else at(minutes)
        messages.append(
            {"source": self.source, "ticket_id": ticket_id, "message_id": f"m{len(messages)}"} | row
        )

    def note(self, ticket_id: str, minutes: float, who: str = "a1") -> None:
        """A private note."""
        self.say(ticket_id, minutes, who, is_public=False, kind="note")

    def status(self, ticket_id: str, minutes: float, new: str, old: str | None = None) -> None:
        """A change of status."""
        self.change("status", ticket_id, minutes, new, old)

    def assign(self, ticket_id: str, minutes: float, new: str | None, old: str | None = None) -> None:
        """A change of agent; None is nobody."""
        self.change("agent", ticket_id, minutes, new, old)

    def change(
        self, field: str, ticket_id: str, minutes: float, new: str | None, old: str | None = None
    ) -> None:
        """A change of status, agent, team or priority."""
        events = self.rows["events"]
        row = {
            "ticket_id": ticket_id,
            "event_id": f"{len(events)}",
            "position": len(events),
            "at": at(minutes),
        }
        events.append({"source": self.source, "field": field, "old": old, "new": new, **row})

    def rate(self, rating_id: str, score: float | None, ticket_id: str | None = None, **more: Any) -> None:
        """A survey: csat on 1 to 5 unless told otherwise; without a score it was asked and not answered."""
        row: dict[str, Any] = {
            "kind": "csat",
            "scale_min": 1.0,
            "scale_max": 5.0,
            "source": self.source,
        } | more
        for name in ("asked", "answered"):
            if name in row:
                row[f"{name}_at"] = at(row.pop(name))
        self.rows["ratings"].append({"rating_id": rating_id, "ticket_id": ticket_id, "score": score, **row})

    def done(self, settings: Settings | None = None) -> Version:
        """The tables resolved and the facts built, of every measure that is SQL over them."""
        settings = settings or Settings()
        connection = connect()
        create_tables(connection)
        for table, rows in self.rows.items():
            if rows:
                wanted = {
                    name: kind
                    for name, kind in schema.TABLES[table].items()
                    if any(name in row for row in rows)
                }
                frame = pl.DataFrame(
                    [{name: row.get(name) for name in wanted} for row in rows], schema=wanted
                )
                insert(connection, table, schema.conform(frame, table))
        for key, value in self.meta.items():
            connection.execute("INSERT INTO meta VALUES (?, ?)", [key, value])
        facts.resolve(connection, settings)
        facts.build(connection, settings, [one for one in registry.discover() if isinstance(one, Metric)])
        return Version("test", connection)


def row(version: Version, table: str, ticket_id: str, more: str = "true") -> dict[str, Any]:
    """The only row of a ticket in a table."""
    return version.query(f"SELECT * FROM {table} WHERE ticket_id = ? AND {more}", [ticket_id]).row(
        0, named=True
    )
