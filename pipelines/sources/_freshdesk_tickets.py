"""Freshdesk's tickets, conversations and time entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pipelines.sources import _freshdesk_codes as codes
from pipelines.sources._api import assigned, count, person, place, required
from pipelines.sources._freshdesk_people import GROUP_HOURS
from pipelines.sources._freshdesk_ratings import survey_words
from pipelines.sources._values import identifier, instant, listing, mapping, words
from pipelines.sources.source import Options, Row
from warehouse.errors import BadInput

OUTBOUND = "outbound_email"
SURVEY_FEEDBACK, FORWARDED = "6", "8"  # conversations' own sources
DESCRIPTION = "description"  # the id of a ticket's first message, which has none of its own
_SPENT = re.compile(r"^(\d+):([0-5]\d)$")


def ticket(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A ticket with its first message and what else is in it: requester, company, conversations, the vendor's times."""
    ticket_id = required(record, "ticket")
    ours, raw = codes.status(record.get("status"), options)
    stats = mapping(record.get("stats"))
    customer = identifier(record.get("requester_id"), "requester id")
    agent = assigned(record.get("responder_id"), "responder id")
    team = assigned(record.get("group_id"), "group id")
    channel = codes.channel(record.get("source"), options)
    created_at = instant(record.get("created_at"))
    solved_at, closed_at = instant(stats.get("resolved_at")), instant(stats.get("closed_at"))
    requester = mapping(record.get("requester"))
    priority = words(record.get("priority"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("subject")),
            "status": ours,
            "status_raw": raw,
            "priority": codes.PRIORITIES.get(priority or "", priority),
            "type": words(record.get("type")) or words(record.get("ticket_type")),
            "channel": channel,
            "team_id": team,
            "agent_id": agent,
            "agent": words(record.get("responder_name")),
            "customer_id": customer,
            "customer_email": words(requester.get("email")),
            "opened_by_id": agent if channel == OUTBOUND else None,
            "account_id": identifier(record.get("company_id"), "company id"),
            "brand": identifier(record.get("product_id"), "product id"),
            "tags": sorted({tag for tag in listing(record.get("tags")) if isinstance(tag, str)}),
            "created_at": created_at,
            # The instants of an earlier resolution may still stand on a ticket that is open again.
            "solved_at": solved_at if ours in ("solved", "closed") else None,
            "closed_at": closed_at if ours == "closed" else None,
            "updated_at": record.get("updated_at"),
            "is_spam": record.get("spam") is True,
            "is_deleted": record.get("deleted") is True,
        },
    )
    if customer and requester:
        yield person(customer, None, requester.get("name"), requester.get("email"))
    company = mapping(record.get("company"))
    if company.get("id") is not None:
        yield "accounts", {"account_id": required(company, "company"), "name": words(company.get("name"))}
    if team and created_at and (hours := options.known.get((GROUP_HOURS, team))):
        row = {"ticket_id": ticket_id, "event_id": "group", "at": created_at, "schedule_id": hours}
        yield "ticket_schedules", row
    yield from _description(record, ticket_id, agent if channel == OUTBOUND else customer, channel)
    yield from _vendors_times(ticket_id, created_at, stats)
    for one in listing(record.get("conversations")):
        if isinstance(one, dict):
            yield from conversation({"ticket_id": ticket_id, **one}, options)


def _description(
    record: Row, ticket_id: str, author: str | None, channel: str | None
) -> Iterator[tuple[str, Row]]:
    """The first message. Older files have plain words in `description` and HTML beside it, newer ones the reverse."""
    plain = words(record.get("description_text"))
    html = words(record.get("description_html"))
    if plain is None and "description_html" in record:
        plain = words(record.get("description"))
    html = html or words(record.get("description"))
    if plain is None and html is None:
        return
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": DESCRIPTION,
            "position": 0,
            "author_role": "agent" if channel == OUTBOUND else "customer",
            "author_id": author,
            "is_public": True,
            "created_at": record.get("created_at"),
            "kind": "message",
            "body": plain or html,
            "is_html": plain is None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def conversation(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A reply, a note or what a customer wrote in a survey, which is no message of the conversation."""
    ticket_id = required(record, "conversation", "ticket_id")
    conversation_id = required(record, "conversation")
    origin = words(record.get("source"))
    if origin == SURVEY_FEEDBACK:
        yield from survey_words(record, ticket_id, conversation_id)
        return
    is_private = record.get("private") is True
    is_automatic = record.get("auto_response") is True
    is_bot = is_automatic or record.get("automation_id") not in (None, 0, "")
    plain, html = words(record.get("body_text")), words(record.get("body"))
    kind = "note" if is_private else "auto_reply" if is_automatic else "message"
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": conversation_id,
            "position": place(conversation_id),
            "author_role": "bot" if is_bot else _role(record.get("incoming")),
            "author_id": identifier(record.get("user_id"), "user id"),
            "is_public": not is_private,
            "created_at": record.get("created_at"),
            "kind": "forward" if origin == FORWARDED and kind == "message" else kind,
            "body": plain or html,
            "is_html": plain is None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def _role(incoming: Any) -> str | None:
    return {True: "customer", False: "agent"}.get(incoming) if isinstance(incoming, bool) else None


def _vendors_times(ticket_id: str, created_at: datetime | None, stats: Row) -> Iterator[tuple[str, Row]]:
    """Freshdesk's own first reply and resolution, by the clock, for cross-checks."""
    for name, key in (("first_reply", "first_responded_at"), ("full_resolution", "resolved_at")):
        at = instant(stats.get(key))
        if created_at and at and at >= created_at:
            minutes = (at - created_at).total_seconds() / 60
            yield "vendor_metrics", {"ticket_id": ticket_id, "name": name, "calendar_minutes": minutes}


def time_entry(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """Time that an agent tracked on a ticket, hours and minutes; each entry on its own, since a ticket has many."""
    spent = _SPENT.match(str(record.get("time_spent")))
    if not spent:
        raise BadInput(f"{str(record.get('time_spent'))[:40]!r} is no time of the form hh:mm")
    yield (
        "vendor_metrics",
        {
            "ticket_id": required(record, "time entry", "ticket_id"),
            "name": f"time_entry:{required(record, 'time entry')}",
            "calendar_minutes": float(int(spent[1]) * 60 + int(spent[2])),
        },
    )
