"""Promises of agents: made, and kept, late or broken."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.kept import Promise, became, talks
from metrics.text.promises import LEXICON, promises
from metrics.text.said import MESSAGE, evidence, none
from warehouse.schema import EVIDENCE

NAME: Final = "promise"
VERSION: Final = 3
FACTS: Final = """
WITH made AS (
    SELECT DISTINCT source, ticket_id, message_id FROM evidence WHERE measure = 'promise' AND kind = 'made'),
fate AS (
    SELECT source, ticket_id, refers_to_message AS message_id, any_value(kind) AS fate
    FROM evidence WHERE measure = 'promise' AND kind IN ('kept', 'late', 'broken') GROUP BY ALL),
counted AS (
    SELECT source, ticket_id, count(*) AS promised, count(fate) AS known,
        count(*) FILTER (fate = 'kept') AS kept, count(*) FILTER (fate = 'late') AS late,
        count(*) FILTER (fate = 'broken') AS broken
    FROM made LEFT JOIN fate USING (source, ticket_id, message_id) GROUP BY ALL)
SELECT heard.source, heard.ticket_id,
    coalesce(promised, 0)::DOUBLE AS count_promises,
    kept / nullif(known, 0) AS share_promises_kept,
    late / nullif(known, 0) AS share_promises_late,
    broken / nullif(known, 0) AS share_promises_broken
FROM heard LEFT JOIN counted USING (source, ticket_id)
WHERE heard.is_readable AND (heard.count_agent_turns IS NULL OR heard.count_agent_turns > 0)
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence made (the promising sentence, value the hours until it is due), and kept, late or broken.

    The latter are the words that tell it, refer to the promise's message, and stand once a message: all promises of
    one message share what became of them. value: hours since it was made. Nothing of them where it is not known.
    """
    made = promises(conversations)
    if made.is_empty():
        return none()
    due = (pl.col("until") - pl.col("said_at")).dt.total_minutes() / 60
    told = []
    later = talks(conversations, made)
    promised = made.group_by(MESSAGE, maintain_order=True).agg(
        pl.col("turn", "said_at").first(), pl.col("due", "until").max(), pl.col("is_contact").all()
    )
    for source, ticket, message, turn, said_at, last_due, until, is_contact in promised.iter_rows():
        promise = Promise(turn=turn, said_at=said_at, due=last_due, until=until, is_contact=is_contact)
        fate = became(promise, [said for said in later[source, ticket] if said.turn > turn])
        if fate is not None:
            hours = (
                (fate.at - promise.said_at).total_seconds() / 3600 if fate.at and promise.said_at else None
            )
            told.append({**fate.sentence, "fate": fate.kind, "hours": hours, "promise": message})
    parts = [evidence(made, NAME, VERSION, kind="made", value=due)]
    if told:
        rows = pl.DataFrame(told, schema_overrides={"hours": pl.Float64()})
        parts.append(
            evidence(
                rows, NAME, VERSION, kind=pl.col("fate"), value=pl.col("hours"), refers_to=pl.col("promise")
            )
        )
    return pl.concat(parts).cast(EVIDENCE)


promise = Signal(
    name=NAME,
    title="Promises",
    question="What did we promise, and did we keep it?",
    rule=(
        "A sentence of an agent that says what they, a colleague or the company will do or when something will be there is a promise, "
        "unless it hangs on a condition, only hopes, or is a formula. It is kept where later words say that it was done, "
        "or an agent writes again by the time that was named; late where that came after the time, after a reminder or with an excuse "
        "for the delay; broken where the customer says that it did not happen, or writes after the time without having heard from us, "
        "and nothing sets it right. Days end at 06:00 UTC of the next day; a time of day is read as its day. All promises of a message share their fate."
    ),
    leaves_out=(
        "Conversations in a language that can not be read and those in which no agent wrote. Promises of which nothing more is said, "
        "or that were not due when the conversation ended, are neither kept nor broken and stand in the count alone."
    ),
    columns=(
        Column(
            name="count_promises", title="Promises made", unit="count", total="mean", better="neither", evidence=("made",),
            about="Messages of agents in a conversation that promise something.",
        ),
        Column(
            name="share_promises_kept", title="Promises kept", unit="share", total="mean", better="higher", evidence=("kept",),
            about="Share of a conversation's promises that were kept in time, of those whose fate is known.",
        ),
        Column(
            name="share_promises_late", title="Promises kept late", unit="share", total="mean", better="lower", evidence=("late",),
            about="Share of a conversation's promises that were kept after their time, of those whose fate is known.",
        ),
        Column(
            name="share_promises_broken", title="Promises broken", unit="share", total="mean", better="lower", evidence=("broken",),
            about="Share of a conversation's promises that were not kept, of those whose fate is known.",
        ),
    ),
    facts=FACTS,
    unlock="Export the tickets with their comments and the times of these.",
    version=VERSION,
    goal="trust",
    heard_from="both",
    is_about_agents=True,
    judge=judge,
    kinds=(
        Kind("made", "promise made"),
        Kind("kept", "promise kept"),
        Kind("late", "promise kept late"),
        Kind("broken", "promise broken"),
    ),
    opportunity="Each conversation that can be read and in which an agent wrote; for what became of promises, each one whose fate is told.",
    lexicons=(LEXICON,),
    nearest=("support_tickets", "promise"),
    validity_note=(
        "Labelled by language models on written tickets, not by people on real ones. Promises made by saying nothing of the future "
        "(\"so eighty pounds on the next bill\") are missed, and calls made outside the ticket can not be seen."
    ),
)  # fmt: skip
