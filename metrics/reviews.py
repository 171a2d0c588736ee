"""What people said of the readings: the one place that keeps evidence marked wrong out of every list.

A review names a sentence by its message and the hash of its words, so that it holds whatever is scored anew. Lists read
`standing`, the evidence that nobody marked wrong, in place of the table `evidence`; rates are made of all evidence and are
corrected only by the random sample (metrics/reviewed.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from metrics.speaking import speaking_for
from metrics.text.sentences import split
from warehouse.errors import HeardError
from warehouse.ledger import Ledger, ledger_in
from warehouse.rights import Area
from warehouse.store import Version

Verdict = Literal["right", "wrong", "missed"]
Key = tuple[str, str, str, str, str, int, int]  # source, ticket_id, message_id, measure, kind, start, end
_KEY: Final = {
    "source": "VARCHAR", "ticket_id": "VARCHAR", "message_id": "VARCHAR", "measure": "VARCHAR", "kind": "VARCHAR",
    "start": "BIGINT", "end": "BIGINT",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """What a person said of a sentence, when, and the act by which it is taken back."""

    verdict: Verdict
    who: str
    at: datetime
    act: str


@dataclass(frozen=True)
class Place:
    """A sentence of a message as evidence, or as what a signal missed; start and end are code points."""

    source: str
    ticket_id: str
    message_id: str
    measure: str
    kind: str | None
    start: int
    end: int


# What was withdrawn, by store: the state it was computed for, and the keys. A review changes the state.
_known: dict[Path, tuple[tuple[str, str], frozenset[Key]]] = {}


def state(version: Version) -> str:
    """A text that changes whenever a review changes what lists show."""
    ledger = ledger_in(version.folder)
    return ledger.state_of_reviews() if ledger else ""


def standing(version: Version) -> tuple[str, list[Any]]:
    """The first part of a WITH clause, `standing AS (...)`: the table evidence without what a person marked wrong.

    The values to bind come before those of the rest of the query.
    """
    gone = sorted(withdrawn(version))
    if not gone:
        return "standing AS NOT MATERIALIZED (SELECT * FROM evidence)", []
    columns = ", ".join(f'unnest(?::{kind}[]) AS "{name}"' for name, kind in _KEY.items())
    names = ", ".join(f'"{name}"' for name in _KEY)
    return (
        f"standing AS NOT MATERIALIZED (SELECT e.* FROM evidence e ANTI JOIN (SELECT {columns}) gone USING ({names}))",
        [list(values) for values in zip(*gone, strict=True)],
    )


def withdrawn(version: Version) -> frozenset[Key]:
    """The evidence of this version that a person marked wrong, and nobody took back or marked right since."""
    ledger = ledger_in(version.folder)
    if ledger is None or version.folder is None:
        return frozenset()
    now = (version.name, ledger.state_of_reviews())
    known = _known.get(version.folder)
    if known is None or known[0] != now:
        known = _known[version.folder] = (now, _withdrawn(version, ledger))
    return known[1]


def _withdrawn(version: Version, ledger: Ledger) -> frozenset[Key]:
    wrong = {key for key, mark in _marks(ledger.reviews()).items() if mark.verdict == "wrong"}
    if not wrong:
        return frozenset()
    messages = sorted({key[:3] for key in wrong})
    rows = version.query(
        """
        SELECT e.source, e.ticket_id, e.message_id, e.measure, e.kind, e."start", e."end", w.text
        FROM evidence e JOIN turns w USING (source, ticket_id, message_id)
        JOIN (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id,
              unnest(?::VARCHAR[]) AS message_id) named USING (source, ticket_id, message_id)
        """,
        [list(values) for values in zip(*messages, strict=True)],
    )
    return frozenset(
        row[:7]
        for row in rows.rows()
        if _is_named(wrong, row[:5], sentence_hash(row[7] or "", row[5], row[6]))
    )


def _is_named(wrong: set[Any], evidence: tuple[Any, ...], words: str) -> bool:
    return (*evidence, words) in wrong or (*evidence[:4], None, words) in wrong


def _marks(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str, str, str | None, str], Mark]:
    """The last word on each sentence: source, ticket_id, message_id, measure, kind and hash to the mark."""
    return {
        (r["source"], r["ticket_id"], r["message_id"], r["measure"], r["kind"], r["sentence_hash"]): mark_of(
            r
        )
        for r in rows
        if r["sentence_hash"] is not None
    }


def mark_of(row: Mapping[str, Any]) -> Mark:
    """A row of the ledger as a mark."""
    return Mark(row["verdict"], row["who"], datetime.fromisoformat(row["at"]), row["act"])


def marks_in(version: Version, source: str, ticket_id: str) -> dict[tuple[str, str, str | None, str], Mark]:
    """The last word on each sentence of a conversation: message_id, measure, kind and hash to the mark."""
    ledger = ledger_in(version.folder)
    rows = ledger.reviews(source, ticket_id) if ledger else []
    return {key[2:]: mark for key, mark in _marks(rows).items()}


def sentence_hash(text: str, start: int, end: int) -> str:
    """The hash of the sentence that holds a span: of its words, whatever white space and case they stand in."""
    first, last = sentence_around(text, start, end)
    words = " ".join(text[first:last].split()).casefold()
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The ends of the sentence, or sentences, that a span lies in."""
    over = [span for span in split(text) if span[0] < end and start < span[1]]
    return (min(start, over[0][0]), max(end, over[-1][1])) if over else (start, end)


def mark(
    version: Version, who: str, verdict: Verdict, places: Sequence[Place], note: str | None = None
) -> str:
    """Keep a verdict on sentences; what is wrong is gone from every list at once. Returns the act that takes it back.

    Raises HeardError where there is no such message, or nothing is named.
    """
    return keep(version, who, [said_of(version, place, verdict, note) for place in places])


def keep(version: Version, who: str, said: Sequence[Mapping[str, Any]]) -> str:
    """Keep what was said in one act. Raises HeardError where the data lie in no store, or nothing is said, NotAllowed."""
    version.rights.check(Area.REVIEW)
    if version.folder is None or not said:
        raise HeardError("There is nothing to mark.", fix="name a sentence of a conversation that is stored")
    return Ledger(version.folder).review(who, said)


def take_back(version: Version, act: str, who: str) -> int:
    """Take an act back. Returns how many reviews that were; 0 where it was taken back before."""
    ledger = ledger_in(version.folder)
    return ledger.take_back(act, who) if ledger else 0


def said_of(version: Version, place: Place, verdict: Verdict, note: str | None = None) -> dict[str, Any]:
    """A verdict on a sentence as the ledger keeps it. Raises HeardError where there is no such message or span."""
    rows = version.query(
        "SELECT text FROM turns WHERE source = ? AND ticket_id = ? AND message_id = ?",
        [place.source, place.ticket_id, place.message_id],
    )
    text = rows["text"][0] if rows.height else None
    if not text or not 0 <= place.start < place.end <= len(text):
        raise HeardError(
            f"There is no such sentence in the conversation {place.ticket_id!r}.",
            fix="heard export evidence --out FILE names the sentences that were found",
        )
    return {
        "source": place.source, "ticket_id": place.ticket_id, "message_id": place.message_id,
        "measure": place.measure, "kind": place.kind, "start": place.start, "end": place.end,
        "sentence_hash": sentence_hash(text, place.start, place.end), "verdict": verdict, "note": note,
    }  # fmt: skip


def evidence_for(version: Version, column: str, source: str, ticket_id: str) -> list[Place]:
    """The evidence that speaks for a column in a conversation and that nobody marked wrong, in order."""
    measure, kinds = speaking_for(column)
    stands, params = standing(version)
    rows = version.query(
        f"""
        WITH {stands}
        SELECT e.source, e.ticket_id, e.message_id, e.measure, e.kind, e."start", e."end"
        FROM standing e JOIN turns w USING (source, ticket_id, message_id)
        WHERE e.source = ? AND e.ticket_id = ? AND (? IS NULL OR e.measure = ?) AND list_contains(?::VARCHAR[], e.kind)
        ORDER BY w.created_at, w.position, e.message_id, e."start", e.kind
        """,
        [*params, source, ticket_id, measure, measure, list(kinds)],
    )
    return [Place(*row) for row in rows.rows()]


def corrected(version: Version, column: str) -> tuple[tuple[str, str], ...]:
    """The conversations (source, ticket_id) of whose evidence for a column every sentence was marked wrong."""
    measure, kinds = speaking_for(column)
    gone = withdrawn(version)
    touched = sorted({key[:2] for key in gone if measure in (None, key[3]) and key[4] in kinds})
    if not touched:
        return ()
    stands, params = standing(version)
    left = version.query(
        f"""
        WITH {stands}
        SELECT DISTINCT e.source, e.ticket_id
        FROM standing e JOIN (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id) touched
            USING (source, ticket_id)
        WHERE (? IS NULL OR e.measure = ?) AND list_contains(?::VARCHAR[], e.kind)
        """,
        [*params, *(list(values) for values in zip(*touched, strict=True)), measure, measure, list(kinds)],
    )
    return tuple(sorted(set(touched) - set(left.rows())))
