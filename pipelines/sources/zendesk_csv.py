"""Zendesk's table of tickets, as CSV or XLSX: what a ticket became and Zendesk's own times; no messages, no history.

Times are in the account's zone and state none, and are cut off to the minute.
"""

from __future__ import annotations

from collections.abc import Iterator

from metrics.measure import Capability
from pipelines.sources import _export_rows, _tabular
from pipelines.sources._columns import Dates, cell, decimal, plain
from pipelines.sources._values import identifier, words
from pipelines.sources._zendesk_ratings import ON_TICKET, scored
from pipelines.sources._zendesk_tickets import COUNTS, DURATIONS, MERGED_TAG, status
from pipelines.sources.source import STATED_TIMES, Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

_BUSINESS = "_within_business_hours"
COLUMNS = {
    "ticket_id": ("id",),
    "customer_id": ("requester_id",),
    "customer": ("requester",),
    "customer_email": ("requester_email",),
    "agent": ("assignee",),
    "team": ("group",),
    "subject": ("subject",),
    "tags": ("tags",),
    "status": ("status",),
    "priority": ("priority",),
    "channel": ("via",),
    "type": ("ticket_type",),
    "brand": ("brand",),
    "created_at": ("created_at",),
    "updated_at": ("updated_at",),
    "first_assigned_at": ("initially_assigned_at",),
    "solved_at": ("solved_at",),
    "resolution_hours": ("resolution_time",),
    "score": ("satisfaction_score",),
    **{name: (name,) for name in COUNTS},
    **{name: (f"{key}_in_minutes",) for key, name in DURATIONS.items()},
    **{f"{name}{_BUSINESS}": (f"{key}_in_minutes{_BUSINESS}",) for key, name in DURATIONS.items()},
    "first_reply": ("first_reply_time_in_minutes",),
    f"first_reply{_BUSINESS}": (f"first_reply_time_in_minutes{_BUSINESS}",),
}
DATED = ("created_at", "updated_at", "first_assigned_at", "solved_at")
SIGNS = frozenset(COLUMNS) - {
    *("ticket_id", "customer_id", "customer", "customer_email", "agent", "team", "subject", "tags", "status"),
    *("priority", "channel", "type", "brand", "created_at", "updated_at", "solved_at"),
}
# The names of the settings page; the JSON has the words on the right.
CHANNELS = {
    "mail": "email",
    "web_form": "web",
    "web_service": "api",
    "web_service_api": "api",
    "web_widget": "web",
    "phone_call_inbound": "voice",
    "phone_call_outbound": "voice",
    "voicemail": "voice",
    "phone_call": "voice",
}
UNASKED = frozenset({"not_offered", "unoffered"})


def recognise(sample: Sample, _: Options) -> int | None:
    """Id, status and creation, and two of the columns that only Zendesk names so."""
    if sample.kind == "json" or not sample.header:
        return None
    columns = _export_rows.by_name(sample.header, COLUMNS)
    own = len(columns.keys() & SIGNS) + (plain(sample.header[0]) == "summation_column")
    return 1 if {"ticket_id", "status", "created_at"} <= columns.keys() and own > 1 else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A ticket, its requester, its rating and Zendesk's own figures for each row."""
    columns = _export_rows.by_name(sample.header, COLUMNS)
    delimiter = sample.dialect.delimiter if sample.dialect else None
    if note := _check_ids(sample, columns):
        del columns["customer_id"]
        yield Item(None, note=note)

    def row(values: Row, dates: Dates) -> Iterator[tuple[str, Row]]:
        ticket = _ticket({name: values.get(name) for name in columns}, dates)
        yield "tickets", ticket
        yield from _stated(values, ticket, dates)
        yield from _people(values, ticket)
        yield from _rating(values, ticket)
        yield from _figures(values, ticket["ticket_id"], delimiter)

    yield from _export_rows.read(sample, options, columns, DATED, row)


def _check_ids(sample: Sample, columns: dict[str, str]) -> str | None:
    """A note where no requester's id can be used. Raises BadInput where no ticket's can."""
    beginning = [row.values for row, _ in zip(_tabular.rows(sample), range(200), strict=False) if row.values]
    for ours in ("ticket_id", "customer_id"):
        found = [value for one in beginning if (value := cell(one.get(columns.get(ours, "")))) is not None]
        rounded = [str(value) for value in found if _is_rounded(value)]
        if not found or len(rounded) < len(found):
            continue
        if ours == "customer_id" and "customer_email" in columns:
            return f"the requester ids were rounded by a spreadsheet ({rounded[0]}); requesters go by their address"
        raise BadInput(
            f"{sample.member.name}: a spreadsheet rounded the column {columns[ours]!r} ({rounded[0]}), so that its ids "
            "are lost.",
            fix="export it again and load the file as it was downloaded",
        )
    return None


def _is_rounded(value: object) -> bool:
    try:
        identifier(value, "id")
    except BadInput:
        return True
    return False


def _ticket(values: Row, dates: Dates) -> Row:
    """The columns that the table has; those it lacks are left out, so that they take nothing away."""
    ticket_id = identifier(values.get("ticket_id"), "ticket id")
    if ticket_id is None:
        raise BadInput("a row without a ticket id")
    raw_status = words(values.get("status"))
    tags = _export_rows.tags(values.get("tags"), " ")
    channel = plain(words(values.get("channel")) or "") or None
    row: Row = {
        "ticket_id": ticket_id,
        "status": status(plain(raw_status).replace("_", "-")) if raw_status else None,
        "status_raw": raw_status,
        "channel": CHANNELS.get(channel or "", channel),
        "customer_id": identifier(values.get("customer_id"), "requester id"),
        "tags": tags or ([] if "tags" in values else None),
        "created_at": dates.read(values.get("created_at")),
        "updated_at": dates.read(values.get("updated_at")),
        "is_deleted": raw_status is not None and raw_status.casefold() == "deleted",
        "is_test": channel == "sample_ticket",
        "merged_into": "" if MERGED_TAG in (tags or ()) else None,
        "known_at": ["created_at@0"],  # any other file knows it to the second
    }
    for name in ("subject", "agent", "team", "customer_email", "brand"):
        row[name] = words(values.get(name))
    return row | {name: _lower(values[name]) for name in ("priority", "type") if name in values}


def _lower(value: object) -> str | None:
    """A word as the JSON has it, in small letters."""
    text = words(value)
    return text.casefold() if text else None


def _stated(values: Row, ticket: Row, dates: Dates) -> Iterator[tuple[str, Row]]:
    times = {name: dates.read(values.get(name)) for name in ("solved_at", "first_assigned_at")}
    if any(times.values()):
        stated = {"ticket_id": ticket["ticket_id"], "stated_at": ticket["updated_at"]}
        yield STATED_TIMES, {**stated, **times}


def _people(values: Row, ticket: Row) -> Iterator[tuple[str, Row]]:
    if ticket["customer_id"]:
        person = {"person_id": ticket["customer_id"], "email": ticket["customer_email"]}
        yield "people", {**person, "name": words(values.get("customer"))}


def _rating(values: Row, ticket: Row) -> Iterator[tuple[str, Row]]:
    """The rating as it stands: offered, a word or a number from 1 to 5, without a date."""
    text = words(values.get("score"))
    if text is None or plain(text) in UNASKED:
        return
    answer = scored(text.strip().casefold())
    if answer is not None:
        rated = {"ticket_id": ticket["ticket_id"], "rating_id": f"{ON_TICKET}{ticket['ticket_id']}"}
        customer = {name: ticket[name] for name in ("customer_id", "customer_email")}
        yield "ratings", {**answer, **rated, **customer, "stated_at": ticket["updated_at"]}


def _figures(values: Row, ticket_id: str, delimiter: str | None) -> Iterator[tuple[str, Row]]:
    """Zendesk's own figures, for cross-checks. "Resolution time" is in hours, and rounded to whole ones."""
    for name in DURATIONS.values():
        calendar = decimal(values.get(name), delimiter)
        business = decimal(values.get(f"{name}{_BUSINESS}"), delimiter)
        if calendar is not None or business is not None:
            figure = {"ticket_id": ticket_id, "name": name}
            yield "vendor_metrics", {**figure, "calendar_minutes": calendar, "business_minutes": business}
    hours = decimal(values.get("resolution_hours"), delimiter)
    if hours is not None:
        yield (
            "vendor_metrics",
            {"ticket_id": ticket_id, "name": "resolution_in_whole_hours", "calendar_minutes": hours * 60},
        )
    for name in COUNTS:
        if (count := decimal(values.get(name), delimiter)) is not None:
            yield "vendor_metrics", {"ticket_id": ticket_id, "name": f"count_{name}", "value": count}


GUIDE = Guide(
    plan="Any but the Team plans. Zendesk switches the export on when it is asked to; an administrator requests it.",
    exports=(
        Export(
            name="CSV export",
            how="Admin Center, Account, Tools, Reports, tab Export: Request file beside CSV export. A link comes by mail.",
            enables=(Capability.TICKETS, Capability.SOLVED_TIMES, Capability.CSAT, Capability.ASKED),
            lacks="Messages and every change on the way: no waits, reopens or signals. The JSON export has the messages, "
            "the audits have the changes.",
        ),
    ),
    notes=(
        "Times are in the account's zone and state none: set organisation.zone in heard.toml to it.",
        "Load the file as it was downloaded. A spreadsheet rounds long ids and turns the dates round.",
        "It has no deleted tickets, and multi-line and multi-select fields are dropped.",
    ),
)

SOURCE = Source(
    name="zendesk_csv",
    title="Zendesk CSV",
    about="the table of tickets that Zendesk exports, as CSV or XLSX; no messages",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=10,
    system="zendesk",
    guide=GUIDE,
)
