"""Contained by a bot: conversations that no human answered, and how they ended; who asked for a human."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, TURN, cued, evidence, has

NAME: Final = "contained_by_bot"
VERSION: Final = 1
LEXICON: Final = "asked_for_human"

# The words of a machine have no turn; turn_index still tells where they stand among the others.
FACTS: Final = """
WITH machine AS (
    SELECT source, ticket_id, min(place) AS first_place, max(place) AS last_place
    FROM turn_index WHERE is_public AND kind = 'message' AND role IN ('bot', 'ai') GROUP BY ALL),
customer AS (
    SELECT source, ticket_id, max(place) AS last_place
    FROM turn_index WHERE is_public AND kind = 'message' AND role = 'customer' GROUP BY ALL),
said AS (
    SELECT evidence.source, evidence.ticket_id, bool_or(evidence.kind = 'asked_for_human') AS is_asked,
        max(place) FILTER (evidence.kind = 'settled') AS settled_place
    FROM evidence JOIN turn_index USING (source, ticket_id, message_id)
    WHERE evidence.measure = 'contained_by_bot' GROUP BY ALL),
told AS (
    SELECT ticket.source, ticket.ticket_id, heard.is_readable,
        CASE WHEN machine.source IS NOT NULL AND NOT ticket.is_outbound AND answered_by IN ('bot', 'ai', 'both')
            THEN answered_by <> 'both' END AS is_contained_by_bot,
        coalesce(is_asked, false) AS is_asked,
        coalesce(settled_place > machine.first_place, false) AS is_settled,
        coalesce(customer.last_place < machine.last_place, false) AS is_silent
    FROM tickets_clean ticket
    LEFT JOIN heard USING (source, ticket_id) LEFT JOIN machine USING (source, ticket_id)
    LEFT JOIN customer USING (source, ticket_id) LEFT JOIN said USING (source, ticket_id)
    WHERE ticket.left_out IS NULL)
SELECT source, ticket_id, is_contained_by_bot, is_contained_by_bot IS NOT NULL AS is_contained_by_bot_is_possible,
    coalesce(is_contained_by_bot, false) AS is_contained_and_confirmed_is_possible,
    coalesce(is_contained_by_bot, false) AS is_contained_and_silent_is_possible,
    coalesce(is_contained_by_bot, false) AS is_contained_asking_for_human_is_possible,
    CASE WHEN is_readable THEN is_asked END AS has_asked_for_human,
    CASE WHEN is_contained_by_bot AND is_readable THEN is_asked END AS is_contained_asking_for_human,
    CASE WHEN is_contained_by_bot AND is_readable THEN is_settled AND NOT is_asked END AS is_contained_and_confirmed,
    CASE WHEN is_contained_by_bot AND is_readable THEN is_silent AND NOT is_asked AND NOT is_settled END
        AS is_contained_and_silent
FROM told WHERE is_contained_by_bot IS NOT NULL OR is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence asked_for_human and settled: the first sentence of a customer's message that says either.

    What others said is left out, and settled also where it is denied, asked or supposed, and where an agent wrote; a
    message that asks for a human settles nothing.
    """
    said = cued(conversations, LEXICON, "customer", deniable=("settled",)).filter(~pl.col("is_quoted"))
    is_stated = ~pl.col("is_question") & ~pl.col("is_conditional")
    asks = said.filter(has("asks")).unique(TURN, keep="first", maintain_order=True)
    answered = conversations.messages.filter(pl.col("speaker") == "agent").select(CONVERSATION)
    settled = (
        said.filter(has("settled") & is_stated)
        .join(answered, on=CONVERSATION, how="anti", maintain_order="left")
        .join(asks.select(TURN), on=TURN, how="anti", maintain_order="left")
        .unique(TURN, keep="first", maintain_order=True)
    )
    return pl.concat(
        [
            evidence(asks, NAME, VERSION, kind="asked_for_human"),
            evidence(settled, NAME, VERSION, kind="settled"),
        ]
    )


contained_by_bot = Signal(
    name=NAME,
    title="Contained by a bot",
    question="How often does no human answer, and how do those conversations end?",
    rule=(
        "Of the tickets that a bot or an AI answered, those that no human answered are contained. A contained conversation ended with the"
        " customer asking for a human, where they ever did; else confirmed, where they said after the machine's first words that it is"
        " settled, or thanked; else silent, where the machine had the last word. Silence does not say that they were helped."
    ),
    leaves_out=(
        "Tickets that an agent opened, tickets of which the files do not say who answered, and merged, deleted, spam and test tickets; for"
        " how it ended, conversations that can not be read."
    ),
    columns=(
        Column(
            name="is_contained_by_bot",
            title="Contained by a bot",
            unit="share",
            total="share",
            better="neither",
            about="Of the tickets that a bot or an AI answered, those that no human answered.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_contained_and_confirmed",
            evidence=("settled",),
            title="Contained, and the customer confirmed",
            unit="share",
            total="share",
            better="higher",
            about="Of the contained conversations those in which the customer said that it is settled, or thanked.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_contained_and_silent",
            title="Contained, and the customer silent",
            unit="share",
            total="share",
            better="lower",
            about="Of the contained conversations those in which the machine had the last word and nothing was confirmed.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_contained_asking_for_human",
            evidence=("asked_for_human",),
            title="Contained, though they asked for a human",
            unit="share",
            total="share",
            better="lower",
            about="Of the contained conversations those in which the customer asked for a human.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="has_asked_for_human",
            evidence=("asked_for_human",),
            title="Asked for a human",
            unit="share",
            total="share",
            better="lower",
            about="Share of all conversations that can be read in which the customer asked for a human, whoever answered.",
            sql_type="BOOLEAN",
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="heard",
    heard_from="customer",
    judge=judge,
    kinds=(
        Kind("asked_for_human", "asked for a human"),
        Kind("settled", "said it is settled", is_quiet=True),
    ),
    opportunity="Each ticket that a bot or an AI answered; for asking, each conversation that can be read.",
    lexicons=(LEXICON,),
    validity_note="No conversations with bots were labelled by others, so nothing is known of how often these words are misread.",
)
