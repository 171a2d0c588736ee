"""A column of each group week by week, with its intervals: what small multiples are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from metrics import groupings, registry
from metrics.totals import Scope, totals_of, totals_together
from warehouse.store import Version


def by_week(version: Version, column: str, scope: Scope, by: str, groups: Sequence[str]) -> pl.DataFrame:
    """Columns group, week ("2026-W46"), value, n, low, high of these groups, as they are; weeks without a row are left out."""
    pair = registry.find(column)
    if not groups:
        return totals_of(version, [pair], scope, ["week"]).clear().with_columns(pl.lit("").alias("group"))
    if by in groupings.MADE:
        scopes = [replace(scope, where={**scope.where, by: (group,)}) for group in groups]
        frames = totals_together(version, [pair], [(one, ("week",)) for one in scopes])
        told = pl.concat(
            [
                frame.with_columns(pl.lit(group).alias("group"))
                for group, frame in zip(groups, frames, strict=True)
            ]
        )
    else:
        named = replace(scope, where={**scope.where, by: tuple(groups)}) if by != "tag" else scope
        told = totals_of(version, [pair], named, [by, "week"]).rename({by: "group"})
    return told.filter(pl.col("group").is_in(list(groups)), pl.col("week").is_not_null()).select(
        "group", "week", "value", "n", "low", "high"
    )
