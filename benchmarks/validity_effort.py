"""Effort on labelled rows: customers who repeat themselves or chase, agents who ask again, talks that do not move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.labelled import Key, Row, Table, found, read, turns
from metrics.function.solved.made_to_repeat import NAME as REPEAT
from metrics.function.solved.made_to_repeat import judge as judge_repeats
from metrics.function.solved.stalemate import NAME as STALEMATE
from metrics.function.solved.stalemate import judge as judge_stalemate

# The label of the row, the labels of the data it stands for, who speaks, and the kinds of evidence that answer it.
Asked = tuple[str, tuple[str, ...], str, tuple[str, ...]]
ASKED: tuple[Asked, ...] = (
    ("repeat or chase", ("repeat", "chase"), "customer", ("repeat", "chase")),
    ("repeat", ("repeat",), "customer", ("repeat",)),
    ("chase", ("chase",), "customer", ("chase",)),
    ("asked_again", ("asked_again",), "agent", ("asked_again",)),
)


def repeat_rows(path: Path) -> list[Row]:
    """Customer turns that repeat or chase and agent turns that ask again, of a file that labels any of these."""
    rows, conversations = read(path)
    evidence = judge_repeats(conversations)
    table = Table(path.parent.name, path)
    figures: list[Row] = []
    for label, names, speaker, kinds in ASKED:
        if rows and all(name in row.get("turns", {}) for row in rows for name in names):
            keys, flags = either(rows, names, speaker)
            hits = found(evidence, *kinds)
            figures += table.flags(label, flags, [int(key in hits) for key in keys], measure=REPEAT)
    return figures


def either(rows: Sequence[Row], labels: Sequence[str], speaker: str) -> tuple[list[Key], list[int]]:
    """The turns of a speaker and whether they carry any of the labels; those that only dispute could give are left out."""
    marked = [dict(zip(*turns(rows, label, speaker), strict=True)) for label in labels]
    keys = list(dict.fromkeys(key for flags in marked for key in flags))
    known = [
        key
        for key in keys
        if any(flags.get(key) for flags in marked) or all(key in flags for flags in marked)
    ]
    return known, [int(any(flags.get(key) for flags in marked)) for key in known]


def stalemate_rows(path: Path) -> list[Row]:
    """Conversations that stand still, of a file that labels it; those on which the annotators differ are left out."""
    rows, conversations = read(path)
    still = set(judge_stalemate(conversations)["ticket_id"])
    told = [
        (str(place), row["stalemate"]) for place, row in enumerate(rows) if row.get("stalemate") is not None
    ]
    if not told:
        return []
    flags, guesses = [int(flag) for _, flag in told], [int(place in still) for place, _ in told]
    return Table(path.parent.name, path).flags("stalemate", flags, guesses, measure=STALEMATE)


TASKS: dict[str, tuple[Callable[[Path], list[Row]], ...]] = {
    "support_threads": (repeat_rows,),
    "support_tickets": (repeat_rows, stalemate_rows),
}
