"""A sample of customers with all their rows of a grain: it tells how much rows of one customer resemble each other.

The width of an interval over very many rows is told from it (metrics/tally.py), the figure itself never.
"""

from __future__ import annotations

from typing import Final

from metrics.measure import GRAIN_KEYS, Grain
from metrics.tally import EXACT_ROWS
from warehouse.store import Connection

# A stock, the grain of days, has no intervals.
SAMPLES: Final[dict[Grain, str]] = {grain: f"{grain}_sample" for grain in GRAIN_KEYS if grain != "day"}
ONE_IN: Final = 16
ALWAYS: Final = (
    16  # times the rows of the mean customer: with more a customer is always in, since it weighs too much
)


def draw(connection: Connection, grain: Grain) -> None:
    """Draw the sample of a grain anew; one of few rows has none.

    `weight` says for how many customers each one of the sample stands.
    """
    facts, sample = f"{grain}_facts", SAMPLES[grain]
    connection.execute(f"DROP TABLE IF EXISTS {sample}")
    if connection.execute(f"SELECT count(*) FROM {facts}").fetchall()[0][0] <= EXACT_ROWS:
        return
    connection.execute(
        f"""
        CREATE TABLE {sample} AS
        SELECT facts.*, CASE WHEN is_always THEN 1 ELSE {ONE_IN} END AS weight
        FROM {facts} facts JOIN (
            SELECT cluster, count(*) > {ALWAYS} * avg(count(*)) OVER () AS is_always FROM {facts} GROUP BY cluster
            QUALIFY is_always OR cluster % {ONE_IN} = 0) USING (cluster)
        """
    )
