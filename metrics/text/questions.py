"""Questions, open and closed: one rule for what agents ask and for what surveys ask.

A question is open where it asks what, how or why as a question of its own, or invites to tell; every other one is
closed: it asks yes or no, or for one fact, number or name, also where a what stands inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import polars as pl

from metrics.text.hear import cue_set
from metrics.text.sentences import flags, split

LEXICON: Final = "questions"
KINDS: Final = ("wide", "asked_inside", "invites", "one_fact", "yes_or_no", "asks_a_nod", "was_told")

ENDED: Final = r"^[^?]*[.!:;,]\W*$"

Asked = Literal["open", "closed"]


def verdict() -> pl.Expr:
    """open, closed or null of a sentence: columns text, is_question, and `kinds`, the kinds of cue in it (null: none).

    What is built like a question and ends in another mark asks nothing: "What I can do is this."
    """
    held = pl.col("kinds").fill_null([])
    wide, inside, invites, fact, yes_or_no, nod, was_told = (held.list.contains(kind) for kind in KINDS)
    asks = pl.col("is_question") & ~pl.col("text").str.contains(ENDED)
    is_open = (invites & ~was_told) | (asks & ~fact & ~nod & (inside | (wide & ~yes_or_no)))
    return pl.when(is_open).then(pl.lit("open")).when(asks).then(pl.lit("closed"))


def asked(texts: Sequence[str]) -> list[Asked | None]:
    """What each text asks: open where any sentence of it does, else closed where any is a question; None asks nothing."""
    parts = [(place, text[start:end]) for place, text in enumerate(texts) for start, end in split(text)]
    cues = cue_set((LEXICON,))
    found = cues.which([part for _, part in parts])
    sentences = pl.DataFrame(
        {
            "place": [place for place, _ in parts],
            "text": [part for _, part in parts],
            "is_question": [flags(part).is_question for _, part in parts],
            "kinds": [[cues.cues[cue].kind for cue in held] for held in found],
        },
        schema={
            "place": pl.Int64(),
            "text": pl.String(),
            "is_question": pl.Boolean(),
            "kinds": pl.List(pl.String()),
        },
    ).with_columns(asked=verdict())
    said: list[Asked | None] = [None] * len(texts)
    for place, kind in sentences.filter(pl.col("asked").is_not_null()).select("place", "asked").iter_rows():
        if said[place] != "open":
            said[place] = kind
    return said
