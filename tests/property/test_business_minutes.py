"""Business minutes are what a count minute by minute on the local clock gives, whatever the clocks and schedules do."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from tests.desk import START, Desk

# Both directions of a change of clocks, half an hour of it, one that falls at midnight, a backward one within the year's
# fasting month, none at all, and the southern half of the world.
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Pacific/Auckland", "Africa/Casablanca",
         "America/Havana", "Asia/Kathmandu")  # fmt: skip
MINUTE = timedelta(minutes=1)
WEEK = 7 * 24 * 60
LONGEST = 12 * 24 * 60


def changes(zone):
    """The days of the year on which the zone's offset changes; the first of May where there is none."""
    noons = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number) for number in range(364)]
    offsets = [noon.astimezone(zone).utcoffset() for noon in noons]
    found = [
        noons[i]
        for i in range(1, 364)
        if offsets[i] != offsets[i - 1] and noons[i] > START + timedelta(days=8)
    ]
    return found or [datetime(2026, 5, 1, 12, tzinfo=UTC)]


class ByHand:
    """A schedule counted minute by minute: `open_between` two whole minutes."""

    def __init__(self, chance):
        self.zone_name = chance.choice(ZONES)
        self.zone = ZoneInfo(self.zone_name)
        starts = [chance.randrange(0, WEEK - 30, 15) for _ in range(chance.randint(1, 9))]
        self.spans = [(start, min(start + chance.randrange(15, 1500, 15), WEEK)) for start in starts]
        middle = chance.choice(changes(self.zone))
        self.middle = middle
        self.closed = {
            middle.date() + timedelta(days=chance.randint(-6, 6)) for _ in range(chance.randint(0, 3))
        }
        self.first = (middle - timedelta(days=11)).replace(hour=0)

    @cached_property
    def before(self):
        """How many minutes were open before each minute of the month around the change of clocks."""
        return [0, *accumulate(self.is_open(self.first + number * MINUTE) for number in range(31 * 24 * 60))]

    def is_open(self, instant):
        local = instant.astimezone(self.zone)
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        return local.date() not in self.closed and any(
            opens <= minute < closes for opens, closes in self.spans
        )

    def open_between(self, start, end):
        return self.before[(end - self.first) // MINUTE] - self.before[(start - self.first) // MINUTE]

    def row(self, number):
        return {
            "source": "desk",
            "schedule_id": f"{number}",
            "name": f"schedule {number}",
            "zone": self.zone_name,
            "hours": [f"{opens}-{closes}" for opens, closes in self.spans],
            "holidays": [day.isoformat() for day in self.closed],
            "created_at": datetime(2020, 1, 1 + number, tzinfo=UTC),
        }


def expected(in_force, start, end):
    """The open minutes of an interval over the schedules that were in force: (from, schedule) in order."""
    total = 0
    for place, (begins, schedule) in enumerate(in_force):
        until = in_force[place + 1][0] if place + 1 < len(in_force) else end
        low, high = max(start, begins), min(end, until)
        total += schedule.open_between(low, high) if low < high else 0
    return total


@pytest.mark.parametrize("seed", range(3))
def test_business_minutes_are_those_of_a_count_by_hand(seed):
    chance = random.Random(seed)
    desk = Desk(as_of=400 * 24 * 60)
    groups = []
    for _ in range(
        3
    ):  # schedules that change their clocks in the same season share a group, so that tickets can switch
        first = ByHand(chance)
        second = ByHand(chance)
        while abs((second.middle - first.middle).days) > 3 and second.middle != first.middle:
            second = ByHand(chance)
        groups.append((first, second))
    known = [schedule for group in groups for schedule in group]
    desk.rows["schedules"] = [schedule.row(number) for number, schedule in enumerate(known)]
    wanted = {}
    for number in range(60):
        group = chance.choice(groups)
        created = group[0].middle + chance.randint(-7 * 1440, 3 * 1440) * MINUTE
        length = chance.randint(1, LONGEST)
        ticket = f"t{number}"
        minutes = (created - START) / MINUTE
        desk.ticket(ticket, minutes, status="solved")
        desk.say(ticket, minutes, "c1")
        desk.say(ticket, minutes + length, "a1")
        solved = chance.randint(1, LONGEST)
        desk.status(ticket, minutes, "open")
        desk.status(ticket, minutes + solved, "solved")
        in_force = [(datetime(2000, 1, 1, tzinfo=UTC), chance.choice(group))]
        desk.rows["ticket_schedules"].append(
            assigned(desk, ticket, created + timedelta(seconds=chance.randint(0, 5)), known, in_force)
        )
        for _ in range(chance.randint(0, 3)):
            switched = max(in_force[-1][0], created) + chance.randint(1, 4000) * MINUTE
            in_force.append((switched, chance.choice(group)))
            desk.rows["ticket_schedules"].append(assigned(desk, ticket, switched, known, in_force))
        wanted[ticket] = (
            expected(in_force, created, created + length * MINUTE),
            expected(in_force, created, created + solved * MINUTE),
        )
    version = desk.done()
    found = version.query(
        """
        SELECT wait.ticket_id, wait.business_minutes AS waited, span.business_minutes AS worked
        FROM reply_waits wait JOIN status_spans span USING (source, ticket_id)
        WHERE wait.is_first AND span.status = 'open'
        """
    )
    assert found.height == 60
    assert {
        name: (round(waited, 6), round(worked, 6)) for name, waited, worked in found.iter_rows()
    } == wanted
    assert any(minutes for minutes, _ in wanted.values())


def assigned(desk, ticket, at, known, in_force):
    rows = desk.rows["ticket_schedules"]
    return {
        "source": "desk",
        "ticket_id": ticket,
        "event_id": f"{len(rows)}",
        "at": at,
        "schedule_id": f"{known.index(in_force[-1][1])}",
    }


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        (
            "Europe/Berlin",
            date(2026, 3, 29),
            60,
        ),  # one to three on the clock, of which an hour is not there
        ("Europe/Berlin", date(2026, 10, 25), 180),
        ("Australia/Lord_Howe", date(2026, 4, 5), 150),  # half an hour comes twice
        ("Australia/Lord_Howe", date(2026, 10, 4), 90),
        ("America/New_York", date(2026, 11, 1), 180),
        ("America/New_York", date(2026, 11, 2), 120),
    ],
)
def test_a_night_shift_is_as_long_as_the_night_was(zone, day, minutes):
    desk = Desk(as_of=400 * 24 * 60)
    nightly = [f"{weekday * 1440 + 60}-{weekday * 1440 + 180}" for weekday in range(7)]
    desk.rows["schedules"] = [{"source": "desk", "schedule_id": "night", "zone": zone, "hours": nightly}]
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    begins = (noon.astimezone(UTC) - timedelta(hours=14) - START) / MINUTE
    desk.ticket("1", begins, status="open")
    desk.say("1", begins, "c1")
    desk.say("1", begins + 14 * 60, "a1")
    found = desk.done().query("SELECT business_minutes FROM reply_waits").item()
    assert found == pytest.approx(minutes)
