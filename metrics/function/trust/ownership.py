"""Ownership stated: an agent says that the case is theirs and stays theirs until it is solved."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import cued, evidence, has

NAME: Final = "ownership"
VERSION: Final = 5

FACTS: Final = """
SELECT heard.source, heard.ticket_id, said.ticket_id IS NOT NULL AS has_ownership
FROM heard
LEFT JOIN (SELECT DISTINCT source, ticket_id FROM evidence WHERE measure = 'ownership') AS said
  ON said.source = heard.source AND said.ticket_id = heard.ticket_id
WHERE heard.is_readable AND heard.count_customer_turns > 0 AND heard.count_agent_turns > 0
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence owned: agents' sentences in which one person takes the case on, to its end.

    Denials, questions (save leave asked to take it over), quoted words and a bare courtesy ("let me introduce myself") give none.
    """
    said = cued(conversations, NAME, "agent", deniable=("owned",))
    return evidence(
        said.filter(
            ((has("owned") & ~pl.col("is_question")) | has("offered")) & ~has("bare") & ~pl.col("is_quoted")
        ),
        NAME,
        VERSION,
        kind="owned",
    )


ownership = Signal(
    name=NAME,
    title="Ownership stated",
    question="Did one person say: this is mine, and I stay until it is solved?",
    rule=(
        "A conversation counts where an agent says in the first person that they take the case on, stay with it until it is solved, "
        "are the one to turn to, or do it themselves and come back with the result. What the company or a team will do does not count."
    ),
    leaves_out=(
        "Conversations in a language that can not be read or without a reply. Quoted words, bots and automatic replies. Whether it was "
        "kept is not asked here."
    ),
    columns=(
        Column(
            name="has_ownership",
            title="Ownership stated",
            unit="share",
            total="share",
            better="higher",
            about="Share of answered conversations in which an agent said that the case is theirs until it is solved.",
            sql_type="BOOLEAN",
            evidence=("owned",),
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="trust",
    heard_from="agent",
    is_about_agents=True,
    judge=judge,
    kinds=(Kind("owned", "took it on themselves"),),
    opportunity="Each conversation with a customer's message and a reply that can be read.",
    lexicons=(NAME,),
    nearest=("support_tickets", "ownership"),
    validity_note=(
        "Labelled by language models, who agree on it only moderately. It is said in many more ways than are listed: of new "
        "sentences written as a check half and more were found. Somebody who simply acts, without saying so, is missed."
    ),
)
