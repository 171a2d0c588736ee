"""Blocked: where a reply meets the limits of the company's own system, which are never the agent's."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import cued, evidence, has

NAME: Final = "blocked"
VERSION: Final = 4
# In the order in which they speak for a sentence that holds several.
KINDS: Final = ("not_authorised", "must_ask", "does_not_know", "transferred", "limited")

FACTS: Final = """
WITH met AS (
    SELECT source, ticket_id, list(DISTINCT kind) AS kinds
    FROM evidence
    WHERE measure = 'blocked'
    GROUP BY ALL)
SELECT heard.source, heard.ticket_id,
       met.kinds IS NOT NULL AS is_blocked,
       coalesce(list_contains(met.kinds, 'not_authorised'), false) AS is_not_authorised,
       coalesce(list_contains(met.kinds, 'must_ask'), false) AS is_asked_inside,
       coalesce(list_contains(met.kinds, 'does_not_know'), false) AS is_not_known,
       coalesce(list_contains(met.kinds, 'transferred'), false) AS is_transferred
FROM heard
LEFT JOIN met USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 0 AND heard.count_agent_turns > 0
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence not_authorised, must_ask, does_not_know, transferred and limited: agents' sentences that meet a limit.

    A sentence that holds several kinds is evidence of the one that comes first in KINDS. Sentences on a condition (to ask inside
    whether is none), questions and quoted words give none, nor do ideas and praise that are passed on, or a colleague
    asked to do the work.
    """
    said = cued(conversations, NAME, "agent", deniable=("must_ask", "transferred"))
    is_meant = ~has("aside") & ~pl.col("is_question") & ~pl.col("is_quoted")
    said = said.filter(is_meant & (~pl.col("is_conditional") | has("asks_if")))
    is_limit = {
        **{each: has(each) for each in KINDS},
        "must_ask": has("asks_if") | (has("must_ask") & ~has("ordered")),
        "transferred": has("transferred") & ~has("feedback"),
    }
    kind = pl.coalesce([pl.when(is_limit[each]).then(pl.lit(each)) for each in KINDS])
    met = said.with_columns(kind.alias("limit")).filter(pl.col("limit").is_not_null())
    return evidence(met, NAME, VERSION, kind=pl.col("limit"))


def _column(name: str, title: str, about: str, *kinds: str) -> Column:
    return Column(
        name=name,
        title=title,
        unit="share",
        total="share",
        better="lower",
        about=about,
        sql_type="BOOLEAN",
        evidence=kinds,
    )


blocked = Signal(
    name=NAME,
    title="Blocked by our own limits",
    question="How often could the person who answered not help, because our own system did not let them?",
    rule=(
        "A conversation is blocked where an agent says that they are not allowed or not able to do it from where they sit, have to ask "
        "somebody else, do not know, or pass the customer or the case on, or meets such a limit by the words of a sentence together. Each "
        "is a limit of the company's: of rights, tools, knowledge and time. It is counted against the system, never against the person."
    ),
    leaves_out=(
        "Conversations in a language that can not be read or without a reply. Sentences on a condition, questions, quoted words, ideas and praise "
        "that are passed on, bots and automatic replies."
    ),
    columns=(
        _column(
            "is_blocked",
            "Blocked",
            "Share of answered conversations in which a reply met a limit of our own.",
            *KINDS,
        ),
        _column(
            "is_not_authorised",
            "Not authorised",
            "Share of answered conversations in which an agent had no right, access or tool.",
            "not_authorised",
        ),
        _column(
            "is_asked_inside",
            "Had to ask",
            "Share of answered conversations in which an agent had to ask somebody else first.",
            "must_ask",
        ),
        _column(
            "is_not_known",
            "Did not know",
            "Share of answered conversations in which an agent did not know or could not tell.",
            "does_not_know",
        ),
        _column(
            "is_transferred",
            "Passed on",
            "Share of answered conversations in which the customer or the case was passed to somebody else.",
            "transferred",
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="agent",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("not_authorised", "not authorised"),
        Kind("must_ask", "has to ask"),
        Kind("does_not_know", "does not know"),
        Kind("transferred", "passed on"),
        Kind("limited", "met a limit"),
    ),
    opportunity="Each conversation with a customer's message and a reply that can be read.",
    lexicons=(NAME,),
    nearest=("support_tickets", "blocked"),
    validity_note=(
        "Labelled by language models on eight replies; a case that is passed on as a service is read as blocked too. Of new "
        "sentences and conversations written as a check three quarters and more were found, nine in ten of them right."
    ),
)
