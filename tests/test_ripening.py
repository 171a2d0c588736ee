"""Ripening: a young period beside one of the same age, and what became of a figure that was printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from metrics import periods, registry, ripening
from metrics.contrast.findings import look
from metrics.contrast.pairs import ledger
from metrics.printed import Printed, explain, rows_of
from metrics.totals import Scope, totals
from pipelines.printed import remember, since_printed
from tests.desk import Desk, at
from warehouse.errors import NoData
from warehouse.ledger import Ledger
from warehouse.settings import Csat, Display, Settings
from warehouse.store import Store

DAY = 1440
WEEK = Scope(date(2026, 3, 9), date(2026, 3, 15))  # the desk's second week
BEFORE = periods.previous(WEEK)
SETTINGS = Settings(display=Display(too_few=5))


def value(version, column, scope):
    return totals(version, [column], scope).row(0, named=True)["value"]


def surveyed(as_of_day, *, late=20):
    """Two weeks of 40 surveys; in each 10 answer within the hour, and `late` of the first week's nine days later."""
    desk = Desk(as_of=as_of_day * DAY - 9 * 60)
    for number in range(80):
        sent = (number // 40) * 7 * DAY + 60
        desk.ticket(f"{number}", sent - 30, customer=f"c{number}")
        answered = sent + 30 if number % 40 < 10 else sent + 9 * DAY if number < 10 + late else None
        is_in = answered is not None and answered <= as_of_day * DAY - 9 * 60
        desk.rate(
            f"r{number}",
            5 if is_in else None,
            f"{number}",
            asked=sent,
            **({"answered": answered} if is_in else {}),
        )
    return desk


def test_a_young_period_is_compared_with_one_of_the_same_age():
    """Answers that came nine days later made the week before look three times as good as the last one."""
    version = surveyed(15).done()
    assert (value(version, "is_csat_answered", WEEK), value(version, "is_csat_answered", BEFORE)) == (
        0.25,
        0.75,
    )
    then = ripening.same_age(version, WEEK, BEFORE)
    assert then.known_at == datetime(2026, 3, 10, tzinfo=UTC), "the last week ended a day ago"
    assert value(version, "is_csat_answered", then) == 0.25
    assert totals(version, ["is_csat_answered"], then)["n"].to_list() == [40], "who was asked is not changed"


def test_a_period_that_still_runs_is_as_young_as_can_be():
    version = surveyed(12).done()
    assert ripening.same_age(version, WEEK, BEFORE).known_at == datetime(2026, 3, 9, tzinfo=UTC)


def test_an_old_period_is_compared_as_it_is():
    version = surveyed(60).done()
    assert ripening.same_age(version, WEEK, BEFORE) == BEFORE
    assert all(ripening.is_final(version, name, WEEK) for name in ("csat", "response_rate", "reopen_rate"))


def test_the_ledger_and_the_findings_compare_at_the_same_age_and_say_what_is_not_final():
    version = surveyed(15).done()
    figures = {f.column: f for pair in ledger(version, WEEK, BEFORE) for f in pair.scores}
    rate = figures["is_survey_answered"]
    assert (rate.change, rate.change_exceeds_noise, rate.is_final) == (0, False, False)
    assert figures["is_satisfied"].is_final, "an answer counts when it was given"
    assert look(version, WEEK, BEFORE, too_few=5).findings == ()
    worse = surveyed(15, late=0)
    for number in range(40, 50):
        worse.rows["ratings"][number].update(score=None, answered_at=None)
    text = look(worse.done(), WEEK, BEFORE, too_few=5).findings[0].text
    assert text.startswith("Response rate fell")
    assert "not final yet, the period before is told at the same age" in text


def reopened():
    """40 tickets solved in each week; of the first week's, 5 come back after a day and 15 after eight days."""
    desk = Desk(as_of=14 * DAY + 15 * 60)
    for number in range(80):
        start = (number // 40) * 7 * DAY
        is_quick, is_slow = number % 40 < 5, 5 <= number < 20
        desk.ticket(
            f"{number}", start, customer=f"c{number}", status="open" if is_quick or is_slow else "solved"
        )
        desk.status(f"{number}", start + 60, "solved", "new")
        if is_quick or is_slow:
            desk.status(f"{number}", start + 60 + (DAY if is_quick else 8 * DAY), "open")
        if number < 3:
            desk.status(f"{number}", start + 13 * DAY, "solved")
    return desk


def test_reopenings_ripen_and_do_not_move_to_the_week_of_the_second_solve():
    version = reopened().done()
    assert (value(version, "reopen_rate", BEFORE), value(version, "reopen_rate", WEEK)) == (0.5, 0.125)
    assert totals(version, ["reopen_rate"], BEFORE)["n"].to_list() == [40]
    then = ripening.same_age(version, WEEK, BEFORE)
    assert value(version, "reopen_rate", then) == 0.125
    assert not ripening.is_final(version, "reopen_rate", WEEK)


def test_how_long_it_takes_is_learnt_from_the_data():
    desk = surveyed(60)
    for number in range(40, 64):
        desk.rows["ratings"][number].update(score=5, answered_at=at(7 * DAY + 60 + 3 * DAY))
    found = ripening.known(desk.done()).ripenings
    assert (found["response_rate"].days, found["response_rate"].n, found["response_rate"].is_learnt) == (
        9,
        54,
        True,
    )
    assert (found["reopen_rate"].days, found["reopen_rate"].is_learnt) == (14, False), (
        "nothing was opened again"
    )
    assert found["first_contact_resolution"].days == 7
    assert "csat" not in found
    assert "95 %" in found["response_rate"].rule
    young = ripening.known(surveyed(15).done()).ripenings["response_rate"]
    assert (young.days, young.is_learnt) == (14, False), "too young to know what comes late"


def test_first_contact_is_final_after_its_own_days():
    version = surveyed(22).done()
    assert ripening.is_final(version, "first_contact_resolution", WEEK)
    assert not ripening.is_final(
        version, "first_contact_resolution", replace(WEEK, date_to=date(2026, 3, 17))
    )


def test_every_measure_that_ripens_names_a_column_of_its_facts():
    version = surveyed(15).done()
    ripe = [measure for measure in registry.discover() if measure.ripens]
    assert {measure.name for measure in ripe} == {"response_rate", "reopen_rate"}
    for measure in ripe:
        known = version.query(f"DESCRIBE {measure.grain}_facts")["column_name"].to_list()
        assert {measure.ripens, measure.dated_by} <= set(known)


# What was printed


def printed(version, column, scope=WEEK, settings=SETTINGS):
    measure, found = registry.find(column)
    row = totals(version, [found.name], scope).row(0, named=True)
    return Printed(
        column=found.name, scope=scope, value=row["value"], n=row["n"], as_of="2026-03-16T00:00:00+00:00",
        printed_at="2026-03-16T06:00:00+00:00", version=measure.version, rule=measure.rule_with(settings),
        rows=rows_of(version, found.name, scope),
    )  # fmt: skip


def rated(*scores):
    desk = Desk(as_of=14 * DAY)
    for number, score in enumerate(scores):
        desk.ticket(f"{number}", 7 * DAY, customer=f"c{number}")
        desk.rate(
            f"r{number}", score, f"{number}", **({"answered": 8 * DAY} if score else {"asked": 7 * DAY})
        )
    return desk


def test_answers_that_arrived_since_are_counted():
    before = printed(rated(5, 5, 1, 1, None, None).done(), "csat")
    now = rated(5, 5, 1, 1, 5, 5).done()
    assert explain(now, SETTINGS, before) == (
        "CSAT, 2026-03-09 to 2026-03-15: printed 50 % (n = 4) as of 2026-03-16, now 67 % (n = 6), because 2 answers arrived."
    )


def test_surveys_that_were_answered_since_are_answers_that_arrived():
    before = printed(rated(5, None, None, None).done(), "is_csat_answered")
    said = explain(rated(5, 4, 1, None).done(), SETTINGS, before)
    assert said.endswith(
        "printed 25 % (n = 4) as of 2026-03-16, now 75 % (n = 4), because 2 answers arrived."
    )


def test_what_was_left_out_since_is_named_with_its_reason():
    before = printed(rated(5, 1, 1, 1).done(), "csat")
    desk = rated(5, 1, 1, 1)
    desk.rows["tickets"][1]["merged_into"] = "0"
    desk.rows["tickets"][2]["is_spam"] = True
    assert explain(desk.done(), SETTINGS, before).endswith(
        "now 50 % (n = 2), because 1 ticket was merged and 1 ticket was marked as spam."
    )


def test_reopenings_since_are_named_and_a_figure_may_stay_the_same_for_two_reasons():
    first = rated(5, 1)
    for number, desk in enumerate((first, second := rated(5, 1))):
        for ticket in "01":
            desk.status(ticket, 8 * DAY, "solved", "new")
        if number:
            desk.status("1", 9 * DAY, "open")
    before = printed(first.done(), "reopen_rate")
    assert explain(second.done(), SETTINGS, before).endswith(
        "printed 0 % (n = 2) as of 2026-03-16, now 50 % (n = 2), because 1 ticket was opened again."
    )
    swapped = rated(1, 5)
    assert "still 50 % (n = 2), though 1 rating changed to satisfied and 1 turned from yes to no" in explain(
        swapped.done(), SETTINGS, printed(rated(5, 1).done(), "csat")
    )


def test_a_rating_that_was_given_again_in_another_week_leaves_this_one():
    before = printed(rated(5, 1).done(), "csat")
    desk = rated(5, 1)
    desk.rate("again", 5, "1", answered=15 * DAY)
    said = explain(desk.done(), SETTINGS, before)
    assert said.endswith("now 100 % (n = 1), because 1 now counts in another period or not at all.")


def test_a_definition_that_changed_is_said_before_anything_else():
    version = rated(5, 4).done()
    old = replace(printed(version, "csat"), version=0)
    assert "because its definition changed (version 0 to 1)" in explain(
        version, SETTINGS, replace(old, value=0.9)
    )
    other = replace(SETTINGS, csat=Csat(positive_from_share=0.9))
    reopen = printed(version, "first_contact_resolution")
    assert "nothing has changed since" in explain(version, SETTINGS, reopen)
    assert "rule or a setting" in explain(version, other, replace(reopen, rule="another"))


def test_nothing_changed_is_said_too():
    version = rated(5, 1).done()
    assert explain(version, SETTINGS, printed(version, "csat")).endswith(
        "still 50 % (n = 2): nothing has changed since."
    )


def test_what_a_digest_printed_is_remembered_and_can_be_asked_for(tmp_path):
    store = Store(tmp_path)
    first, later = rated(*[5, 1] * 10).done(), rated(*[5, 1] * 10, 5, 5).done()
    with pytest.raises(NoData, match="never printed"):
        list(since_printed(first, store, ["csat"], SETTINGS))
    assert remember(first, store, "2026-W11", SETTINGS) >= 1
    remember(first, store, "2026-W11", SETTINGS)
    kept = Ledger(store.folder).printed("is_satisfied")
    assert [(one["value"], one["n"], len(one["rows"])) for one in kept] == [(0.5, 20, 20)], (
        "printed twice, kept once"
    )
    lines = list(since_printed(later, store, ["csat"], SETTINGS))
    assert len(lines) == 1
    assert "printed 50 % (n = 20)" in lines[0]
    assert lines[0].endswith("now 55 % (n = 22), because 2 answers arrived.")
    few = Settings(display=Display(too_few=30))
    remember(rated(5, 1).done(), Store(tmp_path, "few"), "2026-W11", few)
    assert Ledger(Store(tmp_path, "few").folder).printed("is_satisfied") == [], (
        "a rate that was not shown was not printed"
    )


def test_ages_are_told_in_the_zone_of_the_days():
    version = surveyed(15).done()
    assert ripening.age(version, WEEK) == timedelta(days=1)
    assert ripening.age(version, Scope()) is None
