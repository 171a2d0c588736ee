"""Ideas that are new or grow: told by customers, beyond chance, and not where people settled them."""

from __future__ import annotations

from datetime import date, timedelta
from math import comb
from pathlib import Path

import polars as pl
import pytest

from metrics import idea_board, idea_status
from metrics.contrast.growing import _chance, growing
from metrics.totals import Scope
from pipelines.digest.build import build
from tests.made_weeks import Talk, publish
from warehouse.settings import Settings
from warehouse.store import Version

MONDAY = date(2026, 11, 16)
WEEK = Scope(MONDAY, MONDAY + timedelta(days=6))
NEW, GROWS, STAYS, SETTLED = (
    "Please build a calendar for deliveries.",
    "A fingerprint login would help a lot.",
    "You should print bigger invoices.",
    "It would be great to have umbrellas.",
)


def talks(words: str, now: int, before: tuple[int, int, int, int], long_ago: int = 0) -> list[Talk]:
    """So many customers with an idea in the week, in each of the four weeks before (the last first), and long ago."""
    days = [MONDAY + timedelta(days=1)] * now + [MONDAY - timedelta(days=60)] * long_ago
    days += [MONDAY - timedelta(days=7 * back + 3) for back, count in enumerate(before) for _ in range(count)]
    return [Talk(day=day, idea="no_reply", words_idea=words) for day in days]


@pytest.fixture
def version(tmp_path: Path) -> Version:
    return publish(
        tmp_path,
        [
            *talks(NEW, 3, (0, 0, 0, 0), long_ago=1),
            *talks(GROWS, 9, (1, 1, 0, 1), long_ago=2),
            *talks(STAYS, 2, (2, 3, 2, 2)),
            *talks(SETTLED, 9, (1, 1, 1, 0), long_ago=2),
        ],
    )


def found(version: Version) -> dict[str, tuple[bool, int, int]]:
    return {
        one.name.split(":")[0].split(",")[0].lower(): (one.is_new, one.count_now, one.count_before)
        for one in growing(version, idea_board.board(version), WEEK)
    }


def test_new_and_growing_themes_are_told_and_those_that_stay_are_not(version: Version) -> None:
    told = sorted(found(version).values())
    assert told == [(False, 9, 3), (False, 9, 3), (True, 3, 0)]


def test_what_people_settled_is_left_out(version: Version) -> None:
    board = idea_board.board(version)
    rows = board.ideas.filter(pl.col("quote") == SETTLED)
    idea_status.set_ideas(version, "Ada", "status", rows, "declined")
    assert sorted(found(version).values()) == [(False, 9, 3), (True, 3, 0)]
    told = build(version, "2026-W47", Settings()).section("ideas")
    assert told is not None and told.title == "Ideas: 1 theme is new and 1 theme grows"
    assert [(item.why, item.about) for item in told.items[:2]] == [
        ("New theme", ""),
        ("Growing theme", ""),
    ]
    assert "4 customers by now, 3 of them new this week; 1 had it before." in told.items[0].text
    assert "9 customers this week, 3 in the 4 weeks before." in told.items[1].text


def test_a_theme_that_one_customer_completes_is_not_told_as_new(tmp_path: Path) -> None:
    version = publish(tmp_path, talks(NEW, 1, (0, 0, 0, 0), long_ago=2))
    assert found(version) == {}


def test_the_chance_is_that_of_a_fair_draw() -> None:
    assert _chance(0, 5) == 1.0
    assert _chance(2, 1) == pytest.approx(sum(comb(3, k) * 0.2**k * 0.8 ** (3 - k) for k in (2, 3)))
