"""Simulated months of `heard run`: each week goes out exactly once, whatever happens to the machine and the exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import inbox
from pipelines.digest import calendar
from tests.run_desk import AUTUMN, BERLIN, YEAR_END, Desk, light, on
from warehouse.sends import Sends
from warehouse.settings import load_settings


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return light(tmp_path, monkeypatch)


def _instants(first: date, weeks: int) -> Iterator[datetime]:
    """When the month's runs start: often about the hour at which a digest is due, now and then on other days."""
    for week in range(weeks):
        monday = first + timedelta(days=7 * week)
        yield from (on(monday, hour) for hour in (6, 7, 8, 13))
        yield from (on(monday + timedelta(days=day), 7) for day in (1, 2, 6))


def _mend(desk: Desk, monday: date) -> None:
    """What a person does about a broken export: throw it away, and put the whole one into the inbox."""
    for path in inbox.failed(desk.root / "inbox"):
        path.with_name(path.name + inbox.WHY).unlink()
        path.unlink()
    desk.export(monday)


def _run_stopped_while_loading(desk: Desk, now: datetime) -> None:
    """A run that is stopped between reading a file and publishing what it holds; the live data stay as they were."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    whole, before = desk.after_merge, desk.store.current()
    desk.after_merge = stop
    with pytest.raises(KeyboardInterrupt):
        desk.run_at(now)
    desk.after_merge = whole
    assert desk.store.current() == before and inbox.entries(desk.root / "inbox", settle_seconds=0)


def test_a_month_with_downtime_a_late_export_failed_runs_and_a_clock_change(desk: Desk) -> None:
    """W42 as it should be; W43 (the clock change) fails first; in W44 the export comes late; W45's Monday the machine is down;
    W46's export is broken at first, and the run that loads the whole one is stopped in the middle of it."""
    third, fourth, fifth = (AUTUMN + timedelta(days=7 * week) for week in (3, 4, 5))
    blocked = desk.root / "Dana"
    came_late = on(third, 13)
    desk.export(AUTUMN)
    assert desk.run_at(on(AUTUMN, 6)) == 0
    first_sent: dict[str, datetime] = {}
    codes: list[int] = []
    for now in _instants(AUTUMN + timedelta(days=7), 5):
        day = now.astimezone(BERLIN).date()
        if day == fourth:
            continue  # nothing runs
        if day == AUTUMN + timedelta(days=14) and now.astimezone(BERLIN).hour == 6:
            blocked.rename(desk.root / "away")
            blocked.write_text("in the way of the folder", encoding="utf-8")
        if day == AUTUMN + timedelta(days=15):
            blocked.unlink(missing_ok=True)
            if (desk.root / "away").exists():
                (desk.root / "away").rename(blocked)
        if day.weekday() == 0 and now.astimezone(BERLIN).hour == 6 and day not in (third, fifth):
            desk.export(day)
        if now == came_late:
            desk.export(third)
        if day == fourth + timedelta(days=1):
            desk.export(fourth)
        if now == on(fifth, 6):
            (desk.root / "inbox" / f"tickets-{fifth}.csv.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
        if now == on(fifth, 7):
            _mend(desk, fifth)
            _run_stopped_while_loading(desk, now)
        else:
            codes.append(desk.run_at(now))
        for week in desk.got("Finn"):
            first_sent.setdefault(week, now)
    weeks = ["2037-W42", "2037-W43", "2037-W44", "2037-W45", "2037-W46"]
    assert [week for week in desk.got("Finn") if week in weeks] == weeks
    assert [week for week in desk.got("Dana") if week in weeks] == weeks
    told = desk.sent()
    assert len(told) == len(set(told)), "nobody got a week twice"
    assert {week for week, _ in told} >= set(weeks)
    assert first_sent["2037-W42"] == on(AUTUMN + timedelta(days=7), 7)
    assert first_sent["2037-W43"] == on(AUTUMN + timedelta(days=14), 7), (
        "07:05 in winter time is an hour later"
    )
    assert first_sent["2037-W43"] - first_sent["2037-W42"] == timedelta(days=7, hours=1)
    assert first_sent["2037-W44"] == came_late, "it waited for its export and went out with it"
    assert first_sent["2037-W45"] == on(fourth + timedelta(days=1), 7), (
        "caught up on the first run after the downtime"
    )
    assert first_sent["2037-W46"] == on(fifth, 8), "the run after the one that was stopped loads what it left"
    assert any("waits for it until" in line for line in desk.lines)
    assert any("2037-W43 to Dana failed, again from 2037-10-26" in line for line in desk.lines)
    assert 75 in codes and codes.count(1) == 1, "the broken export, said by the run that met it"
    assert desk.got("Finn")[0] == "2037-W41", "of the week before the data begin there is nothing to tell"
    assert not inbox.failed(desk.root / "inbox")
    lying = [path for path in (desk.root / "inbox").rglob("*.csv") if path.parent.parent.name != "done"]
    assert lying == []


def test_the_last_week_of_a_long_year_and_the_first_of_the_next(desk: Desk) -> None:
    sent: dict[str, datetime] = {}
    for week in range(5):
        monday = YEAR_END + timedelta(days=7 * week)
        desk.export(monday)
        for hour in (6, 7, 8):
            desk.run_at(on(monday, hour))
            for known in desk.got("Dana"):
                sent.setdefault(known, on(monday, hour))
    expected = {
        "2037-W52": date(2037, 12, 28), "2037-W53": date(2038, 1, 4), "2038-W01": date(2038, 1, 11), "2038-W02": date(2038, 1, 18),
    }  # fmt: skip
    assert {week: at for week, at in sent.items() if week >= "2037-W52"} == {
        week: on(day, 7) for week, day in expected.items()
    }
    told = desk.sent()
    assert len(told) == len(set(told))


def test_an_export_that_never_comes_is_waited_for_and_then_said_to_be_missing(desk: Desk) -> None:
    desk.export(AUTUMN)
    desk.run_at(on(AUTUMN, 7))
    due = AUTUMN + timedelta(days=7)
    assert desk.run_at(on(due, 7)) == 0
    assert desk.run_at(on(due + timedelta(days=1), 6)) == 0
    assert "2037-W42" not in desk.got("Dana")
    assert desk.run_at(on(due + timedelta(days=1), 7)) == 1, "somebody has to look for the export"
    assert "2037-W42" in desk.got("Dana")
    assert any("its export has not arrived" in line for line in desk.lines)
    assert "arrived: False" in (desk.root / "Dana" / "heard-2037-W42.md").read_text(encoding="utf-8")
    assert desk.run_at(on(due + timedelta(days=1), 8)) == 0, "said once"


def test_after_weeks_of_downtime_only_the_newest_goes_out_and_the_others_are_noted(desk: Desk) -> None:
    desk.export(AUTUMN)
    desk.run_at(on(AUTUMN, 7))
    back = AUTUMN + timedelta(days=28)
    for week in range(1, 5):
        desk.export(AUTUMN + timedelta(days=7 * week))
    assert desk.run_at(on(back, 9)) == 0
    assert desk.got("Dana") == ["2037-W41", "2037-W45"]
    noted = {(one.week, one.name) for one in Sends(desk.store.folder).sends() if one.state == "skipped"}
    assert noted == {(f"2037-W{week}", name) for week in (42, 43, 44) for name in ("Dana", "Finn")}
    assert desk.run_at(on(back, 10)) == 0 and desk.got("Dana") == ["2037-W41", "2037-W45"]
    assert desk.run_at(on(back, 11), catch_up=True) == 0
    assert desk.got("Dana") == [f"2037-W{week}" for week in (41, 42, 43, 44, 45)]
    desk.run_at(on(back, 12), catch_up=True)
    assert len(desk.sent()) == len(set(desk.sent())) == 10


# The calendar


def test_the_weeks_between() -> None:
    assert calendar.between("2037-W51", "2038-W02") == ("2037-W52", "2037-W53", "2038-W01")
    assert calendar.between(None, "2038-W02") == () and calendar.between("2038-W02", "2038-W02") == ()
    assert calendar.after("2037-W53") == "2038-W01"


@pytest.mark.parametrize(
    ("weekday", "hour", "now", "week", "following"),
    [
        ("monday", 7, "2037-10-26T05:59:59Z", "2037-W42", "2037-10-26T06:00:00Z"),
        ("monday", 7, "2037-10-26T06:00:00Z", "2037-W43", "2037-11-02T06:00:00Z"),
        (
            "sunday",
            2,
            "2037-10-25T00:00:00Z",
            "2037-W42",
            "2037-11-01T01:00:00Z",
        ),  # 02:00 comes twice: the first
        (
            "sunday",
            2,
            "2037-03-29T00:59:00Z",
            "2037-W11",
            "2037-03-29T01:00:00Z",
        ),  # 02:00 does not come: 03:00
        ("wednesday", 0, "2038-01-05T23:00:00Z", "2037-W53", "2038-01-12T23:00:00Z"),
    ],
)
def test_what_is_due_follows_the_clock_on_the_wall(
    desk: Desk, weekday: str, hour: int, now: str, week: str, following: str
) -> None:
    text = (desk.root / "heard.toml").read_text(encoding="utf-8")
    text += f'[digest]\nweekday = "{weekday}"\nhour = {hour}\n'
    (desk.root / "heard.toml").write_text(text, encoding="utf-8")
    settings = load_settings(desk.root / "heard.toml")
    found = calendar.at(desk.store, settings, datetime.fromisoformat(now))
    assert (found.week, found.next_at) == (week, datetime.fromisoformat(following))
