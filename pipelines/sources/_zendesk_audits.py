"""Zendesk's audits: the only source of a ticket's history, and of comments where the ticket came without them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources._values import identifier, listing, mapping
from pipelines.sources._zendesk_people import required
from pipelines.sources._zendesk_ratings import of_audit
from pipelines.sources._zendesk_tickets import body_of, comment, status
from pipelines.sources.source import Options, Row

FIELDS = {"status": "status", "assignee_id": "agent", "group_id": "team", "priority": "priority"}


def audit(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """The changes of status, agent, team and priority, the comments and the satisfaction scores of one audit."""
    ticket_id = required(record, "audit", "ticket_id")
    at = record.get("created_at")
    author = identifier(record.get("author_id"), "author id")
    changes = [mapping(one) for one in listing(record.get("events"))]
    for place, one in enumerate(changes):
        event_id = identifier(one.get("id"), "event id") or f"{required(record, 'audit')}:{place}"
        if one.get("type") == "Comment":
            body, is_html = body_of(one)
            inherited = {"author_id": record.get("author_id"), "via": record.get("via"), **one}
            yield (
                "messages",
                comment(inherited, ticket_id, event_id, body, is_html, place, one.get("created_at") or at),
            )
        elif one.get("type") in ("Create", "Change") and one.get("field_name") in FIELDS:
            field = FIELDS[one["field_name"]]
            yield (
                "events",
                {
                    "ticket_id": ticket_id,
                    "event_id": event_id,
                    "position": int(event_id) if event_id.isdecimal() and len(event_id) < 19 else place,
                    "at": at,
                    "field": field,
                    "old": _value(field, one.get("previous_value")),
                    "new": _value(field, one.get("value")),
                    "actor_id": author,
                },
            )
        elif one.get("field_name") == "satisfaction_score":
            yield from of_audit(one, changes, ticket_id, event_id, at, author)


def _value(field: str, value: Any) -> str | None:
    if field == "status" and isinstance(value, str):
        return status(value) or value
    return identifier(value, field)
