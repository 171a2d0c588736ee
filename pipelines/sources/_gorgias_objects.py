"""Gorgias' API objects: tickets with their messages, surveys and events. Its times bear no zone and are UTC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources._api import Tabled, count, event, person, place, remark, required
from pipelines.sources._values import identifier, instant, listing, mapping, number, words
from pipelines.sources.source import Options, Row
from warehouse.errors import BadInput

STATUS = {"open": "open", "closed": "solved"}
_STATUS_OF_EVENT = {
    "ticket-closed": "solved",
    "ticket-reopened": "open",
    "ticket-snoozed": "hold",
    "ticket-unsnoozed": "open",
    "ticket-self-unsnoozed": "open",
    "ticket-trashed": "deleted",
    "ticket-untrashed": "open",
}
_ASSIGNED = {
    "ticket-assigned": ("agent", "assignee_user"),
    "ticket-unassigned": ("agent", ""),
    "ticket-team-assigned": ("team", "assignee_team"),
    "ticket-team-unassigned": ("team", ""),
}


def customer_id(value: Any) -> str | None:
    """A customer's id. Users and customers are numbered apart, so that an id alone would mean two people."""
    found = identifier(value, "customer id")
    return f"customer:{found}" if found else None


def _people(customer: Any = None, user: Any = None) -> Iterator[Tabled]:
    for one, role in ((mapping(customer), "customer"), (mapping(user), "agent")):
        own = identifier(one.get("id"), "person id")
        if own and (one.get("name") or one.get("email")):
            found = f"customer:{own}" if role == "customer" else own
            yield person(found, role, one.get("name"), one.get("email"))


def _assignee(record: Row, kind: str) -> str | None:
    """The id of the user or the team that the ticket is assigned to, as an object or as an id."""
    stated = mapping(record.get(kind)).get("id", record.get(f"{kind}_id"))
    return identifier(stated, f"{kind} id")


def ticket(record: Row, options: Options) -> Iterator[Tabled]:
    """A ticket with what is embedded in it. A closed one that will open again by itself is snoozed."""
    ticket_id = required(record, "ticket")
    customer, team = mapping(record.get("customer")), mapping(record.get("assignee_team"))
    raw = words(record.get("status"))
    is_snoozed = bool(record.get("snooze_datetime"))
    is_trashed = bool(record.get("trashed_datetime"))
    status = "deleted" if is_trashed else "hold" if is_snoozed else STATUS.get(raw or "")
    tags = [words(mapping(tag).get("name")) for tag in listing(record.get("tags"))]
    yield from _people(customer, record.get("assignee_user"))
    if team_id := _assignee(record, "assignee_team"):
        yield "teams", {"team_id": team_id, "name": words(team.get("name"))}
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("subject")),
            "status": status,
            "status_raw": raw,
            "priority": words(record.get("priority")),
            "channel": words(record.get("channel")),
            "team_id": team_id,
            "agent_id": _assignee(record, "assignee_user"),
            "customer_id": customer_id(customer.get("id", record.get("customer_id"))),
            "customer_email": words(customer.get("email")),
            "tags": sorted({tag for tag in tags if tag}),
            "created_at": record.get("created_datetime"),
            "solved_at": record.get("closed_datetime") if status == "solved" else None,
            "updated_at": record.get("updated_datetime"),
            "is_spam": record.get("spam") is True,
            "is_deleted": is_trashed,
        },
    )
    for one in listing(record.get("messages")):
        if isinstance(one, dict):
            yield from message({"ticket_id": ticket_id, **one}, options)
    for one in listing(record.get("events")):
        if isinstance(one, dict):
            yield from activity({"object_type": "Ticket", "object_id": ticket_id, **one}, options)
    if isinstance(record.get("satisfaction_survey"), dict):
        yield from survey({"ticket_id": ticket_id, **record["satisfaction_survey"]}, options)


def message(record: Row, _: Options) -> Iterator[Tabled]:
    """A message: a customer's, an agent's, a rule's, or a note among agents. What failed to be sent is none."""
    ticket_id, message_id = required(record, "message", "ticket_id"), required(record, "message")
    if record.get("failed_datetime") and not record.get("sent_datetime"):
        yield remark("messages that could not be sent, left out", message_id)
        return
    is_ours = record.get("from_agent") is True
    is_rule = record.get("rule_id") is not None or record.get("via") == "rule"
    is_note = record.get("public") is False or record.get("channel") == "internal-note"
    sender = mapping(record.get("sender"))
    own = identifier(sender.get("id"), "sender id")
    if is_ours and not is_rule:
        yield from _people(None, sender)
    elif not is_ours:
        yield from _people(sender)
    role = "customer" if not is_ours else "bot" if is_rule else "agent"
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": message_id,
            "position": place(message_id),
            "author_role": role if isinstance(record.get("from_agent"), bool) else None,
            "author_id": None if role == "bot" else own if is_ours else customer_id(own),
            "is_public": not is_note,
            "created_at": record.get("created_datetime") or record.get("sent_datetime"),
            "kind": "note" if is_note else "message",
            "body": next(
                (
                    text
                    for key in ("body_text", "body_html", "stripped_text")
                    if (text := words(record.get(key)))
                ),
                None,
            ),
            "is_html": None,
            "count_attachments": count(record.get("attachments")),
        },
    )


def survey(record: Row, _: Options) -> Iterator[Tabled]:
    """A survey that was sent, answered or not. One that waits to be sent was not asked."""
    ticket_id = required(record, "survey", "ticket_id")
    score = number(record.get("score"))
    if score is None and not record.get("sent_datetime"):
        return
    if score is not None and not 1 <= score <= 5:
        raise BadInput(f"the survey score {score:g} lies outside 1 to 5")
    answered = instant(record.get("scored_datetime")) if score is not None else None
    yield (
        "ratings",
        {
            "rating_id": f"ticket-survey:{required(record, 'survey')}",
            "ticket_id": ticket_id,
            "kind": "csat",
            "score": score,
            "scale_min": None if score is None else 1.0,
            "scale_max": None if score is None else 5.0,
            "score_raw": words(record.get("score")),
            "comment": words(record.get("body_text")),
            "asked_at": record.get("sent_datetime"),
            "answered_at": answered,
            "customer_id": customer_id(record.get("customer_id")),
            "stated_at": answered or instant(record.get("sent_datetime")),
        },
    )


def activity(record: Row, _: Options) -> Iterator[Tabled]:
    """An event of a ticket: a change of status, agent or team."""
    if str(record.get("object_type")).casefold() != "ticket":
        return
    event_id = required(record, "event")
    ticket_id = required(record, "event", "object_id")
    kind, at = str(record.get("type")), record.get("created_datetime")
    user = mapping(record.get("user"))
    actor = identifier(user.get("id", record.get("user_id")), "user id")
    if kind in _STATUS_OF_EVENT:
        new = _STATUS_OF_EVENT[kind]
        old = "open" if new in ("solved", "hold") else None
        yield event(ticket_id, event_id, "status", at, old=old, new=new, actor=actor)
    elif kind in _ASSIGNED:
        field, key = _ASSIGNED[kind]
        assignee = _assignee(mapping(record.get("data")), key) if key else None
        if assignee or not key:  # an assignment that does not say to whom tells nothing
            yield event(ticket_id, event_id, field, at, new=assignee, actor=actor)


def user(record: Row, _: Options) -> Iterator[Tabled]:
    """A user of the account."""
    required(record, "user")
    yield from _people(None, record)


def customer(record: Row, _: Options) -> Iterator[Tabled]:
    """A customer."""
    required(record, "customer")
    yield from _people(record)


def team(record: Row, _: Options) -> Iterator[Tabled]:
    """A team."""
    yield "teams", {"team_id": required(record, "team"), "name": words(record.get("name"))}
