"""Stalemate: the same points again and again, on both sides, and nothing that moved."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.answers import LEXICON as RECEIPTS
from metrics.text.asked_again import asked_again
from metrics.text.endings import LEXICON as ENDING
from metrics.text.endings import endings
from metrics.text.repeats import LEXICON as REPEATS
from metrics.text.repeats import moved, repeated, restated
from metrics.text.said import CONVERSATION, MESSAGE, TURN, cued, evidence, has

NAME: Final = "stalemate"
VERSION: Final = 2
TIMES: Final = (
    2  # messages after our first reply in which the customer says the same again, whatever we answered
)
SPAN: Final = [*MESSAGE, "turn", "start", "end"]

FACTS: Final = """
SELECT heard.source, heard.ticket_id, found.ticket_id IS NOT NULL AS is_stalemate
FROM heard
LEFT JOIN (SELECT DISTINCT source, ticket_id FROM evidence WHERE measure = 'stalemate') found USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 1 AND heard.count_agent_turns > 1
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence customer_same and agent_same (with the customer's message before it) of conversations that stand still."""
    customer, agent = _customer_same(conversations), _agent_same(conversations)
    met = customer.select(CONVERSATION).unique().join(agent.select(CONVERSATION).unique(), on=CONVERSATION)
    last = customer.group_by(CONVERSATION).agg(last=pl.col("turn").max(), times=pl.len())
    insisted = last.filter(pl.col("times") >= TIMES)
    went_on = moved(conversations).join(last, on=CONVERSATION).filter(pl.col("turn") >= pl.col("last"))
    ended = endings(conversations).select(*CONVERSATION, "ending")
    left = _replied_in_vain(conversations).join(
        ended.filter(pl.col("ending") == "open"), on=CONVERSATION, how="semi"
    )
    still = pl.concat([met, insisted.select(CONVERSATION), left]).join(went_on, on=CONVERSATION, how="anti")
    still = still.join(ended.filter(pl.col("ending") == "confirmed"), on=CONVERSATION, how="anti")
    customer = customer.join(still, on=CONVERSATION, how="semi", maintain_order="left")
    agent = agent.join(still, on=CONVERSATION, how="semi", maintain_order="left")
    answered = agent.join(_message_before(conversations), on=TURN, how="left", maintain_order="left")
    return pl.concat(
        [
            evidence(customer, NAME, VERSION, kind="customer_same"),
            evidence(answered, NAME, VERSION, kind="agent_same", refers_to=pl.col("before")),
        ]
    )


def _replied_in_vain(conversations: Conversations) -> pl.DataFrame:
    """The conversations in which the customer said it again after a reply, and was replied to once more."""
    again = repeated(conversations).filter("is_repeat").select(*CONVERSATION, "turn")
    replies = (
        conversations.messages.filter((pl.col("speaker") == "agent") & pl.col("turn").is_not_null())
        .group_by(CONVERSATION)
        .agg(first_reply=pl.col("turn").min(), last_reply=pl.col("turn").max())
    )
    between = (pl.col("turn") > pl.col("first_reply")) & (pl.col("turn") < pl.col("last_reply"))
    return again.join(replies, on=CONVERSATION).filter(between).select(CONVERSATION).unique()


def _customer_same(conversations: Conversations) -> pl.DataFrame:
    """The customers' sentences that repeat or chase after a reply, or say that it goes in circles; one a message."""
    circles = cued(conversations, NAME, "customer").filter(has("circle") & ~pl.col("is_quoted"))
    said = pl.concat([repeated(conversations).select(SPAN), circles.select(SPAN)])
    replied = (
        conversations.messages.filter((pl.col("speaker") == "agent") & pl.col("turn").is_not_null())
        .group_by(CONVERSATION)
        .agg(first_reply=pl.col("turn").min())
    )
    later = said.join(replied, on=CONVERSATION, maintain_order="left").filter(
        pl.col("turn") > pl.col("first_reply")
    )
    return _one_a_message(later)


def _agent_same(conversations: Conversations) -> pl.DataFrame:
    """The agents' sentences that say, ask or refuse the same again; one a message."""
    said = cued(conversations, NAME, "agent").filter(~pl.col("is_quoted"))
    refusals = said.filter(has("denies"))
    again = refusals.filter(pl.col("turn") > pl.col("turn").min().over(CONVERSATION))
    parts = [
        said.filter(has("stands_pat")),
        again,
        restated(conversations, "agent"),
        asked_again(conversations),
    ]
    return _one_a_message(pl.concat([part.select(SPAN) for part in parts]))


def _one_a_message(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.unique(MESSAGE, keep="first", maintain_order=True).sort(*TURN)


def _message_before(conversations: Conversations) -> pl.DataFrame:
    """Of each turn the customer's last message before it."""
    own = pl.when(pl.col("speaker") == "customer").then(pl.col("message_id"))
    said = conversations.messages.filter(pl.col("turn").is_not_null())
    return said.select(*TURN, before=own.forward_fill().over(CONVERSATION))


stalemate = Signal(
    name=NAME,
    title="Stalemate",
    question="Where do both sides say the same again and again?",
    rule=(
        "After our first reply the customer repeats themselves, chases, or says that it goes round in circles; a reply says "
        "the same again, asks again, or refuses or refers to procedure for the second time, or the customer does so in "
        f"{TIMES} messages, or it ends open after the reply to what they said again; and nothing the customer says after "
        "that tells that it moved or was settled."
    ),
    leaves_out="Conversations in a language that can not be read, and those with fewer than two messages of either side.",
    columns=(
        Column(
            name="is_stalemate",
            title="Stalemate",
            unit="share",
            total="share",
            better="lower",
            about="Customer and agent said the same again and it did not move from there.",
            sql_type="BOOLEAN",
            evidence=("customer_same", "agent_same"),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="both",
    judge=judge,
    opportunity="Each conversation that can be read, with two messages or more of the customer and of agents.",
    lexicons=(NAME, REPEATS, ENDING, RECEIPTS),
    kinds=(
        Kind("customer_same", "the same again"),
        Kind("agent_same", "the same answer again"),
    ),
    nearest=("support_tickets", "stalemate"),
    validity_note="Labelled by language models: seven of 45 conversations. Whether a talk stands still is soft even for people.",
)
