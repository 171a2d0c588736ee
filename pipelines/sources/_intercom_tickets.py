"""Intercom's conversations and tickets, with the rating and the figures that stand on them."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sources._api import Tabled, assigned, figure, minutes, remark, required, seconds
from pipelines.sources._intercom_parts import (
    AUTOMATIC,
    CUSTOMERS,
    STATUS_OF_TICKET,
    history,
    opening,
    role,
)
from pipelines.sources._values import identifier, listing, mapping, words
from pipelines.sources.source import Options, Row

STATUS = {"open": "open", "closed": "solved", "snoozed": "hold"}
_BUSINESS = {  # Intercom takes the time out of office hours away from these
    "time_to_admin_reply": "first_reply",
    "median_time_to_reply": "next_reply",
    "time_to_first_close": "first_resolution",
    "time_to_last_close": "full_resolution",
}
_PRIORITIES = {"not_priority": None, "none": None}
CX_SCORE = "CX Score rating"  # an AI's opinion of the conversation, not a customer's


def conversation(record: Row, _: Options) -> Iterator[Tabled]:
    """A conversation with its first message, parts, rating and figures.

    A campaign's or a bot's message that no customer answered is a sent message, not a request: it is left out.
    """
    ticket_id = required(record, "conversation")
    source = mapping(record.get("source")) or mapping(record.get("conversation_message"))
    if words(source.get("delivered_as")) in AUTOMATIC and _is_unanswered(record):
        yield remark("automatic messages that no customer answered, left out", ticket_id)
        return
    figures = mapping(record.get("statistics"))
    state = words(record.get("state"))
    author = mapping(source.get("author"))
    held = mapping(record.get("conversation_parts"))
    parts = listing(held.get("conversation_parts"))
    is_cut = (seconds(held.get("total_count")) or 0) > len(parts)
    status = STATUS.get(state or "")
    tags = [words(mapping(tag).get("name")) for tag in listing(mapping(record.get("tags")).get("tags"))]
    priority = words(record.get("priority"))
    is_opened_by_person = (
        words(author.get("type")) in CUSTOMERS or source.get("delivered_as") == "admin_initiated"
    )
    old = mapping(record.get("assignee"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("title")) or words(source.get("subject")),
            "status": status,
            "status_raw": state,
            "priority": _PRIORITIES.get(priority or "", priority),
            "channel": words(source.get("type")),
            "team_id": assigned(record.get("team_assignee_id"), "team id"),
            "agent_id": assigned(record.get("admin_assignee_id", old.get("id")), "admin id"),
            "customer_id": _customer(record),
            "customer_email": words(author.get("email")) if role(author) == "customer" else None,
            "opened_by_id": identifier(author.get("id"), "author id") if is_opened_by_person else None,
            "tags": sorted({tag for tag in tags if tag}),
            "created_at": record.get("created_at"),
            "first_assigned_at": figures.get("first_assignment_at") or None,
            "solved_at": figures.get("last_close_at") or None if status == "solved" else None,
            "updated_at": record.get("updated_at"),
            "handle_seconds": seconds(figures.get("adjusted_handling_time")),
        },
    )
    if is_cut or (not held and figures.get("first_admin_reply_at")):
        # With a part of the answers missing every wait would come out wrong.
        yield remark("conversations without all of their parts, loaded without what was said", ticket_id)
    else:
        yield from opening(record, ticket_id)
        yield from history(parts, ticket_id, start="open", end=status)
    yield from _rating(record, ticket_id)
    yield from _figures(record, figures, ticket_id)


def _is_unanswered(record: Row) -> bool:
    """Whether no customer wrote; unknown, where the record holds neither the parts nor the first answer, is no."""
    held = record.get("conversation_parts")
    for part in listing(mapping(held).get("conversation_parts")):
        if role(mapping(mapping(part).get("author"))) == "customer" and words(mapping(part).get("body")):
            return False
    answered = mapping(record.get("first_contact_reply")).get("created_at")
    answered = answered or mapping(record.get("statistics")).get("first_contact_reply_at")
    is_stated = isinstance(held, dict) or "first_contact_reply" in record
    return is_stated and not answered


def _customer(record: Row) -> str | None:
    """The first contact; older records name a user or customers."""
    for one in (
        *listing(mapping(record.get("contacts")).get("contacts")),
        record.get("user"),
        *listing(record.get("customers")),
    ):
        if found := identifier(mapping(one).get("id"), "contact id"):
            return found
    return None


def _rating(record: Row, ticket_id: str) -> Iterator[Tabled]:
    """The rating in the conversation: created when it was asked for, updated when it was given."""
    stated = mapping(record.get("conversation_rating"))
    asked, score = stated.get("created_at"), seconds(stated.get("rating"))
    if not asked and score is None:
        return
    yield (
        "ratings",
        {
            "rating_id": f"conversation:{ticket_id}:{asked}",
            "ticket_id": ticket_id,
            "kind": "csat",
            "score": score,
            "scale_min": None if score is None else 1.0,
            "scale_max": None if score is None else 5.0,
            "score_raw": words(stated.get("rating")),
            "comment": words(stated.get("remark")),
            "asked_at": asked,
            "answered_at": None if score is None else stated.get("updated_at"),
            "agent_id": identifier(mapping(stated.get("teammate")).get("id"), "teammate id"),
            "customer_id": identifier(mapping(stated.get("contact")).get("id"), "contact id"),
            "stated_at": stated.get("updated_at") or record.get("updated_at"),
        },
    )


def _figures(record: Row, figures: Row, ticket_id: str) -> Iterator[Tabled]:
    """Intercom's own figures, for cross-checks."""
    for stated, name in _BUSINESS.items():
        yield from minutes(ticket_id, name, business=figures.get(stated))
    yield from minutes(ticket_id, "handle_time", calendar=figures.get("handling_time"))
    yield from figure(ticket_id, "count_reopens", figures.get("count_reopens"))
    yield from figure(ticket_id, "count_assignments", figures.get("count_assignments"))
    yield from figure(ticket_id, "ai_agent_rating", mapping(record.get("ai_agent")).get("rating"))
    yield from figure(ticket_id, "cx_score", mapping(record.get("custom_attributes")).get(CX_SCORE))


def ticket(record: Row, _: Options) -> Iterator[Tabled]:
    """A ticket of a customer, with its description as the first message. Tickets among teammates are left out."""
    ticket_id = required(record, "ticket")
    kind = mapping(record.get("ticket_type"))
    category = words(record.get("category")) or words(kind.get("category"))
    if category is not None and category.casefold() != "customer":
        yield remark("tickets among teammates (back-office and tracker), left out", ticket_id)
        return
    stated = record.get("ticket_state")
    state = words(stated) or words(mapping(stated).get("category"))
    attributes = mapping(record.get("ticket_attributes"))
    parts = listing(mapping(record.get("ticket_parts")).get("ticket_parts"))
    customer = _customer(record)
    status = STATUS_OF_TICKET.get(state or "")
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(attributes.get("_default_title_")),
            "status": status,
            "status_raw": state,
            "type": words(kind.get("name")),
            "team_id": assigned(record.get("team_assignee_id"), "team id"),
            "agent_id": assigned(record.get("admin_assignee_id"), "admin id"),
            "customer_id": customer,
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at"),
        },
    )
    if description := words(attributes.get("_default_description_")):
        yield (
            "messages",
            {
                "ticket_id": ticket_id,
                "message_id": "description",
                "position": 0,
                "author_role": "customer" if customer else None,
                "author_id": customer,
                "is_public": True,
                "created_at": record.get("created_at"),
                "kind": "message",
                "body": description,
                "is_html": None,
                "count_attachments": 0,
            },
        )
    yield from history(parts, ticket_id, start="new", end=status)
