"""How much the rows of one customer resemble each other: the sums over customers that a design effect is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.intervals import Array
from metrics.measure import Column

# Of the customers of a group, each with n rows whose values sum up to total (intervals.design_effect).
MANY: Final = ("count", "n", "total", "squares", "n_n", "n_total", "total_total")


@dataclass(frozen=True)
class Customers:
    """Rows in the order of their customers: the rows' groups, where each customer begins, and each column by its place.

    A value is NaN where there is none. `weight` says for how many rows each one stands, where they are a sample.
    """

    rows: pl.DataFrame
    cluster: NDArray[np.uint64]
    values: Mapping[int, Array]
    weight: Array | None


def in_order(rows: pl.DataFrame, columns: Mapping[int, Column]) -> Customers:
    """The rows of a query that names cluster (the customer), the columns, and weight where it is of a sample."""
    rows = rows.sort("cluster")
    return Customers(
        rows,
        rows["cluster"].to_numpy(),
        {place: _numbers(rows[column.name]) for place, column in columns.items()},
        _numbers(rows["weight"]) if "weight" in rows.columns else None,
    )


def many(
    customers: Customers, sums: pl.DataFrame, keys: Sequence[str], columns: Mapping[int, Column]
) -> pl.DataFrame:
    """MANY of each column beside the groups of `sums`, as many_<name>_<place>; a sample's are brought to the n of `sums`.

    A share counts its true rows, a median those at or below the middle of their group, which `sums` names.
    """
    group = _groups(customers.rows, sums, keys)
    order = np.argsort(group, kind="stable")  # by customer inside of a group, as the rows are
    order = order[: np.count_nonzero(group < sums.height)]
    if not len(order):
        return sums.with_columns(
            pl.lit(0.0).alias(f"many_{name}_{place}") for place in columns for name in MANY
        )
    group, cluster = group[order], customers.cluster[order]
    of_group = np.flatnonzero(_changes(group))
    starts = np.flatnonzero(_changes(group) | _changes(cluster))
    first_of_group = np.searchsorted(starts, of_group)
    weight = 1.0 if customers.weight is None else customers.weight[order][starts]
    found: dict[str, Array] = {}
    for place, column in columns.items():
        values = customers.values[place][order]
        is_there = ~np.isnan(values)
        if is_median(column):
            values = (values <= middles(sums, place)[group]).astype(float)
        values = np.where(is_there, values, 0.0)
        n, total = np.add.reduceat(is_there, starts, dtype=float), np.add.reduceat(values, starts)
        is_yes_no = column.total == "share" or is_median(column)
        squares = total if is_yes_no else np.add.reduceat(values**2, starts)
        each = (n > 0, n, total, squares, n * n, n * total, total * total)
        told = np.zeros((len(MANY), sums.height))
        told[:, group[of_group]] = [np.add.reduceat(weight * one, first_of_group) for one in each]
        if customers.weight is not None:
            n_hat = told[MANY.index("n")]
            told *= np.divide(_numbers(sums[f"n{place}"]), n_hat, where=n_hat > 0, out=np.zeros(sums.height))
        found |= {f"many_{name}_{place}": one for name, one in zip(MANY, told, strict=True)}
    return sums.with_columns(pl.Series(name, values) for name, values in found.items())


def _numbers(values: pl.Series) -> Array:
    return values.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where another value begins than the one before."""
    return np.concatenate(([True], values[1:] != values[:-1]))


def middles(sums: pl.DataFrame, place: int) -> Array:
    """The middle value of each group of a column that is told by it; NaN where there is none."""
    values = sums[f"values{place}"]
    if f"open{place}" in sums.columns:
        values = sums.select(
            pl.concat_list(pl.col(f"values{place}", f"open{place}").fill_null([]))
        ).to_series()
    return np.array([np.nan if one is None or not len(one) else _middle(one) for one in values])


def is_median(column: Column) -> bool:
    """Whether the column is told by its middle, for which the values themselves are needed."""
    return column.total in ("median", "waiting_median")


def _middle(values: pl.Series) -> float:
    place = (len(values) - 1) // 2
    return float(np.partition(values.to_numpy(), place)[place])


def _groups(rows: pl.DataFrame, sums: pl.DataFrame, keys: Sequence[str]) -> NDArray[Any]:
    """Which row of `sums` each row belongs to."""
    small = (
        np.uint16 if sums.height <= np.iinfo(np.uint16).max else np.uint32
    )  # numpy orders small numbers much faster
    if not keys:
        return np.zeros(rows.height, dtype=small)
    numbered = sums.select(keys).with_row_index("group")
    joined = rows.select(keys).join(
        numbered, on=list(keys), how="left", nulls_equal=True, maintain_order="left"
    )
    return joined["group"].fill_null(sums.height).to_numpy().astype(small)
