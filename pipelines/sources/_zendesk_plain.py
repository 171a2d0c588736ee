"""Many plain tickets or audits of Zendesk's turned into columns together: the same rows as one by one, much faster.

Plain is what an export mostly holds: ids that are numbers, texts that are texts, comments with ids. Whatever is not
is left to the readers of single records, so that there is one place that says what odd values mean. A test holds
both ways together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
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
_FEW = 8  # fewer records than this are not worth splitting further


class _Odd(Exception):
    """Something here must be read one by one."""


def taken(kind: str | None, records: Sequence[Row], options: Options) -> tuple[list[Item], list[int]]:
    """The records of one kind as whole columns, and the places of those that must be read one by one."""
    read = {"tickets": _tickets, "ticket_audits": _audits}.get(kind or "")
    if read is None:
        return [], list(range(len(records)))
    try:
        columns, rows = read(records, options)
    except (_Odd, BadInput, KeyError, TypeError, AttributeError, OverflowError):
        if len(records) <= _FEW:
            return [], list(range(len(records)))
        half = len(records) // 2
        first, left = taken(kind, records[:half], options)
        second, later = taken(kind, records[half:], options)
        return first + second, left + [half + place for place in later]
    return [Item(None, rows=rows, columns=columns)], []


def _tickets(records: Sequence[Row], options: Options) -> tuple[Columns, list[tuple[str, Row]]]:
    if any(one.get("audits") for one in records):
        raise _Odd
    ids = _ids([one["id"] for one in records])
    statuses = _texts(one["status"] for one in records)
    if None in statuses or not all(one.get("updated_at") for one in records):
        raise _Odd
    known = {raw: tickets.status(raw) for raw in set(statuses)}
    channels = _texts(via.get("channel") for via in _objects(one.get("via") for one in records))
    comments = [_listed(one.get("comments")) for one in records]
    tags = [_listed(one.get("tags")) for one in records]
    _only({str}, chain.from_iterable(tags))
    has_handle_time = any(key == HANDLE_TIME for key, _ in options.known)
    columns = {
        "ticket_id": _text(ids),
        "subject": _text(
            [
                raw or plain
                for raw, plain in zip(
                    _texts(one.get("raw_subject") for one in records),
                    _texts(one.get("subject") for one in records),
                    strict=True,
                )
            ]
        ),
        "status": _text([known[raw] for raw in statuses]),
        "status_raw": _text(statuses),
        "priority": _text(_texts(one.get("priority") for one in records)),
        "type": _text(_texts(one.get("type") for one in records)),
        "channel": _text(channels),
        "team_id": _text(_ids_or_none([one.get("group_id") for one in records])),
        "agent_id": _text(_ids_or_none([one.get("assignee_id") for one in records])),
        "customer_id": _text(_ids_or_none([one.get("requester_id") for one in records])),
        "opened_by_id": _text(_ids_or_none([one.get("submitter_id") for one in records])),
        "account_id": _text(_ids_or_none([one.get("organization_id") for one in records])),
        "brand": _text(_ids_or_none([one.get("brand_id") for one in records])),
        "tags": _text_lists([sorted(set(one)) for one in tags]),
        "created_at": _instants([one.get("created_at") for one in records]),
        "updated_at": _instants([one["updated_at"] for one in records]),
        "handle_seconds": pl.Series(
            [tickets.handle_seconds(one, options) if has_handle_time else None for one in records],
            dtype=schema.NUMBER,
        ),
        "is_spam": pl.Series(
            [
                raw == "suspended" or bool(one.get("is_spam"))
                for raw, one in zip(statuses, records, strict=True)
            ]
        ),
        "is_deleted": pl.Series([raw == "deleted" for raw in statuses]),
        "is_test": pl.Series([channel == "sample_ticket" for channel in channels]),
        "merged_into": _text(
            [
                tickets.merged_into(key, marked, said) if tickets.MERGED_TAG in marked else None
                for key, marked, said in zip(ids, tags, comments, strict=True)
            ]
        ),
    }
    rows = [
        row
        for key, one, stated in zip(
            ids, records, _objects(one.get("satisfaction_rating") for one in records), strict=True
        )
        if str(stated.get("score")) not in NOT_OFFERED
        for row in of_ticket(one, key)
    ]
    owners = [key for key, said in zip(ids, comments, strict=True) for _ in said]
    found = {"tickets": columns, "messages": _comments(list(chain.from_iterable(comments)), owners)}
    sets = [(key, one["metric_set"]) for key, one in zip(ids, records, strict=True) if "metric_set" in one]
    sets = [(key, one) for key, one in sets if isinstance(one, dict)]
    return found | _metric_sets([one for _, one in sets], [key for key, _ in sets]), rows


def _comments(records: list[Row], owners: list[str]) -> dict[str, pl.Series]:
    _only({dict}, records)
    numbers = [one["id"] for one in records]
    ids = _ids(numbers)
    if numbers and not 0 <= min(numbers) <= max(numbers) < _HUGE:
        raise _Odd
    authors = _ids_or_none([one.get("author_id") for one in records])
    public = [one.get("public") for one in records]
    said = [
        (body, False)
        if (body := one.get("plain_body")).__class__ is str and body and not body.isspace()
        else tickets.body_of(one)
        for one in records
    ]
    return {
        "ticket_id": _text(owners),
        "message_id": _text(ids),
        "position": pl.Series(numbers, dtype=schema.COUNT),
        "author_role": _text(_roles(records, authors)),
        "author_id": _text(authors),
        "is_public": pl.Series([one if one.__class__ is bool else None for one in public], dtype=schema.FLAG),
        "created_at": _instants([one.get("created_at") for one in records]),
        "kind": _text(["note" if one is False else "message" for one in public]),
        "body": _text([body for body, _ in said]),
        "is_html": pl.Series([is_html for _, is_html in said], dtype=schema.FLAG),
        "count_attachments": pl.Series(
            [len(one) if (one := each.get("attachments")).__class__ is list else 0 for each in records],
            dtype=schema.COUNT,
        ),
    }


def _roles(records: list[Row], authors: list[str | None]) -> list[str | None]:
    vias = _objects(one.get("via") for one in records)
    channels = [via.get("channel") for via in vias]
    relations = [source.get("rel") for source in _objects(via.get("source") for via in vias)]
    return [
        tickets.role(one, author)
        if relation is not None or channel in tickets.BOT_CHANNELS or author in tickets.SYSTEM_AUTHORS
        else None
        for one, author, channel, relation in zip(records, authors, channels, relations, strict=True)
    ]


def _metric_sets(records: list[Row], owners: list[str]) -> Columns:
    if not records:
        return {}
    owners = _ids([one.get("ticket_id", int(owner)) for one, owner in zip(records, owners, strict=True)])
    ids = _text(owners)
    wide: dict[str, pl.Series] = {"ticket_id": ids}
    for key, name in tickets.DURATIONS.items():
        pairs = _objects(one.get(f"{key}_in_minutes") for one in records)
        wide[f"{name}.calendar_minutes"] = _numbers([pair.get("calendar") for pair in pairs])
        wide[f"{name}.business_minutes"] = _numbers([pair.get("business") for pair in pairs])
    for name in tickets.COUNTS:
        wide[f"count_{name}.value"] = _numbers([one.get(name) for one in records])
    stated = {
        "ticket_id": ids,
        "solved_at": _instants([one.get("solved_at") for one in records]),
        "first_assigned_at": _instants([one.get("initially_assigned_at") for one in records]),
        "stated_at": _instants([one.get("updated_at") for one in records]),
    }
    figures = _figures(
        pl.LazyFrame(wide), [*tickets.DURATIONS.values(), *map("count_{}".format, tickets.COUNTS)]
    )
    return {
        STATED_TIMES: stated,
        "vendor_metrics": {name: figures[name] for name in figures.columns},
    }


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


def _audits(records: Sequence[Row], _: Options) -> tuple[Columns, list[tuple[str, Row]]]:
    ids = _ids([one["ticket_id"] for one in records])
    authors = _ids_or_none([one["author_id"] for one in records])
    changes = [_listed(one["events"]) for one in records]
    every = list(chain.from_iterable(changes))
    _only({dict}, every)
    _only({int}, (one["id"] for one in every))
    rows: list[tuple[str, Row]] = []
    plain: list[tuple[str, Any, str | None, Row]] = []
    for ticket_id, record, author, own in zip(ids, records, authors, changes, strict=True):
        at = record.get("created_at")
        for place, one in enumerate(own):
            name = one.get("field_name")
            if name in audits.FIELDS and one.get("type") in audits.CHANGES:
                plain.append((ticket_id, at, author, one))
            elif name in audits.OTHERS or one.get("type") not in audits.CHANGES:
                rows.extend(audits.change(one, place, own, record, ticket_id, author))
    _check_instants(rows)
    numbers = [one["id"] for _, _, _, one in plain]
    if numbers and not 0 <= min(numbers) <= max(numbers) < _HUGE:
        raise _Odd
    fields = [audits.FIELDS[one["field_name"]] for _, _, _, one in plain]
    events = {
        "ticket_id": _text([ticket_id for ticket_id, _, _, _ in plain]),
        "event_id": _text(list(map(str, numbers))),
        "position": pl.Series(numbers, dtype=schema.COUNT),
        "at": _instants([at for _, at, _, _ in plain]),
        "field": _text(fields),
        "old": _text(_values(fields, [one.get("previous_value") for _, _, _, one in plain])),
        "new": _text(_values(fields, [one.get("value") for _, _, _, one in plain])),
        "actor_id": _text([author for _, _, author, _ in plain]),
    }
    return {"events": events}, rows


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
        raise _Odd


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
        raise _Odd
    return series


def _instants(values: list[Any]) -> pl.Series:
    series, wrong = instants(values)
    if wrong:
        raise _Odd
    return series
