"""Deadlines: the time that a sentence names, and the instant at which it has passed.

named("we will refund you within 5 days")               # 5 days
named("you'll have it by Friday").until(said_at)        # the end of that Friday

A time of day is read as its day, since the writer's zone is not known; days end `_NIGHT` after midnight UTC, so that
a promise kept in the evening of a western zone is not called late. "Soon" names no instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

_NOON: Final = timedelta(hours=12)

Unit = Literal[
    "minute", "hour", "day", "business_day", "week", "month", "weekday", "week_end", "month_end", "date"
]

_NIGHT: Final = timedelta(hours=6)
_WORDS: Final = {
    "a": 1, "an": 1, "one": 1, "the": 1, "next": 1, "two": 2, "couple of": 2, "couple": 2, "three": 3, "few": 5, "four": 4,
    "five": 5, "six": 6, "seven": 7, "several": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14,
    "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60,
}  # fmt: skip
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MINUTES: Final[dict[Unit, int]] = {"minute": 1, "hour": 60}
_DAYS: Final[dict[Unit, int]] = {"day": 1, "week": 7, "month": 30}

_NUMBER = r"(?:\d{1,3}|a couple of|couple of|a couple|a few|few|several|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty|sixty)"
_SPAN = re.compile(
    rf"(?<![\w.,/:#$\u00a3\u20ac-])(?:(?P<first>{_NUMBER})\s*(?:-|\u2013|to|or|and)\s*)?(?P<count>{_NUMBER}|the(?: next)?|next)\s*-?\s*"
    r"(?P<kind>(?:business|working|work|week|calendar|bank|full)[\s-]+)?(?P<unit>min(?:ute)?s?|h(?:ou)?rs?|h|days?|weeks?|wks?|months?|fortnight)\b"
    r"(?!\s*(?:ago|old|earlier|before that|trial|warranty|guarantee|free|notice|contract|subscription|plan|of (?:use|free|waiting)))",
)
_PAST = re.compile(
    r"\b(?:last|past|previous|every|each|per|for|of|after|first|than|twice|once|since|the)\s+(?:the\s+)?(?:last\s+|past\s+)?$"
)
_WEEKDAY = re.compile(
    r"\b(?P<next>next\s+)?(?P<name>mon(?=day)|tue|wed(?=nes)|thu|fri|sat(?=urday)|sun(?=day))"
    r"(?:day|sday|nesday|rsday|urday|s|r|rs)?\b(?!')"
)
_SINCE = re.compile(r"\b(?:last|since|past|every)\s+$")
_LONE = (
    "a",
    "an",
    "one",
    "the",
    "next",
    "the next",
)  # counts only where a word before says that a time is meant
_WITHIN = re.compile(
    r"\b(?:in|within|inside|about|around|under|than|takes?|up to|over|another|next|me|us|after)\s+(?:about\s+)?$"
)
_BY = re.compile(
    r"\b(?:by|before|until|till|latest|later than|this|end of)\s+(?:the end of\s+|close of(?: business)?(?: on)?\s+|cob\s+|eod\s+)?(?:this\s+)?$"
)
_DAY_MONTH = re.compile(
    r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]{0,6})\b"
    r"|\b(?P<month2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]{0,6})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?\b(?!:)"
    r"|\b(?:the|on|by)\s+(?P<day3>\d{1,2})(?:st|nd|rd|th)\b"
    r"|\b(?P<iso>20\d\d-\d\d-\d\d)\b"
)
_FIXED: Final[tuple[tuple[re.Pattern[str], Unit, int], ...]] = (
    (re.compile(r"\b(?:the )?day after tomorrow\b"), "day", 2),
    (re.compile(r"\b(?:tomorrow|tmrw|tmr|tomorow|tommorow|tommorrow)\b"), "day", 1),
    (re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|(?:end|close) of (?:the )?(?:day|business|play)|eod|cob)\b"), "day", 0),
    (re.compile(r"\b(?:next (?:business|working) day)\b"), "business_day", 1),
    (re.compile(r"\b(?:by|before|at|until)\s+(?:\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|a\.m|p\.m|o'?clock)|\d{1,2}[:.]\d\d|noon|midday|midnight|lunch(?:time)?)(?!\w)"), "day", 0),
    (re.compile(r"\b(?:early |later )?next week\b"), "week_end", 1),
    (re.compile(r"\b(?:(?:end of (?:the |this )?|this |later this )week|(?:the |this )weekend)\b"), "week_end", 0),
    (re.compile(r"\bnext month\b"), "month_end", 1),
    (re.compile(r"\b(?:end of (?:the |this )?|this )month\b"), "month_end", 0),
)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A time that a text names: where it stands there, single spaces taken for granted, and what it says."""

    start: int
    end: int
    unit: Unit
    count: int
    day: date | None = None  # of a date without a stated year the year is 1904, which has every day
    is_by: bool = True  # whether a weekday that is today means today

    def until(self, said_at: datetime) -> datetime:
        """The instant at which the time has passed, for words said at `said_at`."""
        said_at = said_at if said_at.tzinfo else said_at.replace(tzinfo=UTC)
        if self.unit in _MINUTES:
            return said_at + timedelta(minutes=self.count * _MINUTES[self.unit])
        return (
            datetime.combine(self._last_day(said_at.date()) + timedelta(days=1), datetime.min.time(), UTC)
            + _NIGHT
        )

    def due(self, said_at: datetime) -> datetime:
        """The instant from which on somebody who says that it has passed is believed: the stated hour, noon of the last day."""
        said_at = said_at if said_at.tzinfo else said_at.replace(tzinfo=UTC)
        if self.unit in _MINUTES:
            return self.until(said_at)
        return max(said_at, self.until(said_at) - _NIGHT - _NOON)

    def _last_day(self, today: date) -> date:
        if self.unit == "business_day":
            return _business_days_after(today, self.count)
        if self.unit == "weekday":
            if self.count > 6:  # next Friday: that of the week after this one
                return today + timedelta(days=self.count - today.weekday())
            ahead = (self.count - today.weekday()) % 7
            return today + timedelta(days=ahead if ahead or self.is_by else 7)
        if self.unit == "week_end":
            return today + timedelta(days=6 - today.weekday() + 7 * self.count)
        if self.unit == "month_end":
            following = today.month + 1 + self.count
            return date(today.year + (following - 1) // 12, (following - 1) % 12 + 1, 1) - timedelta(days=1)
        if self.unit == "date" and self.day is not None:
            return _next_date(self.day, today)
        return today + timedelta(days=self.count * _DAYS.get(self.unit, 1))


def named(text: str, start: int = 0) -> Named | None:
    """The time that a sentence names for what it says from `start` on; None where it names no instant.

    The first time after `start` counts; else one that opens the sentence ("By Friday you will have it").
    """
    return _named(_plain(text), len(_plain(text[:start])))


def _plain(text: str) -> str:
    """Small letters, straight apostrophes and single spaces."""
    return " ".join(text.lower().replace("\u2019", "'").split())


@lru_cache(maxsize=20_000)
def _named(low: str, start: int) -> Named | None:
    times = sorted(_all(low), key=lambda time: (time.start, -time.end))
    after = [time for time in times if time.end > start]
    if after:
        # "by 5 pm tomorrow", "on Friday 8 May": the later words say which day.
        first = after[0]
        near = [time for time in after if time.start - first.end <= 12 and time.unit not in _MINUTES]
        return max(near, key=lambda time: _exactness(time)) if near and first.unit not in _MINUTES else first
    opening = [time for time in times if time.start <= 30 and _opens(low, time)]
    return opening[-1] if opening else None


def _exactness(time: Named) -> tuple[int, int]:
    order = {"date": 3, "weekday": 2, "day": 1 if time.count else 0}
    return order.get(time.unit, 1), -time.start


def _opens(low: str, time: Named) -> bool:
    before = low[: time.start].strip(" ,.:;-")
    return (
        len(before.split()) <= 2
        or re.search(r"\b(?:by|within|in|and|until)(?: the)?(?: end of)?$", before) is not None
    )


def _all(low: str) -> list[Named]:
    found = [
        Named(match.start(), match.end(), unit, count)
        for pattern, unit, count in _FIXED
        for match in pattern.finditer(low)
    ]
    for match in _SPAN.finditer(low):
        before = low[max(0, match.start() - 20) : match.start()]
        is_time = match["count"] not in _LONE or _WITHIN.search(before) or match["count"].endswith("next")
        if is_time and not _PAST.search(before):
            unit, times = _unit(match["unit"], match["kind"] or "")
            found.append(Named(match.start(), match.end(), unit, _count(match["count"]) * times))
    for match in _WEEKDAY.finditer(low):
        before = low[max(0, match.start() - 40) : match.start()]
        if not _SINCE.search(before):
            number = _WEEKDAYS.index(match["name"]) + 7 * bool(match["next"])
            found.append(
                Named(match.start(), match.end(), "weekday", number, is_by=_BY.search(before) is not None)
            )
    for match in _DAY_MONTH.finditer(low):
        if day := _date(match):
            found.append(Named(match.start(), match.end(), "date", 0, day))
    return found


def _unit(name: str, kind: str) -> tuple[Unit, int]:
    if name.startswith("min"):
        return "minute", 1
    if name.startswith("h"):
        return "hour", 1
    if name.startswith("d"):
        return (
            "business_day" if kind.strip(" -") in ("business", "working", "work", "week", "bank") else "day"
        ), 1
    if name == "fortnight":
        return "day", 14
    return ("week" if name.startswith("w") else "month"), 1


def _count(word: str) -> int:
    bare = word.removeprefix("a ") if word not in ("a",) else word
    return int(word) if word.isdigit() else _WORDS.get(bare, 1)


def _date(match: re.Match[str]) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        day = int(match["day"] or match["day2"] or match["day3"])
        month = match["month"] or match["month2"]
        return date(1904, _MONTHS.index(month) + 1, day) if month else date(1900, 1, day)
    except ValueError:
        return None


def _next_date(day: date, today: date) -> date:
    """The date itself, or the next day with its month and number, or with its number alone (stated as of 1900)."""
    if day.year > 1904:
        return day
    for ahead in range(-3, 400):
        candidate = today + timedelta(days=ahead)
        if candidate.day == day.day and (day.year == 1900 or candidate.month == day.month):
            return candidate
    return today


def _business_days_after(today: date, count: int) -> date:
    day = today
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
