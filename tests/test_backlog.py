"""The backlog by day: what was unsolved at the end of each day, how old it was, and how days make weeks."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.totals import Scope, totals
from tests.desk import Desk, at
from warehouse.settings import Backlog, Settings

DAY = 1440  # the desk begins on Monday 2 March 2026 at 9:00 UTC


def days(version, ticket):
    found = version.query("SELECT day FROM day_facts WHERE ticket_id = ? ORDER BY day", [ticket])
    return [day.day for day in found["day"]]


def backlog(version, scope=None, by=(), column="count_backlog"):
    frame = totals(version, [column], scope or Scope(), by)
    return {row[by[0]] if by else None: row["value"] for row in frame.to_dicts()}


def week():
    desk = Desk(as_of=6 * DAY + 8 * 60)  # Sunday, 17:00
    stories = {
        "same day": [(0, "new"), (60, "solved")],
        "two nights": [(0, "new"), (60, "open"), (2 * DAY, "solved")],
        "came back": [(0, "new"), (60, "solved"), (3 * DAY, "open"), (4 * DAY, "solved")],
        "still open": [(5 * DAY, "new"), (5 * DAY + 10, "pending")],
    }
    for name, statuses in stories.items():
        desk.ticket(name, statuses[0][0], status=statuses[-1][1], team="A" if name == "came back" else "B")
        for minute, new in statuses:
            desk.status(name, minute, new)
    return desk


def test_a_ticket_stands_on_each_day_at_whose_end_it_was_unsolved():
    version = week().done()
    assert days(version, "same day") == []
    assert days(version, "two nights") == [2, 3]
    assert days(version, "came back") == [5]
    assert days(version, "still open") == [7, 8], "the last day is as of the as-of instant"


def test_without_status_events_it_is_from_creation_to_the_solve():
    desk = Desk(as_of=3 * DAY)
    desk.ticket("solved", status="solved", solved_at=at(2 * DAY))
    desk.ticket("open", DAY, status="open")
    desk.ticket("says not when", status="closed")
    desk.ticket("says nothing")
    desk.ticket("merged", status="open", merged_into="open")
    desk.ticket("later", 4 * DAY, status="open")
    version = desk.done()
    assert (days(version, "solved"), days(version, "open")) == ([2, 3], [3, 4, 5])
    for name in ("says not when", "says nothing", "merged", "later"):
        assert days(version, name) == [], name


def test_a_ticket_is_unsolved_before_its_first_event_and_not_after_a_solve_that_no_event_tells():
    desk = Desk(as_of=5 * DAY)
    desk.ticket("late history", status="solved")
    desk.status("late history", 2 * DAY, "solved")
    desk.ticket("old history", status="solved", solved_at=at(3 * DAY))
    desk.status("old history", 0, "open")
    desk.ticket("no end", status="solved")
    desk.status("no end", 0, "open")
    version = desk.done()
    assert (days(version, "late history"), days(version, "old history")) == ([2, 3], [2, 3, 4])
    assert days(version, "no end") == []


def test_the_backlog_of_a_week_is_the_mean_of_its_days_the_empty_ones_included():
    """Rows divided by the days that have rows made one ticket on one day a backlog of 1 for the whole week."""
    version = week().done()
    assert backlog(version, by=("day",)) == {
        "2026-03-02": 1, "2026-03-03": 1, "2026-03-04": 0, "2026-03-05": 1, "2026-03-06": 0, "2026-03-07": 1, "2026-03-08": 1,
    }  # fmt: skip
    assert backlog(version) == {None: pytest.approx(5 / 7)}
    assert backlog(version, by=("team",)) == {"A": pytest.approx(1 / 7), "B": pytest.approx(4 / 7)}
    assert backlog(version, by=("week",)) == {"2026-W10": pytest.approx(5 / 7)}
    assert backlog(version, Scope(date(2026, 3, 4), date(2026, 3, 5))) == {None: 0.5}


def test_days_outside_of_the_data_are_not_told():
    version = week().done()
    outside = Scope(date(2027, 1, 1), date(2027, 1, 7))
    found = totals(version, ["backlog"], outside).to_dicts()
    assert [(row["value"], row["n"]) for row in found] == [(None, 0), (None, 0)]
    wider = Scope(date(2026, 2, 1), date(2026, 3, 31))
    assert backlog(version, wider) == {None: pytest.approx(5 / 7)}


def test_a_stock_has_no_interval_and_its_age_runs_from_creation():
    version = week().done()
    for row in totals(version, ["backlog"], Scope()).to_dicts():
        assert (row["n"], row["low"], row["high"]) == (5, None, None)
    assert backlog(version, column="backlog_age_minutes", by=("day",)) | {"2026-03-04": None} == {
        "2026-03-02": 15 * 60, "2026-03-03": DAY + 15 * 60, "2026-03-04": None, "2026-03-05": 3 * DAY + 15 * 60,
        "2026-03-06": None, "2026-03-07": 15 * 60, "2026-03-08": DAY + 8 * 60,
    }  # fmt: skip


def test_days_end_in_the_organisations_zone():
    desk = Desk(as_of=2 * DAY, zone="Asia/Tokyo")
    desk.ticket("1", 5 * 60, status="solved", solved_at=at(7 * 60))  # 23:00 to 1:00 in Tokyo
    assert days(desk.done(), "1") == [2]


def test_an_age_holds_over_a_change_of_the_clock():
    desk = Desk(as_of=29 * DAY, zone="Europe/Berlin")
    desk.ticket(
        "1", 26 * DAY, status="open"
    )  # Saturday 28 March, 10:00 in Berlin; the clock goes forward that night
    ages = backlog(desk.done(), column="backlog_age_minutes", by=("day",))
    assert [ages[day] for day in ("2026-03-28", "2026-03-29", "2026-03-30")] == [14 * 60, 37 * 60, 61 * 60]


def test_only_so_many_days_are_kept_and_the_age_is_still_the_whole_one():
    desk = Desk(as_of=500 * DAY)
    desk.ticket("1", status="open")
    version = desk.done(Settings(backlog=Backlog(keep_days=3)))
    assert backlog(version, by=("day",)) == {"2027-07-13": 1, "2027-07-14": 1, "2027-07-15": 1}
    assert max(backlog(version, column="backlog_age_minutes", by=("day",)).values()) == 500 * DAY


def test_no_tickets_are_no_backlog_that_is_known():
    found = totals(Desk().done(), ["backlog"], Scope()).to_dicts()
    assert [row["value"] for row in found] == [None, None]
