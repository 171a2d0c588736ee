"""Hearing: whole conversations into sentences, moods and cues, once, for every signal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from metrics.measure import Conversations
from metrics.text.cues import CueSet, Hits, is_negated, load_lexicon
from metrics.text.language import language, readable
from metrics.text.polarity import polarities
from metrics.text.sentences import flags, split

LEXICONS = Path(__file__).resolve().parents[2] / "data" / "lexicons"

SENTENCES = pl.Schema(
    {
        "source": pl.String(),
        "ticket_id": pl.String(),
        "message_id": pl.String(),
        "turn": pl.Int64(),
        "speaker": pl.String(),
        "kind": pl.String(),
        "sentence": pl.Int64(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "text": pl.String(),
        "polarity": pl.Float64(),
        "is_question": pl.Boolean(),
        "is_quoted": pl.Boolean(),
        "is_conditional": pl.Boolean(),
    }
)
HITS = pl.Schema(
    {
        "row": pl.Int64(),
        "lexicon": pl.String(),
        "cue_kind": pl.String(),
        "weight": pl.Float64(),
        "offset": pl.Int64(),
        "length": pl.Int64(),
        "is_negated": pl.Boolean(),
    }
)


def lexicon_names() -> tuple[str, ...]:
    """Every lexicon that ships."""
    return tuple(sorted(path.stem for path in LEXICONS.glob("*.toml")))


@cache
def cue_set(lexicons: tuple[str, ...]) -> CueSet:
    """The cues of these lexicons, compiled into one pass."""
    return CueSet([cue for name in lexicons for cue in load_lexicon(LEXICONS / f"{name}.toml")])


def hear(
    tickets: pl.DataFrame, messages: pl.DataFrame, lexicons: Sequence[str] | None = None
) -> Conversations:
    """Whole conversations as `Conversations`: the same result in any batch.

    tickets: source, ticket_id, status, created_at, ended_at. messages: source, ticket_id, message_id, turn, speaker,
    kind, text, created_at. `lexicons` names those to listen for; None takes all. A conversation whose customer
    writes a language that we can not read has is_readable false and gives no sentences; one without any words of
    the customer's has null.
    """
    tickets = tickets.join(
        _languages(messages), on=["source", "ticket_id"], how="left", maintain_order="left"
    )
    known = tickets.filter(pl.col("is_readable")).select("source", "ticket_id")
    heard = messages.join(known, on=["source", "ticket_id"], how="semi").sort(
        "source", "ticket_id", "turn", "created_at", "message_id", nulls_last=True
    )
    sentences = _sentences(heard)
    cues = cue_set(tuple(lexicons) if lexicons is not None else lexicon_names())
    return Conversations(tickets=tickets, messages=heard, sentences=sentences, hits=_hits(sentences, cues))


def _languages(messages: pl.DataFrame) -> pl.DataFrame:
    """The language of each conversation and whether we can read it, by all that its customer wrote."""
    said = (
        messages.filter(pl.col("speaker") == "customer")
        .sort("source", "ticket_id", "turn", "created_at", "message_id", nulls_last=True)
        .group_by("source", "ticket_id", maintain_order=True)
        .agg(pl.col("text").str.join("\n").alias("said"))
    )
    texts = said["said"].to_list()
    return said.select("source", "ticket_id").with_columns(
        pl.Series("language", [language(text) for text in texts], dtype=pl.String()),
        pl.Series("is_readable", [readable(text) for text in texts], dtype=pl.Boolean()),
    )


def _sentences(messages: pl.DataFrame) -> pl.DataFrame:
    """One row a sentence, with its place in the message and, for the customer's, its polarity."""
    texts = messages["text"].to_list()
    rows: list[int] = []
    numbers: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    parts: list[str] = []
    for row, text in enumerate(texts):
        for number, (start, end) in enumerate(split(text)):
            rows.append(row)
            numbers.append(number)
            starts.append(start)
            ends.append(end)
            parts.append(text[start:end])
    marks = [flags(part) for part in parts]
    keys = messages.select("source", "ticket_id", "message_id", "turn", "speaker", "kind")[rows]
    is_customers = (keys["speaker"] == "customer").to_list()
    moods = iter(polarities([part for part, theirs in zip(parts, is_customers, strict=True) if theirs]))
    return keys.with_columns(
        pl.Series("sentence", numbers, dtype=pl.Int64()),
        pl.Series("start", starts, dtype=pl.Int64()),
        pl.Series("end", ends, dtype=pl.Int64()),
        pl.Series("text", parts, dtype=pl.String()),
        pl.Series(
            "polarity", [next(moods) if theirs else None for theirs in is_customers], dtype=pl.Float64()
        ),
        pl.Series("is_question", [mark.is_question for mark in marks], dtype=pl.Boolean()),
        pl.Series("is_quoted", [mark.is_quoted for mark in marks], dtype=pl.Boolean()),
        pl.Series("is_conditional", [mark.is_conditional for mark in marks], dtype=pl.Boolean()),
    ).select(list(SENTENCES))


def _hits(sentences: pl.DataFrame, cues: CueSet) -> pl.DataFrame:
    """One row a cue found in a sentence of a speaker that it is meant for, placed in the message."""
    texts = sentences["text"].to_list()
    found: Hits = cues.find(texts)
    chosen = [cues.cues[cue] for cue in found.cue]
    hits = pl.DataFrame(
        {
            "row": found.text,
            "lexicon": [cue.lexicon for cue in chosen],
            "cue_kind": [cue.kind for cue in chosen],
            "weight": [cue.weight for cue in chosen],
            "offset": found.start,
            "length": [end - start for start, end in zip(found.start, found.end, strict=True)],
            "is_negated": [
                is_negated(texts[row], start) for row, start in zip(found.text, found.start, strict=True)
            ],
            "meant_for": [cue.speaker for cue in chosen],
        },
        schema={**HITS, "meant_for": pl.String()},
    )
    place = sentences.with_row_index("row").select(
        pl.col("row").cast(pl.Int64),
        "source", "ticket_id", "message_id", "turn", "speaker", "kind", "sentence",
        pl.col("start").alias("sentence_start"), "is_quoted", "is_conditional", pl.col("text").alias("sentence_text"),
    )  # fmt: skip
    return (
        hits.join(place, on="row", how="inner", maintain_order="left")
        .filter((pl.col("meant_for") == "both") | (pl.col("meant_for") == pl.col("speaker")))
        .with_columns(
            start=pl.col("sentence_start") + pl.col("offset"),
            end=pl.col("sentence_start") + pl.col("offset") + pl.col("length"),
            text=pl.col("sentence_text").str.slice(pl.col("offset"), pl.col("length")),
        )
        .select(
            "source", "ticket_id", "message_id", "turn", "speaker", "kind", "sentence", "lexicon", "cue_kind",
            "weight", "start", "end", "text", "is_negated", "is_quoted", "is_conditional",
        )
    )  # fmt: skip
