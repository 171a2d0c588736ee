"""What broke: the words with which a customer, before any reply, names the failure or the promise that was not kept."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import CONVERSATION, SENTENCE, cued, evidence, is_cited

NAME: Final = "what_broke"
VERSION: Final = 1
# The kinds, the most telling first: a sentence that holds several is the first of them.
KINDS: Final = (
    Kind("broken_promise", "promise not kept"),
    Kind("wrong_charge", "wrong charge"),
    Kind("not_arrived", "did not arrive"),
    Kind("no_access", "no access"),
    Kind("fault", "does not work"),
    Kind("change_made", "something we changed"),
)
_ABOUT: Final = {
    "broken_promise": "The customer names something that was told, booked or agreed and did not come true.",
    "wrong_charge": "The customer names a charge, bill or price that is wrong or was not agreed.",
    "not_arrived": "The customer names a delivery, payment or message that did not come.",
    "no_access": "The customer names an account, card or login that they can not use.",
    "fault": "The customer names a thing or service that does not work, is damaged or is not what was ordered.",
    "change_made": "The customer names something that we changed: a price, a version, terms, a function taken away.",
}

_ANY: Final = ",\n    ".join(
    f"coalesce(list_contains(found.kinds, '{kind.name}'), false) AS broke_by_{kind.name}" for kind in KINDS
)
FACTS: Final = f"""
SELECT heard.source, heard.ticket_id, found.ticket_id IS NOT NULL AS has_named_break,
    {_ANY}
FROM heard
LEFT JOIN (SELECT source, ticket_id, list(DISTINCT kind) AS kinds FROM evidence
    WHERE measure = 'what_broke' GROUP BY ALL) found USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 0
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence of what broke: of each kind the first sentence that names it, in what was written before any reply.

    A sentence has one kind. Quoted words and conditions ("if it breaks again") count as not said.
    """
    replied = (
        conversations.messages.filter((pl.col("speaker") == "agent") & pl.col("turn").is_not_null())
        .group_by(CONVERSATION)
        .agg(first_reply=pl.col("turn").min())
    )
    said = cued(conversations, NAME, "customer").join(
        replied, on=CONVERSATION, how="left", maintain_order="left"
    )
    own = conversations.messages.filter((pl.col("speaker") == "customer") & pl.col("turn").is_not_null())
    opening = own.group_by(CONVERSATION).agg(opening=pl.col("turn").min())
    said = said.join(opening, on=CONVERSATION, how="left", maintain_order="left")
    is_first = (pl.col("turn") == pl.col("opening")) | (pl.col("turn") < pl.col("first_reply")).fill_null(
        True
    )
    said = said.filter(is_first & ~is_cited() & ~pl.col("is_conditional"))
    kind = pl.coalesce(
        [pl.when(pl.col("kinds").list.contains(one.name)).then(pl.lit(one.name)) for one in KINDS]
    )
    named = said.with_columns(named=kind).unique([*CONVERSATION, "named"], keep="first", maintain_order=True)
    return evidence(
        named.unique(SENTENCE, keep="first", maintain_order=True), NAME, VERSION, kind=pl.col("named")
    )


what_broke = Signal(
    name=NAME,
    title="What broke",
    question="Which promise was broken, or what failed, before the customer had to write?",
    rule=(
        "In what the customer writes before any reply, the first sentence of each kind that names it: a promise not kept, "
        "a wrong charge, something that did not arrive, no access, a fault, or something we changed. A sentence of "
        "several kinds counts as the first of them in this order."
    ),
    leaves_out=(
        "Conversations in a language that can not be read. Quoted words and conditions count as not said; questions and "
        "wishes where nothing broke have none of these."
    ),
    columns=(
        Column(
            name="has_named_break",
            title="Something broke",
            unit="share",
            total="share",
            better="lower",
            about="The customer's first words name something that failed or was not kept.",
            sql_type="BOOLEAN",
        ),
        *(
            Column(
                name=f"broke_by_{kind.name}",
                title=kind.words.capitalize(),
                unit="share",
                total="share",
                better="lower",
                about=_ABOUT[kind.name],
                sql_type="BOOLEAN",
                evidence=(kind.name,),
            )
            for kind in KINDS
        ),
    ),
    dated_by="created_at",
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="customer",
    judge=judge,
    opportunity="Each conversation with a customer's message that can be read.",
    lexicons=(NAME,),
    kinds=KINDS,
    validity_note="No labelled rows name what broke: not validated.",
)
