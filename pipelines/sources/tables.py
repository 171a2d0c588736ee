"""Tables of tickets and of messages, from any system: CSV, TSV, NDJSON, XLSX, Parquet.

One file of tickets and one of messages, or one of both with a row a message and the ticket's columns repeated.
Columns are found by well-known names; --map canonical=column says the rest. A time without a zone is taken in the
organisation's zone.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipelines.newest import MAY_BE_EMPTIED
from pipelines.sources import _columns, _tabular
from pipelines.sources._columns import Dates, cell, decimal, flag
from pipelines.sources._tables_guide import GUIDE
from pipelines.sources._values import identifier, words
from pipelines.sources._zendesk_ratings import ON_TICKET, scored
from pipelines.sources.source import Item, Options, Row, Sample, Source
from warehouse.errors import BadInput


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Canonical column: the well-known names, in the order in which they are looked for, as `_columns.plain` writes them.
TICKET_COLUMNS: dict[str, tuple[str, ...]] = {
    "ticket_id": _names(
        "ticket_id ticket_number ticket_no ticket_key case_id case_number conversation_id thread_id issue_key "
        "request_id ticket id key number"
    ),
    "subject": _names("subject ticket_subject title summary topic_line"),
    "status": _names("status ticket_status state"),
    "priority": _names("priority ticket_priority urgency"),
    "type": _names("ticket_type type request_type issue_type category"),
    "channel": _names("channel ticket_channel via source origin"),
    "team_id": _names("team_id group_id"),
    "team": _names("team group team_name group_name queue department"),
    "agent_id": _names("agent_id assignee_id owner_id assigned_to_id"),
    "agent": _names("agent assignee agent_name assignee_name owner assigned_to"),
    "customer_id": _names("customer_id requester_id contact_id user_id end_user_id client_id"),
    "customer_email": _names("customer_email requester_email contact_email user_email email"),
    "opened_by_id": _names("opened_by_id submitter_id"),
    "account_id": _names("account_id organization_id organisation_id company_id"),
    "brand": _names("brand brand_name product"),
    "tags": _names("tags labels ticket_tags"),
    "created_at": _names(
        "ticket_created_at created_at created created_date created_time opened_at opened creation_date date_created "
        "ticket_created open_date date"
    ),
    "first_assigned_at": _names("first_assigned_at initially_assigned_at"),
    "solved_at": _names("solved_at resolved_at solved resolved resolution_date date_resolved"),
    "closed_at": _names("closed_at closed closed_date date_closed"),
    "updated_at": _names("updated_at ticket_updated_at updated last_updated modified_at last_modified"),
    "handle_seconds": _names("handle_seconds handle_time_seconds handle_time_sec handle_time_in_seconds"),
    "handle_minutes": _names("handle_minutes handle_time_minutes handle_time_min handle_time_in_minutes"),
    "is_spam": _names("is_spam spam"),
    "is_deleted": _names("is_deleted deleted"),
    "merged_into": _names("merged_into merged_into_id merged_ticket_id"),
    "satisfaction_score": _names("satisfaction_score satisfaction_rating csat csat_score satisfaction"),
    "satisfaction_comment": _names("satisfaction_comment csat_comment"),
}
MESSAGE_COLUMNS: dict[str, tuple[str, ...]] = {
    "message_id": _names("message_id comment_id reply_id article_id event_id"),
    "body": _names(
        "body message_body message text comment comment_body content message_text reply body_text"
    ),
    "body_html": _names("body_html html_body html"),
    "author_role": _names(
        "author_role sender_role role author_type sender_type from_role direction inbound is_inbound"
    ),
    "author_id": _names("author_id sender_id from_id author sender from commenter_id"),
    "is_public": _names("is_public public visible"),
    "is_private": _names("is_private private internal is_internal"),
    "message_created_at": _names(
        "message_created_at sent_at message_date comment_created_at message_sent_at timestamp posted_at"
    ),
    "kind": _names("message_kind kind"),
    "count_attachments": _names("count_attachments attachments_count"),
}
ALIASES = {**TICKET_COLUMNS, **MESSAGE_COLUMNS}
_BARE_IDS = frozenset({"id", "key", "number"})
_TICKET_SIGNS = frozenset({"subject", "status", "priority", "body"})
_DATES = ("created_at", "first_assigned_at", "solved_at", "closed_at", "updated_at", "message_created_at")

_ROLES = {
    "customer": "customer end-user end_user enduser user requester client contact incoming inbound in true visitor",
    "agent": "agent staff support admin outgoing outbound out false operator teammate employee representative",
    "bot": "bot ai automation automated chatbot",
    "system": "system rule trigger workflow",
}
ROLES = {word: role for role, words_ in _ROLES.items() for word in words_.split()}
_STATUSES = {
    "new": "new unassigned",
    "open": "open in_progress active assigned reopened escalated working",
    "pending": "pending waiting_on_customer awaiting_reply waiting_for_customer awaiting_customer waiting",
    "hold": "hold on_hold snoozed waiting_on_third_party waiting_for_support deferred",
    "solved": "solved resolved done completed answered fixed",
    "closed": "closed archived",
    "deleted": "deleted trash trashed",
}
STATUS = {word: status for status, words_ in _STATUSES.items() for word in words_.split()}


def recognise(sample: Sample, options: Options) -> int | None:
    """A table with a ticket id and another column that we know. A bare `id` needs a column that only tickets have."""
    if not sample.header:
        return None
    columns = _found(sample, options)
    if "ticket_id" not in columns:
        return None
    is_plain_id = _columns.plain(columns["ticket_id"]) in _BARE_IDS
    if "ticket_id" in _columns.mapping_of(sample, options):
        return 5
    return 5 if len(columns) > 1 and (not is_plain_id or columns.keys() & _TICKET_SIGNS) else None


def _found(sample: Sample, options: Options) -> dict[str, str]:
    """The columns of this file. A message's own `id` and `created_at` are not the ticket's."""
    mapping = _columns.mapping_of(sample, options)
    aliases: dict[str, tuple[str, ...]] = dict(ALIASES)
    plain = {_columns.plain(name) for name in sample.header}
    has_messages = bool(plain & {*aliases["body"], *aliases["body_html"]}) or "body" in mapping
    if has_messages and "ticket_id" not in mapping:
        explicit = [name for name in aliases["ticket_id"] if name not in _BARE_IDS]
        if plain & set(explicit):
            aliases["ticket_id"] = tuple(explicit)
            aliases["message_id"] = (*aliases["message_id"], "id")
    has_own_date = "message_created_at" in mapping or bool(plain & set(aliases["message_created_at"]))
    if has_messages and not has_own_date:
        aliases["message_created_at"] = aliases["created_at"][1:]
        tickets_own = ("ticket_created_at", "opened_at", "opened", "ticket_created")
        aliases["created_at"] = () if "created_at" in mapping else tickets_own
    if not has_messages:
        for name in MESSAGE_COLUMNS:
            if name not in mapping:
                aliases[name] = ()
    return _columns.found(sample.header, aliases, mapping, sample.member.name)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A ticket, a message or both for each row."""
    columns = _found(sample, options)
    delimiter = sample.dialect.delimiter if sample.dialect else None
    dates = Dates(options)
    _check_dates(sample, columns, dates)
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    has_tickets = any(
        name in columns for name in TICKET_COLUMNS if name not in ("ticket_id", "customer_email")
    )
    has_messages = "body" in columns or "body_html" in columns
    seen: Counter[str] = Counter()
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {name: cell(row.values.get(column)) for name, column in columns.items()}
        try:
            rows: list[tuple[str, Row]] = []
            if has_tickets or not has_messages:
                rows += _ticket(values, dates, delimiter)
            if has_messages:
                rows += _message(values, dates, seen)
            yield Item(row.line, rows=rows, size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _check_dates(sample: Sample, columns: dict[str, str], dates: Dates) -> None:
    wanted = {name: columns[name] for name in _DATES if name in columns}
    beginning: list[dict[str, Any]] = []
    for row in _tabular.rows(sample):
        if row.values is not None:
            beginning.append(row.values)
        if len(beginning) >= 200:
            break
    for column in wanted.values():
        dates.check([cell(row.get(column)) for row in beginning], column, sample.member.name)
    dates.has_zoneless = False


def _ticket(values: Row, dates: Dates, delimiter: str | None) -> Iterator[tuple[str, Row]]:
    ticket_id = _ticket_id(values)
    raw_status = words(values.get("status"))
    seconds = decimal(values.get("handle_seconds"), delimiter)
    minutes = decimal(values.get("handle_minutes"), delimiter)
    row: Row = {
        "ticket_id": ticket_id,
        "status": STATUS.get(_columns.plain(raw_status)) if raw_status else None,
        "status_raw": raw_status,
        "tags": _tags(values.get("tags")),
        "handle_seconds": seconds if seconds is not None or minutes is None else minutes * 60,
        "is_spam": flag(values.get("is_spam")) or (raw_status or "").casefold() == "spam",
        "is_deleted": flag(values.get("is_deleted")) or (raw_status or "").casefold() in ("deleted", "trash"),
        "merged_into": identifier(values.get("merged_into"), "merged ticket's id"),
        "team_id": identifier(values.get("team_id"), "team id"),
        "agent_id": identifier(values.get("agent_id"), "agent id") or words(values.get("agent")),
        "customer_id": identifier(values.get("customer_id"), "customer id")
        or words(values.get("customer_email")),
        "opened_by_id": identifier(values.get("opened_by_id"), "opener's id"),
        "account_id": identifier(values.get("account_id"), "account id"),
    }
    for name in ("subject", "priority", "type", "channel", "team", "agent", "customer_email", "brand"):
        row[name] = words(values.get(name))
    for name in ("created_at", "first_assigned_at", "solved_at", "closed_at", "updated_at"):
        row[name] = dates.read(values.get(name))
    yield "tickets", {name: value for name, value in row.items() if name not in _absent(values)}
    if answer := scored(str(values.get("satisfaction_score") or "").casefold()):
        yield (
            "ratings",
            {
                **answer,
                "rating_id": f"{ON_TICKET}{ticket_id}",
                "ticket_id": ticket_id,
                "comment": words(values.get("satisfaction_comment")),
                "agent_id": row["agent_id"],
                "customer_id": row["customer_id"],
                "stated_at": row["updated_at"],
            },
        )


def _absent(values: Row) -> set[str]:
    """What this table can not say of a ticket, so that it takes nothing away that another file says."""
    names = {"agent_id": ("agent_id", "agent")}
    return {one for one in MAY_BE_EMPTIED if not any(name in values for name in names.get(one, (one,)))}


def _message(values: Row, dates: Dates, seen: Counter[str]) -> Iterator[tuple[str, Row]]:
    ticket_id = _ticket_id(values)
    body = words(values.get("body"))
    html = words(values.get("body_html")) if body is None else None
    if body is None and html is None:
        return  # a ticket in a table of both that nobody wrote in
    created_at = dates.read(values.get("message_created_at"))
    author = identifier(values.get("author_id"), "author id")
    role = words(values.get("author_role"))
    is_public = _is_public(values)
    message_id = identifier(values.get("message_id"), "message id")
    if message_id is None:
        content = repr((ticket_id, author, role, created_at, body or html)).encode("utf-8", "replace")
        message_id = f"hash:{hashlib.md5(content).hexdigest()}"
        seen[message_id] += 1
        message_id += f":{seen[message_id]}"
    kind = str(values.get("kind") or "").casefold()
    seen[ticket_id] += 1
    count = decimal(values.get("count_attachments"), None)
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": message_id,
            "position": int(message_id)
            if message_id.isdecimal() and len(message_id) < 19
            else seen[ticket_id],
            "author_role": ROLES.get(role.strip().casefold()) if role else None,
            "author_id": author,
            "is_public": is_public,
            "created_at": created_at,
            "kind": "note" if is_public is False or kind in ("note", "internal_note") else "message",
            "body": body or html,
            "is_html": None if html is None else True,
            "count_attachments": None if count is None else int(count),
        },
    )


def _is_public(values: Row) -> bool | None:
    if values.get("is_public") is not None:
        return flag(values["is_public"])
    private = flag(values.get("is_private"))
    return None if private is None else not private


def _ticket_id(values: Row) -> str:
    found = identifier(values.get("ticket_id"), "ticket id")
    if found is None:
        raise BadInput("a row without a ticket id")
    return found


def _tags(value: Any) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return sorted({str(tag) for tag in value if tag not in (None, "")})
    text = str(value).strip("[]")
    mark = next((mark for mark in (";", ",", "|") if mark in text), None)
    parts = text.split(mark) if mark else re.split(r"\s+", text)
    return sorted({part.strip().strip("\"'") for part in parts if part.strip()})


SOURCE = Source(
    name="tables",
    title="Declared tables",
    about="tickets and messages as CSV, TSV, NDJSON, XLSX or Parquet, columns by name or by --map",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=90,
    guide=GUIDE,
    columns=_found,
    canonical=tuple(ALIASES),
)
