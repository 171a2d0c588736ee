"""Targets are held against the week they were wanted in; a note shows what moved around it and nothing more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics import entered
from metrics.contrast import noted, targets
from metrics.contrast.course import courses
from metrics.totals import Scope, totals
from tests.conftest import PROJECT
from tests.test_dashboard import shown
from warehouse.errors import HeardError, NotAllowed
from warehouse.rights import Rights, Role
from warehouse.store import Store, Version

PAGE = PROJECT / "dashboard" / "pages" / "weeks.py"


@pytest.fixture
def store(demo_store: Store, tmp_path: Path) -> Store:
    """A copy of the sample, in which a test may write."""
    shutil.copytree(demo_store.folder, tmp_path / "demo")
    return Store(tmp_path, "demo")


@pytest.fixture
def version(store: Store) -> Iterator[Version]:
    with store.reading() as version:
        yield version


def test_a_week_is_held_against_what_was_wanted_then(version: Version) -> None:
    targets.set_target(version, "is_satisfied", 0.8, date(2026, 8, 1), "ann")
    targets.set_target(version, "is_satisfied", 0.9, date(2026, 10, 1), "ann")
    scope = Scope(date_from=date(2026, 7, 20), date_to=date(2026, 11, 15))
    (course,) = courses(version, ["is_satisfied"], scope, targets.targets(version))
    wanted = {week.week: week.target for week in course.weeks}
    assert wanted["2026-W30"] is None
    assert wanted["2026-W33"] == 0.8
    assert wanted["2026-W45"] == 0.9
    by_week = totals(version, ["is_satisfied"], scope, ["week"])
    assert [week.value for week in course.weeks] == by_week["value"].to_list()


@pytest.mark.parametrize(
    ("value", "low", "high", "better", "said"),
    [
        (0.95, 0.92, 0.97, "higher", "met"),
        (0.95, 0.89, 0.97, "higher", "too close to say"),
        (0.80, 0.75, 0.85, "higher", "missed"),
        (0.05, 0.02, 0.08, "lower", "met"),
        (95.0, None, None, "lower", "missed"),
        (0.90, None, None, "higher", "met"),
    ],
)
def test_a_target_inside_the_interval_is_too_close_to_say(
    value: float, low: float | None, high: float | None, better: str, said: str
) -> None:
    target = 0.9 if better == "higher" else 0.1
    assert targets.verdict(value, low, high, target, better) == said  # type: ignore[arg-type]


def test_a_target_that_can_not_be_reached_is_refused(version: Version) -> None:
    with pytest.raises(HeardError, match="can not be reached"):
        targets.set_target(version, "is_satisfied", 90, date(2026, 8, 1), "ann")
    with pytest.raises(HeardError, match="can have no target"):
        targets.set_target(version, "count_tickets", 5, date(2026, 8, 1), "ann")


def test_removing_a_target_can_be_undone(version: Version) -> None:
    targets.set_target(version, "left_worse", 0.1, date(2026, 8, 1), "ann")
    (target,) = targets.targets(version)
    gone = targets.remove(version, target, "bo")
    assert targets.targets(version) == ()
    assert entered.undo(version, gone, "ann")
    assert [one.value for one in targets.targets(version)] == [0.1]


def test_a_reader_can_set_nothing(store: Store) -> None:
    with store.reading(Rights(Role.READER)) as version:
        with pytest.raises(NotAllowed):
            targets.set_target(version, "is_satisfied", 0.9, date(2026, 8, 1), "ann")
        with pytest.raises(NotAllowed):
            noted.annotate(version, date(2026, 9, 7), "New macro", {}, "ann")


def test_a_note_tells_of_the_days_on_either_side_and_of_whom_it_concerns(version: Version) -> None:
    noted.annotate(version, date(2026, 9, 7), "New closing macro", {"team": ("Deliveries",)}, "ann")
    (one,) = noted.noted(version)
    around = {found.column.name: found for found in noted.around(version, one, date(2026, 11, 15))}
    before = Scope(date(2026, 8, 10), date(2026, 9, 6), {"team": ("Deliveries",)})
    after = Scope(date(2026, 9, 7), date(2026, 10, 4), {"team": ("Deliveries",)})
    for scope, side in ((before, "before"), (after, "after")):
        for row in totals(version, ["left_worse", "count_tickets"], scope).to_dicts():
            assert getattr(around[row["column"]], side).value == row["value"]
    assert around["count_tickets"].difference is None
    assert around["left_worse"].is_beyond_noise  # the sample's Deliveries sour in these weeks


def test_a_note_near_the_end_of_the_data_compares_equally_long_sides(version: Version) -> None:
    noted.annotate(version, date(2026, 11, 9), "Release", {}, "ann")
    noted.annotate(version, date(2027, 1, 1), "Not yet", {}, "ann")
    near, beyond = noted.noted(version)
    assert noted.length_of(near, date(2026, 11, 15)) == 7
    assert noted.around(version, beyond, date(2026, 11, 15)) == ()


def test_a_note_without_words_is_refused(version: Version) -> None:
    with pytest.raises(HeardError, match="needs words"):
        noted.annotate(version, date(2026, 9, 7), "  \n ", {}, "ann")


def test_the_page_draws_targets_and_hostile_notes_as_text(
    store: Store, version: Version, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "demo")
    targets.set_target(version, "left_worse", 0.10, date(2026, 8, 1), "ann")
    noted.annotate(version, date(2026, 9, 7), "<img src=x onerror=alert(1)>", {}, "ann")
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    html = shown(page)
    assert "What moved, and when?" in html
    assert "of 1 figure with a target met it" in html
    assert "<img" not in html
    assert "&lt;img src=x" in html


def test_setting_a_target_on_the_page_and_taking_it_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "demo")
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    page.selectbox(key="target_column").set_value("is_satisfied")
    page.number_input(key="target_value").set_value(90.0)
    next(button for button in page.button if button.label == "Set it").click().run()
    with store.reading() as version:
        assert [(one.column, one.value) for one in targets.targets(version)] == [("is_satisfied", 0.9)]
    page.button(key="undo last entry").click().run()
    with store.reading() as version:
        assert targets.targets(version) == ()
    assert not page.exception


def test_a_target_of_nps_is_told_in_points(version: Version) -> None:
    """It was read as a share once: a target of 30 points stood a hundred times too low on the page."""
    targets.set_target(version, "nps_net", 30, date(2026, 8, 1), "ann")
    scope = Scope(date_from=date(2026, 8, 1), date_to=date(2026, 11, 15))
    (course,) = courses(version, ["nps_net"], scope, targets.targets(version))
    assert {week.target for week in course.weeks} == {30.0}
    assert any(abs(week.value or 0) > 1 for week in course.weeks)
