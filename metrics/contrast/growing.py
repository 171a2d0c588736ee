"""Which ideas are new and which grow: themes whose customers became more in a period than in the four as long before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import comb
from typing import Final

import polars as pl

from metrics import idea_status, ideas
from metrics.contrast.difference import holm
from metrics.idea_board import Board
from metrics.idea_themes import FEWEST_CUSTOMERS
from metrics.totals import Scope
from warehouse.store import Version

PERIODS_BEFORE: Final = 4
SETTLED: Final = ("done", "declined")
FEWEST_NOW: Final = 2  # new customers of a period: one customer's idea is no theme of that period
NEW_RULE: Final = f"New: a theme that now has {FEWEST_CUSTOMERS} customers or more and had fewer before this week, at least {FEWEST_NOW} of them new."
GROWS_RULE: Final = f"Growing: more customers than in the {PERIODS_BEFORE} weeks before, beyond chance, allowing for how many themes were looked at."
LEFT_OUT: Final = "What was done or declined is left out."


@dataclass(frozen=True)
class Growth:
    """A theme that is new or grows: its customers in the period, in the periods before, and what people set of it.

    count_known: everybody who had it by the end of the period; count_earlier: who had it before the period, however long ago.
    """

    theme: str
    name: str
    is_new: bool
    count_now: int
    count_before: int
    count_earlier: int
    count_known: int
    status: idea_status.Status


def growing(version: Version, whole: Board, scope: Scope) -> tuple[Growth, ...]:
    """The themes of a scope that are new or grow, new ones first, then those with most customers. Raises ValueError on a
    scope without two ends.

    A customer counts once in each period. The chance is that of so many or more customers in this period, were each of all
    five periods as likely.
    """
    if scope.date_from is None or scope.date_to is None:
        raise ValueError("a period without a first and a last day has none before it")
    here = ideas.among(version, Scope(where=scope.where))
    frame = whole.ideas.filter(pl.col("theme").is_not_null()).join(
        here, on=["source", "suggestion_id"], how="semi"
    )
    length = (scope.date_to - scope.date_from).days + 1
    earliest = scope.date_from - timedelta(days=PERIODS_BEFORE * length)
    is_now = pl.col("dated_on").is_between(scope.date_from, scope.date_to)
    is_before = pl.col("dated_on").is_between(earliest, scope.date_from, closed="left")
    period = (pl.lit(scope.date_from) - pl.col("dated_on") - pl.duration(days=1)).dt.total_days() // length
    told = (
        frame.filter(pl.col("dated_on") <= scope.date_to)
        .with_columns(period=pl.when(is_now).then(-1).otherwise(period))
        .group_by("theme")
        .agg(
            count_now=pl.col("customer").filter(is_now).n_unique(),
            count_before=pl.struct("customer", "period").filter(is_before).n_unique(),
            count_earlier=pl.col("customer").filter(pl.col("dated_on") < scope.date_from).n_unique(),
            count_known=pl.col("customer").n_unique(),
            statuses=pl.col("status"),
        )
        .filter(pl.col("count_now") > 0)
        .sort("theme")
    )
    rows = told.to_dicts()
    stands = holm([_chance(row["count_now"], row["count_before"]) for row in rows])
    found = []
    for row, grows in zip(rows, stands, strict=True):
        joined = row["count_known"] - row["count_earlier"]
        is_new = row["count_earlier"] < FEWEST_CUSTOMERS <= row["count_known"] and joined >= FEWEST_NOW
        status = idea_status.of_theme(idea_status.counted(row["statuses"]))
        if (
            (is_new or (grows and row["count_now"] >= FEWEST_NOW))
            and status not in SETTLED
            and row["theme"] in whole.names
        ):
            found.append(
                Growth(
                    row["theme"],
                    whole.names[row["theme"]],
                    is_new,
                    row["count_now"],
                    row["count_before"],
                    row["count_earlier"],
                    row["count_known"],
                    status,
                )
            )
    return tuple(sorted(found, key=lambda one: (not one.is_new, -one.count_now, one.theme)))


def _chance(now: int, before: int) -> float:
    """The chance of `now` or more of all in one of five periods that are as likely each."""
    share, n = 1 / (PERIODS_BEFORE + 1), now + before
    below = sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(now))
    return max(0.0, 1.0 - below)
