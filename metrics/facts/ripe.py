"""How long figures ripen: within how many days nearly all that will still come has come, learnt from these data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from metrics.facts.clock import as_of
from metrics.measure import GRAIN_KEYS, Measure
from warehouse.settings import Settings
from warehouse.store import Connection

SHARE: Final = 0.95  # of what comes at all
LEAST: Final = 30  # fewer teach nothing
OLD_ENOUGH_DAYS: Final = 28  # younger rows have only shown what comes quickly
DEFAULT_DAYS: Final = 14  # where too few teach

MAKE: Final = "CREATE OR REPLACE TABLE ripening (measure VARCHAR, days BIGINT, n BIGINT, is_learnt BOOLEAN)"
LEARN: Final = """
INSERT INTO ripening
SELECT $measure, CASE WHEN count(*) >= $least THEN greatest(1, ceil(quantile_cont(lag_days, $share)))::BIGINT ELSE $days END,
    count(*), count(*) >= $least
FROM (SELECT (epoch({event}) - epoch({start})) / 86400 AS lag_days FROM {table}
    WHERE {column} AND {event} >= {start} AND {start} <= $as_of::TIMESTAMPTZ - to_days($old_enough))
"""


def learn(connection: Connection, measures: Sequence[Measure], settings: Settings) -> None:
    """Make the table ripening anew from the facts: measure, days, n that taught it, is_learnt.

    A measure with `ripens` learns from the time between its own date and that instant; one with `final_after_days` states
    it; all others are final at once and have no row.
    """
    connection.execute(MAKE)
    for measure in measures:
        if measure.final_after_days:
            days = int(measure.final_after_days.format(settings=settings))
            connection.execute("INSERT INTO ripening VALUES ($1, $2, 0, false)", [measure.name, days])
        elif measure.ripens and measure.grain in GRAIN_KEYS:
            sql = LEARN.format(
                event=measure.ripens,
                start=measure.dated_by,
                table=f"{measure.grain}_facts",
                column=measure.main.name,
            )
            given = {"measure": measure.name, "share": SHARE, "least": LEAST, "days": DEFAULT_DAYS}
            connection.execute(sql, {**given, "as_of": as_of(connection), "old_enough": OLD_ENOUGH_DAYS})
