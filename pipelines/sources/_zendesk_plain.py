"""Many plain tickets or audits of Zendesk's turned into columns together: the same rows as one by one, much faster.

Plain is what an export mostly holds: ids that are numbers, texts that are texts, comments with ids. Whatever is not
is left to the readers of single records, so that there is one place that says what odd values mean. A test holds
both ways together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

import polars as pl
import pyarrow as pa

from pipelines.sources import _zendesk_audits as audits
from pipelines.sources import _zendesk_tickets as tickets
from pipelines.sources._values import instants
from pipelines.sources._zendesk_people import HANDLE_TIME
from pipelines.sources._zendesk_ratings import NOT_OFFERED, of_ticket
from pipelines.sources.source import STATED_TIMES, Item, Options, Row
from warehouse import schema
from warehouse.errors import BadInput

Columns = dict[str, dict[str, pl.Series]]  # by table
_INFINITE = (float("inf"), -float("inf"))
_HUGE = 10**18  # ids from here on are not kept as places
_INSTANTS = {
    name: [column for column, dtype in table.items() if dtype == schema.INSTANT]
    for name, table in schema.TABLES.items()
}
_PAIRS = {f"{key}_in_minutes": name for key, name in tickets.DURATIONS.items()}


class _OddError(Exception):
    """Something here must be read one by one."""


# What odd records raise while they are gathered, or when the columns are made.
ODD = (_OddError, BadInput, KeyError, TypeError, AttributeError, OverflowError)


class _Table:
    """The wanted values of many records. What else a record holds is forgotten at once, while it is still at hand."""

    def __init__(self, wanted: str, own: str = "") -> None:
        self._wanted, self._own = wanted.split(), own.split()
        self._layouts: dict[tuple[str, ...], tuple[Callable[[Any], Any], list[Any]]] = {}

    def add(self, record: Row, *own: Any) -> None:
        """Take a record, and values of our own beside it."""
        layout = tuple(record)
        known = self._layouts.get(layout)
        if known is None:
            given = self._given(layout)
            if len(given) < 2:  # itemgetter would give no row
                raise _OddError
            known = self._layouts[layout] = itemgetter(*given), []
        known[1].append(known[0](record) + own)

    def columns(self) -> dict[str, list[Any]]:
        """Each wanted value as a list, null where a record lacks it."""
        found: dict[str, list[Any]] = {name: [] for name in (*self._wanted, *self._own)}
        for layout, (_, rows) in self._layouts.items():
            lists = dict(zip([*self._given(layout), *self._own], zip(*rows, strict=True), strict=True))
            for name, values in found.items():
                values += lists[name] if name in lists else [None] * len(rows)
        return found

    def _given(self, layout: tuple[str, ...]) -> list[str]:
        return [name for name in self._wanted if name in layout]


class Gathered:
    """Plain tickets and audits on their way into columns. Odd ones raise one of ODD, here or in `item`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._has_handle_time = any(key == HANDLE_TIME for key, _ in options.known)
        self._tickets = _Table(
            "id raw_subject subject status priority type via group_id assignee_id requester_id submitter_id organization_id"
            " brand_id tags created_at updated_at is_spam",
            "handle_seconds merged_into",
        )
        self._comments = _Table(
            "id plain_body author_id public via attachments created_at", "ticket_id body role"
        )
        self._metric_sets = _Table(
            f"ticket_id solved_at initially_assigned_at updated_at {' '.join((*_PAIRS, *tickets.COUNTS))}"
        )
        self._events = _Table("id field_name value previous_value", "ticket_id at actor_id")
        self._rows: list[tuple[str, Row]] = []
        self._audited: list[Any] = []

    def ticket(self, one: Row) -> None:
        """Take a ticket with what is embedded in it."""
        if one.get("audits") or one["id"].__class__ is not int:
            raise _OddError
        key = str(one["id"])
        comments, tags = _listed(one.get("comments")), _listed(one.get("tags"))
        self._tickets.add(
            one,
            tickets.handle_seconds(one, self._options) if self._has_handle_time else None,
            tickets.merged_into(key, tags, comments) if tickets.MERGED_TAG in tags else None,
        )
        stated = one.get("satisfaction_rating")
        if stated.__class__ is dict and str(stated.get("score")) not in NOT_OFFERED:
            self._rows += of_ticket(one, key)
        for each in comments:
            body = each.get("plain_body")
            is_plain = body.__class__ is str and body and not body.isspace()
            self._comments.add(each, key, None if is_plain else tickets.body_of(each), _role(each))
        if (metric_set := one.get("metric_set")).__class__ is dict:
            self._metric_sets.add(
                metric_set if "ticket_id" in metric_set else {"ticket_id": one["id"], **metric_set}
            )

    def audit(self, record: Row) -> None:
        """Take an audit with its changes."""
        author, at, changes = record["author_id"], record.get("created_at"), _listed(record["events"])
        if record["ticket_id"].__class__ is not int or author.__class__ not in (int, type(None)):
            raise _OddError
        ticket_id, author = str(record["ticket_id"]), None if author is None else str(author)
        self._audited.append(at)
        for place, one in enumerate(changes):
            if one["id"].__class__ is not int:
                raise _OddError
            name = one.get("field_name")
            is_change = one.get("type") in audits.CHANGES
            if is_change and name in audits.FIELDS:
                self._events.add(one, ticket_id, at, author)
            elif name in audits.OTHERS or not is_change:
                self._rows += audits.change(one, place, changes, record, ticket_id, author)

    def item(self) -> Item:
        """Everything that was taken."""
        _check_instants(self._rows)
        columns = (
            self._ticket_columns() | self._comment_columns() | self._figure_columns() | self._event_columns()
        )
        return Item(None, rows=self._rows, columns=columns)

    def _ticket_columns(self) -> Columns:
        found = self._tickets.columns()
        statuses = _texts(found["status"])
        if None in statuses or not all(found["updated_at"]):
            raise _OddError
        known = {raw: tickets.status(raw) for raw in set(statuses)}
        channels = _texts(via.get("channel") for via in _objects(found["via"]))
        tags = [_listed(one) for one in found["tags"]]
        _only({str}, chain.from_iterable(tags))
        subjects = zip(_texts(found["raw_subject"]), _texts(found["subject"]), strict=True)
        columns = {
            "ticket_id": _text(_ids(found["id"])),
            "subject": _text([raw or plain for raw, plain in subjects]),
            "status": _text([known[raw] for raw in statuses]),
            "status_raw": _text(statuses),
            "priority": _text(_texts(found["priority"])),
            "type": _text(_texts(found["type"])),
            "channel": _text(channels),
            "team_id": _text(_ids_or_none(found["group_id"])),
            "agent_id": _text(_ids_or_none(found["assignee_id"])),
            "customer_id": _text(_ids_or_none(found["requester_id"])),
            "opened_by_id": _text(_ids_or_none(found["submitter_id"])),
            "account_id": _text(_ids_or_none(found["organization_id"])),
            "brand": _text(_ids_or_none(found["brand_id"])),
            "tags": _text_lists([sorted(set(one)) for one in tags]),
            "created_at": _instants(found["created_at"]),
            "updated_at": _instants(found["updated_at"]),
            "handle_seconds": pl.Series(found["handle_seconds"], dtype=schema.NUMBER),
            "is_spam": _flags(
                raw == "suspended" or bool(spam) for raw, spam in zip(statuses, found["is_spam"], strict=True)
            ),
            "is_deleted": _flags(raw == "deleted" for raw in statuses),
            "is_test": _flags(channel == "sample_ticket" for channel in channels),
            "merged_into": _text(found["merged_into"]),
        }
        return {"tickets": columns} if statuses else {}

    def _comment_columns(self) -> Columns:
        found = self._comments.columns()
        numbers, public = found["id"], found["public"]
        bodies = zip(found["plain_body"], found["body"], strict=True)
        said = [(plain, False) if other is None else other for plain, other in bodies]
        authors = _ids_or_none(found["author_id"])
        columns = {
            "ticket_id": _text(found["ticket_id"]),
            "message_id": _text(_ids(numbers)),
            "position": _places(numbers),
            "author_role": _text(found["role"]),
            "author_id": _text(authors),
            "is_public": _flags(one if one.__class__ is bool else None for one in public),
            "created_at": _instants(found["created_at"]),
            "kind": _text(["note" if one is False else "message" for one in public]),
            "body": _text([body for body, _ in said]),
            "is_html": _flags(is_html for _, is_html in said),
            "count_attachments": pl.Series(
                [len(one) if one.__class__ is list else 0 for one in found["attachments"]], dtype=schema.COUNT
            ),
        }
        return {"messages": columns} if numbers else {}

    def _figure_columns(self) -> Columns:
        found = self._metric_sets.columns()
        if not found["ticket_id"]:
            return {}
        ids = _text(_ids(found["ticket_id"]))
        wide: dict[str, pl.Series] = {"ticket_id": ids}
        for key, name in _PAIRS.items():
            pairs = _objects(found[key])
            wide[f"{name}.calendar_minutes"] = _numbers([pair.get("calendar") for pair in pairs])
            wide[f"{name}.business_minutes"] = _numbers([pair.get("business") for pair in pairs])
        for name in tickets.COUNTS:
            wide[f"count_{name}.value"] = _numbers(found[name])
        names = [*_PAIRS.values(), *map("count_{}".format, tickets.COUNTS)]
        figures = _figures(pl.LazyFrame(wide), names)
        stated = {
            "ticket_id": ids,
            "solved_at": _instants(found["solved_at"]),
            "first_assigned_at": _instants(found["initially_assigned_at"]),
            "stated_at": _instants(found["updated_at"]),
        }
        return {STATED_TIMES: stated, "vendor_metrics": {name: figures[name] for name in figures.columns}}

    def _event_columns(self) -> Columns:
        # A row with a wrong instant is refused with its line, so its record must be read alone.
        _instants(self._audited)
        found = self._events.columns()
        fields = [audits.FIELDS[name] for name in found["field_name"]]
        columns = {
            "ticket_id": _text(found["ticket_id"]),
            "event_id": _text(_ids(found["id"])),
            "position": _places(found["id"]),
            "at": _instants(found["at"]),
            "field": _text(fields),
            "old": _text(_values(fields, found["previous_value"])),
            "new": _text(_values(fields, found["value"])),
            "actor_id": _text(found["actor_id"]),
        }
        return {"events": columns} if fields else {}


def _role(comment: Row) -> str | None:
    """The role as `tickets.role` has it; most comments say at a glance that they state none."""
    author = comment.get("author_id")
    via = comment.get("via")
    if via.__class__ is dict and author not in (-1, 0):
        source = via.get("source")
        if via.get("channel") not in tickets.BOT_CHANNELS and (
            source.__class__ is not dict or source.get("rel") is None
        ):
            return None
    return tickets.role(comment, None if author is None else str(author))


def _figures(wide: pl.LazyFrame, names: list[str]) -> pl.DataFrame:
    """A row for each figure of which anything is known."""
    nothing = pl.lit(None, dtype=schema.NUMBER)
    given = wide.collect_schema().names()
    each = []
    for name in names:
        columns = {
            column: pl.col(f"{name}.{column}") if f"{name}.{column}" in given else nothing
            for column in ("calendar_minutes", "business_minutes", "value")
        }
        known = pl.any_horizontal(pl.col(one).is_not_null() for one in given if one.startswith(f"{name}."))
        each.append(wide.filter(known).select("ticket_id", name=pl.lit(name, dtype=schema.TEXT), **columns))
    return pl.concat(each).collect()


def _check_instants(rows: list[tuple[str, Row]]) -> None:
    """A row with a wrong instant is refused with its line, so its record must be read alone."""
    by_column: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for table, row in rows:
        for column in _INSTANTS.get(table, ()):
            by_column[table, column].append(row.get(column))
    for values in by_column.values():
        _instants(values)


def _values(fields: list[str], values: list[Any]) -> list[str | None]:
    _only({str, int, type(None)}, values)
    known = {pair: audits.value(*pair) for pair in set(zip(fields, values, strict=True))}
    return [known[pair] for pair in zip(fields, values, strict=True)]


def _only(types: set[type], values: Iterable[Any]) -> None:
    if not set(map(type, values)) <= types:
        raise _OddError


def _ids(values: list[Any]) -> list[str]:
    _only({int}, values)
    return list(map(str, values))


def _ids_or_none(values: list[Any]) -> list[str | None]:
    _only({int, type(None)}, values)
    return [None if one is None else str(one) for one in values]


def _texts(values: Iterable[Any]) -> list[str | None]:
    found = list(values)
    _only({str, type(None)}, found)
    return [one or None for one in found]


def _objects(values: Iterable[Any]) -> list[Row]:
    return [one if one.__class__ is dict else {} for one in values]


def _listed(value: Any) -> list[Any]:
    return value if value.__class__ is list else []


def _text(values: Sequence[str | None]) -> pl.Series:
    return pl.Series(values, dtype=schema.TEXT)


def _text_lists(values: list[list[str]]) -> pl.Series:
    """Lists of texts; polars builds a column of each list where it is given them as they are."""
    ends = pa.array([0, *accumulate(map(len, values))], pa.int32())
    flat = pa.array(list(chain.from_iterable(values)), pa.string())
    return pl.Series(pa.ListArray.from_arrays(ends, flat), dtype=pl.List(schema.TEXT))


def _numbers(values: list[Any]) -> pl.Series:
    _only({int, float, type(None)}, values)
    series = pl.Series([None if one is None else float(one) for one in values], dtype=schema.NUMBER)
    if any(one in _INFINITE for one in (series.min(), series.max())):
        raise _OddError
    return series


def _instants(values: list[Any]) -> pl.Series:
    series, wrong = instants(values)
    if wrong:
        raise _OddError
    return series


def _flags(values: Iterable[bool | None]) -> pl.Series:
    return pl.Series(list(values), dtype=schema.FLAG)


def _places(numbers: list[int]) -> pl.Series:
    if numbers and not 0 <= min(numbers) <= max(numbers) < _HUGE:
        raise _OddError
    return pl.Series(numbers, dtype=schema.COUNT)
