"""Business hours: which schedule counts for whom, and what is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from metrics.facts.hours import Hours, open_spans, public_holidays
from metrics.totals import Scope, totals
from tests.desk import Desk, at, row
from warehouse.errors import BadInput, BadSettings
from warehouse.hours import Schedule
from warehouse.settings import Organisation, Settings

DAILY = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
A_DAY = 24 * 60  # the desk starts on Monday 2 March 2026 at 09:00 UTC


def stated(number, zone="UTC", opens=540, closes=1020, **more):
    """A schedule of the export, on five days a week."""
    hours = [f"{day * 1440 + opens}-{day * 1440 + closes}" for day in range(5)]
    key = {
        "source": "desk",
        "schedule_id": number,
        "name": f"schedule {number}",
        "zone": zone,
        "hours": hours,
    }
    return key | {"created_at": datetime(2020, 1, int(number), tzinfo=UTC)} | more


def waiting(length=2 * A_DAY, team=None, **options):
    """A desk with one ticket that was answered after so many minutes."""
    desk = Desk(**options)
    desk.ticket("1", team=team)
    desk.say("1", 0, "c1")
    desk.say("1", length, "a1")
    return desk


def minutes(desk, settings=None):
    return row(desk.done(settings), "reply_waits", "1")["business_minutes"]


def test_without_a_schedule_business_minutes_are_not_known_and_not_none():
    version = waiting().done()
    assert row(version, "reply_waits", "1")["calendar_minutes"] == 2 * A_DAY
    assert row(version, "reply_waits", "1")["business_minutes"] is None
    found = totals(version, ["first_reply_business_minutes"], Scope()).row(0, named=True)
    assert (found["value"], found["n"]) == (None, 0)


def test_the_first_schedule_of_an_export_is_its_default():
    desk = waiting()
    desk.rows["schedules"] = [stated("2", opens=0, closes=1440), stated("1")]
    assert minutes(desk) == 2 * 8 * 60


def test_a_reply_outside_of_business_hours_took_none():
    desk = waiting(length=5)
    desk.rows["schedules"] = [stated("1", opens=600)]
    assert minutes(desk) == 0


def test_the_schedule_of_heard_toml_counts_where_the_export_has_none():
    settings = Settings(schedules=(Schedule(name="desk", zone="UTC", **DAILY),))
    assert minutes(waiting(), settings) == 2 * 8 * 60


def test_the_default_of_the_export_goes_before_that_of_heard_toml():
    """The helpdesk's own report counts by the export's; ours is to be put beside it."""
    desk = waiting()
    desk.rows["schedules"] = [stated("1", opens=600)]
    settings = Settings(schedules=(Schedule(name="desk", zone="UTC", **DAILY),))
    assert minutes(desk, settings) == 2 * 7 * 60


def test_a_team_named_in_heard_toml_goes_before_any_default():
    late = Schedule(name="late", zone="UTC", monday="20:00-22:00", teams=("Billing",))
    every = Schedule(name="every", zone="UTC", **DAILY)
    for team, expected in (("billing ", 120), ("Sales", 2 * 7 * 60), (None, 2 * 7 * 60)):
        desk = waiting(team=team)
        desk.rows["schedules"] = [stated("1", opens=600)]
        assert minutes(desk, Settings(schedules=(late, every))) == expected


def assign(desk, *rows):
    """The export's history of a ticket's schedules: (seconds after its creation, schedule)."""
    desk.rows["ticket_schedules"] += [
        {"source": "desk", "ticket_id": "1", "event_id": f"{i}", "at": at(seconds / 60), "schedule_id": name}
        for i, (seconds, name) in enumerate(rows)
    ]


def test_an_assignment_right_after_creation_holds_from_the_beginning_and_goes_before_all():
    desk = waiting(team="Billing")
    desk.rows["schedules"] = [stated("1"), stated("2", opens=600)]
    assign(desk, (4, "2"))
    late = Schedule(name="late", zone="UTC", monday="20:00-22:00", teams=("Billing",))
    assert minutes(desk, Settings(schedules=(late,))) == 2 * 7 * 60


def test_a_later_assignment_switches_from_its_moment_and_both_count():
    desk = waiting()
    desk.rows["schedules"] = [stated("1"), stated("2", opens=0, closes=1440)]
    assign(desk, (3600, "2"))
    assert minutes(desk) == 2 * A_DAY, "an hour of the first, all hours of the second"
    desk = waiting()
    desk.rows["schedules"] = [stated("1"), stated("2", opens=1200, closes=1260)]
    assign(desk, (3600, "2"), (3 * 3600, "1"))
    assert minutes(desk) == 2 * 8 * 60 - 120, "two hours of the first day in which the second was closed"


def test_of_a_schedule_that_the_export_does_not_describe_nothing_is_told():
    desk = waiting()
    desk.rows["schedules"] = [stated("1")]
    assign(desk, (0, "gone"))
    assert minutes(desk) is None
    desk = waiting()
    desk.rows["schedules"] = [stated("1", zone="Nowhere/Land")]
    assert minutes(desk) is None


def test_hours_that_can_not_be_read_are_named():
    desk = waiting()
    desk.rows["schedules"] = [stated("1") | {"hours": ["nine to five"]}]
    with pytest.raises(BadInput, match="schedule 1"):
        desk.done()


def test_a_holiday_is_a_whole_local_day_and_a_range_has_both_its_ends():
    desk = waiting(length=4 * A_DAY)
    desk.rows["schedules"] = [stated("1", holidays=["2026-03-03/2026-03-04"])]
    assert minutes(desk) == 2 * 8 * 60
    desk = waiting(length=A_DAY)
    tokyo = stated("1", zone="Asia/Tokyo", opens=0, closes=1440, holidays=["2026-03-03"])
    desk.rows["schedules"] = [tokyo]
    assert minutes(desk) == 6 * 60, "from 18:00 to midnight in Tokyo"


def test_public_holidays_and_days_of_ones_own_are_closed():
    hours = Schedule(name="desk", zone="Europe/Berlin", holidays="DE-BY", closed=("2026-12-24",), **DAILY)
    desk = Desk(as_of=400 * A_DAY)
    days = (datetime(2026, 12, 23, 8, tzinfo=UTC) - at(0)).days
    desk.ticket("1", days * A_DAY - 60)
    desk.say("1", days * A_DAY - 60, "c1")
    desk.say("1", (days + 14) * A_DAY - 60, "a1")
    # 23, 28 to 31 December and 4, 5 January; closed are 24 and 25 December, New Year and, in Bavaria, 6 January.
    assert minutes(desk, Settings(schedules=(hours,))) == 7 * 8 * 60


def test_holidays_of_a_place_that_is_not_known_are_refused_with_what_to_write():
    assert date(2026, 1, 6) in public_holidays("DE-BY", range(2026, 2027))
    assert date(2026, 1, 6) not in public_holidays("DE", range(2026, 2027))
    assert public_holidays("", range(2026, 2027)) == frozenset()
    for place, words in (("DE-XX", "DE-BY"), ("DEU", "DE"), ("Bavaria", "known")):
        with pytest.raises(BadSettings) as caught:
            public_holidays(place, range(2026, 2027))
        assert words in str(caught.value)


def test_a_schedule_without_a_zone_is_in_the_organisations():
    settings = Settings(
        organisation=Organisation(zone="Asia/Tokyo"), schedules=(Schedule(name="desk", **DAILY),)
    )
    assert minutes(waiting(length=A_DAY), settings) == 8 * 60, "09:00 UTC is 18:00 in Tokyo"


def test_waiting_has_no_cap_and_an_open_wait_ends_at_the_as_of_instant():
    desk = Desk(as_of=200 * 7 * A_DAY)
    desk.ticket("1", status="open")
    desk.say("1", 0, "c1")
    desk.rows["schedules"] = [stated("1")]
    assert minutes(desk) == 200 * 40 * 60


def test_around_the_clock_is_every_minute_and_hours_that_overlap_count_once():
    spans = list(open_spans(Hours("UTC", ((0, 10080), (60, 120)), frozenset()), range(2026, 2027)))
    assert sum((closes - opens).total_seconds() for opens, closes, _ in spans) == 365 * 86_400
    assert spans[-1][2] is None


def test_an_instant_outside_of_the_years_of_the_data_has_no_business_minutes():
    desk = Desk()
    desk.ticket("1", -60 * 366 * A_DAY)
    desk.say("1", -60 * 366 * A_DAY, "c1")
    desk.say("1", 0, "a1")
    desk.rows["schedules"] = [stated("1")]
    assert minutes(desk) is None
