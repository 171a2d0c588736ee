"""Freshdesk's agents, contacts, groups, companies, products and business hours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelines.sources._api import person, required
from pipelines.sources._values import identifier, mapping, words
from pipelines.sources._zones import iana
from pipelines.sources.source import NAMES, Options, Row
from warehouse.errors import BadInput
from warehouse.hours import DAYS, MINUTES_PER_DAY

GROUP_HOURS = "freshdesk_group_hours"  # names: the business hours that a group works by
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})\s*([ap]m)?$", re.IGNORECASE)


def agent(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An agent; name and address stand in the contact within."""
    contact = mapping(record.get("contact"))
    updated_at = record.get("updated_at") or contact.get("updated_at")
    yield person(required(record, "agent"), "agent", contact.get("name"), contact.get("email"), at=updated_at)


def contact(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A contact. One who has been made an agent carries the agent within."""
    is_agent = bool(mapping(record.get("agent"))) or record.get("helpdesk_agent") is True
    company = identifier(record.get("company_id"), "company id")
    yield person(
        required(record, "contact"),
        "agent" if is_agent else "customer",
        record.get("name"),
        record.get("email"),
        company,
        record.get("updated_at"),
    )


def group(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A team, and the business hours it works by where it has its own."""
    group_id = required(record, "group")
    yield "teams", {"team_id": group_id, "name": words(record.get("name"))}
    if hours := identifier(record.get("business_hour_id"), "business hours' id"):
        yield NAMES, {"kind": GROUP_HOURS, "id": group_id, "name": hours}


def company(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An account, with its tier and the date when it renews where the company fields are in use."""
    yield (
        "accounts",
        {
            "account_id": required(record, "company"),
            "name": words(record.get("name")),
            "tier": words(record.get("account_tier")),
            "renewal_at": record.get("renewal_date"),
            "updated_at": record.get("updated_at"),
        },
    )


def product(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A product's name, which tickets give as an id."""
    yield NAMES, {"kind": "brand", "id": required(record, "product"), "name": words(record.get("name"))}


def business_hours(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """Opening hours by weekday. The default set is the oldest one: that is how a source's default is found."""
    zone = iana(words(record.get("time_zone")))
    if zone is None:
        raise BadInput(f"business hours in the time zone {str(record.get('time_zone'))[:60]!r}")
    hours = mapping(record.get("working_hours") or record.get("business_hours"))
    yield (
        "schedules",
        {
            "schedule_id": required(record, "set of business hours"),
            "name": words(record.get("name")),
            "zone": zone,
            "hours": [_span(day, hours[name]) for day, name in enumerate(DAYS) if hours.get(name)],
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at"),
        },
    )


def _span(day: int, told: Any) -> str:
    opens = _minute(mapping(told).get("start_time"))
    closes = _minute(mapping(told).get("end_time"))
    if closes in (0, MINUTES_PER_DAY - 1):  # 11:59 pm is how a day without an end is written
        closes = MINUTES_PER_DAY
    if opens >= closes:
        raise BadInput(f"business hours that end before they begin: {str(told)[:60]}")
    return f"{day * MINUTES_PER_DAY + opens}-{day * MINUTES_PER_DAY + closes}"


def _minute(clock: Any) -> int:
    """Minutes from midnight of "8:00 am" or "17:30". Raises BadInput on anything else."""
    match = _CLOCK.match(str(clock).strip())
    if match:
        hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
        if minute < 60 and (1 <= hour <= 12 if half else hour < 24):
            return (hour % 12 + 12 * (half == "pm") if half else hour) * 60 + minute
    raise BadInput(f"{str(clock)[:40]!r} is no time of day")
