"""Where scores and conversations part between groups, once conversations are alike: ranks by each, and the widest gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from metrics.contrast.similar import Similar
from metrics.measure import Column

# Moods are not heard alike in two languages, people are not ranked by a machine, and weeks stand in their order.
UNRANKED: Final = ("language", "agent", "week")


@dataclass(frozen=True)
class Side:
    """One group by one column: its rank among `count` (1 is best, null where neither way is better) and its row of FRAME."""

    rank: int | None
    raw_rank: int | None
    count: int
    row: dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """One group by what scores say and by what conversations show; `places` is how many ranks it falls from one to the other."""

    group: str
    score: Side
    talk: Side

    @property
    def places(self) -> int:
        """Ranks that are lost from the score to the conversations; negative where they are gained."""
        return (self.talk.rank or 0) - (self.score.rank or 0)


def gaps(score: Similar, talk: Similar) -> tuple[Gap, ...]:
    """The groups that both can be compared by, those that fall furthest first, in the order of their names where unranked.

    A rank is by the difference from the others in similar conversations, the best first: figures of groups that could be
    compared on different conversations are not set beside each other. Ranks hide distance.
    """
    both = [group for group in score.shown["group"] if group in set(talk.shown["group"])]
    sides = [_sides(one, both) for one in (score, talk)]
    found = [Gap(group, sides[0][group], sides[1][group]) for group in both]
    if is_unranked(score, talk):
        return tuple(sorted(found, key=lambda one: one.group))
    return tuple(sorted(found, key=lambda one: (-one.places, one.talk.row["chance"] or 0.0, one.group)))


def is_unranked(score: Similar, talk: Similar) -> bool:
    """Whether no ranks are told: of languages, and where neither way of a column is better."""
    return score.by in UNRANKED or "neither" in (score.column.better, talk.column.better)


def is_worse(row: dict[str, Any], column: Column) -> bool:
    """Whether a group lies beyond noise on the worse side of similar conversations of the others."""
    return (
        bool(row["is_beyond"])
        and (row["change"] < 0) == (column.better == "higher")
        and column.better != "neither"
    )


def widest(found: tuple[Gap, ...], talk: Similar) -> Gap | None:
    """The group that falls furthest from its score to its conversations, where these lie beyond noise on the worse side."""
    named = [one for one in found if one.places > 0 and is_worse(one.talk.row, talk.column)]
    return named[0] if named and talk.by not in UNRANKED else None


def beyond(told: Similar) -> tuple[list[str], list[str]]:
    """The groups that lie beyond noise: on the better side, and on the worse (where neither is better: above, and below)."""
    rows = [row for row in told.shown.sort("chance").to_dicts() if row["is_beyond"]]
    sign = -1 if told.column.better == "lower" else 1
    return (
        [row["group"] for row in rows if sign * row["change"] > 0],
        [row["group"] for row in rows if sign * row["change"] < 0],
    )


def _sides(told: Similar, both: list[str]) -> dict[str, Side]:
    rows = {row["group"]: row for row in told.shown.to_dicts() if row["group"] in both}
    ranks = _ranks(told.column, {group: row["change"] for group, row in rows.items()})
    raw = _ranks(told.column, {group: row["raw"] for group, row in rows.items()})
    if told.by in UNRANKED:
        ranks, raw = {}, {}
    return {group: Side(ranks.get(group), raw.get(group), len(rows), row) for group, row in rows.items()}


def _ranks(column: Column, values: dict[str, float | None]) -> dict[str, int]:
    """1 for the best; those that are equal share the better rank."""
    if column.better == "neither":
        return {}
    sign = -1 if column.better == "higher" else 1
    series = pl.Series([sign * (value or 0.0) for value in values.values()], dtype=pl.Float64)
    return dict(zip(values, series.rank("min").cast(pl.Int64).to_list(), strict=True))
