"""Talks written as lines, heard and judged: how the tests of signals speak.

"customer: My router is dead."
"agent (+2 h): We send you a new one."      # two hours after the line before; an hour where nothing is said
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from metrics.measure import Conversations
from metrics.text.hear import hear

START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
_LINE = re.compile(r"^(customer|agent)(?: \(\+(\d+) (min|h|d)\))?: (.*)$", re.DOTALL)
_MINUTES = {"min": 1, "h": 60, "d": 1440}


def messages(talk: Sequence[str], ticket: str = "t1") -> pl.DataFrame:
    """The lines as messages of one ticket, `<ticket>/<n>` with turn n from 1."""
    rows, at = [], START
    for turn, line in enumerate(talk, start=1):
        match = _LINE.match(line)
        assert match, f"not a line of a talk: {line!r}"
        speaker, count, unit, text = match.groups()
        if turn > 1:
            at += timedelta(minutes=int(count) * _MINUTES[unit] if count else 60)
        rows.append(
            {
                "source": "desk", "ticket_id": ticket, "message_id": f"{ticket}/{turn}", "turn": turn,
                "speaker": speaker, "kind": "message", "text": text, "created_at": at,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"turn": pl.Int64})


def talks(*lines: Sequence[str], status: str = "solved") -> Conversations:
    """These talks heard with every lexicon, as tickets t1, t2, ..."""
    said = pl.concat([messages(talk, f"t{number}") for number, talk in enumerate(lines, start=1)])
    times = said.group_by("source", "ticket_id", maintain_order=True).agg(
        created_at=pl.col("created_at").min(), ended_at=pl.col("created_at").max()
    )
    tickets = times.with_columns(status=pl.lit(status))
    return hear(tickets.select("source", "ticket_id", "status", "created_at", "ended_at"), said)
