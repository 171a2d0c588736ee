"""Facts, evidence and messages as files: Parquet as they are; CSV and XLSX so that no text acts as a formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from metrics.loaded import rejects
from metrics.reviews import standing
from warehouse.errors import HeardError, NoData
from warehouse.store import Version

_GRAINS: Final = ("ticket", "wait", "survey", "suggestion", "sla", "day")
_XLSX_ROWS: Final = 1_048_575  # below the header
_XLSX_CELL: Final = 32_767
_ACTS: Final = r"^\s*[=+\-@\t\r\n]"


def frame_of(what: str, version: Version, grain: str = "ticket") -> pl.DataFrame:
    """What `heard export` writes: the facts of a grain, the evidence with its words (without what a person marked wrong), the messages that were heard, or the refused rows."""
    if what == "facts":
        if grain not in _GRAINS:
            raise NoData(f"There are no facts per {grain}.", fix=f"--grain {'|'.join(_GRAINS)}")
        return version.query(f"SELECT * FROM {grain}_facts ORDER BY ALL")
    if what == "evidence":
        stands, params = standing(version)
        return version.query(
            f"WITH {stands} "
            'SELECT standing.*, substr(turns.text, standing.start + 1, standing."end" - standing.start) AS words '
            "FROM standing LEFT JOIN turns USING (source, ticket_id, message_id) "
            "ORDER BY source, ticket_id, message_id, start, measure, kind",
            params,
        )
    if what == "messages":
        return version.query("SELECT * FROM turns ORDER BY source, ticket_id, turn, created_at, message_id")
    if what == "rejects":
        return rejects(version)
    raise NoData(
        f"There is nothing called {what!r} to export.",
        fix="heard export facts|evidence|messages|rejects --out FILE",
    )


def write(frame: pl.DataFrame, path: Path, *, store: str) -> None:
    """Write a frame by the ending of the file's name; every row names the store that it came from.

    CSV and XLSX: lists become texts, and a text that a spreadsheet would run gets a leading apostrophe in CSV; XLSX
    cells are typed, so text stays text. Parquet is untouched. The file appears whole or not at all.
    """
    writers: dict[str, Callable[[pl.DataFrame, Path], None]] = {
        ".parquet": lambda frame, path: frame.write_parquet(path),
        ".csv": lambda frame, path: escaped(flat(frame)).write_csv(path),
        ".xlsx": _write_xlsx,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise HeardError(
            f"{path.name} does not say which kind of file to write.", fix="end it in .parquet, .csv or .xlsx"
        )
    if not path.parent.exists():
        raise HeardError(f"The folder {path.parent} is not there.", fix=f"mkdir -p {path.parent}")
    fresh = path.with_name(f".{path.name}.part")
    try:
        writer(frame.with_columns(pl.lit(store).alias("store")), fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every list as one text."""
    lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    return frame.with_columns(pl.col(lists).list.join(", "))


def escaped(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before each text that a spreadsheet would take for a formula."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(_ACTS)).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in texts
    )


def _write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    if frame.height > _XLSX_ROWS:
        raise HeardError(
            f"A worksheet holds {_XLSX_ROWS:,} rows; this is {frame.height:,}.",
            fix="write .parquet or .csv instead",
        )
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "constant_memory": True,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(str(path), options)
    instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Heard")
    ready = flat(frame).with_columns(pl.selectors.string().str.slice(0, _XLSX_CELL))
    formats = [
        day if dtype == pl.Date else instant if isinstance(dtype, pl.Datetime) else None
        for dtype in ready.dtypes
    ]
    sheet.write_row(0, 0, ready.columns, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(ready.iter_rows(), start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value, formats[column])
    book.close()
