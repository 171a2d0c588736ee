"""Front's analytics exports: a row a message, or a row an activity. Of texts they hold beginnings, which are not read."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sources import _columns, _export_rows
from pipelines.sources._api import event
from pipelines.sources._columns import Dates
from pipelines.sources._front_objects import STATUS, STATUS_OF_EVENT, mail_of
from pipelines.sources._values import identifier, number, words
from pipelines.sources.source import Item, Options, Row, Sample
from warehouse.errors import BadInput

COLUMNS: dict[str, tuple[str, ...]] = {
    "ticket_id": ("conversation_api_id", "conversation_id"),
    "message_id": ("message_api_id", "message_id"),
    "activity_id": ("activity_api_id", "activity_id"),
    **{
        name: (name,)
        for name in (
            "type direction status inbox message_date autoreply assignee author contact_name contact_handle tags "
            "subject last_segment_activity survey_rating survey_comment"
        ).split()
    },
}
_SIGNS = frozenset({"message_date", "direction"})
_SEGMENTS = frozenset({"segment_id", "segment", "segment_start"})
_NAMED = {"inbox": "team", "assignee": "agent"}
_MESSAGES = frozenset({"inbound", "outbound", "out_reply"})


def is_export(sample: Sample) -> bool:
    """Whether a table is one of the two exports: conversations come in segments nowhere else."""
    plain = {_columns.plain(name) for name in sample.header}
    owner = {"conversation_id", "conversation_api_id"}
    return sample.kind != "json" and plain >= _SIGNS and bool(plain & _SEGMENTS) and bool(plain & owner)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """The rows of an export; a conversation's last activity decides how it stands."""
    columns = _export_rows.by_name(sample.header, COLUMNS)
    dated = ("message_date", "last_segment_activity")
    is_activities = "activity_id" in columns

    def rows(values: Row, dates: Dates) -> Iterator[tuple[str, Row]]:
        yield from _rows(values, dates, is_activities)

    yield from _export_rows.read(sample, options, columns, dated, rows)
    yield Item(
        None, note="the texts are beginnings only and were not read; load the messages from the API beside it"
    )


def _rows(values: Row, dates: Dates, is_activities: bool) -> Iterator[tuple[str, Row]]:
    ticket_id = identifier(values.get("ticket_id"), "conversation id")
    if ticket_id is None:
        raise BadInput("a row without a conversation")
    at = dates.read(values.get("message_date"))
    handle = (words(values.get("contact_handle")) or "").strip().casefold() or None
    raw = words(values.get("status"))
    status = STATUS.get(_columns.plain(raw or ""))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(values.get("subject")),
            "status": status,
            "status_raw": raw,
            # A column that the export was asked without says nothing; an empty cell says nobody.
            **{ours: words(values[name]) for name, ours in _NAMED.items() if name in values},
            "customer_id": handle,
            "customer_email": mail_of(handle),
            "tags": _export_rows.tags(values.get("tags")),
            "updated_at": dates.read(values.get("last_segment_activity")) or at,
            "is_spam": _columns.plain(raw or "") == "spam",
            "is_deleted": status == "deleted",
        },
    )
    if handle:
        row = {"person_id": handle, "role": "customer", "name": words(values.get("contact_name"))}
        yield "people", {**row, "email": mail_of(handle)}
    kind = _columns.plain(words(values.get("type")) or "")
    message_id = identifier(values.get("message_id"), "message id")
    if message_id and (not is_activities or kind in _MESSAGES):
        yield "messages", _message(values, ticket_id, message_id, handle, at)
    if is_activities:
        yield from _activity(values, kind, ticket_id, handle, at)


def _message(values: Row, ticket_id: str, message_id: str, handle: str | None, at: object) -> Row:
    direction = _columns.plain(words(values.get("direction")) or "")
    is_auto = str(values.get("autoreply") or "").strip().casefold() in ("yes", "true", "1")
    role = {"inbound": "customer", "outbound": "agent"}.get(direction)
    author = handle if role == "customer" else words(values.get("author"))
    return {
        "ticket_id": ticket_id,
        "message_id": message_id,
        "author_role": "bot" if is_auto and role == "agent" else role,
        "author_id": author,
        "is_public": True,
        "created_at": at,
        "kind": "auto_reply" if is_auto else "message",
        "body": None,
    }


def _activity(
    values: Row, kind: str, ticket_id: str, handle: str | None, at: object
) -> Iterator[tuple[str, Row]]:
    activity_id = identifier(values.get("activity_id"), "activity id")
    if activity_id is None:
        raise BadInput("an activity without an id")
    actor = words(values.get("author"))
    if kind in STATUS_OF_EVENT:
        new = STATUS_OF_EVENT[kind]
        old = "open" if new in ("solved", "hold") else None
        yield event(ticket_id, activity_id, "status", at, old=old, new=new, actor=actor)
    score = number(values.get("survey_rating"))
    if score is None:
        return
    if not 1 <= score <= 5:
        raise BadInput(f"the survey rating {score:g} lies outside 1 to 5")
    yield (
        "ratings",
        {
            "rating_id": f"activity:{activity_id}",
            "ticket_id": ticket_id,
            "kind": "csat",
            "score": score,
            "scale_min": 1.0,
            "scale_max": 5.0,
            "score_raw": words(values.get("survey_rating")),
            "comment": words(values.get("survey_comment")),
            "answered_at": at,
            "agent_id": words(values.get("assignee")),
            "customer_id": handle,
            "customer_email": mail_of(handle),
            "stated_at": at,
        },
    )
