"""Hearing what changed: whole conversations in batches, each a Parquet file in and two Parquet files out.

A batch is any set of whole conversations, so that batches can be scored in any number, order and place with the same
result. Only conversations that are new, that changed, or that were heard with other signals are heard again.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from metrics import facts, registry, text
from metrics.text.hear import LEXICONS, hear
from metrics.text.lexicons import NO_CHANGES, Changes, changes_of
from pipelines import workers
from warehouse import schema
from warehouse.settings import Settings
from warehouse.store import Connection, query

Progress = Callable[[int, int], None]

BATCH = 1_500  # conversations; keeps a process that hears under 600 MB
INSERTED = 16  # batches that are put into the tables together
ALONE = 10_000  # fewer conversations than this are not worth starting other processes for: each takes two seconds to start


# A conversation is told from what it was by sums of hashes: nothing is sorted and no text is read for it.
_CHANGED = """
CREATE OR REPLACE TEMP TABLE changed AS
WITH spoken AS (
    SELECT source, ticket_id, sum(hash(message_id, role, kind, turn, created_at, text_hash)) AS words
    FROM turn_index WHERE turn IS NOT NULL OR kind = 'survey' GROUP BY ALL
), wanted AS (
    SELECT spoken.source, spoken.ticket_id,
           hash(words, status, tickets_clean.created_at, ended_at)::VARCHAR AS conversation_hash
    FROM spoken LEFT JOIN tickets_clean USING (source, ticket_id)
)
SELECT wanted.*, row_number() OVER (ORDER BY wanted.source, wanted.ticket_id) - 1 AS number
FROM wanted LEFT JOIN heard
  ON heard.source = wanted.source AND heard.ticket_id = wanted.ticket_id
 AND heard.conversation_hash = wanted.conversation_hash AND heard.fingerprint = $fingerprint
WHERE heard.source IS NULL
"""

_GONE = """
SELECT source, ticket_id FROM heard
ANTI JOIN (SELECT source, ticket_id FROM turn_index WHERE turn IS NOT NULL OR kind = 'survey') USING (source, ticket_id)
"""

_PART = """
SELECT turns.source, turns.ticket_id, message_id, turn, role AS speaker, kind, coalesce(text, '') AS text,
       turns.created_at, tickets_clean.status, tickets_clean.created_at AS ticket_created_at,
       tickets_clean.ended_at, changed.conversation_hash, changed.number // {batch} AS part
FROM turns JOIN changed USING (source, ticket_id) LEFT JOIN tickets_clean USING (source, ticket_id)
WHERE turn IS NOT NULL OR kind = 'survey'
"""


@dataclass(frozen=True)
class Scored:
    """What a run heard: conversations heard anew, and conversations that are gone."""

    count_heard: int
    count_gone: int


def fingerprint(changes: Changes = NO_CHANGES) -> str:
    """What conversations are heard with: the signals' versions, their lexicons and weights, what the settings change of
    the cues, and the text layer's version."""
    digest = hashlib.sha256(str(text.VERSION).encode())
    for signal in sorted(registry.signals(), key=lambda signal: signal.name):
        digest.update(f"|{signal.name} {signal.version}".encode())
    for path in sorted(LEXICONS.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    if changes != NO_CHANGES:
        digest.update(repr(changes).encode())
    return digest.hexdigest()[:16]


def refresh(connection: Connection, settings: Settings, progress: Progress | None = None) -> Scored:
    """After a merge: resolve roles and waits, hear what changed, and make every fact table anew."""
    facts.resolve(connection, settings)
    scored = score(connection, progress, changes_of(settings))
    facts.build(connection, settings)
    return scored


def score(connection: Connection, progress: Progress | None = None, changes: Changes = NO_CHANGES) -> Scored:
    """Hear every conversation whose words, times, roles or status changed; write `evidence` and `heard`."""
    mark = fingerprint(changes)
    connection.execute(_CHANGED, {"fingerprint": mark})
    total = _count(connection, "changed")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE gone AS {_GONE}")
    gone = _count(connection, "gone")
    if not total and not gone:
        return Scored(0, 0)
    for table in ("evidence", "heard"):
        for outdated in ("changed", "gone"):
            connection.execute(
                f"DELETE FROM {table} USING {outdated} "
                f"WHERE {table}.source = {outdated}.source AND {table}.ticket_id = {outdated}.ticket_id"
            )
    folder = _work_folder(connection)
    connection.execute("BEGIN")  # one transaction: a commit for each batch would write everything twice
    try:
        done = 0
        waiting: list[tuple[Path, Path]] = []
        tasks = [(path, mark, changes) for path in _batches(connection, folder, total)]
        with nullcontext() if total < ALONE else workers.beside(connection):
            for _, (evidence, heard, count) in workers.done(score_part, tasks, alone=total < ALONE):
                waiting.append((evidence, heard))
                done += count
                if len(waiting) >= INSERTED:
                    _insert(connection, waiting)
                if progress:
                    progress(done, total)
            _insert(connection, waiting)
        connection.execute("COMMIT")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Scored(total, gone)


def _insert(connection: Connection, waiting: list[tuple[Path, Path]]) -> None:
    """Put what was heard into the tables and forget it."""
    for table, paths in zip(("evidence", "heard"), zip(*waiting, strict=True), strict=False):
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet($paths)",
            {"paths": [str(path) for path in paths]},
        )
        for path in paths:
            path.unlink()
    waiting.clear()


def _count(connection: Connection, temporary: str) -> int:
    """The rows of a temporary table, which only its own connection sees."""
    return int(connection.execute(f"SELECT count(*) FROM {temporary}").fetchall()[0][0])


def _work_folder(connection: Connection) -> Path:
    """A folder beside the draft, so that the next run clears it up if this one is killed."""
    file = query(
        connection, "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).item()
    if file is None:
        return Path(tempfile.mkdtemp(prefix="heard-score-"))
    folder = Path(f"{file}.score")
    folder.mkdir()
    return folder


def _batches(connection: Connection, folder: Path, total: int) -> list[Path]:
    """Write what changed as batches of whole conversations, each a folder."""
    batch = BATCH if total < ALONE else min(BATCH, -(-total // workers.count()))
    target = str(folder).replace("'", "''")
    connection.execute(
        f"COPY ({_PART.format(batch=batch)}) TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw, PARTITION_BY part)"
    )
    return sorted(folder.glob("part=*"))


def score_part(path: Path, mark: str, changes: Changes = NO_CHANGES) -> tuple[Path, Path, int]:
    """Hear one batch, a folder. Gives the paths of its evidence and of what was heard, and its conversations."""
    frame = pl.read_parquet(path / "*.parquet", hive_partitioning=False)
    tickets = frame.select(
        "source",
        "ticket_id",
        "status",
        pl.col("ticket_created_at").alias("created_at"),
        "ended_at",
        "conversation_hash",
    ).unique(["source", "ticket_id"], keep="first", maintain_order=True)
    messages = frame.drop("ticket_created_at", "status", "ended_at", "conversation_hash")
    signals = registry.signals()
    wanted = tuple(sorted({name for signal in signals for name in signal.lexicons}))
    conversations = hear(tickets, messages, wanted, changes)
    evidence = pl.concat([signal.judge(conversations).select(list(schema.EVIDENCE)) for signal in signals])
    heard = (
        conversations.tickets.join(_counts(messages), on=["source", "ticket_id"], how="left")
        .with_columns(fingerprint=pl.lit(mark))
        .select([name for name in schema.HEARD if name != "contact_reason"])  # told later, over all of them
    )
    evidence_path, heard_path = path.with_suffix(".evidence"), path.with_suffix(".heard")
    evidence.write_parquet(evidence_path, compression="lz4")
    heard.write_parquet(heard_path, compression="lz4")
    shutil.rmtree(path)
    return evidence_path, heard_path, tickets.height


def _counts(messages: pl.DataFrame) -> pl.DataFrame:
    """How many turns customer and agent had in each conversation."""
    turns = messages.filter(pl.col("turn").is_not_null())
    return (
        messages.select("source", "ticket_id")
        .unique()
        .join(
            turns.group_by("source", "ticket_id").agg(
                (pl.col("speaker") == "customer").sum().cast(pl.Int64).alias("count_customer_turns"),
                (pl.col("speaker") == "agent").sum().cast(pl.Int64).alias("count_agent_turns"),
            ),
            on=["source", "ticket_id"],
            how="left",
        )
        .with_columns(pl.col("count_customer_turns", "count_agent_turns").fill_null(0))
    )
