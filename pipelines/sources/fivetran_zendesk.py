"""Zendesk's tables as Fivetran lays them into a warehouse: any of them, as CSV, NDJSON or Parquet.

They are the tickets that the JSON export has, and go by the same ids, so that either may complete the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from metrics.measure import Capability
from pipelines.sources import _fivetran_rows as fivetran
from pipelines.sources import _json, _tabular
from pipelines.sources import _zendesk_people as people
from pipelines.sources import _zendesk_ratings as ratings
from pipelines.sources import _zendesk_schedules as schedules
from pipelines.sources._columns import flag
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

SYNCED, DELETED = "_fivetran_synced", "_fivetran_deleted"


class Table(NamedTuple):
    """The columns that only this table has, and its reader (None: known and passed over)."""

    signs: frozenset[str]
    reader: fivetran.Reader | None = None
    is_only: bool = False  # so few columns that the table must have no other


def _signs(text: str) -> frozenset[str]:
    return frozenset(text.split())


TABLES: dict[str, Table] = {
    "ticket": Table(_signs("id requester_id submitter_id status created_at"), fivetran.ticket),
    "ticket_comment": Table(_signs("id ticket_id user_id body created public"), fivetran.ticket_comment),
    "ticket_field_history": Table(
        _signs("ticket_id field_name updated value"), fivetran.ticket_field_history
    ),
    "ticket_tag": Table(_signs("ticket_id tag"), fivetran.ticket_tag, is_only=True),
    "ticket_schedule": Table(_signs("ticket_id schedule_id created_at"), fivetran.ticket_schedule),
    "satisfaction_rating": Table(_signs("id ticket_id score requester_id assignee_id"), ratings.rating),
    "user": Table(_signs("id role email organization_id ticket_restriction"), people.user),
    "organization": Table(_signs("id name shared_tickets shared_comments"), people.organization),
    "brand": Table(_signs("id name subdomain brand_url"), people.brand),
    "group": Table(_signs("id name url created_at updated_at"), people.group, is_only=True),
    "schedule": Table(_signs("id start_time end_time time_zone")),
    "schedule_holiday": Table(_signs("schedule_id start_date end_date"), schedules.holiday),
    "sla_policy_metric_history": Table(_signs("sla_policy_id metric target priority")),
    "ticket_sla_policy": Table(_signs("ticket_id sla_policy_id policy_applied_at")),
    "ticket_form_history": Table(_signs("id end_user_visible display_name updated_at")),
    "ticket_chat": Table(_signs("chat_id ticket_id visitor_id")),
    "ticket_chat_event": Table(_signs("chat_id actor_id chat_index")),
    "audit_log": Table(_signs("action actor_id change_description source_id")),
    "domain_name": Table(_signs("organization_id domain_name")),
    "organization_tag": Table(_signs("organization_id tag"), is_only=True),
    "user_tag": Table(_signs("user_id tag"), is_only=True),
    "daylight_time": Table(_signs("time_zone daylight_offset")),
    "time_zone": Table(_signs("time_zone standard_offset")),
}


def table_of(header: tuple[str, ...]) -> str | None:
    """The Zendesk table that has these columns, or None."""
    columns = {_column(name) for name in header}
    own = {name for name in columns if not name.endswith("_synced") and name != DELETED}
    if len(own) == len(columns):
        return None
    for name, table in TABLES.items():
        if table.signs <= own and (not table.is_only or own == table.signs):
            return name
    return None


def recognise(sample: Sample, _: Options) -> int | None:
    """A table of Fivetran's by its columns; None for anything else."""
    return 1 if table_of(sample.header) else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """The rows of the table; one that Fivetran marks as deleted is left out."""
    name = table_of(sample.header) or ""
    if name == "schedule":
        yield from _schedules(sample, options)
        return
    reader = TABLES[name].reader
    if reader is None:
        yield Item(None, note=f"the table {name} is not used")
        return
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        try:
            record = _record(row.values)
            if not flag(record.get(DELETED)):
                yield Item(row.line, rows=list(reader(record, options)), size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[: _json.RAW_LENGTH])


def _schedules(sample: Sample, options: Options) -> Iterator[Item]:
    """One schedule of all the rows that hold an interval of it."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        try:
            record = _record(row.values)
            if not flag(record.get(DELETED)):
                found[people.required(record, "schedule")].append(record)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[: _json.RAW_LENGTH])
    for schedule_id, records in found.items():
        try:
            synced = [fivetran.moment(one.get(SYNCED)) for one in records]
            whole = {
                **records[0],
                "id": schedule_id,
                "intervals": records,
                "updated_at": max((one for one in synced if one), default=None),
            }
            yield Item(None, rows=list(schedules.schedule(whole, options)))
        except BadInput as error:
            yield Item(None, reason=error.what, raw=repr(records[0])[: _json.RAW_LENGTH])


def _column(name: str) -> str:
    """A column's name however the warehouse wrote it: Snowflake has capitals, and quotes where a word is its own."""
    return name.strip().strip('"').lower()


def _record(values: dict[str, Any]) -> Row:
    """The row by plain names; an empty cell is nothing. Raises BadInput on a time that is none."""
    record = {_column(name): None if value == "" else value for name, value in values.items()}
    times = {name: fivetran.moment(record[name]) for name in ("created_at", "updated_at") if name in record}
    return record | times


GUIDE = Guide(
    plan="A warehouse that Fivetran's Zendesk Support connector fills; read access to its tables is enough.",
    exports=(
        Export(
            name="The tables ticket, ticket_comment and ticket_field_history",
            how="Unload each table whole from the warehouse, as Parquet, CSV with a header, or NDJSON.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
                Capability.ASKED,
                Capability.SLA,
            ),
            lacks="Who is an agent and what teams are called: add user, group, organization, brand and ticket_tag.",
        ),
        Export(
            name="The tables schedule, schedule_holiday and ticket_schedule",
            how="Unload them the same way. ticket_schedule says which tickets follow another schedule than the first.",
            enables=(Capability.SCHEDULES,),
            lacks="Tickets.",
        ),
    ),
    notes=(
        "ticket_field_history holds what the audits hold. Load one of the two, not both.",
        "Chats (ticket_chat, ticket_chat_event) are passed over.",
        "Times without a zone are UTC there.",
    ),
)

SOURCE = Source(
    name="fivetran_zendesk",
    title="Zendesk tables of a warehouse",
    about="the tables of Fivetran's Zendesk connector, any of them, as CSV, Parquet or NDJSON",
    recognise=recognise,
    read=read,
    claims=5,
    system="zendesk",
    guide=GUIDE,
)
