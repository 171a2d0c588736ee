"""The messages of a file or folder of mail, one after the other, each as its bytes: mbox, Maildir and .eml files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from pipelines.sources import _files, _mail_folders
from pipelines.sources._files import Member

MAX_MESSAGE_BYTES = 64 * 2**20  # the rest is attachments, which are only counted
_MAX_LINE_BYTES = 1 << 20
_SEPARATOR = re.compile(
    rb"^From \S+ +(?:.{0,60} )?[A-Z][a-z]{2},? [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d(?::\d\d)? .{0,20}\d{4}"
)
_ESCAPED = re.compile(rb"^>+From ")
_HEADER = re.compile(rb"^([!-9;-~]{1,70}):")
_SIGNS = frozenset(
    b"from to date subject message-id received return-path delivered-to mime-version reply-to in-reply-to cc".split()
)


def looks_like_mail(head: bytes) -> bool:
    """Whether a file that starts so is an mbox or one e-mail: its first lines are a mail's headers."""
    lines = head[:65_536].splitlines()
    is_mbox = bool(lines) and _SEPARATOR.match(lines[0]) is not None
    found: set[bytes] = set()
    for line in lines[is_mbox:200]:
        header = _HEADER.match(line)
        if header:
            found.add(header.group(1).lower())
        elif not found or not line.startswith((b" ", b"\t")):
            break
    return is_mbox or (b"from" in found and len(found & _SIGNS) >= 2)


def messages(member: Member) -> Iterator[tuple[int, bytes]]:
    """Every message with the line that it begins on (in a folder: its number). An mbox is never held whole."""
    if member.path.is_dir():
        for number, path in enumerate(_mail_folders.messages(member.path), start=1):
            with path.open("rb") as stream:
                yield number, stream.read(MAX_MESSAGE_BYTES)
        return
    with _files.opened(member) as stream:
        yield from _split(stream)


def _split(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The messages of an mbox; a file without its separators is one message."""
    pieces: list[bytes] = []
    size, begun, number = 0, 1, 0
    is_after_blank, is_mbox = True, False
    while line := stream.readline(_MAX_LINE_BYTES):
        number += 1
        if is_after_blank and (is_mbox or number == 1) and _SEPARATOR.match(line):
            if pieces:
                yield begun, b"".join(pieces)
            pieces, size, begun, is_mbox = [], 0, number, True
        elif size < MAX_MESSAGE_BYTES:
            pieces.append(line[1:] if is_mbox and _ESCAPED.match(line) else line)
            size += len(line)
        is_after_blank = line in (b"\n", b"\r\n")
    if pieces:
        yield begun, b"".join(pieces)
