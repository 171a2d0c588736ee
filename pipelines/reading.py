"""Every record of the identified files into the stage; what is refused is kept with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from pipelines import stage
from pipelines.identify import File, Job, reader_of
from pipelines.sources import _files
from pipelines.sources._values import instant
from pipelines.sources.source import Item, Options
from pipelines.summary import FileSummary
from warehouse.errors import BadInput
from warehouse.store import Connection

Progress = Callable[[str, int, int], None]
KEPT_REJECTS = 10_000  # a file; more are counted and not kept


def read_all(
    connection: Connection,
    files: Sequence[File],
    options: Options,
    tell: Progress,
    limit: int | None = None,
) -> list[FileSummary]:
    """Stage every record; what later records are read with comes first, across all files.

    With a limit only the first records of each member are read. Raises BadInput on a file of which nothing can be read.
    """
    sizes = {file.path: file.path.stat().st_size for file in files}
    total, done = sum(sizes.values()), 0
    tell("reading", 0, total)
    summaries = {
        file.path: FileSummary(file.path.name, file.sha256, reader_of(file, options)) for file in files
    }
    jobs = sorted(
        ((job, file) for file in files for job in file.jobs),
        key=lambda pair: (pair[0].order, str(pair[1].path), pair[0].sample.member.name),
    )
    order = {file.path: number for number, file in enumerate(files)}
    for job, file in jobs:
        summary = summaries[file.path]
        _read(connection, job, options, summary, order[file.path], limit)
        done += sizes[file.path] // len(file.jobs)
        tell("reading", done, total)
    for file in files:
        one = summaries[file.path]
        if not one.count_read and one.refused:
            first = one.refused[0]
            raise BadInput(
                f"Nothing in {one.file} can be read. Line {first[1]}: {first[2]}.",
                fix="export it again, or state its form with --dates or --map",
            )
    return list(summaries.values())


def _read(
    connection: Connection, job: Job, options: Options, summary: FileSummary, number: int, limit: int | None
) -> None:
    member = job.sample.member
    name = options.source_name if options.source_name and job.source.is_declared else job.source.stands_for
    with_names = options.with_known(_known_names(connection, name))
    staging = stage.Stage(connection, name, number)
    count_refused = 0
    for item in islice(job.source.read(job.sample, with_names), limit):
        refused = staging.add(item) if item.rows else []
        if item.reason is not None:
            refused.append(stage.Refused(item.line, item.reason, item.raw))
        count_refused += len(refused)
        _note(summary, member, item, refused)
    refused = staging.flush()
    _note(summary, member, None, refused)
    summary.count_refused += count_refused + len(refused)
    summary.count_read += staging.counts.read
    summary.count_left_out += staging.counts.left_out
    for table, count in staging.counts.tables.items():
        summary.tables[table] = summary.tables.get(table, 0) + count


def _note(
    summary: FileSummary, member: _files.Member, item: Item | None, refused: list[stage.Refused]
) -> None:
    for one in refused:
        if len(summary.refused) < KEPT_REJECTS:
            summary.refused.append((member.name, one.line, one.reason, one.raw))
    if item is None:
        return
    if item.note and item.note not in summary.notes:
        summary.notes.append(item.note)
    if item.exported_at is not None:
        try:
            stamp = instant(item.exported_at)
        except BadInput:
            stamp = None
        if stamp and (summary.exported_at is None or stamp > summary.exported_at):
            summary.exported_at = stamp


def _known_names(connection: Connection, source: str) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        "SELECT kind, id, max(name) FROM (SELECT source, kind, id, name FROM names UNION ALL "
        "SELECT source, kind, id, name FROM stage.names) WHERE source = $1 AND name IS NOT NULL GROUP BY ALL",
        [source],
    ).fetchall()
    return {(kind, key): name for kind, key, name in rows}
