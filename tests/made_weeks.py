"""Stores for the tests of contrast and digest: conversations whose scores and evidence are stated, in real tables.

The words are stated too, and so is what was heard in them; everything from there on is the project's own SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from metrics import facts
from warehouse import schema
from warehouse.settings import Settings
from warehouse.store import Store, Version, insert

Idea = Literal["heard", "passed_over", "no_reply"]

ARRIVED = "The parcel has not come."
ANSWERED = "We have looked into it."
AFTER = "That is how it ended for me."


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One conversation on a day: how it was rated, what was heard in it, how it was served."""

    day: date
    team: str = "Orders"
    rated: bool | None = None  # null: asked and not answered
    arrival: float = 0.0
    after: float | None = 0.0  # null: the customer wrote nothing after the answer
    stance: Literal["recommend", "warn"] | None = None
    idea: Idea | None = None
    first_reply_minutes: int = 30
    later_wait_minutes: int = 0
    is_reopened: bool = False
    status: str = "solved"
    readable: bool | None = True
    words_after: str = AFTER
    words_idea: str = "It would help to see the date."
    nps: int | None = None
    is_stance_first: bool = False  # the stance stands in the first message, before any answer
    sign: tuple[str, str, str] | None = (
        None  # our answer in these words, with the measure and kind heard in them
    )
    last: tuple[str, float] | None = None  # one more message of the customer's, and its mood


def publish(root: Path, talks: Iterable[Talk], settings: Settings | None = None, **meta: str) -> Version:
    """A published store of these conversations, opened for reading."""
    settings = settings or Settings()
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("tickets", "messages", "ratings", "events")
    }
    evidence: list[dict[str, Any]] = []
    heard: list[dict[str, Any]] = []
    for number, talk in enumerate(talks):
        _add(tables, evidence, heard, str(number), talk)
    store = Store(root, "main")
    draft = store.begin()
    for name, rows in tables.items():
        frame = pl.DataFrame(rows, schema={c: schema.TABLES[name][c] for c in (rows[0] if rows else {})})
        if rows:
            insert(draft.connection, name, schema.conform(frame, name))
    newest = max(
        (row["answered_at"] or row["asked_at"] for row in tables["ratings"]),
        default=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for key, value in {"as_of": newest.isoformat(), **meta}.items():
        draft.connection.execute("INSERT INTO meta VALUES (?, ?)", [key, value])
    facts.resolve(draft.connection, settings)
    insert(draft.connection, "evidence", pl.DataFrame(evidence, schema=schema.EVIDENCE))
    insert(draft.connection, "heard", pl.DataFrame(heard, schema=schema.HEARD))
    facts.build(draft.connection, settings)
    draft.publish()
    return store.open_version()


def _add(
    tables: dict[str, list[dict[str, Any]]],
    evidence: list[dict[str, Any]],
    heard: list[dict[str, Any]],
    ticket_id: str,
    talk: Talk,
) -> None:
    key = {"source": "made", "ticket_id": ticket_id}
    opened = datetime.combine(talk.day, time(9), UTC)
    replied = opened + timedelta(minutes=talk.first_reply_minutes)
    wrote = replied + timedelta(minutes=5)
    closed = wrote + timedelta(minutes=talk.later_wait_minutes + 5)

    def write(message_id: str, role: str, at: datetime, text: str) -> None:
        tables["messages"].append(
            {
                **key,
                "message_id": f"{ticket_id}-{message_id}",
                "position": len(tables["messages"]),
                "author_role": role,
                "author_id": f"customer-{ticket_id}" if role == "customer" else "agent-1",
                "is_public": True,
                "created_at": at,
                "kind": "message",
                "text": text,
            }
        )

    def hear(
        message_id: str, measure: str, kind: str, value: float, text: str, part: str, to: str | None = None
    ) -> None:
        start = text.index(part)
        evidence.append(
            {
                **key,
                "message_id": f"{ticket_id}-{message_id}",
                "start": start,
                "end": start + len(part),
                "measure": measure,
                "kind": kind,
                "value": value,
                "refers_to_ticket": None,
                "refers_to_message": f"{ticket_id}-{to}" if to else None,
                "version": 1,
            }
        )

    opening = f"{ARRIVED} {talk.words_idea}" if talk.idea else ARRIVED
    write("a", "customer", opened, opening)
    answer = talk.sign[0] if talk.sign else ANSWERED
    write("b", "agent", replied, answer)
    write("c", "customer", wrote, talk.words_after)
    if talk.later_wait_minutes:
        write("d", "agent", wrote + timedelta(minutes=talk.later_wait_minutes), ANSWERED)
    if talk.last:
        write("e", "customer", closed - timedelta(minutes=1), talk.last[0])
    if talk.readable:
        if talk.sign:
            hear("b", talk.sign[1], talk.sign[2], 1.0, answer, answer)
        if talk.last:
            hear("e", "sentiment_shift", "after_answer", talk.last[1], talk.last[0], talk.last[0], "b")
        hear("a", "sentiment_shift", "arrival", talk.arrival, opening, ARRIVED)
        if talk.after is not None:
            hear("c", "sentiment_shift", "after_answer", talk.after, talk.words_after, talk.words_after, "b")
        if talk.stance and talk.is_stance_first:
            hear("a", "would_recommend", talk.stance, 1.0, opening, ARRIVED)
        elif talk.stance:
            hear("c", "would_recommend", talk.stance, 1.0, talk.words_after, talk.words_after)
        if talk.idea:
            hear("a", "unheard_suggestion", "found", 1.0, opening, talk.words_idea)
        if talk.idea == "heard":
            hear("b", "unheard_suggestion", "heard", 1.0, answer, answer, "a")
        if talk.idea == "passed_over":
            hear("b", "unheard_suggestion", "passed_over", 1.0, answer, answer, "a")
    heard.append(
        {
            **key,
            "language": "en" if talk.readable else "pt" if talk.readable is False else None,
            "is_readable": talk.readable,
            "count_customer_turns": 2,
            "count_agent_turns": 1,
            "conversation_hash": ticket_id,
            "fingerprint": "made",
        }
    )
    is_ended = talk.status in ("solved", "closed")
    tables["tickets"].append(
        {
            **key,
            "subject": "Parcel",
            "status": talk.status,
            "channel": "email",
            "team": talk.team,
            "customer_id": f"customer-{ticket_id}",
            "opened_by_id": f"customer-{ticket_id}",
            "created_at": opened,
            "updated_at": closed,
            "solved_at": closed if is_ended else None,
        }
    )
    moves = (
        [("open", "solved"), ("solved", "open"), ("open", "solved")]
        if talk.is_reopened
        else [("open", "solved")]
    )
    for place, (old, new) in enumerate(moves if is_ended else []):
        tables["events"].append(
            {
                **key,
                "event_id": f"{ticket_id}-{place}",
                "position": place,
                "at": closed - timedelta(minutes=len(moves) - 1 - place),
                "field": "status",
                "old": old,
                "new": new,
            }
        )
    _rate(tables, key, talk, closed)


def _rate(tables: dict[str, list[dict[str, Any]]], key: dict[str, str], talk: Talk, closed: datetime) -> None:
    kinds: list[tuple[str, float | None, float]] = [
        ("csat", None if talk.rated is None else 5.0 if talk.rated else 1.0, 5.0)
    ]
    if talk.nps is not None:
        kinds.append(("nps", float(talk.nps), 10.0))
    for kind, score, top in kinds:
        tables["ratings"].append(
            {
                **key,
                "rating_id": f"{kind}-{key['ticket_id']}",
                "kind": kind,
                "score": score,
                "scale_min": 0.0 if kind == "nps" else 1.0,
                "scale_max": top,
                "asked_at": closed,
                "answered_at": closed + timedelta(minutes=1) if score is not None else None,
                "customer_id": f"customer-{key['ticket_id']}",
            }
        )
