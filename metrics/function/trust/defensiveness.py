"""Defensiveness: replies that defend the company instead of taking the customer's point."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import MESSAGE, SENTENCE, TURN, cued, evidence, has, spoken

NAME: Final = "defensiveness"
VERSION: Final = 4
THRESHOLD: Final = 1.0  # the weights of a sentence's cues sum up to so much, or it is no evidence
DENIABLE: Final = ("conceding", "minimising")
# The kinds that are evidence, in the order in which they speak for a sentence that holds several.
KINDS: Final = ("blaming", "denying", "policy", "minimising", "justifying", "defending")
# Who quarrels speaks of the other: each "you" adds so much to the score of a message.
EACH_YOU: Final = 0.3
_YOU: Final = r"(?i)\b(?:you|your|yours|yourself|you're|you've|you'd|you'll)\b"

FACTS: Final = """
WITH flagged AS (
    SELECT source, ticket_id, bool_or(kind = 'minimising') AS is_minimised
    FROM evidence
    WHERE measure = 'defensiveness'
    GROUP BY ALL)
SELECT heard.source, heard.ticket_id,
       flagged.ticket_id IS NOT NULL AS has_defensive_reply,
       coalesce(flagged.is_minimised, false) AS has_minimising_reply
FROM heard
LEFT JOIN flagged USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 0 AND heard.count_agent_turns > 0
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence justifying, denying, blaming, policy, minimising and defending: agents' sentences that defend, value their weight.

    A sentence that holds several kinds is evidence of the one that comes first in KINDS. Quoted words give none, nor do
    turns before the customer's first, nor those that take the point.
    """
    said = cued(conversations, NAME, "agent", deniable=DENIABLE)
    granted = said.filter(has("conceding")).select(*TURN).unique()
    asked = (
        spoken(conversations, "customer")
        .group_by("source", "ticket_id")
        .agg(pl.col("turn").min().alias("first_asked"))
    )
    kind = pl.coalesce([pl.when(has(each)).then(pl.lit(each)) for each in KINDS])
    flagged = (
        said.join(_weighed(conversations, KINDS), on=SENTENCE, how="inner", maintain_order="left")
        .filter(
            (pl.col("own_weight") >= THRESHOLD)
            & ~pl.col("is_quoted")
            & ~(has("minimising") & (has("howto") | pl.col("is_question")))
        )
        .join(granted, on=TURN, how="anti", maintain_order="left")
        .join(asked, on=["source", "ticket_id"], how="inner", maintain_order="left")
        .filter(pl.col("turn") > pl.col("first_asked"))
    )
    return evidence(flagged, NAME, VERSION, kind=kind, value=pl.col("own_weight"))


def scores(conversations: Conversations) -> pl.DataFrame:
    """How much each of the agents' messages quarrels: source, ticket_id, message_id, score; every message has a row.

    The weights of all kinds of cue, each once a sentence, and a little for each "you", over the root of the number of
    sentences: long messages hold more of everything.
    """
    cues = cued(conversations, NAME, "agent", deniable=DENIABLE).select(*SENTENCE, "weight")
    return (
        spoken(conversations, "agent")
        .join(cues, on=SENTENCE, how="left", maintain_order="left")
        .group_by(*MESSAGE, maintain_order=True)
        .agg(
            score=(
                pl.col("weight").sum() + EACH_YOU * pl.col("text").str.count_matches(_YOU).sum()
            )
            / pl.len().sqrt()
        )
    )  # fmt: skip


def _weighed(conversations: Conversations, kinds: tuple[str, ...]) -> pl.DataFrame:
    """The agents' sentences with the weight of these kinds alone, each by its weightiest cue."""
    kind = pl.col("cue_kind")
    hits = conversations.hits.filter(
        (pl.col("lexicon") == NAME)
        & (pl.col("speaker") == "agent")
        & kind.is_in(list(kinds))
        & ~(kind.is_in(list(DENIABLE)) & pl.col("is_negated"))
    )
    return (
        hits.group_by(*SENTENCE, "cue_kind")
        .agg(pl.col("weight").max())
        .group_by(*SENTENCE)
        .agg(pl.col("weight").sum().round(6).alias("own_weight"))
    )


defensiveness = Signal(
    name=NAME,
    title="Defensive replies",
    question="Do our replies take the customer's point, or defend us against it?",
    rule=(
        "A reply is defensive where a sentence of it denies that anything went wrong, blames the customer, puts a rule in place of an "
        "answer, makes the harm small or rare, justifies the company by how busy or careful it is, or defends it by its words together. The weights of a sentence's cues "
        f"must sum up to {THRESHOLD:g}: a cause or a reason of security alone may be a plain answer. Replies that grant the point or own the "
        "fault are not counted."
    ),
    leaves_out=(
        "Conversations in a language that can not be read or without a reply. Quoted words of others, bots and automatic replies. "
        "What an agent says before the customer has written."
    ),
    columns=(
        Column(
            name="has_defensive_reply",
            title="Defensive reply",
            unit="share",
            total="share",
            better="lower",
            about="Share of answered conversations with at least one reply that defends instead of taking the point.",
            sql_type="BOOLEAN",
            evidence=KINDS,
        ),
        Column(
            name="has_minimising_reply",
            title="Made small",
            unit="share",
            total="share",
            better="lower",
            about="Share of answered conversations in which a reply called the harm rare, small or normal.",
            sql_type="BOOLEAN",
            evidence=("minimising",),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="agent",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("blaming", "blames the customer"),
        Kind("denying", "denies"),
        Kind("policy", "hides behind policy"),
        Kind("minimising", "makes it small"),
        Kind("justifying", "justifies"),
        Kind("defending", "defends us"),
    ),
    opportunity="Each conversation with a customer's message and a reply to it that can be read.",
    lexicons=(NAME,),
    nearest=("support_tickets", "defensive"),
    validity_note=(
        "Labelled by language models on few replies; not validated by people on support replies. People labelled editors who quarrel, "
        "where the score ranks by harsher cues too that are no evidence here. In short tweets most defensive replies are plain facts "
        "at the wrong moment, which words do not show. Of new sentences and replies written as a check half were found, four in five of "
        "them right: a conversation without a mark may be defensive all the same."
    ),
)
