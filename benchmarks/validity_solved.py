"""How well endings, what customers came for and outcome questions are read, on conversations that others labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.labelled import SOURCE, Row, Table, found, read
from metrics.function.solved.ending import ending
from metrics.function.solved.got_it import got_it
from metrics.function.solved.outcome_question import answers, outcome_question
from metrics.measure import Conversations

GOT: Final = {"got": "yes", "under_way": "yes", "not_got": "no"}
CAME_FOR: Final = "came_for_"


def thread_rows(path: Path) -> list[Row]:
    """Threads: endings (confirmed, next_step, open), outcome questions by turn and their answers.

    The labels know no ending that is not known: they call it open, and so do these figures. Where we find neither
    outcome nor process, the answer is none if no agent wrote later, and deflect if one did.
    """
    rows, heard = read(path)
    table = Table("support_threads", path)
    asked = [row.get("outcome_questions") or {} for row in rows]
    endings = _ending_figures(table, rows, "end", ending.judge(heard), unknown="open")
    return endings + _question_figures(
        table,
        rows,
        heard,
        label="outcome_questions",
        yes=[{int(turn) for turn in marked.get("yes", {})} for marked in asked],
        disputed=[set(marked.get("disputed", ())) for marked in asked],
        given=[marked.get("yes", {}) for marked in asked],
        passed_over="deflect",
    )


def ticket_rows(path: Path) -> list[Row]:
    """Tickets: endings (with unknown), what they came for, whether they got it, outcome questions and their answers.

    A next step counts as having got it, as the labels do.
    """
    rows, heard = read(path)
    table = Table("support_tickets", path)
    marked = [row.get("turns", {}).get("outcome_question", {}) for row in rows]
    came_for = got_it.judge(heard)
    kinds = dict(came_for.select("ticket_id", "kind").filter(pl.col("kind").is_in(list(GOT))).iter_rows())
    wants = dict(
        came_for.select("ticket_id", "kind").filter(pl.col("kind").str.starts_with(CAME_FOR)).iter_rows()
    )
    wanted, want_guesses = _named(rows, "came_for", lambda place: wants.get(place, "").removeprefix(CAME_FOR))
    got, got_guesses = _named(rows, "got_it", lambda place: GOT.get(kinds.get(place, ""), "unknown"))
    return [
        *_ending_figures(table, rows, "ending", ending.judge(heard), unknown="unknown"),
        *table.classes("came_for", wanted, [guess or None for guess in want_guesses], measure=got_it.name),
        *table.classes("got_it", got, got_guesses, measure=got_it.name),
        *_question_figures(
            table,
            rows,
            heard,
            label="outcome_question",
            yes=[set(turns.get("yes", ())) for turns in marked],
            disputed=[set(turns.get("disputed", ())) for turns in marked],
            given=[row.get("details", {}).get("outcome_question.answer", {}) for row in rows],
            passed_over="none",
        ),
    ]


def _named(rows: Sequence[Row], label: str, guess: Any) -> tuple[list[str], list[str]]:
    """The labels of the rows that have one, and the guesses for them."""
    known = [(str(place), row[label]) for place, row in enumerate(rows) if row.get(label) is not None]
    return [said for _, said in known], [guess(place) for place, _ in known]


def _ending_figures(
    table: Table, rows: Sequence[Row], label: str, evidence: pl.DataFrame, *, unknown: str
) -> list[Row]:
    ends = dict(evidence.filter(pl.col("kind") != "answer").select("ticket_id", "kind").iter_rows())
    gold, guesses = _named(rows, label, lambda place: ends.get(place, unknown))
    return table.classes(label, gold, guesses, measure=ending.name)


def _question_figures(
    table: Table,
    rows: Sequence[Row],
    heard: Conversations,
    *,
    label: str,
    yes: Sequence[set[int]],
    disputed: Sequence[set[int]],
    given: Sequence[Mapping[str, str | None]],
    passed_over: str,
) -> list[Row]:
    """Turns that ask for an outcome; and what the turns that the annotators found so were answered with."""
    asked = found(outcome_question.judge(heard), "question")
    turns = [
        (str(place), turn)
        for place, row in enumerate(rows)
        for turn, message in enumerate(row["messages"])
        if message["speaker"] == "customer" and turn not in disputed[place]
    ]
    labels = [int(turn in yes[int(place)]) for place, turn in turns]
    figures = table.flags(
        label, labels, [int(turn in asked) for turn in turns], measure=outcome_question.name
    )
    known = [
        (place, int(turn), said)
        for place, row in enumerate(given)
        for turn, said in row.items()
        if said is not None
    ]
    told = pl.DataFrame(
        [(SOURCE, str(place), f"{place}-{turn}", turn) for place, turn, _ in known],
        schema={"source": pl.String, "ticket_id": pl.String, "message_id": pl.String, "turn": pl.Int64},
        orient="row",
    )
    answered = dict(answers(heard, told).select("asked_in", "answer").iter_rows())
    guesses = [
        answered.get(f"{place}-{turn}", passed_over if _is_replied(rows[place], turn) else "none")
        for place, turn, _ in known
    ]
    return figures + table.classes(
        f"{label}.answer", [said for *_, said in known], guesses, measure=outcome_question.name
    )


def _is_replied(row: Row, turn: int) -> bool:
    return any(message["speaker"] == "agent" for message in row["messages"][turn + 1 :])


TASKS = {"support_threads": (thread_rows,), "support_tickets": (ticket_rows,)}
