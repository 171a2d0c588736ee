"""Where each group stands: its score across, its customers' shift of mood upward, and the corner that makes."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.contrast import asked
from metrics.totals import Scope
from warehouse.store import Version

GOOD_AND_BAD: Final = "Looks good, feels bad"
GOOD_AND_TRUE: Final = "Good, and true"
BETTER_THAN_SCORE: Final = "Better than its score"
KNOWN_PROBLEM: Final = "Known problem"

# The columns of the fact tables, and how this frame calls them.
_NAMES: Final = {"is_satisfied": "csat", "is_csat_answered": "response_rate", "mood_shift": "mood_shift"}


def quadrant(version: Version, scope: Scope, by: str = "team", *, too_few: int = 30) -> pl.DataFrame:
    """One row a group: group, n_rated, n_followed, csat, csat_low, csat_high, response_rate, mood_shift,
    mood_shift_low, mood_shift_high, corner; largest first.

    The corner is null when the group has fewer than `too_few` ratings or conversations whose mood could be followed.
    The lines that part the corners are the score of all groups together and a shift of zero. Which corner a group is
    in says nothing about noise: the intervals do.
    """
    overall = asked.totals(version, ["is_satisfied"], scope).to_dicts()
    line = overall[0]["value"] if overall else None
    groups: dict[str, dict[str, object]] = {}
    for row in asked.totals(version, asked.told(version, _NAMES), scope, [by]).to_dicts():
        if row[by] is None or row["column"] not in _NAMES:
            continue
        name = _NAMES[row["column"]]
        group = groups.setdefault(row[by], {"group": row[by]})
        group[name] = row["value"]
        if name != "response_rate":
            group[f"{name}_low"], group[f"{name}_high"] = row["low"], row["high"]
            group["n_rated" if name == "csat" else "n_followed"] = row["n"]
    frame = pl.DataFrame(list(groups.values()), schema=_SCHEMA)
    return (
        frame.with_columns(pl.col("n_rated", "n_followed").fill_null(0))
        .with_columns(_corner(line, too_few).alias("corner"))
        .sort(["n_followed", "group"], descending=[True, False])
    )


_SCHEMA: Final = pl.Schema(
    {
        "group": pl.String(),
        "n_rated": pl.Int64(),
        "n_followed": pl.Int64(),
        "csat": pl.Float64(),
        "csat_low": pl.Float64(),
        "csat_high": pl.Float64(),
        "response_rate": pl.Float64(),
        "mood_shift": pl.Float64(),
        "mood_shift_low": pl.Float64(),
        "mood_shift_high": pl.Float64(),
    }
)


def _corner(line: float | None, too_few: int) -> pl.Expr:
    is_enough = (pl.col("n_rated") >= too_few) & (pl.col("n_followed") >= too_few)
    is_high = pl.col("csat") >= pl.lit(line, dtype=pl.Float64())
    falls = pl.col("mood_shift") < 0
    return (
        pl.when(~is_enough | is_high.is_null() | falls.is_null())
        .then(None)
        .when(is_high & falls)
        .then(pl.lit(GOOD_AND_BAD))
        .when(is_high)
        .then(pl.lit(GOOD_AND_TRUE))
        .when(falls)
        .then(pl.lit(KNOWN_PROBLEM))
        .otherwise(pl.lit(BETTER_THAN_SCORE))
    )
