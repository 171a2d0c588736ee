"""Totals: value, n, coverage and interval, over scopes and groups; and the weeks and periods they are asked for."""

from __future__ import annotations

import math
import statistics
from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from metrics import intervals, periods, registry, tally
from metrics.facts import sample
from metrics.measure import Column, Measure
from metrics.totals import Scope, totals, totals_of, totals_together
from tests.desk import Desk, at
from warehouse.errors import HeardError, NoData
from warehouse.store import Version, connect

COLUMNS = {"flag": ("share", "BOOLEAN"), "score": ("mean", "DOUBLE"), "vote": ("net", "INTEGER"), "minutes": ("median", "DOUBLE"),
           "waited": ("waiting_median", "DOUBLE"), "many": ("sum", "BIGINT")}  # fmt: skip
MADE = Measure(
    name="made", title="", question="", rule="", leaves_out="", grain="ticket", dated_by="ended_at", facts="",
    columns=tuple(Column(name=name, title="", unit="count", total=total, better="neither", about="", open_column="is_waiting")
                  for name, (total, _) in COLUMNS.items()),
)  # fmt: skip


def version_of(rows):
    """A version whose ticket_facts are these rows; what a row does not name is null."""
    connection = connect()
    connection.execute(
        "CREATE TABLE ticket_facts (cluster UBIGINT, team VARCHAR, tags VARCHAR[], created_on DATE, ended_on DATE, is_waiting BOOLEAN,"
        + ", ".join(f"{name} {kind}" for name, (_, kind) in COLUMNS.items()) + ")"
    )  # fmt: skip
    for number, row in enumerate(rows):
        row = {"cluster": number} | row
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO ticket_facts ({names}) VALUES ({marks})", list(row.values()))
    return Version("made", connection)


def figures(rows, column, scope=None, by=()):
    """The totals of one column as dicts."""
    pairs = [(MADE, one) for one in MADE.columns if one.name == column]
    return totals_of(version_of(rows), pairs, scope or Scope(), by).to_dicts()


# Intervals


def test_a_share_has_wilsons_interval():
    (found,) = figures([{"flag": n < 8} for n in range(10)], "flag")
    assert (found["value"], found["n"], found["coverage"]) == (0.8, 10, 1.0)
    assert (found["low"], found["high"]) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_a_share_of_all_or_none_still_has_an_interval():
    (found,) = figures([{"flag": True}] * 20, "flag")
    assert (found["high"], found["low"]) == (1.0, pytest.approx(0.8389, abs=1e-4))
    (found,) = figures([{"flag": False}] * 20, "flag")
    assert (found["low"], found["high"]) == (0.0, pytest.approx(0.1611, abs=1e-4))


def test_a_mean_has_students_interval():
    (found,) = figures([{"score": value} for value in (1.0, 2.0, 3.0, 4.0)], "score")
    half = 3.182446 * statistics.stdev((1, 2, 3, 4)) / 2
    assert (found["value"], found["low"], found["high"]) == (
        2.5,
        pytest.approx(2.5 - half),
        pytest.approx(2.5 + half),
    )


def test_one_row_has_a_mean_and_no_interval():
    (found,) = figures([{"score": 1.0}], "score")
    assert (found["value"], found["n"], found["low"], found["high"]) == (1.0, 1, None, None)


def test_a_net_is_in_points_and_never_certain():
    (found,) = figures([{"vote": vote} for vote in (1, 1, 1, 0, -1)], "vote")
    assert found["value"] == pytest.approx(40)
    assert -100 <= found["low"] < 40 < found["high"] <= 100
    (found,) = figures([{"vote": 1}] * 5, "vote")
    assert (found["value"], found["high"]) == (100, 100)
    assert found["low"] < 70, "five who agree do not make everyone agree"


def test_a_median_has_order_statistics_as_its_interval():
    (found,) = figures([{"minutes": float(n)} for n in range(1, 101)], "minutes")
    assert (found["value"], found["low"], found["high"]) == (50.5, 40.0, 61.0)
    (few,) = figures([{"minutes": 1.0}, {"minutes": 3.0}], "minutes")
    assert (few["value"], few["low"], few["high"]) == (2.0, None, None), "two values can not bound a median"


def test_the_medians_interval_holds_the_true_median_as_often_as_it_says():
    random = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        _, low, high = intervals.median(random.exponential(size=41), 1.0)
        held += low <= math.log(2) <= high
    assert 0.94 <= held / 2000 <= 0.985


def test_waits_that_are_open_stand_in_the_median():
    # Remission times in weeks of 21 patients on 6-MP (Freireich and others 1963), of whom 12 had no relapse so far.
    ended = np.array([6, 6, 6, 7, 10, 13, 16, 22, 23], dtype=float)
    still_open = np.array([6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=float)
    median, low, high = intervals.waiting_median(ended, still_open, 1.0)
    assert (median, low) == (23.0, 13.0)
    assert math.isnan(high)


def test_a_waiting_median_without_open_waits_is_the_median():
    rows = [{"waited": float(n), "is_waiting": False} for n in range(1, 8)]
    (found,) = figures(rows, "waited")
    assert (found["value"], found["count_open"], found["n"]) == (4.0, 0, 7)
    assert found["low"] < 4 < found["high"]


def test_a_sum_has_no_interval():
    (found,) = figures([{"many": 2}, {"many": 3}, {"many": None}], "many")
    assert (found["value"], found["n"], found["n_possible"], found["low"]) == (5.0, 2, 3, None)


# Customers with many rows


def test_rows_of_one_customer_that_agree_count_as_one():
    many = [{"flag": n < 6, "cluster": n} for n in range(10) for _ in range(20)]
    (clustered,) = figures(many, "flag")
    (single,) = figures([{"flag": n < 6, "cluster": n} for n in range(10)], "flag")
    assert clustered["value"] == single["value"] == 0.6
    assert clustered["n"] == 200
    assert (clustered["low"], clustered["high"]) == (
        pytest.approx(single["low"], abs=0.02),
        pytest.approx(single["high"], abs=0.02),
    )


def test_where_all_agree_a_customer_still_counts_once():
    (found,) = figures([{"flag": True, "cluster": n % 3} for n in range(30)], "flag")
    assert found["low"] == pytest.approx(figures([{"flag": True}] * 3, "flag")[0]["low"])


def test_everything_from_one_customer_is_one_observation():
    (found,) = figures([{"flag": n % 2 == 0, "cluster": 1} for n in range(40)], "flag")
    assert found["high"] - found["low"] > 0.85


def test_the_design_effect_is_the_textbooks_in_every_column():
    random = np.random.default_rng(11)
    rows = [
        {"cluster": cluster, "score": float(mood + random.normal()), "flag": bool(random.random() < 0.5 + mood / 5),
         "minutes": float(np.exp(mood + random.normal()))}
        for cluster in range(40) for mood in [random.normal()] for _ in range(int(random.integers(1, 9)))
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    n, clusters = frame.height, 40
    for column in ("score", "flag"):
        values, mean = frame[column].cast(pl.Float64), frame[column].mean()
        residuals = (
            frame.with_columns(e=pl.col(column).cast(pl.Float64) - mean)
            .group_by("cluster")
            .agg(pl.col("e").sum())
        )
        clustered = clusters / (clusters - 1) * (residuals["e"] ** 2).sum() / n**2
        effect = max(1.0, clustered / (values.var() / n))
        (found,) = figures(rows, column)
        if column == "score":
            half = float(t.ppf(0.975, clusters - 1)) * math.sqrt(values.var() / n * effect)
            assert found["high"] - found["value"] == pytest.approx(half, rel=1e-9)
        else:
            low, high = intervals.wilson(np.array([values.sum()]), np.array([float(n)]), np.array([effect]))
            assert (found["low"], found["high"]) == (pytest.approx(low[0]), pytest.approx(high[0]))
    (widened,) = figures(rows, "minutes")
    (alone,) = figures([row | {"cluster": number} for number, row in enumerate(rows)], "minutes")
    assert widened["value"] == alone["value"]
    assert widened["high"] - widened["low"] > alone["high"] - alone["low"]


def sampled_from(version, monkeypatch, exact_rows, one_in):
    """Let more rows than these be told from a sample of their customers."""
    for module in (tally, sample):
        monkeypatch.setattr(module, "EXACT_ROWS", exact_rows)
    monkeypatch.setattr(tally, "ROWS_PER_GROUP", 20)
    monkeypatch.setattr(sample, "ONE_IN", one_in)
    sample.draw(version.connection, "ticket")


# With one customer who has a tenth of all rows: drawn by chance alone it would be in one sample of four, and then count for four.
@pytest.mark.parametrize("count_of_one", [0, 2_000])
def test_a_sample_of_customers_gives_nearly_the_same_interval(monkeypatch, count_of_one):
    random = np.random.default_rng(5)
    rows = []
    for customer in range(6000):
        mood, cluster = random.normal(), int(random.integers(0, 2**60))
        for _ in range(1 + customer % 4):
            rows.append({"cluster": cluster, "team": "ab"[customer % 2], "score": mood + random.normal(),
                         "flag": bool(random.random() < 0.3 + 0.2 * (mood > 0)), "minutes": float(np.exp(mood))})  # fmt: skip
    rows += [{"cluster": 3, "team": "a", "score": 2.0, "flag": True, "minutes": 9.0}] * count_of_one
    version = version_of([])
    frame = pl.DataFrame(rows, schema_overrides={"cluster": pl.UInt64})
    version.connection.register("made", frame)
    version.connection.execute("INSERT INTO ticket_facts BY NAME SELECT * FROM made")
    pairs = [(MADE, one) for one in MADE.columns if one.name in ("flag", "score", "minutes")]
    asked = [(Scope(), ()), (Scope(), ("team",))]
    exact = pl.concat(totals_together(version, pairs, asked), how="diagonal")
    sampled_from(version, monkeypatch, 1000, 4)
    rough = pl.concat(totals_together(version, pairs, asked), how="diagonal")
    assert rough.drop("low", "high").equals(exact.drop("low", "high"))
    widths = [frame["high"] - frame["low"] for frame in (exact, rough)]
    assert widths[1].to_list() == pytest.approx(widths[0].to_list(), rel=0.1)
    assert widths[1].to_list() != widths[0].to_list()


def almost(frame):
    """Sums of the same rows in another order differ in their last digits."""
    return frame.with_columns(pl.col(pl.Float64).round(12)).rows()


@pytest.mark.parametrize("exact_rows", [10_000, 40])
def test_asked_together_gives_what_asking_one_by_one_gives(monkeypatch, exact_rows):
    random = np.random.default_rng(3)
    version = version_of(
        {"cluster": int(random.integers(0, 40)), "team": "ab"[number % 2] if number % 20 else "c",
         "ended_on": date(2026, 11, 2 + number % 14), "flag": bool(number % 3), "score": float(number % 7), "vote": number % 3 - 1, "minutes": float(number),
         "waited": float(number % 11), "is_waiting": number % 10 == 0, "many": number}
        for number in range(100)
    )  # fmt: skip
    # Of team b nobody waits: put together with the others, its empty list once counted as one who waits.
    sampled_from(
        version, monkeypatch, exact_rows, 2
    )  # with 40, some groups are told from a sample and others are not
    pairs = [(MADE, column) for column in MADE.columns]
    everything, first, nothing = Scope(), Scope(date_to=date(2026, 11, 8)), Scope(date_from=date(2027, 1, 1))
    asked = [
        (everything, ()),
        (everything, ("team",)),
        (first, ("team",)),
        (first, ("week", "team")),
        (nothing, ()),
        (nothing, ("team",)),
    ]
    together = totals_together(version, pairs, asked)
    assert [frame.height for frame in together] == [6, 18, 18, 18, 6, 0]
    for frame, (scope, by) in zip(together, asked, strict=True):
        assert almost(frame) == almost(totals_of(version, pairs, scope, by))


# Null is not zero


def test_what_is_not_measured_has_no_value_and_says_how_much_is_missing():
    (found,) = figures([{"flag": None}, {"flag": None}], "flag")
    assert found == found | {
        "value": None,
        "n": 0,
        "n_possible": 2,
        "coverage": 0.0,
        "low": None,
        "high": None,
    }
    (half,) = figures([{"flag": None}, {"flag": True}], "flag")
    assert (half["value"], half["n"], half["coverage"]) == (1.0, 1, 0.5)


def test_no_rows_at_all_give_one_row_that_says_so():
    for column in COLUMNS:
        (found,) = figures([], column)
        assert (found["value"], found["n"], found["n_possible"], found["coverage"]) == (None, 0, 0, None)


def test_no_rows_give_no_groups():
    assert figures([], "flag", by=("team",)) == []


# Scopes and groups


def test_weeks_months_and_days_are_named():
    rows = [
        {"flag": True, "ended_on": day} for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 4))
    ]
    assert [row["week"] for row in figures(rows, "flag", by=("week",))] == ["2026-W53", "2027-W01"]
    assert [row["month"] for row in figures(rows, "flag", by=("month",))] == ["2026-12", "2027-01"]
    assert [row["day"] for row in figures(rows, "flag", by=("day",))] == [
        "2026-12-31",
        "2027-01-01",
        "2027-01-04",
    ]


def test_both_days_of_a_period_belong_to_it_and_the_unmeasured_count_by_the_end_of_the_talk():
    rows = [{"flag": True, "ended_on": date(2026, 3, day)} for day in (1, 2, 3, 4)]
    rows.append({"flag": None, "ended_on": None, "created_on": date(2026, 3, 2)})
    (found,) = figures(rows, "flag", Scope(date(2026, 3, 2), date(2026, 3, 3)))
    assert (found["n"], found["n_possible"]) == (2, 3)


def test_an_unanswered_survey_counts_in_the_period_in_which_it_was_sent():
    desk = Desk()
    desk.rate("n1", 9, kind="nps", scale_min=0.0, scale_max=10.0, asked=0, answered=20_000)
    desk.rate("n2", None, kind="nps", scale_min=0.0, scale_max=10.0, asked=0)
    version, day = desk.done(), at(0).date()
    asked = totals(version, ["nps", "is_nps_answered"], Scope(day, day))
    assert asked.select("column", "value", "n", "n_possible").rows() == [
        ("nps_net", None, 0, 1),
        ("is_nps_answered", 0.5, 2, 2),
    ]
    assert totals(version, ["nps"], Scope(at(20_000).date()))["value"].to_list() == [100.0]


def test_groups_keep_rows_without_a_value_last():
    rows = [{"flag": True, "team": "B"}, {"flag": False, "team": None}, {"flag": True, "team": "A"}]
    assert [(row["team"], row["value"]) for row in figures(rows, "flag", by=("team",))] == [
        ("A", 1.0),
        ("B", 1.0),
        (None, 0.0),
    ]
    (found,) = figures(rows, "flag", Scope(where={"team": ("A", "")}))
    assert (found["n"], found["value"]) == (2, 0.5)


def test_a_row_with_two_tags_is_in_both_groups():
    rows = [{"flag": True, "tags": ["x", "y"]}, {"flag": False, "tags": ["y"]}, {"flag": True, "tags": None}]
    assert [(row["tag"], row["n"]) for row in figures(rows, "flag", by=("tag",))] == [
        ("x", 1),
        ("y", 2),
        (None, 1),
    ]
    assert figures(rows, "flag", Scope(where={"tag": ("x", "z")}))[0]["n"] == 1
    assert figures(rows, "flag", Scope(where={"tag": ("",)}))[0]["n"] == 1


def test_two_groupings_cross():
    rows = [{"flag": True, "team": team, "ended_on": date(2026, 3, day)} for team in "AB" for day in (2, 9)]
    found = figures(rows, "flag", by=("team", "week"))
    assert [(row["team"], row["week"]) for row in found] == [
        ("A", "2026-W10"),
        ("A", "2026-W11"),
        ("B", "2026-W10"),
        ("B", "2026-W11"),
    ]


def test_hostile_values_are_values():
    rows = [{"flag": True, "team": "'; DROP TABLE ticket_facts; --"}, {"flag": True, "team": "A"}]
    version = version_of(rows)
    scope = Scope(where={"team": ("'; DROP TABLE ticket_facts; --",)})
    assert totals_of(version, [(MADE, MADE.columns[0])], scope)["n"].to_list() == [1]
    assert version.query("SELECT count(*) AS n FROM ticket_facts").item() == 2


@pytest.mark.parametrize("by", [(), ("teams",)])
def test_unknown_dimensions_are_refused_with_the_known_ones(by):
    scope = Scope() if by else Scope(where={"teams": ("A",)})
    with pytest.raises(HeardError, match="teams") as told:
        figures([], "flag", scope, by)
    assert "did you mean team?" in str(told.value)
    assert "channel" in str(told.value)


# Names of measures


def test_a_measure_means_all_its_totals_and_a_column_itself():
    desk = Desk()
    desk.ticket("1", team="A")
    desk.say("1", 0, "c1")
    desk.say("1", 30, "a1")
    version = desk.done()
    found = totals(version, ["first_reply_time", "csat", "is_first_reply_open"], Scope(), ["team"])
    assert found["column"].to_list() == [
        "first_reply_minutes",
        "first_reply_business_minutes",
        "is_first_reply_open",
        "is_satisfied",
    ]
    assert found["measure"].to_list() == ["first_reply_time"] * 3 + ["csat"]
    assert found["value"].to_list() == [30.0, None, 0.0, None]
    with pytest.raises(NoData):
        totals(version, ["csatt"], Scope())
    with pytest.raises(HeardError, match="no total"):
        totals(version, ["count_reopens"], Scope())


def test_rows_are_chosen_by_a_yes_or_no_column_of_the_same_grain():
    desk = Desk()
    for number, (score, replies) in enumerate(((5, 1), (5, 2), (1, 1))):
        desk.ticket(f"{number}", customer=f"c{number}", status="solved", solved_at=at(99))
        desk.say(f"{number}", 0, f"c{number}")
        for reply in range(replies):
            desk.say(f"{number}", 5 + reply, "a1")
        desk.rate(f"r{number}", score, f"{number}", answered=100)
    version = desk.done()
    found = totals(version, ["is_one_touch"], Scope(where={"is_satisfied": ("true",)})).row(0, named=True)
    assert (found["value"], found["n"]) == (0.5, 2)
    with pytest.raises(HeardError, match="is_satisfied"):
        totals(version, ["first_reply_minutes"], Scope(where={"is_satisfied": ("true",)}))


def test_every_total_of_every_measure_can_be_asked_for_at_once():
    desk = Desk()
    desk.ticket("1", team="A", tags=["t"])
    version = desk.done()
    names = [measure.name for measure in registry.metrics()]
    for by in ((), ("team",), ("week", "tag")):
        found = totals(version, names, Scope(date(2026, 1, 1), date(2026, 12, 31)), by)
        assert set(found["column"]) <= {c.name for m in registry.metrics() for c in m.columns if c.total}
        # An empty backlog is none, and known to be; nothing else is told without rows.
        without = found.filter((pl.col("n") == 0) & (pl.col("column") != "count_backlog"))
        assert without["value"].null_count() == without.height


# Periods


def test_iso_weeks():
    assert periods.week_days("2026-W53") == (date(2026, 12, 28), date(2027, 1, 3))
    assert periods.week_of(date(2027, 1, 3)) == "2026-W53"
    for wrong in ("2026-46", "2025-W53", "2026-W00", "W46", "next"):
        with pytest.raises(HeardError, match="ISO week"):
            periods.week_days(wrong)


def test_the_last_weeks_end_with_the_last_day_and_the_period_before_is_as_long():
    first, last = periods.last_weeks(date(2026, 11, 15), 2)
    assert (first, last) == (date(2026, 11, 2), date(2026, 11, 15))
    before = periods.previous(Scope(first, last, {"team": ("A",)}))
    assert before == Scope(date(2026, 10, 19), date(2026, 11, 1), {"team": ("A",)})
    with pytest.raises(HeardError):
        periods.previous(Scope(first))


@pytest.mark.parametrize(
    ("as_of", "zone", "week"),
    [
        ("2026-11-15T21:00:00+00:00", "UTC", "2026-W46"),  # Sunday evening
        ("2026-11-16T00:00:00+00:00", "UTC", "2026-W46"),  # midnight ends the Sunday
        ("2026-11-16T08:00:00+00:00", "UTC", "2026-W46"),
        ("2026-11-14T23:30:00+00:00", "Europe/Berlin", "2026-W46"),  # already Sunday in Berlin
        ("2026-11-14T23:30:00+00:00", "UTC", "2026-W45"),
    ],
)
def test_the_last_whole_week(as_of, zone, week):
    desk = Desk(zone=zone)
    desk.meta["as_of"] = as_of
    assert periods.last_whole_week(desk.done()) == week


def test_the_interval_of_a_mean_of_shares_stays_between_none_and_all():
    """Few shares near 1 had an interval of up to 109 %."""
    shares = Measure(
        name="shares", title="", question="", rule="", leaves_out="", grain="ticket", dated_by="ended_at", facts="",
        columns=(Column(name="score", title="", unit="share", total="mean", better="neither", about=""),),
    )  # fmt: skip
    rows = [{"score": value} for value in (1.0, 1.0, 0.5, 1.0)]
    (found,) = totals_of(version_of(rows), [(shares, shares.columns[0])], Scope()).to_dicts()
    assert found["low"] < found["value"] < found["high"] == 1.0
