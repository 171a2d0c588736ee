"""Wishes to cancel, return, be refunded or leave, and how we took them."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, MESSAGE, cued, evidence, has, is_anothers, spoken

NAME: Final = "exit_wish"
VERSION: Final = 4
GREETING: Final = 20  # code points; so short a sentence is a greeting and not what a reply says

FACTS: Final = """
WITH wished AS (
    SELECT DISTINCT source, ticket_id, message_id FROM evidence WHERE measure = 'exit_wish' AND kind = 'wish'),
handled AS (
    SELECT source, ticket_id, refers_to_message AS message_id, any_value(kind) AS handled
    FROM evidence WHERE measure = 'exit_wish' AND kind IN ('honoured', 'argued', 'ignored') GROUP BY ALL),
counted AS (
    SELECT source, ticket_id, count(handled) AS answered, count(*) FILTER (handled = 'honoured') AS honoured,
        count(*) FILTER (handled = 'argued') AS argued, count(*) FILTER (handled = 'ignored') AS ignored
    FROM wished LEFT JOIN handled USING (source, ticket_id, message_id) GROUP BY ALL)
SELECT heard.source, heard.ticket_id,
    answered IS NOT NULL AS has_exit_wish,
    honoured / nullif(answered, 0) AS share_exits_honoured,
    argued / nullif(answered, 0) AS share_exits_argued,
    ignored / nullif(answered, 0) AS share_exits_ignored
FROM heard LEFT JOIN counted USING (source, ticket_id)
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence wish (the sentence), and how the replies took it: honoured, argued or ignored.

    The latter are words of an agent, refer to the message of the wish and stand once for it: the first reply that does it or argues counts;
    where none does, the first thing said in the next reply. A wish that nobody answered has none of them.
    """
    wishes = cued(conversations, NAME, "customer").filter(
        (has("firm") | (has("wish") & ~has("others"))) & ~has("none") & ~is_anothers()
    )
    asked = wishes.select(*MESSAGE, "turn").unique(maintain_order=True)
    taken = (
        cued(conversations, NAME, "agent", deniable=("honoured",))
        .filter(has("honoured", "argued"))
        .with_columns(
            handled=pl.when(has("honoured") & ~has("argued"))
            .then(pl.lit("honoured"))
            .otherwise(pl.lit("argued"))
        )
        .select(*MESSAGE, "turn", "start", "end", "handled")
    )
    said = spoken(conversations, "agent").with_columns(
        handled=pl.lit("ignored"), is_short=pl.col("text").str.len_chars() < GREETING
    )
    first = pl.concat(
        [
            _next(asked, taken),
            _next(
                asked,
                said.sort("is_short", maintain_order=True).sort(*CONVERSATION, "turn", maintain_order=True),
            ),
        ]
    )
    first = first.group_by("source", "ticket_id", "wish", maintain_order=True).first()
    return pl.concat(
        [
            evidence(wishes, NAME, VERSION, kind="wish"),
            evidence(first, NAME, VERSION, kind=pl.col("handled"), refers_to=pl.col("wish")),
        ]
    )


def _next(asked: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """For each message that was asked the first of these sentences of a later turn; `wish` is the message."""
    pairs = asked.select(*CONVERSATION, wish="message_id", asked_at="turn").join(
        said.select(*MESSAGE, "turn", "start", "end", "handled"), on=CONVERSATION, maintain_order="left_right"
    )
    return (
        pairs.filter(pl.col("turn") > pl.col("asked_at"))
        .group_by("source", "ticket_id", "wish", maintain_order=True)
        .first()
        .select(*MESSAGE, "wish", "start", "end", "handled")
    )


def _share(name: str, title: str, better: Any, about: str) -> Column:
    return Column(
        name=f"share_exits_{name}",
        title=title,
        unit="share",
        total="mean",
        better=better,
        evidence=(name,),
        about=about,
    )


exit_wish = Signal(
    name=NAME,
    title="Wishes to leave",
    question="Who wanted to cancel, return something, have their money back or leave, and how did we take it?",
    rule=(
        "A sentence of a customer that asks to cancel, to return something, for the money back or to be let go is a wish to leave. "
        "It is honoured where the first later reply that speaks of it does it, has done it or says how it will go; argued with "
        "where that reply makes an offer to stay, asks whether they are sure, or puts a fee, a term, a form or a call in the way; "
        "and ignored where the customer was answered and no reply speaks of it."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, words of others, what somebody else cancelled, and refunds that came. "
        "Wishes that no agent answered have a place in the share of conversations alone."
    ),
    columns=(
        Column(
            name="has_exit_wish", title="Wished to leave", unit="share", total="share", better="lower", evidence=("wish",),
            about="Share of conversations that can be read in which the customer asked to cancel, return, be refunded or leave.",
            sql_type="BOOLEAN",
        ),
        _share("honoured", "Exit honoured", "higher", "Share of a conversation's answered wishes to leave that were met."),
        _share("argued", "Exit argued with", "lower", "Share of a conversation's answered wishes to leave that met an offer or a hurdle."),
        _share("ignored", "Exit ignored", "lower", "Share of a conversation's answered wishes to leave that no reply spoke of."),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("wish", "wish to leave"),
        Kind("honoured", "exit honoured"),
        Kind("argued", "exit argued with"),
        Kind("ignored", "exit passed over"),
    ),
    opportunity="Each conversation with a customer's message that can be read; for how it was taken, each wish that was answered.",
    lexicons=(NAME,),
    nearest=("support_tickets", "exit_wish"),
    validity_note=(
        "Labelled by language models on written tickets, with few wishes in them. Of new wishes written as a check in many ways, it caught two fifths of roundabout and four fifths of plain ones, and an eighth of what it found was none; wishes told by their reason alone are missed. How a wish was taken is read from single words: "
        "a rule that was asked for and an argument look alike."
    ),
)  # fmt: skip
