"""Zendesk's two kinds of satisfaction: good or bad, and numeric survey answers.

The same rating may be stated three times: on the ticket (no dates), in satisfaction_ratings (its own id) and in the
audits (every change). All are kept as stated; the merge makes one list of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelines.sources._values import identifier, instant, listing, mapping, number, words
from pipelines.sources._zendesk_people import required
from pipelines.sources.source import Options, Row
from warehouse.errors import BadInput

ON_TICKET = "ticket:"  # the start of a rating's id that the ticket states without one
IN_AUDIT = "audit:"
_GOOD, _BAD = re.compile(r"^good"), re.compile(r"^bad")
NOT_OFFERED = ("unoffered", "", "None")
_NUMERIC = re.compile(r"^[1-5](?:\.0)?$")


def scored(raw: Any) -> Row | None:
    """Score, scale and sign of a satisfaction score; None where it was not even offered."""
    text = str(raw)
    if text in NOT_OFFERED:
        return None
    answer: Row = {"kind": "csat", "score_raw": text}
    if _GOOD.match(text) or _BAD.match(text):
        is_good = bool(_GOOD.match(text))
        return answer | {"score": float(is_good), "scale_min": 0.0, "scale_max": 1.0, "is_positive": is_good}
    if _NUMERIC.match(text):
        return answer | {"score": float(text), "scale_min": 1.0, "scale_max": 5.0}
    if text == "offered":
        return answer
    raise BadInput(f"{text[:40]!r} is not a satisfaction score we know")


def of_ticket(record: Row, ticket_id: str) -> Iterator[tuple[str, Row]]:
    """The rating that stands on the ticket: its present state, without a date."""
    stated = mapping(record.get("satisfaction_rating"))
    answer = scored(stated.get("score"))
    if answer is None:
        return
    rating_id = identifier(stated.get("id"), "rating id") or f"{ON_TICKET}{ticket_id}"
    yield (
        "ratings",
        {
            **answer,
            "rating_id": rating_id,
            "ticket_id": ticket_id,
            "comment": words(stated.get("comment")),
            "agent_id": identifier(record.get("assignee_id"), "assignee id"),
            "customer_id": identifier(record.get("requester_id"), "requester id"),
            "stated_at": record.get("updated_at") or record.get("generated_timestamp"),
        },
    )


def rating(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A row of satisfaction_ratings: made when asked or answered, last changed when answered."""
    answer = scored(record.get("score"))
    if answer is None:
        return
    created, updated = instant(record.get("created_at")), instant(record.get("updated_at"))
    is_answered = "score" in answer
    yield (
        "ratings",
        {
            **answer,
            "rating_id": required(record, "satisfaction rating"),
            "ticket_id": required(record, "satisfaction rating", "ticket_id"),
            "comment": words(record.get("comment")),
            "asked_at": created,
            "answered_at": (updated or created) if is_answered else None,
            "agent_id": identifier(record.get("assignee_id"), "assignee id"),
            "customer_id": identifier(record.get("requester_id"), "requester id"),
            "stated_at": updated or created,
        },
    )


def of_audit(
    change: Row, changes: list[Row], ticket_id: str, event_id: str, at: Any, author: str | None
) -> Iterator[tuple[str, Row]]:
    """A change of the satisfaction score in the ticket's history: offered, answered, answered anew."""
    answer = scored(change.get("value"))
    if answer is None:
        return
    comments = [words(one.get("value")) for one in changes if one.get("field_name") == "satisfaction_comment"]
    is_answered = "score" in answer
    yield (
        "ratings",
        {
            **answer,
            "rating_id": f"{IN_AUDIT}{event_id}",
            "ticket_id": ticket_id,
            "comment": comments[-1] if comments and is_answered else None,
            "asked_at": None if is_answered else instant(at),
            "answered_at": instant(at) if is_answered else None,
            "customer_id": author if is_answered else None,
        },
    )


def survey_response(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A response to a newer survey: its first numeric answer is the score, its written answer the comment."""
    answers = [mapping(one) for one in listing(record.get("answers"))]
    scores = [one for one in answers if one.get("rating") is not None]
    comments = [words(one.get("value")) for one in answers if one.get("type") == "open_ended"]
    answer: Row = {"kind": "csat"}
    if scores:
        first = scores[0]
        score = number(first.get("rating"))
        low, high = _scale(first)
        if score is None or not low <= score <= high:
            raise BadInput(f"the rating {score} lies outside {low:g} to {high:g}")
        category = words(first.get("rating_category"))
        answer |= {
            "score": score,
            "scale_min": low,
            "scale_max": high,
            "score_raw": words(first.get("rating")),
            "is_positive": {"good": True, "bad": False}.get(category or ""),
        }
    answered = [one.get("updated_at") or one.get("created_at") for one in scores or answers if one]
    yield (
        "ratings",
        {
            **answer,
            "rating_id": f"survey:{required(record, 'survey response')}",
            "ticket_id": _subject(record),
            "comment": next((comment for comment in comments if comment), None),
            "asked_at": instant(record.get("created_at")),
            "answered_at": instant(answered[0]) if answered and scores else None,
            "customer_id": identifier(record.get("responder_id"), "responder id"),
            "stated_at": instant(record.get("updated_at") or (answered[0] if answered else None)),
        },
    )


def _scale(answer: Row) -> tuple[float, float]:
    """The scale by the question's own options where they are given; Zendesk's surveys go from 1 to 5."""
    options = listing(mapping(answer.get("question")).get("options"))
    ratings = [mapping(one).get("rating") for one in options]
    stated = [float(one) for one in ratings if isinstance(one, (int, float)) and not isinstance(one, bool)]
    return (min(stated), max(stated)) if len(stated) > 1 else (1.0, 5.0)


def _subject(record: Row) -> str | None:
    """The ticket that a survey was about: `ticket_id`, or a subject such as zen:ticket:123."""
    if record.get("ticket_id") is not None:
        return identifier(record.get("ticket_id"), "ticket id")
    for one in listing(record.get("subjects")):
        subject = mapping(one)
        if subject.get("type") in ("ticket", "zen:ticket", None):
            text = words(subject.get("id")) or words(subject.get("zrn")) or ""
            if found := re.search(r"(\d+)$", text):
                return found.group(1)
    return None
