"""Many tickets have their facts made a few measures at a time: the same tables as all at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.kill import prints
from pipelines.ingest import ingest
from warehouse.settings import Settings
from warehouse.store import Store

SAMPLE = Path(__file__).parent / "golden" / "zendesk"


def test_a_few_measures_at_a_time_give_the_same_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([SAMPLE], store=Store(tmp_path / "at once"), settings=Settings())
    module = sys.modules["metrics.facts.build"]  # the package lends its name to the function of that name
    monkeypatch.setattr(module, "_MANY_TICKETS", 0)
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    ingest([SAMPLE], store=Store(tmp_path / "in steps"), settings=Settings())
    found = prints(tmp_path / "in steps")
    assert found == prints(tmp_path / "at once")
    assert found["ticket_facts"][0] > 2
