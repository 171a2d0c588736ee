"""How numbers are said."""

from __future__ import annotations

import math

import pytest

from metrics.wording import say, say_change, say_interval


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.87, "share", "87 %"),
        (0.874, "share", "87 %"),
        (0.0, "share", "0 %"),
        (1.0, "share", "100 %"),
        (0.004, "share", "0.4 %"),
        (0.0096, "share", "1 %"),
        (0.0104, "share", "1 %"),
        (0.9901, "share", "99 %"),
        (0.0001, "share", "under 0.1 %"),
        (0.997, "share", "99.7 %"),
        (0.99999, "share", "over 99.9 %"),
        (24.4, "net", "+24"),
        (-7.0, "net", "\u22127"),
        (0.3, "net", "0"),
        (0.123, "mood", "+0.12"),
        (-0.08, "mood", "\u22120.08"),
        (-0.001, "mood", "0.00"),
        (0.0, "minutes", "0 min"),
        (0.75, "minutes", "45 s"),
        (0.999, "minutes", "1 min"),
        (4.52, "minutes", "4.5 min"),
        (3.0, "minutes", "3 min"),
        (9.96, "minutes", "10 min"),
        (12.4, "minutes", "12 min"),
        (59.7, "minutes", "1 h"),
        (90.0, "minutes", "1 h 30 min"),
        (1439.8, "minutes", "1 day"),
        (3060.0, "minutes", "2 days 3 h"),
        (2 * 1440.0, "minutes", "2 days"),
        (1440.0 * 9 + 60 * 23 + 45, "minutes", "10 days"),
        (1440.0 * 12.4, "minutes", "12 days"),
        (2345, "count", "2,345"),
        (3.42, "count", "3.4"),
        (None, "share", "not measured"),
        (math.nan, "minutes", "not measured"),
    ],
)
def test_a_value_is_said(value, unit, said):
    assert say(value, unit) == said


@pytest.mark.parametrize(
    ("low", "high", "unit", "said"),
    [
        (0.82, 0.91, "share", "82 to 91 %"),
        (-5.0, 12.0, "net", "\u22125 to +12"),
        (60.0, None, "minutes", "at least 1 h"),
        (None, 60.0, "minutes", "at most 1 h"),
        (None, None, "share", "not measured"),
    ],
)
def test_an_interval_is_said(low, high, unit, said):
    assert say_interval(low, high, unit) == said


@pytest.mark.parametrize(
    ("change", "unit", "better", "said"),
    [
        (0.018, "share", "higher", "+1.8 pts, better"),
        (0.018, "share", "lower", "+1.8 pts, worse"),
        (-3.0, "minutes", "lower", "\u22123 min, better"),
        (90.0, "minutes", "lower", "+1 h 30 min, worse"),
        (-0.05, "mood", "higher", "\u22120.05, worse"),
        (4.0, "net", "higher", "+4.0 pts, better"),
        (12, "count", "neither", "+12"),
        (0.0, "share", "higher", "no change"),
        (0.0001, "share", "higher", "no change"),
        (None, "share", "higher", "not measured"),
    ],
)
def test_a_change_is_said_with_its_direction(change, unit, better, said):
    assert say_change(change, unit, better) == said
