"""Labelled conversations on the project's own way: heard, judged, folded into facts; and the figures of what was found.

A row of a labelled file becomes a ticket whose id is the row's place in the file, and a message of it becomes turn n
with the id `<place>-<n>`, n from 0, so that labels by turn can be joined.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.figures import accuracy, auc, load, macro_f1, prf
from metrics.measure import Conversations, Signal
from metrics.text.hear import hear
from warehouse import store
from warehouse.schema import HEARD, INSTANT

Row = dict[str, Any]
Key = tuple[str, int]  # a row's place in its file, as text, and the number of a message in it

SOURCE = "labelled"
_SPEAKERS = ("customer", "agent")
_START = datetime(2000, 1, 1, tzinfo=UTC)  # where rows have no times of their own, only their order counts


@dataclass(frozen=True)
class Table:
    """The rows of one task and file, and the figures they are given."""

    task: str
    path: Path

    def row(
        self,
        label: str,
        method: str,
        n: int,
        figures: Mapping[str, float],
        *,
        output: str = "stated",
        measure: str = "",
    ) -> Row:
        """A row of the tables; `measure` is the signal that answers. A figure that the data does not allow (NaN) is left out."""
        known = {name: value for name, value in figures.items() if not math.isnan(value)}
        named = {"task": self.task, "dataset": dataset(self.path), "label": label, "output": output}
        return {**named, "method": method, "measure": measure, "n": n, **known}

    def flags(
        self,
        label: str,
        labels: Sequence[int],
        guesses: Sequence[int],
        *,
        measure: str,
        scores: Sequence[float] | None = None,
        coverage: float = 1.0,
    ) -> list[Row]:
        """Ours and always-positive, for labels and guesses of 0 and 1; AUC where there are scores."""
        ours = {**binary(labels, guesses), "coverage": coverage}
        if scores is not None:
            ours["auc"] = auc(labels, scores)
        always = {**binary(labels, [1] * len(labels)), "auc": 0.5, "coverage": 1.0}
        return [
            self.row(label, "ours", len(labels), ours, measure=measure),
            self.row(label, "trivial", len(labels), always),
        ]

    def classes(
        self, label: str, gold: Sequence[str], guesses: Sequence[str | None], *, measure: str
    ) -> list[Row]:
        """Ours and always-the-most-frequent, for named answers; None (not known) is wrong unless the gold says it."""
        names = sorted(set(gold))
        number = {name: place for place, name in enumerate(names)}
        wanted = [number[name] for name in gold]
        given = [number.get(guess or "", -1) for guess in guesses]
        usual = max(names, key=gold.count) if names else ""
        known = sum(guess is not None for guess in guesses) / len(gold) if gold else math.nan
        return [
            self.row(
                label, "ours", len(gold), {**_several(wanted, given), "coverage": known}, measure=measure
            ),
            self.row(label, "trivial", len(gold), _several(wanted, [number.get(usual, -1)] * len(gold))),
        ]


def dataset(path: Path) -> str:
    """The name of a labelled file."""
    return path.name.removesuffix(".gz").removesuffix(".jsonl")


def binary(labels: Sequence[int], guesses: Sequence[int]) -> dict[str, float]:
    """Precision, recall, F1, accuracy and macro-F1 of labels above 0, and how many were labelled, found, and both."""
    flags = [int(label > 0) for label in labels]
    marks = [int(guess > 0) for guess in guesses]
    counts = {
        "count_labelled": sum(flags),
        "count_found": sum(marks),
        "count_right": sum(flag and mark for flag, mark in zip(flags, marks, strict=True)),
    }
    figures = {**prf(flags, marks), "accuracy": accuracy(flags, marks), "macro_f1": macro_f1(flags, marks)}
    return {**figures, **counts}


def _several(wanted: Sequence[int], given: Sequence[int]) -> dict[str, float]:
    return {"accuracy": accuracy(wanted, given), "macro_f1": macro_f1(wanted, given)}


def turns(rows: Sequence[Row], label: str, speaker: str) -> tuple[list[Key], list[int]]:
    """The turns of a speaker and whether they carry the label; turns on which the annotators differ are left out."""
    keys, labels = [], []
    for place, row in enumerate(rows):
        marked = row["turns"][label]
        for turn, message in enumerate(row["messages"]):
            if message["speaker"] == speaker and turn not in marked["disputed"]:
                keys.append((str(place), turn))
                labels.append(int(turn in marked["yes"]))
    return keys, labels


def found(evidence: pl.DataFrame, *kinds: str) -> set[Key]:
    """The turns that hold evidence of any of these kinds."""
    rows = evidence.filter(pl.col("kind").is_in(kinds)) if kinds else evidence
    return {key(message) for message in rows["message_id"]}


def key(message_id: str) -> Key:
    """The place of a message's row and its turn."""
    place, _, turn = message_id.partition("-")
    return place, int(turn)


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows with `messages`, or with `speaker` and `text`, as `hear` reads them, at their own times where they have any.

    Who is neither customer nor agent has no turn.
    """
    parts = [
        {
            "ticket_id": str(place),
            "message_id": f"{place}-{turn}",
            "turn": turn,
            "speaker": message["speaker"],
            "text": message["text"],
            "created_at": _at(message.get("at"), turn),
        }
        for place, row in enumerate(rows)
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


def _at(stated: str | None, turn: int) -> datetime:
    if not stated:
        return _START + timedelta(minutes=turn)
    for pattern in (
        "%Y-%m-%dT%H:%M:%S%z",
        "%a %b %d %H:%M:%S %z %Y",
    ):  # tweets state theirs in the second way
        with contextlib.suppress(ValueError):
            return datetime.strptime(stated, pattern)
    moment = datetime.fromisoformat(stated)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def heard(rows: Sequence[Row]) -> Conversations:
    """The rows heard with every lexicon."""
    messages = frame(rows)
    times = messages.group_by("ticket_id", maintain_order=True).agg(
        created_at=pl.col("created_at").min(), ended_at=pl.col("created_at").max()
    )
    tickets = times.with_columns(source=pl.lit(SOURCE), status=pl.lit("closed"))
    return hear(tickets.select("source", "ticket_id", "status", "created_at", "ended_at"), messages)


@lru_cache(maxsize=4)
def read(path: Path) -> tuple[list[Row], Conversations]:
    """The rows of a file and what is heard of them; the last few files are remembered."""
    rows = load(path)
    return rows, heard(rows)


def facts(conversations: Conversations, signals: Iterable[Signal], count: int) -> list[dict[str, Any]]:
    """The columns of signals of the ticket grain for each of `count` rows, in order; null where one gave nothing."""
    connection = store.connect()
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    try:
        store.create_tables(connection)
        known = [name for name in HEARD if name in conversations.tickets.columns]
        store.insert(connection, "heard", conversations.tickets.select(known))
        for signal in signals:
            store.insert(connection, "evidence", signal.judge(conversations))
            for row in store.query(connection, signal.facts).to_dicts():
                rows[int(row["ticket_id"])] |= row
    finally:
        connection.close()
    return rows


def share(values: Iterable[bool]) -> float:
    """The share of true values; NaN of none."""
    flags = list(values)
    return sum(flags) / len(flags) if flags else math.nan
