"""Hearing again: only what changed, the same in any batches and processes, and nothing of what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics import facts, registry
from pipelines import score
from tests.stores import fill
from warehouse.settings import Settings
from warehouse.store import Connection, Store, query


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A draft of a store whose conversations have all been heard."""
    fill(tmp_path, "main", count=40)
    draft = Store(tmp_path, "main").begin()
    for measure in registry.across():  # told after hearing, from all conversations
        draft.connection.execute("DELETE FROM evidence WHERE measure = ?", [measure.name])
    yield draft.connection
    draft.discard()


def hear_again(connection: Connection) -> score.Scored:
    facts.resolve(connection, Settings())
    return score.score(connection)


def heard(connection: Connection, columns: str = "*", table: str = "evidence") -> list[tuple[object, ...]]:
    return query(connection, f"SELECT {columns} FROM {table} ORDER BY ALL").rows()


def forget(connection: Connection) -> None:
    connection.execute("DELETE FROM evidence")
    connection.execute("DELETE FROM heard")


def test_what_did_not_change_is_not_heard_again(connection: Connection) -> None:
    assert hear_again(connection) == score.Scored(0, 0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET text = text || ' I will tell everyone to stay away.' WHERE ticket_id = '{ticket}'",
        "UPDATE messages SET created_at = created_at + INTERVAL 1 SECOND WHERE ticket_id = '{ticket}'",
        "UPDATE messages SET author_role = 'agent' WHERE ticket_id = '{ticket}'",
        "UPDATE tickets SET status = 'open' WHERE ticket_id = '{ticket}'",
    ],
)
def test_a_changed_conversation_is_heard_again_and_no_other(connection: Connection, change: str) -> None:
    ticket = query(connection, "SELECT min(ticket_id) FROM heard").item()
    before = heard(connection, table="heard")
    connection.execute(change.format(ticket=ticket))
    assert hear_again(connection) == score.Scored(1, 0)
    assert len(heard(connection, table="heard")) == len(before)
    assert len(set(before) - set(heard(connection, table="heard"))) == 1
    kept = heard(connection)
    forget(connection)
    assert hear_again(connection) == score.Scored(len(before), 0)
    assert heard(connection) == kept


def test_a_conversation_that_is_gone_leaves_no_evidence(connection: Connection) -> None:
    ticket = query(connection, "SELECT min(ticket_id) FROM evidence").item()
    before = heard(connection, table="heard")
    connection.execute("UPDATE tickets SET is_spam = true WHERE ticket_id = ?", [ticket])
    assert hear_again(connection) == score.Scored(0, 1)
    assert (ticket,) not in heard(connection, "DISTINCT ticket_id")
    assert len(heard(connection, table="heard")) == len(before) - 1


@pytest.mark.parametrize(("batch", "alone"), [(7, 1_000), (1, 1_000), (9, 0)])
def test_batches_and_other_processes_give_the_same(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, batch: int, alone: int
) -> None:
    at_once = heard(connection), heard(connection, table="heard")
    forget(connection)
    monkeypatch.setattr(score, "BATCH", batch)
    monkeypatch.setattr(score, "ALONE", alone)
    assert hear_again(connection) == score.Scored(len(at_once[1]), 0)
    assert (heard(connection), heard(connection, table="heard")) == at_once
    assert at_once[0]
