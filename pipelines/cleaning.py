"""Messages into the store with their cleaned text; the one place where text is cleaned.

Only new and changed messages come here. Batches are independent of each other, so that they may run elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import polars as pl
from joblib import Parallel, delayed

from metrics.text.clean import clean
from pipelines import merge
from warehouse import schema
from warehouse.store import Connection, insert

BATCH = 10_000
ALONE = 40_000  # fewer messages than this are not worth starting other processes for


def put_messages(connection: Connection, total: int, progress: Callable[[str, int, int], None]) -> None:
    """Clean the prepared messages and put them in place of the stored ones."""
    connection.execute("BEGIN")  # one transaction: a commit for each batch would write everything twice
    merge.forget(connection, "messages")
    cursor = connection.cursor()
    try:
        reader = cursor.sql("SELECT * EXCLUDE (load) FROM stage.put_messages").to_arrow_reader(BATCH)
        done = 0
        for frame in _all_cleaned((pl.DataFrame(batch) for batch in reader), total):
            insert(connection, "messages", schema.conform(frame, "messages"))
            done += len(frame)
            progress("cleaning", done, total)
        connection.execute("COMMIT")
    finally:
        cursor.close()


def _all_cleaned(frames: Iterator[pl.DataFrame], total: int) -> Iterator[pl.DataFrame]:
    """The frames cleaned, here or in other processes; a few at a time, in order."""
    processes = min(os.cpu_count() or 1, 8)
    if total < ALONE or processes == 1:
        return map(cleaned, frames)
    run = Parallel(n_jobs=processes, return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
    return iter(run(delayed(cleaned)(frame) for frame in frames))


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `text` and `kind` from `body`; a note or a survey comment keeps its kind."""
    results = clean_bodies(frame["body"].to_list(), frame["is_html"].to_list())
    texts = pl.Series("text", [text for text, _ in results], dtype=schema.TEXT)
    kinds = pl.Series("found", [kind for _, kind in results], dtype=schema.TEXT)
    return frame.drop("is_html").with_columns(
        texts, pl.when(pl.col("kind") == "message").then(kinds).otherwise("kind").alias("kind")
    )


def clean_bodies(
    bodies: Sequence[str | None], is_html: Sequence[bool | None]
) -> list[tuple[str | None, str]]:
    """Text and kind of each body; null where there is no body."""
    found: list[tuple[str | None, str]] = []
    for body, html in zip(bodies, is_html, strict=True):
        if body is None:
            found.append((None, "message"))
        else:
            result = clean(body, html)
            found.append((result.text, result.kind))
    return found
