"""What a customer said in a conversation that looks fine and isn't, of what is wrong in it; never their pleased words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from metrics.contrast import asked
from metrics.contrast.looks_fine import REASONS
from metrics.mask import mask
from metrics.quotes import Key
from metrics.reviews import standing
from warehouse.store import Version

# The red sign, and which evidence speaks for it, the most telling first. A mood speaks only with an unhappy sentence.
_SPEAKS: Final = (
    ("is_red_warning", "would_recommend", "warn"),
    ("is_red_mood", "sentiment_shift", "after_answer"),
    ("is_red_mood", "sentiment_shift", "turning_point"),
    ("is_red_wait", "made_to_repeat", "chase"),
    ("is_red_idea", "unheard_suggestion", "found"),
)


def unhappy_words(version: Version, rows: Sequence[dict[str, Any]]) -> dict[Key, str]:
    """The sentence that shows best what is wrong in each of these rows of looks_fine.tickets; no entry where none does.

    Masked where the reader's rights ask for it.
    """
    signs = {words: name for name, words in REASONS.items()}
    told = set(asked.told(version, [measure for _, measure, _ in _SPEAKS]))
    wanted = [
        (row["source"], row["ticket_id"], measure, kind, place)
        for row in rows
        for place, (sign, measure, kind) in enumerate(_SPEAKS)
        if measure in told and sign in {signs[words] for words in row["reasons"]}
    ]
    if not wanted:
        return {}
    stands, gone = standing(version)
    ids = sorted({row["ticket_id"] for row in rows})
    found = version.query(
        f"""
        WITH {stands},
        wanted AS (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id, unnest(?::VARCHAR[]) AS measure,
            unnest(?::VARCHAR[]) AS kind, unnest(?::BIGINT[]) AS place)
        SELECT e.source, e.ticket_id, trim(substring(t.text, e."start" + 1, e."end" - e."start")) AS quote
        FROM standing e JOIN wanted w USING (source, ticket_id, measure, kind)
        JOIN turns t ON t.source = e.source AND t.ticket_id = e.ticket_id AND t.message_id = e.message_id
        LEFT JOIN standing m ON m.source = e.source AND m.ticket_id = e.ticket_id AND m.message_id = e.message_id
            AND m."start" = e."start" AND m.measure = 'sentiment_shift' AND m.kind IN ('arrival', 'between', 'after_answer')
        WHERE e.ticket_id IN ({", ".join("?" for _ in ids)}) AND t.role = 'customer'
            AND (e.measure <> 'sentiment_shift' OR e.value < 0)
            AND (e.kind = 'warn' OR coalesce(m.value, 0) <= 0)
        QUALIFY row_number() OVER (
            PARTITION BY e.source, e.ticket_id
            ORDER BY w.place, CASE WHEN e.measure = 'sentiment_shift' THEN e.value END NULLS LAST, t.created_at, e.message_id,
                e."start") = 1
        """,
        [*gone, *(list(part) for part in zip(*wanted, strict=True)), *ids],
    )
    is_masked = version.rights.is_masked
    return {
        (row["source"], row["ticket_id"]): mask(row["quote"]) if is_masked else row["quote"]
        for row in found.iter_rows(named=True)
    }
