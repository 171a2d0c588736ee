"""Empathy where emotion was shown: whether a reply takes up the feeling that the customer brought."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.apologies import apologies
from metrics.text.polarity import DEAD_ZONE
from metrics.text.said import CONVERSATION, MESSAGE, SENTENCE, TURN, cued, evidence, has, spoken

NAME: Final = "empathy"
VERSION: Final = 4
SHOWN: Final = -0.35  # a customer's sentence at or under this polarity shows emotion without naming it
GREETING_WORDS: Final = 3  # a sentence of at most so many words is a greeting, not what a reply says

FACTS: Final = """
WITH shown AS (
    SELECT source, ticket_id, refers_to_message, bool_or(kind = 'empathy') AS is_met
    FROM evidence
    WHERE measure = 'empathy' AND kind IN ('empathy', 'passed_over')
    GROUP BY ALL)
SELECT heard.source, heard.ticket_id,
       avg(is_met::INT)::DOUBLE AS empathy_share,
       bool_or(is_met) AS has_empathy
FROM heard
JOIN shown USING (source, ticket_id)
WHERE heard.is_readable
GROUP BY ALL
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence of every empathic sentence of an agent's, and of messages that show emotion and have a reply.

    empathy is an empathic sentence of a reply to emotion, warmth one that was said before any emotion was read.
    emotion_shown is the sentence of the customer's that shows it most, passed_over the first thing said in the first
    reply where none is empathic. empathy and passed_over refer to the customer's message. Of several messages before
    one reply, the last that shows emotion stands for all.
    """
    shown = _shown(conversations)
    asked = shown.select(*TURN, pl.col("message_id").alias("refers")).sort("turn")
    replies = (
        spoken(conversations, "agent")
        .select(*TURN)
        .unique(maintain_order=True)
        .sort("turn")
        .join_asof(asked, on="turn", by=CONVERSATION, strategy="backward", check_sortedness=False)
        .filter(pl.col("refers").is_not_null())
    )
    answered = replies.select(*CONVERSATION, "refers").unique()
    stirred = shown.join(answered, left_on=MESSAGE, right_on=[*CONVERSATION, "refers"], how="semi")
    said = empathetic(conversations).join(replies, on=TURN, how="left", maintain_order="left")
    is_answer = pl.col("refers").is_not_null()
    unmet = replies.join(said.filter(is_answer), on=[*CONVERSATION, "refers"], how="anti")
    return pl.concat(
        [
            evidence(stirred, NAME, VERSION, kind="emotion_shown", value=pl.col("polarity")),
            evidence(said.filter(is_answer), NAME, VERSION, kind="empathy", refers_to=pl.col("refers")),
            evidence(said.filter(~is_answer), NAME, VERSION, kind="warmth"),
            evidence(
                _first_thing_said(conversations, unmet),
                NAME,
                VERSION,
                kind="passed_over",
                refers_to=pl.col("refers"),
            ),
        ]
    ).sort(*MESSAGE, "start", "kind")


def empathetic(conversations: Conversations) -> pl.DataFrame:
    """The agents' sentences that take up a feeling or a situation, whether or not one was shown before them."""
    cues = cued(conversations, NAME, "agent", deniable=("understood", "sorry_situation"))
    is_meant = (
        has("understood", "sorry_situation")
        | (has("named") & ~has("task"))
        | (has("warm") & ~has("routine", "task"))
    )
    of_cues = cues.filter(is_meant & ~pl.col("is_quoted")).select(*SENTENCE)
    of_sorry = apologies(conversations).filter("is_specific").select(*SENTENCE)
    places = pl.concat([of_cues, of_sorry]).unique()
    return spoken(conversations, "agent").join(places, on=SENTENCE, how="semi", maintain_order="left")


def _shown(conversations: Conversations) -> pl.DataFrame:
    """The sentence that shows emotion most, of each customer's message that shows any: the lowest polarity.

    "Not worried" names a feeling only to deny it; general words for feelings then tell nothing either.
    """
    named = cued(conversations, NAME, "customer").select(
        *SENTENCE, has("emotion").alias("is_named"), has("emphasis").alias("is_emphatic")
    )
    meant = cued(conversations, NAME, "customer", deniable=("emotion",)).filter(has("emotion"))
    mood = pl.col("polarity")
    is_felt = (mood <= SHOWN) & ~pl.col("is_question") | (mood < -DEAD_ZONE) & pl.col("is_emphatic")
    is_shown = pl.col("is_meant") | is_felt.fill_null(False) & ~pl.col("is_named").fill_null(False)
    return (
        spoken(conversations, "customer")
        .join(named, on=SENTENCE, how="left", maintain_order="left")
        .join(
            meant.select(*SENTENCE, pl.lit(True).alias("is_meant")),
            on=SENTENCE,
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("is_meant").fill_null(False), pl.col("is_emphatic").fill_null(False))
        .filter(is_shown & ~pl.col("is_quoted"))
        .with_columns(pl.col("polarity").round(6))
        .sort("polarity", maintain_order=True)
        .unique(MESSAGE, keep="first", maintain_order=True)
    )


def _first_thing_said(conversations: Conversations, replies: pl.DataFrame) -> pl.DataFrame:
    """Of the first of these replies to each message, the first sentence that is neither a greeting nor an apology.

    Where all of them are, the first.
    """
    first = replies.sort("turn").unique([*CONVERSATION, "refers"], keep="first", maintain_order=True)
    sorry = apologies(conversations).select(*SENTENCE, pl.lit(True).alias("is_sorry"))
    is_short = pl.col("text").str.count_matches(r"\S+") <= GREETING_WORDS
    return (
        spoken(conversations, "agent")
        .join(first, on=TURN, how="inner", maintain_order="left")
        .join(sorry, on=SENTENCE, how="left", maintain_order="left")
        .with_columns((is_short | pl.col("is_sorry").fill_null(False)).alias("is_courtesy"))
        .sort("is_courtesy", maintain_order=True)
        .unique([*CONVERSATION, "refers"], keep="first", maintain_order=True)
        .drop("is_courtesy", "is_sorry")
    )


empathy = Signal(
    name=NAME,
    title="Empathy where emotion was shown",
    question="Where customers showed emotion, did our replies take it up?",
    rule=(
        "A customer's message shows emotion where it names a feeling, speaks as only strong feeling does, or has a sentence "
        f"of polarity {SHOWN:g} or less. It is met with empathy where a reply before the next such message says that the feeling is "
        "understood, names how hard the situation is, is warm, or is sorry for what happened by naming it. Sorry for the "
        "inconvenience, sorry to hear that, and being here to help are formulas and do not count. Of several messages before one reply the "
        "last that shows emotion counts. The share is of these messages in a conversation, averaged over conversations. The same words "
        "said before any emotion was read are shown as warm words and change no figure."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, those in which no emotion is read and those without a reply after it: "
        "calm errands need no warmth. Words of bots and automatic replies."
    ),
    columns=(
        Column(
            name="empathy_share",
            title="Emotion met with empathy",
            unit="share",
            total="mean",
            better="higher",
            about="Share of a conversation's messages that show emotion whose replies take the feeling or the situation up.",
            evidence=("empathy", "passed_over", "emotion_shown"),
        ),
        Column(
            name="has_empathy",
            title="Empathy at least once",
            unit="share",
            total="share",
            better="higher",
            about="Share of conversations with emotion and a reply after it in which a reply took it up at least once.",
            sql_type="BOOLEAN",
            evidence=("empathy",),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="both",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("emotion_shown", "emotion shown", is_quiet=True),
        Kind("empathy", "empathy"),
        Kind("warmth", "warm words", is_quiet=True),
        Kind("passed_over", "emotion passed over"),
    ),
    opportunity="Each customer's message that shows emotion and is followed by an agent's reply.",
    lexicons=(NAME, "apology"),
    nearest=("support_threads", "empathy"),
    validity_note=(
        "Labelled by language models in support threads and tickets, by people in peer support; all of them marked empathy whether or "
        "not emotion was shown, so empathy and warm words answer them together, and empathy alone answers a row of its own. Readers "
        "differ on how much of a formula still is empathy; kindness said in plain facts of the case is missed. Of new sentences "
        "written as a check a third to four fifths were found: a low share may mean other words."
    ),
)
