"""What is predicted, apart from what was stated: a model of one's own ratings, and a guess that needs none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

from metrics.contrast import predicted
from metrics.contrast.predicted import FEWEST, prepare, reliability
from metrics.function.trust.guessed_answers import guessed_answers, judge, scores
from metrics.prediction import FOLDS, fit, folds
from tests.talks import talks
from warehouse import store
from warehouse.settings import Settings
from warehouse.store import Connection, Version, insert, query

GOOD = ("lovely", "quick", "solved", "pleased")
BAD = ("late", "broken", "waiting", "unanswered")
PLAIN = ("invoice", "parcel", "account", "order", "router", "contract", "number", "address")


def made(count: int, seed: int = 1, *, rated: float = 1.0) -> pl.DataFrame:
    """Tickets whose chance to be satisfied is known: it follows one figure and the words, and is given in `truth`."""
    draw = np.random.default_rng(seed)
    level = draw.normal(size=count)
    truth = 1 / (1 + np.exp(-(0.5 + 1.5 * level)))
    satisfied = draw.random(count) < truth
    is_rated = draw.random(count) < rated
    texts = [
        " ".join([*draw.choice(PLAIN, 6).tolist(), *draw.choice(GOOD if mood > 0 else BAD, 1).tolist()])
        for mood in level
    ]
    return pl.DataFrame(
        {
            "source": "desk",
            "ticket_id": [f"t{number:05}" for number in range(count)],
            "customer_id": [f"c{number}" for number in draw.integers(0, max(count // 3, 1), count)],
            "is_satisfied": [
                bool(good) if known else None for good, known in zip(satisfied, is_rated, strict=True)
            ],
            "mood_after_answer": level + draw.normal(scale=0.1, size=count),
            "truth": truth,
            "text": texts,
        }
    )


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = store.connect()
    store.create_tables(connection)
    yield connection
    connection.close()


def loaded(connection: Connection, tickets: pl.DataFrame) -> None:
    """What a run has made before anything is predicted."""
    connection.register("_made", tickets)
    connection.execute("CREATE OR REPLACE TABLE ticket_facts AS SELECT * EXCLUDE (truth, text) FROM _made")
    connection.execute(
        "CREATE OR REPLACE TABLE turns AS SELECT source, ticket_id, 'customer' AS role, 0 AS turn, text FROM _made"
        " UNION ALL SELECT source, ticket_id, 'agent', 1, 'lovely' FROM _made"
        # A comment on the survey is the answer itself, and never learnt from.
        " UNION ALL SELECT source, ticket_id, 'customer', NULL, CASE WHEN is_satisfied THEN 'tickyes' ELSE 'tickno' END FROM _made"
    )
    connection.unregister("_made")
    heard = tickets.select("source", "ticket_id", is_readable=pl.lit(True))
    connection.execute("DELETE FROM heard")
    insert(connection, "heard", heard)


def chances(connection: Connection) -> dict[str, float]:
    return dict(connection.execute("SELECT ticket_id, predicted_satisfied FROM predicted_ratings").fetchall())


def state(connection: Connection) -> predicted.Reliability:
    return reliability(Version("test", connection))


def test_nobody_stands_on_both_sides_of_a_fold() -> None:
    customers = made(600)["customer_id"].to_list()
    fold = folds(customers)
    assert set(fold.tolist()) == set(range(FOLDS))
    assert len({(customer, own) for customer, own in zip(customers, fold.tolist(), strict=True)}) == len(
        set(customers)
    )


def test_chances_come_true_as_often_as_they_say(connection: Connection) -> None:
    tickets = made(6_000, rated=0.5)
    loaded(connection, tickets)
    prepare(connection, Settings())
    found = chances(connection)
    open_tickets = tickets.filter(pl.col("is_satisfied").is_null())
    assert set(found) == set(open_tickets["ticket_id"])
    off = [found[ticket] - truth for ticket, truth in open_tickets.select("ticket_id", "truth").iter_rows()]
    assert abs(float(np.mean(off))) < 0.03
    assert float(np.sqrt(np.mean(np.square(off)))) < 0.08
    kept = state(connection)
    assert kept.is_on
    assert kept.figures is not None
    assert kept.figures.count_rated == tickets.height - open_tickets.height
    assert kept.figures.auc_low < kept.figures.auc < kept.figures.auc_high
    assert kept.figures.brier < kept.figures.brier_always
    assert sum(each.count for each in kept.figures.curve) == kept.figures.count_rated
    assert max(abs(each.predicted - each.observed) for each in kept.figures.curve) < 0.1
    assert "rated conversations" in kept.words


def test_where_nothing_can_be_learnt_the_figures_say_so(connection: Connection) -> None:
    tickets = made(1_200).with_columns(
        pl.col("is_satisfied").shuffle(seed=5),
        pl.col("text").shuffle(seed=6),
        pl.col("mood_after_answer").shuffle(seed=7),
    )
    loaded(connection, tickets)
    prepare(connection, Settings())
    kept = state(connection).figures
    assert kept is not None
    assert 0.4 < kept.auc < 0.6
    assert kept.brier > kept.brier_always - 0.01


@pytest.mark.parametrize(
    ("tickets", "word"),
    [
        (made(FEWEST - 1), "199 rated"),
        (made(400).with_columns(is_satisfied=pl.lit(True)), "of one kind there are 0"),
        (made(400).with_columns(customer_id=pl.lit("c1")), "1 customers"),
        # All who were not satisfied are one customer.
        (
            made(400).with_columns(
                customer_id=pl.when("is_satisfied").then("customer_id").otherwise(pl.lit("unhappy"))
            ),
            "too few customers",
        ),
    ],
)
def test_with_too_little_to_learn_from_it_is_off_and_says_so(
    connection: Connection, tickets: pl.DataFrame, word: str
) -> None:
    loaded(connection, pl.concat([tickets, made(50, seed=2, rated=0.0).with_columns(source=pl.lit("other"))]))
    prepare(connection, Settings())
    assert chances(connection) == {}
    kept = state(connection)
    assert not kept.is_on
    assert kept.figures is None
    assert kept.words.startswith("Off:")
    assert word in kept.words


def test_nothing_is_known_before_the_first_run(connection: Connection) -> None:
    assert state(connection) == predicted.Reliability(False, "Off: nothing was learnt yet.")


def test_the_same_rows_give_the_same_chances_in_any_order_and_in_any_parts(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = made(900, rated=0.6)
    loaded(connection, tickets)
    prepare(connection, Settings())
    first, kept = chances(connection), state(connection)
    monkeypatch.setattr(predicted, "AT_ONCE", 37)
    loaded(connection, tickets.sample(fraction=1.0, shuffle=True, seed=3))
    prepare(connection, Settings())
    assert chances(connection) == first
    assert state(connection) == kept


def test_only_so_many_are_learnt_from(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicted, "MOST_LEARNT", 300)
    loaded(connection, made(900, rated=0.6))
    prepare(connection, Settings())
    kept = state(connection).figures
    assert kept is not None
    assert kept.count_rated == 300


def test_figures_may_be_missing() -> None:
    tickets = made(400)
    texts, satisfied = tickets["text"].to_list(), tickets["is_satisfied"].to_numpy().astype(np.bool_)
    figures = tickets["mood_after_answer"].to_numpy().copy().reshape(-1, 1)
    figures[::3] = np.nan
    nothing = np.full((400, 1), np.nan)
    customers = tickets["customer_id"].to_list()
    model, some = fit(texts, np.hstack([figures, nothing]), satisfied, customers)
    assert some.auc > 0.6
    found = model.chances(texts, np.hstack([nothing, nothing]))
    assert ((found > 0) & (found < 1)).all()


def folded(*talk: str) -> dict[str, Any]:
    """The guesses of one talk, as facts."""
    conversations = talks(list(talk))
    connection = store.connect()
    try:
        store.create_tables(connection)
        insert(connection, "evidence", judge(conversations))
        insert(connection, "heard", conversations.tickets.select("source", "ticket_id", "is_readable"))
        rows = query(connection, guessed_answers.facts).to_dicts()
        return rows[0] if rows else {}
    finally:
        connection.close()


def test_a_guess_follows_the_words_and_is_evidenced_by_a_sentence() -> None:
    good = folded(
        "customer: My line is dead.",
        "agent: We mended it.",
        "customer: It works now, you are brilliant, thank you!",
    )
    bad = folded(
        "customer: My line is dead.",
        "agent: Unfortunately we can not come.",
        "customer: Still not working. This is awful.",
    )
    assert good["predicted_recommend"] > bad["predicted_recommend"]
    assert good["predicted_satisfaction"] > 0 > bad["predicted_satisfaction"]


def test_closing_words_add_and_what_we_could_not_takes_away() -> None:
    def satisfaction(*talk: str) -> float:
        return float(scores(talks(list(talk)))["satisfaction"][0])

    asked = "customer: A table for two in the north."
    assert satisfaction(asked, "agent: It is booked.") > satisfaction(
        asked, "agent: There are no tables available."
    )
    named = "customer: The number is 12."
    closed = satisfaction(asked, "agent: It is booked.", "customer: Thanks.", "agent: Bye.")
    assert closed > satisfaction(asked, "agent: It is booked.", named, "agent: Bye.")


def test_without_a_word_of_the_customer_nothing_is_guessed() -> None:
    assert folded("agent: Your invoice is attached.") == {}
