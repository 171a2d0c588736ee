"""Help Scout's ratings: great, okay or not good, given to a thread; from the API, webhooks and the happiness report."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sources._api import Tabled, required
from pipelines.sources._helpscout_threads import author_id, customer_id, person_row
from pipelines.sources._values import identifier, instant, mapping, words
from pipelines.sources.source import Options, Row
from warehouse.errors import BadInput

_SCORES = {"great": 3.0, "okay": 2.0, "ok": 2.0, "not_good": 1.0, "not good": 1.0, "notgood": 1.0}
_NUMBERED = {"1": "great", "2": "okay", "3": "not_good"}  # as the happiness report has them


def _answer(raw: str | None) -> Row:
    """Only great counts as satisfied. Raises BadInput on a word or a sign that is none of the three."""
    word = (raw or "").strip().casefold().replace("-", "_")
    if word in ("", "unknown"):
        return {"kind": "csat", "score_raw": raw}
    if word not in _SCORES:
        raise BadInput(f"{word[:40]!r} is none of great, okay and not_good")
    score = _SCORES[word]
    return {
        "kind": "csat",
        "score": score,
        "scale_min": 1.0,
        "scale_max": 3.0,
        "is_positive": score == 3.0,
        "score_raw": raw,
    }


def rating(record: Row, _: Options) -> Iterator[Tabled]:
    """A rating with the thread and the user it was given to. Its time has no zone and is UTC."""
    at = instant(record.get("createdAt"))
    answer = _answer(words(record.get("rating")))
    yield from person_row(record.get("customer"), "customer")
    yield from person_row(record.get("user"), "user")
    yield (
        "ratings",
        {
            **answer,
            "rating_id": f"thread:{required(record, 'rating', 'threadId')}",
            "ticket_id": required(record, "rating", "conversationId"),
            "comment": words(record.get("comments")),
            "answered_at": at if "score" in answer else None,
            "agent_id": author_id(record.get("user")),
            "customer_id": customer_id(record.get("customer")),
            "customer_email": words(mapping(record.get("customer")).get("email")),
            "stated_at": at,
        },
    )


def reported(record: Row, _: Options) -> Iterator[Tabled]:
    """A row of the happiness report."""
    at = instant(record.get("ratingCreatedAt"))
    number = words(record.get("ratingId")) or ""
    answer = _answer(_NUMBERED.get(number, number))
    user = identifier(record.get("ratingUserId"), "user id")
    yield (
        "ratings",
        {
            **answer,
            "rating_id": f"thread:{required(record, 'rating', 'threadid')}",
            "ticket_id": required(record, "rating"),
            "comment": words(record.get("ratingComments")),
            "answered_at": at if "score" in answer else None,
            "agent_id": None if user == "0" else user,
            "customer_id": customer_id({"id": record.get("ratingCustomerId")}),
            "stated_at": at,
        },
    )
