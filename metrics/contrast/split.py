"""What a change is made of: other conversations (mix), and the same conversations going otherwise (within).

After Kitagawa (1955) and, for means, Oaxaca and Blinder (1973): with a share p and a figure m of each part of the
conversations in two periods, the change is the sum of (p1 - p0) (m0 + m1) / 2, which is mix, and of (m1 - m0) (p0 + p1) / 2,
which is within. A part that only one of the periods has is mix. The two add up to the change exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from metrics import intervals, ripening
from metrics.by_customer import is_median
from metrics.contrast import strata
from metrics.contrast.strata import Cells
from metrics.contrast.weighted import NET
from metrics.intervals import Array
from metrics.measure import Column, Measure
from metrics.totals import Scope
from warehouse.store import Version

FRAME: Final = pl.Schema(
    {
        "group": pl.String(), "n_before": pl.Int64(), "n_now": pl.Int64(), "before": pl.Float64(), "now": pl.Float64(),
        "change": pl.Float64(), "mix": pl.Float64(), "within": pl.Float64(), "within_low": pl.Float64(), "within_high": pl.Float64(),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Split:
    """A change from the period before to this one. `frame` has a row for each group with rows in both periods (FRAME).

    `overall` is a row of the same fields of all conversations, of which the parts are the groups and, in each, the strata;
    `group` is empty in it. within_low and within_high: 95 % interval of what is within, widened for customers with several rows,
    the parts' shares taken as given; null where a part has too few rows for one.
    """

    measure: Measure
    column: Column
    alike: tuple[str, ...]
    overall: dict[str, Any]
    frame: pl.DataFrame


def split(
    version: Version, column: str, scope: Scope, before: Scope, by: str, alike: Sequence[str]
) -> Split | None:
    """The change of a share, a net score or a mean from the period before, over all and by group; null where a column has none.

    A median is no sum of its parts and a sum no figure of a conversation: neither is split. What still ripens is compared
    with the period before as it was known at the same age. Figures of a net score are on its scale from -100 to 100.
    """
    now = strata.ask(column, scope, by, alike)
    then = strata.ask(column, ripening.same_age(version, scope, before), by, alike)
    if (
        is_median(now.column)
        or now.column.total not in ("share", "net", "mean")
        or not strata.is_known(version, now)
    ):
        return None
    one, two = strata.cells(version, then), strata.cells(version, now)
    scale = NET if now.column.total == "net" else 1.0
    groups = [group for group in two.groups if group in one.groups]
    sides = _aligned(one, groups, two.strata), _aligned(two, groups, one.strata)
    rows = []
    variances = _variances(version, one, two, groups)
    for line, group in enumerate(groups):
        row = _row([[part[line] for part in side] for side in sides], scale, variances[line])
        if row is not None:
            rows.append({"group": group, **row})
    overall = _overall(one, two, scale)
    if overall is None:
        return None
    frame = pl.DataFrame(rows, schema=FRAME).sort(["n_now", "group"], descending=[True, False])
    return Split(now.measure, now.column, now.alike, {"group": "", **overall}, frame)


def parts(p: tuple[Array, Array], m: tuple[Array, Array]) -> tuple[float, float]:
    """Mix and within of shares and figures of the same parts before and now; a figure of a part without rows is NaN."""
    before, now = m
    before, now = np.where(np.isnan(before), now, before), np.where(np.isnan(now), before, now)
    before, now = np.nan_to_num(before), np.nan_to_num(now)
    return float(((p[1] - p[0]) * (before + now) / 2).sum()), float(
        ((now - before) * (p[0] + p[1]) / 2).sum()
    )


def _aligned(
    found: Cells, groups: Sequence[str], other: Sequence[tuple[Any, ...]]
) -> tuple[Array, Array, Array]:
    """n, total and squares of these groups over the strata of both periods, in one order."""
    every = _every(found.strata, other)
    lines = [found.groups.index(group) for group in groups]
    places = [every.index(stratum) for stratum in found.strata]
    full = np.zeros((3, len(groups), len(every)))
    for number, sums in enumerate((found.n, found.total, found.squares)):
        full[number][:, places] = sums[lines]
    return full[0], full[1], full[2]


def _every(one: Sequence[tuple[Any, ...]], two: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(set(one) | set(two), key=repr)


def _row(
    sides: Sequence[Sequence[Array]], scale: float, effect: tuple[float, float]
) -> dict[str, Any] | None:
    """The split of one change from n, total and squares of its parts before and now."""
    counts = [float(side[0].sum()) for side in sides]
    if not all(counts):
        return None
    p = [side[0] / count for side, count in zip(sides, counts, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        m = [side[1] / side[0] for side in sides]
    values = [float(side[1].sum() / count) for side, count in zip(sides, counts, strict=True)]
    mix, within = parts((p[0], p[1]), (m[0], m[1]))
    error = _error(sides, (p[0] + p[1]) / 2, effect)
    half = intervals.Z * error
    return {
        "n_before": int(counts[0]), "n_now": int(counts[1]), "before": scale * values[0], "now": scale * values[1],
        "change": scale * (values[1] - values[0]), "mix": scale * mix, "within": scale * within,
        "within_low": scale * (within - half) if np.isfinite(error) else None,
        "within_high": scale * (within + half) if np.isfinite(error) else None,
    }  # fmt: skip


def _error(sides: Sequence[Sequence[Array]], share: Array, effect: tuple[float, float]) -> float:
    """Standard error of what is within: over parts that both periods have; a single row has the spread of the whole."""
    both = (sides[0][0] > 0) & (sides[1][0] > 0)
    variance = 0.0
    for (n, total, squares), wider in zip(sides, effect, strict=True):
        whole = float((squares.sum() - total.sum() ** 2 / n.sum()) / max(n.sum() - 1, 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.where(n > 1, np.maximum(squares - total**2 / n, 0.0) / (n - 1), whole)
            variance += wider * float(np.where(both, share**2 * inside / n, 0.0).sum())
    return float(np.sqrt(variance)) if both.any() and variance > 0 else float("nan")


def _variances(version: Version, one: Cells, two: Cells, groups: Sequence[str]) -> list[tuple[float, float]]:
    """The design effects of customers with several rows: of each group before and now."""
    effects = []
    for found in (one, two):
        own = dict(zip(found.groups, strata.clustered(version, found, found.n, found.n)[1], strict=True))
        effects.append([float(own[group]) for group in groups])
    return list(zip(*effects, strict=True))


def _overall(one: Cells, two: Cells, scale: float) -> dict[str, Any] | None:
    """The change over all: its parts are the strata in each group, and those of no group."""
    groups = sorted(set(one.groups) | set(two.groups)) if one.asked.by not in ("tag", "week") else []
    every = _every(one.strata, two.strata)
    sides = []
    for found in (one, two):
        full = np.zeros((3, len(groups) + 1, len(every)))
        places = [every.index(stratum) for stratum in found.strata]
        for number, (sums, whole) in enumerate(
            ((found.n, found.all_n), (found.total, found.all_total), (found.squares, found.all_squares))
        ):
            named = np.zeros_like(whole)
            for line, group in enumerate(found.groups):
                if group in groups:
                    full[number][groups.index(group), places] = sums[line]
                    named = named + sums[line]
            full[number][-1, places] = whole - named
        sides.append([part.ravel() for part in full])
    return _row(sides, scale, (1.0, 1.0))
