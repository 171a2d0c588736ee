"""Suggestions: how much a customer's sentence proposes a change, by the weights of data/lexicons/unheard_suggestion.toml."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.said import hits_of

LEXICON: Final = "unheard_suggestion"

# Any one cue of asking (0.8 and more) crosses it; a supporting cue (0.7 and less) needs another. Figures of
# labelled sets hardly move between 0.7 and 0.9, so it lies in the middle: one threshold for every kind of text.
THRESHOLD: Final = 0.75

MESSAGE: Final = ("source", "ticket_id", "message_id")
SENTENCE: Final = (*MESSAGE, "sentence")

# What may stand before an order at the opening of a sentence: greetings, "and", "maybe", "for god's sake", numbers.
_OPENING_WORDS: Final = (
    "and or also so then but just plus maybe perhaps ideally at least instead simply first second third finally again "
    "next if not possible guys hey hi hello ok okay please pls plz for example e.g yes no the love of god god's "
    "heaven's pete's sake seriously honestly come on well oh right to better suggestion idea request kindly lads folks "
    "team sir madam everyone time in future also another thing one small last feedback tip advice pro"
)
_OPENERS: Final = frozenset(_OPENING_WORDS.split())
_GREETINGS: Final = frozenset(
    ("hi", "hello", "hey", "dear", "morning", "afternoon", "evening", "thanks", "good")
)
_GREETING_WORDS: Final = 4
_CONDITIONS: Final = frozenset(("when", "whenever", "if", "once", "before", "where", "unless"))
_JOINERS: Final = frozenset(("and", "or", "also", "so", "then", "but", "just", "please", "simply", "instead"))
_MARKS: Final = ",;:)-\u2013\u2014"
_STRONG_MARKS: Final = ";:)\u2026"
_QUOTES: Final = "\"'\u2018\u201c\u201e\u00ab"
_LONGEST_OPENING: Final = 12  # words; a longer preamble is no preamble
_WORD: Final = re.compile(r"[^\w.'@]+")


def opens_clause(before: str) -> bool:
    """Whether a verb is an order where it stands: at the opening of its sentence or of a clause, given the words before it."""
    before = before.rpartition("(")[2]  # an aside opens anew
    words = before.lower().replace("\u2019", "'").split()
    if not words:
        return True
    if before[-1] in _QUOTES:  # the name of a button, not an order
        return False
    if len(words) <= _LONGEST_OPENING and all(_is_opener(word) for word in words):
        return True
    if len(words) <= _GREETING_WORDS and words[0].strip(",!") in _GREETINGS and words[-1][-1] in ",!:-\u2013":
        return True
    if words[0] in _CONDITIONS and words[-1].endswith(","):  # "when the bus is cancelled, say so"
        return True
    rest = list(words)
    while rest and rest[-1].strip(_MARKS) in _JOINERS and not rest[-1].endswith(tuple(_MARKS)):
        rest.pop()
    if not rest:
        return True
    if rest[-1].endswith(".."):  # dots that trail off
        return True
    marks = _MARKS if len(rest) < len(words) else _STRONG_MARKS
    return rest[-1].endswith(tuple(marks))


def _is_opener(word: str) -> bool:
    if word.startswith("@"):
        return True
    bare = _WORD.sub("", word).strip(".'")
    return not bare or bare.isdigit() or bare in _OPENERS


@once
def scores(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences with `score`, how much each proposes a change (see `proposals`): one row a sentence."""
    sentences = conversations.sentences.filter(pl.col("speaker") == "customer")
    totals = proposals(conversations).select(*SENTENCE, "score")
    return sentences.join(totals, on=SENTENCE, how="left", maintain_order="left").with_columns(
        pl.col("score").fill_null(0.0)
    )


@once
def proposals(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences with a cue that counts, and `score`: columns of SENTENCE, turn, kind, start, end, text, score.

    The score is the sum over the kinds of cues found of each kind's weightiest cue. Five rules make kinds count:
    "opening" only where it opens a sentence or a clause and no "request" was found; "how_to" only in a question;
    "in_other_words", what all the words of a sentence say, only where no cue speaks against it; sentences that give another's words score 0. Negation is not looked at: "please don't remove it" is a suggestion.
    """
    hits = hits_of(conversations, LEXICON).filter(
        (pl.col("speaker") == "customer")
        & ~pl.col("is_quoted")
        & ((pl.col("cue_kind") != "how_to") | pl.col("is_question"))
    )
    hits = hits.with_columns(row=_rows(hits))
    against = hits.filter(pl.col("weight") < 0)["row"].unique()
    hits = hits.filter((pl.col("cue_kind") != "in_other_words") | ~pl.col("row").is_in(against.implode()))
    openings = hits.filter(pl.col("cue_kind") == "opening")
    orders = openings.filter(_opening(openings))
    requested = hits.filter(pl.col("cue_kind") == "request")["row"].unique()
    counted = pl.concat(
        [
            hits.filter(pl.col("cue_kind") != "opening"),
            orders.filter(~pl.col("row").is_in(requested.implode())),
        ]
    )
    totals = (
        counted.sort(
            "row", "cue_kind", pl.col("weight").abs(), descending=[False, False, True], maintain_order=True
        )
        .unique(["row", "cue_kind"], keep="first", maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg(pl.col("weight").sum().round(3).alias("score"))
    )
    sentences = hits.select(
        "row", *SENTENCE, "turn", "kind", start="sentence_start", end="sentence_end", text="sentence_text"
    ).unique("row", keep="first", maintain_order=True)
    return sentences.join(totals, on="row", maintain_order="left").drop("row")


def _rows(hits: pl.DataFrame) -> pl.Series:
    """A number for each hit's sentence; the hits of a sentence stand together."""
    return hits.select(pl.struct(SENTENCE).rle_id()).to_series()


def _opening(hits: pl.DataFrame) -> pl.Series:
    """For each hit whether it stands where an order would."""
    return pl.Series(
        [
            opens_clause(text[: start - sentence_start])
            for text, start, sentence_start in hits.select(
                "sentence_text", "start", "sentence_start"
            ).iter_rows()
        ],
        dtype=pl.Boolean(),
    )
