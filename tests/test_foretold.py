"""Words of leaving against leaving: the two by two, its intervals, and the order of time."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats.contingency import relative_risk

from metrics.contrast import foretold
from metrics.contrast.risk_ratio import TwoShares
from tests.stores import SCRIPTS
from tests.test_customers import ACCOUNTS, AS_OF, LEAVES, fill


def test_intervals_equal_the_published_example_and_scipys() -> None:
    """Newcombe (1998), method 10, example (a): 56 of 70 against 48 of 80; Katz as scipy computes it."""
    shares = TwoShares(56, 70, 48, 80)
    assert shares.difference == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    known = relative_risk(56, 70, 48, 80)
    assert shares.ratio == pytest.approx((known.relative_risk, *known.confidence_interval(0.95)))
    assert TwoShares(9, 10, 3, 10).difference == pytest.approx((0.6, 0.1705, 0.8090), abs=5e-5)


@pytest.mark.parametrize(
    ("cells", "ratio", "difference"),
    [
        ((0, 10, 5, 10), (0.0, None, None), True),
        ((5, 10, 0, 10), None, True),
        ((0, 0, 5, 10), None, False),
        ((10, 10, 10, 10), (1.0, 1.0, 1.0), True),
    ],
)
def test_empty_cells_have_no_made_up_figure(
    cells: tuple[int, int, int, int], ratio: tuple[float | None, ...] | None, difference: bool
) -> None:
    """Nothing is added to an empty cell: where the method has no answer there is none."""
    shares = TwoShares(*cells)
    assert shares.ratio == ratio
    assert (shares.difference is not None) == difference


@pytest.mark.parametrize(("p", "q"), [(0.1, 0.1), (0.3, 0.1), (0.05, 0.2)])
def test_intervals_hold_the_truth_as_often_as_they_say(p: float, q: float) -> None:
    """4,000 draws of two groups: difference and ratio cover the truth in 93 to 97.5 % of them."""
    draws = np.random.default_rng(7)
    kept = {"difference": 0, "ratio": 0}
    for a, b in zip(draws.binomial(120, p, 4000), draws.binomial(200, q, 4000), strict=True):
        shares = TwoShares(int(a), 120, int(b), 200)
        assert shares.difference is not None
        kept["difference"] += shares.difference[1] <= p - q <= shares.difference[2]
        ratio = shares.ratio
        kept["ratio"] += bool(
            ratio and ratio[1] is not None and ratio[2] is not None and ratio[1] <= p / q <= ratio[2]
        )
    for name, count in kept.items():
        assert 0.93 <= count / 4000 <= 0.975, name


def test_words_after_leaving_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One left after saying so, one said so only after it had left, one said so and stayed, one said nothing."""
    for who, left in (("before", 5), ("after", 30), ("stayed", None), ("calm", None), ("gone_calm", 5)):
        monkeypatch.setitem(ACCOUNTS, who, (100.0, "Gold", None, left))
    calm = SCRIPTS["better"]
    store = fill(
        tmp_path,
        (
            ("before", 20, LEAVES), ("after", 60, calm), ("after", 10, LEAVES), ("stayed", 20, LEAVES), ("calm", 20, calm),
            ("gone_calm", 20, calm),
        ),
    )  # fmt: skip
    with store.reading() as version:
        whole, leaving, *_ = foretold.foretold(version)
        assert whole.shares == leaving.shares == TwoShares(1, 2, 2, 3)
        assert leaving.days_before == pytest.approx(20 - 5, abs=0.5)
        since = AS_OF.date() - timedelta(days=15)
        later = foretold.foretold(version, since)[0]
        assert later.shares == TwoShares(1, 2, 1, 2)  # "after" had left by then
        listed = foretold.accounts(version)
        assert set(listed["account"]) == {"before Ltd", "after Ltd", "gone_calm Ltd"}
        signs = dict(listed.select("account", "sign_on").iter_rows())
        assert signs["after Ltd"] is None and isinstance(signs["before Ltd"], date)


def test_without_anybody_who_left_nothing_is_told(tmp_path: Path) -> None:
    """No account that left: no table."""
    with fill(tmp_path, (("leaver", 20, LEAVES),)).reading() as version:
        assert foretold.foretold(version) == ()
