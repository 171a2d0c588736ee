"""The sentence of a conversation that says most about a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from metrics.mask import mask
from metrics.reviews import standing
from metrics.speaking import speaking_for
from warehouse.store import Version

# Of several sentences of a kind, the one with the lowest mood, or with the highest; else the strongest either way.
LOWEST: Final = frozenset({"left_worse", "looks_fine_isnt"})
HIGHEST: Final = frozenset({"left_better"})
LENGTH_OF_FIRST_WORDS: Final = 220
# The conversations wanted; beside the join their ids are bound as a list, so that most of a table is passed over unread.
_WANTED: Final = "wanted AS (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id)"

Key = tuple[str, str]  # source, ticket_id


@dataclass(frozen=True)
class Quote:
    """A sentence with the measure and kind it is evidence of; both null where it is only the customer's first words."""

    text: str | None
    measure: str | None
    kind: str | None


def quotes(version: Version, keys: Sequence[Key], column: str | None = None) -> dict[Key, Quote]:
    """For each of these conversations the sentence that says most about the column, else the customer's first words.

    A conversation of which nothing is stored is left out. Personal data is masked where the reader's rights ask for it.
    """
    if not keys:
        return {}
    measure, kinds = speaking_for(column)
    spans: dict[Key, list[dict[str, Any]]] = {}
    for row in _evidence(version, keys, measure, kinds):
        spans.setdefault((row["source"], row["ticket_id"]), []).append(row)
    found = {key: Quote(text, None, None) for key, text in _first_words(version, keys).items()}
    for key, rows in spans.items():
        best = min(rows, key=lambda row: (kinds.index(row["kind"]), _rank(column, row["value"])))
        found[key] = Quote(best["text"][best["start"] : best["end"]], best["measure"], best["kind"])
    if version.rights.is_masked:
        found = {key: replace(quote, text=mask(quote.text or "")) for key, quote in found.items()}
    return found


def _rank(column: str | None, value: float | None) -> float:
    if column in LOWEST:
        return value or 0.0
    return -(value or 0.0) if column in HIGHEST else -abs(value or 0.0)


def _evidence(
    version: Version, keys: Sequence[Key], measure: str | None, kinds: Sequence[str]
) -> list[dict[str, Any]]:
    stands, params = standing(version)
    narrow = "" if measure is None else " AND e.measure = ?"
    return version.query(
        f"""
        WITH {stands}, {_WANTED},
        own AS (
            SELECT e.source, e.ticket_id, e.message_id, e.measure, e.kind, e.value, e."start", e."end"
            FROM standing e SEMI JOIN wanted USING (source, ticket_id)
            WHERE e.ticket_id = ANY(?::VARCHAR[]) AND e.kind IN ({", ".join("?" for _ in kinds)}){narrow})
        SELECT e.source, e.ticket_id, e.measure, e.kind, e.value, e."start", e."end", w.text
        FROM own e JOIN turns w USING (source, ticket_id, message_id) WHERE w.ticket_id = ANY(?::VARCHAR[])
        ORDER BY e.source, e.ticket_id, w.created_at, e.message_id, e."start"
        """,
        [*params, *_bound(keys), _ids(keys), *kinds, *([] if measure is None else [measure]), _ids(keys)],
    ).to_dicts()


def _first_words(version: Version, keys: Sequence[Key]) -> dict[Key, str]:
    rows = version.query(
        f"""
        WITH {_WANTED}
        SELECT source, ticket_id, arg_min(text, (created_at, position, message_id)) AS text
        FROM turns SEMI JOIN wanted USING (source, ticket_id)
        WHERE ticket_id = ANY(?::VARCHAR[]) AND role = 'customer' AND is_public AND text <> '' GROUP BY ALL
        """,
        [*_bound(keys), _ids(keys)],
    ).to_dicts()
    return {(row["source"], row["ticket_id"]): _shortened(row["text"]) for row in rows}


def _shortened(text: str) -> str:
    words = " ".join(text[: 4 * LENGTH_OF_FIRST_WORDS].split())
    if len(words) <= LENGTH_OF_FIRST_WORDS:
        return words
    return words[:LENGTH_OF_FIRST_WORDS].rsplit(" ", 1)[0] + " …"


def _bound(keys: Sequence[Key]) -> list[list[str]]:
    return [list(part) for part in zip(*keys, strict=True)]


def _ids(keys: Sequence[Key]) -> list[str]:
    return sorted({ticket for _, ticket in keys})
