"""Jira Service Management's CSV of all fields: issues with their comments, organisations, labels and satisfaction.

A column stands in the header once for each value that some issue has: Comment, Comment, Comment. A comment's cell is
date;author;text. Cells may hold what Java prints of an object (com.example.Thing@1f2e3d), which says nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _columns, _export_rows, _tabular
from pipelines.sources import _jira_columns as jira
from pipelines.sources._columns import Dates, cell
from pipelines.sources._values import identifier, number, words
from pipelines.sources._zendesk_ratings import ON_TICKET
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput


def recognise(sample: Sample, _: Options) -> int | None:
    """An issue key beside a column that only Jira's tables have."""
    if sample.kind == "json" or not sample.header:
        return None
    plain = {jira.PLACE.sub("", name).strip().casefold() for name in sample.header}
    return 1 if any(signs <= plain for signs in jira.SIGNS) else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """An issue with its first message, its comments, its organisation and its rating for each row."""
    columns = jira.found(sample.header)
    if options.date_format is None:
        options = replace(options, date_format=jira.form(sample, columns))
    dates = Dates(options)
    _export_rows.check_dates(
        sample, {name: columns[name][0] for name in jira.DATED if name in columns}, dates
    )
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {ours: [_cell(row.values.get(name)) for name in names] for ours, names in columns.items()}
        wrong: list[str] = []
        try:
            yield Item(row.line, rows=list(_issue(values, dates, wrong)), size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw)
        for reason in wrong:
            yield Item(row.line, reason=reason, raw=row.raw)
    if "comments" in columns:
        yield Item(
            None,
            note="the table does not say which comments are internal: all are taken as public",
        )
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _cell(value: Any) -> Any:
    """The value, or None for nothing and for what Java prints of an object."""
    found = cell(value)
    return None if isinstance(found, str) and jira.DUMP.match(found.strip()) else found


def _issue(values: dict[str, list[Any]], dates: Dates, wrong: list[str]) -> Iterator[tuple[str, Row]]:
    """The rows of one issue; a comment or a rating that can not be read is added to `wrong` and costs nothing else."""

    def one(name: str) -> Any:
        return next((value for value in values.get(name, []) if value is not None), None)

    ticket_id = identifier(one("ticket_id"), "issue key")
    if ticket_id is None:
        raise BadInput("a row without an issue key")
    customer = identifier(one("customer_id"), "reporter id") or words(one("customer"))
    agent = identifier(one("agent_id"), "assignee id") or words(one("agent"))
    created_at, updated_at = dates.read(one("created_at")), dates.read(one("updated_at"))
    status, category = words(one("status")), words(one("category"))
    ours = jira.STATUSES.get((status or "").casefold()) or jira.CATEGORIES.get((category or "").casefold())
    account = words(one("organizations"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(one("subject")),
            "status": ours,
            "status_raw": status,
            "priority": words(one("priority")),
            "type": words(one("type")),
            "channel": words(one("channel")),
            "brand": words(one("brand")),
            "agent_id": agent,
            "agent": words(one("agent")),
            "customer_id": customer,
            "opened_by_id": identifier(one("creator_id"), "creator id") or words(one("creator")),
            "account_id": account,
            "tags": sorted({str(tag) for tag in values.get("labels", []) if tag is not None}),
            "created_at": created_at,
            "solved_at": dates.read(one("solved_at")) if ours in ("solved", "closed", None) else None,
            "updated_at": updated_at,
        },
    )
    if customer:
        name = words(one("customer"))
        yield "people", {"person_id": customer, "name": name, "account_id": account, "updated_at": updated_at}
    if agent:
        yield (
            "people",
            {"person_id": agent, "role": "agent", "name": words(one("agent")), "updated_at": updated_at},
        )
    if account:
        yield "accounts", {"account_id": account, "name": account, "updated_at": updated_at}
    if description := words(one("description")):
        first = _message(ticket_id, "description", customer, "customer", created_at, description, 0)
        yield "messages", first
    aliases = {text for text in (customer, words(one("customer"))) if text}
    yield from _comments(values.get("comments", []), ticket_id, aliases, dates, wrong)
    if one("score") is not None:
        try:
            answer = _scored(one("score"))
            answered_at = dates.read(one("answered_at"))
        except BadInput as error:
            wrong.append(error.what)
        else:
            people = {"agent_id": agent, "customer_id": customer, "comment": words(one("opinion"))}
            own = {"rating_id": f"{ON_TICKET}{ticket_id}", "ticket_id": ticket_id}
            yield "ratings", {**answer, **own, **people, "answered_at": answered_at, "stated_at": answered_at}
    replied_at = dates.read(one("first_reply_at"))
    if replied_at and created_at and replied_at >= created_at:
        minutes = (replied_at - created_at).total_seconds() / 60
        row = {"ticket_id": ticket_id, "name": "first_reply", "calendar_minutes": minutes}
        yield "vendor_metrics", row


def _comments(
    cells: Sequence[Any], ticket_id: str, customer: set[str], dates: Dates, wrong: list[str]
) -> Iterator[tuple[str, Row]]:
    """The comments of one issue: date;author;text. Their ids are made of what they say, since the table has none."""
    seen: Counter[str] = Counter()
    for place, told in enumerate((one for one in cells if one is not None), start=1):
        parts = str(told).split(";", 2)
        try:
            at = dates.read(parts[0].strip()) if len(parts) == 3 else None
        except BadInput:
            at = None
        if at is None:
            wrong.append(f"a comment that is not date;author;text: {str(told)[:40]!r}")
            continue
        author, text = parts[1].strip() or None, parts[2]
        content = hashlib.md5(repr((ticket_id, str(at), author, text)).encode("utf-8", "replace")).hexdigest()
        seen[content] += 1
        role = "customer" if author in customer else "agent" if author else None
        if author == jira.AUTOMATION:
            role = "bot"
        message_id = f"hash:{content}:{seen[content]}"
        yield "messages", _message(ticket_id, message_id, author, role, at, text, place)


def _message(
    ticket_id: str, message_id: str, author: str | None, role: str | None, at: Any, body: str, place: int
) -> Row:
    return {
        "ticket_id": ticket_id,
        "message_id": message_id,
        "position": place,
        "author_role": role,
        "author_id": author,
        "created_at": at,
        "kind": "message",
        "body": body,
        "is_html": False,
    }


def _scored(raw: Any) -> Row:
    """The answer on Jira's scale of 1 to 5. Raises BadInput outside it."""
    score = number(raw)
    if score is None or not jira.SCALE[0] <= score <= jira.SCALE[1]:
        raise BadInput(f"the satisfaction rating {str(raw)[:20]!r} lies outside 1 to 5")
    scale = {"scale_min": jira.SCALE[0], "scale_max": jira.SCALE[1]}
    return {"kind": "csat", "score": score, "score_raw": str(raw), **scale}


GUIDE = Guide(
    plan="Any plan; whoever may see the project may export it.",
    exports=(
        Export(
            name="Issues with all fields, CSV",
            how="Filters > your filter > Export > Export CSV (all fields). A file holds at most 1,000 issues: export by"
            " creation date, piece by piece; the pieces may overlap.",
            enables=(Capability.TICKETS, Capability.MESSAGES, Capability.SOLVED_TIMES, Capability.CSAT),
            lacks="Which comments are internal, the history of status and assignee, and surveys that were not answered.",
        ),
    ),
    notes=(
        "Comments of the reporter are the customer's, all others ours; internal ones can not be told apart in this file.",
        "Times are in the zone of whoever exported: state it as the organisation's zone in heard.toml.",
        "Dates such as 25/Feb/26 10:17 PM are read as they are; for another form say --dates.",
        "Service levels stand in the file as remaining time only, and are not read.",
    ),
)

SOURCE = Source(
    name="jira_service_management",
    title="Jira Service Management CSV",
    about="issues with all fields as CSV: comments, organisations, request types, satisfaction",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=30,
    guide=GUIDE,
)
