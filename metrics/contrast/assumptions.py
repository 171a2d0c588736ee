"""What nobody can read from tickets and finance has to say: costs, and what a customer is worth, from low to high.

Kept in the ledger as entries of the kind "assumption" (subject: the key; fields: low, likely, high, or text), with who set
them and when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from metrics import entered
from metrics.contrast.ranges import Range, is_range
from warehouse.errors import HeardError
from warehouse.ledger import Entry
from warehouse.rights import Area
from warehouse.store import Version

KIND: Final = "assumption"
CURRENCY: Final = "currency"
DEFAULT_CURRENCY: Final = "EUR"
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
Unit = Literal["money", "share", "minutes"]


@dataclass(frozen=True)
class Assumption:
    """One thing to type: its key, its name, what it is, its unit, and where each figure with it stands."""

    key: str
    title: str
    about: str
    unit: Unit
    most: float


ASSUMPTIONS: Final = (
    Assumption(
        "monthly_spend",
        "Support, a month",
        "All that support costs in a month: pay, tools, space. Where it is typed, the hourly cost is not used.",
        "money",
        1e12,
    ),
    Assumption(
        "hourly_cost",
        "One hour of an agent",
        "Pay, taxes, tools and space of an hour worked. Times the handle time it gives what the conversations cost.",
        "money",
        1e6,
    ),
    Assumption(
        "handle_minutes",
        "Work on a conversation",
        "Minutes on average. Needed with the hourly cost where the export has no handle time of its own.",
        "minutes",
        1e5,
    ),
    Assumption(
        "value_per_customer",
        "A customer, a year",
        "What a customer without a value in the table of accounts is worth in a year.",
        "money",
        1e12,
    ),
    Assumption(
        "share_leaving",
        "At risk where they said they'd leave",
        "The share of such a customer's yearly value that is at stake.",
        "share",
        1.0,
    ),
    Assumption(
        "share_quiet",
        "At risk where they went quiet",
        "The share of such a customer's yearly value that is at stake.",
        "share",
        1.0,
    ),
    Assumption(
        "share_worse",
        "At risk where they left worse",
        "The share of such a customer's yearly value that is at stake.",
        "share",
        1.0,
    ),
)
BY_KEY: Final = {one.key: one for one in ASSUMPTIONS}


def standing(entries: Mapping[str, Entry]) -> dict[str, Range]:
    """The ranges that stand, by key; what is no range of a known assumption is left out."""
    found = {}
    for one in ASSUMPTIONS:
        fields = entries[one.key].fields if one.key in entries else None
        ends = [(fields or {}).get(name) for name in Range._fields]
        numbers = [float(end) for end in ends if isinstance(end, int | float)]
        if len(numbers) == 3 and is_range(*numbers) and numbers[2] <= one.most:
            found[one.key] = Range(*numbers)
    return found


def currency(entries: Mapping[str, Entry], of_accounts: str | None = None) -> str:
    """The currency of all amounts: as typed, else that of the accounts, else EUR."""
    fields = entries[CURRENCY].fields if CURRENCY in entries else None
    said = str((fields or {}).get("text", ""))
    return said if _CURRENCY.fullmatch(said) else of_accounts or DEFAULT_CURRENCY


def checked(key: str, low: float | None, likely: float | None, high: float | None) -> Range | None:
    """A range as typed; where only one end is missing or the middle, it is between the others; null where all are empty.

    Raises HeardError where the three are not in order, below zero or beyond what the assumption can be.
    """
    one = BY_KEY[key]
    typed = [value for value in (low, likely, high) if value is not None]
    if not typed:
        return None
    if likely is None:
        likely = (typed[0] + typed[-1]) / 2
    low, high = likely if low is None else low, likely if high is None else high
    if not is_range(low, likely, high) or high > one.most:
        limit = ", at most 100 %" if one.unit == "share" else ""
        raise HeardError(
            f"{one.title}: low, likely and high are not in order.",
            fix=f"type low first, then likely, then high, none below zero{limit}",
        )
    return Range(low, likely, high)


def keep(version: Version, key: str, value: Range | str | None, who: str) -> Entry:
    """Set an assumption, or the currency as a text; null removes it. Raises NotAllowed, HeardError on a bad currency."""
    if isinstance(value, str):
        said = value.strip().upper()
        if not _CURRENCY.fullmatch(said):
            raise HeardError(f"{value!r} is not a currency.", fix="type three letters, like EUR")
        return entered.keep(version, KIND, CURRENCY, {"text": said}, who, Area.ASSUMPTIONS)
    fields = None if value is None else value._asdict()
    return entered.keep(version, KIND, key, fields, who, Area.ASSUMPTIONS)
