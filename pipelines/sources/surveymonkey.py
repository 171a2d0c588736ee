"""SurveyMonkey's responses as CSV or XLSX: two header rows, the second with the choices of each question.

A column belongs to the question above it, or to the last one named where the first row is empty. Answers are numbers
or labels, as the export was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _columns, _tabular, surveys
from pipelines.sources._columns import Dates, cell
from pipelines.sources._survey_rows import Form, is_about_why, ratings
from pipelines.sources._survey_words import Question, check_scale, holds_scores, kind_of, scale_of
from pipelines.sources._values import identifier, words
from pipelines.sources.source import Export, Guide, Item, Options, Sample, Source
from warehouse.errors import BadInput

_OWN = frozenset(
    "respondent_id collector_id start_date end_date date_created date_modified ip_address email_address first_name "
    "last_name custom_data_1 custom_data custom_value".split()
)
_NO_NAME = re.compile(r"column \d+")


def recognise(sample: Sample, options: Options) -> int | None:
    """A table that begins with the respondent's and the collector's id."""
    plain = [_columns.plain(name) for name in sample.header[:3]]
    return 6 if sample.kind != "json" and {"respondent_id", "collector_id"} <= set(plain) else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A rating for each answer to a question about a score."""
    names = {_columns.plain(name): name for name in reversed(sample.header)}
    beginning = [
        row.values for row, _ in zip(_tabular.rows(sample), range(1_000), strict=False) if row.values
    ]
    second = beginning[0] if beginning and cell(beginning[0].get(names["respondent_id"])) is None else {}
    asked, spoken = _asked(sample, options, second)
    answers = beginning[bool(second) :]
    asked = [one for one in asked if holds_scores(one[1], (cell(row.get(one[0])) for row in answers))]
    if not asked:
        questions = [name for name in sample.header if _columns.plain(name) not in _OWN]
        raise BadInput(
            f"{sample.member.name} has no question that asks for a score.\n  Found: {', '.join(questions[:8])}",
            fix="--map nps_score=COLUMN, or csat_score, or ces_score",
        )
    wanted = {name: surveys.ALIASES[name] for name in ("ticket_id", "customer_id", "customer_email")}
    columns = _columns.found(sample.header, wanted, _columns.mapping_of(sample, options), sample.member.name)
    dates = Dates(options)
    for name in ("end_date", "start_date"):
        if name in names:
            dates.check(
                [cell(row.get(names[name])) for row in answers[:200]], names[name], sample.member.name
            )
    dates.has_zoneless = False
    for column, question in asked:
        check_scale(sample.member.name, column, question, (cell(row.get(column)) for row in answers))
    is_first = bool(second)
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        if is_first:
            is_first = False
            continue
        try:
            form = _form(row.values, names, columns, spoken, dates)
            scores = [(question, cell(row.values.get(column))) for column, question in asked]
            yield Item(row.line, rows=list(ratings(form, scores)), size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _asked(
    sample: Sample, options: Options, second: dict[str, Any]
) -> tuple[list[tuple[str, Question]], list[str]]:
    """The columns that hold a score with their questions, and those with open words, the likely ones first."""
    mapped = _columns.mapping_of(sample, options)
    said = {name: kind.removesuffix("_score") for kind, name in mapped.items() if kind.endswith("_score")}
    asked: list[tuple[str, Question]] = []
    spoken: list[tuple[bool, str]] = []
    question = ""
    for name in sample.header:
        is_continued = _NO_NAME.fullmatch(name) is not None
        question = question if is_continued else re.sub(r" \(\d+\)$", "", name)
        choice = str(second.get(name) or "").strip()
        if _columns.plain(question) in _OWN:
            continue
        is_open = "open-ended" in choice.casefold() or choice.casefold().startswith("other (please")
        if is_open or (not second and not kind_of(question) and is_about_why(question)):
            spoken.append((not is_about_why(question), name))
        elif kind := said.get(name) or kind_of(question):
            # In the columns of a matrix the row's own words stand in the second header.
            text = question if choice.casefold() in ("", "response") else f"{question} {choice}"
            asked.append((name, Question(kind, text, *(scale_of(text) or (None, None)))))
    return asked, [name for _, name in sorted(spoken, key=lambda pair: pair[0])]


def _form(
    values: dict[str, Any], names: dict[str, str], columns: dict[str, str], spoken: list[str], dates: Dates
) -> Form:
    response_id = identifier(values.get(names["respondent_id"]), "respondent id")
    if response_id is None:
        raise BadInput("a row without a respondent id")
    ended = dates.read(cell(values.get(names["end_date"]))) if "end_date" in names else None
    begun = dates.read(cell(values.get(names["start_date"]))) if "start_date" in names else None
    known = {name: cell(values.get(column)) for name, column in columns.items()}
    return Form(
        response_id,
        ended or begun,
        identifier(known.get("ticket_id"), "ticket id"),
        identifier(known.get("customer_id"), "customer id"),
        words(known.get("customer_email")),
        next(filter(None, (words(cell(values.get(name))) for name in spoken)), None),
    )


SOURCE = Source(
    name="surveymonkey",
    title="SurveyMonkey",
    about="NPS, CSAT and CES answers as CSV or XLSX with their two header rows, numbers or labels",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=33,
    guide=Guide(
        plan="a plan with exports (Analyze Results > Save as > Export file)",
        exports=(
            Export(
                name="all individual responses (CSV or XLSX)",
                how="Analyze Results > Save as > Export file > All individual responses; format CSV or XLS, original "
                "view; cells with numerical values where that can be chosen.",
                enables=(Capability.NPS, Capability.CSAT, Capability.CES),
                lacks="conversations, and who was asked without answering, so there is no response rate.",
            ),
        ),
        notes=(
            "Dates are written as your account is set: state their form with --dates, for instance %m/%d/%Y %H:%M:%S.",
            "Pass the ticket's id as custom data and name it: --map ticket_id='Custom Data 1'. Otherwise the e-mail "
            "address joins an answer to its customer's latest ticket.",
            "Labels are read on five steps (very dissatisfied to very satisfied, very difficult to very easy).",
        ),
        is_from_documentation=True,
    ),
)
