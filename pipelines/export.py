"""Facts, evidence and messages as files: Parquet as they are; CSV and XLSX so that no text acts as a formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from metrics.loaded import rejects
from metrics.reviews import standing
from metrics.spreadsheet import csv, write_xlsx
from warehouse.errors import HeardError, NoData
from warehouse.store import Version

_NUMBERS: Final = ("ticket_number", "customer_number")  # another one in each version
_GRAINS: Final = ("ticket", "wait", "survey", "suggestion", "sla", "day")


def frame_of(what: str, version: Version, grain: str = "ticket") -> pl.DataFrame:
    """What `heard export` writes: the facts of a grain, the evidence with its words (without what a person marked wrong), the messages that were heard, or the refused rows."""
    if what == "facts":
        if grain not in _GRAINS:
            raise NoData(f"There are no facts per {grain}.", fix=f"--grain {'|'.join(_GRAINS)}")
        return version.query(
            f"SELECT COLUMNS(lambda name: name NOT IN {_NUMBERS}) FROM {grain}_facts ORDER BY ALL"
        )
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
    writers: dict[str, Callable[[pl.DataFrame, Path], object]] = {
        ".parquet": lambda frame, path: frame.write_parquet(path),
        ".csv": lambda frame, path: path.write_bytes(csv(frame)),
        ".xlsx": write_xlsx,
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
