"""How well it is heard that an agent gave back, asked and wrote from a script, on rows that others labelled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks.figures import load
from benchmarks.labelled import Key, Row, Table, found, frame, read, turns
from metrics.function.heard import mirroring, questions, scripted
from metrics.text.questions import asked
from warehouse import store
from warehouse.schema import EVIDENCE
from warehouse.settings import Settings

REFLECTED = ("mirroring", "labeling", "self_audit")


def mirroring_rows(path: Path) -> list[Row]:
    """The last message of a row gives back what the one before says: label 1 or 0."""
    rows, heard = read(path)
    scores = dict(mirroring.scores(heard).group_by("message_id").agg(pl.col("score").max()).iter_rows())
    flagged = found(mirroring.judge(heard), *REFLECTED)
    last = [(str(place), len(row.get("messages") or [row]) - 1) for place, row in enumerate(rows)]
    labels = [int(row["label"] > 0) for row in rows]
    known = [scores.get(f"{place}-{turn}") for place, turn in last]
    return Table("mirroring", path).flags(
        "mirroring",
        labels,
        [int(key in flagged) for key in last],
        measure="mirroring",
        scores=[0.0 if score is None else score for score in known],
        coverage=sum(score is not None for score in known) / len(rows),
    )


def question_rows(path: Path) -> list[Row]:
    """What a text asks, label open, closed or none: each against the two others."""
    rows, table = load(path), Table("questions", path)
    said = asked([row["text"] for row in rows])
    figures: list[Row] = []
    for kind in ("open", "closed"):
        labels = [int(row["label"] == kind) for row in rows]
        figures += table.flags(kind, labels, [int(own == kind) for own in said], measure="questions")
    return figures


def conversation_rows(path: Path) -> list[Row]:
    """Labels by turn: mirroring, labeling, confirmed_understood, questions and scripted replies, where a file has them."""
    rows, heard = read(path)
    table = Table(path.parent.name, path)
    given, asks = mirroring.judge(heard), questions.judge(heard)
    figures: list[Row] = []
    for label, speaker, measure, flagged in (
        ("mirroring", "agent", "mirroring", found(given, *REFLECTED)),
        ("labeling", "agent", "mirroring", found(given, "labeling")),
        ("confirmed_understood", "customer", "mirroring", found(given, "confirmed")),
        ("open_question", "agent", "questions", found(asks, "open_question")),
        ("closed_question", "agent", "questions", found(asks, "closed_question")),
        ("scripted", "agent", "scripted", found(copies(rows))),
    ):
        if any(label in row["turns"] for row in rows):
            keys, labels = _labelled(rows, label, speaker)
            figures += table.flags(label, labels, [int(key in flagged) for key in keys], measure=measure)
    return figures


def copies(rows: Sequence[Row]) -> pl.DataFrame:
    """The evidence of scripted replies among these rows, each row a customer of its own."""
    said = frame(rows).with_columns(role=pl.col("speaker"))
    connection = store.connect()
    try:
        store.create_tables(connection)
        connection.register("said", said.to_arrow())
        connection.execute("CREATE TABLE turns AS FROM said")
        connection.execute(
            "CREATE TABLE tickets_clean AS SELECT DISTINCT source, ticket_id, ticket_id AS customer_id FROM said"
        )
        scripted.prepare(connection, Settings())
        return store.query(connection, "FROM evidence").select(list(EVIDENCE))
    finally:
        connection.close()


def _labelled(rows: Sequence[Row], label: str, speaker: str) -> tuple[list[Key], list[int]]:
    """The turns of the rows that carry the label, by their places in the file."""
    marked = [row if label in row["turns"] else {**row, "messages": [], "turns": {label: {}}} for row in rows]
    return turns(marked, label, speaker)


TASKS = {
    "mirroring": (mirroring_rows,),
    "questions": (question_rows,),
    "support_threads": (conversation_rows,),
    "support_tickets": (conversation_rows,),
}
