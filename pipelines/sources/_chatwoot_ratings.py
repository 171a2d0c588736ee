"""Chatwoot's ratings: one a conversation, stated in its survey message, in the list of responses and in the CSV report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.sources import _columns, _tabular
from pipelines.sources._api import Tabled, required
from pipelines.sources._columns import Dates, cell
from pipelines.sources._values import identifier, mapping, number, words
from pipelines.sources.source import Item, Options, Row, Sample
from warehouse.errors import BadInput

AGENT = "agent"  # the kind of name that stands for an agent's id
_CSV = ("agent", "rating", "comment", "contact", "email", "phone", "link", "answered_at")
_ENGLISH = ("agent_name", "rating", "feedback_comment", "link_to_the_conversation")
_COLUMNS = range(8, 11)
_LINK = re.compile(r"/app/accounts/\d+/conversations/(\d+)")
_PERSON = re.compile(r"^(.{1,200}?) \(([^()\s]+@[^()\s]+)\)$")
_PERIOD = re.compile(r"(\d{4}-\d\d-\d\d)[^,]{1,40}?(\d{4}-\d\d-\d\d)")
_LOOKED_AT = 20


def _answer(raw: object, comment: object) -> Row:
    """Score and comment. Raises BadInput on a score outside 1 to 5."""
    score = number(raw)
    if score is not None and not 1 <= score <= 5:
        raise BadInput(f"the rating {score:g} lies outside 1 to 5")
    scale = {} if score is None else {"scale_min": 1.0, "scale_max": 5.0}
    return {"kind": "csat", "score": score, "score_raw": words(raw), "comment": words(comment), **scale}


def asked(record: Row, ticket_id: str) -> Iterator[Tabled]:
    """The survey message, which also holds the answer once there is one; when it was given is not stated there."""
    submitted = mapping(mapping(record.get("content_attributes")).get("submitted_values"))
    given = mapping(submitted.get("csat_survey_response"))
    yield (
        "ratings",
        {
            **_answer(given.get("rating"), given.get("feedback_message")),
            "rating_id": f"conversation:{ticket_id}",
            "ticket_id": ticket_id,
            "asked_at": record.get("created_at"),
            "stated_at": record.get("created_at"),
        },
    )


def response(record: Row, _: Options) -> Iterator[Tabled]:
    """An answer of the list of responses."""
    ticket_id = required(record, "response", "conversation_id")
    contact = mapping(record.get("contact"))
    contact_id = identifier(contact.get("id"), "contact id")
    yield (
        "ratings",
        {
            **_answer(record.get("rating"), record.get("feedback_message")),
            "rating_id": f"conversation:{ticket_id}",
            "ticket_id": ticket_id,
            "answered_at": record.get("created_at"),
            "agent_id": identifier(mapping(record.get("assigned_agent")).get("id"), "agent id"),
            "customer_id": f"contact:{contact_id}" if contact_id else None,
            "customer_email": words(contact.get("email")),
            "stated_at": record.get("created_at"),
        },
    )


def is_report(sample: Sample) -> bool:
    """Whether a table is the CSAT report: by its English names, else by links to conversations in its seventh column."""
    if sample.kind == "json" or len(sample.header) not in _COLUMNS:
        return False
    if {_columns.plain(name) for name in sample.header} >= set(_ENGLISH):
        return True
    rows = (row for row, _ in zip(_tabular.rows(sample), range(_LOOKED_AT), strict=False))
    column = sample.header[_CSV.index("link")]
    return any(row.values and _LINK.search(str(row.values.get(column))) for row in rows)


def report(sample: Sample, options: Options) -> Iterator[Item]:
    """The rows of the CSAT report, by the place of their columns: their names are in the account's language.

    The last line states the report's period and is none of its rows.
    """
    dates = Dates(options)
    for row in _tabular.rows(sample):
        raw = row.raw or " ".join(str(value) for value in (row.values or {}).values() if value)
        cells = [cell(row.values.get(name)) for name in sample.header] if row.values else []
        if not any(cells[1:]) and (period := _PERIOD.search(raw)):
            yield Item(row.line, note=f"the report is about {period.group(1)} to {period.group(2)}")
            continue
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        try:
            yield Item(
                row.line,
                rows=[_reported(dict(zip(_CSV, cells, strict=False)), dates, options)],
                size=row.size,
            )
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=raw[:500])
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _reported(values: Row, dates: Dates, options: Options) -> Tabled:
    link = _LINK.search(str(values["link"]))
    if link is None:
        raise BadInput("a row without a link to its conversation")
    agent = words(values["agent"])
    named = _PERSON.match(agent) if agent else None
    name = named.group(1) if named else agent
    answered = dates.read(values["answered_at"])
    return "ratings", {
        **_answer(values["rating"], values["comment"]),
        "rating_id": f"conversation:{link.group(1)}",
        "ticket_id": link.group(1),
        "answered_at": answered,
        "agent_id": options.known.get((AGENT, name or ""), name),
        "customer_email": words(values["email"]),
        "stated_at": answered,
    }
