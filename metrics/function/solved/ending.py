"""How each conversation ended, by the customer's own last words and ours: confirmed, next step, open, or not known."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.answers import LEXICON as RECEIPTS
from metrics.text.endings import LEXICON, endings
from metrics.text.said import CONVERSATION, evidence

NAME: Final = "ending"
VERSION: Final = 4

FACTS: Final = """
WITH ended AS (
    SELECT source, ticket_id,
        bool_or(kind = 'answer') AS is_answered,
        bool_or(kind = 'confirmed') AS is_confirmed,
        bool_or(kind = 'next_step') AS is_next_step,
        bool_or(kind = 'open') AS is_open
    FROM evidence WHERE measure = 'ending' GROUP BY source, ticket_id)
SELECT heard.source, heard.ticket_id,
    is_confirmed AS is_ended_confirmed,
    is_next_step AS is_ended_next_step,
    is_open AS is_ended_open,
    NOT (is_confirmed OR is_next_step OR is_open) AS is_ended_unknown
FROM heard
JOIN ended USING (source, ticket_id)
WHERE heard.is_readable AND is_answered
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence confirmed, next_step or open: the sentence that shows how a conversation ended; none where not known.

    answer is the first sentence of our last substantive answer, one a conversation that has one: the opportunity.
    """
    ended = endings(conversations)
    answer = ended.select(
        *CONVERSATION, pl.col("answer_message_id", "answer_start", "answer_end").name.replace("answer_", "")
    )
    known = ended.filter(pl.col("ending") != "unknown")
    return pl.concat(
        [
            evidence(answer, NAME, VERSION, kind="answer"),
            evidence(known, NAME, VERSION, kind=pl.col("ending")),
        ]
    )


def _share(name: str, title: str, kind: str | None, about: str, better: str) -> Column:
    return Column(
        name=name,
        title=title,
        unit="share",
        total="share",
        better=better,  # type: ignore[arg-type]
        about=about,
        sql_type="BOOLEAN",
        evidence=(kind,) if kind else ("answer",),
    )


ending = Signal(
    name=NAME,
    title="How it ended",
    question="Did customers say that it was solved, was a next step agreed, or was it left open?",
    rule=(
        "Read from what was said last. Confirmed: after our answer the customer says that it works, came or is settled, is "
        "pleased with the answer, sounds content after one that asked nothing, thanks for it, or takes leave of an agent who wraps up. "
        "Next step: not that, and our last words ask for something, promise something or set it going, or the customer takes "
        "such a step. Open: the customer's last words say that the trouble goes on, complain, or ask, and no next step "
        "follows. Not known: the customer wrote nothing after our answer, and it left no next step. The four shares add up to all."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, and those in which no agent answered anything: receipts, greetings "
        "and automatic replies are no answers. Silence is never read as solved."
    ),
    columns=(
        _share("is_ended_confirmed", "Confirmed by the customer", "confirmed",
               "The customer said that it was solved, or was plainly content with the answer.", "higher"),
        _share("is_ended_next_step", "Ended with a next step", "next_step",
               "A concrete next step was offered or agreed last.", "neither"),
        _share("is_ended_open", "Left open", "open",
               "The customer's last words say that it is not solved, and nothing follows them.", "lower"),
        _share("is_ended_unknown", "Ending not known", None,
               "The customer wrote nothing after our answer, and no next step stands.", "neither"),
    ),
    facts=FACTS,
    version=VERSION,
    goal="solved",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("confirmed", "confirmed by the customer"),
        Kind("next_step", "next step"),
        Kind("open", "left open"),
        Kind("answer", "our last answer", is_quiet=True),
    ),
    opportunity="Each conversation that can be read in which an agent answered something after the customer wrote.",
    lexicons=(LEXICON, RECEIPTS),
    nearest=("support_tickets", "ending"),
    validity_note=(
        "Labelled by language models, not by people. Polite thanks for an answer that did not "
        "help are read as confirmed, and results told without a warm word as open or as a next step."
    ),
)  # fmt: skip
