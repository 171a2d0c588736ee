"""Zendesk's tickets, their comments and their metric sets."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipelines.sources._values import identifier, listing, mapping, number, words
from pipelines.sources._zendesk_people import CUSTOM_STATUS, HANDLE_TIME, required
from pipelines.sources._zendesk_ratings import of_ticket
from pipelines.sources.source import STATED_TIMES, Options, Row
from warehouse.errors import BadInput
from warehouse.schema import STATUSES

SYSTEM_AUTHORS = {"-1", "0"}
BOT_CHANNELS = {"rule", "bot", "answer_bot", "answer_bot_for_web_widget", "system"}
BOT_RELATIONS = {"trigger", "automation", "answer_bot", "macro_reference"}
MERGED_TAG = "closed_by_merge"
DURATIONS = {
    "reply_time": "first_reply",
    "first_resolution_time": "first_resolution",
    "full_resolution_time": "full_resolution",
    "agent_wait_time": "agent_wait",
    "requester_wait_time": "requester_wait",
    "on_hold_time": "on_hold",
}
COUNTS = ("reopens", "replies", "group_stations", "assignee_stations")


def ticket(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A ticket with what is embedded in it: comments, rating, metric set, audits."""
    from pipelines.sources._zendesk_audits import audit

    ticket_id = required(record, "ticket")
    via = mapping(record.get("via"))
    tags = [tag for tag in listing(record.get("tags")) if isinstance(tag, str)]
    comments = [one for one in listing(record.get("comments")) if isinstance(one, dict)]
    raw_status = words(record.get("status")) or _custom_status(record, options)
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("raw_subject")) or words(record.get("subject")),
            "status": status(raw_status),
            "status_raw": raw_status,
            "priority": words(record.get("priority")),
            "type": words(record.get("type")),
            "channel": words(via.get("channel")),
            "team_id": identifier(record.get("group_id"), "group id"),
            "agent_id": identifier(record.get("assignee_id"), "assignee id"),
            "customer_id": identifier(record.get("requester_id"), "requester id"),
            "opened_by_id": identifier(record.get("submitter_id"), "submitter id"),
            "account_id": identifier(record.get("organization_id"), "organization id"),
            "brand": identifier(record.get("brand_id"), "brand id"),
            "tags": sorted(set(tags)),
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at") or record.get("generated_timestamp"),
            "handle_seconds": handle_seconds(record, options),
            "is_spam": raw_status == "suspended" or bool(record.get("is_spam")),
            "is_deleted": raw_status == "deleted",
            "is_test": via.get("channel") == "sample_ticket",
            "merged_into": merged_into(ticket_id, tags, comments),
        },
    )
    yield from of_ticket(record, ticket_id)
    yield from _comments(comments, ticket_id)
    if isinstance(record.get("metric_set"), dict):
        yield from metric_set({"ticket_id": ticket_id, **record["metric_set"]}, options)
    for one in listing(record.get("audits")):
        if isinstance(one, dict):
            yield from audit({"ticket_id": ticket_id, **one}, options)


def status(raw: str | None) -> str | None:
    """The status in our words; an unknown one is null and stays in status_raw."""
    known = {"on-hold": "hold", "suspended": "deleted"}.get(raw or "", raw)
    return known if known in STATUSES else None


def _custom_status(record: Row, options: Options) -> str | None:
    """The status of a ticket that states only which of the account's own statuses it has."""
    return options.known.get((CUSTOM_STATUS, str(record.get("custom_status_id"))))


def deleted_ticket(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A ticket of the list of deleted ones, which says little more than when it was deleted."""
    yield (
        "tickets",
        {
            "ticket_id": required(record, "deleted ticket"),
            "subject": words(record.get("subject")),
            "status": "deleted",
            "status_raw": "deleted",
            "updated_at": record.get("deleted_at"),
            "is_deleted": True,
        },
    )


def loose_comment(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A comment that lies beside its ticket."""
    if record.get("ticket_id") is None:
        raise BadInput("a comment that does not say its ticket; load it beside that, or with a ticket_id")
    yield from _comments([record], required(record, "comment", "ticket_id"))


def _comments(comments: list[Row], ticket_id: str) -> Iterator[tuple[str, Row]]:
    seen: Counter[str] = Counter()
    for place, one in enumerate(comments):
        body, is_html = body_of(one)
        message_id = identifier(one.get("id"), "comment id")
        if message_id is None:
            content = hashlib.md5(
                repr((one.get("author_id"), one.get("created_at"), body)).encode("utf-8", "replace")
            )
            message_id = f"hash:{content.hexdigest()}"
            seen[message_id] += 1
            message_id += f":{seen[message_id]}"
        yield "messages", comment(one, ticket_id, message_id, body, is_html, place, one.get("created_at"))


def comment(
    one: Row, ticket_id: str, message_id: str, body: str | None, is_html: bool, place: int, created_at: Any
) -> Row:
    """A comment as a message. Ids grow with time, so they order the comments of the same second."""
    author_id = identifier(one.get("author_id"), "author id")
    is_public = one.get("public")
    return {
        "ticket_id": ticket_id,
        "message_id": message_id,
        "position": int(message_id) if message_id.isdecimal() and len(message_id) < 19 else place,
        "author_role": role(one, author_id),
        "author_id": author_id,
        "is_public": is_public if isinstance(is_public, bool) else None,
        "created_at": created_at,
        "kind": "note" if is_public is False else "message",
        "body": body,
        "is_html": is_html,
        "count_attachments": len(listing(one.get("attachments"))),
    }


def body_of(one: Row) -> tuple[str | None, bool]:
    """The comment's text and whether it is HTML: plain text where there is any, since quotes are cut there alike."""
    for key in ("plain_body", "body"):
        if isinstance(one.get(key), str) and one[key].strip():
            return one[key], False
    html = one.get("html_body")
    return (html, True) if isinstance(html, str) and html else (words(one.get("body")), False)


def role(one: Row, author_id: str | None) -> str | None:
    """The role where the comment itself states it; else null, resolved by the people after the merge."""
    via = mapping(one.get("via"))
    relation = words(mapping(via.get("source")).get("rel"))
    if author_id in SYSTEM_AUTHORS or relation == "merge":
        return "system"
    if words(via.get("channel")) in BOT_CHANNELS or relation in BOT_RELATIONS:
        return "bot"
    return None


def merged_into(ticket_id: str, tags: list[str], comments: list[Row]) -> str | None:
    """The winning ticket of a merge, "" where only the merge is known, None for a ticket of its own."""
    if MERGED_TAG not in tags:
        return None
    for one in reversed(comments):
        source = mapping(mapping(one.get("via")).get("source"))
        winner = words(mapping(source.get("to")).get("ticket_id"))
        if source.get("rel") == "merge" and winner and winner != ticket_id:
            return winner
    return ""


def handle_seconds(record: Row, options: Options) -> float | None:
    """The time that agents spent, from the custom field that holds it, where that is known."""
    for one in (*listing(record.get("custom_fields")), *listing(record.get("fields"))):
        field = mapping(one)
        if (HANDLE_TIME, str(field.get("id"))) in options.known and field.get("value") not in (None, ""):
            return number(field.get("value"))
    return None


def metric_set(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """Zendesk's own figures, for cross-checks, and the two instants that a ticket lacks."""
    ticket_id = required(record, "metric set", "ticket_id")
    for key, name in DURATIONS.items():
        pair = mapping(record.get(f"{key}_in_minutes"))
        calendar, business = number(pair.get("calendar")), number(pair.get("business"))
        if calendar is not None or business is not None:
            yield (
                "vendor_metrics",
                {
                    "ticket_id": ticket_id,
                    "name": name,
                    "calendar_minutes": calendar,
                    "business_minutes": business,
                },
            )
    for name in COUNTS:
        if (count := number(record.get(name))) is not None:
            yield (
                "vendor_metrics",
                {"ticket_id": ticket_id, "name": f"count_{name}", "value": count},
            )
    yield (
        STATED_TIMES,
        {
            "ticket_id": ticket_id,
            "solved_at": record.get("solved_at"),
            "first_assigned_at": record.get("initially_assigned_at"),
            "stated_at": record.get("updated_at"),
        },
    )
