"""Against similar conversations: known truth where raw figures mislead, splits that add up, bounds that keep their word."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from benchmarks.similar_simulation import BEFORE, CHANNELS, FIRST, LAST, MOODS, NOW, WORSE, drawn, version_of
from metrics.contrast import gap
from metrics.contrast.by_week import by_week
from metrics.contrast.similar import similar
from metrics.contrast.split import parts, split
from metrics.conversations import Sought, count
from metrics.groupings import present
from metrics.incidents import Incident
from metrics.totals import Scope, totals
from warehouse.store import Store


def by_group(told):
    return {row["group"]: row for row in told.frame.to_dicts()}


def test_equal_teams_with_unequal_queues_differ_raw_and_not_among_similar_conversations() -> None:
    rng = np.random.default_rng(1)
    (told,) = similar(version_of(drawn(rng, 6000, [0.0] * 6)), ["left_worse"], NOW, "team")
    rows = by_group(told)
    assert told.alike == ("mood", "channel", "language") or told.alike == (
        "mood",
        "topic",
        "channel",
        "language",
    )
    assert rows["A"]["raw"] - rows["F"]["raw"] > 0.15
    assert not told.frame["is_beyond"].any()
    assert max(abs(row["change"]) for row in rows.values()) < 0.06


def test_a_hard_queue_with_a_good_team_turns_over_the_ranking() -> None:
    rng = np.random.default_rng(2)
    (told,) = similar(
        version_of(drawn(rng, 6000, [-0.07, 0, 0, 0, 0, 0.08], tilt=0.6)), ["left_worse"], NOW, "team"
    )
    rows = by_group(told)
    assert rows["A"]["raw"] > rows["F"]["raw"], "the hard queue looks worse"
    assert rows["A"]["similar"] < rows["F"]["similar"], "its team is better"
    assert gap.beyond(told) == (["A"], ["F"])


def test_the_standardised_figure_is_that_of_the_textbook() -> None:
    """By hand: each stratum's share, weighted by the strata of all conversations."""
    frame = drawn(np.random.default_rng(3), 4000, [0.05] * 6, tilt=0.5)
    (told,) = similar(version_of(frame), ["left_worse"], NOW, "team", ("mood",))
    strata = frame.group_by("mood_on_arrival").len()
    own = frame.filter(pl.col("team") == "C").group_by("mood_on_arrival").agg(pl.col("left_worse").mean())
    joined = strata.join(own, on="mood_on_arrival")
    wanted = (joined["len"] * joined["left_worse"]).sum() / joined["len"].sum()
    assert by_group(told)["C"]["similar"] == pytest.approx(wanted, abs=1e-12)
    assert by_group(told)["C"]["compared"] == 1.0


def test_raw_figures_are_those_of_the_totals() -> None:
    version = version_of(drawn(np.random.default_rng(4), 900, [0.0] * 6, customers=200))
    for column in ("left_worse", "mood_shift", "resolution_minutes"):
        (told,) = similar(version, [column], NOW, "team")
        raw = {row["team"]: row for row in totals(version, [column], NOW, ["team"]).to_dicts()}
        for group, row in by_group(told).items():
            assert (row["n"], row["raw"], row["raw_low"], row["raw_high"]) == (
                raw[group]["n"], pytest.approx(raw[group]["value"]), pytest.approx(raw[group]["low"]), pytest.approx(raw[group]["high"]),
            )  # fmt: skip


@pytest.mark.parametrize("customers", [0, 260])
def test_intervals_hold_the_truth(customers) -> None:
    """A share among similar conversations, also where customers write again and again: 95 of 100, give or take four."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(30):
        frame = drawn(rng, 1200, [0.05, 0, 0, 0, 0, -0.04], customers=customers, tilt=0.6)
        (told,) = similar(version_of(frame), ["left_worse"], NOW, "team", ("mood", "channel"))
        for row in told.shown.to_dicts():
            mine = frame.filter(pl.col("team") == row["group"])
            cells = frame.group_by("mood_on_arrival", "channel").len().join(
                mine.group_by("mood_on_arrival", "channel").agg(pl.len().alias("n"), (pl.col("mood_on_arrival").replace_strict(MOODS, range(4)).first()).alias("m")),
                on=["mood_on_arrival", "channel"],
            ).filter(pl.col("n") >= 5)  # fmt: skip
            effect = {"A": 0.05, "F": -0.04}.get(row["group"], 0.0)
            chances = np.array(
                [WORSE[m, CHANNELS.index(c)] + effect for m, c in cells.select("m", "channel").rows()]
            )
            truth = float((cells["len"].to_numpy() * chances).sum() / cells["len"].sum())
            held.append(row["low"] <= truth <= row["high"])
    assert 0.9 <= np.mean(held) <= 1.0


def test_among_equal_teams_one_run_in_twenty_names_somebody() -> None:
    """The family-wise rate over six teams with unequal queues and two columns is near 5 % (of 60 runs at most 7)."""
    rng = np.random.default_rng(6)
    named = []
    for _ in range(60):
        version = version_of(drawn(rng, 900, [0.0] * 6, tilt=0.5))
        told = similar(version, ["left_worse", "mood_shift"], NOW, "team", ("mood", "channel"))
        named.append(any(one.frame["is_beyond"].any() for one in told))
    assert sum(named) <= 7


def test_a_group_lies_outside_its_bounds_exactly_where_it_is_named() -> None:
    version = version_of(drawn(np.random.default_rng(7), 3000, [0.12, 0.05, 0, 0, 0, -0.08]))
    for told in similar(version, ["left_worse", "mood_shift", "resolution_minutes"], NOW, "team"):
        for row in told.shown.to_dicts():
            assert row["is_beyond"] == (not row["noise_low"] <= row["similar"] <= row["noise_high"])


def test_a_median_among_similar_conversations_takes_the_mix_away() -> None:
    version = version_of(drawn(np.random.default_rng(8), 6000, [0.0] * 6))
    (told,) = similar(version, ["resolution_minutes"], NOW, "team")
    rows = by_group(told)
    assert rows["A"]["raw"] / rows["F"]["raw"] > 1.6
    assert not told.frame["is_beyond"].any()
    assert rows["A"]["low"] < rows["A"]["similar"] < rows["A"]["high"]


def test_small_groups_and_strata_without_the_group_are_not_compared() -> None:
    frame = drawn(np.random.default_rng(9), 2000, [0.0] * 6)
    small = frame.with_columns(
        team=pl.when(pl.int_range(pl.len()) < 20).then(pl.lit("Small")).otherwise("team")
    )
    only_chat = small.filter((pl.col("team") != "B") | (pl.col("channel") == "chat"))
    (told,) = similar(version_of(only_chat), ["left_worse"], NOW, "team", ("channel",))
    rows = by_group(told)
    assert rows["Small"]["similar"] is None and rows["Small"]["n"] == 20
    assert rows["B"]["compared"] == pytest.approx((only_chat["channel"] == "chat").mean())
    assert set(rows["B"]["not_compared"]) == {"email", "web"}
    assert rows["C"]["compared"] == 1.0


def test_mix_and_within_add_up_to_the_change() -> None:
    rng = np.random.default_rng(10)
    now, then = drawn(rng, 1500, [0.1, 0, 0, 0, 0, 0]), drawn(rng, 1300, [0.0] * 6, tilt=0.3, scope=BEFORE)
    version = version_of(pl.concat([now, then]))
    for column in ("left_worse", "mood_shift"):
        found = split(version, column, NOW, BEFORE, "team", ("mood", "channel"))
        for row in [found.overall, *found.frame.to_dicts()]:
            assert row["mix"] + row["within"] == pytest.approx(row["change"], abs=1e-12)
            assert row["now"] - row["before"] == pytest.approx(row["change"], abs=1e-12)
        assert found.overall["now"] == pytest.approx(totals(version, [column], NOW)["value"][0])
    found = split(version, "left_worse", NOW, BEFORE, "team", ("mood", "channel"))
    rows = {row["group"]: row for row in found.frame.to_dicts()}
    assert rows["A"]["within_low"] > 0, "team A went otherwise"
    assert rows["C"]["within_low"] < 0 < rows["C"]["within_high"], "team C did not"
    assert rows["F"]["mix"] < -0.02, "what team F got became easier"


def test_kitagawas_own_example_of_two_rates() -> None:
    """Shares and rates of three groups in two populations, worked out by hand."""
    mix, within = parts(
        (np.array([0.2, 0.5, 0.3]), np.array([0.4, 0.4, 0.2])),
        (np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.2, 0.5])),
    )
    assert mix == pytest.approx(0.2 * 0.15 - 0.1 * 0.2 - 0.1 * 0.4)
    assert within == pytest.approx(0.1 * 0.3 + 0 + 0.2 * 0.25)


def test_what_only_one_period_has_is_mix() -> None:
    mix, within = parts(
        (np.array([1.0, 0.0]), np.array([0.5, 0.5])), (np.array([0.2, np.nan]), np.array([0.2, 0.8]))
    )
    assert (mix, within) == (pytest.approx(0.3), 0.0)


def test_a_median_is_not_split() -> None:
    version = version_of(drawn(np.random.default_rng(11), 300, [0.0] * 6))
    assert split(version, "resolution_minutes", NOW, BEFORE, "team", ("mood",)) is None


@pytest.mark.parametrize(
    "by",
    ["team", "channel", "tag", "week", "hour", "answered_by", "account_tier", "language", "contact_reason"],
)
def test_every_grouping_is_compared_and_counts_its_conversations(by) -> None:
    version = version_of(drawn(np.random.default_rng(12), 1200, [0.0] * 6))
    (told,) = similar(version, ["left_worse"], NOW, by)
    for row in told.frame.head(3).to_dicts():
        if by != "week":
            assert (
                totals(version, ["left_worse"], Scope(FIRST, LAST, {by: (row["group"],)}))["n"][0] == row["n"]
            )
    if by not in ("answered_by", "account_tier"):
        assert told.frame.height and told.frame["n"].sum() <= 1200
    assert "team" in present(version) and "account_tier" not in present(version)
    if by not in ("week",):
        groups = told.shown["group"].to_list()[:2]
        weeks = by_week(version, "left_worse", NOW, by, groups)
        assert set(weeks["group"]) == set(groups)


def test_an_incident_is_left_out_everywhere_alike() -> None:
    frame = drawn(np.random.default_rng(13), 1500, [0.0] * 6)
    version = version_of(frame)
    incident = Incident(date(2026, 9, 7), date(2026, 9, 14), "outage")
    inside = frame.filter(pl.col("created_on").is_in([date(2026, 9, 7), date(2026, 9, 14)]))
    scope = Scope(FIRST, LAST, without=(incident,))
    assert inside.height > 0
    assert totals(version, ["left_worse"], scope)["n"][0] == 1500 - inside.height
    (told,) = similar(version, ["left_worse"], scope, "team")
    assert told.n == 1500 - inside.height
    assert incident.in_words == "from 7 September 2026 to 14 September 2026, tag outage"


def test_the_list_behind_a_group_is_as_long_as_it_counts(demo_store: Store) -> None:
    """Hour, who answered and topic have no column of their own in every table, and yet lead to their conversations."""
    with demo_store.reading() as version:
        for by in ("hour", "answered_by", "contact_reason", "tag"):
            (told,) = similar(version, ["left_worse"], NOW, by)
            row = told.frame.row(0, named=True)
            scope = Scope(FIRST, LAST, {by: (row["group"],)})
            assert count(version, scope, Sought("left_worse")) == row["n"]
        scope = Scope(FIRST, LAST, without=(Incident(date(2026, 9, 1), date(2026, 9, 30)),))
        assert count(version, scope, Sought("left_worse")) == totals(version, ["left_worse"], scope)["n"][0]
