"""Zendesk's JSON: full exports, API pages and what lies beside them (users, audits, ratings, metric sets).

Lines of tickets, of `{"ticket": {...}}` and of any other record; pages such as `{"tickets": [...], "users": [...]}`;
arrays. Tickets carry their comments embedded, or comments come in records of their own or in audits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipelines.sources import _json
from pipelines.sources import _zendesk_audits as audits
from pipelines.sources import _zendesk_people as people
from pipelines.sources import _zendesk_plain as plain
from pipelines.sources import _zendesk_ratings as ratings
from pipelines.sources import _zendesk_schedules as schedules
from pipelines.sources import _zendesk_tickets as tickets
from pipelines.sources._values import listing, mapping
from pipelines.sources._zendesk_guide import GUIDE
from pipelines.sources.source import NAMES, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

Reader = Callable[[Row, Options], Iterator[tuple[str, Row]]]

# A record's kind: its key in a page, the key that wraps a single one, and its reader (None: known and passed over).
KINDS: dict[str, tuple[str, Reader | None]] = {
    "tickets": ("ticket", tickets.ticket),
    "comments": ("comment", tickets.loose_comment),
    "ticket_comments": ("comment", tickets.loose_comment),
    "audits": ("audit", audits.audit),
    "ticket_audits": ("audit", audits.audit),
    "users": ("user", people.user),
    "groups": ("group", people.group),
    "organizations": ("organization", people.organization),
    "brands": ("brand", people.brand),
    "ticket_fields": ("ticket_field", people.ticket_field),
    "satisfaction_ratings": ("satisfaction_rating", ratings.rating),
    "survey_responses": ("survey_response", ratings.survey_response),
    "metric_sets": ("metric_set", tickets.metric_set),
    "ticket_metrics": ("ticket_metric", tickets.metric_set),
    "schedules": ("schedule", schedules.schedule),
    "holidays": ("holiday", schedules.holiday),
    "ticket_forms": ("ticket_form", None),
    "ticket_metric_events": ("ticket_metric_event", None),
    "custom_statuses": ("custom_status", people.custom_status),
    "sla_policies": ("sla_policy", None),
    "macros": ("macro", None),
    "views": ("view", None),
    "deleted_tickets": ("deleted_ticket", tickets.deleted_ticket),
    "ticket_events": ("ticket_event", audits.ticket_event),
}
WRAPPERS = {single: plural for plural, (single, _) in KINDS.items()}
_FEW = 8  # fewer records than this are not worth splitting further
FIRST = frozenset({"brands", "ticket_fields", "custom_statuses"})  # what later records are read with

# Bare records are told apart by the keys that only they have.
_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("tickets", frozenset({"id", "requester_id", "status"})),
    ("ticket_audits", frozenset({"ticket_id", "events", "author_id"})),
    ("ticket_events", frozenset({"ticket_id", "child_events"})),
    ("deleted_tickets", frozenset({"id", "deleted_at", "previous_state"})),
    ("custom_statuses", frozenset({"id", "status_category"})),
    ("survey_responses", frozenset({"survey_id", "answers"})),
    ("satisfaction_ratings", frozenset({"ticket_id", "score", "requester_id"})),
    ("satisfaction_ratings", frozenset({"ticket_id", "score", "assignee_id"})),
    ("ticket_metrics", frozenset({"ticket_id", "reply_time_in_minutes"})),
    ("ticket_metrics", frozenset({"ticket_id", "full_resolution_time_in_minutes"})),
    ("ticket_metric_events", frozenset({"ticket_id", "metric", "instance_id"})),
    ("ticket_comments", frozenset({"ticket_id", "author_id", "public"})),
    ("tickets", frozenset({"id", "comments", "status"})),
    ("tickets", frozenset({"id", "via", "status"})),
    ("users", frozenset({"id", "role", "name"})),
    ("users", frozenset({"id", "role", "email"})),
    ("organizations", frozenset({"id", "name", "domain_names"})),
    ("organizations", frozenset({"id", "name", "shared_tickets"})),
    ("schedules", frozenset({"id", "intervals", "time_zone"})),
    ("holidays", frozenset({"schedule_id", "start_date", "end_date"})),
    ("ticket_fields", frozenset({"id", "type", "title"})),
    ("brands", frozenset({"id", "name", "subdomain"})),
    ("groups", frozenset({"id", "name", "is_public"})),
    ("groups", frozenset({"id", "name", "default"})),
)


def kind_of(record: Any, file_kind: str | None = None) -> str | None:
    """The kind of a bare record, or of all records of a page's single list; None for something else."""
    if not isinstance(record, dict):
        return None
    keys = record.keys()
    for plural, signs in _SIGNS:
        if signs <= keys:
            return plural
    if file_kind and "id" in keys:
        return file_kind
    return None


def _named(base: str) -> str | None:
    """The kind that a file's name states, for records too bare to tell (groups.json)."""
    stem = base.split(".")[0]
    return stem if stem in KINDS else None


def _page_kinds(record: Any) -> list[str]:
    """The kinds whose lists or single records a wrapper holds."""
    if not isinstance(record, dict):
        return []
    found = [plural for plural in KINDS if isinstance(record.get(plural), list)]
    if len(record) <= 3 and not found:
        found = [plural for single, plural in WRAPPERS.items() if isinstance(record.get(single), dict)]
    # A ticket with embedded comments is a ticket, not a page of comments.
    return [] if found and kind_of(record) else found


def recognise(sample: Sample, _: Options) -> int | None:
    """Names and fields first, then everything else; None where the first record is none of Zendesk's."""
    if sample.kind != "json":
        return None
    kinds = _page_kinds(sample.record)
    bare = kind_of(sample.record, _named(sample.member.base))
    if bare:
        kinds = [bare]
    if not kinds:
        return None
    return 0 if FIRST & set(kinds) else 1


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every record of the member as canonical rows; what is known and not used is noted once."""
    file_kind = _named(sample.member.base)
    passed: set[str] = set()
    known = dict(options.known)
    options = options.with_known(known)
    for block in _json.blocks(sample.member):
        odd: Sequence[int] = range(len(block))
        if not options.is_one_by_one:
            items, odd = _together(block, odd, options)
            yield from items
        for record in block.records(odd):
            for item in _items(record, file_kind, options, passed):
                known.update(
                    {(row["kind"], row["id"]): row["name"] for table, row in item.rows if table == NAMES}
                )
                yield item


def _together(
    block: _json.Block, places: Sequence[int], options: Options
) -> tuple[list[Item], Sequence[int]]:
    """What can be read together, and the places of the records that must be read one by one."""
    kinds: dict[tuple[str, ...], str | None] = {}
    gathered = plain.Gathered(options)
    odd: list[int] = []
    try:
        for place in places:
            value = block.value(place)
            if value.__class__ is not dict:
                odd.append(place)
                continue
            layout = tuple(value)
            if layout not in kinds:
                kinds[layout] = kind_of(value)  # by its keys alone
                # Pages may name things, and so do some records: what follows them must be read after them.
                if kinds[layout] is None or kinds[layout] in FIRST:
                    return [], places
            if kinds[layout] == "tickets":
                gathered.ticket(value)
            elif kinds[layout] == "ticket_audits":
                gathered.audit(value)
            else:
                odd.append(place)
        item = replace(gathered.item(), size=block.size * len(places) // max(len(block), 1))
    except plain.ODD:
        if len(places) <= _FEW:
            return [], places
        half = len(places) // 2
        first, left = _together(block, places[:half], options)
        second, later = _together(block, places[half:], options)
        return first + second, [*left, *later]
    return ([item] if item.columns or item.rows else []), odd


def _items(record: _json.Record, file_kind: str | None, options: Options, passed: set[str]) -> Iterator[Item]:
    if record.reason is not None:
        yield Item(record.line, reason=record.reason, raw=record.raw, size=record.size)
        return
    kind = kind_of(record.value)
    page = [] if kind else _page_kinds(record.value)
    pieces = (
        _pieces(record.value, page) if page else [(kind or kind_of(record.value, file_kind), record.value)]
    )
    share = record.size // max(len(pieces), 1)
    for kind, piece in pieces:
        if kind is None:
            yield Item(record.line, reason="not a Zendesk record we know", raw=shown(piece), size=share)
        elif (reader := KINDS[kind][1]) is None:
            if kind not in passed:
                passed.add(kind)
                yield Item(record.line, note=f"{kind.replace('_', ' ')} are not used yet", size=share)
        else:
            yield _item(record.line, piece, reader, options, share)
    if page and (stamp := mapping(record.value).get("end_time")):
        yield Item(record.line, exported_at=stamp)


def _pieces(record: Row, page: list[str]) -> list[tuple[str | None, Any]]:
    pieces: list[tuple[str | None, Any]] = []
    for plural in sorted(page, key=lambda plural: plural not in FIRST):
        single = KINDS[plural][0]
        found = listing(record.get(plural)) if isinstance(record.get(plural), list) else [record.get(single)]
        pieces.extend((plural, one) for one in found)
    # `{"ticket": {...}, "comments": [...]}`: the comments belong to that ticket.
    owner = mapping(record.get("ticket")).get("id")
    for _, one in pieces:
        if owner is not None and isinstance(one, dict) and "author_id" in one and "ticket_id" not in one:
            one["ticket_id"] = owner
    return pieces


def _item(line: int, record: Any, reader: Reader, options: Options, size: int) -> Item:
    if not isinstance(record, dict):
        return Item(line, reason="a record that is not an object", raw=shown(record), size=size)
    try:
        return Item(line, rows=list(reader(record, options)), size=size)
    except BadInput as error:
        return Item(line, reason=error.what, raw=shown(record), size=size)


def shown(record: Any) -> str:
    """The beginning of a record, for the list of what was refused."""
    return repr(record)[: _json.RAW_LENGTH]


SOURCE = Source(
    name="zendesk",
    title="Zendesk JSON",
    about="full export, incremental API pages, audits, users, ratings, metric sets; plain, gzip or zip",
    recognise=recognise,
    read=read,
    claims=10,
    guide=GUIDE,
)
