"""What fills the slots of a conversation: names, amounts and dates that stay the same throughout it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zlib import crc32

from pipelines.sample.people import Agent, Customer, mix, surname
from pipelines.sample.stock import Situation, words

_SMALL = ("two", "three", "four", "five", "three", "two")
_HOURS = ("noon", "2 pm", "3 pm", "4 pm", "five", "11 am", "10 am")


class Slots(dict[str, str]):
    """The slots of one ticket; a value depends on the ticket and the slot's name alone."""

    def __init__(
        self, seed: int, ticket_id: int, at: int, who: Customer, agent: Agent, situation: Situation
    ) -> None:
        super().__init__(
            name=who.first,
            fullname=who.name,
            biz=who.business,
            kind=who.kind,
            items=who.items,
            item=who.items,
            item2=who.item,
            town=who.town,
            phone=who.phone,
            agent=agent.first,
            ticket=str(ticket_id),
            topicword=situation.topic,
            topicword_cap=situation.topic[0].upper() + situation.topic[1:],
        )
        self.seed = seed
        self.at = at

    def __missing__(self, name: str) -> str:
        number = mix(self.seed, crc32(name.encode()))
        try:
            maker = _MAKERS[name]
        except KeyError:
            raise KeyError(f"the stock names a slot that nothing fills: {{{name}}}") from None
        value = self[name] = maker(number, self.at)
        return value


def _pounds(number: int) -> str:
    size = number % 10
    pence = (number >> 8) % 100
    if size < 4:
        return f"£{15 + (number >> 16) % 80}.{pence:02d}"
    if size < 7:
        return f"£{100 + (number >> 16) % 800}.{pence:02d}"
    return f"£{60 + (number >> 16) % 1400}"


def _date(days: int) -> Callable[[int, int], str]:
    def said(number: int, at: int) -> str:
        when = datetime.fromtimestamp(at, UTC) - timedelta(days=days + number % 7)
        return f"{when.day} {when:%B}"

    return said


def _month(offset: int) -> Callable[[int, int], str]:
    def said(number: int, at: int) -> str:
        when = datetime.fromtimestamp(at, UTC)
        return f"{when + timedelta(days=30 * offset):%B}"

    return said


def _weekday(first: int, last: int) -> Callable[[int, int], str]:
    def said(number: int, at: int) -> str:
        when = datetime.fromtimestamp(at, UTC)
        when += timedelta(days=first + number % (last - first + 1))
        if first > 0 and when.weekday() > 4:
            when += timedelta(days=7 - when.weekday())
        return f"{when:%A}"

    return said


def _later_date(number: int, at: int) -> str:
    when = datetime.fromtimestamp(at, UTC) + timedelta(days=4 + number % 12)
    return f"{when.day} {when:%B}"


_weekday_before = _weekday(-5, -1)
_MAKERS: dict[str, Callable[[int, int], str]] = {
    "amount": lambda n, at: _pounds(n),
    "amount2": lambda n, at: f"£{9 + (n >> 16) % 60}",
    "day": _weekday_before,
    "DAY": lambda n, at: _weekday_before(n, at).upper(),
    "fee": lambda n, at: ("£19", "£59", "£59", "£149")[n % 4],
    "date": _date(2),
    "later": _weekday(1, 4),
    "laterdate": _later_date,
    "month": _month(-2),
    "month2": _month(1),
    "time": lambda n, at: f"{8 + n % 10}:{(n >> 8) % 60:02d}",
    "hour": lambda n, at: _HOURS[n % len(_HOURS)],
    "small": lambda n, at: _SMALL[n % len(_SMALL)],
    "count": lambda n, at: str(5 + n % 46),
    "weeks": lambda n, at: str(2 + n % 5),
    "days_ago": lambda n, at: str(3 + n % 9),
    "order": lambda n, at: str(1200 + n % 8000),
    "last4": lambda n, at: f"{n % 10_000:04d}",
    "inv": lambda n, at: f"INV-{1000 + n % 9000}",
    "serial": lambda n, at: f"QR2-{10_000 + n % 90_000}",
    "parcel": lambda n, at: f"QP{10_000_000 + n % 90_000_000}",
    "code": lambda n, at: f"{'ETPR'[n % 4]}-{10 + (n >> 8) % 490}",
    "daytime": lambda n, at: (
        "morning" if at % 86_400 < 43_200 else "afternoon" if at % 86_400 < 64_800 else "evening"
    ),
    "surname": lambda n, at: surname(n),
    "staff": lambda n, at: words("first")[n % len(words("first"))],
}
