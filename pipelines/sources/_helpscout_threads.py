"""What happened in a Help Scout conversation: its threads as messages, and the changes that each of them states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.sources._api import (
    Tabled,
    assigned,
    by_time,
    count,
    event,
    person,
    place,
    remark,
    required,
)
from pipelines.sources._values import identifier, mapping, words
from pipelines.sources.source import PARTS, WINNER, Options, Row

STATUS = {"active": "open", "pending": "pending", "closed": "solved"}
ANYONE = "1"  # the user that stands for nobody
_UNSENT = frozenset({"draft", "hidden", "underreview"})
_NOTES = frozenset({"note", "phone", "forwardparent", "forwardchild"})
_PUBLIC = frozenset({"customer", "message", "reply", "chat", "beaconchat"})
_ROLES = {"customer": "customer", "user": "agent", "team": "agent", "ai": "ai", "bot": "bot"}


def customer_id(value: Any) -> str | None:
    """A customer's id. Users and customers are numbered apart, so that an id alone would mean two people."""
    found = assigned(mapping(value).get("id"), "customer id")
    return f"customer:{found}" if found else None


def author_id(value: Any) -> str | None:
    """The id of a user or of a customer."""
    one = mapping(value)
    is_customer = one.get("type") == "customer"
    return customer_id(one) if is_customer else assigned(one.get("id"), "user id", ANYONE)


def person_row(value: Any, kind: str | None = None) -> Iterator[Tabled]:
    """A person as threads and conversations name them: first and last, or firstName and lastName."""
    one = mapping(value)
    kind = kind or words(one.get("type")) or "user"
    found = customer_id(one) if kind == "customer" else author_id(one)
    names = [words(one.get(key)) or words(one.get(f"{key}Name")) for key in ("first", "last")]
    name = " ".join(part for part in names if part) or None
    role = _ROLES.get(kind)
    if found and kind in ("user", "customer") and (name or one.get("email")):
        yield person(found, role, name, one.get("email"))


def history(found: Sequence[Any], ticket_id: str, *, start: str | None) -> Iterator[Tabled]:
    """The threads as messages and events. `start` is the status before the first of them, where it is known.

    Each thread states the conversation's status ("nochange" where it is the same) and whom it is assigned to.
    """
    now: dict[str, str | None] = {"status": start, "agent": None, "team": None}
    for thread in by_time(found, "createdAt"):
        thread_id = required(thread, "thread")
        if words(thread.get("state")) in _UNSENT:
            yield remark("threads that were never sent or are hidden, left out", thread_id)
            continue
        by = mapping(thread.get("createdBy"))
        yield from person_row(by)
        yield from person_row(thread.get("customer"), "customer")
        yield from _said(thread, thread_id, ticket_id, by)
        at = thread.get("createdAt")
        for field, new in _changes(thread):
            if new != now[field]:
                yield event(ticket_id, thread_id, field, at, old=now[field], new=new, actor=author_id(by))
                now[field] = new
        yield from _merged(thread, ticket_id)


def _said(thread: Row, thread_id: str, ticket_id: str, by: Row) -> Iterator[Tabled]:
    kind = str(thread.get("type"))
    body = words(thread.get("body"))
    attachments = mapping(thread.get("_embedded")).get("attachments") or thread.get("attachments")
    if (body is None and not attachments) or kind not in _NOTES | _PUBLIC:
        return
    action = str(mapping(thread.get("action")).get("type"))
    # A customer's thread may have been brought in by a user; its words are the customer's all the same.
    is_customer = kind == "customer"
    role = "customer" if is_customer else _ROLES.get(str(by.get("type")))
    if kind == "message" and "automatic" in action:
        role = "bot"
    author = customer_id(thread.get("customer")) or author_id(by) if is_customer else author_id(by)
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": thread_id,
            "position": place(thread_id),
            "author_role": role,
            "author_id": author,
            "is_public": kind in _PUBLIC,
            "created_at": thread.get("createdAt"),
            "kind": "note" if kind in _NOTES else "message",
            "body": body,
            "is_html": None,
            "count_attachments": count(attachments),
        },
    )


def _changes(thread: Row) -> Iterator[tuple[str, str | None]]:
    if (status := STATUS.get(str(thread.get("status")))) is not None:
        yield "status", status
    if "assignedTo" in thread:
        target = mapping(thread["assignedTo"])
        is_team = target.get("type") == "team"
        found = assigned(target.get("id"), "assignee id", ANYONE)
        yield "team" if is_team and found else "agent", found


def _merged(thread: Row, ticket_id: str) -> Iterator[Tabled]:
    """The conversation that went into this one; it is found no more, but may have been loaded before."""
    action = mapping(thread.get("action"))
    lost = mapping(action.get("associatedEntities")).get("originalConversation")
    loser = identifier(lost, "merged conversation's id")
    if action.get("type") == "merged" and loser and loser != ticket_id:
        yield PARTS, {"kind": WINNER, "id": loser, "place": "", "value": ticket_id}


def loose_threads(record: Row, _: Options) -> Iterator[Tabled]:
    """Threads beside their conversation: a page of them, or one alone."""
    found = record["threads"] if isinstance(record.get("threads"), list) else [record]
    yield from history(found, required(record, "thread", "conversationId"), start=None)
