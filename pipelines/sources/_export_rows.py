"""What sources of table exports share: cells by our names, dates in the account's zone, rows refused with their reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipelines.sources import _columns, _tabular
from pipelines.sources._columns import Dates, cell
from pipelines.sources.source import Item, Options, Row, Sample
from warehouse.errors import BadInput

RowReader = Callable[[Row, Dates], Iterator[tuple[str, Row]]]


def by_name(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Our name to the file's column, the first of several that are called so."""
    plain: dict[str, str] = {}
    for name in header:
        plain.setdefault(_columns.plain(name), name)
    return {ours: plain[one] for ours, known in names.items() for one in reversed(known) if one in plain}


def read(
    sample: Sample,
    options: Options,
    columns: Mapping[str, str],
    dated: Sequence[str],
    reader: RowReader,
) -> Iterator[Item]:
    """Every row by `reader`, which gets cells by our names; words that stand for nothing are None.

    What a reader remarks on (`_api.remark`) is counted in a note.
    `dated` names the columns that hold dates. Raises BadInput where none of a column's first values is a date.
    """
    dates = Dates(options)
    check_dates(sample, {ours: columns[ours] for ours in dated if ours in columns}, dates)
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    remarks: dict[str, int] = defaultdict(int)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values: Row = {ours: cell(row.values.get(name)) for ours, name in columns.items()}
        try:
            read_rows = list(reader(values, dates))
            yield Item(row.line, rows=[pair for pair in read_rows if pair[0]], size=row.size)
            for table, told in read_rows:
                if not table:
                    remarks[told["what"]] += 1
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    for what, count in remarks.items():
        yield Item(None, note=f"{what}: {count}")
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def check_dates(sample: Sample, dated: Mapping[str, str], dates: Dates) -> None:
    """Raises BadInput where none of a column's first values is a date."""
    beginning: list[Mapping[str, Any]] = []
    for row in _tabular.rows(sample):
        if row.values is not None:
            beginning.append(row.values)
        if len(beginning) >= 200:
            break
    for name in dated.values():
        dates.check([cell(row.get(name)) for row in beginning], name, sample.member.name)
    dates.has_zoneless = False


def tags(value: Any, mark: str = ",") -> list[str] | None:
    """Tags of one cell, in order; None for an empty one."""
    if value is None:
        return None
    return sorted({part.strip() for part in str(value).split(mark) if part.strip()})
