"""HubSpot: objects of the API as JSON, and the tables of tickets and survey answers that it exports as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.measure import Capability
from pipelines.sources import _columns, _elapsed, _export_rows, _kinds
from pipelines.sources import _hubspot_objects as objects
from pipelines.sources import _hubspot_words as said
from pipelines.sources._columns import Dates
from pipelines.sources._kinds import Kind, signs
from pipelines.sources._values import identifier
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

KINDS = (
    Kind(
        "survey responses",
        said.feedback,
        signs("id properties.hs_survey_type", "id properties.hs_survey_id properties.hs_value"),
    ),
    Kind("tickets", objects.ticket, signs("id properties.hs_pipeline_stage")),
    Kind("e-mails", said.email, signs("id properties.hs_email_direction")),
    Kind("notes", said.note, signs("id properties.hs_note_body")),
    Kind("contacts", objects.contact, signs("id properties.email properties.lastname")),
    Kind("companies", objects.company, signs("id properties.name properties.domain")),
    Kind("pipelines", objects.pipeline, signs("id label stages"), is_first=True),
    Kind("owners", objects.owner, signs("id userId email firstName"), is_first=True),
    Kind(
        "threads",
        said.thread,
        signs("id inboxId latestMessageTimestamp", "id inboxId originalChannelId"),
        is_first=True,
    ),
    Kind("messages", said.message, signs("id conversationsThreadId type")),
    Kind("calls and meetings", None, signs("id properties.hs_call_title", "id properties.hs_meeting_title")),
    Kind("deals", None, signs("id properties.dealstage")),
)
# The properties of a ticket by the labels of the table, and by their own names.
TICKET = {
    "hs_object_id": ("record_id", "ticket_id", "hs_object_id"),
    "subject": ("ticket_name", "subject"),
    "content": ("ticket_description", "content"),
    "hs_pipeline_stage": ("hs_pipeline_stage",),
    "stage_label": ("ticket_status",),
    "pipeline_label": ("pipeline",),
    "hs_ticket_priority": ("priority", "hs_ticket_priority"),
    "hs_ticket_category": ("category", "hs_ticket_category"),
    "source_type": ("source", "source_type"),
    "owner_name": ("ticket_owner",),
    "hubspot_owner_id": ("hubspot_owner_id",),
    "hubspot_team_id": ("hubspot_team_id",),
    "contact_id": ("associated_contact_ids", "associated_contact_id"),
    "company_id": ("associated_company_ids", "associated_company_id"),
    "createdate": ("create_date", "createdate"),
    "closed_date": ("close_date", "closed_date"),
    "hs_lastmodifieddate": ("last_modified_date", "hs_lastmodifieddate"),
    "first_reply": ("time_to_first_agent_email_reply_hh_mm_ss", "time_to_first_agent_reply_hh_mm_ss"),
    "full_resolution": ("time_to_close_hh_mm_ss",),
}
FEEDBACK = {
    "id": ("record_id", "hs_object_id", "id"),
    "hs_survey_type": ("hs_survey_type",),
    "hs_value": ("hs_value",),
    "hs_content": ("hs_content",),
    "hs_response_group": ("hs_response_group",),
    "hs_sentiment": ("hs_sentiment",),
    "hs_submission_timestamp": ("hs_submission_timestamp", "hs_createdate"),
    "hs_ticket_id": ("hs_ticket_id",),
    "hs_contact_id": ("hs_contact_id",),
    "hs_contact_email_rollup": ("hs_contact_email_rollup",),
}
_TICKET_SIGNS = (
    {"ticket_name", "ticket_status"},
    {"ticket_name", "pipeline"},
    {"hs_pipeline_stage", "subject"},
)


def _table(sample: Sample) -> dict[str, tuple[str, ...]] | None:
    columns = {_columns.plain(name) for name in sample.header}
    if {"hs_survey_type", "hs_value"} <= columns:
        return FEEDBACK
    has_id = bool(columns & set(TICKET["hs_object_id"]))
    return TICKET if has_id and any(one <= columns for one in _TICKET_SIGNS) else None


def recognise(sample: Sample, _: Options) -> int | None:
    """JSON by the properties that only HubSpot's objects have, tables by its labels."""
    if sample.kind == "json":
        return _kinds.recognise(sample, KINDS)
    return 2 if sample.header and _table(sample) else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every record as canonical rows."""
    if sample.kind == "json":
        yield from _kinds.read(sample, options, KINDS, "HubSpot")
        return
    names = _table(sample) or TICKET
    columns = _export_rows.by_name(sample.header, names)
    delimiter = sample.dialect.delimiter if sample.dialect else None
    reader = _feedback if names is FEEDBACK else _ticket_reader(options, delimiter)
    dated = ("createdate", "closed_date", "hs_lastmodifieddate", "hs_submission_timestamp")
    yield from _export_rows.read(sample, options, columns, dated, reader)


def _ticket_reader(options: Options, delimiter: str | None) -> _export_rows.RowReader:
    def read_one(values: Row, dates: Dates) -> Iterator[tuple[str, Row]]:
        ticket_id = identifier(values.get("hs_object_id"), "record id")
        if ticket_id is None:
            raise BadInput("a row without a record id")
        one = dict(values, hs_object_id=ticket_id)
        for name in ("createdate", "closed_date", "hs_lastmodifieddate"):
            one[name] = dates.read(values.get(name))
        for name in ("contact_id", "company_id"):
            first = str(values.get(name) or "").split(";")[0].strip()
            one[name] = identifier(first, f"associated {name}")
        yield from objects.ticket_rows(one, options)
        yield from objects.description(one)
        for name in ("first_reply", "full_resolution"):
            spent = _elapsed.minutes(values.get(name), delimiter, is_hours=False)
            if spent is not None:
                row = {"ticket_id": ticket_id, "name": name, "calendar_minutes": spent}
                yield "vendor_metrics", row

    return read_one


def _feedback(values: Row, dates: Dates) -> Iterator[tuple[str, Row]]:
    answered_at = dates.read(values.get("hs_submission_timestamp"))
    yield from said.feedback_rows(dict(values, hs_submission_timestamp=answered_at))


GUIDE = Guide(
    plan="Service Hub; the API needs a private app with the scopes tickets, conversations.read and feedback_submissions.",
    exports=(
        Export(
            name="Tickets and pipelines, JSON",
            how="GET /crm/v3/objects/tickets?properties=subject,content,hs_pipeline_stage,...&associations=contacts,"
            "companies&propertiesWithHistory=hs_pipeline_stage,hubspot_owner_id, and GET /crm/v3/pipelines/tickets.",
            enables=(
                Capability.TICKETS,
                Capability.SOLVED_TIMES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
            ),
            lacks="Messages: get the conversations. Without the pipelines a stage is a number and the status unknown.",
        ),
        Export(
            name="Conversations, JSON",
            how="GET /conversations/v3/conversations/threads?association=TICKET and .../threads/ID/messages for each; or"
            " the e-mails and notes as objects with their tickets, but not both.",
            enables=(Capability.MESSAGES,),
            lacks="A conversation that has no ticket is left out.",
        ),
        Export(
            name="Survey responses, JSON",
            how="GET /crm/v3/objects/feedback_submissions?properties=hs_survey_type,hs_value,hs_content,"
            "hs_response_group,hs_submission_timestamp&associations=tickets,contacts.",
            enables=(Capability.CSAT, Capability.NPS, Capability.CES),
            lacks="Surveys that were sent and not answered, so that there is no response rate.",
        ),
        Export(
            name="Tickets, CSV",
            how="CRM > Tickets > a view with all > Export, all properties, CSV.",
            enables=(Capability.TICKETS, Capability.SOLVED_TIMES, Capability.MESSAGES),
            lacks="Every message but the description; get the conversations.",
        ),
    ),
    notes=(
        "CSAT counts as satisfied by HubSpot's own response group, since the scale is each survey's own choice.",
        "The description of a ticket that came by e-mail or chat is its first message: in JSON it is left to the"
        " conversation, in the table it is heard. Load the one or the other.",
        "An account's annual revenue is what they earn, not what they pay: load a table of accounts for that.",
    ),
    is_from_documentation=True,
)

SOURCE = Source(
    name="hubspot",
    title="HubSpot",
    about="tickets, pipelines, conversations, e-mails, notes, contacts, companies, owners, survey responses; JSON or CSV",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=21,
    guide=GUIDE,
)
