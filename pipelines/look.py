"""What files are before they are loaded: who reads them, their first rows as they are understood, what is refused.

The first records of each file go through the same reading and merging as a load, into a store in memory that is
thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from metrics import registry
from metrics.measure import Capability
from pipelines import loads, stage
from pipelines.identify import File, identify, options_of
from pipelines.ingest import merge_staged
from pipelines.reading import read_all
from pipelines.sources import _files, _sniff, _tabular
from pipelines.sources.source import Options, Row, Sample, discover
from pipelines.summary import FileSummary, Unavailable, unavailable
from warehouse.errors import BadInput, HeardError
from warehouse.settings import Settings
from warehouse.store import Connection, Store, connect, create_tables, query

RECORDS = 2_000  # read of each member
SHOWN = 20  # rows of each table
FILES = 60  # looked into; of more only the names are told
LONGEST = 200  # characters of a value
# The tables worth showing, in this order, each with the column that orders its rows.
TABLES = {
    "tickets": "created_at",
    "messages": "created_at",
    "ratings": "answered_at",
    "events": '"at"',
    "people": "person_id",
    "accounts": "account_id",
    "schedules": "schedule_id",
    "sla_targets": '"at"',
}


@dataclass(frozen=True)
class FileLook:
    """One file. `sources` is empty where nothing recognises it; `problem` and `fix` then say why and what to do."""

    file: str
    sources: tuple[str, ...]  # titles
    header: tuple[str, ...] = ()  # a table's columns
    examples: tuple[str, ...] = ()  # the first value of each column
    mapping: Mapping[str, str] | None = None  # canonical column to the file's column; declared tables only
    canonical: tuple[str, ...] = ()  # what a column may be mapped to
    count_read: int = 0
    count_refused: int = 0
    refused: tuple[tuple[str, int | None, str, str], ...] = ()  # member, line, reason, raw
    notes: tuple[str, ...] = ()
    passed: tuple[tuple[str, str], ...] = ()  # members that are not read, and why
    problem: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Look:
    """All files, the first rows of each table, and what these would make available beside what is loaded."""

    files: tuple[FileLook, ...]
    rows: Mapping[str, list[Row]]
    capabilities: tuple[str, ...]
    available: tuple[str, ...]  # titles of measures
    unavailable: tuple[Unavailable, ...]
    passed: tuple[tuple[str, str], ...] = ()
    count_records: int = RECORDS  # read of each file at most

    def as_json(self) -> dict[str, Any]:
        """Plain values; instants as text."""
        return asdict(self)


def look(
    paths: Sequence[Path],
    *,
    store: Store,
    settings: Settings,
    mapping: Mapping[str, str] | None = None,
    date_format: str | None = None,
    source_name: str | None = None,
) -> Look:
    """Look into the files without loading anything. Raises BadInput where there is no file."""
    options = options_of(store, settings, mapping, None, date_format, source_name)
    paths_found, passed = _files.find(paths)
    if not paths_found:
        raise BadInput("There is no file to look at.", fix="name a file or a folder that holds an export")
    passed += [(path.name, f"only the first {FILES} files were looked into") for path in paths_found[FILES:]]
    with closing(connect(memory_limit=settings.store.memory_limit)) as connection:
        create_tables(connection)
        stage.create(connection)
        identified = [_identified(path, options) for path in paths_found[:FILES]]
        # Names first, so that later files are read with them, as in a load.
        looks = {
            place: _look(connection, one, options)
            for place, one in sorted(enumerate(identified), key=lambda pair: _order(pair[1]))
        }
        found = _together(loads.capabilities(connection), loads.already_loaded(store).capabilities)
        return Look(
            tuple(looks[place] for place in sorted(looks)),
            {name: rows for name in TABLES if (rows := _rows(connection, name))},
            found,
            tuple(measure.title for measure in registry.discover() if measure.needs <= set(found)),
            unavailable(found),
            tuple(passed),
        )


def _identified(path: Path, options: Options) -> File | FileLook:
    """The file with its readers, or why there is none; a table still tells its columns, so that they can be mapped."""
    try:
        return identify(path, options, is_named=True)
    except BadInput as error:
        sample = _table(path)
        return FileLook(
            path.name, (), sample.header if sample else (), _examples(sample) if sample else (),
            canonical=_every_canonical() if sample else (), problem=error.what, fix=error.fix or "",
        )  # fmt: skip


def _table(path: Path) -> Sample | None:
    """The beginning of a file that is one table of text, a workbook or Parquet; None for anything else."""
    try:
        members = _files.members(path)
        sample = _sniff.sample(members[0]) if len(members) == 1 else None
    except HeardError:
        return None
    return sample if sample and sample.kind != "json" and sample.header else None


def _examples(sample: Sample) -> tuple[str, ...]:
    """The first value of each column, cut short."""
    found: dict[str, str] = {}
    for row in islice(_tabular.rows(sample), 50):
        for name, value in (row.values or {}).items():
            if value not in (None, ""):
                found.setdefault(name, str(value)[:60])
    return tuple(found.get(name, "") for name in sample.header)


def _every_canonical() -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for source in discover() for name in source.canonical))


def _order(one: File | FileLook) -> int:
    return min((job.order for job in one.jobs), default=0) if isinstance(one, File) else 0


def _look(connection: Connection, one: File | FileLook, options: Options) -> FileLook:
    if isinstance(one, FileLook):
        return one
    sources = tuple(dict.fromkeys(job.source.title for job in one.jobs))
    sample, source = one.jobs[0].sample, one.jobs[0].source
    header = sample.header if len(one.jobs) == 1 and source.columns else ()
    canonical = source.canonical if header else ()
    mapping: Mapping[str, str] | None = None
    try:
        mapping = source.columns(sample, options) if header and source.columns else None
        (summary,) = read_all(connection, [one], options, _quietly, RECORDS)
        merge_staged(connection, [summary], _quietly)
    except BadInput as error:
        return FileLook(
            one.path.name, sources, header, _examples(sample) if header else (), mapping, canonical,
            passed=one.passed, problem=error.what, fix=error.fix or "",
        )  # fmt: skip
    finally:
        _empty_stage(connection)
    return _told(one, sources, header, mapping, canonical, summary)


def _told(
    one: File,
    sources: tuple[str, ...],
    header: tuple[str, ...],
    mapping: Mapping[str, str] | None,
    canonical: tuple[str, ...],
    summary: FileSummary,
) -> FileLook:
    refused = tuple(
        (member, line, reason, raw[:LONGEST]) for member, line, reason, raw in summary.refused[:SHOWN]
    )
    return FileLook(
        one.path.name, sources, header, _examples(one.jobs[0].sample) if header else (), mapping, canonical,
        summary.count_read, summary.count_refused, refused, tuple(summary.notes), one.passed,
    )  # fmt: skip


def _together(new: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(name) for name in Capability if str(name) in {*new, *known})


def _quietly(_stage: str, _done: int, _total: int) -> None:
    """Looking is short; nobody waits for its progress."""


def _empty_stage(connection: Connection) -> None:
    stage.remove(connection)
    stage.create(connection)


def _rows(connection: Connection, table: str) -> list[Row]:
    """The first rows of a table, without the columns that nothing is known of."""
    found = query(connection, f"SELECT * FROM {table} ORDER BY {TABLES[table]} NULLS LAST LIMIT {SHOWN}")
    known = [name for name in found.columns if found[name].null_count() < found.height]
    return [
        {name: _short(value) for name, value in row.items()}
        for row in found.select([name for name in known if name not in ("source", "body")]).to_dicts()
    ]


def _short(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "…"
    return value
