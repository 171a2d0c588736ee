"""HubSpot's tickets, contacts, companies, owners and pipelines: objects whose values are all text, in `properties`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelines.sources import _columns
from pipelines.sources._api import person, required
from pipelines.sources._values import identifier, instant, listing, mapping, number, words
from pipelines.sources.source import NAMES, Options, Row

STAGE, STAGE_STATE = "hubspot_stage", "hubspot_stage_state"  # names: a stage's label; open or closed
USER_OWNER = "hubspot_user"  # names: the owner id of a user's id, which messages give
CONVERSED = frozenset(
    {"email", "chat"}
)  # channels whose first message also stands in the ticket's description
DESCRIPTION = "description"
# The stages that come with the support pipeline; any other counts as its pipeline says, open or closed.
_LABELS = {
    "new": "new",
    "waiting_on_contact": "pending",
    "waiting_on_us": "open",
    "closed": "closed",
}
_MINUTE_MS = 60_000
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)$")


def properties(record: Row) -> Row:
    """The properties with their values; the older API has each value in an object of its own."""
    found = mapping(record.get("properties"))
    return {name: value.get("value") if isinstance(value, dict) else value for name, value in found.items()}


def associated(record: Row, name: str) -> list[str]:
    """The ids of the other objects of that kind, in the order of the file, each once."""
    results = listing(mapping(mapping(record.get("associations")).get(name)).get("results"))
    ids = [identifier(mapping(one).get("id"), f"id of {name}") for one in results]
    return list(dict.fromkeys(one for one in ids if one))


def status(stage_id: str | None, label: str | None, options: Options) -> tuple[str | None, str | None]:
    """Our status and the stage's label; null where no pipeline says what the stage's id means."""
    raw = label or options.known.get((STAGE, stage_id or ""))
    name = _IN_BRACKETS.sub("", raw or "").casefold()  # a table has the pipeline's name behind it
    state = options.known.get((STAGE_STATE, stage_id or "")) or options.known.get((STAGE_STATE, name))
    by_label = _LABELS.get(_columns.plain(name))
    if state == "closed" or (state == "open" and by_label in (None, "closed")):
        return state, raw or stage_id
    return by_label, raw or stage_id


def ticket(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A ticket of the API."""
    said = properties(record)
    contacts, companies = associated(record, "contacts"), associated(record, "companies")
    said |= {
        "hs_object_id": required(record, "ticket"),
        "contact_id": contacts[0] if contacts else None,
        "company_id": companies[0] if companies else None,
        "archived": record.get("archived") is True,
        "hs_lastmodifieddate": said.get("hs_lastmodifieddate") or record.get("updatedAt"),
        "createdate": said.get("createdate") or record.get("createdAt"),
    }
    yield from ticket_rows(said, options)
    if str(said.get("source_type") or "").casefold() not in CONVERSED:
        yield from description(said)
    yield from _history(record, said["hs_object_id"], options)


def ticket_rows(said: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """The rows of a ticket by its properties, however they were written down."""
    ticket_id = said["hs_object_id"]
    stage = identifier(said.get("hs_pipeline_stage"), "stage id")
    ours, raw = status(stage, words(said.get("stage_label")), options)
    closed_at = instant(said.get("closed_date"))
    priority, channel = words(said.get("hs_ticket_priority")), words(said.get("source_type"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(said.get("subject")),
            "status": ours,
            "status_raw": raw,
            "priority": priority.casefold() if priority else None,
            "type": words(said.get("hs_ticket_category")),
            "channel": channel.casefold() if channel else None,
            "brand": words(said.get("pipeline_label")),
            "team_id": identifier(said.get("hubspot_team_id"), "team id"),
            "agent_id": identifier(said.get("hubspot_owner_id"), "owner id"),
            "agent": words(said.get("owner_name")),
            "customer_id": said.get("contact_id"),
            "account_id": said.get("company_id"),
            "created_at": instant(said.get("createdate")),
            "closed_at": closed_at if ours in ("closed", None) else None,
            "updated_at": instant(said.get("hs_lastmodifieddate")),
            "is_deleted": said.get("archived") is True,
        },
    )
    for name, key in (("first_reply", "time_to_first_agent_reply"), ("full_resolution", "time_to_close")):
        if (spent := number(said.get(key))) is not None:
            row = {"ticket_id": ticket_id, "name": name, "calendar_minutes": spent / _MINUTE_MS}
            yield "vendor_metrics", row


def description(said: Row) -> Iterator[tuple[str, Row]]:
    """The ticket's description as the customer's first message."""
    if body := words(said.get("content")):
        said_by = {"author_role": "customer", "author_id": said.get("contact_id"), "is_public": True}
        own = {"ticket_id": said["hs_object_id"], "message_id": DESCRIPTION, "position": 0}
        when = {"created_at": instant(said.get("createdate")), "kind": "message", "body": body}
        yield "messages", {**own, **said_by, **when}


def _history(record: Row, ticket_id: str, options: Options) -> Iterator[tuple[str, Row]]:
    """Changes of stage and owner, where the ticket was fetched with the history of its properties."""
    kept = mapping(record.get("propertiesWithHistory"))
    for name, field in (("hs_pipeline_stage", "status"), ("hubspot_owner_id", "agent")):
        steps = [mapping(one) for one in listing(kept.get(name))]
        steps.sort(key=lambda step: str(instant(step.get("timestamp"))))
        old: str | None = None
        for place, step in enumerate(steps):
            value = identifier(step.get("value"), f"{name} value")
            new = status(value, None, options)[0] if field == "status" else value
            at = step.get("timestamp")
            row = {"ticket_id": ticket_id, "event_id": f"{name}:{at}:{value}", "position": place}
            yield "events", {**row, "at": instant(at), "field": field, "old": old, "new": new}
            old = new


def pipeline(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """What the stages of a pipeline are called, and whether they are open or closed."""
    for one in listing(record.get("stages")):
        stage = mapping(one)
        stage_id, label = identifier(stage.get("id"), "stage id"), words(stage.get("label"))
        if not stage_id or not label:
            continue
        yield NAMES, {"kind": STAGE, "id": stage_id, "name": label}
        told = mapping(stage.get("metadata"))
        state = str(told.get("ticketState") or "").casefold()
        if state not in ("open", "closed"):
            state = {"true": "closed", "false": "open"}.get(str(told.get("isClosed")).casefold(), "")
        if state:
            yield NAMES, {"kind": STAGE_STATE, "id": stage_id, "name": state}
            yield NAMES, {"kind": STAGE_STATE, "id": label.casefold(), "name": state}


def contact(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A customer."""
    said = properties(record)
    company = identifier(said.get("associatedcompanyid"), "company id")
    yield _person(record, "contact", "customer", said.get("firstname"), said.get("lastname"), said, company)


def owner(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An agent. Tickets name the owner, messages the user: the two ids differ."""
    yield _person(record, "owner", "agent", record.get("firstName"), record.get("lastName"), record, None)
    if user_id := identifier(record.get("userId"), "user id"):
        yield NAMES, {"kind": USER_OWNER, "id": user_id, "name": required(record, "owner")}


def _person(
    record: Row, what: str, role: str, first: Any, last: Any, said: Row, account: str | None
) -> tuple[str, Row]:
    name = " ".join(part for part in (words(first), words(last)) if part) or None
    at = instant(record.get("updatedAt"))
    return person(required(record, what), role, name, said.get("email"), account, at)


def company(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An account. The annual revenue is what they earn and not what they pay, so that it is no value of ours."""
    own = {"account_id": required(record, "company"), "updated_at": instant(record.get("updatedAt"))}
    yield "accounts", {**own, "name": words(properties(record).get("name"))}
