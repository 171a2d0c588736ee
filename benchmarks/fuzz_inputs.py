"""Exports made wrong on purpose: cut off, garbled, of other types, too deep, too long, in another encoding."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

Change = Callable[[bytes, random.Random], bytes]

# Values that a field of another type holds in one export out of a million.
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3.5, 1e308, 10**30, 2**63, "", " ", "0", "null", "N/A", "1.03006E+13", "-5", "12,5",
    "2026-13-45T99:00:00Z", "0001-01-01", "99999-01-01", "03/04/2026 10:15", "1772550000", 1772550000123, "1e400",
    "\u0000", "\ud83d", "\u202e", "=1+1", "'; DROP TABLE tickets; --", "<script>", [], {}, [None], [[]], [{}], {"": None},
    {"id": {}}, ["a", 1, None], {"a": {"b": {"c": []}}}, "x" * 100_000,
)  # fmt: skip


def _spot(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 2, 7, 40, 400)))


def cut(data: bytes, chance: random.Random) -> bytes:
    """The beginning only."""
    return data[: chance.randrange(len(data) + 1)]


def garbled(data: bytes, chance: random.Random) -> bytes:
    """A few bytes are others."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        if found:
            found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def nulled(data: bytes, chance: random.Random) -> bytes:
    """NULs stand in the middle."""
    start, _ = _spot(data, chance)
    return data[:start] + b"\0" * chance.choice((1, 2, 500)) + data[start:]


def without_a_piece(data: bytes, chance: random.Random) -> bytes:
    """A piece is missing."""
    start, end = _spot(data, chance)
    return data[:start] + data[end:]


def with_a_piece_twice(data: bytes, chance: random.Random) -> bytes:
    """A piece stands there again, elsewhere."""
    start, end = _spot(data, chance)
    place, _ = _spot(data, chance)
    return data[:place] + data[start:end] + data[place:]


def lines_moved(data: bytes, chance: random.Random) -> bytes:
    """Lines are shuffled, doubled, missing or joined."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    how = chance.randrange(4)
    if how == 0:
        chance.shuffle(lines)
    elif how == 1:
        lines.insert(chance.randrange(len(lines) + 1), lines[place])
    elif how == 2:
        del lines[place]
    else:
        return b"\n".join(lines[:place]) + b" " + b"\n".join(lines[place:])
    return b"\n".join(lines)


def deep(data: bytes, chance: random.Random) -> bytes:
    """Something is nested without end."""
    start, _ = _spot(data, chance)
    count = chance.choice((50, 2_000))
    opened, closed = chance.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"a":[', b"")))
    return data[:start] + opened * count + closed * count + data[start:]


def long(data: bytes, chance: random.Random) -> bytes:
    """A field is far too long."""
    start, _ = _spot(data, chance)
    what = chance.choice((b"9", b"a", b" ", b'"', b",", b"\n"))
    return data[:start] + what * (2_000 if what == b"\n" else 50_000) + data[start:]


def encoded(data: bytes, chance: random.Random) -> bytes:
    """The whole is in another encoding than it says or than is usual."""
    text = data.decode("utf-8", "replace")
    name = chance.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252", "utf-32", "cp037", "shift_jis")
    )
    return text.encode(name, "replace")


def packed(data: bytes, chance: random.Random) -> bytes:
    """It is packed, and what packs it is damaged."""
    if chance.random() < 0.5:
        whole = gzip.compress(data, 1)
    else:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../export.json", data)
        whole = stream.getvalue()
    return chance.choice((lambda one, _: one, cut, garbled, without_a_piece))(whole, chance)


def keys_twice(data: bytes, chance: random.Random) -> bytes:
    """A key, or a column's name, stands there twice."""
    keys = list(re.finditer(rb'"\w+"\s*:\s*("[^"]*"|[\w.]+)', data))
    if not keys:
        first, _, rest = data.partition(b"\n")
        names = first.split(b",")
        names[chance.randrange(len(names))] = chance.choice(names)
        return b",".join(names) + b"\n" + rest
    one = chance.choice(keys)
    return data[: one.start()] + one.group(0) + b", " + data[one.start() :]


def _places(value: Any, found: list[tuple[Any, Any]]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found.append((value, key))
        _places(inner, found)


def _odd_json(text: str, chance: random.Random) -> str:
    value = json.loads(text)
    for _ in range(chance.choice((1, 1, 2, 8))):
        places: list[tuple[Any, Any]] = []
        _places(value, places)
        if places:
            holder, key = chance.choice(places)
            other, place = chance.choice(places)
            holder[key] = chance.choice((chance.choice(ODD), other[place]))
            if isinstance(holder, dict) and chance.random() < 0.2:
                del holder[key]
    return json.dumps(value)


def odd_values(data: bytes, chance: random.Random) -> bytes:
    """Fields hold values of other types, or another field's value; it stays JSON or a table."""
    text = data.decode("utf-8", "replace")
    try:
        if text.lstrip()[:1] in "{[" and text.strip():
            try:
                return _odd_json(text, chance).encode()
            except (ValueError, RecursionError):
                lines = text.splitlines()
                place = chance.randrange(len(lines))
                lines[place] = _odd_json(lines[place], chance)
                return "\n".join(lines).encode()
        rows = list(csv.reader(io.StringIO(text)))
        for _ in range(chance.choice((1, 3, 10))):
            row = rows[chance.randrange(len(rows))]
            if row:
                row[chance.randrange(len(row))] = str(chance.choice((chance.choice(ODD), chance.choice(row))))
        stream = io.StringIO()
        csv.writer(stream).writerows(rows)
        return stream.getvalue().encode("utf-8", "replace")
    except (ValueError, csv.Error, RecursionError, IndexError):
        return garbled(data, chance)


CHANGES: tuple[Change, ...] = (
    *([odd_values] * 8), *([garbled] * 2), *([lines_moved] * 2), cut, nulled, without_a_piece, with_a_piece_twice, deep,
    long, encoded, packed, keys_twice,
)  # fmt: skip


def changed(data: bytes, chance: random.Random) -> bytes:
    """The export with one or two things wrong."""
    for _ in range(chance.choice((1, 1, 2))):
        data = chance.choice(CHANGES)(data, chance)
    return data
