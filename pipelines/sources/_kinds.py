"""JSON records of several kinds: bare ones, wrapped ones and pages of them, told apart by the fields that only they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.sources import _api
from pipelines.sources._api import Piece, Reader
from pipelines.sources.source import NAMES, Item, Options, Row, Sample


@dataclass(frozen=True)
class Kind:
    """A kind of record: how it is known and who reads it (None: known and passed over on purpose)."""

    name: str
    read: Reader | None
    signs: tuple[frozenset[str], ...]  # a record that has all keys of one of these is of this kind
    named: str = ""  # a file whose name begins so holds this kind, where the records are too bare to tell
    is_first: bool = False  # what other records are read with


Unpack = Callable[[Row], list[tuple[Kind, Any]] | None]


def signs(*texts: str) -> tuple[frozenset[str], ...]:
    """Sets of keys, each written as words."""
    return tuple(frozenset(text.split()) for text in texts)


def kind_of(record: Any, kinds: Sequence[Kind], base: str = "") -> Kind | None:
    """The kind of a bare record; the file's name speaks first, where a kind is told by it.

    What stands in an object `properties` counts as `properties.NAME`.
    """
    if not isinstance(record, dict):
        return None
    keys = set(record)
    if isinstance(properties := record.get("properties"), dict):
        keys |= {f"properties.{name}" for name in properties}
    for kind in kinds:
        if kind.named and base.startswith(kind.named) and keys >= {"id", "name"}:
            return kind
    return next((kind for kind in kinds if any(one <= keys for one in kind.signs)), None)


def within(
    record: Row, kinds: Sequence[Kind], base: str = "", unpack: Unpack | None = None
) -> list[tuple[Kind, Any]]:
    """The record itself, or what a page or a wrapper holds: lists and objects whose first element is of a known kind.

    What other records are read with comes first.
    """
    own = kind_of(record, kinds, base)
    if own:
        return [(own, record)]
    found = unpack(record) if unpack else None
    if found is None:
        found = []
        for value in record.values():
            listed = value if isinstance(value, list) else [value]
            kind = kind_of(listed[0], kinds, base) if listed else None
            if kind:
                found += [(kind_of(one, kinds, base) or kind, one) for one in listed]
    return sorted(found, key=lambda pair: not pair[0].is_first)


def recognise(sample: Sample, kinds: Sequence[Kind], unpack: Unpack | None = None) -> int | None:
    """0 for what other records are read with, 1 for a page of both, 2 for the rest; None where nothing is known."""
    if sample.kind != "json" or not isinstance(sample.record, dict):
        return None
    found = within(sample.record, kinds, sample.member.base, unpack)
    if not found:
        return None
    are_first = {kind.is_first for kind, _ in found}
    return 1 if len(are_first) > 1 else 0 if True in are_first else 2


def read(
    sample: Sample, options: Options, kinds: Sequence[Kind], title: str, unpack: Unpack | None = None
) -> Iterator[Item]:
    """Every record of the member by the reader of its kind; names are known to the records that follow."""
    known = dict(options.known)

    def pieces(record: Row) -> list[Piece] | None:
        found = within(record, kinds, sample.member.base, unpack)
        return [Piece(kind.name, kind.read, value) for kind, value in found] or None

    for item in _api.read(sample, options.with_known(known), pieces, title):
        known.update({(row["kind"], row["id"]): row["name"] for table, row in item.rows if table == NAMES})
        yield item
