"""Who left without a word: those who were asked and did not answer, with the sentence that says most of each."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.contrast.surveyed import SORTS, UNHAPPY, Survey, asked_sql
from metrics.quotes import Quote, quotes
from metrics.totals import Scope
from warehouse.settings import Settings
from warehouse.store import Version

EVERY: Final = "all"
_CONDITIONS: Final = {
    EVERY: "ticket_id IS NOT NULL",
    UNHAPPY: UNHAPPY,
    **{sort.key: sort.condition for sort in SORTS},
}
# Whose sentence stands for a conversation of the sort; the others are spoken for by what says most of any kind.
_SPOKEN_BY: Final = {
    UNHAPPY: "left_worse", "worse": "left_worse", "better": "left_better", "warned": "would_warn_others",
    "open": "is_ended_open", "next_step": "is_ended_next_step", "confirmed": "is_ended_confirmed", "chased": "has_chased",
}  # fmt: skip


def without_a_word(
    version: Version,
    scope: Scope,
    survey: Survey,
    sort: str,
    settings: Settings,
    *,
    limit: int = 10,
    offset: int = 0,
) -> pl.DataFrame:
    """The silent of a sort (a key of SORTS, "unhappy" or "all"), those who said they would warn first, then the unhappiest.

    Columns: source, ticket_id, team, channel, ended_on, mood_on_arrival, mood_after_answer, is_warned, quote (the sentence
    that says most, else the customer's first words), quote_kind (null for first words), count_all. No sort of that name:
    none of them.
    """
    sql, params = asked_sql(version, scope, survey, settings)
    rows = version.query(
        f"""
        {sql}, found AS MATERIALIZED (
            SELECT ticket_source AS source, ticket_id, mood_after_answer, is_warned, count(*) OVER () AS count_all
            FROM asked WHERE NOT is_answered AND {_CONDITIONS.get(sort, "false")}
            ORDER BY is_warned DESC, mood_after_answer NULLS LAST, source, ticket_id
            LIMIT {int(limit)} OFFSET {max(0, int(offset))})
        SELECT f.source, f.ticket_id, t.team, t.channel, t.ended_on, t.mood_on_arrival, f.mood_after_answer, f.is_warned,
            f.count_all
        FROM found f JOIN ticket_facts t USING (source, ticket_id)
        ORDER BY f.is_warned DESC, f.mood_after_answer NULLS LAST, source, ticket_id
        """,
        params,
    )
    keys = list(zip(rows["source"], rows["ticket_id"], strict=True))
    own = quotes(version, keys, _SPOKEN_BY.get(sort))
    warned = [key for key, is_warned in zip(keys, rows["is_warned"], strict=True) if is_warned]
    own |= quotes(version, warned, "would_warn_others")
    said = [own.get(key, Quote(None, None, None)) for key in keys]
    return rows.with_columns(
        pl.Series("quote", [one.text for one in said], dtype=pl.String()),
        pl.Series("quote_kind", [one.kind for one in said], dtype=pl.String()),
    )
