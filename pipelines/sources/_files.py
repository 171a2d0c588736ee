"""Finding and opening files: plain, gzip, zip with many members; with limits that a zip bomb does not get past.

A folder of mail is one unit, not its files: a Maildir (with the folders below it), and the .eml files of any folder.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

from pipelines.sources import _mail_folders
from warehouse.errors import BadInput

MAX_MEMBERS = 20_000
MAX_UNPACKED_BYTES = 200 * 2**30
MAX_RATIO = 250  # text packs 5 to 30 times; zeros pack 1000 times
RATIO_MATTERS_FROM_BYTES = 64 * 2**20
HEAD_BYTES = 1 << 20
_DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError, NotImplementedError)
_UNPACKABLE = (*_DAMAGED, OSError, ValueError, RuntimeError, OverflowError, KeyError, struct.error)
IGNORED_NAMES = {"readme.md", "readme.txt", "readme", "license", "license.md", "license.txt", "stories.json"}


@dataclass(frozen=True)
class Member:
    """One readable thing: a file, or a file inside a zip."""

    path: Path
    inner: str | None = None  # a name to show and to look up in the zip, never a path to write to
    sheet: str | None = None  # of a workbook

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return " > ".join(part for part in (self.path.name, self.inner, self.sheet) if part is not None)

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
            units = _mail_folders.units(path)
            found.extend(sorted(units))
            for file in sorted(path.rglob("*")):
                if _mail_folders.is_in_unit(file, units):
                    continue
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


def size_of(path: Path) -> int:
    """Bytes of the file, or of all messages of a folder of mail."""
    return (
        sum(file.stat().st_size for file in _mail_folders.messages(path))
        if path.is_dir()
        else path.stat().st_size
    )


def fingerprint(path: Path) -> str:
    """SHA-256 of the file as it lies on disk; of a folder of mail, of its messages, however they are named."""
    if path.is_dir():
        each = sorted(fingerprint(file) for file in _mail_folders.messages(path))
        return hashlib.sha256("".join(each).encode()).hexdigest()
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
    except _UNPACKABLE as error:
        raise _damaged(path.name, error) from error


def members(path: Path) -> list[Member]:
    """The readable things in a file: itself, or the members of a zip once its limits are checked.

    Raises BadInput on a damaged, encrypted or too large archive, before anything is unpacked.
    """
    if path.is_dir() or magic(path) != "zip":
        return [Member(path)]
    try:
        entries = [info for info in _archive(path).infolist() if not info.is_dir()]
    except _UNPACKABLE as error:
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


def _archive(path: Path) -> zipfile.ZipFile:
    """The zip, opened; kept open for its next member, since its list of members is read each time it is opened."""
    stat = path.stat()
    return _opened_archive(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=1)
def _opened_archive(path: Path, *as_it_is: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


@contextmanager
def opened(member: Member) -> Iterator[IO[bytes]]:
    """The member's bytes, unpacked as they are read. Raises BadInput where the packing is damaged or cut off."""
    try:
        if member.inner is None:
            with member.path.open("rb", buffering=1 << 20) as file:
                yield _unpacked(file, member, member.path.stat().st_size)
        else:
            archive = _archive(member.path)
            with _Guarded(archive, member) as inner:
                yield _unpacked(inner, member, archive.getinfo(member.inner).compress_size)
    except _DAMAGED as error:
        raise _damaged(member.name, error) from error


def _unpacked(stream: IO[bytes] | io.RawIOBase, member: Member, packed: int) -> IO[bytes]:
    buffered = (
        stream
        if isinstance(stream, io.BufferedReader)
        else io.BufferedReader(cast(io.RawIOBase, stream), 1 << 18)
    )
    if buffered.peek(2)[:2] != b"\x1f\x8b":
        return buffered
    limited = _Limited(gzip.GzipFile(fileobj=buffered), member.name, packed)
    return cast(IO[bytes], io.BufferedReader(limited, 1 << 18))


class _Guarded(io.RawIOBase):
    """A member of a zip whose packing may be damaged in any way: places that are not there, unknown methods."""

    def __init__(self, archive: zipfile.ZipFile, member: Member) -> None:
        self._name = member.name
        try:
            self._stream = archive.open(member.inner or "")
        except _UNPACKABLE as error:
            raise _damaged(self._name, error) from error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._stream.read(len(buffer))
        except _UNPACKABLE as error:
            raise _damaged(self._name, error) from error
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if hasattr(self, "_stream"):
            self._stream.close()
        super().close()


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
    """The first megabyte of the member's bytes, unpacked; of a folder of mail, of its first message."""
    if member.path.is_dir():
        files = _mail_folders.messages(member.path)
        member = Member(files[0]) if files else member
        if not files:
            return b""
    with opened(member) as stream:
        return stream.read(HEAD_BYTES)


def _damaged(name: str, error: Exception) -> BadInput:
    return BadInput(
        f"{name} is damaged or cut off ({type(error).__name__}: {error}).",
        fix="export or copy the file again",
    )
