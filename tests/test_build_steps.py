"""Where memory runs out, facts are made a few measures at a time: the same tables as all at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.kill import prints
from metrics import facts
from pipelines.ingest import ingest
from pipelines.score import score
from warehouse.settings import Settings
from warehouse.store import Connection, OutOfMemory, Store

SAMPLE = Path(__file__).parent / "golden" / "zendesk"


class _Small:
    """A connection that has memory for joining two measures at once and no more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.count_refused = 0

    def execute(self, sql: str, *parameters: Any) -> Any:
        if sql.startswith("CREATE OR REPLACE TABLE") and sql.count(") measure_") > 2:
            self.count_refused += 1
            raise OutOfMemory("no room")
        return self._connection.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_a_few_measures_at_a_time_give_the_same_tables(tmp_path: Path) -> None:
    refused = []

    def with_little_memory(connection: Connection, settings: Settings, _: object) -> None:
        facts.resolve(connection, settings)
        score(connection)
        small: Any = _Small(connection)
        facts.build(small, settings)
        refused.append(small.count_refused)

    ingest([SAMPLE], store=Store(tmp_path / "at once"), settings=Settings())
    ingest([SAMPLE], store=Store(tmp_path / "in steps"), settings=Settings(), after_merge=with_little_memory)
    found = prints(tmp_path / "in steps")
    assert refused[0] > 2
    assert found == prints(tmp_path / "at once")
    assert found["ticket_facts"][0] > 2


def test_with_many_tickets_the_base_comes_first_and_the_tables_are_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ingest([SAMPLE], store=Store(tmp_path / "at once"), settings=Settings())
    monkeypatch.setattr(sys.modules["metrics.facts.build"], "MANY_TICKETS", 0)
    ingest([SAMPLE], store=Store(tmp_path / "apart"), settings=Settings())
    assert prints(tmp_path / "apart") == prints(tmp_path / "at once")


def test_tickets_and_customers_have_numbers_by_which_they_are_found(tmp_path: Path) -> None:
    ingest([SAMPLE], store=Store(tmp_path), settings=Settings())
    with Store(tmp_path).reading() as version:
        facts_of = version.query(
            "SELECT source, ticket_id, customer_id, ticket_number, customer_number FROM ticket_facts"
            " ORDER BY coalesce(ended_at, created_at), ticket_id, source"
        )
        others = version.query(
            "SELECT s.ticket_number, t.ticket_number AS own FROM survey_facts s"
            " LEFT JOIN ticket_facts t ON t.source = s.ticket_source AND t.ticket_id = s.ticket_id"
        )
    assert facts_of["ticket_number"].to_list() == list(range(1, facts_of.height + 1))
    customers = facts_of.drop_nulls("customer_id").select("source", "customer_id", "customer_number").unique()
    ordered = customers.sort("source", "customer_id")["customer_number"].to_list()
    assert ordered == list(range(1, customers.height + 1))
    assert facts_of.filter(pl.col("customer_id").is_null())["customer_number"].null_count() == sum(
        facts_of["customer_id"].is_null()
    )
    assert others["ticket_number"].to_list() == others["own"].to_list() and others.height


def test_one_measure_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    def with_none(connection: Connection, settings: Settings, _: object) -> None:
        facts.resolve(connection, settings)
        connection.execute("SET memory_limit='2MB'")
        facts.build(connection, settings)

    with pytest.raises(OutOfMemory):
        ingest([SAMPLE], store=Store(tmp_path), settings=Settings(), after_merge=with_none)
