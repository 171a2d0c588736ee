"""Concreteness: whether agents name the thing, the time and the amount, or speak in words that would fit any case."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, MESSAGE, SENTENCE, evidence, hits_of, spoken
from metrics.text.shared_words import with_words, words

NAME: Final = "concreteness"
VERSION: Final = 1
FEWEST_WORDS: Final = 5  # a shorter sentence is a greeting, a name, a yes
OWN_WORD: Final = 0.35  # each of the customer's own words, two at most
MOST_OWN_WORDS: Final = 2
THRESHOLD: Final = 0.5  # how much one side must outweigh the other

FACTS: Final = """
SELECT heard.source, heard.ticket_id,
       coalesce(sum(found.value) FILTER (found.kind = 'concrete'), 0) / count(DISTINCT found.message_id)
           AS concrete_share_of_sentences,
       coalesce(sum(found.value) FILTER (found.kind = 'vague'), 0) / count(DISTINCT found.message_id)
           AS vague_share_of_sentences
FROM heard
JOIN evidence AS found
  ON found.source = heard.source AND found.ticket_id = heard.ticket_id AND found.measure = 'concreteness'
WHERE heard.is_readable
GROUP BY ALL
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence concrete and vague: of each reply the most telling sentence of either; neither: its first, where none tells.

    The value is the share of the reply's sentences that are so. Questions, quoted words and sentences of fewer than
    five words are not counted.
    """
    said = (
        spoken(conversations, "agent")
        .filter(
            ~pl.col("is_question")
            & ~pl.col("is_quoted")
            & (pl.col("text").str.count_matches(r"\w+") >= FEWEST_WORDS)
        )
        .join(_weights(conversations), on=SENTENCE, how="left", maintain_order="left")
        .join(_customers_words(conversations), on=CONVERSATION, how="left", maintain_order="left")
    )
    said = with_words(said, "own_words")
    shared = pl.col("own_words").list.set_intersection("customers_words").list.len().fill_null(0)
    concrete = pl.col("concrete").fill_null(0.0) + pl.min_horizontal(shared, MOST_OWN_WORDS) * OWN_WORD
    said = said.with_columns(balance=(concrete - pl.col("vague").fill_null(0.0)).round(6))
    said = said.with_columns(
        is_concrete=pl.col("balance") >= THRESHOLD, is_vague=pl.col("balance") <= -THRESHOLD
    )
    replies = said.group_by(MESSAGE, maintain_order=True).agg(
        pl.col("is_concrete").mean().alias("concrete_share"),
        pl.col("is_vague").mean().alias("vague_share"),
        pl.col("balance").arg_max().alias("most_concrete"),
        pl.col("balance").arg_min().alias("most_vague"),
        pl.col("start"),
        pl.col("end"),
    )
    none = replies.filter((pl.col("concrete_share") == 0) & (pl.col("vague_share") == 0))
    return pl.concat(
        [
            *(
                evidence(
                    _at(replies.filter(pl.col(f"{kind}_share") > 0), f"most_{kind}"),
                    NAME,
                    VERSION,
                    kind=kind,
                    value=pl.col(f"{kind}_share"),
                )
                for kind in ("concrete", "vague")
            ),
            evidence(_at(none.with_columns(first=0), "first"), NAME, VERSION, kind="neither", value=0.0),
        ]
    )


def _at(replies: pl.DataFrame, place: str) -> pl.DataFrame:
    """The replies with start and end of one of their sentences, by its place."""
    return replies.with_columns(
        pl.col("start").list.get(pl.col(place)), pl.col("end").list.get(pl.col(place))
    )


def _weights(conversations: Conversations) -> pl.DataFrame:
    """How concrete and how vague the cues in each agent's sentence are: each different cue counts."""
    hits = hits_of(conversations, NAME).filter(pl.col("speaker") == "agent")
    weight = pl.col("weight")
    return hits.group_by(SENTENCE, maintain_order=True).agg(
        weight.filter(pl.col("cue_kind") == "concrete").sum().alias("concrete"),
        weight.filter(pl.col("cue_kind") == "vague").sum().alias("vague"),
    )


def _customers_words(conversations: Conversations) -> pl.DataFrame:
    """The words of all that the customer wrote in a conversation."""
    own = conversations.messages.filter((pl.col("speaker") == "customer") & pl.col("turn").is_not_null())
    return (
        own.group_by(CONVERSATION, maintain_order=True)
        .agg(pl.col("text").str.join(" "))
        .select(*CONVERSATION, customers_words=words(pl.col("text")))
    )


concreteness = Signal(
    name=NAME,
    title="Concrete words",
    question="Do our answers name the thing, the day and the amount, or would they fit any case?",
    rule=(
        "A sentence of an agent is concrete where amounts, days, hours, numbers, causes, deeds and the customer's own words in it outweigh"
        ' words that fit any case, such as "the issue", "as soon as possible" or "the relevant team"; it is vague where these outweigh'
        " the others, and neither where nothing outweighs. The shares are of a reply's sentences, averaged over a conversation's replies."
    ),
    leaves_out=(
        f"Conversations in a language that can not be read; questions, quoted words and sentences of fewer than {FEWEST_WORDS} words."
    ),
    columns=(
        Column(
            name="concrete_share_of_sentences",
            evidence=("concrete",),
            title="Concrete sentences",
            unit="share",
            total="mean",
            better="higher",
            about="Of the sentences of agents' replies those that are concrete, averaged over conversations.",
        ),
        Column(
            name="vague_share_of_sentences",
            evidence=("vague",),
            title="Vague sentences",
            unit="share",
            total="mean",
            better="lower",
            about="Of the sentences of agents' replies those that are vague, averaged over conversations.",
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="heard",
    heard_from="agent",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("vague", "vague"),
        Kind("concrete", "concrete", is_quiet=True),
        Kind("neither", "neither concrete nor vague", is_quiet=True),
    ),
    opportunity="Each conversation that can be read with a sentence of an agent that states something.",
    lexicons=(NAME,),
    validity_note="No replies were labelled for this by others, so nothing is known of how often they are misread.",
)
