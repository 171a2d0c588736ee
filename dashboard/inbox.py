"""Where uploaded files lie until they are loaded: a folder of their own for each upload, with harmless names."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex
from typing import Protocol

KEPT_SECONDS = 24 * 3600


class Upload(Protocol):
    """What a browser sent: a name, which is never trusted, and the bytes."""

    name: str

    def getbuffer(self) -> memoryview:
        """The bytes."""


def keep(uploads: Iterable[Upload], folder: Path) -> Path:
    """Write the uploads below `folder` into a new folder of theirs and return it; old ones are thrown away."""
    _throw_old_away(folder)
    home = folder / token_hex(8)
    home.mkdir(parents=True)
    taken: set[str] = set()
    for number, upload in enumerate(uploads, start=1):
        name = harmless(upload.name)
        if name.lower() in taken:
            name = f"{number}-{name}"
        taken.add(name.lower())
        (home / name).write_bytes(upload.getbuffer())
    return home


def harmless(name: str) -> str:
    """The last part of a name with letters, digits, spaces, dots and dashes only; never hidden, never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r"[^\w .()-]", "_", last).strip(" .")
    return plain[-120:].lstrip(" .-") or "upload"


def throw_away(home: Path, folder: Path) -> None:
    """Remove an upload once it is loaded; anything that is not an upload's folder below `folder` is left alone."""
    if home.parent == folder and home.is_dir():
        shutil.rmtree(home, ignore_errors=True)


def _throw_old_away(folder: Path) -> None:
    if not folder.exists():
        return
    for home in folder.iterdir():
        if time.time() - home.stat().st_mtime >= KEPT_SECONDS:
            throw_away(home, folder)
