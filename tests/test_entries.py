"""What a person sets is kept with who and when; nothing that was set is lost, and it can be undone."""

from __future__ import annotations

from pathlib import Path

from warehouse.ledger import Ledger


def test_the_newest_entry_stands_and_the_earlier_ones_are_its_history(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.keep("idea", "a", {"status": "planned"}, "ann")
    ledger.keep("idea", "b", {"status": "new"}, "ann")
    last = ledger.keep("idea", "a", {"status": "done"}, "bo")
    assert {name: one.fields for name, one in ledger.entries("idea").items()} == {
        "a": {"status": "done"},
        "b": {"status": "new"},
    }
    assert [(one.who, one.fields) for one in ledger.history("idea", "a")] == [
        ("bo", {"status": "done"}),
        ("ann", {"status": "planned"}),
    ]
    assert ledger.entries("idea")["a"] == last


def test_what_was_removed_does_not_stand_and_comes_back_by_undoing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.keep("view", "my week", {"query": "?team=Billing"}, "ann")
    gone = ledger.keep("view", "my week", None, "bo")
    assert ledger.entries("view") == {}
    assert ledger.undo(gone, "ann")
    assert ledger.entries("view")["my week"].fields == {"query": "?team=Billing"}


def test_undoing_the_first_entry_removes_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = ledger.keep("target", "is_satisfied", {"value": 0.9}, "ann")
    assert ledger.undo(first, "ann")
    assert ledger.entries("target") == {}


def test_undoing_leaves_alone_what_somebody_set_since(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    mine = ledger.keep("target", "is_satisfied", {"value": 0.9}, "ann")
    ledger.keep("target", "is_satisfied", {"value": 0.8}, "bo")
    assert not ledger.undo(mine, "ann")
    assert ledger.entries("target")["is_satisfied"].fields == {"value": 0.8}
