"""Reading one conversation with the evidence that was found in it, in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any, Final

from metrics import registry, wording
from warehouse.errors import NoData
from warehouse.settings import zone
from warehouse.store import Version

# What a span shows, in the words of the screen. A kind that is not named here is said as the signal calls it.
WORDS: Final = {
    ("sentiment_shift", "arrival"): "mood on arrival",
    ("sentiment_shift", "between"): "mood in between",
    ("sentiment_shift", "after_answer"): "mood after our answer",
    ("sentiment_shift", "last_answer"): "our answer",
    ("sentiment_shift", "turning_point"): "where the mood turned",
    ("would_recommend", "recommend"): "would recommend",
    ("would_recommend", "warn"): "would warn others",
    ("unheard_suggestion", "found"): "idea",
    ("unheard_suggestion", "found_in_survey"): "idea in a survey comment",
    ("unheard_suggestion", "heard"): "idea heard",
    ("unheard_suggestion", "passed_over"): "passed over the idea",
}
MOOD: Final = "sentiment_shift"
MOOD_KINDS: Final = frozenset({"arrival", "between", "after_answer"})
QUIET: Final = frozenset(
    {(MOOD, "arrival"), (MOOD, "after_answer"), (MOOD, "between"), (MOOD, "last_answer")}
)


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
        """All evidence, in order of the conversation."""
        return tuple(span for turn in self.turns for span in turn.spans)


def read(version: Version, ticket_id: str, source: str | None = None) -> Reading:
    """A conversation by its id, of that source or of the first that has it. Raises NoData where there is none."""
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
    fates = _fates(evidence)
    spans: dict[str, list[Span]] = defaultdict(list)
    for row in evidence:
        if row["message_id"] in texts:
            quote = texts[row["message_id"]][row["start"] : row["end"]]
            spans[row["message_id"]].append(
                Span(
                    row["start"], row["end"], row["measure"], row["kind"], row["value"],
                    _words(row, fates), _brief(row, fates), (row["measure"], row["kind"]) in QUIET, row["message_id"], quote,
                )
            )  # fmt: skip
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
            spans=tuple(spans[row["message_id"]]),
        )
        for row in rows
    )


def _fates(evidence: list[dict[str, Any]]) -> dict[str, str]:
    """What became of the ideas in each message."""
    fates: dict[str, str] = {}
    for kind, words in (("passed_over", "idea, passed over"), ("heard", "idea, heard")):
        for row in evidence:
            if row["measure"] == "unheard_suggestion" and row["kind"] == kind and row["refers_to_message"]:
                fates[row["refers_to_message"]] = words
    return fates


def _words(row: dict[str, Any], fates: dict[str, str]) -> str:
    if row["measure"] == "unheard_suggestion" and row["kind"] == "found":
        return fates.get(row["message_id"], "idea, no reply")
    words = WORDS.get((row["measure"], row["kind"]), str(row["kind"]).replace("_", " "))
    if row["measure"] == MOOD and row["value"] is not None:
        return f"{words} {wording.say(row['value'], 'mood')}"
    return words


def _brief(row: dict[str, Any], fates: dict[str, str]) -> str | None:
    if (row["measure"], row["kind"]) not in QUIET:
        return _words(row, fates)
    return None if row["value"] is None else wording.say(row["value"], "mood")


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
