"""Validity of how agents speak: empathy, apologies, defensiveness, limits met and ownership stated.

Labels of empathy do not ask whether emotion was shown before it, so empathy and warm words answer them together; what
answers an emotion that was shown has a row of its own. Editors' quarrels are ranked by the score of the message, which
reads harsher cues than the evidence does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import load
from benchmarks.labelled import Key, Row, Table, found, heard, read, turns
from metrics.function.trust.apology import apology
from metrics.function.trust.blocked import blocked
from metrics.function.trust.defensiveness import defensiveness, scores
from metrics.function.trust.empathy import empathy
from metrics.function.trust.ownership import ownership

EMOTIONAL = "emotional_reaction"
EMPATHIC = ("empathy", "warmth")  # the kinds of evidence that are empathic, whatever came before


def empathy_rows(path: Path) -> list[Row]:
    """Answers of peers labelled with whether they react to the feeling (kind emotional_reaction)."""
    rows = [row for row in load(path) if row.get("kind") == EMOTIONAL]
    marked = found(empathy.judge(heard(rows)), *EMPATHIC)
    places = [(str(place), len(row["messages"]) - 1) for place, row in enumerate(rows)]
    labels = [int(row["label"] > 0) for row in rows]
    return _flags(Table("empathy", path), EMOTIONAL, (places, labels), marked, empathy.name)


def defensiveness_rows(path: Path) -> list[Row]:
    """Messages of editors' disputes labelled with hostile tactics; the label belongs to the last message."""
    rows = load(path)
    said = heard([_answer(row["messages"]) for row in rows])
    score = dict(scores(said).select("ticket_id", "score").iter_rows())
    marked = {place for place, _ in found(defensiveness.judge(said))}
    names = [str(place) for place in range(len(rows))]
    figures = Table("defensiveness", path).flags(
        "label",
        [int(row["label"] > 0) for row in rows],
        [int(name in marked) for name in names],
        measure=defensiveness.name,
        scores=[score.get(name, 0.0) for name in names],
        coverage=sum(name in score for name in names) / len(names) if names else 0.0,
    )
    return [{**row, "main": "auc"} for row in figures]  # flags are for replies; quarrels are ranked


def _answer(messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The last message as an agent's answer to the whole dispute, so that all of it tells the language."""
    dispute = "\n".join(message["text"] for message in messages)
    return {
        "messages": [
            {"speaker": "customer", "text": dispute},
            {"speaker": "agent", "text": messages[-1]["text"]},
        ]
    }


def thread_rows(path: Path) -> list[Row]:
    """Threads labelled by turn: empathy and defensive."""
    return _conversation_rows("support_threads", path)


def ticket_rows(path: Path) -> list[Row]:
    """Tickets labelled by turn: empathy, apologies, defensive, minimising, blocked and ownership."""
    return _conversation_rows("support_tickets", path)


def _conversation_rows(task: str, path: Path) -> list[Row]:
    rows, said = read(path)
    evidence = {
        signal.name: signal.judge(said) for signal in (empathy, apology, defensiveness, blocked, ownership)
    }
    sorry = evidence[apology.name]
    specific = found(sorry, "specific")
    marked = {
        ("empathy", "empathy"): (empathy.name, found(evidence[empathy.name], *EMPATHIC)),
        ("empathy", "empathy where emotion was shown"): (
            empathy.name,
            found(evidence[empathy.name], "empathy"),
        ),
        ("apology_specific", "apology_specific"): (apology.name, specific),
        ("apology_bare", "apology_bare"): (apology.name, found(sorry) - specific),
        ("defensive", "defensive"): (defensiveness.name, found(evidence[defensiveness.name])),
        ("minimising", "minimising"): (
            defensiveness.name,
            found(evidence[defensiveness.name], "minimising"),
        ),
        ("blocked", "blocked"): (blocked.name, found(evidence[blocked.name])),
        ("ownership", "ownership"): (ownership.name, found(evidence[ownership.name])),
    }
    table = Table(task, path)
    figures = []
    for (label, title), (name, turns_found) in marked.items():
        if rows and all(label in row["turns"] for row in rows):
            figures += _flags(table, title, turns(rows, label, "agent"), turns_found, name)
    if rows and all("apology_bare" in row["turns"] for row in rows):
        figures += _flags(table, "apology", _either(rows), found(sorry), apology.name)
    return figures


def _either(rows: Sequence[Row]) -> tuple[list[Key], list[int]]:
    """Agents' turns by whether they apologise at all; those disputed of one kind and not marked of the other are left out."""
    sides = [
        dict(zip(*turns(rows, label, "agent"), strict=True)) for label in ("apology_specific", "apology_bare")
    ]
    either = {
        place: max(side.get(place, 0) for side in sides)
        for place in {*sides[0], *sides[1]}
        if all(place in side for side in sides) or any(side.get(place) for side in sides)
    }
    return list(either), list(either.values())


def _flags(
    table: Table, label: str, labelled: tuple[list[Key], list[int]], marked: set[Key], measure: str
) -> list[Row]:
    places, labels = labelled
    return table.flags(label, labels, [int(place in marked) for place in places], measure=measure)


TASKS = {
    "empathy": (empathy_rows,),
    "defensiveness": (defensiveness_rows,),
    "support_threads": (thread_rows,),
    "support_tickets": (ticket_rows,),
}
