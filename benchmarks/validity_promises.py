"""How well promises and what became of them, wishes to leave and words of leaving are heard, on rows that others labelled.

The labels are by language models. What became of a promise or of a wish is compared where people found one, whether or not
we found it too; a null is "unknown" of a promise and wrong of a wish.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks.labelled import Key, Row, Table, found, key, read, turns
from metrics.function.trust import exit_wish, leaving, promise, referred

TASK = "support_tickets"
THREADS = "support_threads"


def ticket_rows(path: Path) -> list[Row]:
    """Tickets labelled by turn: promises, wishes to leave, words of leaving, of warning others, of going public, and friends."""
    rows, heard = read(path)
    table = Table(TASK, path)
    promised = promise.judge(heard)
    wished = exit_wish.judge(heard)
    said = leaving.judge(heard)
    sent = referred.judge(heard)
    return [
        *_flags(table, rows, "promise", "agent", found(promised, "made"), promise.NAME),
        *_details(
            table, rows, "promise.kept", _refers(promised, "kept", "late", "broken"), promise.NAME, "unknown"
        ),
        *_flags(table, rows, "exit_wish", "customer", found(wished, "wish"), exit_wish.NAME),
        *_details(
            table,
            rows,
            "exit_wish.handled",
            _refers(wished, "honoured", "argued", "ignored"),
            exit_wish.NAME,
            None,
        ),
        *_flags(table, rows, "leaving", "customer", found(said, "leaving"), leaving.NAME),
        *_flags(table, rows, "warning_others", "customer", found(said, "warning_others"), leaving.NAME),
        *_flags(table, rows, "public", "customer", found(said, "going_public"), leaving.NAME),
        *_flags(table, rows, "friend", "customer", found(sent, "came_through", "will_tell"), referred.NAME),
    ]


def thread_rows(path: Path) -> list[Row]:
    """Threads labelled by turn: leaving, which there is leaving, switching, warning others or going public."""
    rows, heard = read(path)
    said = found(leaving.judge(heard), "leaving", "warning_others", "going_public")
    return _flags(Table(THREADS, path), rows, "leaving", "customer", said, leaving.NAME)


def _flags(
    table: Table, rows: Sequence[Row], label: str, speaker: str, hits: set[Key], measure: str
) -> list[Row]:
    """Figures of a label by turn; none where the rows do not have it."""
    if not all(label in row.get("turns", {}) for row in rows):
        return []
    keys, labels = turns(rows, label, speaker)
    return table.flags(label, labels, [int(key in hits) for key in keys], measure=measure)


def _details(
    table: Table, rows: Sequence[Row], label: str, told: dict[Key, str], measure: str, otherwise: str | None
) -> list[Row]:
    """Figures of a detail by turn, of the turns whose label is known; none where there are no such turns."""
    gold = {
        (str(place), int(turn)): said
        for place, row in enumerate(rows)
        for turn, said in (row.get("details", {}).get(label) or {}).items()
        if said is not None
    }
    if not gold:
        return []
    return table.classes(
        label, list(gold.values()), [told.get(turn, otherwise) for turn in gold], measure=measure
    )


def _refers(evidence: pl.DataFrame, *kinds: str) -> dict[Key, str]:
    """What evidence of these kinds says of the turn that it refers to."""
    rows = evidence.filter(pl.col("kind").is_in(kinds)).select("refers_to_message", "kind")
    return {key(message): kind for message, kind in rows.iter_rows()}


TASKS = {TASK: (ticket_rows,), THREADS: (thread_rows,)}
