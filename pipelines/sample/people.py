"""The made-up people of the sample: agents, customers, their businesses; each a function of the seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pipelines.sample.stock import TEAMS, words

TEAM_NAMES = {
    "readers": "Readers & Payments",
    "invoicing": "Invoicing",
    "deliveries": "Deliveries",
    "shop": "Online Shop",
    "billing": "Plans & Billing",
    "rescue": "Data Rescue",
}
GROUP_IDS = {team: 360_004_100_010 + 7 * number for number, team in enumerate(TEAMS)}
SYSTEM_ID = -1
_AGENT_ID = 370_000_000_101
_CUSTOMER_ID = 380_000_100_000
_ORGANISATION_ID = 360_900_000_000
_VOICES = (
    ("plain", 30), ("terse", 12), ("rambling", 11), ("polite", 10), ("lower", 13),
    ("texty", 6), ("formal", 6), ("foreign", 7), ("emoji", 5),
)  # fmt: skip
_VOICE_OF = tuple(name for name, weight in _VOICES for _ in range(weight))
_LANGUAGE_OF = ("de",) * 16 + ("es",) * 11 + ("fr",) * 10  # of a thousand customers; the rest write English
_MASK = (1 << 64) - 1


def mix(seed: int, salt: int) -> int:
    """A well-spread 64-bit number of two (splitmix64's finisher)."""
    z = (seed + salt * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers, and how they write."""

    agent_id: int
    first: str
    name: str
    voice: str
    team: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes: a shop keeper with a way of writing."""

    customer_id: int
    organisation_id: int | None
    first: str
    name: str
    email: str
    business: str
    kind: str
    items: str
    item: str
    town: str
    phone: str
    voice: str
    language: str
    typos: float


def surname(number: int) -> str:
    """A made-up surname."""
    starts, ends = words("surname_start"), words("surname_end")
    return starts[number % len(starts)] + ends[(number // len(starts)) % len(ends)]


@cache
def agents(team: str) -> tuple[Agent, ...]:
    """The five people of a team."""
    found = []
    first = 5 * TEAMS.index(team)
    for number, entry in enumerate(words("agents")[first : first + 5], start=first):
        name, voice = (part.strip() for part in entry.split("|"))
        found.append(Agent(_AGENT_ID + number, name, f"{name} {surname(number * 37 + 5)}", voice, team))
    return tuple(found)


def _business(seed: int, number: int) -> tuple[str, str, str, str, str]:
    key = mix(seed, 7_000_000_000 + number)
    kind, items, item = (part.strip() for part in words("kinds")[key % len(words("kinds"))].split("|"))
    towns, prefixes = words("town_name"), words("town_start")
    town = towns[(key >> 8) % len(towns)]
    if (key >> 16) % 3 == 0:
        town = f"{prefixes[(key >> 20) % len(prefixes)]} {town}"
    owner = surname(key >> 24)
    stem = kind.removesuffix("'s").title()
    name = (f"{owner} {stem}", f"{owner}'s", f"The {town} {stem}", f"{owner} & Daughters")[(key >> 32) % 4]
    return name, kind, items, item, town


@lru_cache(maxsize=8192)
def customer(seed: int, number: int) -> Customer:
    """Customer number n; two of a business share its name, and most businesses are organisations."""
    key = mix(seed, number + 11)
    firsts = words("first")
    first = firsts[key % len(firsts)]
    last = surname(key >> 8)
    business, kind, items, item, town = _business(seed, number // 2)
    language_number = (key >> 20) % 1000
    return Customer(
        customer_id=_CUSTOMER_ID + number * 3,
        organisation_id=organisation_id(number // 2),
        first=first,
        name=f"{first} {last}",
        email=f"{first}.{last}{number}@{''.join(c for c in business.lower() if c.isalpha())}.example".lower(),
        business=business,
        kind=kind,
        items=items,
        item=item,
        town=town,
        phone=f"01632 960{(key >> 30) % 1000:03d}",
        voice=_VOICE_OF[(key >> 40) % len(_VOICE_OF)],
        language=_LANGUAGE_OF[language_number] if language_number < len(_LANGUAGE_OF) else "en",
        typos=(0.0, 0.0, 0.0, 0.006, 0.012, 0.03)[(key >> 48) % 6],
    )


def organisation_id(number: int) -> int | None:
    """Four of five businesses are kept as organisations."""
    return None if number % 5 == 3 else _ORGANISATION_ID + number * 11


def user_records(seed: int, customers: int, begins_at: str) -> Iterator[dict[str, Any]]:
    """All users as Zendesk writes them: the agents first."""
    for team in TEAMS:
        for agent in agents(team):
            role = "admin" if agent.agent_id == _AGENT_ID else "agent"
            email = f"{agent.first.lower()}@quillbarrow.example"
            yield _user(agent.agent_id, agent.name, email, role, None, begins_at, None)
    for number in range(customers):
        person = customer(seed, number)
        locale = {"en": "en-GB"}.get(person.language, person.language)
        yield _user(
            person.customer_id,
            person.name,
            person.email,
            "end-user",
            person.organisation_id,
            begins_at,
            locale,
        )


def _user(
    user_id: int, name: str, email: str, role: str, organisation: int | None, at: str, locale: str | None
) -> dict[str, Any]:
    return {
        "id": user_id,
        "name": name,
        "email": email,
        "role": role,
        "active": True,
        "suspended": False,
        "organization_id": organisation,
        "locale": locale or "en-GB",
        "time_zone": "London",
        "created_at": at,
        "updated_at": at,
    }


def organisation_records(seed: int, customers: int, begins_at: str) -> Iterator[dict[str, Any]]:
    """The businesses that are kept as organisations, with their plan and yearly value."""
    for number in range((customers + 1) // 2):
        found = organisation_id(number)
        if found is None:
            continue
        key = mix(seed, 9_000_000_000 + number)
        plan, value = (("Counter", 228), ("Shop", 708), ("Shop", 708), ("Street", 1788))[key % 4]
        yield {
            "id": found,
            "name": _business(seed, number)[0],
            "domain_names": [],
            "tags": [],
            "organization_fields": {
                "plan": plan,
                "annual_value": value + (key >> 8) % 9 * 60,
                "currency": "GBP",
            },
            "created_at": begins_at,
            "updated_at": begins_at,
        }


def group_records(begins_at: str) -> list[dict[str, Any]]:
    """The six teams as Zendesk groups."""
    return [
        {
            "id": GROUP_IDS[team],
            "name": TEAM_NAMES[team],
            "deleted": False,
            "created_at": begins_at,
            "updated_at": begins_at,
        }
        for team in TEAMS
    ]
