"""Files into the store: find, identify, read, merge, hear, publish. Nothing is seen before the end.

A file that can not be read at all stops the whole run before anything is published, so that the live data stays as it
was. Inside a folder or a zip, a file of an unknown kind is passed over and listed. A record that can not be read goes
to `rejects` with its file, line, reason and the beginning of its text, and the rest of the file is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines import cleaning, merge, stage
from pipelines.loads import Loaded, already_loaded, note_load, note_rejects, write_meta
from pipelines.sources import _files, _sniff, surveys, tables
from pipelines.sources._columns import check_names
from pipelines.sources._values import instant
from pipelines.sources.source import Item, Options, Sample, Source, find
from pipelines.summary import FileSummary, Summary, unavailable
from warehouse.errors import BadInput
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.store import Connection, Draft, Store

Progress = Callable[[str, int, int], None]
# Called after the merge; hears and makes the facts. Gets whether rows changed; tells whether it changed anything.
AfterMerge = Callable[[Connection, Settings, Progress], object]

SHOWN_REJECTS = 10_000  # a file; more are counted and not kept


@dataclass(frozen=True)
class _Job:
    """One member with the source that reads it."""

    sample: Sample
    source: Source
    order: int


@dataclass(frozen=True)
class _File:
    """One file on disk with its jobs and what of it is passed over."""

    path: Path
    sha256: str
    jobs: tuple[_Job, ...]
    passed: tuple[tuple[str, str], ...]


def ingest(
    paths: Sequence[Path],
    *,
    store: Store,
    settings: Settings,
    mapping: Mapping[str, str] | None = None,
    mapping_name: str | None = None,
    date_format: str | None = None,
    source_name: str | None = None,
    as_of: datetime | None = None,
    rescore: bool = False,
    progress: Progress | None = None,
    after_merge: AfterMerge | None = None,
) -> Summary:
    """Load the files below `paths`, hear what changed, and publish where anything is new.

    Returns what became of each file. Raises BadInput, StoreBusy or HeardError; the live data then stays as it was.
    `after_merge` stands for hearing and making the facts (pipelines.score.refresh), where a caller wants another.
    """
    tell = progress or (lambda stage, done, total: None)
    options = _options(store, settings, mapping, mapping_name, date_format, source_name)
    check_names(options.mapping, (*tables.ALIASES, *surveys.ALIASES))
    files, passed = _files.find(paths)
    if not files and not rescore:
        raise BadInput("There is no file to load.", fix="name a file or a folder that holds an export")
    named = {path.resolve() for path in paths if path.is_file()}
    known = already_loaded(store)
    tell("looking", 0, len(files))
    identified: list[_File] = []
    for number, path in enumerate(files, start=1):
        identified.append(_identify(path, options, is_named=path.resolve() in named))
        tell("looking", number, len(files))
    passed += [note for file in identified for note in file.passed]
    fresh = [
        file for file in identified if file.jobs and (file.sha256, _reader(file, options)) not in known.files
    ]
    unchanged = [file.path.name for file in identified if file.jobs and file not in fresh]
    if not any(file.jobs for file in identified) and not rescore:
        raise BadInput(
            "None of these files is an export that can be read.",
            fix="; ".join(f"{name}: {why}" for name, why in passed[:5]) or "see docs/exports.md",
        )
    if not fresh and not rescore and not known.differs(as_of, settings):
        return Summary.nothing_new(unchanged, passed)
    draft = store.begin(
        expected_bytes=2 * sum(file.path.stat().st_size for file in fresh),
        memory_limit=settings.store.memory_limit,
    )
    try:
        summary, is_new = _run(draft, fresh, options, settings, as_of, rescore, known, tell, after_merge)
    except BaseException:
        draft.discard()
        raise
    if is_new:
        summary = replace(summary, published=draft.publish())
    else:
        draft.discard()
    if mapping and mapping_name:
        _keep_mapping(store, mapping, mapping_name, fresh)
    return summary.with_others(unchanged, passed)


def _options(
    store: Store,
    settings: Settings,
    mapping: Mapping[str, str] | None,
    mapping_name: str | None,
    date_format: str | None,
    source_name: str | None,
) -> Options:
    ledger = Ledger(store.folder)
    if mapping_name and not mapping:
        mapping = ledger.mapping(mapping_name)
        if mapping is None:
            raise BadInput(
                f"No mapping is kept under the name {mapping_name!r}.",
                fix=f"give it once: --mapping {mapping_name} --map ticket_id=COLUMN ...",
            )
    return Options(
        mapping=dict(mapping or {}),
        date_format=date_format,
        source_name=source_name,
        zone=settings.organisation.zone or "UTC",
        kept=ledger.mapping_for,
    )


def _keep_mapping(store: Store, mapping: Mapping[str, str], name: str, files: Sequence[_File]) -> None:
    headers = [job.sample.header for file in files for job in file.jobs if job.sample.kind != "json"]
    Ledger(store.folder).save_mapping(name, mapping, list(headers[0]) if headers else [])


def _identify(path: Path, options: Options, *, is_named: bool) -> _File:
    """The members of a file with their sources. Raises BadInput where a file that was named is of no known kind."""
    jobs: list[_Job] = []
    passed: list[tuple[str, str]] = []
    errors: list[BadInput] = []
    for member in _files.members(path):
        found = _sniff.sample(member)
        match = _sniff.recognised(found, options) if found else None
        if found is None or match is None:
            error = _sniff.unknown(found, member)
            errors.append(error)
            passed.append((member.name, error.what.split("\n")[0]))
        else:
            jobs.append(_Job(replace(found, record=None), *match))
    if is_named and not jobs:
        raise errors[0] if errors else BadInput(f"{path.name} holds nothing.", fix="export it again")
    jobs.sort(key=lambda job: (job.order, job.sample.member.name))
    return _File(path, _files.fingerprint(path), tuple(jobs), tuple(passed))


def _reader(file: _File, options: Options) -> str:
    """What a load is remembered by beside the file: who read it and with which options."""
    readers = sorted({f"{job.source.name}/{job.source.version}" for job in file.jobs})
    said = repr((sorted(options.mapping.items()), options.date_format, options.source_name, options.zone))
    plain = said == repr(([], None, None, "UTC")) or not any(job.source.is_declared for job in file.jobs)
    return " ".join(readers) + ("" if plain else " " + hashlib.sha256(said.encode()).hexdigest()[:12])


def _run(
    draft: Draft,
    files: Sequence[_File],
    options: Options,
    settings: Settings,
    as_of: datetime | None,
    rescore: bool,
    known: Loaded,
    tell: Progress,
    after_merge: AfterMerge | None,
) -> tuple[Summary, bool]:
    """The whole run on the draft. Returns what it did and whether there is anything to publish."""
    connection = draft.connection
    staged = stage.create(connection, draft.path)
    started = datetime.now(UTC)
    read = _read_all(connection, files, options, tell)
    if (
        not any(one.count_read or one.refused for one in read)
        and not rescore
        and not known.differs(as_of, settings)
    ):
        raise BadInput("The files hold no record.", fix="check that the export is not empty")
    tell("merging", 0, 1)
    merged, loads = _merge(connection, read, tell)
    stage.remove(connection, staged)
    is_changed = merged > 0 or any(one.refused for one in loads)
    if not is_changed and not rescore and not known.differs(as_of, settings):
        return Summary(files=tuple(loads), capabilities=known.capabilities), False
    for one in loads:
        load_id = note_load(connection, one, started, as_of)
        note_rejects(connection, one, load_id, SHOWN_REJECTS)
    found = write_meta(connection, settings, as_of)
    if rescore:
        connection.execute("DELETE FROM evidence")
        connection.execute("DELETE FROM heard")
    _after(connection, settings, tell, after_merge)
    waiting, without = _loose_ends(connection)
    summary = Summary(
        files=tuple(loads),
        capabilities=found,
        unavailable=unavailable(found),
        count_waiting_messages=waiting,
        count_tickets_without_messages=without,
    )
    return summary, True


def _after(
    connection: Connection, settings: Settings, tell: Progress, after_merge: AfterMerge | None
) -> None:
    if after_merge:
        after_merge(connection, settings, tell)
        return
    from pipelines import score

    score.refresh(connection, settings, lambda done, total: tell("hearing", done, total))


def _read_all(
    connection: Connection, files: Sequence[_File], options: Options, tell: Progress
) -> list[FileSummary]:
    """Stage every record; what later records are read with comes first, across all files."""
    sizes = {file.path: file.path.stat().st_size for file in files}
    total, done = sum(sizes.values()), 0
    summaries = {
        file.path: FileSummary(file.path.name, file.sha256, _reader(file, options)) for file in files
    }
    jobs = sorted(
        ((job, file) for file in files for job in file.jobs),
        key=lambda pair: (pair[0].order, str(pair[1].path), pair[0].sample.member.name),
    )
    order = {file.path: number for number, file in enumerate(files)}
    for job, file in jobs:
        summary = summaries[file.path]
        _read(connection, job, options, summary, order[file.path])
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


def _read(connection: Connection, job: _Job, options: Options, summary: FileSummary, number: int) -> None:
    member = job.sample.member
    name = options.source_name if options.source_name and job.source.is_declared else job.source.name
    with_names = options.with_known(_known_names(connection, name))
    staging = stage.Stage(connection, name, number)
    count_refused = 0
    for item in job.source.read(job.sample, with_names):
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
        if len(summary.refused) < SHOWN_REJECTS:
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


def _merge(connection: Connection, read: list[FileSummary], tell: Progress) -> tuple[int, list[FileSummary]]:
    """Merge every staged table. Returns how many rows changed, and the files with what each brought."""
    prepared = merge.prepare(connection)
    for number, one in enumerate(read):
        counts = connection.execute(
            " UNION ALL ".join(
                f"SELECT count(*) FROM stage.put_{name} WHERE load = $1" for name in prepared.counts
            ),
            [number],
        ).fetchall()
        one.count_merged = sum(count for (count,) in counts)
    for name, count in prepared.counts.items():
        if count and name != "messages":
            merge.apply(connection, name)
    merge.complete_tickets(connection)
    if prepared.counts["ratings_stated"]:
        merge.derive_ratings(connection)
        total = merge.prepare_comments(connection)
    else:
        total = prepared.counts["messages"]
    if total:
        cleaning.put_messages(connection, total, tell)
    return prepared.total, read


def _loose_ends(connection: Connection) -> tuple[int, int]:
    """Messages that wait for their ticket, and tickets without messages."""
    waiting = connection.execute(
        "SELECT count(*) FROM messages ANTI JOIN tickets USING (source, ticket_id) WHERE kind <> 'survey'"
    ).fetchall()
    without = connection.execute(
        "SELECT count(*) FROM tickets ANTI JOIN (SELECT DISTINCT source, ticket_id FROM messages WHERE kind <> 'survey') "
        "USING (source, ticket_id)"
    ).fetchall()
    return int(waiting[0][0]), int(without[0][0])


def source_named(name: str) -> Source:
    """The source of that name; raises BadInput that names them all."""
    return find(name)
