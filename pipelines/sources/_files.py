"""Finding and opening files: plain, gzip, zip with many members; with limits that a zip bomb does not get past."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from warehouse.errors import BadInput

MAX_MEMBERS = 20_000
MAX_UNPACKED_BYTES = 200 * 2**30
MAX_RATIO = 250  # text packs 5 to 30 times; zeros pack 1000 times
RATIO_MATTERS_FROM_BYTES = 64 * 2**20
HEAD_BYTES = 1 << 20
IGNORED_NAMES = {"readme.md", "readme.txt", "readme", "license", "license.md", "license.txt", "stories.json"}


@dataclass(frozen=True)
class Member:
    """One readable thing: a file, or a file inside a zip."""

    path: Path
    inner: str | None = None  # a name to show and to look up in the zip, never a path to write to

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return self.path.name if self.inner is None else f"{self.path.name} > {self.inner}"

    @property
    def base(self) -> str:
        """The file name in lower case, without folders and without .gz."""
        base = (self.inner or self.path.name).replace("\\", "/").rsplit("/", 1)[-1].lower()
        return base.removesuffix(".gz")


def find(paths: Sequence[Path]) -> tuple[list[Path], list[tuple[str, str]]]:
    """The files below the paths in order of name, and what was passed over with the reason.

    In a folder, hidden files, text about the data and symbolic links that lead out of it are passed over. A path
    that is named outright is always read. Raises BadInput on a path that is not there.
    """
    found: list[Path] = []
    passed: list[tuple[str, str]] = []
    for path in paths:
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                reason = _passed_over(file, path)
                if reason:
                    passed.append((str(file.relative_to(path)), reason))
                elif file.is_file():
                    found.append(file)
        else:
            raise BadInput(f"{path} is not there.", fix="name a file or a folder that exists")
    unique = {file.resolve(): file for file in found}
    return list(unique.values()), passed


def _passed_over(file: Path, root: Path) -> str | None:
    if file.is_dir():
        return None
    relative = file.relative_to(root)
    if any(part.startswith((".", "__MACOSX")) for part in relative.parts):
        return "hidden"
    if file.is_symlink() and not file.resolve().is_relative_to(root.resolve()):
        return "a link that leads out of the folder"
    if file.name.lower() in IGNORED_NAMES or file.suffix.lower() == ".md":
        return "text about the data"
    if not file.is_file():
        return "not a file"
    return None


def fingerprint(path: Path) -> str:
    """SHA-256 of the file as it lies on disk."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def magic(path: Path) -> str:
    """What the first bytes say: zip | xlsx | gzip | parquet | empty | plain."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head:
        return "empty"
    if head == b"PK\x03\x04":
        return "xlsx" if _is_workbook(path) else "zip"
    if head == b"PK\x05\x06":
        return "zip"
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    return "parquet" if head == b"PAR1" else "plain"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.NameToInfo or "xl/workbook.bin" in archive.NameToInfo
    except zipfile.BadZipFile as error:
        raise _damaged(path.name, error) from error


def members(path: Path) -> list[Member]:
    """The readable things in a file: itself, or the members of a zip once its limits are checked.

    Raises BadInput on a damaged, encrypted or too large archive, before anything is unpacked.
    """
    if magic(path) != "zip":
        return [Member(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise _damaged(path.name, error) from error
    unpacked = sum(info.file_size for info in entries)
    packed = sum(info.compress_size for info in entries)
    _check_limits(path.name, len(entries), unpacked, max(packed, path.stat().st_size))
    if any(info.flag_bits & 0x1 for info in entries):
        raise BadInput(f"{path.name} is protected by a password.", fix="unpack it and name the folder")
    names = [info.filename for info in entries if not _is_clutter(info.filename)]
    if len(set(names)) != len(names):
        raise BadInput(
            f"{path.name} holds two members of the same name.", fix="unpack it and name the folder"
        )
    return [Member(path, name) for name in sorted(names)]


def _is_clutter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith((".", "__MACOSX")) and part not in (".", "..") for part in parts) or (
        parts[-1].lower() in IGNORED_NAMES or parts[-1].lower().endswith(".md")
    )


def _check_limits(name: str, count: int, unpacked: int, packed: int) -> None:
    if count > MAX_MEMBERS:
        raise BadInput(f"{name} holds {count:,} files; {MAX_MEMBERS:,} is the limit.", fix="load it in parts")
    if unpacked > MAX_UNPACKED_BYTES:
        raise BadInput(
            f"{name} would unpack to {unpacked / 2**30:,.0f} GB; {MAX_UNPACKED_BYTES // 2**30} GB is the limit.",
            fix="load it in parts",
        )
    if unpacked > RATIO_MATTERS_FROM_BYTES and unpacked > packed * MAX_RATIO:
        raise BadInput(
            f"{name} would unpack to {unpacked / max(packed, 1):,.0f} times its size, as no export does.",
            fix="check where the file comes from; if it is right, unpack it and name the folder",
        )


@contextmanager
def opened(member: Member) -> Iterator[IO[bytes]]:
    """The member's bytes, unpacked as they are read. Raises BadInput where the packing is damaged or cut off."""
    try:
        with member.path.open("rb", buffering=1 << 20) as file:
            if member.inner is None:
                yield _unpacked(file, member, member.path.stat().st_size)
            else:
                with zipfile.ZipFile(file) as archive, archive.open(member.inner) as inner:
                    yield _unpacked(inner, member, archive.getinfo(member.inner).compress_size)
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise _damaged(member.name, error) from error


def _unpacked(stream: IO[bytes], member: Member, packed: int) -> IO[bytes]:
    buffered = (
        stream
        if isinstance(stream, io.BufferedReader)
        else io.BufferedReader(cast(io.RawIOBase, stream), 1 << 18)
    )
    if buffered.peek(2)[:2] != b"\x1f\x8b":
        return buffered
    limited = _Limited(gzip.GzipFile(fileobj=buffered), member.name, packed)
    return cast(IO[bytes], io.BufferedReader(limited, 1 << 18))


class _Limited(io.RawIOBase):
    """A gzip stream that stops where the ratio leaves what text can reach; gzip states no honest size beforehand."""

    def __init__(self, stream: gzip.GzipFile, name: str, packed: int) -> None:
        self._stream, self._name, self._packed, self._count = stream, name, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        self._count += len(chunk)
        if self._count > RATIO_MATTERS_FROM_BYTES:
            _check_limits(self._name, 1, self._count, self._packed)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def head(member: Member) -> bytes:
    """The first megabyte of the member's bytes, unpacked."""
    with opened(member) as stream:
        return stream.read(HEAD_BYTES)


def _damaged(name: str, error: Exception) -> BadInput:
    return BadInput(
        f"{name} is damaged or cut off ({type(error).__name__}: {error}).",
        fix="export or copy the file again",
    )
