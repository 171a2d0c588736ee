"""Rows of Fivetran's Zendesk tables as canonical rows, each table by its own function.

The history of fields holds one value a row: what a score's comment or a target's policy is lies in another row, so
those travel as parts and are put together after reading. Its events have no id; theirs is made of field and instant,
of which the table has one a ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson

from pipelines.sources import _zendesk_sla as sla
from pipelines.sources import _zendesk_tickets as tickets
from pipelines.sources._columns import flag
from pipelines.sources._values import identifier, instant, words
from pipelines.sources._zendesk_audits import FIELDS
from pipelines.sources._zendesk_people import required
from pipelines.sources._zendesk_ratings import IN_AUDIT, scored
from pipelines.sources.source import HISTORY, PARTS, SCORE_COMMENT, TAG, WINNER, Options, Row
from warehouse.errors import BadInput

Rows = Iterator[tuple[str, Row]]
Reader = Callable[[Row, Options], Rows]
# A ticket's column: the table's own, what it is read as. Left out of the row where the table has no such column.
_REFERENCES = {
    "team_id": "group_id",
    "agent_id": "assignee_id",
    "customer_id": "requester_id",
    "opened_by_id": "submitter_id",
    "account_id": "organization_id",
    "brand": "brand_id",
}
_WORDS = {"subject": "subject", "priority": "priority", "type": "type", "channel": "via_channel"}


def ticket(record: Row, _: Options) -> Rows:
    """A ticket. Its tags and what was merged into it lie elsewhere."""
    ticket_id = required(record, "ticket")
    raw_status = words(record.get("status"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "status": tickets.status(raw_status),
            "status_raw": raw_status,
            **{name: words(record[column]) for name, column in _WORDS.items() if column in record},
            **{name: identifier(record[one], one) for name, one in _REFERENCES.items() if one in record},
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at"),
            "is_spam": raw_status == "suspended",
            "is_deleted": raw_status == "deleted",
            "is_test": record.get("via_channel") == "sample_ticket",
        },
    )
    for loser in _listed(record.get("merged_ticket_ids")):
        merged = identifier(loser, "merged ticket's id")
        if merged and merged != ticket_id:
            yield PARTS, {"kind": WINNER, "id": merged, "place": "", "value": ticket_id}


def ticket_comment(record: Row, _: Options) -> Rows:
    """A comment as a message; the table has no attachments."""
    message_id = required(record, "comment")
    one = {"author_id": record.get("user_id"), "public": flag(record.get("public"))}
    body, created = words(record.get("body")), moment(record.get("created"))
    ticket_id = required(record, "comment", "ticket_id")
    message = tickets.comment(one, ticket_id, message_id, body, False, 0, created)
    yield "messages", message | {"count_attachments": None}


def ticket_tag(record: Row, _: Options) -> Rows:
    """One tag of a ticket."""
    if tag := words(record.get("tag")):
        yield PARTS, {"kind": TAG, "id": required(record, "tag", "ticket_id"), "place": tag}


def ticket_schedule(record: Row, _: Options) -> Rows:
    """The schedule that a ticket follows from an instant on."""
    at = record.get("created_at")
    if at is None:
        raise BadInput("a ticket's schedule without its instant")
    yield (
        "ticket_schedules",
        {
            "ticket_id": required(record, "ticket's schedule", "ticket_id"),
            "event_id": f"{HISTORY}{at.isoformat()}",
            "at": at,
            "schedule_id": required(record, "ticket's schedule", "schedule_id"),
        },
    )


def ticket_field_history(record: Row, _: Options) -> Rows:
    """One value of one field: a change of status, agent, team or priority, a target, a policy, a score, its comment."""
    ticket_id = required(record, "change", "ticket_id")
    name = words(record.get("field_name")) or ""
    at, value = moment(record.get("updated")), words(record.get("value"))
    if at is None:
        raise BadInput("a change without its instant")
    event_id = f"{HISTORY}{name}:{at.isoformat()}"
    author = identifier(record.get("user_id"), "user id")
    if field := FIELDS.get(name):
        new = (tickets.status(value) or value) if field == "status" else identifier(value, field)
        yield (
            "events",
            {
                "ticket_id": ticket_id,
                "event_id": event_id,
                "position": 0,
                "at": at,
                "field": field,
                "new": new,
                "actor_id": author,
            },
        )
    elif name in sla.FIELDS:
        yield "sla_targets", sla.target(name, _parsed(record.get("value")), ticket_id, event_id, at)
    elif name == "sla_policy":
        yield from sla.policy(value, ticket_id, at)
    elif name == "satisfaction_comment" and value:
        yield PARTS, {"kind": SCORE_COMMENT, "id": ticket_id, "place": at.isoformat(), "value": value}
    elif name == "satisfaction_score":
        yield from _score(value, ticket_id, at, author)


def _score(value: str | None, ticket_id: str, at: datetime, author: str | None) -> Rows:
    answer = scored(value)
    if answer is None:
        return
    is_answered = "score" in answer
    yield (
        "ratings",
        {
            **answer,
            "rating_id": f"{IN_AUDIT}{HISTORY}{ticket_id}:{at.isoformat()}",
            "ticket_id": ticket_id,
            "asked_at": None if is_answered else at,
            "answered_at": at if is_answered else None,
            "customer_id": author if is_answered else None,
        },
    )


def moment(value: Any) -> datetime | None:
    """An instant of a warehouse, which is in UTC and often says nothing of it."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.endswith((" +0000", " +00:00")):
        text = f"{text.rpartition(' ')[0]}Z"
    return instant(text)


def _parsed(value: Any) -> Any:
    """The target, also where it stands as JSON in a cell; None for an empty one."""
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise BadInput(f"{value[:60]!r} is no target of a service level") from None


def _listed(value: Any) -> list[Any]:
    """The ids of an array, or of an array that stands as JSON in a cell."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return []
    return value if isinstance(value, list) else []
