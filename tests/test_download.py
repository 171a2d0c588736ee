"""What is taken away says what it stands on, and no text of the data acts in it."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import openpyxl
import polars as pl
import pyarrow.parquet as pq

from dashboard.download import as_csv, as_parquet, told
from dashboard.filters import Chosen
from dashboard.state import Data
from metrics import spreadsheet
from metrics.totals import Scope

ROWS = pl.DataFrame({"figure": ["=HYPERLINK(1)", "CSAT"], "value": [0.5, None]})


def about() -> dict[str, str]:
    data = cast(
        Data,
        SimpleNamespace(
            as_of=datetime(2026, 11, 15, 21, tzinfo=UTC), zone="UTC", is_demo=True, store_name="demo",
            version=SimpleNamespace(name="heard-1.duckdb"),
        ),
    )  # fmt: skip
    query = {"team": "Deliveries", "period": "4 weeks"}
    chosen = Chosen(Scope(), Scope(), "team", "Team", "in the last 4 weeks", query, **_more())
    return told(data, chosen, 120)


def _more() -> dict[str, Any]:
    """Fields that a choice has beside those that matter here."""
    from dataclasses import MISSING, fields

    known = {"scope", "before", "by", "by_title", "period", "query"}
    return {one.name: () for one in fields(Chosen) if one.name not in known and one.default is MISSING}


def test_each_file_says_filters_count_store_version_and_that_it_is_a_demo() -> None:
    said = about()
    text = "; ".join(said.values())
    for part in ("in the last 4 weeks", "team Deliveries", "n 120", "demo, made-up data", "heard-1.duckdb"):
        assert part in text
    assert text in as_csv(ROWS, said).decode()
    book = openpyxl.load_workbook(BytesIO(spreadsheet.xlsx(ROWS, said)))
    assert dict(book["About"].iter_rows(values_only=True)) == said
    metadata = pq.read_metadata(BytesIO(as_parquet(ROWS, said))).metadata
    assert metadata[b"Version"] == b"heard-1.duckdb"


def test_no_cell_of_a_file_acts_as_a_formula() -> None:
    assert as_csv(ROWS, about()).decode().splitlines()[1].startswith("'=HYPERLINK")
    sheet = openpyxl.load_workbook(BytesIO(spreadsheet.xlsx(ROWS, about())))["Heard"]
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"]
    assert sheet["B3"].value is None
