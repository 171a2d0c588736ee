"""Records of a JSON file: one a line, or one document; a broken line is reported and the rest is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import orjson

from pipelines.sources._files import HEAD_BYTES, Member, opened
from warehouse.errors import BadInput

MAX_DOCUMENT_BYTES = 512 * 2**20
MAX_LINE_BYTES = 256 * 2**20
RAW_LENGTH = 500
BLOCK_BYTES = 6 * 2**20
BLOCK_RECORDS = 2_000
PAGE_RECORDS = 500
_LIST_BEGINS = re.compile(rb'\s*\{\s*"([a-z_]{1,40})"\s*:\s*\[\s*$')


@dataclass(frozen=True)
class Record:
    """One JSON value with its line, or the reason why there is none."""

    line: int
    value: Any = None
    reason: str | None = None
    raw: str = ""
    size: int = 0


class Block:
    """Records that lie together, parsed when they are asked for: lines, or the elements of a document."""

    def __init__(
        self, first: int, lines: Sequence[bytes] = (), values: Sequence[Any] = (), size: int = 0
    ) -> None:
        self._first, self._lines, self._values, self.size = first, lines, values, size

    def __len__(self) -> int:
        return len(self._lines) or len(self._values)

    def value(self, place: int) -> Any:
        """The record at that place; None where it can not be read or where nothing stands."""
        if self._values:
            return self._values[place]
        try:
            return orjson.loads(self._lines[place])
        except orjson.JSONDecodeError:
            return None

    def records(self, places: Iterable[int]) -> Iterator[Record]:
        """The records at these places, with the reason of each that can not be read."""
        for place in places:
            if self._values:
                yield Record(self._first + place, self._values[place], size=self.size // len(self))
            elif (line := self._lines[place]).strip():
                value, reason = parse(line)
                yield Record(self._first + place, value, reason, _shown(line) if reason else "", len(line))


def looks_like_json(head: bytes) -> bool:
    """Whether a file that starts so is JSON."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def first_record(member: Member, head: bytes) -> Any:
    """The first record that can be read, for recognising; None when there is none."""
    if _has_lines(head):
        for line in head.splitlines()[:50]:
            value, reason = parse(line)
            if reason is None and value not in (None, {}, []):
                return value
        return None
    for record in records(member):
        if record.reason is None:
            value = record.value
            return value[0] if isinstance(value, list) and value else value
    return None


def records(member: Member) -> Iterator[Record]:
    """Every record. An array at the top gives its elements, a document that spans lines gives itself.

    Lines are streamed; a document is read whole up to MAX_DOCUMENT_BYTES. Raises BadInput where nothing can be read.
    """
    with opened(member) as stream:
        head = stream.read(HEAD_BYTES)
        if head.startswith(b"\xef\xbb\xbf"):
            head = head[3:]
        rest = _Joined(head, stream)
        if _has_lines(head):
            yield from _lines(rest, member)
            return
        if not _is_listed(head, member):
            yield from _document(rest, member)
            return
    yield from _pages(member)


def blocks(member: Member) -> Iterator[Block]:
    """The same records as `records` gives, some megabytes together."""
    with opened(member) as stream:
        head = stream.read(HEAD_BYTES)
        if head.startswith(b"\xef\xbb\xbf"):
            head = head[3:]
        if _has_lines(head):
            yield from _line_blocks(head, stream, member)
            return
        is_listed = _is_listed(head, member)
        found = [] if is_listed else list(_document(_Joined(head, stream), member))
    if is_listed:
        yield from (Block(page.line, values=[page.value], size=page.size) for page in _pages(member))
    for start in range(0, len(found), BLOCK_RECORDS):
        some = found[start : start + BLOCK_RECORDS]
        yield Block(
            start + 1, values=[record.value for record in some], size=sum(record.size for record in some)
        )


def _line_blocks(head: bytes, stream: IO[bytes], member: Member) -> Iterator[Block]:
    first, chunk = 1, head
    while chunk:
        chunk += stream.readline(MAX_LINE_BYTES) if not chunk.endswith(b"\n") else b""
        lines = chunk.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines, start=first):
            if len(line) >= MAX_LINE_BYTES:
                raise _too_long(number, member)
        yield Block(first, lines, size=len(chunk))
        first += len(lines)
        chunk = stream.read(BLOCK_BYTES)


def parse(line: bytes) -> tuple[Any, str | None]:
    """The value of a piece of JSON, or the reason why it can not be read.

    A half of a surrogate pair, which cut texts end in, is replaced; everything else must be strict JSON in UTF-8.
    """
    try:
        return orjson.loads(line), None
    except orjson.JSONDecodeError as error:
        reason = str(error)
    if "surrogate" in reason:
        try:
            mended = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace")
            return orjson.loads(mended), None
        except (ValueError, RecursionError):
            pass
    return None, f"not JSON: {reason}"


def _has_lines(head: bytes) -> bool:
    """Whether the file holds a value a line: some line of the beginning is a whole object and another follows.

    A document with one element a line is told apart by its first character or by the commas that end its lines.
    """
    text = head.lstrip()
    if text.startswith(b"["):
        return False
    lines = text.split(b"\n")
    complete = lines if len(head) < HEAD_BYTES else lines[:-1]
    if len(complete) < 2 or not any(line.strip() for line in complete[1:]):
        # A single line: a lone record and a page in one line are read alike.
        return len(head) >= HEAD_BYTES and len(complete) >= 1 and parse(complete[0])[1] is None
    if parse(complete[0])[1] is None:
        return True
    if parse(text)[1] is None:
        return False
    starts = [line for line in complete[:200] if line.strip()]
    return sum(line.lstrip()[:1] == b"{" and line.rstrip()[-1:] == b"}" for line in starts) * 2 > len(
        starts
    ) or (any(parse(line)[1] is None and line.strip()[:1] == b"{" and len(line) > 40 for line in starts))


class _Joined:
    """Lines and bytes of what was read already and of what follows."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def read(self, limit: int) -> bytes:
        return self._head + self._stream.read(max(0, limit - len(self._head)))

    def lines(self) -> Iterator[bytes]:
        pieces = self._head.split(b"\n")
        yield from pieces[:-1]
        carried = pieces[-1]
        yield carried + self._stream.readline(MAX_LINE_BYTES)
        while line := self._stream.readline(MAX_LINE_BYTES):
            yield line


def _lines(stream: _Joined, member: Member) -> Iterator[Record]:
    for number, line in enumerate(stream.lines(), start=1):
        if len(line) >= MAX_LINE_BYTES:
            raise _too_long(number, member)
        if not line.strip():
            continue
        try:
            yield Record(number, orjson.loads(line), size=len(line))
        except orjson.JSONDecodeError:
            value, reason = parse(line)
            yield Record(number, value, reason, _shown(line) if reason else "", len(line))


def _is_listed(head: bytes, member: Member) -> bool:
    """Whether a large document is `{"users": [` with one object a line and nothing beside that list."""
    if len(head) < HEAD_BYTES or not _LIST_BEGINS.match(head.split(b"\n", 1)[0]):
        return False
    with opened(member) as stream:
        stream.readline(MAX_LINE_BYTES)
        previous = b","
        for line in iter(lambda: stream.readline(MAX_LINE_BYTES), b""):
            line = line.strip()
            if not line.startswith(b"{"):
                rest = line + stream.read(HEAD_BYTES)
                return previous.endswith(b"}") and rest.split() in ([b"]", b"}"], [b"]}"])
            if not (previous.endswith(b",") and line.endswith((b"}", b"},"))):
                return False
            previous = line
    return False


def _pages(member: Member) -> Iterator[Record]:
    """The same document as pages of some objects each, so that it is never held whole."""
    with opened(member) as stream:
        begins = _LIST_BEGINS.match(stream.readline(MAX_LINE_BYTES).removeprefix(b"\xef\xbb\xbf"))
        name = begins[1].decode() if begins else ""
        found: list[Any] = []
        first, size = 2, 0
        for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE_BYTES), b""), start=2):
            if not line.lstrip().startswith(b"{"):
                break
            value, reason = parse(line.rstrip().removesuffix(b","))
            if reason:
                raise BadInput(
                    f"{member.name} can not be read: line {number}: {reason}.", fix="export the file again"
                )
            found.append(value)
            size += len(line)
            if len(found) == PAGE_RECORDS:
                yield Record(first, {name: found}, size=size)
                found, first, size = [], number + 1, 0
        if found:
            yield Record(first, {name: found}, size=size)


def _too_long(number: int, member: Member) -> BadInput:
    return BadInput(f"{member.name} line {number} is over {MAX_LINE_BYTES >> 20} MB.", fix="split the file")


def _document(stream: _Joined, member: Member) -> Iterator[Record]:
    whole = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(whole) > MAX_DOCUMENT_BYTES:
        raise BadInput(
            f"{member.name} is one JSON document of over {MAX_DOCUMENT_BYTES >> 20} MB.",
            fix="write one ticket a line: jq -c '.tickets[]' FILE > tickets.ndjson",
        )
    value, reason = parse(whole)
    if reason:
        raise BadInput(f"{member.name} can not be read: {reason}.", fix="export the file again")
    size = len(whole)
    del whole
    if isinstance(value, list):
        for number, element in enumerate(value, start=1):
            yield Record(number, element, size=size // len(value))
    else:
        yield Record(1, value, size=size)


def _shown(line: bytes) -> str:
    return line[: RAW_LENGTH * 4].decode("utf-8", "replace")[:RAW_LENGTH]
