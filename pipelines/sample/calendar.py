"""When tickets arrive, and what office hours do to a reply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from math import cos, pi
from random import Random

from pipelines.sample.people import mix

DAY = 86_400
_WEEKDAYS = (1.3, 1.15, 1.05, 1.0, 0.95, 0.5, 0.25)
_HOURS = (1, 1, 1, 1, 2, 4, 9, 20, 42, 60, 62, 55, 44, 46, 52, 55, 50, 42, 30, 22, 18, 13, 7, 3)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One ticket's place in time; `regular` numbers the customer who writes every week or so."""

    number: int
    created_at: int
    week: int
    regular: int | None = None
    until_silence: int = 99  # tickets of this regular still to come before the silence; negative: after it


def epoch(day: date) -> int:
    """Midnight UTC of a day, in seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def stamp(at: int) -> str:
    """An instant as Zendesk writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat()[:19] + "Z"


def first_day(ends_on: date, weeks: int) -> date:
    """The Monday (or whatever weekday follows `ends_on`) on which the sample begins."""
    return ends_on - timedelta(days=7 * weeks - 1)


def count_regulars(tickets: int) -> int:
    """How many customers write every week or so."""
    return min(400, tickets // 200)


def _of_regulars(seed: int, regulars: int, starts_at: int, weeks: int) -> list[tuple[int, int, int]]:
    """(instant, regular, until_silence) of every ticket of the regulars, with those after their silence."""
    found = []
    for regular in range(regulars):
        rng = Random(mix(seed, 5_000_000 + regular))
        period = 6.0 + 3.0 * rng.random()
        silent_at = starts_at + int((weeks - 11 + regular % 4) * 7 * DAY)
        times = []
        at = starts_at + int(rng.random() * 6 * DAY)
        while at < starts_at + weeks * 7 * DAY:
            times.append(at - at % DAY + _second_of_day(rng))
            at += int(period * DAY * (0.8 + 0.4 * rng.random()))
        spoken = sum(instant < silent_at for instant in times)
        found += [(instant, regular, spoken - 1 - index) for index, instant in enumerate(times)]
    return found


def _second_of_day(rng: Random) -> int:
    return rng.choices(range(24), _HOURS)[0] * 3600 + int(rng.random() * 3600)


def arrivals(tickets: int, seed: int, weeks: int, ends_on: date) -> Iterator[Arrival]:
    """All arrivals in order of time, those after the regulars' silence included; `tickets` are before it."""
    starts_at = epoch(first_day(ends_on, weeks))
    regular_times = _of_regulars(seed, count_regulars(tickets), starts_at, weeks)
    ordinary = tickets - sum(until_silence >= 0 for _, _, until_silence in regular_times)
    shape = [1.0 + 0.012 * week - 0.13 * cos(2 * pi * week / 13) for week in range(weeks)]
    ends = [round(ordinary * part / sum(shape)) for part in accumulate(shape)]
    ends[-1] = ordinary
    number = 0
    for week in range(weeks):
        rng = Random(mix(seed, 6_000_000 + week))
        week_at = starts_at + week * 7 * DAY
        count = ends[week] - (ends[week - 1] if week else 0)
        days = rng.choices(range(7), _WEEKDAYS, k=count)
        entries: list[tuple[int, int, int]] = [
            (week_at + day * DAY + _second_of_day(rng), -1, 99) for day in days
        ]
        entries += [entry for entry in regular_times if week_at <= entry[0] < week_at + 7 * DAY]
        entries.sort()
        for created_at, regular, until_silence in entries:
            yield Arrival(number, created_at, week, None if regular < 0 else regular, until_silence)
            number += 1


def in_office(at: int, rng: Random) -> int:
    """The instant itself, or the next weekday morning if the office is closed then."""
    day, second = divmod(at, DAY)
    weekday = (day + 3) % 7  # the epoch was a Thursday
    if weekday < 5 and 8 * 3600 <= second < 18 * 3600:
        return at
    if weekday >= 5 or second >= 18 * 3600:
        day += {4: 3, 5: 2, 6: 1}.get(weekday, 1)
    return day * DAY + 8 * 3600 + int(rng.random() * 7200)
