"""Long waits of customers: whether they were announced before they happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import polars as pl

from metrics.measure import Column, Conversations, Kind, Signal
from metrics.text.deadlines import named
from metrics.text.promises import LEXICON as PROMISES
from metrics.text.promises import promises
from metrics.text.said import CONVERSATION, MESSAGE, cued, evidence, has, none, spoken

NAME: Final = "wait_announced"
VERSION: Final = 1
GREETING: Final = 20  # code points; so short a sentence stands for a wait only where there is no longer one
LONG_HOURS: Final = 24  # a wait for our next word that is longer than this should have been announced

FACTS: Final = f"""
SELECT source, ticket_id,
    count(*) FILTER (kind = 'announced') / count(*) AS share_long_waits_announced,
    count(*) FILTER (kind = 'silent')::DOUBLE AS count_silent_long_waits
FROM (SELECT DISTINCT source, ticket_id, refers_to_message, kind FROM evidence WHERE measure = '{NAME}')
GROUP BY ALL
"""


def judge(conversations: Conversations) -> pl.DataFrame:
    """Evidence announced (the agent's words before the wait) and silent (the customer's words that waited), once for each long wait.

    Both refer to the message that ended the wait; value: its hours.
    """
    waits = long_waits(conversations)
    if waits.is_empty():
        return none()
    words = announcements(conversations, waits)
    announced = (
        waits.join(words, on=CONVERSATION, maintain_order="left_right")
        .filter(pl.col("turn") < pl.col("began_turn"))
        .filter(
            (pl.col("until") >= pl.col("began_at"))
            | (pl.col("until").is_null() & (pl.col("turn") == pl.col("answer_turn")))
        )
        .group_by(*CONVERSATION, "ended_by", maintain_order=True)
        .last()
    )
    silent = waits.join(announced, on=[*CONVERSATION, "ended_by"], how="anti", maintain_order="left").join(
        spoken(conversations, "customer").select(*MESSAGE, "start", "end"),
        left_on=[*CONVERSATION, "began_by"],
        right_on=MESSAGE,
        maintain_order="left_right",
    )
    silent = (
        silent.group_by(*CONVERSATION, "ended_by", maintain_order=True)
        .first()
        .with_columns(message_id="began_by")
    )
    hours, ended_by = pl.col("hours"), pl.col("ended_by")
    return pl.concat(
        [
            evidence(announced, NAME, VERSION, kind="announced", value=hours, refers_to=ended_by),
            evidence(silent, NAME, VERSION, kind="silent", value=hours, refers_to=ended_by),
        ]
    )


def long_waits(conversations: Conversations) -> pl.DataFrame:
    """Waits between a message of the customer and our next one that are longer than LONG_HOURS and follow a message of ours.

    One row a wait: began_by, began_at, began_turn (the customer's first message), ended_by (ours), answer_turn (ours before), hours.
    Where the customer's words say that they have what they need, nobody waits.
    """
    settled = cued(conversations, NAME, "customer").filter(has("settled")).select(*MESSAGE).unique()
    turns = conversations.messages.filter(pl.col("turn").is_not_null() & pl.col("created_at").is_not_null())
    is_agent = pl.col("speaker") == "agent"
    run = turns.join(
        settled.with_columns(is_settled=True), on=MESSAGE, how="left", maintain_order="left"
    ).with_columns(block=is_agent.cum_sum().over(CONVERSATION) - is_agent.cast(pl.UInt32))
    own = run.filter(~is_agent)
    first = own.group_by(*CONVERSATION, "block", maintain_order=True).agg(
        began_by=pl.col("message_id").first(),
        began_at=pl.col("created_at").first(),
        began_turn=pl.col("turn").first(),
        is_settled=pl.col("is_settled").last().fill_null(False),
    )
    ours = run.filter(is_agent).select(
        *CONVERSATION,
        "block",
        ended_by="message_id",
        ended_at="created_at",
        answer_turn=pl.col("turn").shift(1).over(CONVERSATION),
    )
    waits = first.join(ours, on=[*CONVERSATION, "block"], maintain_order="left").with_columns(
        hours=((pl.col("ended_at") - pl.col("began_at")).dt.total_minutes() / 60).round(2)
    )
    return waits.filter(
        (pl.col("hours") > LONG_HOURS) & pl.col("answer_turn").is_not_null() & ~pl.col("is_settled")
    )


def announcements(conversations: Conversations, waits: pl.DataFrame) -> pl.DataFrame:
    """The sentences of agents that announce a wait, with `until`: its end, null where none is named.

    Promises for a stated time, and words that something takes long, in the conversations of these waits.
    """
    said = (
        cued(conversations, NAME, "agent", deniable=("takes",))
        .filter(has("takes", "a_while") & ~has("past") & ~pl.col("is_quoted"))
        .join(waits.select(CONVERSATION).unique(), on=CONVERSATION, how="semi", maintain_order="left")
        .join(
            conversations.messages.select(*MESSAGE, said_at="created_at"),
            on=MESSAGE,
            how="left",
            maintain_order="left",
        )
    )
    until = [_until(row) for row in said.iter_rows(named=True)]
    said = said.with_columns(pl.Series("until", until, dtype=pl.Datetime("us", "UTC"))).filter(
        pl.col("until").is_not_null() | has("a_while")
    )
    promised = promises(conversations).filter(pl.col("until").is_not_null())
    columns = [*MESSAGE, "turn", "start", "end", "until"]
    return (
        pl.concat([said.select(columns), promised.select(columns)])
        .unique([*MESSAGE, "start"], keep="first", maintain_order=True)
        .sort(*CONVERSATION, "turn", "start")
    )


def _until(row: dict[str, Any]) -> datetime | None:
    time = named(row["text"])
    return time.until(row["said_at"]) if time and row["said_at"] else None


wait_announced = Signal(
    name=NAME,
    title="Waits announced",
    question="Where customers had to wait long for our next word, had we told them so?",
    rule=(
        f"A wait of more than {LONG_HOURS} hours from a customer's message to our next one, after we had answered once, was announced "
        "where words of ours before it name a time that reaches into it, or our last words before it say that it will take a while. Else it was silent."
    ),
    leaves_out=(
        "The wait for the first answer, which nobody can announce; waits that are still open; messages that only say thanks or that "
        "all is well; conversations in a language that can not be read, and messages without a time."
    ),
    columns=(
        Column(
            name="share_long_waits_announced", title="Long waits announced", unit="share", total="mean", better="higher",
            evidence=("announced",), about="Share of a conversation's long waits that were announced before they happened.",
        ),
        Column(
            name="count_silent_long_waits", title="Silent long waits", unit="count", total="mean", better="lower",
            evidence=("silent",), about="Long waits of a conversation that nobody had announced.",
        ),
    ),
    facts=FACTS,
    unlock="Export the tickets with their comments and the times of these.",
    version=VERSION,
    goal="trust",
    heard_from="both",
    is_about_agents=True,
    judge=judge,
    kinds=(Kind("announced", "wait announced"), Kind("silent", "wait without a word")),
    opportunity="Each long wait in a conversation that can be read.",
    lexicons=(NAME, PROMISES),
    validity_note="No labelled conversations tell whether a wait was announced: not validated.",
)  # fmt: skip
