"""Front's API objects: conversations, messages, comments, events, teammates, inboxes, accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelines.sources._api import Tabled, count, event, person, remark, required
from pipelines.sources._values import identifier, instant, listing, mapping, words
from pipelines.sources.source import Options, Row
from warehouse.errors import BadInput

STATUS = {
    "open": "open",
    "assigned": "open",
    "unassigned": "open",
    "waiting": "pending",
    "snoozed": "hold",
    "archived": "solved",
    "resolved": "solved",
    "deleted": "deleted",
    "trashed": "deleted",
    "trash": "deleted",
}
# An inbound message brings an archived conversation back; no other event says so.
STATUS_OF_EVENT = {
    "archive": "solved",
    "reopen": "open",
    "inbound": "open",
    "reminder": "open",
    "unsnooze": "open",
    "snooze_expired": "open",
    "snooze": "hold",
    "trash": "deleted",
    "restore": "open",
}
_OWNER = re.compile(r"/conversations/(cnv_\w+)")


def customer_of(value: Any) -> str | None:
    """A customer's id: the handle they write from, which every message bears."""
    handle = words(mapping(value).get("handle"))
    return handle.strip().casefold() or None if handle else None


def mail_of(handle: str | None) -> str | None:
    """The handle where it is an e-mail address."""
    return handle if handle and "@" in handle else None


def _people(value: Any, teammate: Any = None) -> Iterator[Tabled]:
    if handle := customer_of(value):
        yield person(handle, "customer", mapping(value).get("name"), mail_of(handle))
    one = mapping(teammate)
    if found := identifier(one.get("id"), "teammate id"):
        name = " ".join(part for key in ("first_name", "last_name") if (part := words(one.get(key))))
        yield person(found, "agent", name or words(one.get("username")), one.get("email"))


def _owner(record: Row) -> str | None:
    """The conversation that an object belongs to, as its links say."""
    links = mapping(mapping(record.get("_links")).get("related"))
    found = _OWNER.search(str(links.get("conversation")))
    return found.group(1) if found else identifier(record.get("conversation_id"), "conversation id")


def _needed(record: Row, what: str) -> str:
    found = _owner(record)
    if found is None:
        raise BadInput(f"a {what} that does not say whose it is")
    return found


def conversation(record: Row, _: Options) -> Iterator[Tabled]:
    """A conversation as it stands; its messages and events come in pages of their own."""
    ticket_id = required(record, "conversation")
    recipient, assignee = mapping(record.get("recipient")), mapping(record.get("assignee"))
    last = mapping(record.get("last_message"))
    raw = words(record.get("status_category")) or words(record.get("status"))
    status = STATUS.get(raw or "")
    if record.get("status") in ("deleted", "trashed", "snoozed"):
        status = STATUS[record["status"]]
    tags = [words(mapping(tag).get("name")) for tag in listing(record.get("tags"))]
    stamps = [
        instant(one) for one in (record.get("updated_at"), last.get("created_at"), record.get("created_at"))
    ]
    yield from _people(recipient, assignee)
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("subject")),
            "status": status,
            "status_raw": raw,
            "channel": words(last.get("type")),
            "agent_id": identifier(assignee.get("id"), "teammate id"),
            "customer_id": customer_of(recipient),
            "customer_email": mail_of(customer_of(recipient)),
            "tags": sorted({tag for tag in tags if tag}),
            "created_at": record.get("created_at"),
            "updated_at": max((one for one in stamps if one), default=None),
            "is_spam": record.get("status") == "spam",
            "is_deleted": status == "deleted",
        },
    )


def message(record: Row, _: Options) -> Iterator[Tabled]:
    """A message; what nobody wrote and Front sent is a rule's."""
    yield from _message(record, _needed(record, "message"))


def _message(record: Row, ticket_id: str) -> Iterator[Tabled]:
    message_id = required(record, "message")
    if record.get("is_draft") is True or record.get("draft_mode"):
        yield remark("drafts of messages, left out", message_id)
        return
    is_inbound = record.get("is_inbound") is True
    author = mapping(record.get("author"))
    sender = next(
        (one for one in listing(record.get("recipients")) if mapping(one).get("role") == "from"), None
    )
    yield from _people(sender if is_inbound else None, author)
    author_id = identifier(author.get("id"), "teammate id")
    html = words(record.get("body"))
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": message_id,
            "author_role": "customer" if is_inbound else ("agent" if author_id else "bot"),
            "author_id": customer_of(sender) if is_inbound else author_id,
            "is_public": True,
            "created_at": record.get("created_at"),
            "kind": "message",
            "body": html or words(record.get("text")),
            "is_html": None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def comment(record: Row, _: Options) -> Iterator[Tabled]:
    """A comment among teammates."""
    yield from _comment(record, _needed(record, "comment"))


def _comment(record: Row, ticket_id: str) -> Iterator[Tabled]:
    author = mapping(record.get("author"))
    yield from _people(None, author)
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": required(record, "comment"),
            "author_role": "agent" if author.get("id") else "system",
            "author_id": identifier(author.get("id"), "teammate id"),
            "is_public": False,
            "created_at": record.get("posted_at"),
            "kind": "note",
            "body": words(record.get("body")),
            "is_html": None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def activity(record: Row, options: Options) -> Iterator[Tabled]:
    """An event: a change of status, teammate or inbox, or a message or a comment with its text."""
    event_id, at = required(record, "event"), record.get("emitted_at")
    ticket_id = identifier(mapping(record.get("conversation")).get("id"), "conversation id")
    ticket_id = ticket_id or _needed(record, "event")
    kind = str(record.get("type"))
    about_whom = mapping(record.get("conversation"))
    if "status" in about_whom and "recipient" in about_whom:
        yield from conversation(about_whom, options)
    source, target = mapping(record.get("source")), mapping(record.get("target"))
    by = mapping(source.get("data")) if mapping(source.get("_meta")).get("type") == "teammate" else {}
    actor = identifier(by.get("id"), "teammate id")
    meant, about = mapping(target.get("_meta")).get("type"), target.get("data")
    if meant == "message" and "is_inbound" in mapping(about):
        yield from _message(mapping(about), ticket_id)
    elif meant == "comment" and "posted_at" in mapping(about):
        yield from _comment(mapping(about), ticket_id)
    if kind in STATUS_OF_EVENT:
        new = STATUS_OF_EVENT[kind]
        old = "open" if new in ("solved", "hold") else None
        yield event(ticket_id, event_id, "status", at, old=old, new=new, actor=actor)
    elif kind == "assign":
        yield from _people(None, about)
        new_id = identifier(mapping(about).get("id"), "teammate id")
        yield event(ticket_id, event_id, "agent", at, new=new_id, actor=actor)
    elif kind == "unassign":
        yield event(ticket_id, event_id, "agent", at, new=None, actor=actor)
    elif kind == "move":
        inboxes = about if isinstance(about, list) else [about]
        for inbox in inboxes[:1]:
            new_id = identifier(mapping(inbox).get("id"), "inbox id")
            yield event(ticket_id, event_id, "team", at, new=new_id, actor=actor)


def teammate(record: Row, _: Options) -> Iterator[Tabled]:
    """A teammate."""
    required(record, "teammate")
    yield from _people(None, record)


def inbox(record: Row, _: Options) -> Iterator[Tabled]:
    """An inbox, which is the team; tags look alike and are told by their id."""
    found = required(record, "inbox")
    if found.startswith("inb_"):
        yield "teams", {"team_id": found, "name": words(record.get("name"))}


def account(record: Row, _: Options) -> Iterator[Tabled]:
    """An account."""
    row = {"account_id": required(record, "account"), "name": words(record.get("name"))}
    yield "accounts", {**row, "updated_at": record.get("updated_at")}
