"""A folder as a recipient: the files appear whole or not at all; doing it twice changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.digest.ways.parcel import HandOver, Later, Parcel
from warehouse.errors import BadInput


def send(parcel: Parcel, _hand_over: HandOver) -> None:
    """Write every form of the digest into the folder. Raises Later where that can not be.

    Nothing is handed over in the sense of the ledger: a run that ends half way is simply done again.
    """
    folder = Path(parcel.recipient.to).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in parcel.content.files:
            write(folder / path.name, path.read_bytes())
    except OSError as error:
        raise Later(f"The folder {folder} can not be written: {error.strerror or error}.") from error


@contextmanager
def writing_to(path: Path, option: str) -> Iterator[None]:
    """Raises BadInput where what a person named with an option can not be written to."""
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"{path} can not be written: {error.strerror or error}.",
            fix=f"{option} FOLDER, with one that you may write to",
        ) from error


def write(path: Path, content: bytes) -> None:
    """Put a file in place, whole and durable; one that is the same already is left as it is."""
    if path.is_file() and path.read_bytes() == content:
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
