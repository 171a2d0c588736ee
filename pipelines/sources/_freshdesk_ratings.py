"""Freshdesk's satisfaction: the coded answers of its surveys, and the labels that its tables hold in their place."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sources import _columns
from pipelines.sources._api import required
from pipelines.sources._values import identifier, instant, listing, mapping, words
from pipelines.sources._zendesk_ratings import ON_TICKET
from pipelines.sources.source import NAMES, Options, Row
from warehouse.errors import BadInput

MAIN = "default_question"
QUESTION = "freshdesk_question"  # names: a survey's question in words
HIGHEST, NEUTRAL = 103.0, 100.0
_CODES = frozenset({103.0, 102.0, 101.0, 100.0, -101.0, -102.0, -103.0})
# The labels that Freshdesk's surveys come with; a team may write its own, which are never guessed.
LABELS = {
    "extremely_satisfied": 103.0,
    "very_satisfied": 102.0,
    "satisfied": 101.0,
    "neither_satisfied_nor_dissatisfied": 100.0,
    "dissatisfied": -101.0,
    "very_dissatisfied": -102.0,
    "extremely_dissatisfied": -103.0,
    "happy": 103.0,
    "neutral": 100.0,
    "unhappy": -103.0,
    "awesome": 103.0,
    "just_okay": 100.0,
    "not_good": -103.0,
}


def survey(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """The questions of a survey, in words."""
    survey_id = required(record, "survey")
    for one in listing(record.get("questions")):
        question = mapping(one)
        if (question_id := words(question.get("id"))) and (label := words(question.get("label"))):
            yield NAMES, {"kind": QUESTION, "id": f"{survey_id}:{question_id}", "name": label.strip()}


def rating(record: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """An answered survey: its main question is the satisfaction, each further question a row of its own beside it."""
    rating_id = required(record, "satisfaction rating")
    survey_id = identifier(record.get("survey_id"), "survey id")
    answers = mapping(record.get("ratings"))
    if not answers:
        raise BadInput("a satisfaction rating without an answer")
    main = MAIN if MAIN in answers else next(iter(answers))
    answered_at = instant(record.get("created_at"))
    for question, code in answers.items():
        is_main = question == main
        yield (
            "ratings",
            {
                **scored(code),
                "rating_id": rating_id if is_main else f"{rating_id}:{question}",
                "ticket_id": required(record, "satisfaction rating", "ticket_id"),
                "question": options.known.get((QUESTION, f"{survey_id}:{question}")),
                "comment": words(record.get("feedback")) if is_main else None,
                "answered_at": answered_at,
                "agent_id": identifier(record.get("agent_id"), "agent id"),
                "customer_id": identifier(record.get("user_id"), "user id"),
                "stated_at": instant(record.get("updated_at")) or answered_at,
            },
        )


def scored(code: object) -> Row:
    """The answer on Freshdesk's scale, -103 to 103; over 100 is satisfied. Raises BadInput on another number."""
    value = float(code) if isinstance(code, (int, float)) and not isinstance(code, bool) else None
    if value not in _CODES:
        raise BadInput(f"{str(code)[:40]!r} is no satisfaction rating of Freshdesk's")
    return {
        "kind": "csat",
        "score": value,
        "scale_min": -HIGHEST,
        "scale_max": HIGHEST,
        "is_positive": value > NEUTRAL,
        "score_raw": str(code),
    }


def labelled(label: str) -> Row | None:
    """The answer that a label stands for; None for a label that the team wrote itself."""
    code = LABELS.get(_columns.plain(label))
    return None if code is None else {**scored(code), "score_raw": label}


def survey_words(record: Row, ticket_id: str, conversation_id: str) -> Iterator[tuple[str, Row]]:
    """What a customer wrote in the survey, which also comes as a conversation: heard here only where no rating has it."""
    yield (
        "ratings",
        {
            "rating_id": f"{ON_TICKET}{ticket_id}:{conversation_id}",
            "ticket_id": ticket_id,
            "comment": words(record.get("body_text")) or words(record.get("body")),
            "answered_at": record.get("created_at"),
            "customer_id": identifier(record.get("user_id"), "user id"),
        },
    )
