"""Zendesk's service levels as its history states them: a target a metric, and the policy that set it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources._values import instant, mapping, number, words
from pipelines.sources.source import PARTS, POLICY, Row

METRICS = {
    "first_reply_time": "first_reply",
    "next_reply_time": "next_reply",
    "requester_wait_time": "requester_wait",
    "agent_work_time": "agent_work",
}
# Kept under the vendor's own word, since nothing of ours is measured like it.
OTHERS = frozenset(
    {"periodic_update_time", "pausable_update_time", "total_resolution_time", "group_ownership_time"}
)
FIELDS = METRICS.keys() | OTHERS


def target(field: str, value: Any, ticket_id: str, event_id: str, at: Any) -> Row:
    """A target as of its event. A null value takes the target away; its policy comes as a part of the ticket."""
    stated = mapping(value)
    is_business = stated.get("in_business_hours")
    return {
        "ticket_id": ticket_id,
        "event_id": event_id,
        "at": at,
        "metric": METRICS.get(field, field),
        "target_minutes": number(stated.get("minutes")),
        "is_business": is_business if isinstance(is_business, bool) else None,
    }


def policy(name: Any, ticket_id: str, at: Any) -> Iterator[tuple[str, Row]]:
    """The policy that applies to a ticket from an instant on; nothing where the instant is not known."""
    since = instant(at)
    if since is not None:
        yield PARTS, {"kind": POLICY, "id": ticket_id, "place": since.isoformat(), "value": words(name)}
