"""A rate corrected for reading errors: its interval holds the truth as often as it says, and weights are honest."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.reviewed_simulation import SETTINGS, simulate
from metrics import intervals
from metrics.reviewed import Checked, corrected, effective_n, recall, stratum

RUNS = 300


def _checked(
    right: int, wrong: int, missed: int, absent: int, sizes: tuple[int, int] = (500, 9500)
) -> Checked:
    flagged = stratum(sizes[0], [True] * right + [False] * wrong)
    unflagged = stratum(sizes[1], [True] * missed + [False] * absent)
    return Checked("made", flagged, unflagged, 100)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Known error rates, seeded: 93 to 97 % over all settings; as read it would nearly never hold it."""
    found = [simulate(setting, RUNS) for setting in SETTINGS]
    assert 0.93 <= np.mean([one.corrected for one in found]) <= 0.97
    # Where hardly any was missed in the sample the count can not come out much too low, so some settings hold more.
    assert all(0.91 <= one.corrected <= 0.995 for one in found)
    assert np.mean([one.as_read for one in found]) < 0.5
    assert all(abs(one.bias) < 0.006 for one in found)


def test_a_rate_is_corrected_both_ways() -> None:
    """False alarms take away, what was missed adds; the interval is wider than the one as read."""
    found = corrected(0.05, 0.045, 0.055, _checked(30, 10, 3, 57))
    assert found.value == pytest.approx(0.05 * 0.75 + 0.95 * 0.05)
    assert found.low < found.value < found.high and found.high - found.low > 0.01
    assert found == corrected(0.05, 0.045, 0.055, _checked(30, 10, 3, 57))
    assert corrected(0.05, 0.045, 0.055, _checked(40, 0, 0, 60)).value == pytest.approx(0.05)


def test_more_reviews_make_a_narrower_interval() -> None:
    """The width falls with what was checked."""
    few, many = (corrected(0.1, 0.09, 0.11, _checked(30 * k, 10 * k, 3 * k, 57 * k)) for k in (1, 8))
    assert many.high - many.low < 0.6 * (few.high - few.low)


def test_how_many_more_reviews_it_takes() -> None:
    """Two fifths flagged, three unflagged, or all there are of a rare one."""
    assert _checked(0, 0, 0, 0).missing == 100 and not _checked(0, 0, 0, 0).is_checked
    assert _checked(30, 10, 0, 59).missing == 1
    assert _checked(30, 10, 0, 60).is_checked
    rare = _checked(12, 0, 0, 60, (12, 9988))
    assert rare.missing == 28 and _checked(12, 0, 0, 88, (12, 9988)).is_checked


def test_unequal_weights_count_for_less() -> None:
    """Reviews that stand for unequal numbers of conversations make a smaller effective sample."""
    equal = stratum(1000, [True, False, True, True], [7.0] * 4)
    assert equal.n == pytest.approx(4) and equal.share == pytest.approx(0.75)
    unequal = stratum(1000, [True, False, True, True], [1.0, 50.0, 1.0, 1.0])
    assert unequal.n < 1.2 and unequal.share < 0.1
    assert stratum(10, []).interval is None


def test_the_effective_n_is_that_of_the_interval() -> None:
    """Wilson's interval taken back to the n it was made from."""
    for count, n in ((0, 50), (3, 40), (500, 1000), (40, 40)):
        low, high = intervals.wilson(np.array([float(count)]), np.array([float(n)]), np.ones(1))
        assert effective_n(count / n, float(low[0]), float(high[0])) == pytest.approx(n, rel=1e-6)


def test_recall_weighs_each_stratum_by_its_size() -> None:
    """Few missed of many unflagged are many missed."""
    found = recall(_checked(40, 0, 3, 57))
    assert found is not None and found[0] == pytest.approx(500 / (500 + 9500 * 0.05))
    assert found[1] < found[0] < found[2]
    assert recall(_checked(0, 0, 0, 0)) is None
