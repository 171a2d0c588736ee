"""What conversations have in common: found where it is, and rarely where it is not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from metrics.contrast import in_common as module
from metrics.contrast.in_common import in_common, words_in_common
from tests.test_foretells import Made

ROWS: tuple[str, list[Any]] = ("SELECT * FROM ticket_facts", [])


def made(
    is_so: np.ndarray, team: np.ndarray, tags: list[list[str]] | None = None, customers: np.ndarray | None = None, texts: list[str] | None = None
) -> Any:  # fmt: skip
    n = len(is_so)
    cluster = np.arange(n) if customers is None else customers
    version = Made(
        cluster=cluster.astype(np.uint64), is_so=is_so.astype(bool), team=team.astype(str), channel=["email"] * n,
        contact_reason=[""] * n, tags=tags or [[] for _ in range(n)],
    )  # fmt: skip
    said = pl.DataFrame(
        {
            "source": ["s"] * n, "ticket_id": [str(i) for i in range(n)], "message_id": ["m"] * n, "position": [0] * n,
            "created_at": [0] * n, "role": ["customer"] * n, "is_public": [True] * n, "text": texts or [""] * n,
        }
    )  # fmt: skip
    version.connection.register("said", said.to_arrow())
    version.connection.execute("CREATE TABLE turns AS SELECT * FROM said")
    return version


def test_the_ratio_and_its_interval_are_katzs_where_customers_have_one_conversation() -> None:
    # 30 of 50 against 40 of 200: log(3) +- t * sqrt(1/30 - 1/50 + 1/40 - 1/200), by hand
    is_so = np.array([1] * 50 + [0] * 200)
    team = np.array(["Blue"] * 30 + ["Red"] * 20 + ["Blue"] * 40 + ["Red"] * 160)
    found = in_common(made(is_so, team), ROWS)
    one = found.shared[0]
    error = math.sqrt(1 / 30 - 1 / 50 + 1 / 40 - 1 / 200)
    assert (one.dimension, one.value, one.count, one.n) == ("team", "Blue", 30, 70)
    assert one.ratio == pytest.approx(3.0)
    assert math.log(one.ratio / one.low) / error == pytest.approx(2.0096 * math.sqrt(50 / 49), abs=0.01)
    assert found.surest == one and found.count_so == 50 and found.count_others == 200


def test_one_customer_with_many_conversations_makes_nothing_common() -> None:
    """Thirty of one customer, all of one team: of one person, not of a team."""
    is_so = np.array([1] * 60 + [0] * 300)
    team = np.array(["Blue"] * 30 + ["Red"] * 30 + ["Blue"] * 60 + ["Red"] * 240)
    customers = np.concatenate([np.zeros(30), np.arange(1, 331)])
    assert in_common(made(is_so, team, customers=customers), ROWS).shared == ()
    assert in_common(made(is_so, team), ROWS).shared != ()


def test_a_tag_that_is_the_team_is_told_once() -> None:
    is_so = np.array([1] * 50 + [0] * 200)
    team = np.array(["Blue"] * 30 + ["Red"] * 20 + ["Blue"] * 40 + ["Red"] * 160)
    found = in_common(made(is_so, team, [["blue"] if name == "Blue" else [] for name in team]), ROWS)
    assert [one.dimension for one in found.shared] == ["team"]


def test_by_chance_something_stands_at_most_once_in_twenty() -> None:
    """40 drawings of 12 teams and 15 tags that have nothing to do with it, customers with several conversations."""
    draw = np.random.default_rng(11)
    alarms = 0
    for _ in range(40):
        n = 500
        customers = draw.integers(0, 300, n)
        team = draw.integers(0, 12, 300)[customers]
        is_so = draw.random(n) < 0.08
        tags = [[f"t{k}" for k in draw.integers(0, 15, 2)] for _ in range(n)]
        alarms += bool(in_common(made(is_so, team, tags, customers), ROWS).shared)
    assert alarms <= 5  # 5 % of 40, and two deviations


def test_words_of_first_messages_are_said_as_they_are_written() -> None:
    texts = pl.DataFrame(
        {
            "cluster": range(300),
            "is_so": [True] * 60 + [False] * 240,
            "text": ["My refunds are late"] * 40 + ["The parcel is here"] * 20 + ["A refund, please"] * 20 + ["The parcel is here"] * 220,
        }
    )  # fmt: skip
    found = {one.value: one for one in words_in_common(texts, 0.2)}
    assert found["refunds"].count == 40 and found["refunds"].n == 60
    assert found["refunds"].ratio == pytest.approx((40 / 60) / (20 / 240))
    assert found["parcel"].ratio < 1


def test_nothing_and_too_little_have_nothing_in_common() -> None:
    nobody = made(np.array([0] * 40), np.array(["Blue"] * 40))
    assert in_common(nobody, ROWS).shared == () and in_common(nobody, ROWS).count_looked == 0
    few = made(np.array([1] * 5 + [0] * 5), np.array(["Blue"] * 5 + ["Red"] * 5))
    assert in_common(few, ROWS).shared == ()
    assert module.TOO_FEW == 30


def test_parcels_of_customers_change_the_interval_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(12)
    n = 3000
    team = draw.integers(0, 3, n)
    is_so = draw.random(n) < np.where(team == 0, 0.3, 0.15)
    version = made(is_so, team)
    exact = in_common(version, ROWS).shared[0]
    monkeypatch.setattr(module, "EXACT_ROWS", 100)
    assert in_common(version, ROWS).shared[0].low == pytest.approx(exact.low, rel=0.03)
