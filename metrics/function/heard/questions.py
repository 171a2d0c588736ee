"""Questions: what agents ask, and whether they ask it open or closed. Neither is better by itself."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.questions import LEXICON, verdict
from metrics.text.said import SENTENCE, cued, evidence, spoken

NAME: Final = "questions"
VERSION: Final = 3
QUOTE_MARK: Final = r"[\"\u201c\u201e\u00ab]"

FACTS: Final = """
SELECT heard.source, heard.ticket_id,
       count(*) FILTER (found.kind = 'open_question') > 0 AS has_open_question,
       count(*) FILTER (found.kind = 'closed_question') > 0 AS has_closed_question,
       count(*) FILTER (found.kind = 'open_question') / nullif(count(found.kind), 0) AS open_share_of_questions
FROM heard
LEFT JOIN evidence AS found
  ON found.source = heard.source AND found.ticket_id = heard.ticket_id AND found.measure = 'questions'
WHERE heard.is_readable AND heard.count_agent_turns > 0
GROUP BY ALL
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence open_question and closed_question: each sentence of an agent's own words that asks."""
    kinds = cued(conversations, LEXICON, "agent").select(*SENTENCE, "kinds")
    said = (
        spoken(conversations, "agent")
        .filter(
            ~(pl.col("is_quoted") & pl.col("text").str.contains(QUOTE_MARK))
        )  # "what did it say" is one's own
        .join(kinds, on=SENTENCE, how="left", maintain_order="left")
        .with_columns(asked=verdict())
        .filter(pl.col("asked").is_not_null())
    )
    return evidence(said, NAME, VERSION, kind=pl.col("asked") + "_question")


questions = Signal(
    name=NAME,
    title="Questions asked",
    question="Do we ask customers open questions, or only those that a yes, a no or a number answers?",
    rule=(
        "A sentence of an agent that asks what, how, why or where as a question of its own, or invites to tell, is an open question. Every"
        " other question is closed: it asks for yes or no, or for one fact such as a number, a name, a date or a place on a scale; a what"
        " inside such a question does not open it. Neither is better by itself."
    ),
    leaves_out="Conversations in a language that can not be read, and those in which no agent wrote. Questions of others that are quoted.",
    columns=(
        Column(
            name="has_open_question",
            evidence=("open_question",),
            title="Asked an open question",
            unit="share",
            total="share",
            better="neither",
            about="Share of answered conversations in which an agent asked at least one open question.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="has_closed_question",
            evidence=("closed_question",),
            title="Asked a closed question",
            unit="share",
            total="share",
            better="neither",
            about="Share of answered conversations in which an agent asked at least one closed question.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="open_share_of_questions",
            evidence=("open_question", "closed_question"),
            title="Open among the questions",
            unit="share",
            total="mean",
            better="neither",
            about="Of the agents' questions in a conversation the open ones, averaged over conversations with a question.",
        ),
    ),
    facts=FACTS,
    version=VERSION,
    goal="heard",
    heard_from="agent",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("open_question", "open question"),
        Kind("closed_question", "closed question", is_quiet=True),
    ),
    opportunity="Each conversation that can be read in which an agent wrote.",
    lexicons=(LEXICON,),
    nearest=("support_tickets", "open_question"),
    validity_note=(
        "On interviews between therapists and clients, labelled by people who are seldom of one mind themselves, four of five open questions"
        " are found and four of five found are right. Agents ask few open questions, so figures on support replies stand on a handful."
        " People call how often and how long open as often as closed; how often is taken as open, how long as a question for one fact."
    ),
)
