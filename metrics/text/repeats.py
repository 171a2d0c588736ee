"""Repeats: what customers had to say again, and where they chased an answer."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.said import CONVERSATION, MESSAGE, Speaker, cued, has, is_cited, spoken

LEXICON: Final = "made_to_repeat"
# A message restates where so many of its content words, and this share of them, stand in earlier messages of the same
# speaker: more words need a smaller share.
RESTATES: Final = {"customer": ((3, 0.5), (4, 0.4)), "agent": ((4, 0.6), (6, 0.5))}
CONTENT: Final = r"@\w+|https?://\S+|[\p{L}\d]{4,}"  # a name that is called is no content, nor is a link
PLEASED: Final = 0.3  # a sentence with more feeling than this is no complaint about having to repeat
# A message that says nothing new, sent so long after their own last one with no answer in between, is a follow-up.
FOLLOW_UP_MINUTES: Final = 120
WHETHER: Final = r"(?i)\b(?:see|ask|asking|wonder|wondered|wondering|know|check|hear|find out|sure|tell me|curious|say) if\b"
STEM: Final = 5  # letters compared, so that "charge", "charges" and "charged" are one word

EMPTY: Final = tuple(
    "about after again also because been before being could does dont doing done every from going have having hello here "
    "into just know like made make many more most much need only other over please really said same should some still "
    "such tell than thank thanks that thats their them then there these they thing things think this those told very want "
    "wants were what when where which while will with would your yours dear regards sincerely team sorry cannot even ever "
    "well back best kind email mail message".split()
)


@once
def repeated(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that repeat or chase, in order: those of `spoken` with `is_repeat` and `is_chase`.

    Questions of others, quoted words and conditions ("if I hear nothing by Friday") are none. What points back at an
    answer counts after the first reply only, what chases an answer in any message after the first.
    """
    said = cued(conversations, LEXICON, "customer")
    order = first_replies(conversations)
    said = said.join(order, on=CONVERSATION, how="left", maintain_order="left").filter(~is_cited())
    is_later = pl.col("turn") > pl.col("first_own")
    is_answered = (pl.col("turn") > pl.col("first_reply")).fill_null(False)
    is_supposed = pl.col("is_conditional") & ~pl.col("text").str.contains(WHETHER)
    said = said.with_columns(
        is_repeat=~has("not_repeated") & (has("told") | (has("again") & is_answered)),
        is_chase=~has("not_chasing")
        & (
            (~is_supposed & ((has("no_reply", "chase") & is_later) | has("no_reply")))
            | (is_later & has("waits") & _in_message(has("was_sent")) & ~_in_message(has("not_chasing")))
        ),
    ).filter(pl.col("is_repeat") | pl.col("is_chase"))
    spans = [*MESSAGE, "turn", "sentence", "start", "end", "text", "is_repeat", "is_chase"]
    again = restated(conversations, "customer").join(
        moved(conversations), on=MESSAGE, how="anti", maintain_order="left"
    )
    again = again.with_columns(is_repeat=True, is_chase=False)
    both = pl.concat([said.select(spans), again.select(spans)])
    return both.unique([*MESSAGE, "sentence"], keep="first", maintain_order=True).sort(
        *CONVERSATION, "turn", "start"
    )


def _in_message(is_said: pl.Expr) -> pl.Expr:
    """Whether any sentence of the same message is so."""
    return is_said.any().over(MESSAGE)


@once
def restated(conversations: Conversations, speaker: Speaker) -> pl.DataFrame:
    """The speaker's messages that say mostly what earlier ones of theirs said: of each the sentence that does so most.

    Only what follows a word of the other side counts: two messages in a row are one.
    """
    answered = _answered(conversations, speaker)
    own = spoken(conversations, speaker).join(
        answered.select(CONVERSATION).unique(), on=CONVERSATION, how="semi", maintain_order="left"
    )
    own = own.with_row_index("row")
    words = (
        own.select("row", *MESSAGE, "turn", word=pl.col("text").str.to_lowercase().str.extract_all(CONTENT))
        .explode("word")
        .filter(~pl.col("word").is_in(EMPTY) & ~pl.col("word").str.contains("^@|^http"))
        .with_columns(pl.col("word").str.head(STEM))
        .unique([*MESSAGE, "word"], keep="first", maintain_order=True)
        .with_columns(is_old=pl.col("turn") > pl.col("turn").min().over(*CONVERSATION, "word"))
    )
    share = pl.col("old") / pl.col("words")
    messages = (
        words.group_by(*MESSAGE, maintain_order=True)
        .agg(words=pl.len(), old=pl.col("is_old").sum())
        .filter(
            pl.any_horizontal((pl.col("old") >= least) & (share >= most) for least, most in RESTATES[speaker])
        )
        .join(answered, on=MESSAGE, how="semi", maintain_order="left")
    )
    rows = (
        words.join(messages.select(MESSAGE), on=MESSAGE, how="semi", maintain_order="left")
        .group_by(*MESSAGE, "row", maintain_order=True)
        .agg(old=pl.col("is_old").sum())
        .sort("old", "row", descending=[True, False])
        .unique(MESSAGE, keep="first", maintain_order=True)
    )
    said = own.join(rows.select("row"), on="row", how="semi", maintain_order="left").drop("row")
    return said.filter(~pl.col("is_quoted") & (pl.col("polarity").fill_null(0.0) <= PLEASED))


def _answered(conversations: Conversations, speaker: Speaker) -> pl.DataFrame:
    """The speaker's messages that follow a message of the other side which follows one of theirs."""
    said = conversations.messages.filter(pl.col("turn").is_not_null())
    is_own = pl.col("speaker") == speaker
    first = pl.col("turn").filter(is_own).min().over(*CONVERSATION)
    other = pl.col("turn").filter(~is_own & (pl.col("turn") > first)).min().over(*CONVERSATION)
    return said.with_columns(first_other=other).filter(is_own & (pl.col("turn") > pl.col("first_other")))


@once
def moved(conversations: Conversations) -> pl.DataFrame:
    """The customers' messages that say it got somewhere: it works, it arrived, thanks for the help."""
    said = cued(conversations, LEXICON, "customer", deniable=("moved",))
    is_stated = ~pl.col("is_question") & ~pl.col("is_conditional") & ~pl.col("is_quoted")
    return said.filter(has("moved") & is_stated).select(*MESSAGE, "turn").unique(maintain_order=True)


@once
def follow_ups(conversations: Conversations) -> pl.DataFrame:
    """The customers' messages sent hours after their own last one, without a reply in between: message, start, end."""
    before = {
        name: pl.col(name).shift(1).over(*CONVERSATION).alias(f"{name}_before")
        for name in ("speaker", "created_at")
    }
    talk = conversations.messages.filter(pl.col("turn").is_not_null()).with_columns(*before.values())
    waited = (pl.col("created_at") - pl.col("created_at_before")).dt.total_minutes() >= FOLLOW_UP_MINUTES
    return talk.filter((pl.col("speaker") == "customer") & (pl.col("speaker_before") == "customer") & waited)


@once
def first_replies(conversations: Conversations) -> pl.DataFrame:
    """Of each conversation the customer's first turn and the first reply after it."""
    said = conversations.messages.filter(pl.col("turn").is_not_null())
    own = (
        said.filter(pl.col("speaker") == "customer")
        .group_by(*CONVERSATION)
        .agg(first_own=pl.col("turn").min())
    )
    replies = said.filter(pl.col("speaker") == "agent").join(own, on=CONVERSATION, how="inner")
    replies = replies.filter(pl.col("turn") > pl.col("first_own"))
    reply = replies.group_by(*CONVERSATION).agg(first_reply=pl.col("turn").min())
    return own.join(reply, on=CONVERSATION, how="left")
