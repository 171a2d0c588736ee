"""Gzipped NDJSON in numbered pieces, with the same bytes for the same lines."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import orjson

_LINES = 64  # handed to the compressor together


class Pieces:
    """Writes records to name-1.ndjson.gz, name-2.ndjson.gz, ... beginning a new piece when told to."""

    def __init__(self, folder: Path, name: str, level: int) -> None:
        self.folder, self.name, self.level = folder, name, level
        self.count = 0
        self._raw: BinaryIO | None = None
        self._file: gzip.GzipFile | None = None
        self._lines: list[bytes] = []

    def begin(self) -> None:
        """Closes the piece in hand and opens the next."""
        self.close()
        self.count += 1
        self._raw = (self.folder / f"{self.name}-{self.count}.ndjson.gz").open("wb")
        # No time and no file name in the header, so that equal lines give equal bytes.
        self._file = gzip.GzipFile("", "wb", self.level, self._raw, mtime=0)

    def write(self, record: Any) -> None:
        """One record, one line."""
        if self._file is None:
            self.begin()
        self._lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        if len(self._lines) >= _LINES:
            self._flush()

    def _flush(self) -> None:
        if self._file is not None:
            self._file.write(b"".join(self._lines))
        self._lines.clear()

    def close(self) -> None:
        """Ends the piece in hand."""
        self._flush()
        if self._file is not None and self._raw is not None:
            self._file.close()
            self._raw.close()
        self._file = self._raw = None

    def __enter__(self) -> Pieces:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
