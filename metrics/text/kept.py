"""What became of promises: kept, late or broken, read from what was said after them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import polars as pl

from metrics.measure import Conversations
from metrics.text.promises import LEXICON
from metrics.text.said import Speaker, cued, has

# A message this soon after the promise belongs to the talk in which it was made, unless it brings news itself.
SAME_TALK: Final = timedelta(minutes=30)
_COURTESY: Final = re.compile(
    r"\b(?:welcome|glad|pleasure|anything else|(?:nice|lovely|great|good) (?:day|evening|weekend)|bye|take care|no problem)\b",
    re.IGNORECASE,
)
_LONGEST_COURTESY: Final = 140  # code points
# "Still hoping that it comes back" holds words of coming, and says that nothing came.
_WAITED_FOR: Final = r"(?i)\b(?:still|hop(?:e|es|ing|ed)|wait(?:ing)?|until|till|unless|once|wish|when (?:will|is|are)|should|supposed)\b"
GREETING: Final = 20  # code points; a sentence as short says little where a longer one stands in the message


@dataclass(frozen=True)
class Promise:
    """What one message promises: due and until are the first and the last instant at which all of it that names a time may have passed."""

    turn: int
    said_at: datetime | None
    due: datetime | None
    until: datetime | None
    is_contact: bool


@dataclass(frozen=True)
class Fate:
    """What became of a promise, the sentence that tells it, and when that was said."""

    kind: Literal["kept", "late", "broken"]
    sentence: dict[str, Any]
    at: datetime | None
    turn: int


@dataclass(frozen=True)
class Said:
    """A later message: who wrote it when, its first sentence, and the first sentence that holds each kind of cue."""

    turn: int
    speaker: str
    at: datetime | None
    opening: dict[str, Any]
    cues: dict[str, dict[str, Any]]
    is_courtesy: bool
    is_asking: bool  # holds a question
    is_unasked: bool  # nobody asked or complained since the agent's message before

    def first(self, *kinds: str) -> dict[str, Any] | None:
        """The sentence that holds the first of these kinds."""
        return next((self.cues[kind] for kind in kinds if kind in self.cues), None)


def became(promise: Promise, later: Sequence[Said]) -> Fate | None:
    """What became of a promise; None where it is not known."""
    missed: Fate | None = None
    kept: Fate | None = None
    for said in later:
        is_over = promise.until is not None and said.at is not None and said.at > promise.until
        is_due = promise.due is None or (said.at is not None and said.at > promise.due)
        if said.speaker == "customer":
            complaint = said.first("reminded")
            if is_due:
                complaint = (
                    complaint or said.first("missed") or (said.first("chase") if promise.due else None)
                )
            if complaint:
                missed, kept = missed or Fate("broken", complaint, said.at, said.turn), None
            elif came := said.first("late", "came"):
                return Fate("late" if missed or "late" in said.cues else "kept", came, said.at, said.turn)
            elif is_over and kept is None and (promise.is_contact or said.is_asking):
                missed = missed or Fate("broken", said.opening, said.at, said.turn)
            continue
        if kept or said.is_courtesy:
            continue
        not_there = None if "done" in said.cues else said.first("not_yet", "sorry_late")
        if not_there:
            missed = missed or (Fate("broken", not_there, said.at, said.turn) if is_due else None)
        elif _delivers(promise, said, is_reminded=missed is not None):
            is_late = is_over or missed or (is_due and "sorry_late" in said.cues)
            kept = Fate("late" if is_late else "kept", said.first("done") or said.opening, said.at, said.turn)
            if promise.is_contact:
                return kept
        if missed and not kept and missed.turn < said.turn:
            return _broken(missed, later, said.turn)
    return kept or missed


def _broken(missed: Fate, later: Sequence[Said], turn: int) -> Fate:
    """A promise whose reminder was answered without keeping it: late if the customer has it after all, else broken."""
    for said in later:
        came = said.first("late", "came") if said.turn > turn and said.speaker == "customer" else None
        if came and not said.first("missed", "reminded"):
            return Fate("late", came, said.at, said.turn)
    return missed


def _delivers(promise: Promise, said: Said, *, is_reminded: bool) -> bool:
    """Whether a message of ours brings what was promised: it says so, or it is another contact that was promised for a time."""
    if "done" in said.cues:
        return True
    if said.is_asking or promise.said_at is None or said.at is None:
        return False
    is_short = promise.until is not None and promise.until - promise.said_at <= 2 * SAME_TALK
    is_another = is_short or said.at - promise.said_at >= SAME_TALK
    return is_another and (
        said.is_unasked or (promise.until is not None and (promise.is_contact or is_reminded))
    )


def talks(conversations: Conversations, made: pl.DataFrame) -> dict[tuple[str, str], list[Said]]:
    """The messages of the tickets in which something was promised, in order."""
    tickets = made.select("source", "ticket_id").unique()
    key = ["source", "ticket_id"]
    cues: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in _cues(conversations, tickets):
        for kind in row["kinds"]:
            cues[row["message_id"]].setdefault(kind, row)
    opening = (
        conversations.sentences.join(tickets, on=key, how="semi")
        .filter(pl.col("turn").is_not_null())
        .group_by("source", "ticket_id", "message_id", maintain_order=True)
        .agg(
            pl.col("start", "end")
            .sort_by(pl.col("text").str.len_chars() < GREETING, maintain_order=True)
            .first(),
            pl.col("is_question").any(),
        )
        .join(
            conversations.messages.select(*key, "message_id", "turn", "speaker", "created_at", whole="text"),
            on=[*key, "message_id"],
            how="left",
            maintain_order="left",
        )
    )
    found: dict[tuple[str, str], list[Said]] = defaultdict(list)
    is_asked: dict[tuple[str, str], bool] = defaultdict(bool)
    for row in opening.iter_rows(named=True):
        ticket = (row["source"], row["ticket_id"])
        is_courtesy = len(row["whole"]) <= _LONGEST_COURTESY and _COURTESY.search(row["whole"]) is not None
        own = cues[row["message_id"]]
        found[ticket].append(
            Said(row["turn"], row["speaker"], row["created_at"], _place(row), own, is_courtesy, row["is_question"], not is_asked[ticket])
        )  # fmt: skip
        if row["speaker"] == "agent":
            is_asked[ticket] = False
        elif row["is_question"] or own.keys() & {"missed", "reminded", "chase"}:
            is_asked[ticket] = True
    return found


def _cues(conversations: Conversations, tickets: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The sentences of these tickets that tell what became of something."""
    deniable: tuple[tuple[Speaker, str], ...] = (("customer", "came"), ("agent", "done"))
    for speaker, kind in deniable:
        said = cued(conversations, LEXICON, speaker, deniable=(kind,))
        said = said.join(tickets, on=["source", "ticket_id"], how="semi", maintain_order="left").filter(
            ~pl.col("is_question") | has("chase", "missed", "reminded")
        )
        is_waited_for = pl.col("text").str.contains(_WAITED_FOR)
        for row in said.with_columns(is_waited_for=is_waited_for).iter_rows(named=True):
            kinds = [one for one in row["kinds"] if not (one == "came" and row["is_waited_for"])]
            yield {**_place(row), "kinds": kinds}


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("source", "ticket_id", "message_id", "start", "end")}
