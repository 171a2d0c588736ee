"""Hearing what changed: whole conversations in batches, each a Parquet file in and two Parquet files out.

A batch is any set of whole conversations, so that batches can be scored in any number, order and place with the same
result. Only conversations that are new, that changed, or that were heard with other signals are heard again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from joblib import Parallel, delayed

from metrics import facts, registry, text
from metrics.text.hear import LEXICONS, hear
from warehouse import schema
from warehouse.settings import Settings
from warehouse.store import Connection, query

Progress = Callable[[int, int], None]

BATCH = 4_000  # conversations; keeps a process under a few hundred MB
ALONE = 400  # fewer conversations than this are not worth starting other processes for

# The columns of a ticket that signals read, beside its messages.
_TICKET = ("status", "created_at", "ended_at")

_CHANGED = """
CREATE OR REPLACE TEMP TABLE changed AS
WITH spoken AS (
    SELECT source, ticket_id, string_agg(
        concat_ws('|', message_id, role, kind, turn, created_at, md5(text)), ';' ORDER BY turn, created_at, message_id
    ) AS words
    FROM turns WHERE turn IS NOT NULL OR kind = 'survey' GROUP BY ALL
), wanted AS (
    SELECT spoken.source, spoken.ticket_id,
           md5(concat_ws('#', words, status, tickets_clean.created_at, ended_at)) AS conversation_hash
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
ANTI JOIN (SELECT source, ticket_id FROM turns WHERE turn IS NOT NULL OR kind = 'survey') USING (source, ticket_id)
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


def fingerprint() -> str:
    """What conversations are heard with: the signals' versions, their lexicons and weights, and the text layer's."""
    digest = hashlib.sha256(str(text.VERSION).encode())
    for signal in sorted(registry.signals(), key=lambda signal: signal.name):
        digest.update(f"|{signal.name} {signal.version}".encode())
    for path in sorted(LEXICONS.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def refresh(connection: Connection, settings: Settings, progress: Progress | None = None) -> Scored:
    """After a merge: resolve roles and waits, hear what changed, and make every fact table anew."""
    facts.resolve(connection, settings)
    scored = score(connection, progress)
    facts.build(connection, settings)
    return scored


def score(connection: Connection, progress: Progress | None = None) -> Scored:
    """Hear every conversation whose words, times, roles or status changed; write `evidence` and `heard`."""
    mark = fingerprint()
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
    try:
        done = 0
        for evidence, heard, count in _scored(connection, folder, mark, total):
            for table, path in (("evidence", evidence), ("heard", heard)):
                connection.execute(
                    f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet($path)", {"path": str(path)}
                )
            done += count
            if progress:
                progress(done, total)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Scored(total, gone)


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


def _scored(connection: Connection, folder: Path, mark: str, total: int) -> Iterator[tuple[Path, Path, int]]:
    """Write the batches and yield each as it is scored, here or in other processes."""
    workers = os.cpu_count() or 1
    batch = max(1, min(BATCH, -(-total // workers)))
    target = str(folder).replace("'", "''")
    connection.execute(
        f"COPY ({_PART.format(batch=batch)}) TO '{target}' (FORMAT parquet, PARTITION_BY part)"
    )
    parts = sorted(folder.glob("part=*"))
    workers = min(len(parts), workers)
    if total < ALONE or workers == 1:
        for path in parts:
            yield score_part(path, mark)
    else:
        jobs = Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch=workers * 2)
        yield from jobs(delayed(score_part)(path, mark) for path in parts)


def score_part(path: Path, mark: str) -> tuple[Path, Path, int]:
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
    conversations = hear(tickets, messages, wanted)
    evidence = pl.concat([signal.judge(conversations).select(list(schema.EVIDENCE)) for signal in signals])
    heard = (
        conversations.tickets.join(_counts(messages), on=["source", "ticket_id"], how="left")
        .with_columns(fingerprint=pl.lit(mark))
        .select(list(schema.HEARD))
    )
    evidence_path, heard_path = path.with_suffix(".evidence"), path.with_suffix(".heard")
    evidence.write_parquet(evidence_path)
    heard.write_parquet(heard_path)
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
