"""Chatwoot's messages: what was said, and what its lines of activity tell of status, agent, team and priority.

Activity lines are sentences in the account's language; English ones are read, the rest is counted and listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.sources._api import Tabled, count, event, person, place, remark, required
from pipelines.sources._chatwoot_ratings import AGENT, asked
from pipelines.sources._values import identifier, mapping, words
from pipelines.sources.source import Options, Row

INCOMING, OUTGOING, ACTIVITY, TEMPLATE = "incoming", "outgoing", "activity", "template"
_TYPES: dict[Any, str] = {
    **dict(enumerate((INCOMING, OUTGOING, ACTIVITY, TEMPLATE))),
    **{name: name for name in (INCOMING, OUTGOING, ACTIVITY, TEMPLATE)},
}
_SENDERS = {
    "user": "agent",
    "contact": "customer",
    "agent_bot": "bot",
    "agentbot": "bot",
    "captain_assistant": "ai",
    "captain::assistant": "ai",
}
Names = Mapping[tuple[str, str], str]
TEAM = "team"  # like AGENT a field of events, and the kind of name that stands for an id
_LINE_LENGTH = 500  # a line of activity is a sentence

_STATUSES = (
    (re.compile(r"Conversation was (?:marked )?resolved by "), "solved"),
    (re.compile(r"Conversation was (?:reopened by|marked open) "), "open"),
    (re.compile(r"System reopened the conversation"), "open"),
    (re.compile(r"Conversation was marked as pending by "), "pending"),
    (re.compile(r"Conversation was snoozed by "), "hold"),
)
_VIA_TEAM = re.compile(r"Assigned to (.+) via (.+) by .+$")
_ASSIGNED = re.compile(r"Assigned to (.+) by .+$")
_TOOK = re.compile(r"(.+) self-assigned this conversation$")
_UNASSIGNED = re.compile(r"Conversation unassigned by ")
_LEFT_TEAM = re.compile(r"Unassigned from .+ by ")
_PRIORITY = re.compile(r".+ (?:set the priority to|changed the priority from \w+ to) (\w+)$")
_NO_PRIORITY = re.compile(r".+ removed the priority$")
_OTHER = re.compile(
    r".+ (?:added|removed) .+|.+ has (?:un)?muted the conversation|Linear issue|CSAT survey not sent|"
    r"Auto-resolve message not sent|Sent a call permission request|.+ accepted the call permission"
)


def contact_id(value: Any) -> str | None:
    """A contact's id. Contacts, agents and bots are numbered apart, so that an id alone would mean two people."""
    found = identifier(mapping(value).get("id"), "contact id")
    return f"contact:{found}" if found else None


def message(record: Row, options: Options) -> Iterator[Tabled]:
    """A message beside its conversation."""
    yield from said(record, required(record, "message", "conversation_id"), options.known)


def said(record: Row, ticket_id: str, known: Names) -> Iterator[Tabled]:
    """A message, a survey or the changes that a line of activity tells of.

    `known` gives the ids of agents and teams by (AGENT or TEAM, name).
    """
    message_id = required(record, "message")
    stated = record.get("message_type")
    kind = _TYPES.get(stated) if isinstance(stated, (int, str)) else None
    if kind == ACTIVITY:
        yield from _activity(record, message_id, ticket_id, known)
        return
    if record.get("content_type") == "input_csat":
        yield from asked(record, ticket_id)
        return
    role, author = _author(record, kind)
    sender = mapping(record.get("sender"))
    if author and role in ("agent", "customer", "bot") and sender.get("name"):
        yield person(author, role, sender.get("name"), sender.get("email"))
    is_note = record.get("private") is True
    is_deleted = mapping(record.get("content_attributes")).get("deleted") is True
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": message_id,
            "position": place(message_id),
            "author_role": role,
            "author_id": author,
            "is_public": not is_note,
            "created_at": record.get("created_at"),
            "kind": "note" if is_note else "message",
            "body": None if is_deleted else words(record.get("content")),
            "is_html": None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def _author(record: Row, kind: str | None) -> tuple[str | None, str | None]:
    """Role and id of the sender. A message that nobody sent is a rule's or a campaign's, unless it echoes a phone's."""
    sender = mapping(record.get("sender"))
    stated = str(sender.get("type") or record.get("sender_type") or "").casefold()
    role = _SENDERS.get(stated)
    own = identifier(sender.get("id", record.get("sender_id")), "sender id")
    if kind == TEMPLATE:
        return "bot", None
    if kind == INCOMING:
        return "customer", f"contact:{own}" if own else None
    if role is None and own is None:
        is_echo = mapping(record.get("content_attributes")).get("external_echo") is True
        return ("agent" if is_echo else "bot"), None
    if role == "agent":
        return role, own
    prefix = "contact" if role == "customer" else "bot"
    return role, f"{prefix}:{own}" if own else None


def _activity(record: Row, message_id: str, ticket_id: str, known: Names) -> Iterator[Tabled]:
    text, at = (words(record.get("content")) or "")[:_LINE_LENGTH].strip(), record.get("created_at")
    for pattern, status in _STATUSES:
        if pattern.match(text):
            old = "open" if status != "open" else None
            yield event(ticket_id, message_id, "status", at, old=old, new=status)
            return
    changes = dict(_changes(text, known))
    for field, new in changes.items():
        yield event(ticket_id, message_id, field, at, new=new)
    if not changes and _ASSIGNED.match(text):
        yield remark("assignments to a name that is no agent or team we know (load both)", message_id)
    elif not changes and not _OTHER.match(text):
        yield remark("lines of activity that are not understood (English is)", message_id)


def _changes(text: str, known: Names) -> Iterator[tuple[str, str | None]]:
    """Field and new value; ids where the name is known. An agent and a team are assigned in the same words."""
    if found := _VIA_TEAM.match(text):
        yield AGENT, known.get((AGENT, found.group(1)), found.group(1))
        yield TEAM, known.get((TEAM, found.group(2)), found.group(2))
    elif found := _ASSIGNED.match(text):
        field = next((one for one in (TEAM, AGENT) if (one, found.group(1)) in known), None)
        if field:
            yield field, known[field, found.group(1)]
    elif found := _TOOK.match(text):
        yield AGENT, known.get((AGENT, found.group(1)), found.group(1))
    elif _UNASSIGNED.match(text):
        yield AGENT, None
    elif _LEFT_TEAM.match(text):
        yield TEAM, None
    elif found := _PRIORITY.match(text):
        yield "priority", found.group(1)
    elif _NO_PRIORITY.match(text):
        yield "priority", None
