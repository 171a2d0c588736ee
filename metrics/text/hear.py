"""Hearing: whole conversations into sentences, moods and cues, once, for every signal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl

from metrics.measure import Conversations
from metrics.text.cues import CueSet
from metrics.text.ear import Ear
from metrics.text.language import MOST_CHARACTERS, language, readable
from metrics.text.lexicons import LEXICONS, NO_CHANGES, Changes, cues_in_force, lexicon_names

__all__ = ["HITS", "LEXICONS", "SENTENCES", "cue_set", "hear", "lexicon_names"]

_KEYS = ("source", "ticket_id", "message_id", "turn", "speaker", "kind")
_PLACE = {name: pl.Int64() if name == "turn" else pl.String() for name in _KEYS}
SENTENCES = pl.Schema(
    {
        **_PLACE,
        "sentence": pl.Int64(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "text": pl.String(),
        "polarity": pl.Float64(),
        "plain_polarity": pl.Float64(),
        "is_question": pl.Boolean(),
        "is_quoted": pl.Boolean(),
        "is_conditional": pl.Boolean(),
        "is_ironic": pl.Boolean(),
    }
)
HITS = pl.Schema(
    {
        **_PLACE,
        "sentence": pl.Int64(),
        "lexicon": pl.String(),
        "cue_kind": pl.String(),
        "weight": pl.Float64(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "text": pl.String(),
        "is_negated": pl.Boolean(),
        "is_question": pl.Boolean(),
        "is_quoted": pl.Boolean(),
        "is_conditional": pl.Boolean(),
        "is_ironic": pl.Boolean(),
        "sentence_start": pl.Int64(),
        "sentence_end": pl.Int64(),
        "sentence_text": pl.String(),
    }
)


@cache
def cue_set(lexicons: tuple[str, ...], speaker: str | None = None, changes: Changes = NO_CHANGES) -> CueSet:
    """The cues of these lexicons, compiled into one pass; only those meant for a speaker where one is given."""
    cues = cues_in_force(lexicons, changes)
    return CueSet([cue for cue in cues if speaker is None or cue.speaker in ("both", speaker)])


@cache
def _ear(lexicons: tuple[str, ...], speaker: str, changes: Changes) -> Ear:
    """What listens to a speaker; made once a process, so that it remembers."""
    return Ear(cue_set(lexicons, speaker, changes), is_feeling=speaker == "customer")


def hear(
    tickets: pl.DataFrame,
    messages: pl.DataFrame,
    lexicons: Sequence[str] | None = None,
    changes: Changes = NO_CHANGES,
) -> Conversations:
    """Whole conversations as `Conversations`: the same result in any batch.

    tickets: source, ticket_id, status, created_at, ended_at. messages: source, ticket_id, message_id, turn, speaker,
    kind, text, created_at. `lexicons` names those to listen for, None takes all; `changes` is what the settings change
    of them. A conversation whose customer
    writes a language that we can not read has is_readable false and gives no sentences; one without any words of
    the customer's has null.
    """
    messages = messages.sort("source", "ticket_id", "turn", "created_at", "message_id", nulls_last=True)
    tickets = tickets.join(
        _languages(messages), on=["source", "ticket_id"], how="left", maintain_order="left"
    )
    known = tickets.filter(pl.col("is_readable")).select("source", "ticket_id")
    heard = messages.join(known, on=["source", "ticket_id"], how="semi", maintain_order="left")
    wanted = tuple(lexicons) if lexicons is not None else lexicon_names()
    sentences, hits = _listen(heard, wanted, changes)
    return Conversations(tickets=tickets, messages=heard, sentences=sentences, hits=hits)


def _languages(messages: pl.DataFrame) -> pl.DataFrame:
    """The language of each conversation and whether we can read it, by all that its customer wrote, in order."""
    said = messages.filter(pl.col("speaker") == "customer").select(
        "source", "ticket_id", pl.col("text").str.head(MOST_CHARACTERS)
    )
    conversation = said.select(pl.struct("source", "ticket_id").rle_id().cast(pl.Int64)).to_series()
    first = np.flatnonzero(np.diff(conversation.to_numpy(), prepend=-1))
    words = said["text"].to_list()
    texts = ["\n".join(words[start:end]) for start, end in pairwise([*first.tolist(), len(words)])]
    found = [
        (language(text), readable(text)) for text in texts
    ]  # the second asks for the first again: remembered
    return said.select("source", "ticket_id")[first].with_columns(
        pl.Series("language", [code for code, _ in found], dtype=pl.String()),
        pl.Series("is_readable", [is_readable for _, is_readable in found], dtype=pl.Boolean()),
    )


def _listen(
    messages: pl.DataFrame, lexicons: tuple[str, ...], changes: Changes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a sentence, with its place in the message and, for the customer's, its polarity; and one row a cue
    found in a sentence of a speaker that it is meant for, placed in the message. Both in the messages' order."""
    sentences, hits = [], []
    count = 0
    for (speaker,), own in messages.with_row_index("row").group_by("speaker", maintain_order=True):
        ear = _ear(lexicons, str(speaker), changes)
        heard = ear.hear(own["text"].to_list())
        sentences.append(heard.sentences.with_columns(own["row"].gather(heard.sentences["row"])))
        hits.append(heard.hits.with_columns(pl.col("place") + count, **_meaning(ear.cues, heard.hits["cue"])))
        count += heard.sentences.height
    if not count:
        return pl.DataFrame(schema=SENTENCES), pl.DataFrame(schema=HITS)
    said = pl.concat(sentences)
    said = said.with_columns(messages.select(_KEYS)[said["row"]])
    found = pl.concat(hits)
    around = said.select(
        "row", *_KEYS, "sentence", "is_question", "is_quoted", "is_conditional", "is_ironic",
        sentence_start="start", sentence_end="end", sentence_text="text",
    )  # fmt: skip
    found = (
        found.with_columns(around[found["place"]])
        .with_columns(start=pl.col("sentence_start") + pl.col("offset"))
        .with_columns(
            end=pl.col("start") + pl.col("length"),
            text=pl.col("sentence_text").str.slice(pl.col("offset"), pl.col("length")),
        )
        .sort("row", maintain_order=True)
        .select(list(HITS))
    )
    return said.sort("row", maintain_order=True).select(list(SENTENCES)), found


def _meaning(cues: CueSet, numbers: pl.Series) -> dict[str, pl.Series]:
    """What the lexicon says of each cue of these numbers."""
    columns = {
        "lexicon": pl.Series([cue.lexicon for cue in cues.cues], dtype=pl.String()),
        "cue_kind": pl.Series([cue.kind for cue in cues.cues], dtype=pl.String()),
        "weight": pl.Series([cue.weight for cue in cues.cues], dtype=pl.Float64()),
    }
    return {name: column.gather(numbers) for name, column in columns.items()}
