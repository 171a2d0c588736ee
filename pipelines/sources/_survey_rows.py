"""What the answers of one filled-in form become: a rating for each scored question, joined by what the form knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.sources._survey_words import Question, answer
from pipelines.sources.source import Row
from warehouse.errors import BadInput

_WHY = re.compile(
    r"\b(?:why|reason|comments?|feedback|tell us|more about|anything|improve\w*|better|elaborate|explain|notes?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Form:
    """One filled-in form: who filled it in and when, and what else was said."""

    response_id: str
    answered_at: datetime | None
    ticket_id: str | None = None
    customer_id: str | None = None
    customer_email: str | None = None
    comment: str | None = None


def is_about_why(question: str) -> bool:
    """Whether an open question asks for the words to a score."""
    return _WHY.search(question) is not None


def ratings(form: Form, answers: Sequence[tuple[Question, object]]) -> Iterator[tuple[str, Row]]:
    """A rating for each question that was answered; the words go with the first.

    Raises BadInput where there is neither a score nor a word, or where a score lies outside its scale.
    """
    given = [(question, raw) for question, raw in answers if raw is not None]
    if not given and form.comment and answers:
        given = [(answers[0][0], None)]
    if not given:
        raise BadInput("a form in which no score was given")
    times: Counter[str] = Counter()
    for place, (question, raw) in enumerate(given):
        times[question.kind] += 1
        again = f":{times[question.kind]}" if times[question.kind] > 1 else ""
        yield (
            "ratings",
            {
                **answer(question, raw),
                "rating_id": f"{question.kind}:{form.response_id}{again}",
                "ticket_id": form.ticket_id,
                "comment": form.comment if place == 0 else None,
                "answered_at": form.answered_at,
                "customer_id": form.customer_id,
                "customer_email": form.customer_email,
                "stated_at": form.answered_at,
            },
        )
