"""Answers: the agents' turns that say something to a customer who has written, receipts and greetings left out."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.said import CONVERSATION, SENTENCE, TURN, hits_of, spoken

LEXICON: Final = "sentiment_shift"  # its cues of kind receipt
FEWEST_WORDS: Final = 4  # of a sentence that can answer something


@once
def answers(conversations: Conversations) -> pl.DataFrame:
    """One row an agent turn after the customer's first words that answers something, in the order of speech.

    The row is the turn's first sentence of four words or more that is no receipt, greeting or automatic reply; a turn
    without one answers nothing.
    """
    words = pl.col("text").str.count_matches(r"\b[\p{L}][\p{L}\p{M}'’-]*")
    receipts = hits_of(conversations, LEXICON).filter(pl.col("cue_kind") == "receipt")
    said = spoken(conversations, "agent")
    long = said.select(pl.col("text").unique()).filter(words >= FEWEST_WORDS)  # agents repeat themselves
    first = (
        spoken(conversations, "customer").group_by(CONVERSATION).agg(pl.col("turn").min().alias("first_turn"))
    )
    number = pl.struct(TURN).rle_id()
    return (
        said.join(long, on="text", how="semi", maintain_order="left")
        .join(receipts.select(SENTENCE), on=SENTENCE, how="anti", maintain_order="left")
        .filter((number != number.shift(1)).fill_null(True))
        .join(first, on=CONVERSATION, how="inner", maintain_order="left")
        .filter(pl.col("turn") > pl.col("first_turn"))
        .drop("first_turn")
    )
