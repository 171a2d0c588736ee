"""Tables as CSV and XLSX in which no text of the data acts as a formula."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import polars as pl

from warehouse.errors import HeardError

MOST_ROWS: Final = 1_048_575  # of a worksheet, below the header
LONGEST_CELL: Final = 32_767
_ACTS: Final = r"^\s*[=+\-@\t\r\n]"


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


def csv(frame: pl.DataFrame) -> bytes:
    """The frame as CSV in UTF-8: lists as one text, and texts that would act as formulas with an apostrophe before them."""
    return escaped(flat(frame)).write_csv().encode()


def xlsx(frame: pl.DataFrame, about: Mapping[str, str] | None = None) -> bytes:
    """The frame as a workbook; `about` (name to value) stands on a second sheet. Raises HeardError on too many rows."""
    held = BytesIO()
    write_xlsx(frame, held, about)
    return held.getvalue()


def write_xlsx(frame: pl.DataFrame, to: Path | IO[bytes], about: Mapping[str, str] | None = None) -> None:
    """Write the frame as a workbook: cells are typed, so that text stays text. Raises HeardError on too many rows."""
    import xlsxwriter

    if frame.height > MOST_ROWS:
        raise HeardError(
            f"A worksheet holds {MOST_ROWS:,} rows; this is {frame.height:,}.",
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
    book = xlsxwriter.Workbook(str(to) if isinstance(to, Path) else to, options)
    instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Heard")
    ready = flat(frame).with_columns(pl.selectors.string().str.slice(0, LONGEST_CELL))
    formats = [
        day if dtype == pl.Date else instant if isinstance(dtype, pl.Datetime) else None
        for dtype in ready.dtypes
    ]
    sheet.write_row(0, 0, ready.columns, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(ready.iter_rows(), start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value, formats[column])
    if about:
        told = book.add_worksheet("About")
        for number, (name, value) in enumerate(about.items()):
            told.write_string(number, 0, name, bold)
            told.write_string(number, 1, value)
    book.close()
