"""What a survey asked and what an answer says: the kind of a question, its direction, its scale, words into scores.

CSAT: 1 to 5 unless stated. NPS: 0 to 10. CES: 1 to 7 unless stated; which way is better depends on how it was asked,
so that the direction is read from the words and stays unknown where they do not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.sources._columns import decimal
from pipelines.sources.source import Row
from warehouse.errors import BadInput

SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}

_NPS = re.compile(r"\b(?:recommend\w*|net promoter)\b", re.IGNORECASE)
_EASE = re.compile(r"\b(?:eas(?:y|ily|ier|e)|effortless(?:ly)?|simple|simply|smooth(?:ly)?)\b", re.IGNORECASE)
_EFFORT = re.compile(
    r"\b(?:efforts?|difficult\w*|hard|complicated|cumbersome|trouble|struggle\w*)\b", re.IGNORECASE
)
_LITTLE = re.compile(r"\b(?:little|low|less|no|not|without|never|minimal)\b", re.IGNORECASE)
_SATISFIED = re.compile(
    r"\bsatisf\w+|\bhappy\b|how would you rate|how did we do|\brate (?:the|your|our)\b", re.IGNORECASE
)
_ASKS = re.compile(
    r"\?|\bhow\b|\bplease rate\b|\bmade it\b|\bit was\b|\bto what extent\b|\brate\b", re.IGNORECASE
)
_RANGE = re.compile(r"\b([01])\s*(?:-|–|\bto\b|\.\.)\s*(\d{1,3})\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^\s*(?:(-?\d+(?:[.,]\d+)?)\s*(?:/\s*(\d+))?"
    r"|(\d{1,3})\s*[-–:=(]\s*[^\d\s].*|.*[^\d\s]\s*[-–:=(]\s*(\d{1,3})\)?)\s*$"
)
_GOOD = frozenset({"good", "great", "positive", "happy", "thumbs up"})
_BAD = frozenset({"bad", "not good", "unsatisfied", "negative", "unhappy", "thumbs down"})
# Five steps of a scale in words, the best last.
_STEPS = {
    "csat": (
        ("very dissatisfied", "extremely dissatisfied", "completely dissatisfied", "very unsatisfied"),
        ("dissatisfied", "somewhat dissatisfied", "moderately dissatisfied"),
        ("neither satisfied nor dissatisfied", "neutral", "neither", "neither dissatisfied nor satisfied"),
        ("satisfied", "somewhat satisfied", "moderately satisfied"),
        ("very satisfied", "extremely satisfied", "completely satisfied"),
    ),
    "ces": (
        ("very difficult", "extremely difficult", "very hard"),
        ("difficult", "somewhat difficult", "hard"),
        ("neither easy nor difficult", "neutral", "neither"),
        ("easy", "somewhat easy"),
        ("very easy", "extremely easy"),
    ),
}
_AGREEMENT = (
    ("strongly disagree",),
    ("disagree",),
    ("neither agree nor disagree",),
    ("agree",),
    ("strongly agree",),
)


@dataclass(frozen=True)
class Question:
    """A question of a survey. `low` and `high` None: its scale is not stated."""

    kind: str  # nps | csat | ces
    text: str | None = None
    low: float | None = None
    high: float | None = None

    @property
    def direction(self) -> bool | None:
        """For CES whether a higher score is better; null where the words do not tell, and for the other kinds."""
        return is_higher_better(self.text) if self.kind == "ces" else None


def is_question(text: str) -> bool:
    """Whether a column's name is a question or a statement to agree with, and not a plain name."""
    return len(text.split()) >= 3 and _ASKS.search(text) is not None


def kind_of(text: str) -> str | None:
    """Which kind of score the words ask for: nps, ces or csat; None where they ask for something else."""
    if _NPS.search(text):
        return "nps"
    if _EFFORT.search(text) or _EASE.search(text):
        return "ces"
    return "csat" if _SATISFIED.search(text) else None


def is_higher_better(question: str | None) -> bool | None:
    """The direction of a CES question: `easy` is better the higher, `effort` the lower; None where it does not tell.

    "How easy or difficult" is answered from difficult to easy, as every survey tool offers it. An effort that is
    called little, and an ease that is denied, can be meant either way.
    """
    if not question:
        return None
    is_ease, is_effort = bool(_EASE.search(question)), bool(_EFFORT.search(question))
    if _LITTLE.search(question):
        return None
    if is_ease and is_effort:
        return True if re.search(r"\beasy or (?:difficult|hard)\b", question, re.IGNORECASE) else None
    return is_ease if is_ease or is_effort else None


def scale_of(text: str) -> tuple[float, float] | None:
    """The scale that a column's name or a question states: `Effort (1-7)`, `from 0 to 10`."""
    stated = {(float(low), float(high)) for low, high in _RANGE.findall(text) if float(high) > float(low) + 1}
    return stated.pop() if len(stated) == 1 else None


def answer(question: Question, raw: object, delimiter: str | None = None) -> Row:
    """The columns of a rating that say what was answered. Raises BadInput on a score outside its scale.

    Words count on five steps; good and bad on two. A number in a label ("10 - Extremely likely") is the score.
    """
    row: Row = {"kind": question.kind, "question": question.text, "is_higher_better": question.direction}
    if raw is None:
        return row
    text = str(raw).strip()
    said = text.casefold().strip(" .!")
    row["score_raw"] = text
    if question.kind == "csat" and said in _GOOD | _BAD:
        good = said in _GOOD
        return {**row, "score": float(good), "scale_min": 0.0, "scale_max": 1.0, "is_positive": good}
    if (step := _step(question.kind, said)) is not None:
        if question.kind == "ces" and said not in _AGREEMENT_WORDS:
            row["is_higher_better"] = True  # the answers themselves run from difficult to easy
        return {**row, "score": float(step), "scale_min": 1.0, "scale_max": 5.0}
    low, high = SCALES[question.kind]
    low, high = (
        low if question.low is None else question.low,
        high if question.high is None else question.high,
    )
    found = _NUMBERED.match(text)
    if not found:
        raise BadInput(f"{text[:40]!r} is no {question.kind.upper()} score")
    number, out_of, *labelled = found.groups()
    if out_of and float(out_of) != high:
        raise BadInput(f"the {question.kind.upper()} score {text[:20]} is not on a scale to {high:g}")
    score = decimal(number or labelled[0] or labelled[1], delimiter)
    if score is None or not low <= score <= high:
        raise BadInput(
            f"the {question.kind.upper()} score {text[:20]} lies outside {low:g} to {high:g}",
            fix="state the scale: --map scale_min=1 --map scale_max=10",
        )
    return {**row, "score": score, "scale_min": low, "scale_max": high}


_AGREEMENT_WORDS = frozenset(word for step in _AGREEMENT for word in step)


def _step(kind: str, said: str) -> int | None:
    steps = (*_STEPS.get(kind, ()), *(_AGREEMENT if kind != "nps" else ()))
    return next((place % 5 + 1 for place, words in enumerate(steps) if said in words), None)


def holds_scores(question: Question, values: Iterable[object]) -> bool:
    """Whether most of a column's answers are scores: the column of a choice may be called `Easy to use`."""
    counts = [0, 0]
    for value in values:
        if value is not None:
            try:
                answer(question, value)
                counts[0] += 1
            except BadInput as error:
                counts["outside" not in error.what] += 1
    return counts[0] >= counts[1]


def check_scale(file: str, column: str, question: Question, values: Iterable[object]) -> None:
    """Raises BadInput where the first scores of a column show that they are on another scale than is thought.

    Reading the ones that fit and refusing the others would give a figure that looks right and is not.
    """
    seen, outside, seven = 0, [], False
    for value in values:
        if value is None:
            continue
        seen += 1
        seven = seven or str(value).strip().casefold() in ("somewhat agree", "somewhat disagree")
        try:
            answer(question, value)
        except BadInput as error:
            if "outside" in error.what:
                outside.append(str(value).strip()[:20])
    if seven:
        raise BadInput(
            f"{file}: the answers in {column!r} are the words of a scale of seven steps.",
            fix="export the answers as numbers",
        )
    if len(outside) >= 2 and len(outside) * 20 > seen:
        low, high = SCALES[question.kind]
        low, high = (
            low if question.low is None else question.low,
            high if question.high is None else question.high,
        )
        raise BadInput(
            f"{file}: the {question.kind.upper()} scores in {column!r} lie outside {low:g} to {high:g} "
            f"({', '.join(outside[:3])}).",
            fix="state their scale: --map scale_min=1 --map scale_max=10",
        )
