"""Tables of survey scores and comments: NPS (0 to 10), CSAT (1 to 5, or in words), CES (1 to 7).

A row a survey, asked or answered; joined to tickets by ticket id, customer id or e-mail after the merge. The kind is
stated by a column (survey_type), by the score column's name (nps_score, or the question itself), or by the file's
name. A table with several score columns gives a rating for each, the comment going with the first. The scale is what
columns, a score column's name ("Effort (1-5)") or --map scale_max=10 say. Which way is better in a CES answer is read
from its question, and is unknown where that is not in the table.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from pipelines.sources import _columns, _survey_columns, _tabular
from pipelines.sources._columns import Dates, cell, decimal
from pipelines.sources._survey_guide import GUIDE
from pipelines.sources._survey_words import (
    SCALES,
    Question,
    answer,
    check_scale,
    is_question,
    kind_of,
    scale_of,
)
from pipelines.sources._values import identifier, words
from pipelines.sources.source import Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

ALIASES = _survey_columns.ALIASES
_TICKET_SIGNS = frozenset(
    {"subject", "status", "priority", "body", "message", "ticket_status", "assignee", "channel"}
)
_PLAIN_DATES = frozenset({"created_at", "created", "date", "timestamp", "survey_date"})


def recognise(sample: Sample, options: Options) -> int | None:
    """A table with a column of scores and none of a ticket's own columns."""
    if not sample.header:
        return None
    plain = {_columns.plain(name) for name in sample.header}
    mapping = _columns.mapping_of(sample, options)
    if len(plain & _TICKET_SIGNS) > 1 or "body" in mapping:
        return None
    said = {name for name, known in ALIASES.items() if name in mapping or plain & set(known)}
    is_scored = said & {"nps_score", "csat_score", "ces_score"} or ("score" in said and len(said) > 1)
    return 6 if is_scored or any(_worded(name) for name in sample.header) else None


@dataclass(frozen=True)
class _Layout:
    """Which column is what in one table, and which columns hold the answers to which questions."""

    columns: dict[str, str]
    asked: tuple[tuple[str, Question], ...]  # column and question; empty where one column holds every kind
    every: Question  # of the one column, its kind as the file's name says it, or ""
    delimiter: str | None


def _worded(column: str) -> str | None:
    """The kind of score that a column asks for where its name is the question itself."""
    return kind_of(column) if is_question(column) else None


def _layout(sample: Sample, options: Options) -> _Layout:
    mapping = dict(_columns.mapping_of(sample, options))
    stated = {
        name: float(mapping.pop(name))
        for name in ("scale_min", "scale_max")
        if mapping.get(name, "") not in sample.header and re.fullmatch(r"\d+", mapping.get(name, ""))
    }
    columns = _columns.found(sample.header, ALIASES, mapping, sample.member.name)
    low, high = stated.get("scale_min"), stated.get("scale_max")

    def question(kind: str, column: str) -> Question:
        from_name = scale_of(column) or (None, None)
        text = column if is_question(column) else None
        return Question(
            kind, text, *(a if a is not None else b for a, b in zip((low, high), from_name, strict=True))
        )

    asked = [
        (columns[f"{kind}_score"], question(kind, columns[f"{kind}_score"]))
        for kind in SCALES
        if f"{kind}_score" in columns
    ]
    taken = {*columns.values()}
    for column in sample.header:
        kind = _worded(column)
        if kind and column not in taken:
            asked.append((column, question(kind, column)))
    every = question(_kind_of(sample.member.base) or "", columns.get("score", ""))
    if not asked and "survey_kind" not in columns and not every.kind:
        raise BadInput(
            f"{sample.member.name} has scores in {columns['score']!r}, and nothing tells of which kind they are.",
            fix=f"--map nps_score={columns['score']!r}, or csat_score, or ces_score",
        )
    return _Layout(columns, tuple(asked), every, sample.dialect.delimiter if sample.dialect else None)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A rating for each score of a row."""
    layout = _layout(sample, options)
    dates = Dates(options)
    _check(sample, layout, dates)
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    seen: Counter[str] = Counter()
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {name: cell(row.values.get(column)) for name, column in layout.columns.items()}
        try:
            scores = _scores(values, row.values, layout)
            rows = list(_ratings(values, scores, layout, dates, seen))
            yield Item(row.line, rows=rows, size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _check(sample: Sample, layout: _Layout, dates: Dates) -> None:
    """Raises BadInput where the beginning shows that dates or scores are written otherwise than is thought."""
    rows = [row.values for row in islice(_tabular.rows(sample), 1_000) if row.values]
    for name in ("asked_at", "answered_at"):
        if name in layout.columns:
            column = layout.columns[name]
            dates.check([cell(row.get(column)) for row in rows[:200]], column, sample.member.name)
    dates.has_zoneless = False
    if not layout.columns.keys() & {"scale_min", "scale_max"}:
        one = (
            [(layout.columns["score"], layout.every)]
            if layout.every.kind and "score" in layout.columns
            else []
        )
        for column, question in layout.asked or one:
            check_scale(sample.member.name, column, question, (cell(row.get(column)) for row in rows))


def _kind_of(text: str) -> str | None:
    found = {kind for kind in SCALES if re.search(rf"(?<![a-z]){kind}(?![a-z])", text.casefold())}
    if "effort" in text.casefold():
        found.add("ces")
    return found.pop() if len(found) == 1 else None


def _scores(values: Row, cells: Row, layout: _Layout) -> list[tuple[Question, object]]:
    """What a row was asked, with the raw score: one column a question, or one column for every kind."""
    low, high = (decimal(values.get(name), layout.delimiter) for name in ("scale_min", "scale_max"))
    text = words(values.get("question"))

    def on_scale(question: Question) -> Question:
        return replace(
            question,
            text=text or question.text,
            low=question.low if low is None else low,
            high=question.high if high is None else high,
        )

    if layout.asked:
        found = [(on_scale(question), cell(cells.get(column))) for column, question in layout.asked]
        return [pair for pair in found if pair[1] is not None] or found[:1]
    stated = words(values.get("survey_kind"))
    kind = _kind_of(stated) if stated else layout.every.kind or None
    if kind is None:
        raise BadInput(f"{(stated or 'nothing')[:40]!r} does not say whether this is NPS, CSAT or CES")
    return [(on_scale(replace(layout.every, kind=kind)), values.get("score"))]


def _ratings(
    values: Row,
    scores: list[tuple[Question, object]],
    layout: _Layout,
    dates: Dates,
    seen: Counter[str],
) -> Iterator[tuple[str, Row]]:
    ticket_id = identifier(values.get("ticket_id"), "ticket id")
    customer_id = identifier(values.get("customer_id"), "customer id")
    email = words(values.get("customer_email"))
    asked, answered = dates.read(values.get("asked_at")), dates.read(values.get("answered_at"))
    comment = words(values.get("comment"))
    if comment is None and asked is None and answered is None and all(raw is None for _, raw in scores):
        raise BadInput("a row without a score, a comment or a date")
    given = identifier(values.get("rating_id"), "response id")
    if given is not None:
        seen[given] += 1
        if seen[given] > 1:
            raise BadInput(f"a second row with the response id {given}")
    times: Counter[str] = Counter()
    for place, (question, raw) in enumerate(scores):
        found = answer(question, raw, layout.delimiter)
        is_answered = found.get("score") is not None or comment is not None
        # A plain date of an unanswered survey is the date when it was sent.
        is_plain = _columns.plain(layout.columns.get("answered_at", "")) in _PLAIN_DATES
        asked_at = asked or (answered if not is_answered and is_plain else None)
        rating_id = given
        if rating_id is None:
            content = repr((ticket_id, customer_id, email, question.kind, raw, comment, asked, answered))
            rating_id = f"hash:{hashlib.md5(content.encode('utf-8', 'replace')).hexdigest()}"
            seen[rating_id] += 1
            rating_id += f":{seen[rating_id]}"
        times[question.kind] += 1
        again = f":{times[question.kind]}" if times[question.kind] > 1 else ""
        yield (
            "ratings",
            {
                **found,
                "rating_id": f"{question.kind}:{rating_id}{again}",
                "ticket_id": ticket_id,
                "comment": comment if place == 0 else None,
                "asked_at": asked_at,
                "answered_at": answered if is_answered else None,
                "agent_id": identifier(values.get("agent_id"), "agent id"),
                "customer_id": customer_id,
                "customer_email": email,
                "stated_at": answered or asked,
            },
        )


SOURCE = Source(
    name="surveys",
    title="Survey tables",
    about="NPS, CSAT and CES scores with their comments; joined by ticket id, customer id or e-mail",
    recognise=recognise,
    read=read,
    is_declared=True,
    columns=lambda sample, options: _layout(sample, options).columns,
    canonical=tuple(ALIASES),
    claims=40,
    guide=GUIDE,
)
