"""Delighted's survey responses as its API gives them (JSON, NDJSON) and as connectors flatten them (CSV).

A response names its person by an id only, unless it was asked for with `expand`; it is not linked to a ticket, but a
property of the person (ticket_id and its like) may say which one it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from metrics.measure import Capability
from pipelines.sources import _columns, _tabular, surveys
from pipelines.sources._survey_words import Question, answer
from pipelines.sources._values import identifier, instant, mapping, words
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

# The vendor's types of survey with the question that each stands for. Its CES asks to agree that it was made easy.
_EASY = "Was it made easy to handle the issue?"
TYPES = {
    "nps": Question("nps", None, 0, 10),
    "csat": Question("csat", None, 1, 5),
    "ces": Question("ces", _EASY, 1, 5),
    "smileys": Question("csat", None, 1, 5),
    "stars_five": Question("csat", None, 1, 5),
    "stars": Question("csat", None, 1, 5),
    "thumbs": Question("csat", None, 0, 1),
}
_OTHERS = frozenset(
    {"enps", "pmf"}
)  # asked of employees; about the product's fit: neither is a score of support
_TICKET_NAMES = frozenset(surveys.ALIASES["ticket_id"])
_CUSTOMER_NAMES = frozenset(surveys.ALIASES["customer_id"])


def recognise(sample: Sample, options: Options) -> int | None:
    """Responses: a type of survey, a permalink and a person, as nothing else has them together."""
    plain = {_columns.plain(name) for name in sample.header}
    return 6 if {"survey_type", "permalink", "score"} <= plain and plain & {"person", "person_id"} else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A rating for each response."""
    names = {_columns.plain(name): name for name in reversed(sample.header)}
    dates = _columns.Dates(options)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = row.values
        if sample.kind != "json":
            values = {plain: _columns.cell(row.values.get(name)) for plain, name in names.items()}
        kind = str(values.get("survey_type") or "").strip().casefold()
        if kind in _OTHERS:
            yield Item(row.line, note=f"answers to surveys of the type {kind} are passed over", size=row.size)
            continue
        try:
            yield Item(row.line, rows=list(_response(values, kind, dates)), size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _response(values: dict[str, Any], kind: str, dates: _columns.Dates) -> Iterator[tuple[str, Row]]:
    question = TYPES.get(kind)
    if question is None:
        raise BadInput(f"{kind[:40]!r} is no type of survey that we know")
    rating_id = identifier(values.get("id"), "response id")
    if rating_id is None:
        raise BadInput("a response without an id")
    person = values.get("person")
    expanded = mapping(person)
    person_id = identifier(expanded.get("id") if expanded else person or values.get("person_id"), "person id")
    email = words(expanded.get("email")) or words(values.get("email"))
    properties = {_columns.plain(key): value for key, value in _properties(values).items()}
    found = answer(question, values.get("score"))
    comment = words(values.get("comment"))
    created, updated = _moment(values.get("created_at"), dates), _moment(values.get("updated_at"), dates)
    if found.get("score") is None and comment is None:
        raise BadInput("a response without a score or a comment")
    yield (
        "ratings",
        {
            **found,
            "question": None,  # the type's, in the sender's own words: not in the file
            "rating_id": rating_id,
            "ticket_id": identifier(_of(properties, _TICKET_NAMES), "ticket id"),
            "comment": comment,
            "answered_at": created,
            "customer_id": identifier(_of(properties, _CUSTOMER_NAMES), "customer id") or person_id,
            "customer_email": email,
            "stated_at": updated or created,
        },
    )


def _moment(value: Any, dates: _columns.Dates) -> Any:
    return dates.read(value) if isinstance(value, str) else instant(value)


def _properties(values: dict[str, Any]) -> dict[str, Any]:
    stated = values.get("person_properties") or values.get("properties")
    if isinstance(stated, str) and stated.lstrip().startswith("{"):
        try:
            stated = orjson.loads(stated.encode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            return {}
    return mapping(stated)


def _of(properties: dict[str, Any], names: frozenset[str]) -> Any:
    """The first property whose name ends in one of the names: `zendesk_ticket_id` is a ticket_id."""
    for key in sorted(properties):
        is_one = key in names or any("_" in name and key.endswith(f"_{name}") for name in names)
        if is_one and not isinstance(properties[key], (dict, list, bool)):
            return properties[key]
    return None


SOURCE = Source(
    name="delighted",
    title="Delighted",
    about="NPS, CSAT and CES answers with their comments; joined by e-mail or by a ticket id among the properties",
    recognise=recognise,
    read=read,
    claims=7,
    guide=Guide(
        plan="any plan with access to the API; the key stands under Integrations > API",
        exports=(
            Export(
                name="survey responses (JSON)",
                how="Call GET /v1/survey_responses.json?expand[]=person page by page and save every page, or let a "
                "connector do it. One file of lines or arrays, as it comes.",
                enables=(Capability.NPS, Capability.CSAT, Capability.CES),
                lacks="conversations, and who was asked without answering (so there is no response rate). Without "
                "expand[]=person a response names no e-mail address and is joined to a ticket by nothing.",
            ),
        ),
        notes=(
            "Send the ticket's id along as a property named ticket_id: then an answer belongs to its ticket.",
            "CSAT, smileys, stars and CES are read on 1 to 5, thumbs on 0 and 1; CES agrees to having been made "
            "easy, so that higher is better.",
            "Surveys of employees (enps) and of product fit (pmf) are passed over; additional answers are not read.",
        ),
    ),
)
