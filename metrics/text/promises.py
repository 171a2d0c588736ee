"""Promises: which sentences of agents promise something, and by when."""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.deadlines import named
from metrics.text.once import once
from metrics.text.said import SENTENCE, cued, has, hits_of

LEXICON: Final = "promise"
PROMISING: Final = ("contact", "deed", "own", "outcome", "vow")
FIRM: Final = ("contact", "deed", "own", "vow")  # the others count only where a time is named

# What a promise may hang on. "As soon as we know" is no condition: it speaks of when, not of whether.
_INDIRECT: Final = re.compile(
    r"\b(?:know|see|check|confirm|ask|find out|tell (?:you|me|us)|sure|wonder|test|verify|investigate|look) (?:if|when|whether)\b"
    r"|\beven if\b|\bif (?:that'?s|that is|it'?s|it is) (?:ok|okay|alright|fine|all right|good)\b|\bif (?:only|not sooner|not before|not earlier)\b"
)
_CONDITION: Final = re.compile(
    r"\b(?:if|unless|in case|provided|assuming|should you|only when|as long as)\b"
    r"|\b(?:once|when|whenever|after|as soon as|until)\s+(?:you|u|your)\b(?!\s+(?:call|order|parcel|refund)\s+(?:is|has))"
)
# "Send us the number and we'll look": an order to the customer, on which the rest hangs.
_ORDER: Final = re.compile(
    r"(?:^\W*(?:@\w+\W+)*|[,;:.]\s*|\b(?:please|pls|plz|kindly|just|can you|could you|then|so)\s+)(?:(?:kindly|just|direct|private|please)\s+)?"
    r"(?:dm|pm|send|share|message|contact|reply|shoot|drop|provide|give|confirm|e-?mail|call|write|post|fill|tell|click|follow|forward"
    r"|upload|visit|attach|connect|report|let)\b.{1,160}?(?:\band|&|&amp;|,|\bso)\s+(?:then\s+)?(?:i|we|our|someone|somebody|a member|my|the team)\b"
)


@once
def promises(conversations: Conversations) -> pl.DataFrame:
    """The sentences of agents that promise something: those of `cued` with said_at, due, until and is_contact.

    due, until: the first and the last instant at which the time that the sentence names has passed, which depends on the zone
    of who wrote it; null where it names none. is_contact: only a word was
    promised (a call, an answer), nothing that has to be done.
    """
    said = cued(conversations, LEXICON, "agent", deniable=PROMISING).filter(
        has(*PROMISING) & ~has("formula", "denied") & ~pl.col("is_question") & ~pl.col("is_quoted")
    )
    first = (
        hits_of(conversations, LEXICON)
        .filter(pl.col("cue_kind").is_in(PROMISING) & ~pl.col("is_negated"))
        .group_by(*SENTENCE)
        .agg(pl.col("start").min().alias("promised_at"))
    )
    times = conversations.messages.select("source", "ticket_id", "message_id", said_at="created_at")
    rows = said.join(first, on=SENTENCE, how="left", maintain_order="left").join(
        times, on=["source", "ticket_id", "message_id"], how="left", maintain_order="left"
    )
    due, until, is_promise = [], [], []
    for row in rows.iter_rows(named=True):
        time = named(row["text"], row["promised_at"] - row["start"])
        is_known = time is not None and row["said_at"] is not None
        due.append(time.due(row["said_at"]) if time and is_known else None)
        until.append(time.until(row["said_at"]) if time and is_known else None)
        is_promise.append(_is_unconditional(row["text"]) and (time is not None or _is_firm(row)))
    return (
        rows.with_columns(
            pl.Series("due", due, dtype=pl.Datetime("us", "UTC")),
            pl.Series("until", until, dtype=pl.Datetime("us", "UTC")),
            pl.Series("is_promise", is_promise, dtype=pl.Boolean()),
            is_contact=has("contact") & ~has("deed", "outcome"),
        )
        .filter("is_promise")
        .drop("is_promise", "promised_at")
    )


def _is_firm(row: dict[str, Any]) -> bool:
    return any(kind in FIRM for kind in row["kinds"])


def _is_unconditional(text: str) -> bool:
    low = _INDIRECT.sub(" ", " ".join(text.lower().replace("\u2019", "'").split()))
    return _CONDITION.search(low) is None and _ORDER.search(low) is None
