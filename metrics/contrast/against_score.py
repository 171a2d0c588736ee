"""Conversations whose scores say one thing and whose words say another, both ways.

Looks fine, isn't, by every score (metrics/contrast/looks_fine.py) and by the customer's own rating alone; and the reverse,
better than their score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl

from metrics import intervals
from metrics.contrast.difference import Estimate
from metrics.contrast.in_common import Sides
from metrics.contrast.looks_fine import REASONS
from metrics.tally import Rows
from metrics.totals import Scope, rows_sql
from warehouse.settings import LooksFine
from warehouse.store import Version

Lens = Literal["every score", "rated good", "scored badly"]
LENSES: Final[tuple[Lens, ...]] = ("every score", "rated good", "scored badly")
# Which sentence speaks for a conversation of each list.
SPEAKS: Final[dict[Lens, str]] = {
    "every score": "looks_fine_isnt",
    "rated good": "left_worse",
    "scored badly": "left_better",
}
_RED: Final = "(coalesce(is_red_mood, false) OR coalesce(is_red_warning, false))"
_WELL: Final = "(left_better OR is_ended_confirmed OR is_turned_around)"


@dataclass(frozen=True)
class Rate:
    """Of the conversations that score one way, the share whose words say the other."""

    count: int
    share: Estimate
    sides: Sides


def rows(scope: Scope, lens: Lens, rule: LooksFine) -> Rows:
    """SQL of the conversations of a scope that score one way, with is_so: whether their words say the other.

    every score: looks fine by the rule, is_so where it isn't; a null stays open. rated good: ended, readable, rated good and
    followed after our answer, is_so where the customer left worse or unhappy or would warn others. scored badly: ended and
    readable, rated bad or with its first reply later than the rule allows (or never; only where the customer wrote first), is_so
    where the customer left better, confirmed that it is solved or was turned around, and neither left worse nor would warn
    others; null where neither their mood nor the ending is known.
    """
    sql, params = rows_sql(scope, "ticket", "ended_at", ())
    if lens == "every score":
        return f"SELECT *, looks_fine_isnt AS is_so FROM ({sql}) WHERE is_looking_fine", params
    if lens == "rated good":
        return (
            f"SELECT *, {_RED} AS is_so FROM ({sql}) WHERE is_satisfied AND is_red_wait IS NOT NULL"
            " AND (is_red_mood IS NOT NULL OR is_red_warning)",
            params,
        )
    within = f"calendar_minutes <= {60 * float(rule.first_reply_within_hours)!r}"
    return (
        f"""
        SELECT t.*, CASE WHEN left_worse OR would_warn_others THEN false WHEN {_WELL} THEN true
                    WHEN left_better IS NULL THEN NULL ELSE false END AS is_so
        FROM ({sql}) t
        WHERE is_red_wait IS NOT NULL AND NOT is_looking_fine AND (is_satisfied IS NOT DISTINCT FROM false
            OR (NOT is_outbound AND (source, ticket_id) NOT IN (
                SELECT (source, ticket_id) FROM reply_waits WHERE is_first AND NOT is_open AND {within})))
        """,
        params,
    )


def rate(version: Version, asked: Rows) -> Rate:
    """The share of those that are so, with its 95 % interval: Wilson's, widened where customers have several conversations."""
    sql, params = asked
    row = version.query(
        f"""
        WITH each AS (SELECT cluster, count(*)::DOUBLE AS n, count(*) FILTER (is_so)::DOUBLE AS y
            FROM ({sql}) WHERE is_so IS NOT NULL GROUP BY cluster)
        SELECT sum(n) AS n, sum(y) AS total, count_if(y > 0) AS customers_so, count_if(n > y) AS customers_others,
            count_if(n > 1)::DOUBLE AS many_count,
            {", ".join(f"coalesce(sum({term}) FILTER (n > 1), 0) AS {name}" for name, term in _MANY.items())}
        FROM each
        """,
        params,
    ).row(0, named=True)
    if not row["n"]:
        return Rate(0, Estimate(None, None, None, 0), Sides(0, 0, 0, 0))
    n, total = np.array([row["n"]]), np.array([row["total"]])
    many = {
        name: np.array([row[f"many_{name}"]])
        for name in ("count", *(key.removeprefix("many_") for key in _MANY))
    }
    effect, _ = intervals.design_effect(n, total, total, many)
    low, high = intervals.wilson(total, n, effect)
    count, others = int(row["total"]), int(row["n"] - row["total"])
    return Rate(
        count,
        Estimate(float(total[0] / n[0]), float(low[0]), float(high[0]), int(row["n"])),
        Sides(count, others, int(row["customers_so"]), int(row["customers_others"])),
    )


_MANY: Final = {
    "many_n": "n",
    "many_total": "y",
    "many_squares": "y",
    "many_n_n": "n * n",
    "many_n_total": "n * y",
    "many_total_total": "y * y",
}


def tickets(version: Version, asked: Rows, lens: Lens, limit: int, offset: int = 0) -> pl.DataFrame:
    """Those that are so: source, ticket_id, team, channel, ended_on, mood_shift, is_rated_good, reasons (list of words).

    Of those that look fine the ones with the most red signs come first, of the others those whose mood moved most, then the
    newest. Those that score badly have no reasons.
    """
    sql, params = asked
    signs = " + ".join(f"coalesce({name}, false)::INT" for name in REASONS)
    order = {
        "every score": f"{signs} DESC, is_red_warning DESC NULLS LAST",
        "rated good": "mood_shift NULLS LAST",
        "scored badly": "mood_shift DESC NULLS LAST",
    }[lens]
    reasons = ", ".join(f"CASE WHEN {name} THEN '{words}' END" for name, words in REASONS.items())
    told = (
        "[]::VARCHAR[]"
        if lens == "scored badly"
        else f"list_filter([{reasons}], lambda one: one IS NOT NULL)"
    )
    return version.query(
        f"""
        SELECT source, ticket_id, team, channel, ended_on, mood_shift, is_satisfied AS is_rated_good, {told} AS reasons
        FROM ({sql}) WHERE is_so
        ORDER BY {order}, ended_on DESC, source, ticket_id LIMIT {max(0, int(limit))} OFFSET {max(0, int(offset))}
        """,
        params,
    )
