"""The sentence that speaks for each of several figures, of several conversations, in one query."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.mask import mask
from metrics.quotes import HIGHEST, LOWEST, Quote
from metrics.reviews import standing
from metrics.speaking import speaking_for
from warehouse.store import Version

Asked = tuple[str, str, str]  # source, ticket_id, column


def said(version: Version, asked: Sequence[Asked]) -> dict[Asked, Quote]:
    """For each conversation and column the sentence that says most about that column there, as metrics.quotes chooses it.

    Without such a sentence, or where a person marked it wrong, there is no entry: nothing else is put in its place.
    Personal data is masked where the reader's rights ask for it.
    """
    if not asked:
        return {}
    columns = list(dict.fromkeys(column for _, _, column in asked))
    speaking = [
        (column, measure, kind, place, _sign(column))
        for column in columns
        for measure, kinds in (speaking_for(column),)
        for place, kind in enumerate(kinds)
    ]
    stands, gone = standing(version)
    # Values in a list, and not a join alone, so that most of the table is passed over unread.
    kinds, measures = {kind for _, _, kind, _, _ in speaking}, {measure for _, measure, _, _, _ in speaking}
    narrow = {"e.ticket_id": {ticket for _, ticket, _ in asked}, "e.kind": kinds} | (
        {} if None in measures else {"e.measure": measures}
    )
    named = " AND ".join(f"{name} IN ({', '.join('?' * len(values))})" for name, values in narrow.items())
    rows = version.query(
        f"""
        WITH {stands},
        wanted AS (
            SELECT DISTINCT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id, unnest(?::VARCHAR[]) AS "column"),
        speaking AS (
            SELECT unnest(?::VARCHAR[]) AS "column", unnest(?::VARCHAR[]) AS measure, unnest(?::VARCHAR[]) AS kind,
                unnest(?::BIGINT[]) AS place, unnest(?::BIGINT[]) AS sign),
        own AS (
            SELECT e.* FROM standing e SEMI JOIN wanted w ON w.source = e.source AND w.ticket_id = e.ticket_id
            WHERE {named}),
        best AS (
            SELECT w."column", e.* FROM wanted w
            JOIN own e ON e.source = w.source AND e.ticket_id = w.ticket_id
            JOIN speaking k ON k."column" = w."column" AND k.kind = e.kind AND coalesce(k.measure = e.measure, true)
            QUALIFY row_number() OVER (
                PARTITION BY w.source, w.ticket_id, w."column"
                ORDER BY k.place, CASE k.sign WHEN 0 THEN -abs(coalesce(e.value, 0)) ELSE k.sign * coalesce(e.value, 0) END,
                    e.message_id, e."start") = 1)
        SELECT b.source, b.ticket_id, b."column", b.measure, b.kind,
            trim(substring(t.text, b."start" + 1, b."end" - b."start")) AS quote
        FROM best b JOIN turns t ON t.source = b.source AND t.ticket_id = b.ticket_id AND t.message_id = b.message_id
        """,
        [
            *gone,
            *(list(part) for part in zip(*asked, strict=True)),
            *(list(part) for part in zip(*speaking, strict=True)),
            *(value for values in narrow.values() for value in sorted(str(value) for value in values)),
        ],
    )
    is_masked = version.rights.is_masked
    return {
        (row["source"], row["ticket_id"], row["column"]): Quote(
            mask(row["quote"] or "") if is_masked else row["quote"], row["measure"], row["kind"]
        )
        for row in rows.iter_rows(named=True)
    }


def _sign(column: str) -> int:
    """Which of several sentences of a kind: the lowest value first (1), the highest (-1), or the strongest either way (0)."""
    return 1 if column in LOWEST else -1 if column in HIGHEST else 0
