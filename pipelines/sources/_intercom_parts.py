"""What happened in an Intercom conversation or ticket: its first message, its parts, and the changes they tell of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.sources._api import Tabled, assigned, by_time, count, event, person, place, required
from pipelines.sources._values import identifier, mapping, words
from pipelines.sources.source import Options, Row

CUSTOMERS = frozenset({"user", "lead", "contact"})
# Messages that a campaign or a workflow sent, in whoever's name.
AUTOMATIC = frozenset({"automated", "campaigns_initiated", "operator_initiated"})
_CLOSED = {"close": "solved"}
_SNOOZED = {"snoozed": "hold"}
_OPENED = dict.fromkeys(
    (
        "open",
        "unsnoozed",
        "timer_unsnooze",
        "note_and_reopen",
        "assign_and_reopen",
        "assign_and_unsnooze",
        "note_and_unsnooze",
    ),
    "open",
)
STATUS_OF_PART = {**_CLOSED, **_SNOOZED, **_OPENED}
STATUS_OF_TICKET = {
    "submitted": "new",
    "in_progress": "open",
    "waiting_on_customer": "pending",
    "on_hold": "hold",
    "resolved": "solved",
}
_SPOKEN = frozenset({"comment", "open", "close", "snoozed", "quick_reply"})


def role(author: Row, *, is_automatic: bool = False) -> str | None:
    """Who wrote: an AI agent's words are never a teammate's, whoever's name they bear; unknown kinds stay unknown."""
    kind = words(author.get("type"))
    if kind in CUSTOMERS:
        return "customer"
    if author.get("from_ai_agent") is True or author.get("is_ai_answer") is True:
        return "ai"
    if kind == "bot" or (kind == "admin" and is_automatic):
        return "bot"
    return {"admin": "agent", "team": "system"}.get(str(kind))


def author_row(author: Row) -> Iterator[Tabled]:
    """The author as a person; an AI agent may speak in a teammate's name, and then says nothing about them."""
    found = identifier(author.get("id"), "author id")
    known = role(author)
    if found and known in ("customer", "agent", "bot"):
        yield person(found, known, author.get("name"), author.get("email"))


def opening(record: Row, ticket_id: str) -> Iterator[Tabled]:
    """The first message, which is no part of the parts."""
    source = mapping(record.get("source")) or mapping(record.get("conversation_message"))
    body = words(source.get("body"))
    author = mapping(source.get("author"))
    yield from author_row(author)
    if body is None and not source.get("attachments"):
        return
    is_automatic = words(source.get("delivered_as")) in AUTOMATIC
    message_id = f"source:{identifier(source.get('id'), 'source id') or ticket_id}"
    yield _message(ticket_id, message_id, 0, author, record.get("created_at"), body, source, is_automatic)


def _message(
    ticket_id: str,
    message_id: str,
    position: int | None,
    author: Row,
    at: Any,
    body: str | None,
    said: Row,
    is_automatic: bool = False,
    is_note: bool = False,
) -> Tabled:
    return "messages", {
        "ticket_id": ticket_id,
        "message_id": message_id,
        "position": position,
        "author_role": role(author, is_automatic=is_automatic),
        "author_id": identifier(author.get("id"), "author id"),
        "is_public": not is_note,
        "created_at": at,
        "kind": "note" if is_note else "message",
        "body": body,
        "is_html": True,
        "count_attachments": count(said.get("attachments")),
    }


def history(found: Sequence[Any], ticket_id: str, *, start: str | None, end: str | None) -> Iterator[Tabled]:
    """The parts as messages and events. `start` and `end` are the statuses before the first and after the last part.

    A customer who writes into a closed or snoozed conversation opens it again; there is no part that says so. It is
    told by what follows: a part that closes it anew, or an open end.
    """
    parts = by_time(found, "created_at")
    now: dict[str, str | None] = {"status": start, "agent": None, "team": None}
    for number, part in enumerate(parts):
        part_id = required(part, "conversation part")
        actor = mapping(part.get("author"))
        yield from author_row(actor)
        yield from _said(part, part_id, ticket_id, actor)
        changes = dict(_changes(part))
        if (
            "status" not in changes
            and role(actor) == "customer"
            and part.get("part_type") == "comment"
            and now["status"] in ("solved", "hold")
            and _is_opened_after(parts[number + 1 :], end)
        ):
            changes["status"] = "open"
        actor_id = identifier(actor.get("id"), "author id")
        for field, new in changes.items():
            if field == "status" and new == now["status"]:
                continue
            if field != "status" and new == now[field] and new is not None:
                continue
            at = part.get("created_at")
            yield event(ticket_id, part_id, field, at, old=now[field], new=new, actor=actor_id)
            now[field] = new


def _said(part: Row, part_id: str, ticket_id: str, author: Row) -> Iterator[Tabled]:
    kind, body = str(part.get("part_type")), words(part.get("body"))
    is_note = "note" in kind or "assign" in kind
    if (body is None and not part.get("attachments")) or not (is_note or kind in _SPOKEN):
        return
    at = part.get("created_at")
    yield _message(ticket_id, part_id, place(part_id), author, at, body, part, is_note=is_note)


def _changes(part: Row) -> Iterator[tuple[str, str | None]]:
    """Field and new value of each change that the part states itself."""
    kind = str(part.get("part_type"))
    stated = part.get("ticket_state")
    state = stated if isinstance(stated, str) else mapping(stated).get("category")
    if kind in STATUS_OF_PART:
        yield "status", STATUS_OF_PART[kind]
    elif kind.startswith("ticket_state_updated") and str(state) in STATUS_OF_TICKET:
        yield "status", STATUS_OF_TICKET[str(state)]
    target = mapping(part.get("assigned_to"))
    if target or "assign" in kind:
        field = "team" if str(target.get("type")).startswith("team") else "agent"
        yield field, assigned(target.get("id"), "assignee id")


def _is_opened_after(later: list[Row], end: str | None) -> bool:
    for part in later:
        status = dict(_changes(part)).get("status")
        if status is not None:
            return status != "open"
    return end == "open"


def loose_part(record: Row, _: Options) -> Iterator[Tabled]:
    """A part that lies beside its conversation, as connectors write them."""
    ticket_id = required(record, "conversation part", "conversation_id")
    yield from history([record], ticket_id, start=None, end=None)
