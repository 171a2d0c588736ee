"""What is asked in a cheaper way gives the same figures: without intervals, both ways at once, groups made of a ticket's facts."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from metrics import goodwill, groupings, registry
from metrics.goodwill import Holder
from metrics.totals import Scope, totals, totals_together
from warehouse.store import Store

COLUMNS = ["left_better", "mood_shift", "nps_net", "handle_minutes", "first_reply_minutes"]
ENDS = ["low", "high"]


@pytest.mark.parametrize("by", [(), ("week",), ("team", "week"), ("tag",)])
def test_figures_without_intervals_are_the_figures_with_them(demo_store: Store, by: tuple[str, ...]) -> None:
    with demo_store.reading() as version:
        told = totals(version, COLUMNS, Scope(), by)
        bare = totals(version, COLUMNS, Scope(), by, is_bare=True)
    assert_frame_equal(bare.drop(ENDS), told.drop(ENDS))
    assert told["low"].null_count() < told.height
    assert bare["low"].null_count() == bare["high"].null_count() == bare.height


def test_one_of_several_asked_together_may_be_without_intervals(demo_store: Store) -> None:
    pairs = [registry.find(name) for name in ("left_better", "handle_minutes")]
    asks = [(Scope(), ()), (Scope(), ("week",)), (Scope(), ("team",))]
    with demo_store.reading() as version:
        told = totals_together(version, pairs, asks)
        some = totals_together(version, pairs, asks, bare=[1])
    assert_frame_equal(some[0], told[0])
    assert_frame_equal(some[2], told[2])
    assert_frame_equal(some[1].drop(ENDS), told[1].drop(ENDS))
    assert some[1]["low"].null_count() == some[1].height


@pytest.mark.parametrize("holder", ["customer", "account"])
def test_ledgers_of_both_ways_are_those_of_each(demo_store: Store, holder: Holder) -> None:
    with demo_store.reading() as version:
        both = goodwill.both_ledgers(version, Scope(), holder, limit=7)
        for rising, frame in both.items():
            assert frame.height == 7
            assert_frame_equal(frame, goodwill.ledgers(version, Scope(), holder, rising=rising, limit=7))


@pytest.mark.parametrize("name", ["hour", "answered_by"])
def test_a_group_of_tickets_is_chosen_by_their_own_facts_as_by_a_join(demo_store: Store, name: str) -> None:
    with demo_store.reading() as version:
        groups = version.query(f"SELECT made, count(*) AS n FROM {groupings.made_sql(name)} GROUP BY ALL")
        for group, n in groups.iter_rows():
            scope = Scope(where={name: (group or "",)})
            assert totals(version, ["count_tickets"], scope)["n"].sum() == n
    assert groups.height > 1
