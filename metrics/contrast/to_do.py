"""What to do about a period: customers to call, ideas to answer, conversations to read; who does it, and what came of it.

What is proposed is computed from the conversations; owner, status and outcome are set by people and kept in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

import polars as pl

from metrics import entered, idea_status, ideas
from metrics.contrast import asked, at_risk, looks_fine, saves
from metrics.mask import mask
from metrics.quotes import quotes
from metrics.totals import Scope
from warehouse.ledger import Entry
from warehouse.rights import Area
from warehouse.store import Version

KIND: Final = "to do"
Task = Literal["call", "answer", "read"]
Status = Literal["open", "under way", "done", "dropped"]
STATUSES: Final[tuple[Status, ...]] = ("open", "under way", "done", "dropped")
CLOSED: Final[tuple[Status, ...]] = ("done", "dropped")
TASKS: Final[dict[Task, tuple[str, Area]]] = {
    "call": ("Customers to call", Area.CUSTOMERS),
    "answer": ("Ideas to answer", Area.IDEAS),
    "read": ("Conversations to read", Area.CONVERSATIONS),
}
RULE: Final = (
    "To call: customers at risk, what is worth most first, then those with most reasons. To answer: ideas that nobody "
    "answered and nobody took up, the newest first. To read: conversations that look fine and aren't, and the best saves. "
    "What is done or dropped makes room for the next."
)
SAVES: Final = 3  # best saves among the conversations to read
LOOKED_THROUGH: Final = (
    60  # proposals of a kind that are looked through, beside as many as people have set something of
)
LONGEST: Final = 500


@dataclass(frozen=True)
class Item:
    """Something to do: the words it is known by, why, where its page leads, and what people set (null: nobody yet).

    since: the first day that gave a reason to call; null of other tasks.
    """

    task: Task
    subject: str
    words: str
    why: str
    page: str
    query: dict[str, str]
    status: Status = "open"
    owner: str = ""
    outcome: str = ""
    set_by: Entry | None = None
    since: date | None = None


@dataclass(frozen=True)
class ToDo:
    """What is proposed of a task and not closed, how many were found, and what was closed since an instant."""

    task: Task
    title: str
    items: tuple[Item, ...]
    count_all: int
    closed: tuple[Item, ...]


def to_do(version: Version, scope: Scope, most: int = 5) -> tuple[ToDo, ...]:
    """The tasks of a scope that the reader's rights include, `most` open items of each."""
    known = entered.standing(version, KIND)
    # What was closed stands in front of what is proposed next: as many more are looked through.
    look = LOOKED_THROUGH + len(known)
    found: list[ToDo] = []
    for task, (title, area) in TASKS.items():
        if not version.rights.may(area):
            continue
        proposed, count = _PROPOSED[task](version, scope, look)
        told = [_with(item, known.get(item.subject)) for item in proposed]
        still = tuple(item for item in told if item.status not in CLOSED)
        closed = tuple(item for item in told if item.status in CLOSED)
        found.append(ToDo(task, title, still[:most], count - len(closed), closed))
    return tuple(found)


def set_item(version: Version, item: Item, *, status: Status, owner: str, outcome: str, who: str) -> Entry:
    """Set who does it, how far it is and what came of it. Raises NotAllowed; ValueError on another status."""
    if status not in STATUSES:
        raise ValueError(f"{status!r} is no status of a task")
    fields = {"status": status, "owner": _short(owner), "outcome": _short(outcome), "words": item.words}
    return entered.keep(version, KIND, item.subject, fields, who)


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _with(item: Item, entry: Entry | None) -> Item:
    if entry is None or entry.fields is None:
        return item
    fields = entry.fields
    return replace(
        item, status=fields["status"], owner=fields["owner"], outcome=fields["outcome"], set_by=entry
    )


def _customers(version: Version, scope: Scope, look: int) -> tuple[list[Item], int]:
    rows = at_risk.at_risk(version, scope, limit=look)
    items = [
        Item(
            "call",
            f"call {row['source']} {row['id']}",
            str(row["name"]),
            "; ".join(reason.words for reason in at_risk.given(row)),
            "customers",
            {"customer_id": row["id"]},
            since=min((day for one in at_risk.given(row) if (day := row[f"{one.name}_on"])), default=None),
        )
        for row in rows.iter_rows(named=True)
    ]
    return items, _count(rows)


def _ideas(version: Version, scope: Scope, look: int) -> tuple[list[Item], int]:
    """The unanswered ideas; one that a person gave a status is taken up and needs no answer from this list."""
    here = ideas.among(version, scope)
    up = idea_status.taken_up(version)
    rows = (
        ideas.every(version)
        .join(here, on=["source", "suggestion_id"], how="semi")
        .filter(pl.col("fate").is_in(ideas.UNHEARD))
        .sort("said_at", "suggestion_id", descending=[True, False])
    )
    waiting = [row for row in rows.iter_rows(named=True) if (row["source"], row["suggestion_id"]) not in up]
    return [_idea(version, row) for row in waiting[:look]], len(waiting)


def _idea(version: Version, row: dict[str, Any]) -> Item:
    words = row["quote"]
    return Item(
        "answer",
        f"answer {row['source']} {row['suggestion_id']}",
        mask(words) if version.rights.is_masked else words,
        "passed over in the reply" if row["fate"] == "passed_over" else "no reply",
        "conversations",
        {"column": "is_unheard", "c": row["ticket_id"], "source": row["source"]},
    )


def _conversations(version: Version, scope: Scope, look: int) -> tuple[list[Item], int]:
    """Those that look fine and aren't, with the best saves after the first of them."""
    fine = looks_fine.tickets(version, scope, look) if asked.told(version, ["looks_fine"]) else pl.DataFrame()
    best = saves.saves(version, scope, SAVES) if version.rights.may(Area.CUSTOMERS) else pl.DataFrame()
    wrong = [_read(row, "looks_fine_isnt", "; ".join(row["reasons"])) for row in fine.iter_rows(named=True)]
    good = [
        _read(row, saves.COLUMN, "turned around: came unhappy or leaving, ended pleased")
        for row in best.iter_rows(named=True)
    ]
    items = [*wrong[:SAVES], *good, *wrong[SAVES:]]
    said = {
        column: quotes(version, [(item.query["source"], item.query["c"]) for item in chosen], column)
        for column, chosen in (("looks_fine_isnt", wrong), (saves.COLUMN, good))
    }
    told = []
    for item in items:
        quote = said[item.query["column"]].get((item.query["source"], item.query["c"]))
        told.append(replace(item, words=(quote.text if quote else None) or item.words))
    return told, _count(fine) + len(good)


def _read(row: dict[str, Any], column: str, why: str) -> Item:
    about = " · ".join(str(part) for part in (row["team"], f"{row['ended_on']:%-d %b %Y}") if part)
    return Item(
        "read",
        f"read {row['source']} {row['ticket_id']}",
        f"Conversation {row['ticket_id']}",
        f"{why} · {about}",
        "conversations",
        {"column": column, "answer": "yes", "c": row["ticket_id"], "source": row["source"]},
    )


def _count(rows: pl.DataFrame) -> int:
    return int(rows["count_all"][0]) if rows.height else 0


_PROPOSED: Final = {"call": _customers, "answer": _ideas, "read": _conversations}


def closed_since(items: Sequence[ToDo], since: datetime) -> int:
    """How many of these were done or dropped since an instant."""
    return sum(
        1 for one in items for item in one.closed if item.set_by is not None and item.set_by.at >= since
    )
