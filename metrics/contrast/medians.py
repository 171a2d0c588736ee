"""Medians by group among similar conversations, from the rows themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from metrics import groupings, periods
from metrics.contrast import strata, weighted
from metrics.contrast.strata import Asked, Cells
from metrics.intervals import Array
from metrics.totals import totals_of, totals_together
from warehouse.store import Version

# In a larger scope a median stands on the rows of customers drawn by their hash.
MOST_ROWS: Final = 100_000


def medians(version: Version, found: Cells, weight: Array) -> tuple[weighted.Figures, ...]:
    """Each group's medians: its own as everywhere else, and those of alike conversations from the rows themselves."""
    raw = _raw_medians(version, found)
    rows = _rows(version, found.asked, found.all_n.sum())
    plain = rows if found.asked.by != "tag" else _rows(version, found.asked, found.all_n.sum(), grouped=False)
    told = np.full((2, 3, len(found.groups)), np.nan)
    for line, group in enumerate(found.groups):
        mine = rows.filter(pl.col("grp") == group)
        theirs = plain.filter(pl.col("grp").ne_missing(group)) if plain is rows else plain.join(
            mine.select("row_key").unique(), on="row_key", how="anti", maintain_order="left"
        )  # fmt: skip
        if weight[line].any():
            shares = dict(zip(found.strata, weight[line], strict=True))
            told[0, :, line] = weighted.median(*_arrays(mine, found.asked, shares))
            told[1, :, line] = weighted.median(*_arrays(theirs, found.asked, shares))
    return raw, *((one[0], one[1], one[2]) for one in told)


def _raw_medians(version: Version, found: Cells) -> weighted.Figures:
    asked = found.asked
    pair = (asked.measure, asked.column)
    if asked.by in groupings.MADE:
        scopes = [
            replace(asked.scope, where={**asked.scope.where, asked.by: (group,)}) for group in found.groups
        ]
        frames = totals_together(version, [pair], [(scope, ()) for scope in scopes])
        told = {group: frame.row(0, named=True) for group, frame in zip(found.groups, frames, strict=True)}
    else:
        rows = totals_of(version, [pair], asked.scope, [asked.by]).to_dicts()
        told = {row[asked.by]: row for row in rows if row[asked.by] is not None}
    values = [
        [told.get(group_label(asked, group), {}).get(name) for group in found.groups]
        for name in ("value", "low", "high")
    ]
    value, low, high = (
        np.array([np.nan if one is None else one for one in each], dtype=float) for each in values
    )
    return value, low, high


def _rows(version: Version, asked: Asked, count: float, *, grouped: bool = True) -> pl.DataFrame:
    """The rows of a median, in rising order; of a very large scope those of customers drawn by their hash."""
    sql, params = strata.rows(asked, grouped=grouped)
    every = int(np.ceil(count / MOST_ROWS)) if count else 1
    drawn = f" WHERE hash(cluster, 2026) % {every} = 0" if every > 1 else ""
    return version.query(
        f"SELECT *, hash(cluster, y, {', '.join(asked.parts) or '0'}) AS row_key FROM ({sql}){drawn} ORDER BY y",
        params,
    )


def _arrays(rows: pl.DataFrame, asked: Asked, shares: dict[tuple[Any, ...], float]) -> tuple[Any, ...]:
    """values, is_open, weight and customers of rows, for weighted.median; without strata each row weighs the same."""
    count = rows.height
    if not asked.parts:
        weight = np.full(count, 1 / count if count else 0.0)
    else:
        table = pl.DataFrame(
            [(*stratum, share) for stratum, share in shares.items()], orient="row",
            schema={**{name: rows.schema[name] for name in asked.parts}, "share": pl.Float64()},
        )  # fmt: skip
        joined = rows.join(table, on=asked.parts, how="left", maintain_order="left")
        weight = (
            joined.select(pl.col("share") / pl.len().over(asked.parts))["share"].fill_null(0.0).to_numpy()
        )
        weight = weight / weight.sum() if weight.sum() else weight
    customers = (
        rows["cluster"].rank("dense").cast(pl.Int64).to_numpy() - 1 if count else np.empty(0, np.int64)
    )
    return rows["y"].to_numpy(), rows["is_open"].fill_null(False).to_numpy(), weight, customers


def group_label(asked: Asked, group: str) -> str:
    """A group as totals call it."""
    if asked.by == "week":
        return periods.week_of(date.fromisoformat(group[:10]))
    return group
