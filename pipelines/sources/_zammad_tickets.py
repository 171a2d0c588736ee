"""Zammad's tickets, articles, histories, and the tables that say what their ids mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources._api import assigned, count, person, place, required
from pipelines.sources._values import identifier, instant, listing, mapping, number, words
from pipelines.sources.source import NAMES, Options, Row

STATE, STATE_TYPE, PRIORITY = "zammad_state", "zammad_state_type", "zammad_priority"
NOBODY = "1"  # the system's own user, who owns what nobody owns
# By type for states of a team's own making, by name for those that Zammad comes with.
_TYPES = {
    "1": "new",
    "2": "open",
    "3": "pending",
    "4": "pending",
    "5": "closed",
    "6": "merged",
    "7": "deleted",
}
_NAMES = {
    "new": "new",
    "open": "open",
    "pending reminder": "pending",
    "pending close": "pending",
    "closed": "closed",
    "merged": "merged",
    "removed": "deleted",
}
_SENDERS = {
    "agent": "agent",
    "customer": "customer",
    "system": "system",
    "1": "agent",
    "2": "customer",
    "3": "system",
}
_FIELDS = {"state": "status", "owner": "agent", "group": "team", "priority": "priority"}


def status(state_id: str | None, name: str | None, options: Options) -> tuple[str | None, str | None]:
    """Our status and the state's own name; null where nothing says what the state's id means."""
    raw = name or options.known.get((STATE, state_id or ""))
    kind = options.known.get((STATE_TYPE, state_id or ""))
    return _TYPES.get(kind or "") or _NAMES.get((raw or "").casefold()), raw or state_id


def ticket(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A ticket. A merged one is closed and counts as merged; the state tells no more than that."""
    ticket_id = required(record, "ticket")
    ours, raw = status(identifier(record.get("state_id"), "state id"), words(record.get("state")), options)
    priority_id = identifier(record.get("priority_id"), "priority id")
    group_id = identifier(record.get("group_id"), "group id")
    solved_at = instant(record.get("last_close_at") or record.get("close_at"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("title")),
            "status": "closed" if ours == "merged" else ours,
            "status_raw": raw,
            "priority": words(record.get("priority")) or options.known.get((PRIORITY, priority_id or "")),
            "type": words(record.get("type")),
            "channel": words(record.get("create_article_type")),
            "team_id": group_id,
            "team": words(record.get("group")),
            "agent_id": assigned(record.get("owner_id"), "owner id", NOBODY),
            "customer_id": identifier(record.get("customer_id"), "customer id"),
            "opened_by_id": assigned(record.get("created_by_id"), "creator's id", NOBODY),
            "account_id": identifier(record.get("organization_id"), "organization id"),
            "tags": _tags(record.get("tags")),
            "created_at": record.get("created_at"),
            "closed_at": solved_at if ours in ("closed", "merged") else None,
            "updated_at": record.get("updated_at"),
            "is_deleted": ours == "deleted",
            "merged_into": "" if ours == "merged" else None,
        },
    )
    yield from _vendors_times(record, ticket_id)
    for one in listing(record.get("articles")):
        if isinstance(one, dict):
            yield from article({"ticket_id": ticket_id, **one}, options)


def _tags(value: Any) -> list[str] | None:
    if isinstance(value, str):
        value = value.split(",")
    return sorted({one.strip() for one in value if isinstance(one, str)}) if isinstance(value, list) else None


def _vendors_times(record: Row, ticket_id: str) -> Iterator[tuple[str, Row]]:
    """Zammad's own first reply and first close: by its clock in business minutes, by the instants in calendar ones."""
    created_at = instant(record.get("created_at"))
    for name, at_key, minutes_key in (
        ("first_reply", "first_response_at", "first_response_in_min"),
        ("first_resolution", "close_at", "close_in_min"),
    ):
        at, business = instant(record.get(at_key)), number(record.get(minutes_key))
        calendar = (at - created_at).total_seconds() / 60 if at and created_at and at >= created_at else None
        if calendar is not None or business is not None:
            row = {"ticket_id": ticket_id, "name": name}
            yield "vendor_metrics", {**row, "calendar_minutes": calendar, "business_minutes": business}
    if (spent := number(record.get("time_unit"))) is not None:
        # What one unit is each installation decides for itself.
        yield "vendor_metrics", {"ticket_id": ticket_id, "name": "time_units", "value": spent}


def article(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An article: its sender says whose it is. Who writes for a customer stands behind; the customer is the author."""
    ticket_id = required(record, "article", "ticket_id")
    article_id = required(record, "article")
    sender = str(record.get("sender") or record.get("sender_id") or "").casefold()
    is_internal = record.get("internal") is True
    is_automatic = mapping(record.get("preferences")).get("is-auto-response") is True
    author = identifier(record.get("origin_by_id"), "author's id") or assigned(
        record.get("created_by_id"), "author's id", NOBODY
    )
    kind = "note" if is_internal else "auto_reply" if is_automatic else "message"
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": article_id,
            "position": place(article_id),
            "author_role": _SENDERS.get(sender),
            "author_id": author,
            "is_public": not is_internal,
            "created_at": record.get("created_at"),
            "kind": kind,
            "body": words(record.get("body")),
            "is_html": record.get("content_type") == "text/html",
            "count_attachments": count(record.get("attachments")),
        },
    )


def history(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A change of state, owner, group or priority in a ticket's history; every other entry says nothing here."""
    field = _FIELDS.get(str(record.get("attribute")))
    if field is None or record.get("object") != "Ticket":
        return
    origin = required(record, "history entry")
    old_id, new_id = identifier(record.get("id_from"), "id"), identifier(record.get("id_to"), "id")
    old, new = words(record.get("value_from")), words(record.get("value_to"))
    if field == "status":
        old, new = _state(old_id, old, options), _state(new_id, new, options)
    elif field in ("agent", "team"):
        none = NOBODY if field == "agent" else "0"
        old, new = assigned(old_id, "id", none), assigned(new_id, "id", none)
    yield (
        "events",
        {
            "ticket_id": required(record, "history entry", "o_id"),
            "event_id": f"{origin}:{field}",
            "position": place(origin),
            "at": record.get("created_at"),
            "field": field,
            "old": old,
            "new": new,
            "actor_id": assigned(record.get("created_by_id"), "author's id", NOBODY),
        },
    )


def _state(state_id: str | None, name: str | None, options: Options) -> str | None:
    ours, _ = status(state_id, name, options)
    return "closed" if ours == "merged" else ours


def state(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """What a state's id means: its name and its type."""
    state_id = required(record, "state")
    yield NAMES, {"kind": STATE, "id": state_id, "name": words(record.get("name"))}
    if kind := identifier(record.get("state_type_id"), "state type"):
        yield NAMES, {"kind": STATE_TYPE, "id": state_id, "name": kind}


def priority(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """What a priority's id means."""
    yield NAMES, {"kind": PRIORITY, "id": required(record, "priority"), "name": words(record.get("name"))}


def group(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A team."""
    yield "teams", {"team_id": required(record, "group"), "name": words(record.get("name"))}


def organization(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An account."""
    account = {"account_id": required(record, "organization"), "name": words(record.get("name"))}
    yield "accounts", {**account, "updated_at": record.get("updated_at")}


def user(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A person. By their roles where these are named; else by the ids that Zammad gives its own three roles."""
    named = {str(one).casefold() for one in listing(record.get("roles")) if isinstance(one, str)}
    ids = {str(one) for one in listing(record.get("role_ids"))}
    role = None
    if named & {"agent", "admin"} or ids & {"1", "2"}:
        role = "agent"
    elif "customer" in named or "3" in ids:
        role = "customer"
    parts = [words(record.get("firstname")), words(record.get("lastname"))]
    name = " ".join(part for part in parts if part) or None
    account = identifier(record.get("organization_id"), "organization id")
    yield person(required(record, "user"), role, name, record.get("email"), account, record.get("updated_at"))
