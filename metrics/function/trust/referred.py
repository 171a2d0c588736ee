"""Came through somebody they know, or will tell people they know."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.said import evidence
from metrics.text.telling import REFERRED, came_through, tells_gladly, tells_well

NAME: Final = REFERRED
VERSION: Final = 5

FACTS: Final = """
SELECT heard.source, heard.ticket_id,
    coalesce(said.has_come, false) AS is_referred_by_others,
    coalesce(said.has_told, false) AS has_told_others_well
FROM heard
LEFT JOIN (
    SELECT source, ticket_id, bool_or(kind = 'came_through') AS has_come, bool_or(kind = 'will_tell') AS has_told
    FROM evidence WHERE measure = 'referred' GROUP BY ALL) AS said USING (source, ticket_id)
WHERE heard.is_readable
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence came_through (somebody they know sent them) and will_tell (they tell people they know, and nothing bad)."""
    return pl.concat(
        [
            evidence(came_through(conversations), NAME, VERSION, kind="came_through"),
            evidence(tells_well(conversations), NAME, VERSION, kind="will_tell"),
            evidence(tells_gladly(conversations), NAME, VERSION, kind="will_tell"),
        ]
    )


referred = Signal(
    name=NAME,
    title="A friend sent me",
    question="Who came through somebody they know, and who tells people they know?",
    rule=(
        "A sentence of a customer that says that somebody they know sent them or uses the company counts as referred; one that says that they have told "
        "or will tell people they know, and nothing bad, as telling others."
    ),
    leaves_out="Conversations in a language that can not be read, questions, what our own people recommended, and warnings.",
    columns=(
        Column(
            name="is_referred_by_others", title="A friend sent them", unit="share", total="share", better="higher",
            evidence=("came_through",), sql_type="BOOLEAN",
            about="Share of conversations that can be read in which the customer came through somebody they know.",
        ),
        Column(
            name="has_told_others_well", title="Tells friends well", unit="share", total="share", better="higher",
            evidence=("will_tell",), sql_type="BOOLEAN",
            about="Share of conversations that can be read in which the customer tells people they know, and nothing bad.",
        ),
    ),
    facts=FACTS,
    unlock="Export the tickets with their comments, or load the comments of surveys.",
    version=VERSION,
    goal="trust",
    heard_from="customer",
    judge=judge,
    kinds=(Kind("came_through", "a friend sent them"), Kind("will_tell", "tells people they know")),
    opportunity="Each conversation with a customer's message that can be read.",
    lexicons=(NAME,),
    nearest=("support_tickets", "friend"),
    validity_note="Labelled by language models, in a handful of messages: too few for more than a first look. Of new sentences written as a check in many ways, it caught half of the roundabout and three quarters of the plain ones, and one in ten to one in five of what it found was wrong.",
)  # fmt: skip
