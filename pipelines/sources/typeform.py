"""Typeform's responses: JSON of its API and webhooks, and the CSV or XLSX of its results page in both layouts.

A response holds numbers by field and not what was asked, nor on which scale: both stand in the form (GET /forms/ID),
which is read first. A webhook brings its questions along, and the columns of a CSV are the questions. The newer CSV
has one column for a multiple choice and the older one for each choice; scores stand in a column of their own in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipelines.sources import _columns, _json, _tabular, surveys
from pipelines.sources._columns import cell
from pipelines.sources._survey_rows import Form, is_about_why, ratings
from pipelines.sources._survey_words import Question, check_scale, holds_scores, kind_of
from pipelines.sources._typeform_guide import GUIDE
from pipelines.sources._values import identifier, instant, listing, mapping, words
from pipelines.sources.source import NAMES, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

_FIELD = "typeform_field"  # in NAMES: a field's id and, as JSON, its title and scale
_TITLE = "typeform_title"  # the same by the question's words, which are a CSV's columns
_SCORED = frozenset({"opinion_scale", "rating", "nps"})
_NOT_ASKED = frozenset(
    {"#", "start date (utc)", "submit date (utc)", "stage date (utc)", "network id", "tags"}
)


def recognise(sample: Sample, options: Options) -> int | None:
    """A form (read first), responses, a webhook's event, or a table with Typeform's own columns."""
    if sample.kind != "json":
        plain = [name.strip().casefold() for name in sample.header]
        return 6 if plain[:1] == ["#"] and "submit date (utc)" in plain and "network id" in plain else None
    record = mapping(sample.record)
    first = mapping(next(iter(listing(record.get("items"))), record))
    if {"fields", "title"} <= first.keys() and first.keys() & {
        "thankyou_screens",
        "welcome_screens",
        "workspace",
    }:
        return 1
    response = mapping(first.get("form_response")) or first
    return (
        6
        if {"landed_at", "answers"} <= response.keys() and response.keys() & {"token", "response_id"}
        else None
    )


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """The questions of a form, or a rating for each answer to a question about a score."""
    if sample.kind != "json":
        yield from _table(sample, options)
        return
    fields = {key: value for (kind, key), value in options.known.items() if kind == _FIELD}
    count, unknown = 0, set()
    for record in _json.records(sample.member):
        if record.reason is not None:
            yield Item(record.line, reason=record.reason, raw=record.raw)
            continue
        page = mapping(record.value)
        for one in listing(page.get("items")) or [record.value]:
            if isinstance(one, dict) and isinstance(one.get("fields"), list):
                yield Item(record.line, rows=list(_questions(one["fields"])), size=record.size)
                count += 1
                continue
            try:
                rows, without = _response(one, fields, options)
                unknown |= without
                count += bool(rows)
                if rows:
                    yield Item(record.line, rows=rows, size=record.size)
                else:
                    yield Item(record.line, note="responses without an answer on a scale are passed over")
            except BadInput as error:
                yield Item(record.line, reason=error.what, raw=repr(one)[:500])
    if unknown and not count:
        raise BadInput(
            f"{sample.member.name} has numbers, but not what was asked ({', '.join(sorted(unknown)[:4])}).",
            fix="load the form beside it (GET /forms/FORM_ID, saved as JSON), or --map nps_score=FIELD_ID",
        )
    if unknown:
        yield Item(None, note=f"no form says what was asked in {', '.join(sorted(unknown)[:4])}: not read")


def _questions(fields: list[Any]) -> Iterator[tuple[str, Row]]:
    """The scored fields of a form for later records, those inside groups too."""
    for field in map(mapping, fields):
        properties = mapping(field.get("properties"))
        if inner := listing(properties.get("fields")):
            yield from _questions(inner)
        title, key = words(field.get("title")), words(field.get("id"))
        if words(field.get("type")) not in _SCORED or not title or not key:
            continue
        known = {"type": field["type"], "title": title}
        steps = properties.get("steps")
        if isinstance(steps, int) and not isinstance(steps, bool) and 2 <= steps <= 100:
            is_from_one = field["type"] == "rating" or properties.get("start_at_one") is True
            known |= {"low": int(is_from_one), "high": steps - 1 + int(is_from_one)}
        name = json.dumps(known, sort_keys=True)
        yield NAMES, {"kind": _FIELD, "id": key, "name": name}
        yield NAMES, {"kind": _TITLE, "id": " ".join(title.split()).casefold(), "name": name}


def _question(known: str) -> Question | None:
    field = mapping(_json.parse(known.encode("utf-8", "replace"))[0])
    title = words(field.get("title"))
    kind = "nps" if field.get("type") == "nps" else kind_of(title or "")
    return Question(kind, title, field.get("low"), field.get("high")) if kind else None


def _response(one: Any, fields: dict[str, str], options: Options) -> tuple[list[tuple[str, Row]], set[str]]:
    """The ratings of a response, and the fields with numbers that nothing explains."""
    event = mapping(one)
    response = mapping(event.get("form_response")) or event
    response_id = identifier(response.get("response_id") or response.get("token"), "response id")
    if response_id is None:
        raise BadInput("a record that is not a response")
    asked = dict(fields)
    for table, row in _questions(listing(mapping(response.get("definition")).get("fields"))):
        if table == NAMES and row["kind"] == _FIELD:
            asked[row["id"]] = row["name"]
    said = {name: kind for kind, name in options.mapping.items()}
    scores: list[tuple[Question, object]] = []
    unknown: set[str] = set()
    email = comment = None
    for given in map(mapping, listing(response.get("answers"))):
        field = mapping(given.get("field"))
        key, kind = words(field.get("id")) or "", words(field.get("type"))
        if kind in _SCORED:
            mapped = said.get(key, said.get(words(field.get("ref")) or "", "")).removesuffix("_score")
            if mapped in ("nps", "csat", "ces"):
                scores.append((Question(mapped), given.get("number")))
            elif kind == "nps" and key not in asked:
                scores.append((Question("nps"), given.get("number")))
            elif key not in asked:
                unknown.add(key)
            elif question := _question(asked[key]):
                scores.append((question, given.get("number")))
        elif kind == "email":
            email = words(given.get("email")) or email
        elif kind == "long_text" and comment is None:
            comment = words(given.get("text"))
    if not scores:
        return [], unknown
    hidden = {_columns.plain(key): value for key, value in mapping(response.get("hidden")).items()}
    form = Form(
        response_id,
        instant(response.get("submitted_at")),
        identifier(_first(hidden, "ticket_id"), "ticket id"),
        identifier(_first(hidden, "customer_id"), "customer id"),
        words(_first(hidden, "customer_email")) or email,
        comment,
    )
    return list(ratings(form, scores)), unknown


def _first(hidden: dict[str, Any], name: str) -> Any:
    found = (cell(hidden[alias]) for alias in surveys.ALIASES[name] if alias in hidden)
    return next((value for value in found if not isinstance(value, (dict, list))), None)


def _table(sample: Sample, options: Options) -> Iterator[Item]:
    titles = {key: value for (kind, key), value in options.known.items() if kind == _TITLE}
    mapped = _columns.mapping_of(sample, options)
    said = {name: kind.removesuffix("_score") for kind, name in mapped.items() if kind.endswith("_score")}
    beginning = [
        row.values for row, _ in zip(_tabular.rows(sample), range(1_000), strict=False) if row.values
    ]
    asked: list[tuple[str, Question]] = []
    for name in sample.header:
        known = titles.get(" ".join(name.split()).casefold())
        kind = said.get(name) or (None if name.strip().casefold() in _NOT_ASKED else kind_of(name))
        question = _question(known) if known else Question(kind, name) if kind else None
        if question and holds_scores(question, (cell(row.get(name)) for row in beginning)):
            asked.append((name, question))
    joined = ("ticket_id", "customer_id", "customer_email", "comment")
    columns = _columns.found(
        sample.header, {name: surveys.ALIASES[name] for name in joined}, mapped, sample.member.name
    )
    taken = {column for column, _ in asked} | set(columns.values())
    open_questions = [name for name in sample.header if name not in taken and is_about_why(name)]
    if not asked:
        raise BadInput(
            f"{sample.member.name} has no column that asks for a score.\n  Found: {', '.join(sample.header[1:8])}",
            fix="--map nps_score=COLUMN, or csat_score, or ces_score",
        )
    for column, question in asked:
        check_scale(sample.member.name, column, question, (cell(row.get(column)) for row in beginning))
    by_plain = {name.strip().casefold(): name for name in sample.header}
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {name: cell(row.values.get(column)) for name, column in columns.items()}
        try:
            response_id = identifier(row.values.get(by_plain["#"]), "response id")
            if response_id is None:
                raise BadInput("a row without a response id")
            said_openly = (words(cell(row.values.get(name))) for name in open_questions)
            form = Form(
                response_id,
                instant(cell(row.values.get(by_plain["submit date (utc)"]))),
                identifier(values.get("ticket_id"), "ticket id"),
                identifier(values.get("customer_id"), "customer id"),
                words(values.get("customer_email")),
                words(values.get("comment")) or next(filter(None, said_openly), None),
            )
            scores = [(question, cell(row.values.get(column))) for column, question in asked]
            yield Item(row.line, rows=list(ratings(form, scores)), size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])


SOURCE = Source(
    name="typeform",
    title="Typeform",
    about="NPS, CSAT and CES answers from its API, webhooks and results page; scales from the form",
    recognise=recognise,
    read=read,
    claims=8,
    guide=GUIDE,
)
