"""Rows of a table by column name, whatever holds it: CSV, TSV, NDJSON, XLSX or Parquet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from pipelines.sources import _delimited, _json
from pipelines.sources._files import Member, opened
from pipelines.sources.source import Sample
from warehouse.errors import BadInput

HEADER_SEARCH_ROWS = 20
MAX_WORKBOOK_BYTES = 1 << 30  # unpacked; a workbook is read whole


@dataclass(frozen=True)
class TableRow:
    """A row by column name, or the reason why there is none."""

    line: int
    values: dict[str, Any] | None = None
    reason: str | None = None
    raw: str = ""
    size: int = 0


def sample(member: Member, head: bytes) -> Sample | None:
    """The member's columns and how it is written; None where it is no table. JSON is not asked here."""
    if head.startswith(b"PAR1"):
        with opened(member) as stream:
            return Sample(
                member, "parquet", header=_delimited.unique(_parquet(stream, member).schema_arrow.names)
            )
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return next(iter(sheets(member)), None)
    how = _delimited.dialect(member, head)
    names = _delimited.header(member, how) if how else ()
    return Sample(member, "text", header=names, dialect=how) if names else None


def sheets(member: Member) -> list[Sample]:
    """Every sheet of a workbook that has a header and rows; where there is one only, it is called as the workbook."""
    found = [(name, cells) for name, cells in _sheets(member, HEADER_SEARCH_ROWS) if len(cells) > 1]
    if len(found) == 1:
        return [Sample(member, "workbook", header=_names(found[0][1][0]))]
    return [Sample(replace(member, sheet=name), "workbook", header=_names(cells[0])) for name, cells in found]


def rows(found: Sample) -> Iterator[TableRow]:
    """Every row of the table, in the order of the file."""
    if found.kind == "json":
        yield from _json_rows(found.member)
    elif found.kind == "parquet":
        yield from _parquet_rows(found)
    elif found.kind == "workbook":
        for number, cells in enumerate(_workbook_rows(found.member)[1:], start=2):
            if any(cell not in ("", None) for cell in cells):
                yield TableRow(number, dict(zip(found.header, cells, strict=False)), size=100)
    elif found.dialect:
        for row in _delimited.records(found.member, found.dialect):
            if row.reason is not None:
                yield TableRow(row.line, None, row.reason, row.raw)
            else:
                size = sum(map(len, row.cells))
                yield TableRow(row.line, dict(zip(found.header, row.cells, strict=True)), None, row.raw, size)


def _json_rows(member: Member) -> Iterator[TableRow]:
    for record in _json.records(member):
        if record.reason is not None:
            yield TableRow(record.line, None, record.reason, record.raw)
        elif isinstance(record.value, dict):
            yield TableRow(record.line, record.value, None, repr(record.value)[:500], record.size)
        else:
            yield TableRow(record.line, None, "a record that is not an object", repr(record.value)[:500])


def _parquet(stream: IO[bytes], member: Member) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        whole = stream if member.inner is None and stream.seekable() else io.BytesIO(stream.read())
        return parquet.ParquetFile(whole)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(
            f"{member.name} is no Parquet file that can be read ({error}).", fix="export it again"
        ) from error


def _parquet_rows(sample: Sample) -> Iterator[TableRow]:
    number = 0
    with opened(sample.member) as stream:
        for batch in _parquet(stream, sample.member).iter_batches(10_000):
            for values in batch.to_pylist():
                number += 1
                yield TableRow(number, dict(zip(sample.header, values.values(), strict=True)), size=200)


def _workbook_rows(member: Member) -> list[list[Any]]:
    """The rows of the member's sheet, or of the only one that has any."""
    for name, cells in _sheets(member, None):
        if len(cells) > 1 and member.sheet in (None, name):
            return cells
    return []


def _sheets(member: Member, most: int | None) -> Iterator[tuple[str, list[list[Any]]]]:
    """The sheets of a workbook by name, each with its first rows or with all of them."""
    from python_calamine import CalamineError, CalamineWorkbook

    with opened(member) as stream:
        content = io.BytesIO(stream.read(MAX_WORKBOOK_BYTES + 1))
    try:
        with zipfile.ZipFile(content) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        unpacked = 0  # the older format, which is not packed
    if max(unpacked, content.getbuffer().nbytes) > MAX_WORKBOOK_BYTES:
        raise BadInput(f"{member.name} unpacks to over {MAX_WORKBOOK_BYTES >> 30} GB.", fix="save it as CSV")
    try:
        content.seek(0)
        workbook = CalamineWorkbook.from_filelike(content)
        for name in workbook.sheet_names:
            if member.sheet in (None, name):
                yield name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=True, nrows=most)
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(
            f"{member.name} is no workbook that can be read ({error}).", fix="save it as CSV"
        ) from error


def _names(cells: list[Any]) -> tuple[str, ...]:
    return _delimited.unique(
        [str(int(one)) if isinstance(one, float) and one == one // 1 else str(one) for one in cells]
    )
