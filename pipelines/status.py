"""What the store holds, and what is wrong and what to type."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from metrics import left_out, registry
from metrics.text.lexicons import NO_CHANGES, Changes, changes_of
from pipelines import score
from pipelines.schedule import health
from warehouse.errors import HeardError
from warehouse.settings import Settings
from warehouse.store import Store, Version

_LOW_BYTES = 500 * 2**20


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is well, and if not, what to type."""

    is_well: bool
    what: str
    fix: str = ""


def lines(version: Version, store: Store) -> Iterator[str]:
    """What the live data are: counts, dates, defaults in use, loads, and what is not available from them."""
    meta = dict(version.query("SELECT key, value FROM meta").rows())
    counts = version.query(
        "SELECT (SELECT count(*) FROM tickets) AS tickets, (SELECT count(*) FROM ticket_facts) AS counted, "
        "(SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM surveys) AS surveys, "
        "(SELECT count(*) FROM rejects) AS rejects, (SELECT count(*) FROM evidence) AS evidence, "
        "(SELECT count(*) FROM heard WHERE is_readable) AS read, (SELECT count(*) FROM heard) AS heard"
    ).row(0, named=True)
    yield f"Store {store.name!r}{' (demo data)' if store.name == 'demo' else ''}, version {version.name}"
    yield f"As of {meta.get('as_of', 'unknown')}; days and weeks in {meta.get('zone') or 'UTC'}"
    yield (
        f"{counts['tickets']:,} tickets ({counts['tickets'] - counts['counted']:,} left out), "
        f"{counts['messages']:,} messages, {counts['surveys']:,} survey answers or requests"
    )
    yield (
        f"{counts['read']:,} of {counts['heard']:,} conversations could be read; {counts['evidence']:,} pieces of evidence; "
        f"{counts['rejects']:,} rows refused"
    )
    for said, is_out in (("Left out", True), ("Counted, and left out of some figures", False)):
        reasons = [row for row in left_out.by_reason(version).rows() if row[3] is is_out]
        if reasons:
            yield f"{said}: " + ", ".join(f"{reason} {n:,}" for reason, n, _, _ in reasons)
    yield "Loads:"
    for file, as_of, read, merged in version.query(
        "SELECT file, as_of, count_read, count_merged FROM loads ORDER BY loaded_at, file"
    ).rows():
        yield f"  {file}: {read:,} read, {merged:,} merged{f', as of {as_of:%Y-%m-%d %H:%M}' if as_of else ''}"
    capabilities = set(filter(None, meta.get("capabilities", "").split(",")))
    missing = [m for m in registry.discover() if not m.needs <= capabilities]
    if missing:
        yield "Not available from these files:"
        for measure in missing:
            yield f"  {measure.title}{f': {measure.unlock}' if measure.unlock else ''}"


def left_out_lines(version: Version) -> Iterator[str]:
    """Each ticket that is in no figure, by reason; of those left out of some figures how many and of which."""
    for reason, n, about, is_out in left_out.by_reason(version).rows():
        yield f"{reason} ({n:,}): {about}"
        for row in left_out.tickets(version, reason).iter_rows(named=True) if is_out else ():
            created = f", created {row['created_at']:%Y-%m-%d}" if row["created_at"] else ""
            into = f", into {row['merged_into']}" if row["merged_into"] else ""
            subject = f" {json.dumps(row['subject'][:80], ensure_ascii=False)}" if row["subject"] else ""
            yield f"  {row['source']} {row['ticket_id']}{created}{into}{subject}"


def checks(settings: Settings, store: Store) -> Iterator[Check]:
    """Look at the machine, the settings, the store and the data, one thing at a time."""
    yield Check(
        sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "install Python 3.11 or newer"
    )
    yield from _packages()
    yield Check(True, f"Settings: {settings.file or 'defaults, no heard.toml'}")
    free = shutil.disk_usage(
        settings.store_root if settings.store_root.exists() else settings.store_root.anchor
    ).free
    yield Check(free > _LOW_BYTES, f"{free / 2**30:,.1f} GB free", "free some space, or move store.folder")
    changes = NO_CHANGES
    try:
        registry.discover()
        changes = changes_of(settings)
        yield Check(True, f"{len(registry.discover())} measures")
    except HeardError as error:
        yield Check(False, error.what, error.fix or "")
    try:
        with store.reading() as version:
            yield Check(True, f"Store {store.name!r}: {version.name}, {_kept(len(store.versions()))}")
            yield from _data(version, store, changes)
    except HeardError as error:
        yield Check(False, error.what, error.fix or "")
    for is_well, what, fix in health.checks(settings, store):
        yield Check(is_well, what, fix)


def _packages() -> Iterator[Check]:
    for name in ("streamlit", "duckdb", "polars", "vaderSentiment"):
        try:
            yield Check(True, f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            yield Check(False, f"{name} is not installed.", "make setup")


def _kept(count: int) -> str:
    return "one version kept" if count == 1 else f"{count:,} versions kept"


def _data(version: Version, store: Store, changes: Changes) -> Iterator[Check]:
    names = set(version.query("SELECT table_name FROM duckdb_tables()")["table_name"].to_list())
    if "ticket_facts" not in names:
        yield Check(False, "The live version has no facts.", f"heard ingest PATH --store {store.name}")
        return
    known = version.query("SELECT DISTINCT fingerprint FROM heard")["fingerprint"].to_list()
    is_current = all(mark == score.fingerprint(changes) for mark in known)
    yield Check(is_current, "Conversations were heard with today's signals" if is_current
                else "Conversations were heard with other signals than today's.", "heard ingest --rescore")  # fmt: skip
    waiting = version.query(
        "SELECT count(*) AS n FROM messages ANTI JOIN tickets USING (source, ticket_id) WHERE kind <> 'survey'"
    ).item()
    yield Check(waiting == 0, f"{waiting:,} messages wait for their ticket" if waiting else "Every message has its ticket",
                "load the file that holds these tickets")  # fmt: skip
    rejects = version.query("SELECT count(*) AS n FROM rejects").item()
    yield Check(rejects == 0, f"{rejects:,} rows were refused" if rejects else "No row was refused",
                "heard status --rejects shows them with their reasons")  # fmt: skip
