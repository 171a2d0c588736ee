"""The table of how well signals hear: how it is made, what its words stand for, and what stays experimental."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks import committed
from benchmarks.labelled import binary
from metrics import registry, validity, verdicts
from metrics.contrast import asked
from metrics.contrast.headline import headline
from metrics.contrast.looks_fine import looks_fine
from metrics.contrast.pairs import figures, ledger
from metrics.contrast.quadrant import quadrant
from metrics.function.trust.longest_wait import longest_wait
from metrics.function.trust.would_recommend import would_recommend
from metrics.totals import Scope
from metrics.validity import Row, Standing
from pipelines.digest.voices import ideas_unanswered, worth_reading
from warehouse.store import Store

AGENTS = replace(would_recommend, is_about_agents=True, nearest=("support_tickets", "promise"))


def row(**changed: Any) -> Row:
    """A row of flags on the data nearest to AGENTS."""
    figures = {"f1": 0.6, "precision": 0.9, "recall": 0.5, "count_labelled": 80, "count_found": 44}
    known = {
        "measured_on": "2026-11-01", "task": "support_tickets", "dataset": "made", "label": "promise", "output": "stated",
        "measure": "would_recommend", "n": 200, "main": "f1", "figures": figures,
        "beside": {"trivial": {"f1": 0.5, "precision": 0.4, "accuracy": 0.47}},
    }  # fmt: skip
    figures = {**known["figures"], **changed.pop("figures", {})}  # type: ignore[dict-item]
    return Row(**{**known, "figures": figures, **changed})


def flags(**figures: float) -> Row:
    return row(figures=figures)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (flags(), "catches half, seldom wrong"),
        (flags(recall=0.95, precision=0.8), "catches nearly all, mostly right"),
        (flags(recall=0.3, precision=0.6), "catches some, right more often than not"),
        (flags(recall=0.7, precision=0.59), "catches most, wrong about as often as right"),
        (flags(recall=0.1, precision=0.39), "catches few, mostly wrong, no better than picking at random"),
        (flags(count_labelled=12), "catches half, seldom wrong, on few examples"),
        (flags(count_found=0, precision=0.0, recall=0.0), "finds nothing"),
        (row(main="auc", figures={"auc": 0.85}), "tells them apart well"),
        (row(main="auc", figures={"auc": 0.5}), "hardly better than chance"),
        (row(main="spearman", figures={"spearman": 0.42}), "follows the label loosely"),
        (row(main="spearman", figures={"spearman": -0.2}), "does not follow the label"),
        (row(main="accuracy", figures={"accuracy": 0.76}), "right in 76 %"),
        (
            row(main="accuracy", figures={"accuracy": 0.45}),
            "right in 45 %, no better than the commonest answer",
        ),
    ],
)
def test_a_verdict_is_said_by_fixed_ranges(one: Row, words: str) -> None:
    assert verdicts.verdict(one) == words


def test_figures_stand_with_their_interval_and_the_trivial_answer() -> None:
    one = replace(row(), intervals={"f1": (0.51, 0.68)})
    assert verdicts.figures(one) == "F1 0.60 [0.51, 0.68], precision 0.90, recall 0.50"
    assert verdicts.beside(one) == "the trivial answer 0.50"
    assert verdicts.data(one) == "support_tickets/made, promise (n 200)"
    order = row(main="auc", figures={"auc": 0.85}, beside={"vader": {"auc": 0.65}})
    assert verdicts.beside(order) == "chance 0.50; plain VADER 0.65"


@pytest.mark.parametrize(
    ("rows", "precision", "is_experimental", "why"),
    [
        ((), None, True, "not measured on labelled data"),
        ((row(measure="another"),), 0.9, True, "not measured"),
        ((row(label="apology"),), 0.9, True, "not measured"),
        ((flags(precision=0.59),), 0.95, True, "precision 0.59 on support_tickets, promise, is below 0.6"),
        ((row(), flags(precision=0.4)), 0.95, True, "precision 0.40"),
        ((flags(precision=0.6),), 0.8, False, ""),
        ((row(),), None, True, "not checked on your data"),
        ((row(),), 0.79, True, "79 % was right on your data; it must be 80 %"),
        ((row(),), 0.8, False, ""),
    ],
)
def test_a_signal_about_agents_is_experimental_until_it_is_right_here_and_there(
    monkeypatch: pytest.MonkeyPatch,
    rows: tuple[Row, ...],
    precision: float | None,
    is_experimental: bool,
    why: str,
) -> None:
    monkeypatch.setattr(validity, "table", lambda: rows)
    found = validity.standing(AGENTS, lambda name: precision)
    assert found.is_experimental is is_experimental
    assert why in found.why


def test_where_there_is_no_precision_order_counts_and_then_right_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customers = replace(AGENTS, is_about_agents=False)
    for named, expected in (
        ({"auc": 0.59}, True),
        ({"auc": 0.6, "accuracy": 0.3}, False),
        ({"accuracy": 0.59}, True),
    ):
        one = replace(row(), figures=named, main=next(iter(named)))
        monkeypatch.setattr(validity, "table", lambda one=one: (one,))
        assert validity.is_experimental(customers) is expected


def test_form_measures_are_never_experimental_and_what_rests_on_a_signal_is_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validity, "table", lambda: ())
    assert validity.standing(longest_wait) == Standing(False, "")
    assert validity.trusted(["csat", "longest_wait", "left_worse", "would_warn_others", "no_such_name"]) == (
        "csat",
        "longest_wait",
    )
    found = validity.standing(looks_fine)
    assert found.is_experimental
    assert "rests on" in found.why


def test_what_home_shows_is_not_experimental_by_the_committed_table() -> None:
    for name in ("sentiment_shift", "would_recommend", "unheard_suggestion", "looks_fine"):
        assert validity.standing(registry.measure(name)) == Standing(False, ""), name


def test_an_experimental_signal_stays_out_of_home_digest_and_team_views(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validity, "table", lambda: ())
    scope = Scope()
    with demo_store.reading() as version:
        shown = {figure.measure for pair in ledger(version, scope) for figure in pair.conversations}
        assert shown == {"longest_wait"}
        assert asked.told(version, ["looks_fine", "is_unheard", "csat"]) == ("csat",)
        assert "left worse" not in headline(version, scope).answer
        assert quadrant(version, scope)["corner"].null_count() == quadrant(version, scope).height > 0
        assert worth_reading(version, scope, "") == ()
        assert ideas_unanswered(version, scope, "")[0] == ()
        assert figures(version, ["left_worse"], scope)["left_worse"].n > 0, "pages of signals still show it"


def test_a_signal_about_agents_is_told_once_people_found_it_right(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = [one for one in registry.signals() if one.is_about_agents]
    for signal in signals[:1]:
        task, label = signal.nearest or ("support_tickets", "made")
        monkeypatch.setattr(validity, "nearest", lambda measure: (row(task=task, label=label),))  # noqa: B023
        with demo_store.reading() as version:
            assert asked.told(version, [signal.name]) == ()
            asked.check(version, {signal.name: 0.79}.get)
            assert asked.told(version, [signal.name]) == ()
            asked.check(version, {signal.name: 0.8}.get)
            assert asked.told(version, [signal.name]) == (signal.name,)


MADE = [
    {"task": "support_tickets", "dataset": "made", "label": "promise", "output": "stated", "method": "ours",
     "measure": "promise", "n": 100, **binary([1] * 20 + [0] * 80, [1] * 15 + [0] * 5 + [1] * 5 + [0] * 75)},
    {"task": "support_tickets", "dataset": "made", "label": "promise", "output": "stated", "method": "trivial",
     "measure": "", "n": 100, **binary([1] * 20 + [0] * 80, [1] * 100)},
    {"task": "shift", "dataset": "made", "label": "shift", "output": "stated", "method": "ours", "measure": "mood", "n": 4,
     "main": "spearman", "spearman": 0.8, "auc": 1.0, "draws": {"spearman": ([1, 2, 3, 4], [1, 2, 4, 3])}},
    {"task": "threads", "dataset": "made", "label": "ending", "output": "stated", "method": "ours", "measure": "ending",
     "n": 50, "accuracy": 0.7, "macro_f1": 0.6},
]  # fmt: skip


def test_the_table_holds_figures_intervals_and_what_stands_beside_them(tmp_path: Path) -> None:
    rows = committed.table(MADE, date(2026, 11, 1))
    by_label = {one["label"]: one for one in rows}
    promise = by_label["promise"]
    assert promise["main"] == "f1"
    assert promise["figures"]["precision"] == promise["figures"]["recall"] == 0.75
    assert promise["beside"]["trivial"]["precision"] == 0.2
    low, high = promise["intervals"]["f1"]
    assert 0.5 < low < 0.75 < high < 0.95
    low, high = by_label["ending"]["intervals"]["accuracy"]
    assert 0.5 < low < 0.7 < high < 0.9
    assert by_label["shift"]["main"] == "spearman"
    assert len(by_label["shift"]["intervals"]["spearman"]) == 2
    path = tmp_path / "validity.json"
    committed.write(path, rows, ["support_tickets", "shift", "threads"])
    first = path.read_text(encoding="utf-8")
    committed.write(path, committed.table(MADE[:2], date(2026, 11, 1)), ["support_tickets"])
    assert path.read_text(encoding="utf-8") == first, "tasks that were not measured stay"
    committed.write(path, [], ["shift"])
    assert [one["task"] for one in json.loads(path.read_text(encoding="utf-8"))["rows"]] == [
        "support_tickets",
        "threads",
    ]


def test_an_interval_covers_what_the_rows_would_be_drawn_from() -> None:
    """The draws of the four counts are those of the rows themselves."""
    from benchmarks.figures import bootstrap, prf

    labels, guesses = [1] * 20 + [0] * 80, [1] * 15 + [0] * 5 + [1] * 5 + [0] * 75
    ours = committed.intervals(MADE[0])["f1"]
    theirs = bootstrap(lambda a, b: prf(a, b)["f1"], labels, guesses, count=1000)
    assert ours == pytest.approx(theirs, abs=0.03)
