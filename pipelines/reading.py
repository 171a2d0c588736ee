"""Every record of the identified files into the stage; what is refused is kept with its reason.

Members are read side by side in other processes where there is much to read. What one member names (a brand, a custom
field) later ones are read with, so that the outcome is that of reading them one after the other.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path

from pipelines import stage, workers
from pipelines.identify import File, Job, reader_of
from pipelines.sources import _files
from pipelines.sources._values import instant
from pipelines.sources.source import NAMES, THREAD, Options
from pipelines.summary import FileSummary
from warehouse.errors import BadInput
from warehouse.store import Connection

Progress = Callable[[str, int, int], None]
Names = dict[tuple[str, str, str], str]  # (source, kind, id) -> name
KEPT_REJECTS = 10_000  # a file; more are counted and not kept
ALONE_BYTES = 8 * 2**20  # on disk; less is not worth starting other processes for
TASK_BYTES = 2**20  # on disk; smaller members go to another process together


@dataclass(frozen=True)
class _Task:
    """One member to read: what it is, who reads it, and the number of its file."""

    job: Job
    source_name: str  # what its rows bear
    number: int
    size: int  # of its file on disk, or its share of it


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
    summaries = [FileSummary(file.path.name, file.sha256, reader_of(file, options)) for file in files]
    tasks = _tasks(files, options)
    total, done = sum(task.size for task in tasks), 0
    tell("reading", 0, total)

    def advance(size: int) -> None:
        nonlocal done
        done = min(done + size, total)
        tell("reading", done, total)

    names = _known_names(connection)
    folder = stage.folder(connection)
    for place, (order, together) in enumerate(groupby(tasks, key=lambda task: task.job.order)):
        level = list(together)
        is_large = sum(task.size for task in level) >= ALONE_BYTES
        reads = None
        # What comes first names things for the rest; it is small, and its members may need each other.
        if order and limit is None and is_large:
            reads = _side_by_side(f"{place:02}", level, names, folder, options, advance)
        if reads is None:
            reads = _one_by_one(f"{place:02}-00000", level, names, folder, options, limit, advance)
        for read in reads:
            _add(summaries[read.number], read)
    stage.show(connection)
    for one in summaries:
        if not one.count_read and one.refused:
            first = one.refused[0]
            raise BadInput(
                f"Nothing in {one.file} can be read. Line {first[1]}: {first[2]}.",
                fix="export it again, or state its form with --dates or --map",
            )
    return summaries


def _tasks(files: Sequence[File], options: Options) -> list[_Task]:
    """Every member in the order of reading: what later ones are read with first, then by name."""
    pairs = [(number, file, job) for number, file in enumerate(files) for job in file.jobs]
    pairs.sort(key=lambda one: (one[2].order, str(one[1].path), one[2].sample.member.name))
    sizes = {number: _files.size_of(file.path) // max(len(file.jobs), 1) for number, file in enumerate(files)}
    return [_Task(job, _name(job, options), number, sizes[number]) for number, _, job in pairs]


def _name(job: Job, options: Options) -> str:
    """The name that the rows bear in the column `source`."""
    is_renamed = options.source_name and job.source.is_declared and not job.source.keeps_name
    return options.source_name if options.source_name and is_renamed else job.source.stands_for


def _known_names(connection: Connection) -> Names:
    rows = connection.execute(
        f"SELECT source, kind, id, max(name) FROM {NAMES} WHERE kind <> $1 AND name IS NOT NULL GROUP BY ALL",
        [THREAD],
    ).fetchall()
    return {(source, kind, key): name for source, kind, key, name in rows}


def _one_by_one(
    mark: str,
    tasks: list[_Task],
    names: Names,
    folder: Path,
    options: Options,
    limit: int | None = None,
    advance: Callable[[int], None] = lambda size: None,
) -> list[_Read]:
    """Read members one after the other, each with what those before it named. Adds to the names."""
    if limit is not None:
        options = replace(options, is_one_by_one=True)
    parts = stage.Parts(folder, mark)
    found: list[_Read] = []
    for (number, source_name), together in groupby(tasks, key=lambda task: (task.number, task.source_name)):
        read = _Read(number, source_name, stage.Stage(parts, source_name, number))
        known, count = options, -1
        for task in together:
            if len(read.names) != count:
                known, count = options.with_known(_of_source(names, source_name)), len(read.names)
            with _without_collecting():
                read.member(task.job, known, limit)
            for key, name in read.names.items():
                names[key] = max(name, names.get(key, name))
            advance(task.size)
        read.finish()
        found.append(read)
    parts.close()
    return found


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Records are many small objects in no circles: looking for circles among them takes half the time of reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _of_source(names: Names, source_name: str) -> dict[tuple[str, str], str]:
    return {(kind, key): name for (source, kind, key), name in names.items() if source == source_name}


def _side_by_side(
    mark: str,
    tasks: list[_Task],
    names: Names,
    folder: Path,
    options: Options,
    advance: Callable[[int], None],
) -> list[_Read] | None:
    """The same in other processes; None, and nothing written, where a member named what others had to know."""
    bundles = list(_bundles(tasks))
    work = [
        (f"{mark}-{place:05}", bundle, dict(names), folder, options) for place, bundle in enumerate(bundles)
    ]
    found: dict[int, list[_Read]] = {}
    for place, reads in workers.done(_one_by_one, work):
        found[place] = reads
        advance(sum(task.size for task in bundles[place]))
    workers.release()
    reads = [read for place in sorted(found) for read in found[place]]
    if any(names.get(key) != name for read in reads for key, name in read.names.items()):
        for path in folder.glob(f"*-{mark}-*.parquet"):
            path.unlink()
        return None
    return reads


def _bundles(tasks: list[_Task]) -> Iterator[list[_Task]]:
    """Tasks for one process at a time; small members go together."""
    bundle: list[_Task] = []
    size = 0
    for task in tasks:
        bundle.append(task)
        size += task.size
        if size >= TASK_BYTES:
            yield bundle
            bundle, size = [], 0
    if bundle:
        yield bundle


class _Read:
    """What reading members of one file gave, beside the rows that it wrote."""

    def __init__(self, number: int, source_name: str, staging: stage.Stage) -> None:
        self.number, self._source_name = number, source_name
        self._staging: stage.Stage | None = staging
        self.counts = staging.counts
        self.count_refused = 0
        self.refused: list[tuple[str, int | None, str, str]] = []  # the first ones
        self.notes: list[str] = []
        self.exported_at: datetime | None = None
        self.names: Names = {}

    def member(self, job: Job, options: Options, limit: int | None) -> None:
        """Read one member."""
        staging = self._staging
        assert staging is not None
        staging.member = job.sample.member.name
        for item in islice(job.source.read(job.sample, options), limit):
            refused = staging.add(item) if item.rows or item.columns else []
            if item.reason is not None:
                refused.append(stage.Refused(item.line, item.reason, item.raw, staging.member))
            for table, row in item.rows:
                if table == NAMES and row["kind"] != THREAD and row.get("name") is not None:
                    key = (self._source_name, row["kind"], row["id"])
                    self.names[key] = max(row["name"], self.names.get(key, row["name"]))
            self._note(refused)
            if item.note and item.note not in self.notes:
                self.notes.append(item.note)
            if item.exported_at is not None:
                self._stamp(item.exported_at)

    def finish(self) -> None:
        """Write what waits. What is left is small and goes from process to process."""
        if self._staging is not None:
            self._note(self._staging.flush())
        self._staging = None

    def _note(self, refused: list[stage.Refused]) -> None:
        self.count_refused += len(refused)
        kept = refused[: max(0, KEPT_REJECTS - len(self.refused))]
        self.refused += [(one.member, one.line, one.reason, one.raw) for one in kept]

    def _stamp(self, stated: object) -> None:
        try:
            stamp = instant(stated)
        except BadInput:
            return
        if stamp and (self.exported_at is None or stamp > self.exported_at):
            self.exported_at = stamp


def _add(summary: FileSummary, read: _Read) -> None:
    summary.count_read += read.counts.read
    summary.count_left_out += read.counts.left_out
    summary.count_refused += read.count_refused
    for table, count in read.counts.tables.items():
        summary.tables[table] = summary.tables.get(table, 0) + count
    summary.refused += read.refused[: max(0, KEPT_REJECTS - len(summary.refused))]
    summary.notes += [note for note in read.notes if note not in summary.notes]
    if read.exported_at and (summary.exported_at is None or read.exported_at > summary.exported_at):
        summary.exported_at = read.exported_at
