"""Freshdesk's table of tickets, as CSV or XLSX: what a ticket became, and the vendor's own times; no messages.

Freshservice writes the same table with other capitals. Times are in the account's zone and state none.
"""

from __future__ import annotations

from collections.abc import Iterator

from metrics.measure import Capability
from pipelines.sources import _columns, _elapsed, _export_rows
from pipelines.sources import _freshdesk_codes as codes
from pipelines.sources._columns import Dates, decimal
from pipelines.sources._freshdesk_ratings import labelled
from pipelines.sources._values import identifier, words
from pipelines.sources._zendesk_ratings import ON_TICKET
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

COLUMNS = {
    "ticket_id": ("ticket_id",),
    "subject": ("subject",),
    "status": ("status",),
    "priority": ("priority",),
    "channel": ("source",),
    "type": ("type",),
    "agent": ("agent",),
    "team": ("group",),
    "created_at": ("created_time",),
    "solved_at": ("resolved_time",),
    "closed_at": ("closed_time",),
    "updated_at": ("last_update_time", "last_updated_time"),
    "first_reply_at": ("initial_response_time",),
    "tracked": ("time_tracked",),
    "first_reply": ("first_response_time_in_hrs",),
    "full_resolution": ("resolution_time_in_hrs",),
    "count_replies": ("agent_interactions",),
    "count_customer_replies": ("customer_interactions",),
    "tags": ("tags",),
    "survey": ("survey_results", "survey_result"),
    "brand": ("product",),
    "customer_id": ("contact_id", "requester_id"),
    "customer_email": ("email", "requester_email"),
}
DATED = ("created_at", "solved_at", "closed_at", "updated_at", "first_reply_at")
SIGNS = ("first_reply", "full_resolution", "count_replies", "count_customer_replies", "tracked", "survey")
_NOT_RATED = frozenset({"no_survey", "not_rated", "no_response", "survey_not_sent"})
_NOBODY = frozenset({"no_agent", "no_group", "unassigned"})


def recognise(sample: Sample, _: Options) -> int | None:
    """A ticket id, a created time, and two of the columns that only Freshdesk names so."""
    if sample.kind == "json" or not sample.header:
        return None
    columns = _export_rows.by_name(sample.header, COLUMNS)
    is_ours = {"ticket_id", "created_at"} <= columns.keys() and len(columns.keys() & set(SIGNS)) > 1
    return 1 if is_ours else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A ticket, its vendor figures and its rating for each row; labels of a team's own making are told, not guessed."""
    delimiter = sample.dialect.delimiter if sample.dialect else None
    unknown: set[str] = set()

    def row(values: Row, dates: Dates) -> Iterator[tuple[str, Row]]:
        ticket_id = identifier(values.get("ticket_id"), "ticket id")
        if ticket_id is None:
            raise BadInput("a row without a ticket id")
        ticket = _ticket(values, ticket_id, dates, delimiter)
        yield "tickets", ticket
        yield from _figures(values, ticket, dates, delimiter)
        label = words(values.get("survey"))
        if label is None or _columns.plain(label) in _NOT_RATED:
            return
        answer = labelled(label)
        if answer is None:
            unknown.add(label[:40])
            return
        rated = {"rating_id": f"{ON_TICKET}{ticket_id}", "ticket_id": ticket_id}
        yield (
            "ratings",
            {**answer, **rated, "customer_id": ticket["customer_id"], "stated_at": ticket["updated_at"]},
        )

    columns = _export_rows.by_name(sample.header, COLUMNS)
    yield from _export_rows.read(sample, options, columns, DATED, row)
    if unknown:
        labels = ", ".join(sorted(unknown)[:8])
        note = f"survey labels of your own, so that their ratings were not read: {labels}; load the satisfaction ratings as JSON"
        yield Item(None, note=note)


def _ticket(values: Row, ticket_id: str, dates: Dates, delimiter: str | None) -> Row:
    raw_status = words(values.get("status"))
    ours = codes.LABELS.get(_columns.plain(raw_status)) if raw_status else None
    spent = _elapsed.minutes(values.get("tracked"), delimiter, is_hours=False)
    solved_at, closed_at = dates.read(values.get("solved_at")), dates.read(values.get("closed_at"))
    return {
        "ticket_id": ticket_id,
        "subject": words(values.get("subject")),
        "status": ours,
        "status_raw": raw_status,
        "priority": _plain(values.get("priority")),
        "type": words(values.get("type")),
        "channel": _plain(values.get("channel")),
        "team": _named(values.get("team")),
        "agent": _named(values.get("agent")),
        "customer_id": identifier(values.get("customer_id"), "contact id"),
        "customer_email": words(values.get("customer_email")),
        "brand": words(values.get("brand")),
        "tags": _export_rows.tags(values.get("tags")),
        "created_at": dates.read(values.get("created_at")),
        "solved_at": solved_at if ours in ("solved", "closed") else None,
        "closed_at": closed_at if ours == "closed" else None,
        "updated_at": dates.read(values.get("updated_at")),
        "handle_seconds": None if not spent else spent * 60,  # 00:00 is written where nothing was tracked
    }


def _named(value: object) -> str | None:
    text = words(value)
    return None if text is None or _columns.plain(text) in _NOBODY else text


def _plain(value: object) -> str | None:
    text = words(value)
    return _columns.plain(text) if text else None


def _figures(values: Row, ticket: Row, dates: Dates, delimiter: str | None) -> Iterator[tuple[str, Row]]:
    """Freshdesk's own figures: in business hours as its service levels count them, and the first reply by the clock."""
    ticket_id, created_at = ticket["ticket_id"], ticket["created_at"]
    replied_at = dates.read(values.get("first_reply_at"))
    by_clock = (
        (replied_at - created_at).total_seconds() / 60
        if replied_at and created_at and replied_at >= created_at
        else None
    )
    first_reply = _elapsed.minutes(values.get("first_reply"), delimiter)
    resolution = _elapsed.minutes(values.get("full_resolution"), delimiter)
    for name, calendar, business in (
        ("first_reply", by_clock, first_reply),
        ("full_resolution", None, resolution),
    ):
        if calendar is not None or business is not None:
            row = {
                "ticket_id": ticket_id,
                "name": name,
                "calendar_minutes": calendar,
                "business_minutes": business,
            }
            yield "vendor_metrics", row
    for name in ("count_replies", "count_customer_replies"):
        if (count := decimal(values.get(name), delimiter)) is not None:
            yield "vendor_metrics", {"ticket_id": ticket_id, "name": name, "value": count}


GUIDE = Guide(
    plan="Any plan; whoever may export tickets.",
    exports=(
        Export(
            name="Ticket table, CSV or XLSX",
            how="Tickets > Export, with every column chosen.",
            enables=(
                Capability.TICKETS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
                Capability.HANDLE_TIME,
            ),
            lacks="Every message and the status history; get the conversations as JSON (the source freshdesk). The two"
            " are joined by ticket id.",
        ),
    ),
    notes=(
        "Times are in the account's zone: state it as the organisation's zone in heard.toml.",
        "Columns (in hrs) count by the business hours of your service levels; they are kept for cross-checks only.",
        "Survey results are labels. Those that Freshdesk comes with are read; your own are listed and need the"
        " satisfaction ratings as JSON.",
    ),
)

SOURCE = Source(
    name="freshdesk_csv",
    title="Freshdesk CSV",
    about="the table of tickets that Freshdesk and Freshservice export, as CSV or XLSX; no messages",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=30,
    system="freshdesk",
    guide=GUIDE,
)
