"""How well scores tell what went well: against a naive computation, and against known truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from metrics.contrast import foretells
from metrics.contrast.foretells import WELL, Foretelling, curve, foretold
from metrics.contrast.roc import interval
from metrics.totals import Scope

BETTER = WELL["better"]


class Made:
    """Ticket facts of numbers that are stated, to be queried as a version is."""

    def __init__(self, **columns: Any) -> None:
        self.connection = duckdb.connect()
        n = len(next(iter(columns.values())))
        frame = pl.DataFrame({"source": ["s"] * n, "ticket_id": [str(i) for i in range(n)], **columns})
        self.connection.register("made", frame.to_arrow())
        self.connection.execute("CREATE TABLE ticket_facts AS SELECT * FROM made")

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        found: pl.DataFrame = self.connection.cursor().sql(sql, params=list(params)).pl()
        return found


def made(well: np.ndarray, minutes: np.ndarray, customers: np.ndarray | None = None) -> Any:
    cluster = np.arange(len(well)) if customers is None else customers
    return Made(
        cluster=cluster.astype(np.uint64), left_better=well.astype(bool), handle_minutes=minutes.astype(float)
    )


def told(version: Any, **more: Any) -> Foretelling:
    return next(
        one for one in foretold(version, Scope(), BETTER, **more).scores if one.column == "handle_minutes"
    )


def naive(well: np.ndarray, score: np.ndarray, customers: np.ndarray) -> tuple[float, float]:
    """The area and Obuchowski's variance by all pairs; with one conversation a customer it is DeLong's."""
    one, other = score[well == 1], score[well == 0]
    pairs = (one[:, None] > other[None, :]) + 0.5 * (one[:, None] == other[None, :])
    auc, m, n = pairs.mean(), len(one), len(other)
    of_one, of_other = pairs.mean(axis=1) - auc, pairs.mean(axis=0) - auc
    ids = np.unique(customers)
    a = np.array([of_one[customers[well == 1] == c].sum() for c in ids])
    b = np.array([of_other[customers[well == 0] == c].sum() for c in ids])
    k1, k0, k = len(np.unique(customers[well == 1])), len(np.unique(customers[well == 0])), len(ids)
    variance = k1 / (k1 - 1) * (a**2).sum() / m**2 + k0 / (k0 - 1) * (b**2).sum() / n**2
    return float(auc), float(variance + 2 * k / (k - 1) * (a * b).sum() / (m * n))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_area_and_variance_are_delongs(seed: int) -> None:
    draw = np.random.default_rng(seed)
    well = draw.random(160) < 0.6
    minutes = np.round(draw.gamma(2, 10, 160) - 4 * well) + 20  # rounded: many ties
    customers = np.arange(160)
    auc, _ = naive(well, -minutes, customers)
    one, other = -minutes[well], -minutes[~well]
    pairs = (one[:, None] > other[None, :]) + 0.5 * (one[:, None] == other[None, :])
    delong = pairs.mean(axis=1).var(ddof=1) / len(one) + pairs.mean(axis=0).var(ddof=1) / len(other)
    found = told(made(well, minutes))
    low, high, chance = interval(auc, delong)
    assert found.auc == pytest.approx(auc, abs=1e-12)
    assert (found.low, found.high, found.chance) == pytest.approx((low, high, chance), abs=1e-9)


@pytest.mark.parametrize("seed", [4, 5])
def test_customers_with_many_conversations_are_obuchowskis(seed: int) -> None:
    draw = np.random.default_rng(seed)
    customers = draw.integers(0, 40, 200)
    mood = draw.normal(0, 1, 40)[customers]
    well = draw.random(200) < 1 / (1 + np.exp(-mood))
    minutes = np.round(30 - 5 * mood + draw.normal(0, 8, 200)) + 50
    found = told(made(well, minutes, customers))
    expected = interval(*naive(well.astype(int), -minutes, customers))
    assert (found.low, found.high, found.chance) == pytest.approx(expected, abs=1e-9)


def test_the_area_is_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    draw = np.random.default_rng(6)
    well = draw.random(300) < 0.5
    minutes = np.round(draw.gamma(2, 10, 300) + 3 * well)
    version = made(well, minutes)
    assert told(version).auc == pytest.approx(metrics.roc_auc_score(well, -minutes), abs=1e-12)
    points = curve(version, Scope(), BETTER, "handle_minutes")
    assert points.row(0) == (0.0, 0.0) and points.row(-1) == (1.0, 1.0)
    assert np.trapezoid(points["well"], points["others"]) == pytest.approx(told(version).auc, abs=0.01)


def test_steps_of_one_percent_change_the_area_of_many_by_next_to_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = np.random.default_rng(7)
    well = draw.random(4000) < 0.5
    minutes = draw.gamma(2, 60, 4000) + 10 * well
    exact = told(made(well, minutes)).auc
    monkeypatch.setattr(foretells, "EXACT_ROWS", 100)
    assert told(made(well, minutes)).auc == pytest.approx(exact, abs=0.0005)


def test_a_sample_keeps_whole_customers_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(8)
    customers = draw.integers(0, 10_000, 6000)
    version = made(draw.random(6000) < 0.5, draw.gamma(2, 60, 6000), customers)
    monkeypatch.setattr(foretells, "SAMPLED", 3000)
    found = foretold(version, Scope(), BETTER)
    one = next(one for one in found.scores if one.column == "handle_minutes")
    assert found.is_sampled and found.n == 6000
    assert one.n == int((customers < 5000).sum())


@pytest.mark.parametrize("per_customer", [1, 5])
def test_the_interval_holds_the_truth_as_often_as_it_says(per_customer: int) -> None:
    """400 drawings, also where customers have five conversations that resemble each other: 92 to 98 of 100 hold it."""
    draw = np.random.default_rng(9)
    count, size = 400, 150
    held = false_alarms = 0
    for _ in range(count):
        customers = np.arange(size) // per_customer
        of_customer = draw.normal(0, 1, size)[customers]
        # Score and outcome hang together by customer alone where shift is 0: the area is then 0.5 in truth.
        well = draw.random(size) < 0.5
        latent = of_customer + draw.normal(0, 1, size)
        score = latent + 0.5 * np.sqrt(2) * well  # two normals half a deviation apart
        a = naive(well.astype(int), score, customers)
        low, high, _ = interval(*a)
        held += low is not None and high is not None and low <= 0.63816 <= high
        _, _, chance = interval(*naive(well.astype(int), latent, customers))
        false_alarms += chance is not None and chance < 0.05
    assert 0.92 <= held / count <= 0.98
    assert false_alarms / count <= 0.08


def test_what_does_not_stand_is_said_to_be_chance_and_what_points_the_other_way_so() -> None:
    draw = np.random.default_rng(10)
    n = 600
    well = draw.random(n) < 0.5
    version: Any = Made(
        cluster=np.arange(n).astype(np.uint64), left_better=well, is_satisfied=draw.random(n) < 0.5 + 0.35 * well,
        handle_minutes=draw.gamma(2, 10, n), resolution_minutes=draw.gamma(2, 10, n) + 15 * well, is_reopened=[False] * n,
    )  # fmt: skip
    found = {one.column: one for one in foretold(version, Scope(), BETTER).scores}
    assert found["is_satisfied"].tells == "tells"
    assert found["handle_minutes"].tells == "chance"
    assert found["resolution_minutes"].tells == "other way" and (found["resolution_minutes"].auc or 1) < 0.4
    assert found["is_reopened"].tells == "all alike" and found["is_reopened"].auc is None


def test_too_few_and_none_are_not_compared() -> None:
    few = made(np.array([1] * 12 + [0] * 12), np.arange(24))
    assert told(few).tells == "too few" and told(few).auc is None
    one_sided = made(np.array([1] * 95 + [0] * 5), np.arange(100))
    assert told(one_sided).tells == "too few"
    apart = told(made(np.array([1] * 50 + [0] * 50), np.arange(100)))
    assert (apart.auc, apart.low, apart.tells) == (1.0, None, "tells")
    none: Any = Made(cluster=[1], left_better=pl.Series([None], dtype=pl.Boolean), handle_minutes=[1.0])
    assert foretold(none, Scope(), BETTER).n == 0
