"""Weeks as they come: a sample's weeks against `heard measure`, clock changes, week 53, weeks that run, loads with holes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.digest_weeks import differences, weeks
from metrics.contrast import targets
from metrics.measure import Better
from pipelines.cli import main
from pipelines.digest.build import build
from pipelines.digest.content import Cell, Digest
from pipelines.printed import remember
from tests.made_weeks import Talk, publish
from warehouse.ledger import Ledger
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

LATER = "2027-03-01T00:00:00+00:00"


def cells(digest: Digest) -> list[Cell]:
    return [cell for row in digest.rows for cell in (*row.scores, *row.conversations)]


def test_every_fourth_week_of_the_sample_is_what_measure_says(demo_store: Store) -> None:
    with demo_store.reading() as version:
        found = weeks(version)
        assert len(found) >= 26
        assert [line for week in found[::4] for line in differences(version, week, Settings())] == []


def test_the_command_measure_prints_the_digests_numbers(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with demo_store.reading() as version:
        digest = build(version, "2026-W40", Settings())
    told = {cell.number.column: cell.number for cell in cells(digest) if cell.number}
    monkeypatch.setenv("HEARD_STORE", str(demo_store.folder.parent))
    assert main(["measure", *told, "--from", "2026-09-28", "--to", "2026-10-04", "--format", "json", "--store", "demo"]) == 0  # fmt: skip
    rows = json.loads(capsys.readouterr().out)
    printed = {row["column"]: (row["value"], row["n"]) for row in rows if row["column"] in told}
    assert printed == {name: (number.value, number.n) for name, number in told.items()}


def test_a_year_of_weeks_over_clock_changes_and_week_53(tmp_path: Path) -> None:
    """At 09:00 UTC it is Monday midnight on Adak in summer, and Sunday 23:00 in winter: the week turns with the clock."""
    settings = Settings(organisation=Organisation(zone="America/Adak"))
    mondays = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(54)]
    talks = [Talk(day=monday) for monday in mondays for _ in range(3)]
    version = publish(tmp_path, talks, settings, as_of=LATER, zone="America/Adak")
    found = weeks(version)
    assert len(found) == 54 and found.index("2027-W01") == found.index("2026-W53") + 1
    looked = ("2026-W10", "2026-W11", "2026-W44", "2026-W45", "2026-W53", "2027-W01")
    told = {week: build(version, week, settings) for week in looked}
    assert told["2026-W53"].dates == "Week 53, 28 December 2026 to 3 January 2027"
    counts = {week: digest.basis for week, digest in told.items()}
    # Clocks go forward on 8 March (week 10): the Monday before and the one after fall into one week each way.
    assert counts["2026-W10"] == "no conversations" and counts["2026-W11"] == "3 conversations"
    # And back on 1 November (week 44): that week has its first minute and its last hour.
    assert counts["2026-W44"] == "6 conversations" and counts["2026-W45"] == "3 conversations"
    assert counts["2026-W53"] == counts["2027-W01"] == "3 conversations"
    assert [line for week in ("2026-W44", "2026-W53") for line in differences(version, week, settings)] == []


def test_a_week_that_runs_is_compared_with_the_same_days(tmp_path: Path) -> None:
    days = [date(2026, 11, 9) + timedelta(days=number) for number in range(10)]
    talks = [Talk(day=day, rated=day.weekday() < 3 or day >= date(2026, 11, 16)) for day in days for _ in range(20)]  # fmt: skip
    version = publish(tmp_path, talks, as_of="2026-11-18T23:00:00+00:00")
    digest = build(version, "2026-W47", Settings())
    csat = next(cell for cell in cells(digest) if cell.title == "CSAT")
    # Thursday to Sunday of the week before, all rated bad, are not in it.
    assert csat.value == "100 %" and csat.change == "no change; within noise"
    assert any(line.startswith("The week is cut: the data end on 18 November 2026.") for line in digest.caveats)  # fmt: skip


def test_a_first_week_that_is_cut_says_so(tmp_path: Path) -> None:
    version = publish(tmp_path, [Talk(day=date(2026, 11, 12))], as_of=LATER)
    assert any(
        line.startswith("The week is cut: the data begin on 12 November")
        for line in build(version, "2026-W46", Settings()).caveats
    )


def test_a_day_on_which_nothing_came_in_is_doubted(tmp_path: Path) -> None:
    days = [date(2026, 10, 19) + timedelta(days=number) for number in range(35)]
    gone = date(2026, 11, 18)
    talks = [Talk(day=day) for day in days if day != gone and day.weekday() < 5 for _ in range(6)]
    version = publish(tmp_path, talks, as_of=LATER)
    lines = build(version, "2026-W47", Settings()).caveats
    assert [line for line in lines if "may be missing" in line] == [
        "Nothing came in on 18 November 2026, though those weekdays always brought conversations in the four weeks"
        " before: an export may be missing."
    ]
    assert not [line for line in build(version, "2026-W46", Settings()).caveats if "may be missing" in line]


def test_another_rule_than_in_the_last_digest_is_doubted(tmp_path: Path) -> None:
    days = (date(2026, 11, 10), date(2026, 11, 18))
    talks = [Talk(day=day, rated=True) for day in days for _ in range(40)]
    version = publish(tmp_path, talks, as_of=LATER)
    store = Store(tmp_path, "main")
    assert not _redefined(build(version, "2026-W47", Settings()))
    remember(version, store, "2026-W46", Settings())
    assert not _redefined(build(version, "2026-W47", Settings()))
    ledger = Ledger(store.folder)
    (printed,) = ledger.printed("is_satisfied")
    ledger.keep_printed([{**printed, "version": printed["version"] + 1}])
    told = _redefined(build(version, "2026-W47", Settings()))
    assert told == [
        "Counted by another rule than in the last digest: CSAT. Both weeks are told by the new one."
    ]
    # Printing it by the new rule takes nothing away from the same digest, built again.
    remember(version, store, "2026-W47", Settings())
    assert _redefined(build(version, "2026-W47", Settings())) == told


def _redefined(digest: Digest) -> list[str]:
    return [line for line in digest.caveats if "another rule" in line]


def test_rows_that_could_not_be_read_are_doubted(tmp_path: Path) -> None:
    publish(tmp_path, [Talk(day=date(2026, 11, 18))], as_of=LATER).connection.close()
    draft = Store(tmp_path, "main").begin()
    for hour, refused in ((1, 9), (2, 2)):
        draft.connection.execute(
            "INSERT INTO loads (file, reader, loaded_at, count_read, count_refused) VALUES ('t.csv', 'made', ?, 50, ?)",
            [datetime(2026, 11, 23, hour, tzinfo=UTC), refused],
        )
    draft.publish()
    with Store(tmp_path, "main").reading() as version:
        lines = build(version, "2026-W47", Settings()).caveats
    assert "2 rows could not be read when the data were loaded, of t.csv; they are in no figure." in lines


@pytest.mark.parametrize(
    ("column", "wanted", "better", "said"),
    [
        ("is_satisfied", 0.4, "higher", "target 40 %: met"),
        ("is_satisfied", 0.95, "higher", "target 95 %: missed"),
        ("is_satisfied", 0.75, "higher", "target 75 %: too close to say"),
        ("nps_net", 30.0, "higher", "target +30: met"),
    ],
)
def test_targets_stand_beside_their_figures(
    tmp_path: Path, column: str, wanted: float, better: Better, said: str
) -> None:
    talks = [Talk(day=date(2026, 11, 18), rated=n % 4 > 0, nps=9) for n in range(60)]
    version = publish(tmp_path, talks, as_of=LATER)
    targets.set_target(version, column, wanted, date(2026, 11, 1), "Ada")
    targets.set_target(version, column, 0.1, date(2026, 12, 1), "Ada")  # later than the week
    cell = next(
        cell
        for cell in cells(build(version, "2026-W47", Settings()))
        if cell.number and cell.number.column == column
    )
    assert cell.target == said and cell.number is not None and cell.number.better == better


def test_what_became_better_and_worse_is_told_apart(tmp_path: Path) -> None:
    before = [Talk(day=date(2026, 11, 10), rated=n % 2 > 0, arrival=0.0, after=0.5) for n in range(120)]
    now = [Talk(day=date(2026, 11, 18), rated=True, arrival=0.3, after=-0.5) for _ in range(120)]
    digest = build(publish(tmp_path, [*before, *now], as_of=LATER), "2026-W47", Settings())
    moved = digest.section("moved")
    assert moved is not None
    whys = [item.why for item in moved.items]
    assert whys == sorted(whys, key=lambda why: not why.startswith("Worse"))
    assert "Better · scores" in whys and "Worse · conversations" in whys
    worse, better = (sum(why.startswith(way) for why in whys) for way in ("Worse", "Better"))
    assert moved.title == f"{worse} became worse and {better} became better beyond noise"


def test_unchecked_readings_are_doubted_and_who_looks_for_promises_is_told(tmp_path: Path) -> None:
    version = publish(tmp_path, [Talk(day=date(2026, 11, 18))], as_of=LATER)
    lines = build(version, "2026-W47", Settings()).caveats
    assert "has not been checked on your own conversations" in lines[-1]
    assert any(line.startswith("Broken promises are not told") for line in lines)
    assert any("is not predicted" in line for line in lines)
