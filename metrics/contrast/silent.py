"""Whom a survey does not hear: who answers by how the conversation ended, and what is known of those who do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from metrics import intervals
from metrics.contrast.bounds import Bounds
from metrics.contrast.difference import Estimate
from metrics.contrast.surveyed import (
    SORTS,
    UNHAPPY,
    UNITS,
    Sort,
    Survey,
    asked_sql,
    count_asked,
    grain_of,
    is_asked_known,
)
from metrics.tally import EXACT_ROWS
from metrics.totals import Scope, has_sample
from warehouse.settings import Settings
from warehouse.store import Version

BIN: Final = 0.1  # of mood
SUMS: Final = ("n", "k", "squares", "clusters", "n_n", "n_k", "k_k")


@dataclass(frozen=True)
class Rate:
    """Of the conversations of a sort, the share whose customer answered: value, 95 % interval, n, and how many did."""

    sort: Sort
    answered: Estimate
    count_answered: int


@dataclass(frozen=True)
class Silence:
    """Who answered a survey and who did not.

    is_asked_known: the data name the surveys that nobody answered. rate: the share that answered. figure: what those who
    answered give, in the unit of the figure. rates: those sorts of which there is a conversation.
    moods: the mood after our answer of those who answered and of the silent. histogram: columns mood (lower end of a bin of
    BIN), count_answered, count_silent, share_answered, share_silent (of each side), from the lowest.
    """

    survey: Survey
    is_asked_known: bool
    bounds: Bounds
    rate: Estimate
    figure: Estimate
    rates: tuple[Rate, ...]
    count_unhappy: int  # silent and unhappy, or warning
    mood_answered: Estimate
    mood_silent: Estimate
    histogram: pl.DataFrame


def silence(version: Version, scope: Scope, survey: Survey, settings: Settings) -> Silence:
    """Who answered the survey in the scope and who did not, by how their conversations ended."""
    sql, params = asked_sql(version, scope, survey, settings)
    sorts = [*SORTS, Sort(UNHAPPY, "", "", UNHAPPY, "")]
    rows = version.query(f"{sql}, {_sums(sorts)}", params)
    is_large = count_asked(version, scope, survey) > EXACT_ROWS
    is_sample = is_large and has_sample(version, grain_of(version, survey))
    if is_sample:
        sql, params = asked_sql(version, scope, survey, settings, is_sample=True)
    alike = version.query(f"{sql}, {_sums_by_customer(sorts, is_sample)}", params)
    bins = rows.filter(pl.col("bin").is_not_null()).sort("bin")
    row = rows.filter(pl.col("bin").is_null()).row(0, named=True) | alike.row(0, named=True)
    found = [_rate(row, f"s{place}") for place in range(len(sorts))]
    rate, count_answered = _rate(row, "every")
    return Silence(
        survey=survey,
        is_asked_known=is_asked_known(version, survey),
        bounds=Bounds(UNITS[survey], rate.n, count_answered, int(row["figure_k"] or 0)),
        rate=rate,
        figure=_figure(row, survey),
        rates=tuple(
            Rate(sort, estimate, count)
            for sort, (estimate, count) in zip(sorts, found, strict=True)
            if sort.family and estimate.n
        ),
        count_unhappy=found[-1][0].n - found[-1][1],
        mood_answered=_mood(row, "mood_yes"),
        mood_silent=_mood(row, "mood_no"),
        histogram=_histogram(bins),
    )


def _flags(sorts: Sequence[Sort]) -> dict[str, str]:
    """What is asked of every conversation, as SQL: whether it is of a sort."""
    return {
        "every": "true",
        **{f"s{place}": f"coalesce({sort.condition}, false)" for place, sort in enumerate(sorts)},
    }


_VALUES: Final = {
    "figure": "outcome",  # null where silent
    "mood_yes": "CASE WHEN is_answered THEN mood_after_answer END",
    "mood_no": "CASE WHEN NOT is_answered THEN mood_after_answer END",
}


def _told(sorts: Sequence[Sort]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in {**_flags(sorts), **_VALUES}.items())


def _each(sorts: Sequence[Sort]) -> str:
    """n, k (those who answered, or the sum) and, of values, squares of all that is asked."""
    flags = [
        f"count_if({name})::DOUBLE AS {name}_n, count_if({name} AND is_answered)::DOUBLE AS {name}_k"
        for name in _flags(sorts)
    ]
    values = [
        f"count({name})::DOUBLE AS {name}_n, coalesce(sum({name}), 0)::DOUBLE AS {name}_k,"
        f" coalesce(sum({name} * {name}), 0)::DOUBLE AS {name}_squares"
        for name in _VALUES
    ]
    return ", ".join([*flags, *values])


def _sums(sorts: Sequence[Sort]) -> str:
    """The rest of the query: one row of sums (bin null), and a row for each bin of mood."""
    return f"""
        told AS MATERIALIZED (SELECT is_answered, mood_after_answer AS mood, {_told(sorts)} FROM asked)
        SELECT NULL::BIGINT AS bin, NULL::BIGINT AS count_answered, NULL::BIGINT AS count_silent, {_each(sorts)} FROM told
        UNION ALL BY NAME
        SELECT least(floor(mood / {BIN} + 1e-9), {round(1 / BIN) - 1})::BIGINT AS bin,
            count_if(is_answered)::BIGINT AS count_answered, count_if(NOT is_answered)::BIGINT AS count_silent
        FROM told WHERE mood IS NOT NULL GROUP BY ALL
    """


def _sums_by_customer(sorts: Sequence[Sort], is_sample: bool) -> str:
    """The rest of the query: one row of the sums over customers that a design effect is made of."""
    weight = "any_value(weight)" if is_sample else "1"
    outer = ", ".join(
        f"sum(weight * {name}_n) AS {name}_alike_n, sum(weight * {name}_k) AS {name}_alike_k,"
        f" sum(weight * {f'{name}_squares' if name in _VALUES else f'{name}_k'}) AS {name}_alike_squares,"
        f" sum(weight) FILTER ({name}_n > 0)::DOUBLE AS {name}_alike_clusters, sum(weight * {name}_n * {name}_n) AS {name}_alike_n_n,"
        f" sum(weight * {name}_n * {name}_k) AS {name}_alike_n_k, sum(weight * {name}_k * {name}_k) AS {name}_alike_k_k"
        for name in (*_flags(sorts), *_VALUES)
    )
    return f"""
        told AS (SELECT *, {_told(sorts)} FROM asked),
        customers AS (SELECT {weight} AS weight, {_each(sorts)} FROM told GROUP BY cluster)
        SELECT {outer} FROM customers
    """


def _rate(row: dict[str, Any], name: str) -> tuple[Estimate, int]:
    """The share that answered and how many did."""
    n, total = (np.array([row[f"{name}_{part}"] or 0.0]) for part in ("n", "k"))
    if not n[0]:
        return Estimate(None, None, None, 0), 0
    effect, _ = _effect(row, name)
    low, high = intervals.wilson(total, n, effect)
    return Estimate(float(total[0] / n[0]), float(low[0]), float(high[0]), int(n[0])), int(total[0])


def _figure(row: dict[str, Any], survey: Survey) -> Estimate:
    """What those who answered give: the share satisfied, or 100 times promoters less detractors."""
    n, total, squares = (np.array([row[f"figure_{part}"] or 0.0]) for part in ("n", "k", "squares"))
    if not n[0]:
        return Estimate(None, None, None, 0)
    effect, _ = _effect(row, "figure")
    if UNITS[survey] == "share":
        value, (low, high) = total / n, intervals.wilson(total, n, effect)
    else:
        up, down = (squares + total) / 2, (squares - total) / 2
        value, (low, high) = 100 * total / n, intervals.net(up, down, n, effect)
    return Estimate(float(value[0]), float(low[0]), float(high[0]), int(n[0]))


def _mood(row: dict[str, Any], name: str) -> Estimate:
    n, total, squares = (np.array([row[f"{name}_{part}"] or 0.0]) for part in ("n", "k", "squares"))
    if not n[0]:
        return Estimate(None, None, None, 0)
    effect, clusters = _effect(row, name)
    mean = total / n
    low, high = (float(end[0]) for end in intervals.student(mean, squares - n * mean**2, n, clusters, effect))
    is_told = not np.isnan(low)
    return Estimate(float(mean[0]), low if is_told else None, high if is_told else None, int(n[0]))


def _effect(row: dict[str, Any], name: str) -> tuple[intervals.Array, intervals.Array]:
    """How much wider the interval is because a customer's rows are alike, and of how many customers there are rows."""
    one = {part: np.array([row[f"{name}_alike_{part}"] or 0.0]) for part in SUMS}
    n = np.array([row[f"{name}_n"]])
    if not one["n"][0]:  # a sample of customers may hold none of them
        return np.ones(1), n
    many = {
        "n": one["n"], "total": one["k"], "squares": one["squares"], "count": one["clusters"], "n_n": one["n_n"],
        "n_total": one["n_k"], "total_total": one["k_k"],
    }  # fmt: skip
    effect, clusters = intervals.design_effect(one["n"], one["k"], one["squares"], many)
    return effect, clusters * n / one["n"]


def _histogram(bins: pl.DataFrame) -> pl.DataFrame:
    """Every bin from the lowest mood that there is to the highest, those without a conversation too."""
    counts = pl.col("count_answered", "count_silent")
    if bins.height:
        every = pl.int_range(pl.lit(bins["bin"].min()), pl.lit(bins["bin"].max()) + 1).alias("bin")
        bins = (
            pl.select(every)
            .join(bins, on="bin", how="left", maintain_order="left")
            .with_columns(counts.fill_null(0))
        )
    return bins.select(
        (pl.col("bin") * BIN).round(2).alias("mood"),
        counts,
        (counts / counts.sum()).fill_nan(0.0).name.replace("count_", "share_"),
    )
