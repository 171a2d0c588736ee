"""A figure by group, as it is and against similar conversations.

Direct standardisation: a figure is taken in each stratum of conversations that are alike (arrival mood, topic, channel,
language), and the strata are put together in the mix of the whole scope. A hard queue then counts no more against one
group than against another. Beside each group stand all others in the same strata at the same weights. The weights are
taken as given. What the strata do not hold alike can still differ: nothing here says why two groups differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from scipy.special import ndtri

from metrics.by_customer import is_median
from metrics.contrast import strata, weighted
from metrics.contrast.difference import LEVEL, NORMAL_95, Estimate, difference
from metrics.contrast.medians import group_label, medians
from metrics.contrast.strata import Cells
from metrics.intervals import Array
from metrics.measure import Column, Measure
from metrics.totals import Scope, totals_of
from warehouse.store import Version

# What conversations are alike in where nobody chose: the first of these that can compare enough of them.
LADDER: Final = (
    ("mood", "topic", "channel", "language"),
    ("mood", "topic", "channel"),
    ("mood", "topic"),
    ("mood", "channel", "language"),
    ("mood", "channel"),
    ("mood",),
)
ENOUGH: Final = 0.6  # of the conversations, over all groups of enough rows
MOST_NAMED: Final = 3  # strata that are named as not compared

FRAME: Final = pl.Schema(
    {
        "group": pl.String(), "n": pl.Int64(), "raw": pl.Float64(), "raw_low": pl.Float64(), "raw_high": pl.Float64(),
        "similar": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "others": pl.Float64(), "compared": pl.Float64(),
        "change": pl.Float64(), "change_low": pl.Float64(), "change_high": pl.Float64(), "chance": pl.Float64(),
        "noise_low": pl.Float64(), "noise_high": pl.Float64(), "is_beyond": pl.Boolean(), "not_compared": pl.List(pl.String()),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Similar:
    """A column by group. `frame` has a row a group, the largest first (FRAME).

    raw: the group's own figure, as metrics/totals.py tells it. similar: its figure in the mix of the whole scope, over the strata
    in which it and the others have enough rows; others: all other conversations over the same strata; compared: the share
    of the scope's conversations that these strata hold; not_compared: the largest of the rest, in words. change: similar
    minus others with its 95 % interval, and the chance of it from noise. noise_low, noise_high: where the group would lie
    by noise alone, corrected for all groups looked at (Holm, 5 %); is_beyond: whether it lies outside. All that is
    compared is null in a group with fewer than `too_few` rows, or of which nothing can be compared.
    """

    measure: Measure
    column: Column
    by: str
    alike: tuple[str, ...]
    frame: pl.DataFrame
    value: float | None  # of the whole scope
    n: int
    count_compared: int  # groups, of all columns that were looked at together

    @property
    def shown(self) -> pl.DataFrame:
        """The groups that can be compared."""
        return self.frame.filter(pl.col("similar").is_not_null())

    @property
    def compared_on(self) -> tuple[float, float]:
        """The least and the greatest share of conversations on which a group is compared; 0 where none is."""
        shares = self.shown["compared"].to_list()
        return min(shares, default=0.0), max(shares, default=0.0)

    @property
    def in_words(self) -> str:
        """What conversations are alike in: "mood on arrival, channel and language"."""
        names = [strata.ALIKE[name] for name in self.alike]
        return (
            names[0]
            if len(names) == 1
            else f"{', '.join(names[:-1])} and {names[-1]}"
            if names
            else "nothing"
        )


def similar(
    version: Version,
    columns: Sequence[str],
    scope: Scope,
    by: str,
    alike: Sequence[str] = (),
    *,
    too_few: int = 30,
) -> tuple[Similar, ...]:
    """These columns by group, against similar conversations; what is not in the facts of this version is left out.

    `by` is one of metrics/groupings.py, `alike` the names of strata.ALIKE that conversations are held alike in; none:
    for each column the first step of LADDER in which it compares ENOUGH of the conversations, else the last. The correction runs over all
    groups of all columns together. A group that has several tags counts in each; the others are then those without it.
    Raises HeardError or NoData on unknown names.
    """
    asked = [strata.ask(column, scope, by, alike or LADDER[0]) for column in columns]
    asked = [
        one
        for one in asked
        if strata.is_known(version, one) and one.column.total not in ("sum", "per_day", "stock_median")
    ]
    found = [strata.cells(version, one) for one in asked]
    if not alike:
        found = [strata.coarser(one, _step(one, too_few)) for one in found]
    return _corrected([_compared(version, one, too_few) for one in found])


def _step(found: Cells, too_few: int) -> tuple[str, ...]:
    """The finest step of the ladder at which a column compares enough."""
    n = found.n.sum(axis=1)
    rows = np.where(n >= too_few, n, 0.0)
    for step in LADDER:
        _, share = strata.weights(strata.coarser(found, step))
        if rows.sum() > 0 and (share * rows).sum() / rows.sum() >= ENOUGH:
            return step
    return LADDER[-1]


def _compared(version: Version, found: Cells, too_few: int) -> Similar:
    column = found.asked.column
    weight, share = strata.weights(found)
    n = found.n.sum(axis=1)
    weight = np.where((n >= too_few)[:, None], weight, 0.0)
    if is_median(column):
        raw, own, rest = medians(version, found, weight)
    else:
        raw, own, rest = _means(version, found, weight)
    rows = []
    for line, group in enumerate(found.groups):
        is_told = bool(n[line] >= too_few and share[line] > 0 and np.isfinite(own[0][line]))
        mine, theirs = _estimate(own, line, n[line]), _estimate(rest, line, found.all_n.sum() - n[line])
        moved = difference(mine, theirs) if is_told else None
        rows.append(
            {
                "group": group_label(found.asked, group), "n": int(n[line]),
                "raw": _known(raw[0][line]), "raw_low": _known(raw[1][line]), "raw_high": _known(raw[2][line]),
                "similar": mine.value if is_told else None, "low": mine.low if is_told else None,
                "high": mine.high if is_told else None, "others": theirs.value if is_told else None,
                "compared": float(share[line]) if is_told else None,
                "change": moved.change if moved else None, "change_low": moved.low if moved else None,
                "change_high": moved.high if moved else None, "chance": moved.chance if moved else None,
                "not_compared": _missing(found, weight[line]) if is_told else [],
            }
        )  # fmt: skip
    value = _whole(version, found)
    frame = pl.DataFrame(rows, schema=FRAME).sort(["n", "group"], descending=[True, False])
    asked = found.asked
    return Similar(asked.measure, column, asked.by, asked.alike, frame, value, int(found.all_n.sum()), 0)


def _means(version: Version, found: Cells, weight: Array) -> tuple[weighted.Figures, ...]:
    column, n = found.asked.column, found.n
    rows = n.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(n > 0, found.total / n, 0.0)
        each = np.where(n > 1, weight / n * np.sqrt(n / (n - 1)), 0.0)
    variance, effect, customers = strata.clustered(version, found, own, each)
    whole = np.full(len(rows), float((effect * rows).sum() / rows.sum()) if rows.sum() else 1.0)
    unknown = np.full(len(rows), np.nan)
    raw = weighted.plain(column, rows, found.total.sum(axis=1), found.squares.sum(axis=1), customers, effect)
    similar_ = weighted.means(column, weight, n, found.total, found.squares, variance, effect)
    rest = weighted.means(
        column,
        weight,
        found.all_n - n,
        found.all_total - found.total,
        found.all_squares - found.squares,
        unknown,
        whole,
    )
    return raw, similar_, rest


def _whole(version: Version, found: Cells) -> float | None:
    """The figure of the whole scope."""
    n = found.all_n.sum()
    if not n:
        return None
    if is_median(found.asked.column):
        row = totals_of(version, [(found.asked.measure, found.asked.column)], found.asked.scope).row(
            0, named=True
        )
        return None if row["value"] is None else float(row["value"])
    return float(found.all_total.sum() / n) * (weighted.NET if found.asked.column.total == "net" else 1.0)


def _corrected(told: Sequence[Similar]) -> tuple[Similar, ...]:
    """Holm's steps over all groups of all columns, and the bounds of noise that belong to each step."""
    chances = sorted(chance for one in told for chance in one.frame["chance"].drop_nulls())
    count = len(chances)
    stands = 0
    while stands < count and chances[stands] <= LEVEL / (count - stands):
        stands += 1
    done = []
    for one in told:
        rows = []
        for row in one.frame.to_dicts():
            if row["chance"] is not None:
                rank = min(chances.index(row["chance"]), stands)
                wide = float(ndtri(1 - LEVEL / (count - min(rank, count - 1)) / 2)) / NORMAL_95
                row["noise_low"] = row["others"] - wide * (row["change_high"] - row["change"])
                row["noise_high"] = row["others"] + wide * (row["change"] - row["change_low"])
                row["is_beyond"] = chances.index(row["chance"]) < stands
            rows.append(row)
        done.append(replace(one, frame=pl.DataFrame(rows, schema=FRAME), count_compared=count))
    return tuple(done)


def _missing(found: Cells, weight: Array) -> list[str]:
    """The largest strata that are not compared, in words."""
    left = [place for place in np.argsort(-found.all_n, kind="stable") if weight[place] == 0][:MOST_NAMED]
    return [strata.in_words(found.asked, found.strata[place]) for place in left]


def _estimate(figures: weighted.Figures, line: int, n: float) -> Estimate:
    value, low, high = (_known(one[line]) for one in figures)
    return Estimate(value, low, high, int(n))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
