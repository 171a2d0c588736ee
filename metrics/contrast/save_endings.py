"""How a conversation that was turned around ended: in the customer's own words after our answer, and not unhappy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metrics.mask import mask
from metrics.quotes import Key, Quote
from metrics.reviews import standing
from warehouse.store import Version

# The customer's sentences at the end, which the mood after our answer is read from; `standing` and `chosen` stand before it.
_AFTER: Final = """after AS (
    SELECT e.source, e.ticket_id, e.message_id, e.value, t.created_at, t.position
    FROM standing e SEMI JOIN chosen USING (source, ticket_id)
    JOIN turn_index t ON t.source = e.source AND t.ticket_id = e.ticket_id AND t.message_id = e.message_id
    WHERE e.measure = 'sentiment_shift' AND e.kind = 'after_answer' AND e.ticket_id IN ({tickets})
        AND t.ticket_id IN ({tickets}))"""
_CHOSEN: Final = "chosen AS (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id)"


@dataclass(frozen=True)
class Ending:
    """The customer's sentence that tells the end, and where its message stands in the conversation."""

    quote: Quote
    position: int


def ended_well(version: Version, keys: Sequence[Key]) -> set[Key]:
    """Those of the conversations whose end has a pleased sentence, and whose last message is neither unhappy nor speaks of leaving."""
    if not keys:
        return set()
    stands, gone = standing(version)
    tickets = ", ".join("?" for _ in keys)
    rows = version.query(
        f"""
        WITH {stands}, {_CHOSEN}, {_AFTER.format(tickets=tickets)},
        last_words AS (
            SELECT source, ticket_id, message_id, sum(value) AS mood FROM after
            GROUP BY source, ticket_id, message_id, created_at, position
            QUALIFY row_number() OVER (PARTITION BY source, ticket_id ORDER BY created_at DESC, position DESC) = 1)
        SELECT source, ticket_id FROM after JOIN last_words USING (source, ticket_id)
        WHERE mood >= 0 AND (source, ticket_id, last_words.message_id) NOT IN (
            SELECT (e.source, e.ticket_id, e.message_id) FROM standing e
            WHERE e.measure = 'leaving' AND e.ticket_id IN ({tickets}))
        GROUP BY ALL HAVING max(value) > 0
        """,
        [*gone, *_columns(keys), *_tickets(keys, 3)],
    )
    return set(rows.iter_rows())


def endings(version: Version, keys: Sequence[Key]) -> dict[Key, Ending]:
    """The sentence of each conversation's end that says they would recommend us, else the most pleased one.

    It comes after our answer, from the last third of the customer's turns; without such a sentence there is no entry.
    """
    if not keys:
        return {}
    stands, gone = standing(version)
    tickets = ", ".join("?" for _ in keys)
    rows = version.query(
        f"""
        WITH {stands}, {_CHOSEN}, {_AFTER.format(tickets=tickets)}
        SELECT e.source, e.ticket_id, e.measure, e.kind, coalesce(t.position, 0) AS position,
            trim(substring(t.text, e."start" + 1, e."end" - e."start")) AS quote
        FROM standing e
        SEMI JOIN after a ON a.source = e.source AND a.ticket_id = e.ticket_id AND a.message_id = e.message_id
        JOIN turns t ON t.source = e.source AND t.ticket_id = e.ticket_id AND t.message_id = e.message_id
        WHERE e.ticket_id IN ({tickets}) AND t.ticket_id IN ({tickets}) AND t.role = 'customer'
            AND (e.measure = 'would_recommend' AND e.kind = 'recommend'
                OR e.measure = 'sentiment_shift' AND e.kind = 'after_answer' AND e.value > 0)
        QUALIFY row_number() OVER (
            PARTITION BY e.source, e.ticket_id
            ORDER BY e.kind = 'recommend' DESC, e.value DESC, t.created_at DESC, t.position DESC, e."start") = 1
        """,
        [*gone, *_columns(keys), *_tickets(keys, 4)],
    )
    is_masked = version.rights.is_masked
    return {
        (row["source"], row["ticket_id"]): Ending(
            Quote(mask(row["quote"]) if is_masked else row["quote"], row["measure"], row["kind"]),
            row["position"],
        )
        for row in rows.iter_rows(named=True)
    }


def _columns(keys: Sequence[Key]) -> list[list[str]]:
    """The sources and the tickets of these keys."""
    return [list(part) for part in zip(*keys, strict=True)]


def _tickets(keys: Sequence[Key], times: int) -> list[str]:
    """The tickets of these keys, for so many lists of them."""
    return [ticket for _ in range(times) for _, ticket in keys]
