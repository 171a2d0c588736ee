"""Suggestions in tickets and survey comments, and whether anybody took them up."""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.acknowledgement import LEXICON as HEARD_LEXICON
from metrics.text.acknowledgement import acknowledgements, acknowledges
from metrics.text.suggestions import LEXICON, MESSAGE, THRESHOLD, proposals
from warehouse.schema import EVIDENCE

NAME: Final = "unheard_suggestion"
VERSION: Final = 4
GREETING_WORDS: Final = 3  # a sentence of at most so many words is a greeting, not what a reply says
# How a reply opens before it says anything: a greeting, thanks for writing, a bare apology, who is speaking.
COURTESY: Final = re.compile(
    r"^\W*(?:@\w+\W+)*(?:(?:hi|hey|hello|dear|good (?:morning|afternoon|evening)|greetings)\b(?:[ ,]+[\w.'’-]+){0,2}[,.!]?\s*)?"
    r"(?:thank(?:s| you)\b[^.!?]{0,20}\bfor (?:contacting|reaching|getting in|writing|calling|messaging|your (?:\w+ )?"
    r"(?:message|mail|e-?mail|patience|enquiry|inquiry|interest))\b.*"
    r"|(?:i hope|hope) (?:this|you|all)\b.*|(?:i'm|i’m|i am|my name is|this is) \w+ (?:from|with|and i)\b.*"
    r"|(?:we(?:'re|’re| are)|i(?:'m|’m| am))? ?(?:so |very |really |truly )?sorry(?: to hear (?:that|this|about this))?"
    r"|(?:i'm |i’m |we're |we’re )?here to help)?\W*$",
    re.IGNORECASE,
)

FACTS: Final = """
SELECT found.source,
       found.ticket_id || '/' || found.message_id || ':' || found.start AS suggestion_id,
       found.ticket_id,
       found.message_id,
       CASE WHEN found.kind = 'found' THEN heard_of.kind IS NULL END AS is_unheard,
       CASE WHEN found.kind = 'found' THEN heard_of.kind IS NULL AND passed.kind IS NOT NULL END AS is_passed_over,
       CASE WHEN found.kind = 'found' THEN heard_of.kind IS NULL AND passed.kind IS NULL END AS is_without_reply
FROM evidence AS found
LEFT JOIN (SELECT DISTINCT source, ticket_id, refers_to_message, kind
           FROM evidence WHERE measure = 'unheard_suggestion' AND kind = 'heard') AS heard_of
  ON heard_of.source = found.source AND heard_of.ticket_id = found.ticket_id
 AND heard_of.refers_to_message = found.message_id
LEFT JOIN (SELECT DISTINCT source, ticket_id, refers_to_message, kind
           FROM evidence WHERE measure = 'unheard_suggestion' AND kind = 'passed_over') AS passed
  ON passed.source = found.source AND passed.ticket_id = found.ticket_id
 AND passed.refers_to_message = found.message_id
WHERE found.measure = 'unheard_suggestion' AND found.kind IN ('found', 'found_in_survey')
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence of suggestions: found or found_in_survey (the sentence, value its score), heard, passed_over.

    heard is the agent's acknowledging words, passed_over the first thing said in the next reply where no later
    reply acknowledges; both refer to the message that holds the suggestion and stand once a message.
    """
    found = (
        proposals(conversations)
        .filter(pl.col("score") >= THRESHOLD)
        .sort("source", "ticket_id", "turn", "message_id", "start", nulls_last=True)
        .select(*MESSAGE, "turn", "kind", "start", "end", "text", "score")
    )
    rows: list[dict[str, Any]] = [
        _row(
            row,
            kind="found_in_survey" if row["kind"] == "survey" else "found",
            value=row["score"],
        )
        for row in found.iter_rows(named=True)
    ]
    rows += answers(conversations, found.filter(pl.col("kind") == "message"))
    return pl.DataFrame(rows, schema=EVIDENCE)


def answers(conversations: Conversations, found: pl.DataFrame) -> list[dict[str, Any]]:
    """The heard or passed_over evidence of each message that holds a suggestion and was followed by an agent.

    `found` has a row a suggestion: source, ticket_id, message_id, turn, text.
    """
    asked = found.group_by(*MESSAGE, "turn", maintain_order=True).agg(pl.col("text"))
    tickets = asked.select("source", "ticket_id").unique()
    said = _by_ticket(
        conversations.sentences.filter(pl.col("speaker") == "agent").join(
            tickets, on=["source", "ticket_id"], how="semi"
        )
    )
    cues = _by_ticket(acknowledgements(conversations).join(tickets, on=["source", "ticket_id"], how="semi"))
    rows = []
    for message in asked.iter_rows(named=True):
        ticket = (message["source"], message["ticket_id"])
        later = [sentence for sentence in said.get(ticket, []) if sentence["turn"] > message["turn"]]
        if not later:
            continue
        cue = next((cue for cue in cues.get(ticket, []) if _acknowledges(cue, message)), None)
        if cue is not None:
            rows.append(_row(cue, kind="heard", refers_to=message["message_id"]))
        else:
            rows.append(_row(_first_thing_said(later), kind="passed_over", refers_to=message["message_id"]))
    return rows


def _acknowledges(cue: dict[str, Any], message: dict[str, Any]) -> bool:
    return cue["turn"] > message["turn"] and any(
        acknowledges(cue["cue_kind"], cue["sentence_text"], suggestion) for suggestion in message["text"]
    )


def _first_thing_said(later: list[dict[str, Any]]) -> dict[str, Any]:
    """The first sentence of the next reply that says something; where none does, its first courtesy."""
    turn = min(sentence["turn"] for sentence in later)
    reply = sorted(
        (sentence for sentence in later if sentence["turn"] == turn),
        key=lambda sentence: int(sentence["start"]),
    )
    longer = [part for part in reply if len(part["text"].split()) > GREETING_WORDS]
    return next(
        (part for part in longer if not COURTESY.search(part["text"])), longer[0] if longer else reply[0]
    )


def _by_ticket(frame: pl.DataFrame) -> dict[tuple[str, str], list[dict[str, Any]]]:
    tickets: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        tickets.setdefault((row["source"], row["ticket_id"]), []).append(row)
    return tickets


def _row(
    place: dict[str, Any], *, kind: str, value: float | None = None, refers_to: str | None = None
) -> dict[str, Any]:
    return {
        "source": place["source"],
        "ticket_id": place["ticket_id"],
        "message_id": place["message_id"],
        "start": place["start"],
        "end": place["end"],
        "measure": NAME,
        "kind": kind,
        "value": value,
        "refers_to_ticket": place["ticket_id"] if refers_to else None,
        "refers_to_message": refers_to,
        "version": VERSION,
    }


unheard_suggestion = Signal(
    name=NAME,
    title="Ideas nobody answered",
    question="Which ideas did customers give us, and did anybody take them up?",
    rule=(
        "A sentence of a customer that proposes, wishes for or asks for a change which would serve others too is a "
        f"suggestion: its cues sum up to {THRESHOLD} or more. A step in the customer's own case, a question how something "
        "is done, what a bill or a delivery ought to have been and a recommendation are none. It is heard where a later reply thanks for the idea, passes it "
        "on, says that it is planned, exists or why not, or restates it; every other is unheard, whether replies passed "
        "over it or none came. All suggestions of one message share its answer."
    ),
    leaves_out=(
        "Conversations in a language that can not be read, quoted words of others, and for heard or unheard "
        "survey comments, where nobody could answer."
    ),
    columns=(
        Column(
            name="is_unheard",
            evidence=("found",),
            title="Ideas nobody answered",
            unit="share",
            total="share",
            better="lower",
            about="Share of suggestions in conversations that no later reply acknowledged; null for survey comments.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_passed_over",
            evidence=("found",),
            title="Passed over",
            unit="share",
            total="share",
            better="lower",
            about="Share of suggestions that were followed by a reply, none of which acknowledged them.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_without_reply",
            evidence=("found",),
            title="Without a reply",
            unit="share",
            total="share",
            better="lower",
            about="Share of suggestions after which no agent wrote anything.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="suggestion",
    facts=FACTS,
    unlock="Export the tickets with their comments, or load the comments of surveys.",
    version=VERSION,
    goal="heard",
    heard_from="both",
    judge=judge,
    kinds=(
        Kind("found", "idea"),
        Kind("found_in_survey", "idea in a survey comment"),
        Kind("heard", "idea heard"),
        Kind("passed_over", "passed over the idea"),
    ),
    opportunity="Each suggestion found in a conversation that can be read.",
    lexicons=(LEXICON, HEARD_LEXICON),
    nearest=("support_tickets", "suggestion"),
    validity_note=(
        "Sentences of a software forum are labelled by people; threads and tickets by language models, with few ideas in them. Of ideas that"
        " were made up afresh to be hard to hear, between a third and three quarters were found, and half to nine in ten of those found were right: plain"
        " wishes and advice are heard, ideas told as a lack, as a thing without a verb or as irony are often missed. A wish for one's own"
        " case that could as well serve others may be taken for an idea."
    ),
)
