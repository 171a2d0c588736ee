"""Form beside function: the pairs, the headline, what looks fine and isn't, and what moved beyond noise."""

from __future__ import annotations

import dataclasses
import random
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from metrics import registry
from metrics.contrast import asked, looks_fine
from metrics.contrast.difference import Estimate, difference, holm
from metrics.contrast.findings import look, moved
from metrics.contrast.headline import headline
from metrics.contrast.pairs import QUESTIONS, ledger
from metrics.contrast.quadrant import quadrant
from metrics.intervals import wilson as wilson_of
from metrics.totals import Scope
from tests.made_weeks import Talk, publish
from warehouse.settings import LooksFine, Settings

MONDAY = date(2026, 11, 16)
BEFORE = MONDAY - timedelta(days=7)
WEEK = Scope(date_from=MONDAY, date_to=MONDAY + timedelta(days=6))
WEEK_BEFORE = Scope(date_from=BEFORE, date_to=MONDAY - timedelta(days=1))


def many(count: int, day: date = MONDAY, **stated: object) -> list[Talk]:
    return [Talk(day=day, **stated) for _ in range(count)]  # type: ignore[arg-type]


def wilson(part: int, whole: int) -> tuple[float, float]:
    low, high = wilson_of(np.array([part], float), np.array([whole], float), np.ones(1))
    return float(low[0]), float(high[0])


# Noise


def test_the_interval_of_a_difference_of_shares_is_newcombes() -> None:
    # Newcombe 1998, table II, example (a), method 10: 56/70 against 48/80
    now, before = (Estimate(a / b, *wilson(a, b), b) for a, b in ((56, 70), (48, 80)))
    found = difference(now, before)
    assert found is not None
    assert (round(found.change, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)
    assert found.exceeds_noise and found.chance < 0.05


def test_the_chance_and_the_interval_never_contradict_each_other() -> None:
    random.seed(7)
    for _ in range(500):
        n, m = random.randint(5, 200), random.randint(5, 200)
        a, b = random.randint(0, n), random.randint(0, m)
        found = difference(Estimate(a / n, *wilson(a, n), n), Estimate(b / m, *wilson(b, m), m))
        assert found is not None
        if abs(found.chance - 0.05) > 1e-9:
            assert found.exceeds_noise == (found.chance < 0.05)


def test_what_was_not_measured_has_no_difference() -> None:
    known = Estimate(0.5, 0.4, 0.6, 100)
    assert difference(Estimate(None, None, None, 0), known) is None
    assert difference(known, Estimate(0.5, None, None, 1)) is None


def test_holm_lets_fewer_stand_the_more_were_looked_at() -> None:
    assert holm([0.04]) == (True,)
    assert holm([0.04, 0.9]) == (False, False)
    assert holm([0.9, 0.01, 0.02]) == (False, True, True)
    assert holm([0.001, 0.03, 0.04]) == (True, False, False)
    assert holm([]) == ()


# Looks fine


def judged(
    tmp_path: Path, *talks: Talk, settings: Settings | None = None
) -> list[tuple[bool | None, bool | None]]:
    version = publish(tmp_path, talks, settings)
    rows = version.query("SELECT is_looking_fine, looks_fine_isnt FROM ticket_facts ORDER BY ticket_id::INT")
    return [(row[0], row[1]) for row in rows.rows()]


def test_one_stated_sign_or_two_independent_ones_make_it_not_fine(tmp_path: Path) -> None:
    four_days = 4 * 24 * 60
    assert (
        judged(
            tmp_path,
            Talk(day=MONDAY),
            Talk(day=MONDAY, rated=True),
            Talk(day=MONDAY, rated=True, stance="warn"),
            Talk(
                day=MONDAY, rated=True, arrival=0.5, after=-0.6
            ),  # left worse and unhappy: one family, one sign
            Talk(day=MONDAY, later_wait_minutes=four_days),
            Talk(day=MONDAY, idea="passed_over"),
            Talk(day=MONDAY, idea="heard", later_wait_minutes=four_days),
            Talk(day=MONDAY, arrival=0.5, after=-0.6, idea="no_reply"),
            Talk(day=MONDAY, idea="passed_over", later_wait_minutes=four_days),
            Talk(day=MONDAY, arrival=0.5, after=-0.6, later_wait_minutes=four_days),
        )
        == [(True, False)] * 2 + [(True, True)] + [(True, False)] * 4 + [(True, True)] * 3
    )


def test_what_does_not_look_fine_is_not_judged(tmp_path: Path) -> None:
    assert (
        judged(
            tmp_path,
            Talk(day=MONDAY, rated=False, stance="warn"),
            Talk(day=MONDAY, is_reopened=True, stance="warn"),
            Talk(day=MONDAY, first_reply_minutes=25 * 60, stance="warn"),
        )
        == [(False, None)] * 3
    )


def test_not_ended_and_not_readable_are_not_measured(tmp_path: Path) -> None:
    assert (
        judged(
            tmp_path,
            Talk(day=MONDAY, status="open", stance="warn"),
            Talk(day=MONDAY, readable=False),
            Talk(day=MONDAY, readable=None),
        )
        == [(None, None)] * 3
    )


def test_a_second_sign_that_could_not_be_heard_leaves_it_open(tmp_path: Path) -> None:
    assert judged(
        tmp_path,
        Talk(day=MONDAY, after=None),
        Talk(day=MONDAY, after=None, idea="passed_over"),
        Talk(day=MONDAY, after=None, idea="passed_over", later_wait_minutes=4 * 24 * 60),
    ) == [(True, False), (True, None), (True, True)]


def test_the_thresholds_are_those_of_the_settings(tmp_path: Path) -> None:
    strict = dataclasses.replace(
        Settings(),
        looks_fine=LooksFine(first_reply_within_hours=0.25, unhappy_below=0.3, longest_wait_hours=1.0),
    )
    talks = (
        Talk(day=MONDAY, first_reply_minutes=10, later_wait_minutes=90),
        Talk(day=MONDAY, first_reply_minutes=20),
    )
    assert judged(tmp_path / "strict", *talks, settings=strict) == [(True, True), (False, None)]
    assert judged(tmp_path / "default", *talks) == [(True, False), (True, False)]
    assert "15 min" in looks_fine.rule_text(strict.looks_fine) and "+0.30" in looks_fine.rule_text(
        strict.looks_fine
    )
    assert "1 day" in looks_fine.rule_text(Settings().looks_fine) and "2 days" in looks_fine.rule_text(
        Settings().looks_fine
    )


def test_the_list_gives_the_reasons_and_most_signs_first(tmp_path: Path) -> None:
    version = publish(
        tmp_path,
        [
            Talk(day=MONDAY, stance="warn"),
            Talk(day=MONDAY, rated=True, stance="warn", idea="passed_over"),
            Talk(day=MONDAY, rated=True),
            Talk(day=BEFORE, stance="warn"),
        ],
    )
    rows = looks_fine.tickets(version, WEEK).to_dicts()
    assert [row["ticket_id"] for row in rows] == ["1", "0"]
    assert rows[0]["reasons"] == ["said they would warn others", "an idea of theirs went unanswered"]
    assert rows[0]["is_rated_good"] is True and rows[1]["is_rated_good"] is None
    assert looks_fine.tickets(version, WEEK, limit=1)["count_all"].to_list() == [2]
    assert looks_fine.tickets(version, Scope(where={"team": ("Nobody",)})).height == 0


# The pairs


def test_the_ledger_asks_each_question_of_both_sides(tmp_path: Path) -> None:
    talks = many(40, rated=True, nps=9) + many(10, rated=False, arrival=0.5, after=-0.5)
    pairs = {pair.question: pair for pair in ledger(publish(tmp_path, talks), WEEK)}
    assert list(pairs) == [question for question, *_ in QUESTIONS if question in pairs]
    assert {
        "Are they satisfied?",
        "Would they recommend us?",
        "Were we fast?",
        "Did they tell us what they think?",
    } <= set(pairs)
    assert all(pair.scores and pair.conversations for pair in pairs.values())
    csat = pairs["Are they satisfied?"].scores[0]
    assert (csat.value, csat.n) == (0.8, 50)
    assert csat.low is not None and csat.high is not None and csat.low < 0.8 < csat.high
    worse = next(one for one in pairs["Are they satisfied?"].conversations if one.column == "left_worse")
    assert (worse.value, worse.n, worse.change, worse.change_exceeds_noise) == (0.2, 50, None, None)
    assert pairs["Would they recommend us?"].scores[0].value == pytest.approx(100)


def test_every_column_of_the_ledger_that_exists_has_a_declared_measure() -> None:
    known = {column.name for measure in registry.discover() for column in measure.columns}
    known |= {measure.name for measure in registry.discover()}
    for name in (
        "csat",
        "nps",
        "first_reply_time",
        "response_rate",
        "left_better",
        "left_worse",
        "said_would_recommend",
    ):
        assert name in known
    assert {"would_warn_others", "longest_wait", "has_suggestion", "is_unheard", "looks_fine_isnt"} <= known


def test_a_change_is_told_with_its_noise_and_its_weeks(tmp_path: Path) -> None:
    talks = (
        many(80, BEFORE, rated=True)
        + many(20, BEFORE, rated=False)
        + many(50, MONDAY, rated=True)
        + many(50, MONDAY, rated=False)
    )
    csat = ledger(publish(tmp_path, talks), WEEK, WEEK_BEFORE)[0].scores[0]
    assert csat.change == pytest.approx(-0.3)
    assert csat.change_exceeds_noise is True
    assert csat.n_before == 100
    assert dict(csat.weekly) == pytest.approx({"2026-W46": 0.8, "2026-W47": 0.5})


# The headline


def test_the_headline_is_about_the_same_conversations(tmp_path: Path) -> None:
    talks = (
        many(40, rated=True, arrival=-0.2, after=0.4)
        + many(10, rated=True, arrival=0.4, after=-0.6)
        + many(50, rated=True, after=None)  # satisfied, but never followed: not in the share
        + many(30, arrival=0.4, after=-0.6)  # left worse, but never rated: not in the share either
    )
    found = headline(publish(tmp_path, talks), WEEK)
    assert (found.value, found.n) == (0.2, 50)
    assert "20 %" in found.answer and "100 %" in found.answer
    assert "10 of the 50" in found.more
    assert (found.low, found.high) == pytest.approx(wilson(10, 50))


@pytest.mark.parametrize(("satisfied", "is_named"), [(45, False), (46, True)])
def test_a_team_is_named_only_strictly_above_ninety(tmp_path: Path, satisfied: int, is_named: bool) -> None:
    talks = many(satisfied, team="Billing", rated=True, arrival=0.5, after=-0.5)
    talks += many(50 - satisfied, team="Billing", rated=False, arrival=0.5, after=-0.5)
    found = headline(publish(tmp_path, talks), WEEK)
    assert ("Billing scores above 90" in found.more) is is_named


def test_a_team_is_not_named_when_its_mood_may_be_level(tmp_path: Path) -> None:
    talks = many(25, team="Billing", rated=True, arrival=0.5, after=-0.6)
    talks += many(25, team="Billing", rated=True, arrival=-0.5, after=0.5)
    assert "Billing" not in headline(publish(tmp_path, talks), WEEK).more


@pytest.mark.parametrize(
    ("talks", "answer", "more"),
    [
        ([], "no conversations", "nothing to compare"),
        (many(40, arrival=0.5, after=-0.5), "100 %", "No conversation was rated"),
        (
            many(40, rated=True, readable=False),
            "what stands behind it is not measured",
            "No conversation could be read",
        ),
        (many(3, rated=True), "too few", "Below 30"),
        (
            many(40, arrival=0.5, after=-0.5) + many(5, rated=True),
            "Of the conversations whose mood",
            "Only 5",
        ),
    ],
)
def test_the_headline_says_what_can_be_said(
    tmp_path: Path, talks: list[Talk], answer: str, more: str
) -> None:
    found = headline(publish(tmp_path, talks), WEEK)
    assert answer in found.answer and more in found.more
    assert (found.value is None) == (found.n == 0)


def test_braces_in_a_team_s_name_stay(tmp_path: Path) -> None:
    talks = many(50, team="{interval}", rated=True, arrival=0.5, after=-0.5)
    assert "{interval} scores above 90" in headline(publish(tmp_path, talks), WEEK).more


# What moved


def test_a_team_that_sours_is_found_and_named(tmp_path: Path) -> None:
    talks = many(60, BEFORE, team="Billing", arrival=-0.2, after=0.4) + many(
        60, MONDAY, team="Billing", arrival=0.4, after=-0.4
    )
    for team in ("Orders", "Returns"):
        talks += many(60, BEFORE, team=team) + many(60, MONDAY, team=team)
    found = moved(publish(tmp_path, talks), WEEK, WEEK_BEFORE)
    worse = [one for one in found if one.column == "left_worse" and one.group == "Billing"]
    assert len(worse) == 1
    assert (worse[0].before, worse[0].value, worse[0].n, worse[0].n_before) == (0.0, 1.0, 60, 60)
    assert "rose from 0 % to 100 %" in worse[0].text and "worse" in worse[0].text
    assert dict(worse[0].query) == {
        "column": "left_worse",
        "team": "Billing",
        "from": "2026-11-16",
        "to": "2026-11-22",
    }
    assert not [one for one in found if one.group in ("Orders", "Returns")]


def test_two_weeks_of_the_same_chances_show_no_movement(tmp_path: Path) -> None:
    chance = random.Random(3)

    def week(day: date) -> list[Talk]:
        return [
            Talk(
                day=day,
                team=chance.choice(("Orders", "Returns", "Billing")),
                rated=chance.choice((True, True, True, False, None)),
                arrival=chance.gauss(0, 0.3),
                after=chance.gauss(0, 0.3),
                stance=chance.choice((None, None, None, "recommend", "warn")),
                first_reply_minutes=chance.randint(5, 120),
            )
            for _ in range(250)
        ]

    looked = look(publish(tmp_path, week(BEFORE) + week(MONDAY)), WEEK, WEEK_BEFORE)
    assert looked.findings == ()
    assert looked.count_compared > 20
    assert str(looked.count_compared) in looked.rule and "allowing for how many" in looked.rule


def test_few_conversations_are_not_compared(tmp_path: Path) -> None:
    talks = many(29, BEFORE, after=0.5) + many(29, MONDAY, after=-0.5)
    looked = look(publish(tmp_path, talks), WEEK, WEEK_BEFORE)
    assert looked.findings == () and looked.count_compared == 0 and looked.count_too_few > 0


# The quadrant


def test_each_corner_of_the_quadrant(tmp_path: Path) -> None:
    def team(name: str, satisfied: int, after: float, count: int = 40) -> list[Talk]:
        return many(satisfied, team=name, rated=True, after=after) + many(
            count - satisfied, team=name, rated=False, after=after
        )

    talks = team("Gloss", 40, -0.5) + team("Gold", 40, 0.5) + team("Rough", 10, 0.5) + team("Sore", 10, -0.5)
    frame = quadrant(
        publish(tmp_path, talks + team("Tiny", 5, -0.5, 5) + many(2, team="Gloss")), WEEK, "team"
    )
    assert dict(frame.select("group", "corner").iter_rows()) == {
        "Gloss": "Looks good, feels bad",
        "Gold": "Good, and true",
        "Rough": "Better than its score",
        "Sore": "Known problem",
        "Tiny": None,
    }
    row = frame.filter(group="Gloss").to_dicts()[0]
    assert (row["n_rated"], row["n_followed"]) == (40, 42)
    assert (
        row["csat_low"] < row["csat"] == 1.0
        and row["mood_shift_low"] <= row["mood_shift"] <= row["mood_shift_high"]
    )
    assert row["response_rate"] == pytest.approx(40 / 42)


def test_no_groups_no_quadrant(tmp_path: Path) -> None:
    assert quadrant(publish(tmp_path, []), WEEK).height == 0


# Asked together


def test_what_was_prepared_says_the_same_with_fewer_queries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talks = [
        Talk(
            day=day, team=team, rated=number % 3 > 0, nps=number % 11, after=(number % 7) / 3 - 1, arrival=0.1
        )
        for number in range(70)
        for day in (BEFORE, MONDAY)
        for team in ("Orders", "Billing")
    ]
    version = publish(tmp_path, talks)
    texts: list[str] = []
    query = type(version).query
    monkeypatch.setattr(
        type(version), "query", lambda self, sql, *given: texts.append(sql) or query(self, sql, *given)
    )

    def told() -> str:
        frame = quadrant(version, WEEK, "channel")
        found = (
            ledger(version, WEEK, WEEK_BEFORE),
            headline(version, WEEK),
            look(version, WEEK, WEEK_BEFORE),
            frame.rows(),
        )
        # Sums of the same rows in another order differ in their last digits.
        return re.sub(r"\d+\.\d{12,}", lambda number: f"{float(number[0]):.10f}", repr(found))

    alone = told()
    count_alone = len(texts)
    asked.prepare(version, WEEK, WEEK_BEFORE, "channel")
    assert told() == alone
    assert len(texts) - count_alone < count_alone / 2
    count = len(texts)
    asked.prepare(version, WEEK, WEEK_BEFORE, "channel")
    assert len(texts) == count
