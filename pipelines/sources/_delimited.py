"""Text tables: encoding, delimiter and quoting found from the file; a malformed row is reported, the rest is read."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from charset_normalizer import from_bytes

from pipelines.sources._files import Member, opened
from warehouse.errors import BadInput

csv.field_size_limit(64 * 2**20)

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE_CHARACTERS = 64 * 2**20
MAX_COLUMNS = 10_000
MAX_RECORD_LINES = 5_000  # a quote that is never closed does not swallow the rest of the file
RAW_LENGTH = 500
_SNIFFED_ROWS = 60


@dataclass(frozen=True)
class Dialect:
    """How a text table is written."""

    encoding: str
    delimiter: str
    has_backslashes: bool = False  # quotes inside quotes as \\" and not as doubled ones
    skip_lines: int = 0  # a spreadsheet's "sep=;" line

    @property
    def note(self) -> str | None:
        """What is worth telling about it: an encoding that is not UTF-8."""
        return None if self.encoding in ("utf-8", "utf-8-sig") else f"read as {self.encoding}"


@dataclass(frozen=True)
class TextRow:
    """One record with the line that it begins on, or the reason why it is none."""

    line: int
    cells: list[str]
    reason: str | None = None
    raw: str = ""


def dialect(member: Member, head: bytes) -> Dialect | None:
    """How the member is written, or None where it is no table of at least two columns."""
    encoding = _encoding(member, head)
    if encoding is None:
        return None
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    skip = 1 if text[:4].lower() == "sep=" else 0
    lines = text.splitlines(keepends=True)[skip:]
    if len(lines) > 1 and not text.endswith(("\n", "\r")) and len(head) > 1 << 19:
        lines.pop()
    best: tuple[int, int, Dialect] | None = None
    for has_backslashes in (False, True) if '\\"' in text else (False,):
        for delimiter in DELIMITERS:
            candidate = Dialect(encoding, delimiter, has_backslashes, skip)
            score = _fit(lines, candidate)
            if score and (best is None or score > best[:2]):
                best = (*score, candidate)
    return best[2] if best else None


def _fit(lines: list[str], candidate: Dialect) -> tuple[int, int] | None:
    """How many of the first records have the header's columns, and how many columns; None for a single one."""
    found = [row for row, _ in zip(_parsed(iter(lines), candidate), range(_SNIFFED_ROWS), strict=False)]
    header = next((row.cells for row in found if row.reason is None and any(row.cells)), [])
    if len(header) < 2:
        return None
    return sum(len(row.cells) == len(header) for row in found if row.reason is None), len(header)


def _encoding(member: Member, head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        return None
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    wrong = _first_wrong(member)
    if wrong is None:
        return "utf-8"
    # Western Windows text is what spreadsheets write; another guess must be clearly better to be taken.
    guessed = from_bytes(wrong[: 1 << 16]).best()
    if guessed is not None and guessed.encoding not in ("ascii", "utf_8") and not _is_western(wrong):
        return guessed.encoding
    return "cp1252"


def _is_western(piece: bytes) -> bool:
    """Whether the bytes over 127 read as letters and marks of cp1252, few among plain ones."""
    try:
        text = piece.decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = [character for character in text if ord(character) > 127]
    return len(high) * 5 < len(text)


def _first_wrong(member: Member) -> bytes | None:
    """The surroundings of the first bytes that are not UTF-8, or None where all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(member) as stream:
        while chunk := stream.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return chunk
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return b"\xff"
    return None


def records(member: Member, how: Dialect) -> Iterator[TextRow]:
    """Every record after the header, by line. A record with another number of cells than the header is refused."""
    with opened(member) as stream:
        yield from _checked(_parsed(_lines(stream, how, member), how))


def header(member: Member, how: Dialect) -> tuple[str, ...]:
    """The column names; the second of two equal ones is called `name (2)`."""
    with opened(member) as stream:
        for row in _parsed(_lines(stream, how, member), how):
            if row.reason is None and any(cell.strip() for cell in row.cells):
                return unique(row.cells)
    return ()


def unique(names: list[str]) -> tuple[str, ...]:
    """The names, stripped, repeated ones numbered, empty ones called by their place. Raises BadInput on too many."""
    if len(names) > MAX_COLUMNS:
        raise BadInput(
            f"The table has {len(names):,} columns; {MAX_COLUMNS:,} is the limit.",
            fix="check what divides its columns, and its quotes",
        )
    seen: Counter[str] = Counter()
    found = []
    for place, name in enumerate(names, start=1):
        plain = name.strip() or f"column {place}"
        seen[plain] += 1
        found.append(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})")
    return tuple(found)


def _lines(stream: IO[bytes], how: Dialect, member: Member) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding=how.encoding, errors="replace", newline="")
    try:
        for _ in range(how.skip_lines):
            text.readline()
        while line := text.readline(MAX_LINE_CHARACTERS):
            if len(line) >= MAX_LINE_CHARACTERS:
                raise BadInput(
                    f"{member.name} has a line of over {MAX_LINE_CHARACTERS >> 20} MB.", fix="export it again"
                )
            yield line
    finally:
        text.detach()


class _Feeder:
    """Lines for the csv reader that can be taken back, so that a broken record costs its first line only."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> _Feeder:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self.taken.append(line)
        return line

    def begin(self) -> None:
        self.number += len(self.taken)
        self.taken = []

    def give_back_all_but_first(self) -> None:
        self._waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _parsed(lines: Iterator[str], how: Dialect) -> Iterator[TextRow]:
    feeder = _Feeder(lines)
    reader = _reader(feeder, how)
    width = 0
    while True:
        feeder.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if not feeder.taken:
                return
            feeder.give_back_all_but_first()
            yield TextRow(
                feeder.number + 1, [], f"a malformed row: {error}", feeder.taken[0].rstrip()[:RAW_LENGTH]
            )
            continue
        width = width or len(cells)
        if len(cells) != width and len(feeder.taken) > 1:
            feeder.give_back_all_but_first()
            yield TextRow(feeder.number + 1, [], _count(cells, width), feeder.taken[0].rstrip()[:RAW_LENGTH])
            continue
        yield TextRow(feeder.number + 1, cells, None, feeder.taken[0].rstrip()[:RAW_LENGTH])


def _reader(feeder: _Feeder, how: Dialect) -> Iterator[list[str]]:
    if how.has_backslashes:
        return csv.reader(feeder, delimiter=how.delimiter, strict=True, doublequote=False, escapechar="\\")
    return csv.reader(feeder, delimiter=how.delimiter, strict=True)


def _checked(rows: Iterator[TextRow]) -> Iterator[TextRow]:
    width = 0
    for row in rows:
        if row.reason is not None:
            yield row
        elif not any(cell.strip() for cell in row.cells):
            continue
        elif not width:
            width = len(row.cells)
        elif len(row.cells) != width:
            yield TextRow(row.line, [], _count(row.cells, width), row.raw)
        else:
            yield row


def _count(cells: list[str], width: int) -> str:
    return f"a row of {len(cells)} cells under a header of {width}"
