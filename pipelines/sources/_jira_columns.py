"""The columns of Jira's table of all fields, by our names, and the words and forms that its cells hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from pipelines.sources import _tabular
from pipelines.sources.source import Sample

# Our name: the column's names in lower case. A column that stands there several times gives all its values.
COLUMNS = {
    "ticket_id": ("issue key",),
    "subject": ("summary",),
    "status": ("status",),
    "category": ("status category",),
    "priority": ("priority",),
    "type": ("custom field (request type)", "request type", "issue type"),
    "channel": ("custom field (request channel type)", "request channel type"),
    "brand": ("project name", "project key"),
    "agent": ("assignee",),
    "agent_id": ("assignee id",),
    "customer": ("reporter",),
    "customer_id": ("reporter id",),
    "creator": ("creator",),
    "creator_id": ("creator id",),
    "created_at": ("created",),
    "updated_at": ("updated",),
    "solved_at": ("resolved",),
    "description": ("description",),
    "labels": ("labels",),
    "organizations": ("custom field (organizations)", "organizations"),
    "comments": ("comment",),
    "score": ("satisfaction rating", "custom field (satisfaction)", "custom field (satisfaction rating)"),
    "answered_at": ("custom field (satisfaction date)", "satisfaction date"),
    "opinion": ("satisfaction comment", "custom field (satisfaction comment)"),
    "first_reply_at": ("custom field ([chart] date of first response)",),
}
DATED = ("created_at", "updated_at", "solved_at", "answered_at", "first_reply_at")
SIGNS = (
    {"issue key", "issue type"},
    {"issue key", "status category"},
    {"issue key", "custom field (request type)"},
    {"issue key", "reporter id"},
)
STATUSES = {
    "waiting for customer": "pending",
    "pending": "pending",
    "waiting for support": "open",
    "escalated": "open",
    "waiting for approval": "hold",
    "on hold": "hold",
    "resolved": "solved",
    "closed": "closed",
    "canceled": "closed",
    "cancelled": "closed",
}
CATEGORIES = {"to do": "open", "in progress": "open", "done": "solved"}
PLACE = re.compile(r"(?: \(\d+\)|[._]\d+)$")  # how a repeated column is told apart
DUMP = re.compile(r"^(?:[a-z][\w$]*\.){2,}[\w$]+@[0-9a-f]+$")
_TWELVE, _TWENTY_FOUR = "%d/%b/%y %I:%M %p", "%d/%b/%y %H:%M"
SCALE = (1.0, 5.0)
AUTOMATION = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"  # Jira's own automation, the same in every site


def found(header: Sequence[str]) -> dict[str, list[str]]:
    """Our name to the file's columns, in the order of the file."""
    places: dict[str, list[str]] = defaultdict(list)
    for name in header:
        places[PLACE.sub("", name).strip().casefold()].append(name)
    found: dict[str, list[str]] = {}
    for ours, names in COLUMNS.items():
        for name in names:
            if name in places:
                found[ours] = places[name]
                break
    return found


def form(sample: Sample, columns: dict[str, list[str]]) -> str | None:
    """The form of the dates: Jira's own, with a clock of twelve hours or of twenty-four; None where it is another."""
    for row in _tabular.rows(sample):
        text = str((row.values or {}).get(columns.get("created_at", [""])[0]) or "").strip()
        if re.match(r"^\d{1,2}/[A-Za-z]{3}/\d\d ", text):
            return _TWELVE if re.search(r"[AP]M$", text, re.IGNORECASE) else _TWENTY_FOUR
        if text:
            return None
    return None
