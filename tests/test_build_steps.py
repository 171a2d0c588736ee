"""Where memory runs out, facts are made a few measures at a time: the same tables as all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def test_one_measure_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    def with_none(connection: Connection, settings: Settings, _: object) -> None:
        facts.resolve(connection, settings)
        connection.execute("SET memory_limit='2MB'")
        facts.build(connection, settings)

    with pytest.raises(OutOfMemory):
        ingest([SAMPLE], store=Store(tmp_path), settings=Settings(), after_merge=with_none)
