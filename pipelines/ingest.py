"""Files into the store: find, identify, read, merge, hear, publish. Nothing is seen before the end.

A file that can not be read at all stops the whole run before anything is published, so that the live data stays as it
was. Inside a folder or a zip, a file of an unknown kind is passed over and listed. A record that can not be read goes
to `rejects` with its file, line, reason and the beginning of its text, and the rest of the file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from threading import Thread

from metrics.text.lexicons import changes_of
from pipelines import cleaning, merge, stage
from pipelines.identify import File, clock_of, domains_of, identify, keep_mapping, options_of, reader_of
from pipelines.loads import Loaded, already_loaded, note_load, note_rejects, write_meta
from pipelines.reading import ALONE_BYTES, KEPT_REJECTS, Progress, read_all
from pipelines.sources import _files
from pipelines.sources._columns import ZONELESS
from pipelines.sources.source import Options
from pipelines.summary import FileSummary, Summary, unavailable
from warehouse.errors import BadInput
from warehouse.settings import Settings
from warehouse.store import Connection, Draft, Store

_LEARNING = ("sklearn.decomposition", "sklearn.feature_extraction.text", "sklearn.linear_model")
_LEARNT_FROM = 2**20  # bytes on disk

# Called after the merge; hears and makes the facts. Gets whether rows changed; tells whether it changed anything.
AfterMerge = Callable[[Connection, Settings, Progress], object]


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
    changes_of(settings)  # a cue that can not be heard is refused before anything is read
    options = options_of(store, settings, mapping, mapping_name, date_format, source_name)
    files, passed = _files.find(paths)
    if not files and not rescore:
        raise BadInput("There is no file to load.", fix="name a file or a folder that holds an export")
    named = {path.resolve() for path in paths if path.is_file()}
    known = already_loaded(store)
    tell("looking", 0, len(files))
    identified: list[File] = []
    for number, path in enumerate(files, start=1):
        identified.append(identify(path, options, is_named=path.resolve() in named))
        tell("looking", number, len(files))
    passed += [note for file in identified for note in file.passed]
    fresh = [
        file
        for file in identified
        if file.jobs and (file.sha256, reader_of(file, options)) not in known.files
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
        expected_bytes=2 * sum(_files.size_of(file.path) for file in fresh),
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
        keep_mapping(store, mapping, mapping_name, fresh)
    return summary.with_others(unchanged, passed)


def _run(
    draft: Draft,
    files: Sequence[File],
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
    libraries = _loading_libraries(sum(_files.size_of(file.path) for file in files))
    stage.create(connection)
    started = datetime.now(UTC)
    read = read_all(connection, files, options, tell)
    if (
        not any(one.count_read or one.refused for one in read)
        and not rescore
        and not known.differs(as_of, settings)
    ):
        noted = ", ".join(note for one in read for note in one.notes)
        what = f"The files hold nothing that is used: {noted}." if noted else "The files hold no record."
        raise BadInput(
            what, fix="load tickets and messages; see heard sources" if noted else "check the export"
        )
    for one in read:
        _check_clock(one, known)
    tell("merging", 0, 1)
    merged, loads = merge_staged(connection, read, tell)
    stage.remove(connection)
    is_changed = merged > 0 or any(one.refused for one in loads)
    if not is_changed and not rescore and not known.differs(as_of, settings):
        return Summary(files=tuple(loads), capabilities=known.capabilities), False
    connection.execute("BEGIN")
    for one in loads:
        load_id = note_load(connection, one, started)
        note_rejects(connection, one, load_id, KEPT_REJECTS)
    found = write_meta(connection, settings, as_of)
    if rescore:
        connection.execute("DELETE FROM evidence")
        connection.execute("DELETE FROM heard")
    connection.execute("COMMIT")
    libraries.join()
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


def _loading_libraries(size: int) -> Thread:
    """Loads what learns (themes, predictions) while files of this size are read: on a cold disk nothing takes longer.

    Small files hold too little to learn from; with large ones the memory is needed for other processes first.
    """

    def load() -> None:
        for name in _LEARNING if _LEARNT_FROM <= size < ALONE_BYTES else ():
            import_module(name)

    thread = Thread(target=load, daemon=True)
    thread.start()
    return thread


def _check_clock(file: FileSummary, known: Loaded) -> None:
    """Raises BadInput where a file's times were read otherwise before: its rows would stand there twice, or half and half."""
    zone, form = clock_of(file.reader)
    own = domains_of(file.reader)
    for sha256, reader in sorted(known.files):
        for source, domains in domains_of(reader).items():
            if own.get(source, domains) != domains:
                raise BadInput(
                    f"{file.file}: mail was loaded before with {domains.replace(',', ', ')} as your own domains, and now it "
                    f"would be {own[source].replace(',', ', ')}.",
                    fix="load all of the mail into a new store (--store NAME), so that roles are told alike",
                )
        zone_before, form_before = clock_of(reader)
        is_other_zone = zone_before != zone and any(note.startswith(ZONELESS) for note in file.notes)
        is_other_form = form_before is not None and form_before != form
        if sha256 == file.sha256 and (is_other_zone or is_other_form):
            before = f"dates as {form_before}" if is_other_form else f"times in {zone_before}"
            now = f"{form or 'ISO'}" if is_other_form else zone
            raise BadInput(
                f"{file.file} was loaded before with its {before}, and now it would be {now}.",
                fix="heard rollback, if that was the last load; else load everything into a new store (--store NAME)",
            )


def _after(
    connection: Connection, settings: Settings, tell: Progress, after_merge: AfterMerge | None
) -> None:
    if after_merge:
        after_merge(connection, settings, tell)
        return
    from pipelines import score

    score.refresh(connection, settings, lambda done, total: tell("hearing", done, total))


def merge_staged(
    connection: Connection, read: list[FileSummary], tell: Progress
) -> tuple[int, list[FileSummary]]:
    """Merge every staged table. Returns how many rows changed, and the files with what each brought."""
    prepared = merge.prepare(connection)
    counts = merge.counts_by_load(connection)
    for number, one in enumerate(read):
        one.count_merged = counts.get(number, 0)
    for name, count in prepared.counts.items():
        if count and name != "messages":
            merge.apply(connection, name)
    if prepared.counts["tickets"] or prepared.counts["messages"] or prepared.counts["stated_times"]:
        merge.complete_tickets(connection)
    if prepared.counts["ratings_stated"]:
        merge.derive_ratings(connection)
        merge.prepare_comments(connection)
    if prepared.counts["messages"] or prepared.counts["ratings_stated"]:
        cleaning.put_messages(connection, tell)
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
