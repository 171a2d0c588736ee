"""Apologies that name what happened, against bare formulas."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.apologies import LEXICON, apologies
from metrics.text.said import evidence

NAME: Final = "apology"
VERSION: Final = 3

FACTS: Final = """
WITH said AS (
    SELECT source, ticket_id, bool_or(kind = 'specific') AS is_specific
    FROM evidence
    WHERE measure = 'apology'
    GROUP BY ALL)
SELECT heard.source, heard.ticket_id,
       said.is_specific AS is_apology_specific,
       said.ticket_id IS NOT NULL AS has_apology
FROM heard
LEFT JOIN said USING (source, ticket_id)
WHERE heard.is_readable AND heard.count_customer_turns > 0 AND heard.count_agent_turns > 0
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence specific and bare: the agents' sentences that apologise, by whether they name what happened.

    Sorry as a formula of contradiction, quoted words and sentences about somebody else's apology give none.
    """
    kind = pl.when("is_specific").then(pl.lit("specific")).otherwise(pl.lit("bare"))
    return evidence(apologies(conversations), NAME, VERSION, kind=kind)


apology = Signal(
    name=NAME,
    title="Apologies that name what happened",
    question="When we say sorry, do we say what for?",
    rule=(
        "A sentence of an agent that says sorry names what happened where words of content are left once the formula is taken "
        "away (for any inconvenience this may have caused), or where a fault of ours is named beside it. Every other apology is bare. "
        "A conversation counts as specific where at least one of its apologies is."
    ),
    leaves_out=(
        "Conversations in a language that can not be read or without a reply. Specific or bare: those without an apology. Sorry said "
        "of something else (sorry, I did not follow; no need to apologise), quoted words, bots and automatic replies."
    ),
    columns=(
        Column(
            name="is_apology_specific",
            title="Apology names what happened",
            unit="share",
            total="share",
            better="higher",
            about="Share of conversations with an apology in which one of them names what happened.",
            sql_type="BOOLEAN",
            evidence=("specific", "bare"),
        ),
        Column(
            name="has_apology",
            title="We apologised",
            unit="share",
            total="share",
            better="neither",
            about="Share of answered conversations in which an agent apologised, whether there was cause or not.",
            sql_type="BOOLEAN",
            evidence=("specific", "bare"),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="agent",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("specific", "apology that names what happened"),
        Kind("bare", "bare apology"),
    ),
    opportunity="Each answered conversation; for specific or bare, each with an apology.",
    lexicons=(LEXICON,),
    nearest=("support_tickets", "apology_specific"),
    validity_note=(
        "Labelled by language models on ten replies; where a formula ends and a name begins is a matter of degree. Of new "
        "sentences written as a check most were told apart rightly; an apology in reported speech is missed."
    ),
)
