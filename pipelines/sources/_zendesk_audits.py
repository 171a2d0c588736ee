"""Zendesk's audits: the only source of a ticket's history, and of comments where the ticket came without them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources import _zendesk_sla as sla
from pipelines.sources._values import identifier, listing, mapping, words
from pipelines.sources._zendesk_people import required
from pipelines.sources._zendesk_ratings import of_audit
from pipelines.sources._zendesk_schedules import assignment
from pipelines.sources._zendesk_tickets import body_of, comment, status
from pipelines.sources.source import Options, Row

FIELDS = {"status": "status", "assignee_id": "agent", "group_id": "team", "priority": "priority"}
CHANGES = ("Create", "Change")
SCORES = ("satisfaction_score", "satisfaction_comment")
OTHERS = frozenset({"satisfaction_score", "sla_policy", *sla.FIELDS})  # read whatever the type of the change


def audit(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """What one audit says: changes of status, agent, team and priority, comments, scores, targets, schedules."""
    ticket_id = required(record, "audit", "ticket_id")
    author = identifier(record.get("author_id"), "author id")
    changes = [mapping(one) for one in listing(record.get("events"))]
    for place, one in enumerate(changes):
        yield from change(one, place, changes, record, ticket_id, author)


def change(
    one: Row, place: int, changes: list[Row], record: Row, ticket_id: str, author: str | None
) -> Iterator[tuple[str, Row]]:
    """What one change of an audit says; `changes` are all of that audit."""
    at = record.get("created_at")
    event_id = identifier(one.get("id"), "event id") or f"{required(record, 'audit')}:{place}"
    name = words(one.get("field_name")) or ""
    if one.get("type") == "Comment":
        body, is_html = body_of(one)
        inherited = {"author_id": record.get("author_id"), "via": record.get("via"), **one}
        yield (
            "messages",
            comment(inherited, ticket_id, event_id, body, is_html, place, one.get("created_at") or at),
        )
    elif one.get("type") in CHANGES and name in FIELDS:
        field = FIELDS[name]
        yield (
            "events",
            {
                "ticket_id": ticket_id,
                "event_id": event_id,
                "position": int(event_id) if event_id.isdecimal() and len(event_id) < 19 else place,
                "at": at,
                "field": field,
                "old": value(field, one.get("previous_value")),
                "new": value(field, one.get("value")),
                "actor_id": author,
            },
        )
    elif name == "satisfaction_score":
        yield from of_audit(one, changes, ticket_id, event_id, at, author)
    elif name in sla.FIELDS:
        named = mapping(one.get("via")).get("current_sla_policy")
        if named:
            yield from sla.policy(named, ticket_id, at)
        yield "sla_targets", sla.target(name, one.get("value"), ticket_id, event_id, at)
    elif name == "sla_policy":
        yield from sla.policy(one.get("value"), ticket_id, at)
    elif one.get("type") == "ScheduleAssignment":
        yield "ticket_schedules", assignment(one, ticket_id, event_id, at)


def ticket_event(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A record of the incremental ticket events: an audit whose changes name their field as a key of their own."""
    children = [mapping(one) for one in listing(record.get("child_events"))]
    events = [{**one, **_change(one), "type": one.get("event_type")} for one in children]
    words_of_it = [one for one in events if one["type"] != "Comment" or one.keys() & {"body", "html_body"}]
    at = record.get("created_at") or record.get("timestamp")
    author = record.get("updater_id", record.get("author_id"))
    yield from audit({**record, "created_at": at, "author_id": author, "events": words_of_it}, options)


def _change(one: Row) -> Row:
    """The field and the value of a change that is written as `{"status": "open", "previous_value": "new"}`."""
    fields = [name for name in (*FIELDS, *sla.FIELDS, "sla_policy", *SCORES) if name in one]
    return {"field_name": fields[0], "value": one[fields[0]]} if fields and "field_name" not in one else {}


def value(field: str, stated: Any) -> str | None:
    """What a field was or became, in our words."""
    if field == "status" and isinstance(stated, str):
        return status(stated) or stated
    return identifier(stated, field)
