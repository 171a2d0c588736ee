"""Reading one conversation with the evidence that was found in it, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean
from typing import Any, Final

from metrics import registry, wording
from metrics.measure import Kind
from metrics.reviews import Mark, marks_in, sentence_hash
from metrics.text.sentences import split
from warehouse.errors import NoData
from warehouse.rights import Area
from warehouse.settings import zone
from warehouse.store import Version

MOOD: Final = "sentiment_shift"
MOOD_KINDS: Final = frozenset({"arrival", "between", "after_answer"})


@dataclass(frozen=True)
class Span:
    """A piece of a message that a signal took as evidence; `start` and `end` are code points into its text."""

    start: int
    end: int
    measure: str
    kind: str
    value: float | None
    words: str  # what it shows, as a person says it
    brief: (
        str | None
    )  # what stands behind it in running text: of the many that only carry a mood, the mood alone
    is_quiet: bool  # one of those many, or where our answer was
    message_id: str
    quote: str
    mark: Mark | None = None  # what a person said of it


@dataclass(frozen=True)
class Turn:
    """One message in order of time; `turn` is null for what was not heard (notes, automatic replies, forwards)."""

    message_id: str
    role: str
    kind: str
    is_public: bool
    created_at: datetime | None  # in the organisation's zone
    turn: int | None
    text: str
    mood: float | None  # mean of the sentences scored as evidence of the mood; null where none was
    spans: tuple[Span, ...]
    withdrawn: tuple[
        Span, ...
    ] = ()  # what a person marked wrong: in no list, kept so that it can be taken back


@dataclass(frozen=True)
class Survey:
    """A question asked about the conversation: answered or not."""

    kind: str
    score: float | None
    scale_min: float | None
    scale_max: float | None
    score_raw: str | None
    answered_at: datetime | None
    is_answered: bool


@dataclass(frozen=True)
class Reading:
    """A conversation as it is read: what is known of the ticket, its messages, and every span of evidence."""

    source: str
    ticket_id: str
    other_sources: tuple[str, ...]  # where the same id exists once more
    ticket: dict[str, Any]  # the columns of tickets_clean; empty for a survey comment without a ticket
    is_readable: bool | None
    language: str | None
    left_out: str | None  # why it is in no figure: merged, deleted, spam, test
    figures: tuple[tuple[str, str, str], ...]  # (column, title, value in words) that were measured for it
    surveys: tuple[Survey, ...]
    turns: tuple[Turn, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """All evidence that stands, in order of the conversation."""
        return tuple(span for turn in self.turns for span in turn.spans)

    @property
    def withdrawn(self) -> tuple[Span, ...]:
        """What a person marked wrong, in order of the conversation."""
        return tuple(span for turn in self.turns for span in turn.withdrawn)


def read(version: Version, ticket_id: str, source: str | None = None) -> Reading:
    """A conversation by its id, of that source or of the first that has it.

    Raises NoData where there is none, NotAllowed where the reader's rights do not include conversations.
    """
    version.rights.check(Area.CONVERSATIONS)
    found = version.query(
        """
        SELECT DISTINCT source FROM (
            SELECT source FROM tickets_clean WHERE ticket_id = ?
            UNION ALL SELECT source FROM turns WHERE ticket_id = ?
            UNION ALL SELECT source FROM surveys WHERE 'survey:' || rating_id = ?
        ) ORDER BY source
        """,
        [ticket_id, ticket_id, ticket_id],
    )["source"].to_list()
    if not found or (source is not None and source not in found):
        raise NoData(
            f"There is no conversation {ticket_id!r}.",
            fix="look its id up on the page Conversations, or in heard export messages",
        )
    chosen = source or found[0]
    key = [chosen, ticket_id]
    at = zone(meta(version).get("zone", ""))
    tickets = version.query("SELECT * FROM tickets_clean WHERE source = ? AND ticket_id = ?", key).to_dicts()
    heard = version.query("SELECT * FROM heard WHERE source = ? AND ticket_id = ?", key).to_dicts()
    ticket = tickets[0] if tickets else {}
    return Reading(
        source=chosen,
        ticket_id=ticket_id,
        other_sources=tuple(name for name in found if name != chosen),
        ticket={name: _local(value, at) for name, value in ticket.items()},
        is_readable=heard[0]["is_readable"] if heard else None,
        language=heard[0]["language"] if heard else None,
        left_out=ticket.get("left_out"),
        figures=_figures(version, key),
        surveys=_surveys(version, key, at),
        turns=_turns(version, key, at),
    )


def meta(version: Version) -> dict[str, str]:
    """What the data says of itself as a whole: as_of, zone, capabilities."""
    return {key: value or "" for key, value in version.query("SELECT key, value FROM meta").rows()}


def _turns(version: Version, key: list[str], at: Any) -> tuple[Turn, ...]:
    rows = version.query(
        "SELECT * FROM turns WHERE source = ? AND ticket_id = ? ORDER BY created_at, position, message_id",
        key,
    ).to_dicts()
    texts = {row["message_id"]: row["text"] or "" for row in rows}
    evidence = version.query(
        'SELECT * FROM evidence WHERE source = ? AND ticket_id = ? ORDER BY message_id, "start", "end" DESC, measure, kind',
        key,
    ).to_dicts()
    fates, kinds = _fates(evidence), registry.kinds()
    marks = {
        name: replace(mark, at=_local(mark.at, at))
        for name, mark in marks_in(version, key[0], key[1]).items()
    }
    spans: dict[str, list[Span]] = defaultdict(list)
    for row in evidence:
        if row["message_id"] in texts:
            kind = kinds.get((row["measure"], row["kind"])) or Kind(
                row["kind"], row["kind"].replace("_", " ")
            )
            spans[row["message_id"]].append(_span(row, texts[row["message_id"]], kind, fates, marks))
    for (message_id, measure, _, words_hash), mark in marks.items():
        if mark.verdict == "missed" and message_id in texts:
            span = _missed(message_id, texts[message_id], measure, words_hash, mark)
            if span and not any(
                one.measure == measure and one.start < span.end and span.start < one.end
                for one in spans[message_id]
            ):
                spans[message_id].append(span)
    return tuple(
        Turn(
            message_id=row["message_id"],
            role=row["role"] or "unknown",
            kind=row["kind"],
            is_public=bool(row["is_public"]),
            created_at=_local(row["created_at"], at),
            turn=row["turn"],
            text=row["text"] or "",
            mood=_mood(spans[row["message_id"]]),
            spans=tuple(span for span in spans[row["message_id"]] if not _is_wrong(span)),
            withdrawn=tuple(span for span in spans[row["message_id"]] if _is_wrong(span)),
        )
        for row in rows
    )


def _span(
    row: dict[str, Any], text: str, kind: Kind, fates: dict[str, str], marks: Mapping[Any, Mark]
) -> Span:
    """A row of evidence as it is read, with what a person said of it."""
    start, end, words = row["start"], row["end"], _words(row, kind, fates)
    mark = None
    if marks:
        sentence = sentence_hash(text, start, end)
        named = ((row["message_id"], row["measure"], name, sentence) for name in (row["kind"], None))
        mark = next((marks[one] for one in named if one in marks), None)
    brief = _mood_alone(row) if kind.is_quiet else words
    return Span(
        start, end, row["measure"], row["kind"], row["value"], words, brief, kind.is_quiet, row["message_id"],
        text[start:end], mark,
    )  # fmt: skip


def _missed(message_id: str, text: str, measure: str, words_hash: str, mark: Mark) -> Span | None:
    """The sentence that a person says a measure missed; None where the message has changed since."""
    title = next((known.title for known in registry.discover() if known.name == measure), measure)
    words = f"missed: {title}"
    for start, end in split(text):
        if sentence_hash(text, start, end) == words_hash:
            return Span(
                start, end, measure, "missed", None, words, words, False, message_id, text[start:end], mark
            )
    return None


def _is_wrong(span: Span) -> bool:
    return span.mark is not None and span.mark.verdict == "wrong"


def _fates(evidence: list[dict[str, Any]]) -> dict[str, str]:
    """What became of the ideas in each message."""
    fates: dict[str, str] = {}
    for kind, words in (("passed_over", "idea, passed over"), ("heard", "idea, heard")):
        for row in evidence:
            if row["measure"] == "unheard_suggestion" and row["kind"] == kind and row["refers_to_message"]:
                fates[row["refers_to_message"]] = words
    return fates


def _words(row: dict[str, Any], kind: Kind, fates: dict[str, str]) -> str:
    if row["measure"] == "unheard_suggestion" and row["kind"] == "found":
        return fates.get(row["message_id"], "idea, no reply")
    if row["measure"] == MOOD and row["value"] is not None:
        return f"{kind.words} {wording.say(row['value'], 'mood')}"
    return kind.words


def _mood_alone(row: dict[str, Any]) -> str | None:
    is_mood = row["measure"] == MOOD and row["value"] is not None
    return wording.say(row["value"], "mood") if is_mood else None


def _mood(spans: list[Span]) -> float | None:
    # A sentence may be evidence twice, as part of the mood and as the turning point; it is one sentence.
    values = {
        (s.start, s.end): s.value
        for s in spans
        if s.measure == MOOD and s.value is not None and s.kind in MOOD_KINDS
    }
    return fmean(values.values()) if values else None


def _figures(version: Version, key: list[str]) -> tuple[tuple[str, str, str], ...]:
    """Every figure of the ticket that was measured, in words."""
    rows = version.query("SELECT * FROM ticket_facts WHERE source = ? AND ticket_id = ?", key).to_dicts()
    if not rows:
        return ()
    said = []
    for measure in registry.discover():
        for column in measure.columns if measure.grain == "ticket" else ():
            value = rows[0].get(column.name)
            if value is None or column.total in (None, "sum"):
                continue
            is_flag = column.unit == "share"
            said.append(
                (
                    column.name,
                    column.title,
                    ("yes" if value else "no") if is_flag else wording.say(float(value), column.unit),
                )
            )
    return tuple(said)


def _surveys(version: Version, key: list[str], at: Any) -> tuple[Survey, ...]:
    rows = version.query(
        """
        SELECT kind, score, scale_min, scale_max, score_raw, answered_at, is_answered FROM surveys
        WHERE (joined_by = 'ticket' AND ticket_source = ? AND ticket_id = ?) OR (source = ? AND 'survey:' || rating_id = ?)
        ORDER BY asked_at, answered_at, rating_id
        """,
        [*key, *key],
    ).to_dicts()
    return tuple(
        Survey(
            row["kind"],
            row["score"],
            row["scale_min"],
            row["scale_max"],
            row["score_raw"],
            _local(row["answered_at"], at),
            row["is_answered"],
        )
        for row in rows
    )


def _local(value: Any, at: Any) -> Any:
    return value.astimezone(at) if isinstance(value, datetime) and value.tzinfo else value
