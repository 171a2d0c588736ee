"""Tables of survey scores and comments: NPS (0 to 10), CSAT (1 to 5, or good and bad), CES (1 to 7).

A row a survey, asked or answered; joined to tickets by ticket id, customer id or e-mail after the merge. The kind is
stated by a column (survey_type), by the score column's name (nps_score), or by the file's name. A table with several
score columns gives a rating for each, the comment going with the first. For CES a higher score means less effort.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from pipelines.sources import _columns, _tabular
from pipelines.sources._columns import Dates, cell, decimal
from pipelines.sources._values import identifier, words
from pipelines.sources.source import Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

ALIASES: dict[str, tuple[str, ...]] = {
    "ticket_id": ("ticket_id", "ticket", "ticket_number", "case_id", "case_number", "conversation_id"),
    "rating_id": ("rating_id", "response_id", "survey_response_id", "id", "respondent_id"),
    "customer_id": (
        "customer_id",
        "requester_id",
        "contact_id",
        "user_id",
        "person_id",
        "person",
        "client_id",
    ),
    "customer_email": (
        "customer_email",
        "email",
        "email_address",
        "user_email",
        "requester_email",
        "contact_email",
    ),
    "agent_id": ("agent_id", "assignee_id"),
    "survey_kind": ("survey_kind", "survey_type", "metric", "question_type", "type"),
    "nps_score": ("nps_score", "nps", "nps_rating", "likelihood_to_recommend", "recommend_score"),
    "csat_score": (
        "csat_score",
        "csat",
        "csat_rating",
        "satisfaction_score",
        "satisfaction_rating",
        "satisfaction",
    ),
    "ces_score": ("ces_score", "ces", "ces_rating", "customer_effort_score", "effort_score"),
    "score": ("score", "rating", "answer", "value"),
    "scale_min": ("scale_min",),
    "scale_max": ("scale_max",),
    "comment": (
        "comment",
        "comments",
        "feedback",
        "verbatim",
        "answer_text",
        "remark",
        "reason",
        "open_answer",
    ),
    "asked_at": ("asked_at", "sent_at", "survey_sent_at", "invited_at", "date_sent", "sent_date", "sent"),
    "answered_at": (
        "answered_at",
        "responded_at",
        "response_at",
        "response_date",
        "responded_on",
        "submitted_at",
        "completed_at",
        "answered_on",
        "created_at",
        "created",
        "date",
        "timestamp",
        "survey_date",
    ),
}
SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}
_TICKET_SIGNS = frozenset(
    {"subject", "status", "priority", "body", "message", "ticket_status", "assignee", "channel"}
)
_GOOD = frozenset({"good", "great", "satisfied", "very satisfied", "positive", "happy", "thumbs up"})
_BAD = frozenset(
    {
        "bad",
        "not good",
        "dissatisfied",
        "unsatisfied",
        "very dissatisfied",
        "negative",
        "unhappy",
        "thumbs down",
    }
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
    return (
        6 if said & {"nps_score", "csat_score", "ces_score"} or ("score" in said and len(said) > 1) else None
    )


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A rating for each score of a row."""
    columns = _columns.found(sample.header, ALIASES, _columns.mapping_of(sample, options), sample.member.name)
    file_kind = _kind_of(sample.member.base)
    stated = columns.keys() & {"nps_score", "csat_score", "ces_score", "survey_kind"}
    if not stated and file_kind is None:
        raise BadInput(
            f"{sample.member.name} has scores in {columns['score']!r}, and nothing tells of which kind they are.",
            fix=f"--map nps_score={columns['score']!r}, or csat_score, or ces_score",
        )
    dates = Dates(options)
    _check_dates(sample, columns, dates)
    if sample.dialect and sample.dialect.note:
        yield Item(None, note=sample.dialect.note)
    delimiter = sample.dialect.delimiter if sample.dialect else None
    seen: Counter[str] = Counter()
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        values = {name: cell(row.values.get(column)) for name, column in columns.items()}
        try:
            kinds = _scores(values, columns, file_kind)
            rows = list(_ratings(values, kinds, columns, dates, delimiter, seen))
            yield Item(row.line, rows=rows, size=row.size)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw or repr(row.values)[:500])
    if dates.has_zoneless:
        yield Item(None, note=f"{_columns.ZONELESS} {options.zone}")


def _check_dates(sample: Sample, columns: dict[str, str], dates: Dates) -> None:
    beginning = [row.values for row, _ in zip(_tabular.rows(sample), range(200), strict=False) if row.values]
    for name in ("asked_at", "answered_at"):
        if name in columns:
            dates.check(
                [cell(row.get(columns[name])) for row in beginning], columns[name], sample.member.name
            )
    dates.has_zoneless = False


def _kind_of(text: str) -> str | None:
    found = {kind for kind in SCALES if re.search(rf"(?<![a-z]){kind}(?![a-z])", text.casefold())}
    if "effort" in text.casefold():
        found.add("ces")
    return found.pop() if len(found) == 1 else None


def _scores(values: Row, columns: dict[str, str], file_kind: str | None) -> list[tuple[str, object]]:
    """The kinds that a row was asked about, with the raw score; one column a kind, or one for all."""
    named = [(kind, values.get(f"{kind}_score")) for kind in SCALES if f"{kind}_score" in columns]
    if named:
        answered = [(kind, score) for kind, score in named if score is not None]
        return answered or named[:1]
    stated = words(values.get("survey_kind"))
    kind = _kind_of(stated) if stated else file_kind
    if kind is None:
        raise BadInput(f"{(stated or 'nothing')[:40]!r} does not say whether this is NPS, CSAT or CES")
    return [(kind, values.get("score"))]


def _ratings(
    values: Row,
    kinds: list[tuple[str, object]],
    columns: dict[str, str],
    dates: Dates,
    delimiter: str | None,
    seen: Counter[str],
) -> Iterator[tuple[str, Row]]:
    ticket_id = identifier(values.get("ticket_id"), "ticket id")
    customer_id = identifier(values.get("customer_id"), "customer id")
    email = words(values.get("customer_email"))
    asked, answered = dates.read(values.get("asked_at")), dates.read(values.get("answered_at"))
    comment = words(values.get("comment"))
    if comment is None and asked is None and answered is None and all(raw is None for _, raw in kinds):
        raise BadInput("a row without a score, a comment or a date")
    given = identifier(values.get("rating_id"), "response id")
    if given is not None:
        seen[given] += 1
        if seen[given] > 1:
            raise BadInput(f"a second row with the response id {given}")
    for place, (kind, raw) in enumerate(kinds):
        answer = _answer(kind, raw, values, delimiter)
        is_answered = answer.get("score") is not None or comment is not None
        # A plain date of an unanswered survey is the date when it was sent.
        is_plain = _columns.plain(columns.get("answered_at", "")) in _PLAIN_DATES
        asked_at = asked or (answered if not is_answered and is_plain else None)
        rating_id = given
        if rating_id is None:
            content = repr((ticket_id, customer_id, email, kind, raw, comment, asked, answered))
            rating_id = f"hash:{hashlib.md5(content.encode('utf-8', 'replace')).hexdigest()}"
            seen[rating_id] += 1
            rating_id += f":{seen[rating_id]}"
        yield (
            "ratings",
            {
                **answer,
                "rating_id": f"{kind}:{rating_id}",
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


def _answer(kind: str, raw: object, values: Row, delimiter: str | None) -> Row:
    """Kind, score, scale and sign. Raises BadInput on a score outside its scale."""
    if raw is None:
        return {"kind": kind}
    text = str(raw).strip()
    word = text.casefold()
    if kind == "csat" and (word in _GOOD or word in _BAD):
        is_good = word in _GOOD
        sign = {"score": float(is_good), "scale_min": 0.0, "scale_max": 1.0, "is_positive": is_good}
        return {"kind": kind, "score_raw": text, **sign}
    low = decimal(values.get("scale_min"), delimiter)
    high = decimal(values.get("scale_max"), delimiter)
    low, high = SCALES[kind][0] if low is None else low, SCALES[kind][1] if high is None else high
    match = re.match(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:/\s*(\d+))?\s*$", text)
    if not match:
        raise BadInput(f"{text[:40]!r} is no {kind.upper()} score")
    if match.group(2) and float(match.group(2)) != high:
        raise BadInput(f"the {kind.upper()} score {text[:20]} is not on a scale to {high:g}")
    score = decimal(match.group(1), delimiter)
    if score is None or not low <= score <= high:
        raise BadInput(f"the {kind.upper()} score {text[:20]} lies outside {low:g} to {high:g}")
    return {"kind": kind, "score": score, "scale_min": low, "scale_max": high, "score_raw": text}


SOURCE = Source(
    name="surveys",
    title="Survey tables",
    about="NPS, CSAT and CES scores with their comments; joined by ticket id, customer id or e-mail",
    recognise=recognise,
    read=read,
    is_declared=True,
    claims=40,
)
