"""Made to repeat: customers who had to say it again, who chased an answer, or who were asked for what they gave."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.asked_again import asked_again
from metrics.text.repeats import LEXICON, follow_ups, repeated
from metrics.text.said import MESSAGE, evidence, spoken

NAME: Final = "made_to_repeat"
VERSION: Final = 5

FACTS: Final = """
SELECT heard.source, heard.ticket_id,
    coalesce(found.is_repeated OR found.is_asked_again, false) AS is_made_to_repeat,
    coalesce(found.is_chased, false) AS has_chased,
    CASE WHEN heard.count_agent_turns > 0 THEN coalesce(found.is_asked_again, false) END AS is_asked_again
FROM heard
LEFT JOIN (
    SELECT source, ticket_id, bool_or(kind = 'repeat') AS is_repeated, bool_or(kind = 'chase') AS is_chased,
        bool_or(kind = 'asked_again') AS is_asked_again
    FROM evidence WHERE measure = 'made_to_repeat' GROUP BY ALL) found USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 0
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence repeat and chase (the customer's sentences), asked_again (the agent's, with the message that had it)."""
    said = repeated(conversations)
    again = asked_again(conversations)
    parts = [
        evidence(said.filter("is_repeat"), NAME, VERSION, kind="repeat"),
        evidence(said.filter("is_chase"), NAME, VERSION, kind="chase"),
        evidence(_bare(conversations, said), NAME, VERSION, kind="chase"),
        evidence(again, NAME, VERSION, kind="asked_again", refers_to=pl.col("given_in")),
    ]
    return pl.concat(parts)


def _bare(conversations: Conversations, said: pl.DataFrame) -> pl.DataFrame:
    """The first sentence that asks something in a message sent hours after their own last one, before any reply."""
    follow = follow_ups(conversations).join(said, on=MESSAGE, how="anti", maintain_order="left")
    asking = spoken(conversations, "customer").filter(pl.col("is_question") & ~pl.col("is_quoted"))
    return asking.join(follow.select(MESSAGE), on=MESSAGE, how="semi", maintain_order="left").unique(
        MESSAGE, keep="first", maintain_order=True
    )


made_to_repeat = Signal(
    name=NAME,
    title="Made to repeat themselves",
    question="How often do customers have to say it again, chase us, or give what they had given?",
    rule=(
        "A conversation counts where the customer says that they told, sent or asked it before, points back at what a "
        "reply passed by, or says again almost nothing but what stands in an earlier message of theirs; and where an "
        "agent asks for what the customer had written down. Chasing is counted apart: an answer that did not come, a "
        "promise that is overdue, or a question sent hours after the last message without a reply in between."
    ),
    leaves_out=(
        "Conversations in a language that can not be read. Quoted words and conditions count as not said. What only a "
        "form field held is not seen."
    ),
    columns=(
        Column(
            name="is_made_to_repeat",
            title="Made to repeat",
            unit="share",
            total="share",
            better="lower",
            about="The customer had to say it again, or was asked for what stands earlier in their own words.",
            sql_type="BOOLEAN",
            evidence=("repeat", "asked_again"),
        ),
        Column(
            name="has_chased",
            title="Had to chase",
            unit="share",
            total="share",
            better="lower",
            about="The customer asked where the answer stays, or what had been promised.",
            sql_type="BOOLEAN",
            evidence=("chase",),
        ),
        Column(
            name="is_asked_again",
            title="Asked again for what was given",
            unit="share",
            total="share",
            better="lower",
            about="An agent asked for what stands earlier in the customer's own words; of conversations with a reply.",
            sql_type="BOOLEAN",
            evidence=("asked_again",),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="both",
    judge=judge,
    opportunity="Each conversation with a customer's message that can be read; for asking again, with a reply too.",
    lexicons=(LEXICON,),
    kinds=(
        Kind("repeat", "says it again"),
        Kind("chase", "chases an answer"),
        Kind("asked_again", "asked for what was given"),
    ),
    nearest=("support_tickets", "repeat or chase"),
    validity_note=(
        "Labelled by language models, few rows. On wordings nobody had thought of before, about half of the repeats, six "
        "in ten chasers and half of what is asked again are found; one repeat in four that is found is none. The rest are said in ever new ways. Customers who say the "
        "same in other words, without a hint that they said it before, are missed; so is a request for what a form or an "
        "attachment already held."
    ),
)
