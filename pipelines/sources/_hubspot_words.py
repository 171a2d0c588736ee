"""What is said in HubSpot: messages of conversations, e-mails and notes on tickets, and answered surveys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources._api import count, remark, required
from pipelines.sources._hubspot_objects import USER_OWNER, associated, properties
from pipelines.sources._values import identifier, instant, listing, mapping, number, words
from pipelines.sources.source import NAMES, Options, Row
from warehouse.errors import BadInput

THREAD = "hubspot_thread"  # names: the ticket of a conversation
_ACTORS = {"A": "agent", "V": "customer", "E": "customer", "B": "bot", "L": "ai", "I": "bot", "S": "system"}
_DIRECTIONS = {"INCOMING": "customer", "OUTGOING": "agent"}
_UNSENT = frozenset({"FAILED", "SCHEDULED", "SENDING"})
_SCALES = {"nps": (0.0, 10.0), "ces": (1.0, 7.0)}
_SIGNS = {
    "promoter": True,
    "satisfied": True,
    "happy": True,
    "passive": False,
    "neutral": False,
    "detractor": False,
    "dissatisfied": False,
    "unhappy": False,
}


def thread(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """The ticket that a conversation belongs to."""
    told = mapping(record.get("threadAssociations"))
    if ticket_id := identifier(told.get("associatedTicketId"), "ticket id"):
        yield NAMES, {"kind": THREAD, "id": required(record, "thread"), "name": ticket_id}


def message(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A message of a conversation, or a comment among agents; what only says that something changed says nothing."""
    kind = record.get("type")
    if kind not in ("MESSAGE", "COMMENT", "WELCOME_MESSAGE"):
        return
    message_id = required(record, "message")
    ticket_id = options.known.get((THREAD, required(record, "message", "conversationsThreadId")))
    if ticket_id is None:
        yield remark("messages of conversations without a ticket, left out", message_id)
        return
    senders = listing(record.get("senders"))
    actor = words(mapping(senders[0]).get("actorId")) if senders else words(record.get("createdBy"))
    start, _, own_id = (actor or "").partition("-")
    role = _ACTORS.get(start) or _DIRECTIONS.get(str(record.get("direction")))
    author = options.known.get((USER_OWNER, own_id), own_id) if start == "A" else own_id
    plain, html = words(record.get("text")), words(record.get("richText"))
    is_note = kind == "COMMENT"
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": message_id,
            "author_role": "bot" if kind == "WELCOME_MESSAGE" else role,
            "author_id": author or None,
            "is_public": not is_note,
            "created_at": instant(record.get("createdAt")),
            "kind": "note" if is_note else "message",
            "body": plain or html,
            "is_html": plain is None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def email(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An e-mail that is logged on tickets: on each of them."""
    said = properties(record)
    email_id = required(record, "e-mail")
    if words(said.get("hs_email_status")) in _UNSENT:
        yield remark("e-mails that were not sent, left out", email_id)
        return
    direction = said.get("hs_email_direction")
    plain, html = words(said.get("hs_email_text")), words(said.get("hs_email_html"))
    role = "customer" if direction == "INCOMING_EMAIL" else "agent"
    yield from _on_tickets(
        record,
        {
            "message_id": email_id,
            "author_role": role,
            "author_id": _owner(said) if role == "agent" else None,
            "is_public": True,
            "created_at": instant(said.get("hs_timestamp")),
            "kind": "forward" if direction == "FORWARDED_EMAIL" else "message",
            "body": plain or html,
            "is_html": plain is None,
        },
        "e-mails",
    )


def note(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A note among agents."""
    said = properties(record)
    row: Row = {"message_id": required(record, "note"), "author_role": "agent", "author_id": _owner(said)}
    row |= {"is_public": False, "created_at": instant(said.get("hs_timestamp")), "kind": "note"}
    yield from _on_tickets(record, {**row, "body": words(said.get("hs_note_body")), "is_html": True}, "notes")


def _owner(said: Row) -> str | None:
    return identifier(said.get("hubspot_owner_id"), "owner id")


def _on_tickets(record: Row, row: Row, what: str) -> Iterator[tuple[str, Row]]:
    tickets = associated(record, "tickets")
    if not tickets:
        yield remark(f"{what} on no ticket, left out", row["message_id"])
    for ticket_id in tickets:
        yield "messages", {"ticket_id": ticket_id, **row}


def feedback(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An answered survey of the API."""
    tickets, contacts = associated(record, "tickets"), associated(record, "contacts")
    said = properties(record) | {"id": required(record, "survey response")}
    said.setdefault("hs_submission_timestamp", record.get("createdAt"))
    if tickets:
        said["hs_ticket_id"] = tickets[0]
    if contacts:
        said["hs_contact_id"] = contacts[0]
    yield from feedback_rows(said)


def feedback_rows(said: Row) -> Iterator[tuple[str, Row]]:
    """The rating of an answered survey. NPS goes from 0 to 10, CES from 1 to 7, where more is easier.

    A CSAT survey's scale is each team's choice and stands nowhere: satisfied is what HubSpot's own group says.
    """
    rating_id = identifier(said.get("id"), "response id")
    kind = str(said.get("hs_survey_type") or "").casefold()
    if rating_id is None:
        raise BadInput("a survey response without an id")
    if kind not in ("nps", "csat", "ces"):
        yield remark("answers of custom surveys, left out", rating_id)
        return
    score = number(said.get("hs_value"))
    low, high = _SCALES.get(kind, (None, None))
    if score is not None and low is not None and high is not None and not low <= score <= high:
        raise BadInput(f"the {kind.upper()} score {score:g} lies outside {low:g} to {high:g}")
    sign = _sign(said) if kind == "csat" else None
    if kind == "csat" and sign is None and score is not None:
        yield remark(
            "CSAT answers without a response group, so that nobody knows whether they are satisfied",
            rating_id,
        )
    answered_at = instant(said.get("hs_submission_timestamp") or said.get("hs_createdate"))
    yield (
        "ratings",
        {
            "rating_id": f"{kind}:{rating_id}",
            "kind": kind,
            "score": score,
            "scale_min": low,
            "scale_max": high,
            "is_positive": sign,
            "is_higher_better": True if kind == "ces" else None,
            "score_raw": words(said.get("hs_value")),
            "comment": words(said.get("hs_content")),
            "answered_at": answered_at,
            "ticket_id": identifier(said.get("hs_ticket_id"), "ticket id"),
            "customer_id": identifier(said.get("hs_contact_id"), "contact id"),
            "customer_email": words(said.get("hs_contact_email_rollup")),
            "stated_at": answered_at,
        },
    )


def _sign(said: Row) -> bool | None:
    told: list[Any] = [said.get("hs_response_group"), said.get("hs_sentiment")]
    signs = [_SIGNS.get(str(one).strip().casefold()) for one in told]
    return next((sign for sign in signs if sign is not None), None)
