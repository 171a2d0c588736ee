"""The figure of everybody whom a survey asked, as a model estimates it: stated apart from what customers answered.

Made by augmented inverse-probability weighting (metrics/contrast/augmented.py) of what can be seen of a conversation: moods,
how it ended, waits, reopenings, channel, team. Of more than MOST conversations about that many are taken, chosen by a hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from metrics.contrast.augmented import LEAST_CHANCE, Augmented, augmented, can_be_tried
from metrics.contrast.surveyed import UNITS, Survey, asked_sql, count_asked
from metrics.prediction import Flags, Numbers, scale_of, scaled
from metrics.totals import Scope
from warehouse.settings import Settings
from warehouse.store import Version

MOST: Final = 10_000  # conversations that the estimate is made of, give or take what chance does
FEWEST: Final = 200  # answers
FEWEST_OF_EACH: Final = 20  # of each answer, and silent
FEWEST_CUSTOMERS: Final = 20
MOST_THIN: Final = 0.05  # of the conversations may have hardly a chance to be answered
FEWEST_EFFECTIVE: Final = 50  # answers of equal weight that the weighted ones count as
MOST_VALUES: Final = 12  # of a dimension that are told apart, the most frequent first
FEWEST_OF_VALUE: Final = 30

# What a model may see. Nothing here reads the comment of a survey: it is there only where somebody answered.
FIGURES: Final[dict[str, str]] = {
    **{name: f"{name}::DOUBLE" for name in (
        "mood_on_arrival", "mood_after_answer", "left_better", "left_worse", "is_heard_after_last_answer",
        "is_ended_confirmed", "is_ended_next_step", "is_ended_open", "is_ended_unknown", "has_chased", "is_made_to_repeat",
        "is_asked_again", "is_closed_while_waiting", "predicted_recommend", "predicted_satisfaction", "is_reopened",
        "is_handed_over", "is_answered_by_bot", "is_answered_by_ai", "is_answered_by_both",
    )},
    **{name: f"ln(1 + greatest({name}, 0))::DOUBLE" for name in (
        "longest_wait_minutes", "resolution_minutes", "requester_wait_minutes", "handle_minutes", "count_replies",
        "count_customer_messages",
    )},
}  # fmt: skip
SQUARED: Final = ("mood_on_arrival", "mood_after_answer")  # the very glad and the very angry both answer more
NAMED: Final = ("channel", "team", "priority")


@dataclass(frozen=True)
class Everybody:
    """The estimate for everybody whom a survey asked about a conversation, in the unit of the figure (net: -100 to 100).

    value, low, high are null where it is off; `why` then says so in words. plain is the same figure of those who answered.
    of: how many conversations it is told of, before any were chosen.
    """

    value: float | None
    low: float | None
    high: float | None
    plain: float | None
    why: str
    of: int
    found: Augmented | None = None


def everybody(version: Version, scope: Scope, survey: Survey, settings: Settings) -> Everybody:
    """The estimate for this scope, or why there is none."""
    rows, count = _rows(version, scope, survey, settings)
    answered = rows["is_answered"].to_numpy().astype(np.bool_)
    outcome = rows["outcome"].fill_null(0).to_numpy().astype(np.float64)
    scale = 100.0 if UNITS[survey] == "net" else 1.0
    plain = scale * float(outcome[answered].mean()) if answered.any() else None
    customers = rows["cluster"].to_numpy()
    parts = _parts(outcome, survey)
    if reason := _too_little(answered, parts, customers):
        return Everybody(None, None, None, plain, reason, count)
    found = augmented(_seen(rows), answered, parts, customers)
    reason = _no_overlap(found)
    if reason or found.mean.low is None or found.mean.high is None:
        return Everybody(None, None, None, plain, reason, count, found)
    least, most = (-scale if UNITS[survey] == "net" else 0.0), scale
    value, low, high = (
        float(np.clip(scale * one, least, most))
        for one in (found.mean.value, found.mean.low, found.mean.high)
    )
    return Everybody(value, low, high, plain, "", count, found)


def _rows(version: Version, scope: Scope, survey: Survey, settings: Settings) -> tuple[pl.DataFrame, int]:
    """What is known of each conversation, at most MOST of them, and how many there are."""
    facts = version.query("SELECT column_name FROM duckdb_columns() WHERE table_name = 'ticket_facts'")
    known = set(facts["column_name"])
    figures = {name: sql for name, sql in FIGURES.items() if name in known}
    names = [name for name in NAMED if name in known]
    count = count_asked(version, scope, survey, with_conversation=True)
    share = MOST / count if count > MOST else None
    sql, params = asked_sql(version, scope, survey, settings, share=share, also=[*figures, *names])
    seen = ", ".join([*(f"{sql} AS {name}" for name, sql in figures.items()), *names])
    rows = version.query(
        f"{sql} SELECT is_answered, outcome, cluster, {seen} FROM asked WHERE ticket_id IS NOT NULL"
        " ORDER BY chosen_by, ticket_source, ticket_id",
        params,
    )
    return rows, rows.height if share is None else count


def _parts(outcome: Numbers, survey: Survey) -> list[tuple[float, Flags]]:
    """What an answer is the sum of: satisfied; or promoter less detractor."""
    return [(1.0, outcome > 0)] if survey == "csat" else [(1.0, outcome > 0), (-1.0, outcome < 0)]


def _seen(rows: pl.DataFrame) -> Numbers:
    """A row a conversation: figures scaled, whether each is measured, and one column a frequent value of a name."""
    figures = rows.select(
        *(pl.col(name).cast(pl.Float64) for name in FIGURES if name in rows.columns),
        *((pl.col(name) ** 2).alias(f"{name} squared") for name in SQUARED if name in rows.columns),
    )
    numbers = figures.fill_null(float("nan")).to_numpy()
    columns = [scaled(numbers, scale_of(numbers))]
    for name in NAMED:
        if name in rows.columns:
            counts = rows[name].drop_nulls().value_counts(sort=True).head(MOST_VALUES)
            frequent = counts.filter(pl.col("count") >= FEWEST_OF_VALUE)[name].sort()
            columns += [(rows[name] == value).fill_null(False).to_numpy()[:, None] for value in frequent]
    seen = np.hstack(columns).astype(np.float64)
    # What is measured together, or nowhere else, is told once.
    first = {
        column.tobytes(): place for place, column in reversed(list(enumerate(seen.T))) if column.std() > 0
    }
    return np.ascontiguousarray(seen[:, sorted(first.values())])


def _too_little(answered: Flags, parts: list[tuple[float, Flags]], customers: Any) -> str:
    """Why nothing can be estimated, in words; empty where it can."""
    count, silent = int(answered.sum()), int((~answered).sum())
    if count < FEWEST:
        return f"Off: {count:,} answers about a conversation; it takes {FEWEST}."
    if silent < FEWEST_OF_EACH:
        return f"Off: only {silent:,} did not answer, so that those who did speak for nearly all."
    least = min(min(int((answered & holds).sum()), int((answered & ~holds).sum())) for _, holds in parts)
    if least < FEWEST_OF_EACH:
        return f"Off: it takes {FEWEST_OF_EACH} answers of each kind; of one kind there are {least}."
    if len(np.unique(customers)) < FEWEST_CUSTOMERS:
        return f"Off: fewer than {FEWEST_CUSTOMERS} customers were asked."
    told = [(answered, np.ones(len(answered), np.bool_)), *((holds, answered) for _, holds in parts)]
    if not all(can_be_tried(holds, among, customers) for holds, among in told):
        return "Off: too few customers answered, or too few did not, to try the model on others."
    return ""


def _no_overlap(found: Augmented) -> str:
    """Why the silent are too unlike those who answered to be told from them, in words; empty where they are not."""
    if found.share_thin > MOST_THIN:
        share = round(100 * found.share_thin)
        return (
            f"Off: {share} % of the conversations are of a sort that hardly anybody answers about (a chance below"
            f" {LEAST_CHANCE * 100:g} %), so that nothing that was answered speaks for them."
        )
    if found.effective < FEWEST_EFFECTIVE:
        return f"Off: too much would rest on few answers: weighted, they count as {found.effective:.0f}; it takes {FEWEST_EFFECTIVE}."
    return ""
