"""What is derived of trust: turned around, restored, solved and better, goodwill; each by hand-made facts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from metrics import goodwill as ledgers
from metrics.facts.build import facts_sql
from metrics.function.trust.goodwill import goodwill
from metrics.function.trust.solved_and_better import solved_and_better
from metrics.function.trust.trust_restored import trust_restored
from metrics.function.trust.turned_around import turned_around
from metrics.measure import Derived
from metrics.totals import Scope
from warehouse import store
from warehouse.settings import Settings
from warehouse.store import Store

Facts = dict[str, Any]


def derived(measure: Derived, *rows: Facts) -> list[Facts]:
    """The columns of a derived measure for tickets with these facts, in order; an empty dict where it gives no row."""
    names = sorted({name for row in rows for name in row} | measure.uses)
    given = [
        {name: row.get(name) for name in names} | {"source": "desk", "ticket_id": str(n)}
        for n, row in enumerate(rows)
    ]
    connection = store.connect()
    try:
        frame = pl.DataFrame(given, infer_schema_length=None).with_columns(pl.col(pl.Null).cast(pl.Boolean))
        connection.register("given", frame)
        connection.execute("CREATE TABLE ticket_facts AS SELECT * FROM given")
        found = {
            row["ticket_id"]: row
            for row in store.query(connection, facts_sql(measure, Settings())).to_dicts()
        }
        return [found.get(str(n), {}) for n in range(len(rows))]
    finally:
        connection.close()


def test_turned_around_needs_a_bad_beginning_and_a_pleased_end() -> None:
    came_angry: Facts = {"mood_on_arrival": -0.6, "would_warn_others": False, "has_words_of_leaving": False}
    found = derived(
        turned_around,
        {**came_angry, "mood_after_answer": 0.4},
        {**came_angry, "mood_after_answer": 0.0},  # less bad is better, but not pleased
        {**came_angry, "mood_after_answer": None},  # said nothing more: not known
        {"mood_on_arrival": 0.1, "mood_after_answer": 0.4, "has_words_of_leaving": True},  # calm, but leaving
        {"mood_on_arrival": 0.1, "mood_after_answer": 0.4, "has_words_of_leaving": False},  # came calm
        {**came_angry, "mood_after_answer": 0.4, "would_warn_others": True},
    )
    assert [row.get("is_turned_around") for row in found] == [True, False, None, True, None, False]
    assert [row.get("is_possible") for row in found] == [True, True, True, True, None, True]


def test_silence_is_not_known_and_never_restored() -> None:
    unhappy: Facts = {"mood_on_arrival": -0.4}
    found = derived(
        trust_restored,
        {**unhappy, "mood_after_answer": 0.0, "has_come_back": False},
        {**unhappy, "mood_after_answer": 0.5, "has_come_back": True},
        {**unhappy, "mood_after_answer": -0.4, "has_come_back": False},
        {**unhappy, "mood_after_answer": None, "has_come_back": False},
        {
            **unhappy,
            "mood_after_answer": None,
            "has_come_back": True,
        },  # counted as not restored once, against the rule
        {**unhappy, "mood_after_answer": 0.5, "has_come_back": None},  # the days are not over
        {"mood_on_arrival": 0.2, "mood_after_answer": 0.5, "has_come_back": False},
    )
    assert [row.get("is_trust_restored") for row in found] == [True, False, False, None, None, None, None]
    assert found[-1] == {}


def test_solved_and_better_are_four_cells_that_add_up() -> None:
    rows = [
        {"is_ended_confirmed": solved, "left_better": better}
        for solved in (True, False, None)
        for better in (True, False, None)
    ]
    found = derived(solved_and_better, *rows)
    names = [column.name for column in solved_and_better.columns]
    for row, cells in zip(rows, found, strict=True):
        if row["left_better"] is None:
            assert cells == {}
        else:
            assert sum(bool(cells[name]) for name in names) == 1
    assert found[0]["is_solved_and_better"]
    assert found[1]["is_solved_not_better"]
    assert found[3]["is_better_not_solved"]
    assert found[7]["is_neither_solved_nor_better"]


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"left_better": True, "left_worse": False, "mood_shift": 0.3}, 1),
        ({"left_better": False, "left_worse": True, "mood_shift": -0.3}, -1),
        ({"left_better": False, "left_worse": False, "mood_shift": 0.0}, 0),
        ({"left_better": True, "left_worse": False, "mood_shift": 0.3, "has_words_of_leaving": True}, -1),
        ({"said_would_recommend": True}, 1),
        ({}, None),
    ],
)
def test_a_conversation_moves_goodwill_by_one_step_or_not_at_all(facts: Facts, step: int | None) -> None:
    wanted = {"left_better": None, "left_worse": None, "would_warn_others": False, "said_would_recommend": False,
              "has_words_of_leaving": False, "mood_shift": None}  # fmt: skip
    [found] = derived(goodwill, {**wanted, **facts})
    assert found["goodwill_step"] == step


def test_the_ledger_of_a_customer_adds_up_to_its_steps(demo_store: Store) -> None:
    with demo_store.reading() as version:
        lost = ledgers.ledgers(version, Scope(), limit=5)
        assert lost.height == 5
        assert (lost["goodwill"] < 0).all()
        for row in lost.iter_rows(named=True):
            assert row["goodwill"] == row["count_up"] - row["count_down"]
            own = ledgers.entries(version, row["source"], "customer", row["id"])
            assert own.height == row["count_conversations"]
            assert own["goodwill"][-1] == row["goodwill"]
            assert own["ended_on"].drop_nulls().is_sorted()
        gained = ledgers.ledgers(version, Scope(), rising=True, limit=5)
        assert (gained["goodwill"] > 0).all()
