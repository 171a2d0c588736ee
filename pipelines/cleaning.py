"""Messages into the store with their cleaned text; the one place where text is cleaned.

Only new and changed messages come here. They come as Parquet parts, each cleaned on its own, here or in other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import polars as pl

from metrics.text.clean import clean
from metrics.text.untouched import untouched
from pipelines import merge, stage, workers
from warehouse import schema
from warehouse.store import Connection

PART_BYTES = 8 * 2**20  # of a part that is written here; parts that were read are about as large
ALONE = 100_000  # fewer messages than this are not worth starting other processes for
INSERTED = 16  # parts that are put into the table together


def put_messages(connection: Connection, progress: Callable[[str, int, int], None]) -> None:
    """Clean the prepared messages and comments and put them in place of the stored ones."""
    folder = stage.folder(connection)
    parts = _parts(connection, folder)
    total = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in parts)
    merge.forget(connection, "messages")
    waiting: list[Path] = []
    count = 0
    with nullcontext() if total < ALONE else workers.beside(connection):
        for _, (path, rows) in workers.done(clean_part, [(path,) for path in parts], alone=total < ALONE):
            waiting.append(path)
            count += rows
            if len(waiting) >= INSERTED:
                _insert(connection, waiting)
            progress("cleaning", count, total)
        _insert(connection, waiting)


def _parts(connection: Connection, folder: Path) -> list[Path]:
    """The parts of all messages to put: those that were read where all of them are put, else written now."""
    found: list[Path] = []
    if stage.is_held(connection, "put_messages") or stage.is_held(connection, "messages"):
        found += _written(connection, "put_messages", folder)
    else:
        found += stage.parts_in(folder).get("messages", [])
    if stage.is_held(connection, "put_comments"):
        found += _written(connection, "put_comments", folder)
    return found


def _written(connection: Connection, name: str, folder: Path) -> list[Path]:
    target = folder / name
    connection.execute(
        f"COPY stage.{name} TO '{str(target).replace(chr(39), chr(39) * 2)}' "
        f"(FORMAT parquet, COMPRESSION lz4_raw, PER_THREAD_OUTPUT true, FILE_SIZE_BYTES {PART_BYTES})"
    )
    return sorted(target.rglob("*.parquet"))


def _insert(connection: Connection, parts: list[Path]) -> None:
    """Put cleaned parts into the table and forget them."""
    if parts:
        connection.execute(
            "INSERT INTO messages BY NAME SELECT * FROM read_parquet($paths)",
            {"paths": [str(path) for path in parts]},
        )
    for path in parts:
        path.unlink()
    parts.clear()


def clean_part(path: Path) -> tuple[Path, int]:
    """Write the cleaned messages of a part beside it. Gives their path and how many they are."""
    frame = schema.conform(cleaned(pl.read_parquet(path)), "messages")
    target = path.with_suffix(".cleaned")
    frame.write_parquet(target, compression="lz4")
    return target, frame.height


def cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, in another order, with `text` and `kind` from `body`; a note or a survey comment keeps its kind."""
    is_plain = untouched(frame["body"], frame["is_html"])
    plain, odd = frame.filter(is_plain), frame.filter(~is_plain)
    results = clean_bodies(odd["body"].to_list(), odd["is_html"].to_list())
    texts = pl.Series("text", [text for text, _ in results], dtype=schema.TEXT)
    kinds = pl.Series("found", [kind for _, kind in results], dtype=schema.TEXT)
    return pl.concat(
        [
            plain.with_columns(pl.col("body").str.strip_chars(" \n").alias("text")),
            odd.with_columns(
                texts, pl.when(pl.col("kind") == "message").then(kinds).otherwise("kind").alias("kind")
            ),
        ]
    ).drop("is_html", "load")


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
