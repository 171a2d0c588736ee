"""Zendesk's users, groups, organisations, brands and ticket fields."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sources._values import identifier, words
from pipelines.sources.source import NAMES, Options, Row

ROLES = {"end-user": "customer", "agent": "agent", "admin": "agent"}
HANDLE_TIME_TITLE = "total time spent (sec)"  # the field that Zendesk's Time Tracking app makes
HANDLE_TIME = "handle_time_field"
CUSTOM_STATUS = "custom_status"  # its name here is the status that it is a kind of


def user(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A person; an unknown role stays unknown."""
    yield (
        "people",
        {
            "person_id": required(record, "user"),
            "role": ROLES.get(str(record.get("role"))),
            "name": words(record.get("name")),
            "email": words(record.get("email")),
            "account_id": identifier(record.get("organization_id"), "organization id"),
            "updated_at": record.get("updated_at"),
        },
    )


def group(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A team."""
    yield "teams", {"team_id": required(record, "group"), "name": words(record.get("name"))}


def organization(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An account."""
    yield "accounts", {"account_id": required(record, "organization"), "name": words(record.get("name"))}


def brand(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A brand's name, which tickets give as an id."""
    yield NAMES, {"kind": "brand", "id": required(record, "brand"), "name": words(record.get("name"))}


def ticket_field(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """The custom field that holds handle time, where this is it."""
    if str(record.get("title", "")).strip().casefold() == HANDLE_TIME_TITLE:
        yield (
            NAMES,
            {"kind": HANDLE_TIME, "id": required(record, "ticket field"), "name": words(record.get("title"))},
        )


def custom_status(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """The status that an account's own status is a kind of."""
    category = words(record.get("status_category"))
    yield NAMES, {"kind": CUSTOM_STATUS, "id": required(record, "custom status"), "name": category}


def required(record: Row, what: str, key: str = "id") -> str:
    """The record's id. Raises BadInput where it has none."""
    from warehouse.errors import BadInput

    found = identifier(record.get(key), f"{what} id")
    if found is None:
        raise BadInput(f"a {what} without {'an id' if key == 'id' else f'a {key}'}")
    return found
