"""Telling others: whether it is well or badly meant, read from how the customer feels in the whole conversation."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.said import CONVERSATION, cued, has, is_anothers, is_cited

REFERRED: Final = "referred"  # the lexicon of coming through others and of telling them
LEAVING: Final = "leaving"  # the lexicon of leaving, warning others and going public
UNHAPPY: Final = -0.3  # who tells others in a sentence of this mood tells them nothing good
UNHAPPY_ALL_ALONG: Final = -0.1  # nor who is in this mood over the whole conversation

# A word for others says nothing by itself where the sentence is this pleased, nor where the customer is content all along.
PLEASED: Final = 0.4
CONTENT_ALL_ALONG: Final = 0.2


def with_mood(conversations: Conversations, sentences: pl.DataFrame) -> pl.DataFrame:
    """The sentences with `mood`: the mean polarity of all that the customer says in their conversation, survey comments too."""
    moods = (
        conversations.sentences.filter(pl.col("speaker") == "customer")
        .group_by(CONVERSATION)
        .agg(pl.col("polarity").mean().round(6).alias("mood"))
    )
    return sentences.join(moods, on=CONVERSATION, how="left", maintain_order="left")


def came_through(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that say that somebody they know sent them or uses the company."""
    return _of_others(conversations).filter(has("came"))


def tells_well(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that say that they tell people they know, and nothing bad; not on a condition."""
    return with_mood(conversations, _of_others(conversations)).filter(
        has("will_tell")
        & ~has("came", "badly")
        & ~is_anothers()
        & ~pl.col("is_conditional")
        & (pl.col("polarity") > UNHAPPY)
        & (pl.col("mood") > UNHAPPY_ALL_ALONG)
    )


def is_praise() -> pl.Expr:
    """Whether a sentence of `with_mood` that speaks to others is pleased, or plain words of somebody content."""
    is_content = (pl.col("mood") > CONTENT_ALL_ALONG) & (pl.col("polarity") >= 0.0)
    return (pl.col("polarity") >= PLEASED) | is_content


def warns(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that warn people they know or anyone, in the words of the lexicon of leaving."""
    said = cued(conversations, LEAVING, "customer", deniable=("warning",), with_surveys=True)
    said = said.filter(has("warning") & ~pl.col("is_question") & ~is_cited())
    return with_mood(conversations, said).filter(~is_praise())


def _of_others(conversations: Conversations) -> pl.DataFrame:
    said = cued(conversations, REFERRED, "customer", deniable=("came", "will_tell"), with_surveys=True)
    return said.filter(~has("other") & ~pl.col("is_question"))
