"""Closed while waiting: solved or closed although the customer had the last word, and it waited for an answer."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, MESSAGE, SENTENCE, cued, evidence, has, spoken

NAME: Final = "closed_while_waiting"
VERSION: Final = 1
ENDED: Final = ("solved", "closed")
UNHAPPY: Final = -0.15  # mean mood of the last words

FACTS: Final = """
SELECT heard.source, heard.ticket_id, found.ticket_id IS NOT NULL AS is_closed_while_waiting
FROM heard
JOIN tickets_clean ticket USING (source, ticket_id)
LEFT JOIN (SELECT DISTINCT source, ticket_id FROM evidence WHERE measure = 'closed_while_waiting') found
    USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 0 AND ticket.status IN ('solved', 'closed')
    AND ticket.answered_by IN ('human', 'both', 'nobody')
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence waiting: in conversations that are over, a sentence of the customer's last words that waits for an answer.

    The last words are all their messages after our last reply. They wait where they ask something, are unhappy, or answer
    a question of ours, and do not merely thank, agree or say goodbye. The sentence is the first that asks, else the unhappiest.
    """
    over = conversations.tickets.filter(pl.col("status").is_in(ENDED)).select(CONVERSATION)
    last = _last_words(conversations).join(over, on=CONVERSATION, how="semi", maintain_order="left")
    cues = cued(conversations, NAME, "customer").select(*SENTENCE, "kinds")
    questioned = _questioned(conversations).with_columns(is_questioned=pl.lit(True))
    said = (
        last.join(cues, on=SENTENCE, how="left", maintain_order="left")
        .join(questioned, on=CONVERSATION, how="left", maintain_order="left")
        .with_columns(
            asks=pl.col("is_question") | has("asks").fill_null(False),
            closes=has("closing").fill_null(False),
            mood=pl.col("polarity").fill_null(0.0),
        )
    )
    asks, closes = pl.col("asks").any(), pl.col("closes").any()
    is_unhappy = pl.col("mood").mean() <= UNHAPPY
    is_answer = pl.col("is_questioned").any() & ~closes & (pl.col("mood").mean() < -UNHAPPY)
    each = said.group_by(CONVERSATION, maintain_order=True).agg(
        waits=asks | (is_unhappy & ~closes) | is_answer.fill_null(False)
    )
    waits = said.join(each.filter("waits"), on=CONVERSATION, how="semi", maintain_order="left")
    rank = pl.when("asks").then(-2.0).otherwise("mood")
    chosen = waits.filter(rank == rank.min().over(CONVERSATION)).unique(
        CONVERSATION, keep="first", maintain_order=True
    )
    return evidence(chosen, NAME, VERSION, kind="waiting")


def _questioned(conversations: Conversations) -> pl.DataFrame:
    """The conversations whose last reply asks something that is more than "anything else?"."""
    said = spoken(conversations, "agent")
    last = said.filter(pl.col("turn") == pl.col("turn").max().over(CONVERSATION))
    is_open = pl.col("is_question") & ~pl.col("text").str.contains(
        r"(?i)\b(?:anything|something) (?:else|more)\b"
    )
    return last.filter(is_open).select(CONVERSATION).unique()


def _last_words(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences after the last reply, quoted words left out."""
    turns = conversations.messages.filter(pl.col("turn").is_not_null())
    replied = (
        turns.filter(pl.col("speaker") == "agent").group_by(CONVERSATION).agg(last_reply=pl.col("turn").max())
    )
    own = turns.filter(pl.col("speaker") == "customer").join(
        replied, on=CONVERSATION, how="left", maintain_order="left"
    )
    last = own.filter((pl.col("turn") > pl.col("last_reply")).fill_null(True)).select(MESSAGE)
    return (
        spoken(conversations, "customer")
        .filter(~pl.col("is_quoted"))
        .join(last, on=MESSAGE, how="semi", maintain_order="left")
    )


closed_while_waiting = Signal(
    name=NAME,
    title="Closed while they waited",
    question="How many tickets were closed while the customer waited for an answer?",
    rule=(
        "Tickets that are solved or closed although the customer wrote last, and what they wrote after our last reply, or "
        "without any reply, asks for something, is unhappy, or answers a question of ours. Mere thanks, agreement or goodbye "
        "waits for nothing."
    ),
    leaves_out=(
        "Tickets that are not solved or closed, conversations in a language that can not be read, and those that only a "
        "machine answered. Words spoken on the phone or in a channel that is not in the file are not seen."
    ),
    columns=(
        Column(
            name="is_closed_while_waiting",
            title="Closed while they waited",
            unit="share",
            total="share",
            better="lower",
            about="The ticket is over, and the customer's last words wait for an answer.",
            sql_type="BOOLEAN",
            evidence=("waiting",),
        ),
    ),
    facts=FACTS,
    unlock="Export the tickets with their comments and status.",
    version=VERSION,
    goal="solved",
    heard_from="customer",
    judge=judge,
    opportunity="Each solved or closed ticket with a customer's message that can be read and that people could answer.",
    lexicons=(NAME,),
    kinds=(Kind("waiting", "waits for an answer"),),
    validity_note="No labelled rows say so: not validated.",
)
