"""What JSON sources share: records and pages taken apart, each piece given to its reader, notes of what was left out.

A source gives `pieces`: what a record holds, each with the reader of its kind. A reader yields rows for tables; with
`remark` it says something of a record that is counted and listed in a note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.sources import _json
from pipelines.sources._values import identifier, instant, listing, words
from pipelines.sources.source import Item, Options, Row, Sample
from warehouse.errors import BadInput

Tabled = tuple[str, Row]
Reader = Callable[[Row, Options], Iterator[Tabled]]

_REMARK = ""  # in place of a table's name
_REPEATED = frozenset({"people", "teams", "accounts"})  # given with every message; once in a while is enough
_REMEMBERED = 50_000
_SHOWN_IDS = 5


@dataclass(frozen=True)
class Piece:
    """One object of a record with the reader of its kind; no reader: a kind that is known and not used."""

    kind: str  # in the plural, for notes
    reader: Reader | None
    value: Any


Pieces = Callable[[Row], Sequence[Piece] | None]


def read(sample: Sample, options: Options, pieces: Pieces, title: str) -> Iterator[Item]:
    """Every piece of every record as rows. `pieces` gives None for a record that is none of the system's."""
    said: dict[str, list[str]] = defaultdict(list)
    given: dict[tuple[str, str], int] = {}
    passed: set[str] = set()
    for record in _json.records(sample.member):
        if record.reason is not None:
            yield Item(record.line, reason=record.reason, raw=record.raw, size=record.size)
            continue
        found = pieces(record.value) if isinstance(record.value, dict) else None
        if found is None:
            reason = f"not a {title} record we know"
            yield Item(record.line, reason=reason, raw=shown(record.value), size=record.size)
            continue
        share = record.size // max(len(found), 1)
        for piece in found:
            if piece.reader is None:
                if piece.kind not in passed:
                    passed.add(piece.kind)
                    yield Item(record.line, note=f"{piece.kind} are not used", size=share)
            else:
                yield _item(record.line, piece.value, piece.reader, options, share, said, given)
    for what, ids in said.items():
        listed = ", ".join(ids[:_SHOWN_IDS]) + (", ..." if len(ids) > _SHOWN_IDS else "")
        yield Item(None, note=f"{what}: {len(ids)} ({listed})")


def _item(
    line: int,
    value: Any,
    reader: Reader,
    options: Options,
    size: int,
    said: dict[str, list[str]],
    given: dict[tuple[str, str], int],
) -> Item:
    if not isinstance(value, dict):
        return Item(line, reason="a record that is not an object", raw=shown(value), size=size)
    rows: list[Tabled] = []
    try:
        for table, row in reader(value, options):
            if table == _REMARK:
                said[row["what"]].append(row["id"])
            elif table not in _REPEATED or _is_news(table, row, given):
                rows.append((table, row))
    except BadInput as error:
        return Item(line, reason=error.what, raw=shown(value), size=size)
    return Item(line, rows=rows, size=size)


def _is_news(table: str, row: Row, given: dict[tuple[str, str], int]) -> bool:
    """Whether the row says something else than what was last given of the same person, team or account."""
    key = (table, str(next(iter(row.values()))))
    content = hash(repr(row))
    if given.get(key) == content:
        return False
    if len(given) >= _REMEMBERED:
        given.clear()
    given[key] = content
    return True


def remark(what: str, record_id: str) -> Tabled:
    """Something to say of a record, counted and listed in a note: "deleted conversations, left out: 2 (7, 9)"."""
    return _REMARK, {"what": what, "id": record_id}


def required(record: Row, what: str, key: str = "id") -> str:
    """The record's id. Raises BadInput where it has none."""
    found = identifier(record.get(key), f"{what} id")
    if found is None:
        raise BadInput(f"a {what} without {'an id' if key == 'id' else f'a {key}'}")
    return found


def person(
    person_id: str, role: str | None, name: Any, email: Any, account_id: str | None = None, at: Any = None
) -> Tabled:
    """A row of people. `role`: customer, agent, bot, or None where the file does not say."""
    return "people", {
        "person_id": person_id,
        "role": role,
        "name": words(name),
        "email": words(email),
        "account_id": account_id,
        "updated_at": at,
    }


def event(
    ticket_id: str,
    origin: str,
    field: str,
    at: Any,
    *,
    new: str | None,
    old: str | None = None,
    actor: str | None = None,
) -> Tabled:
    """A row of events; `origin` is the id of what it was read from, which may give one event for each field."""
    return "events", {
        "ticket_id": ticket_id,
        "event_id": f"{origin}:{field}",
        "position": place(origin),
        "at": at,
        "field": field,
        "old": old,
        "new": new,
        "actor_id": actor,
    }


def minutes(ticket_id: str, name: str, *, calendar: Any = None, business: Any = None) -> Iterator[Tabled]:
    """A vendor's own duration, stated in seconds; nothing where it states none."""
    calendar_minutes, business_minutes = in_minutes(calendar), in_minutes(business)
    if calendar_minutes is not None or business_minutes is not None:
        yield (
            "vendor_metrics",
            {
                "ticket_id": ticket_id,
                "name": name,
                "calendar_minutes": calendar_minutes,
                "business_minutes": business_minutes,
            },
        )


def figure(ticket_id: str, name: str, value: Any) -> Iterator[Tabled]:
    """A vendor's own count or score; nothing where it states none."""
    if (found := seconds(value)) is not None:
        yield "vendor_metrics", {"ticket_id": ticket_id, "name": name, "value": found}


def seconds(value: Any) -> float | None:
    """A number of JSON, or None for anything else: a vendor's figure is never a reason to refuse a record."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e15 else None


def in_minutes(value: Any) -> float | None:
    """Seconds as minutes; None where there is no number or where it is negative."""
    found = seconds(value)
    return found / 60 if found is not None and found >= 0 else None


def assigned(value: Any, what: str, *nobody: str) -> str | None:
    """An assignee's id; None for 0 and for the system's other ids that stand for nobody."""
    found = identifier(value, what)
    return None if found == "0" or found in nobody else found


def place(record_id: str) -> int | None:
    """A numeric id as a position: ids grow with time, so that they order what happened in the same second."""
    return int(record_id) if record_id.isdecimal() and len(record_id) < 19 else None


def by_time(found: Sequence[Any], key: str) -> list[Row]:
    """The objects in order of their instant and id, whichever order the page has. Raises BadInput on a wrong instant."""
    objects = [one for one in found if isinstance(one, dict)]

    def order(one: Row) -> tuple[float, int, str]:
        at, own = instant(one.get(key)), str(one.get("id"))
        return at.timestamp() if at else float("inf"), place(own) or 0, own

    return sorted(objects, key=order)


def count(value: Any) -> int:
    """How many attachments a list holds."""
    return len(listing(value))


def shown(record: Any) -> str:
    """The beginning of a record, for the list of what was refused."""
    return repr(record)[: _json.RAW_LENGTH]
