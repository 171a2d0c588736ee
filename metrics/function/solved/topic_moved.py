"""What the first message asked against what it was about in the end, and agreement on what lies behind it. Experimental."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.answers import LEXICON as RECEIPTS
from metrics.text.answers import answers
from metrics.text.said import CONVERSATION, cued, evidence, has, spoken
from metrics.text.shared_words import with_words

NAME: Final = "topic_moved"
VERSION: Final = 1
FEWEST: Final = 12  # words with a meaning of their own, in the first part and in the last
SHORTEST: Final = FEWEST * 4  # code points that as many words take at least, with their spaces
MOVED: Final = 0.9  # share of new words from which a conversation counts as moved
LAST_PART: Final = 3  # the last third of the customer's turns after our first answer

FACTS: Final = """
WITH told AS (
    SELECT source, ticket_id,
        max(value) FILTER (kind IN ('moved', 'stayed')) AS new_share,
        bool_or(kind = 'moved') AS is_moved,
        bool_or(kind = 'root') AS has_root,
        bool_or(kind = 'agreed') AS is_agreed
    FROM evidence WHERE measure = 'topic_moved' GROUP BY source, ticket_id)
SELECT heard.source, heard.ticket_id,
    new_share AS new_words_share,
    CASE WHEN new_share IS NOT NULL THEN is_moved END AS is_topic_moved,
    CASE WHEN has_root THEN is_agreed END AS is_root_agreed
FROM heard
JOIN told USING (source, ticket_id)
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence moved or stayed: the sentence of the customer's last part with most words new against their first part.

    Its value is the share of new words in the whole last part; none where either part holds fewer than twelve words with
    a meaning of their own. root: our first sentence that names the cause or asks what lies behind, where the customer wrote
    after it; agreed: the customer's next words after it that agree, referring to that message.
    """
    moved = _moved(conversations)
    named, agreed = _agreed(conversations)
    is_moved = pl.col("share") >= MOVED
    return pl.concat(
        [
            evidence(
                moved, NAME, VERSION,
                kind=pl.when(is_moved).then(pl.lit("moved")).otherwise(pl.lit("stayed")), value=pl.col("share"),
            ),
            evidence(named, NAME, VERSION, kind="root"),
            evidence(agreed, NAME, VERSION, kind="agreed", refers_to=pl.col("named_in")),
        ]
    )  # fmt: skip


def _moved(conversations: Conversations) -> pl.DataFrame:
    """One row a conversation with enough words on both sides: its newest sentence and the `share` of new words."""
    first_answer = (
        answers(conversations).group_by(CONVERSATION).agg(pl.col("turn").min().alias("answer_turn"))
    )
    said = spoken(conversations, "customer").join(
        first_answer, on=CONVERSATION, how="inner", maintain_order="left"
    )
    is_after = pl.col("turn") > pl.col("answer_turn")
    length = pl.col("text").str.len_chars()
    long = said.group_by(CONVERSATION).agg(
        pl.min_horizontal(length.filter(is_after).sum(), length.filter(~is_after).sum()).alias("length")
    )
    enough = long.filter(pl.col("length") >= SHORTEST).select(CONVERSATION)
    said = with_words(said.join(enough, on=CONVERSATION, how="semi", maintain_order="left"), "words")
    first = _words_of(said.filter(~is_after), "first_words")
    after = said.filter(is_after).with_columns(
        pl.col("turn").rank("dense").over(CONVERSATION).alias("number")
    )
    count = pl.col("number").max().over(CONVERSATION).cast(pl.Int64)
    last = after.filter(
        count - pl.col("number").cast(pl.Int64) < (count + LAST_PART - 1) // LAST_PART
    )  # fmt: skip
    both = (
        first.join(_words_of(last, "last_words"), on=CONVERSATION)
        .filter(pl.all_horizontal(pl.col("first_words", "last_words").list.len() >= FEWEST))
        .with_columns(
            (
                pl.col("last_words").list.set_difference("first_words").list.len()
                / pl.col("last_words").list.len()
            )
            .round(6)
            .alias("share")
        )
    )
    return (
        last.join(both, on=CONVERSATION, how="inner", maintain_order="left")
        .with_columns(pl.col("words").list.set_difference("first_words").list.len().alias("new"))
        .sort(*CONVERSATION, "new", "turn", "start", descending=[False, False, True, False, False])
        .unique(CONVERSATION, keep="first", maintain_order=True)
    )


def _words_of(said: pl.DataFrame, name: str) -> pl.DataFrame:
    """The words with a meaning of their own that all sentences of a conversation hold, each once."""
    return (
        said.group_by(CONVERSATION, maintain_order=True)
        .agg(pl.col("words").explode())
        .select(*CONVERSATION, pl.col("words").list.drop_nulls().list.unique(maintain_order=True).alias(name))
    )


def _agreed(conversations: Conversations) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Our first sentence that goes to the root, where the customer wrote after it, and their agreement in what they wrote next."""
    said = spoken(conversations, "customer")
    last = said.group_by(CONVERSATION).agg(pl.col("turn").max().alias("last_turn"))
    named = (
        cued(conversations, NAME, "agent", deniable=("root",))
        .filter(has("asks_behind") | (has("root") & ~pl.col("is_conditional")))
        .join(last, on=CONVERSATION, how="inner", maintain_order="left")
        .filter(pl.col("turn") < pl.col("last_turn"))
        .unique(CONVERSATION, keep="first", maintain_order=True)
    )
    after = named.select(
        *CONVERSATION, pl.col("turn").alias("named_turn"), pl.col("message_id").alias("named_in")
    )
    reply = (
        said.join(after, on=CONVERSATION)
        .filter(pl.col("turn") > pl.col("named_turn"))
        .group_by(CONVERSATION)
        .agg(pl.col("turn").min().alias("reply_turn"))
    )
    agreed = (
        cued(conversations, NAME, "customer", deniable=("agrees",))
        .filter(~pl.col("is_question"))
        .join(after, on=CONVERSATION, how="inner", maintain_order="left")
        .join(reply, on=CONVERSATION, how="inner", maintain_order="left")
        .filter(pl.col("turn") == pl.col("reply_turn"))
        .unique(CONVERSATION, keep="first", maintain_order=True)
    )
    return named, agreed


topic_moved = Signal(
    name=NAME,
    title="Asked one thing, was about another",
    question="Was what customers asked first what it was about in the end, and did we agree on what lay behind it?",
    rule=(
        "The words with a meaning of their own that a customer wrote before our first answer are set against those of the last third of "
        f"their messages after it; where {MOVED:.0%} or more of the last are new, the topic moved. Words are compared by their first "
        f"five letters, and either part needs {FEWEST}. Agreement: we named the cause or asked what lies behind it, and what the customer "
        "wrote next agrees."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, those in which either part is too short, and for agreement "
        "those in which we named no cause or the customer wrote nothing after it. A first subject line is not read."
    ),
    columns=(
        Column(
            name="is_topic_moved",
            title="Topic moved",
            unit="share",
            total="share",
            better="neither",
            about=f"Of the customer's last words {MOVED:.0%} or more are new against their first; null where either are too few.",
            sql_type="BOOLEAN",
            evidence=("moved",),
        ),
        Column(
            name="new_words_share",
            title="New words in the end",
            unit="share",
            total="mean",
            better="neither",
            about="Share of the words in the customer's last part that are not in their first; null where either are too few.",
            evidence=("moved", "stayed"),
        ),
        Column(
            name="is_root_agreed",
            title="Agreed on the root of it",
            unit="share",
            total="share",
            better="higher",
            about="The customer agreed with the cause we named, or with what we asked lies behind; null where we did neither.",
            sql_type="BOOLEAN",
            evidence=("agreed", "root"),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("moved", "about something else in the end"),
        Kind("stayed", "still about the first matter", is_quiet=True),
        Kind("root", "what lies behind it", is_quiet=True),
        Kind("agreed", "agreed on what lies behind it"),
    ),
    opportunity="Each conversation that can be read with enough words of the customer's before our first answer and in the end.",
    lexicons=(NAME, RECEIPTS),
    validity_note=(
        "Nobody has labelled it. New words are a weak sign: a customer who tells the same matter in other words, or thanks at "
        "length, looks like one who came to speak of another."
    ),
)
