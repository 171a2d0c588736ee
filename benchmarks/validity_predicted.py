"""Validity of what is predicted, apart from what was stated: would recommend, and satisfied, both by rules learnt from nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import accuracy, auc, load, macro_f1, spearman
from benchmarks.labelled import Table, facts, heard
from benchmarks.validity_mood import text_moods
from metrics.function.trust.guessed_answers import NAME, guessed_answers
from metrics.text.vader import compounds

Row = dict[str, Any]


def recommend_rows(path: Path) -> list[Row]:
    """Reviews labelled 1 where their writer recommends: by `predicted_recommend`, above 0 a yes."""
    rows = load(path)
    labels = [int(row["label"] > 0) for row in rows]
    return _rows(Table("recommend", path), rows, labels, labels, "recommended", "predicted_recommend")


def satisfaction_rows(path: Path) -> list[Row]:
    """Conversations rated 1 to 5: by `predicted_satisfaction`, above 0 a rating above 3."""
    rows = load(path)
    ratings = [float(row["label"]) for row in rows]
    labels = [int(rating > 3) for rating in ratings]
    return _rows(
        Table("satisfaction", path), rows, labels, ratings, "rating above 3", "predicted_satisfaction"
    )


def _rows(
    table: Table, rows: Sequence[Row], labels: Sequence[int], ranks: Sequence[float], label: str, column: str
) -> list[Row]:
    found = [row.get(column) for row in facts(heard(rows), [guessed_answers], len(rows))]
    words = ["\n".join(_said(row)) for row in rows]
    made = []
    for method, scores in (
        ("ours", found),
        ("vader", text_moods(words, compounds)),
        ("trivial", [0.0] * len(rows)),
    ):
        known = [score or 0.0 for score in scores]
        guesses = [int(score > 0) for score in known]
        figures = {
            "accuracy": accuracy(labels, guesses),
            "macro_f1": macro_f1(labels, guesses),
            "auc": auc(labels, known),
            "spearman": spearman(ranks, known),
            "coverage": sum(score is not None for score in scores) / len(scores) if scores else 0.0,
        }
        measure = NAME if method == "ours" else ""
        made.append(table.row(label, method, len(rows), figures, output="predicted", measure=measure))
    return made


def _said(row: Row) -> list[str]:
    """What the customer wrote, message by message."""
    messages = row.get("messages") or [row]
    return [message["text"] for message in messages if message["speaker"] == "customer"]


TASKS = {"recommend": (recommend_rows,), "satisfaction": (satisfaction_rows,)}
