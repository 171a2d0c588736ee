"""What customers say in so many words: that they would recommend us, or that they would warn others."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import SENTENCE, hits_of
from metrics.text.telling import LEAVING, REFERRED, tells_well, warns
from warehouse.schema import EVIDENCE

NAME: Final = "would_recommend"
VERSION: Final = 6
# A sentence that tells others, without saying what, is read by its own feeling beyond this.
MOOD_OF_TELLING: Final = 0.5
GOOD: Final = ("recommend", "again")
NEVER: Final = ("never_again", "not_worth", "will_not")
TOLD: Final = ("tell_others", "tell_one")


FACTS: Final = """
SELECT heard.source, heard.ticket_id,
       coalesce(last_said.kind = 'recommend', false) AS said_would_recommend,
       coalesce(last_said.kind = 'warn', false) AS would_warn_others
FROM heard
LEFT JOIN (SELECT source, ticket_id, arg_max(kind, value) AS kind
           FROM evidence WHERE measure = 'would_recommend' GROUP BY source, ticket_id) AS last_said
  ON last_said.source = heard.source AND last_said.ticket_id = heard.ticket_id
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence recommend and warn: the sentences in which a customer says so, each with its place in the order of speech.

    `value` counts the sentences of one conversation from 1, so that the last one said has the greatest. Questions,
    quoted words, and sentences on a condition or about something else give none.
    """
    hits = hits_of(conversations, NAME).filter(pl.col("speaker") == "customer")
    kind = pl.col("cue_kind")
    denied = pl.col("is_negated")
    cues = hits.group_by(SENTENCE).agg(
        (kind.is_in(GOOD) & ~denied | (kind == "recommend_firmly")).any().alias("good"),
        (kind == "recommend_not").any().alias("not_good"),
        ((kind == "warn") & ~denied | kind.is_in(NEVER)).any().alias("bad"),
        ((kind == "worst") & ~denied).any().alias("worst"),
        (kind == "worst_of_a_part").any().alias("is_of_a_part"),
        (kind == "recommend_firmly").any().alias("is_firm"),
        ((kind == "tell_others") & ~denied).any().alias("to_many"),
        (kind.is_in(TOLD) & ~denied).any().alias("is_told"),
        (kind == "told_well").any().alias("told_well"),
        (kind == "told_badly").any().alias("told_badly"),
        (kind == "about_something_else").any().alias("is_beside"),
        (kind == "condition").any().alias("has_condition"),
    )  # fmt: skip
    said = (
        conversations.sentences.filter(
            (pl.col("speaker") == "customer") & ~pl.col("is_quoted") & ~pl.col("is_question")
        )
        .join(cues, on=SENTENCE, how="inner")
        .with_columns(_direction().alias("direction"))
        .filter(pl.col("direction").is_not_null())
        .select(*SENTENCE, "turn", "start", "end", "direction")
    )
    told = [
        sentences.select(*SENTENCE, "turn", "start", "end", direction=pl.lit(direction))
        for direction, sentences in (("warn", warns(conversations)), ("recommend", tells_well(conversations)))
    ]
    said = (
        pl.concat([said, *told])
        .unique(SENTENCE, keep="first", maintain_order=True)
        .sort("source", "ticket_id", "turn", "message_id", "start", nulls_last=True)
    )
    order = pl.int_range(1, pl.len() + 1).over("source", "ticket_id").cast(pl.Float64)
    return said.select(
        "source", "ticket_id", "message_id", "start", "end",
        pl.lit(NAME).alias("measure"), pl.col("direction").alias("kind"), order.alias("value"),
        pl.lit(None, dtype=pl.String()).alias("refers_to_ticket"),
        pl.lit(None, dtype=pl.String()).alias("refers_to_message"),
        pl.lit(VERSION, dtype=pl.Int64()).alias("version"),
    ).cast(EVIDENCE)  # fmt: skip


def _direction() -> pl.Expr:
    """recommend, warn or null for a sentence, from the cues found in it."""
    mood = pl.col("polarity")
    bad = (pl.col("bad") | pl.col("not_good") | (pl.col("worst") & ~pl.col("is_of_a_part"))) & ~pl.col(
        "is_firm"
    )
    told_badly = pl.col("is_told") & (
        pl.col("told_badly") | (pl.col("to_many") & ~pl.col("told_well") & (mood <= -MOOD_OF_TELLING))
    )
    told_well = (
        pl.col("is_told")
        & ~pl.col("told_badly")
        & (pl.col("told_well") | (pl.col("to_many") & (mood >= MOOD_OF_TELLING)))
    )
    return (
        pl.when(pl.col("is_beside") & ~pl.col("bad"))
        .then(None)
        .when(bad | told_badly)
        .then(pl.lit("warn"))
        .when((pl.col("good") | told_well) & ~pl.col("has_condition"))
        .then(pl.lit("recommend"))
        .otherwise(None)
    )


would_recommend = Signal(
    name=NAME,
    title="Would recommend, in their own words",
    question="Do customers say that they would recommend us, or that they would warn others?",
    rule=(
        "A conversation counts as recommending where a sentence of the customer says that they would recommend the company, tell others "
        "well of it, gladly choose it again, or that it is worth going to or their favourite, and as warning where one says that they would not recommend it, warns others, "
        "will not choose it again, or gives a last word on the whole: the worst of its kind, not worth it. Praise of the best is no last word, since many who "
        "praise one thing would not recommend the rest. Where both were said, the last one counts. Nobody is asked, and most say neither."
    ),
    leaves_out=(
        "Conversations in a language that can not be read. Questions, words of others, things recommended that are not the "
        "company, and recommendations on a condition count as not said."
    ),
    columns=(
        Column(
            name="said_would_recommend",
            evidence=("recommend",),
            title="Said they'd recommend",
            unit="share",
            total="share",
            better="higher",
            about="Share of conversations that can be read in which the customer said they would recommend the company.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="would_warn_others",
            evidence=("warn",),
            title="Said they'd warn others",
            unit="share",
            total="share",
            better="lower",
            about="Share of conversations that can be read in which the customer warned others or would not recommend.",
            sql_type="BOOLEAN",
        ),
    ),
    facts=FACTS,
    unlock="Export the tickets with their comments, or load the comments of surveys.",
    version=VERSION,
    goal="trust",
    heard_from="customer",
    judge=judge,
    kinds=(
        Kind("recommend", "would recommend"),
        Kind("warn", "would warn others"),
    ),
    opportunity="Each conversation with a customer's message that can be read.",
    lexicons=(NAME, LEAVING, REFERRED),
    nearest=("support_tickets", "recommended"),
    validity_note=(
        "What is said in so many words: most who would recommend do not say so, and roundabout ways of telling others are missed. "
        "Reviews are held against their writers' own answer; the labels of threads and tickets come from language models and judge "
        "the customer's mood at the end too."
    ),
)
