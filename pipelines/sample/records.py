"""The told ticket in the shapes of a Zendesk export: ticket with comments, audits, survey row."""

from __future__ import annotations

from html import escape
from typing import Any

from pipelines.sample.calendar import stamp
from pipelines.sample.people import GROUP_IDS, SYSTEM_ID, mix
from pipelines.sample.surveys import Csat
from pipelines.sample.timeline import Message, Told

TIME_SPENT_FIELD = 360_012_000_021
_COMMENT_BASE = 9_700_000_000_000
_AUDIT_BASE = 8_300_000_000_000
_PRIORITY = {"calm": "normal", "worried": "normal", "annoyed": "normal", "furious": "high", "leaving": "high"}


def ticket_fields(begins_at: str) -> dict[str, Any]:
    """The definition of the custom field in which the time tracking app writes its total."""
    return {
        "ticket_fields": [
            {
                "id": TIME_SPENT_FIELD,
                "type": "integer",
                "title": "Total time spent (sec)",
                "description": "Seconds that agents had this ticket open and worked on it, all updates together.",
                "active": True,
                "removable": True,
                "created_at": begins_at,
                "updated_at": begins_at,
            }
        ]
    }


def _html(body: str) -> str:
    own, _, quote = body.partition("\n\nOn ") if "wrote:\n>" in body else (body, "", "")
    paragraphs = "".join(
        f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in own.split("\n\n")
    )
    if quote:
        head, _, lines = quote.partition("\n")
        inner = escape(
            "\n".join(line.removeprefix("> ").removeprefix(">") for line in lines.split("\n")), quote=False
        )
        paragraphs += (
            f'<div class="gmail_quote">On {escape(head, quote=False)}<br>'
            f"<blockquote>{inner.replace(chr(10), '<br>')}</blockquote></div>"
        )
    return f'<div class="zd-comment" dir="auto">{paragraphs}</div>'


def _via(told: Told, message: Message) -> dict[str, Any]:
    if message.via == "merge":
        return {"channel": "system", "source": {"from": {}, "to": {}, "rel": "merge"}}
    if message.via == "rule":
        return {"channel": "rule", "source": {"from": {}, "to": {}, "rel": "trigger"}}
    channel = (
        told.plan.channel
        if told.plan.is_live or message.author_id == told.plan.customer.customer_id
        else "web"
    )
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}


def ticket_record(told: Told, csat: Csat | None) -> dict[str, Any]:
    """The ticket with its comments, as a line of the full JSON export."""
    plan = told.plan
    has_html = plan.channel == "email" and mix(plan.seed, 8) % 5 < 2
    base = _COMMENT_BASE + plan.ticket_id * 64
    comments = []
    for index, message in enumerate(told.messages):
        comment: dict[str, Any] = {
            "id": base + index,
            "type": "Comment",
            "author_id": message.author_id,
            "body": message.body,
        }
        if has_html:
            comment["html_body"] = _html(message.body)
        comment["plain_body"] = message.body
        comment["public"] = message.is_public
        comment["attachments"] = []
        comment["via"] = _via(told, message)
        comment["created_at"] = stamp(message.at)
        comments.append(comment)
    rating: dict[str, Any] = {"score": "unoffered"}
    if csat is not None:
        rating = {"score": csat.score or "offered"}
        if csat.score is not None:
            rating |= {"id": base + 60, "comment": csat.comment, "reason": None}
    updated_at = max(
        plan.created_at,
        *(message.at for message in told.messages),
        *(event.at for event in told.events),
        csat.answered_at or csat.offered_at if csat else 0,
    )
    is_outbound = plan.kind == "outbound"
    return {
        "url": f"https://quillbarrow.example/api/v2/tickets/{plan.ticket_id}.json",
        "id": plan.ticket_id,
        "external_id": None,
        "via": {"channel": plan.channel, "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": stamp(plan.created_at),
        "updated_at": stamp(updated_at),
        "type": "question" if plan.mood == "calm" else "problem",
        "subject": told.subject,
        "raw_subject": told.subject,
        "description": told.messages[0].body,
        "priority": _PRIORITY[plan.mood],
        "status": told.status,
        "requester_id": plan.customer.customer_id,
        "submitter_id": plan.agent.agent_id if is_outbound else plan.customer.customer_id,
        "assignee_id": told.agent.agent_id if told.assigned_at is not None or is_outbound else None,
        "organization_id": plan.customer.organisation_id,
        "group_id": GROUP_IDS[plan.team],
        "brand_id": 360_000_700_001,
        "is_public": True,
        "tags": told.tags,
        "custom_fields": [{"id": TIME_SPENT_FIELD, "value": told.handle_seconds}],
        "satisfaction_rating": rating,
        "metric_set": _metric_set(told, updated_at),
        "comments": comments,
    }


def _metric_set(told: Told, updated_at: int) -> dict[str, Any]:
    """Zendesk's own figures, in calendar minutes."""
    plan = told.plan
    agent_id = told.agent.agent_id
    public = [message for message in told.messages if message.is_public]
    replies = [
        message for message in public if message.author_id == agent_id and message.at > plan.created_at
    ]
    solves = [event.at for event in told.events if event.field == "status" and event.new == "solved"]
    reopens = sum(event.old == "solved" and event.new == "open" for event in told.events)

    def minutes(at: int | None) -> dict[str, int | None]:
        return {"calendar": None if at is None else (at - plan.created_at) // 60, "business": None}

    return {
        "id": plan.ticket_id + 5_000_000_000,
        "ticket_id": plan.ticket_id,
        "created_at": stamp(plan.created_at),
        "updated_at": stamp(updated_at),
        "group_stations": 1 + sum(event.field == "group_id" for event in told.events),
        "assignee_stations": int(told.assigned_at is not None),
        "reopens": reopens,
        "replies": len(replies),
        "initially_assigned_at": None if told.assigned_at is None else stamp(told.assigned_at),
        "assigned_at": None if told.assigned_at is None else stamp(told.assigned_at),
        "solved_at": stamp(solves[-1]) if solves else None,
        "reply_time_in_minutes": minutes(replies[0].at if replies else None),
        "first_resolution_time_in_minutes": minutes(solves[0] if solves else None),
        "full_resolution_time_in_minutes": minutes(solves[-1] if solves else None),
    }


def audit_records(told: Told, csat: Csat | None) -> list[dict[str, Any]]:
    """The ticket's audits: its creation and each change of status, team, assignee and score."""
    plan = told.plan
    base = _AUDIT_BASE + plan.ticket_id * 64
    opener = plan.agent.agent_id if plan.kind == "outbound" else plan.customer.customer_id
    first_group = next(
        (event.old for event in told.events if event.field == "group_id"), str(GROUP_IDS[plan.team])
    )
    created: list[dict[str, Any]] = [
        {"type": "Create", "field_name": "status", "value": "new"},
        {"type": "Create", "field_name": "group_id", "value": first_group},
        {"type": "Create", "field_name": "requester_id", "value": str(plan.customer.customer_id)},
    ]
    steps: list[tuple[int, int, list[dict[str, Any]]]] = [(plan.created_at, opener, created)]
    for event in told.events:
        change = {
            "type": "Change",
            "field_name": event.field,
            "value": event.new,
            "previous_value": event.old,
        }
        if steps[-1][0] == event.at and steps[-1][1] == event.author_id and steps[-1][2] is not created:
            steps[-1][2].append(change)
        else:
            steps.append((event.at, event.author_id, [change]))
    if csat is not None:
        offer = {
            "type": "Change",
            "field_name": "satisfaction_score",
            "value": "offered",
            "previous_value": "unoffered",
        }
        steps.append((csat.offered_at, SYSTEM_ID, [offer]))
        if csat.answered_at is not None:
            events = [
                {
                    "type": "Change",
                    "field_name": "satisfaction_score",
                    "value": csat.score,
                    "previous_value": "offered",
                }
            ]
            if csat.comment:
                events.append(
                    {
                        "type": "Change",
                        "field_name": "satisfaction_comment",
                        "value": csat.comment,
                        "previous_value": None,
                    }
                )
            steps.append((csat.answered_at, plan.customer.customer_id, events))
    steps.sort(key=lambda step: step[0])
    records = []
    number = 0
    for index, (at, author_id, events) in enumerate(steps):
        numbered = []
        for change in events:
            numbered.append({"id": base + 32 + number, **change})
            number += 1
        channel = "rule" if author_id == SYSTEM_ID else plan.channel
        records.append(
            {
                "id": base + index,
                "ticket_id": plan.ticket_id,
                "created_at": stamp(at),
                "author_id": author_id,
                "via": {"channel": channel},
                "events": numbered,
            }
        )
    return records
