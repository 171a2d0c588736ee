"""The area under the ROC curve (AUC) with its interval, computed from grouped ranks in the database.

Its variance is that of DeLong, DeLong and Clarke-Pearson (1988), for customers with several conversations as Obuchowski (1997)
extended it; the interval is taken on the log-odds.
"""

from __future__ import annotations

import math
from typing import Any

from metrics.contrast.difference import NORMAL_95
from metrics.tally import PARCELS


def value_sql(is_large: bool) -> str:
    """A score's value, of very many in steps of one percent."""
    return "sign(value) * round(100 * ln(1 + abs(value)))" if is_large else "value"


def areas_sql(scored: str, is_large: bool) -> str:
    """A row for each score: its area, and its variance after Obuchowski, from the ranks of grouped values.

    Of a value v, psi is the share of those that did not go well that lie below it (ties half), the placement of one that went
    well; phi the share of those that went well above it. Summed by customer they give the variance; where every customer has
    one conversation that is DeLong's.
    """
    cluster = f"cluster % {PARCELS}" if is_large else "cluster"
    return f"""
        WITH scored AS MATERIALIZED (SELECT name, {cluster} AS cluster, y, {value_sql(is_large)} AS v FROM ({scored})),
        bins AS (SELECT name, v, sum(y)::DOUBLE AS n1, sum(1 - y)::DOUBLE AS n0 FROM scored GROUP BY ALL),
        ranked AS (
            SELECT name, v, n1, n0, sum(n1) OVER whole AS all1, sum(n0) OVER whole AS all0,
                   (sum(n0) OVER below - n0 / 2) / nullif(sum(n0) OVER whole, 0) AS psi,
                   (sum(n1) OVER whole - sum(n1) OVER below + n1 / 2) / nullif(sum(n1) OVER whole, 0) AS phi
            FROM bins WINDOW whole AS (PARTITION BY name), below AS (PARTITION BY name ORDER BY v)
        ),
        areas AS (
            SELECT name, any_value(all1) AS m, any_value(all0) AS n, count(*) > 1 AS is_parted, sum(n1 * psi) / nullif(any_value(all1), 0) AS auc
            FROM ranked GROUP BY name
        ),
        parts AS (
            SELECT s.name, s.cluster, sum(y) AS m_i, sum(1 - y) AS n_i,
                   sum(y * (psi - auc)) AS of_well, sum((1 - y) * (phi - auc)) AS of_others
            FROM scored s JOIN ranked r USING (name, v) JOIN areas a ON a.name = s.name GROUP BY ALL
        )
        SELECT a.name, a.m, a.n, a.auc, a.is_parted, count(*) FILTER (m_i > 0) AS clusters_well,
               count(*) FILTER (n_i > 0) AS clusters_others, count(*) AS clusters, sum(of_well * of_well) AS squares_well,
               sum(of_others * of_others) AS squares_others, sum(of_well * of_others) AS crossed
        FROM parts p JOIN areas a USING (name) GROUP BY ALL ORDER BY a.name
    """


def variance(row: dict[str, Any]) -> float | None:
    """Obuchowski's variance of an area from the sums over customers; DeLong's where each has one conversation."""
    m, n = row["m"], row["n"]
    if row["clusters_well"] < 2 or row["clusters_others"] < 2:
        return None
    of_well = row["clusters_well"] / (row["clusters_well"] - 1) * row["squares_well"] / m**2
    of_others = row["clusters_others"] / (row["clusters_others"] - 1) * row["squares_others"] / n**2
    crossed = row["clusters"] / (row["clusters"] - 1) * row["crossed"] / (m * n)
    return float(max(of_well + of_others + 2 * crossed, 0.0))


def interval(auc: float, squared_error: float | None) -> tuple[float | None, float | None, float | None]:
    """The 95 % interval of an area on the log-odds, and the chance of one so far from 0.5 by noise; null where it has none.

    A score that parts them all has no interval and leaves nothing to chance.
    """
    if auc in (0.0, 1.0):
        return None, None, 0.0
    if squared_error is None or squared_error <= 0 or not 0 < auc < 1:
        return None, None, None
    error = math.sqrt(squared_error) / (auc * (1 - auc))
    odds = math.log(auc / (1 - auc))
    low, high = (1 / (1 + math.exp(-(odds + sign * NORMAL_95 * error))) for sign in (-1, 1))
    return low, high, math.erfc(abs(odds) / error / math.sqrt(2))
