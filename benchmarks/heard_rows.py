"""Labelled conversations on the project's own way: heard, judged, folded into facts in a DuckDB in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from metrics.measure import Signal
from metrics.text.hear import hear
from warehouse import store
from warehouse.schema import HEARD, INSTANT

SOURCE = "labelled"
_SPEAKERS = ("customer", "agent")
_START = datetime(2000, 1, 1, tzinfo=UTC)  # labelled rows have no times of their own; only their order counts


def frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows with `messages`, or with `speaker` and `text`, as `hear` reads them; the row's place is its ticket id.

    A turn's number is its place in the row, so that labels by turn can be joined; who is neither customer nor agent
    has no turn.
    """
    parts = [
        {
            "ticket_id": str(number),
            "message_id": f"{number}-{turn}",
            "turn": turn,
            "speaker": message["speaker"],
            "text": message["text"],
            "created_at": _START + timedelta(minutes=turn),
        }
        for number, row in enumerate(rows)
        for turn, message in enumerate(row.get("messages") or [row])
        if message["speaker"] in _SPEAKERS
    ]
    return pl.DataFrame(
        parts,
        schema={
            "ticket_id": pl.String, "message_id": pl.String, "turn": pl.Int64, "speaker": pl.String,
            "text": pl.String, "created_at": INSTANT,
        },
    ).with_columns(source=pl.lit(SOURCE), kind=pl.lit("message"))  # fmt: skip


def facts(rows: Sequence[dict[str, Any]], signal: Signal) -> list[dict[str, Any]]:
    """The columns of a signal of the ticket grain for each row, in order; an empty dict where it gave none."""
    messages = frame(rows)
    tickets = (
        messages.select("source", "ticket_id")
        .unique(maintain_order=True)
        .with_columns(status=pl.lit("closed"), created_at=pl.lit(_START), ended_at=pl.lit(_START))
    )
    conversations = hear(tickets, messages, signal.lexicons)
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "evidence", signal.judge(conversations))
        known = [name for name in HEARD if name in conversations.tickets.columns]
        store.insert(connection, "heard", conversations.tickets.select(known))
        found = store.query(connection, signal.facts)
    finally:
        connection.close()
    by_ticket = {row["ticket_id"]: row for row in found.to_dicts()}
    return [by_ticket.get(str(number), {}) for number in range(len(rows))]
