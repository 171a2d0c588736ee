"""What service costs and what is at stake: assumptions times counts of conversations, each figure as a range.

A range holds both what was assumed (low to high) and, where a count is a share of those of whom it is known, the 95 %
interval of that share (metrics/figures.py, widened where one customer has many conversations). Counts of a period are
otherwise exact: the period is all there is. Errors of reading are not in the ranges. Cost is spread evenly over the
conversations of the period: that one costs more than another is not claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal

from metrics import registry
from metrics.contrast import asked
from metrics.contrast.assumptions import BY_KEY
from metrics.contrast.money_lines import Line, formulas, lines
from metrics.contrast.ranges import Formula, Range, computed, exactly
from metrics.contrast.stakes import CLASSES, Stakes, measured, stakes
from metrics.measure import Unit
from metrics.totals import Scope, rows_sql, totals_of
from metrics.validity import Precision
from warehouse.rights import Area
from warehouse.store import Version

DAYS_PER_MONTH: Final = 365.25 / 12
MINUTES_PER_HOUR: Final = 60
Kind = Unit | Literal["money", "number"]


@dataclass(frozen=True)
class Input:
    """One number that figures are made of: its name, title, unit and range; `column` leads to what is behind a count.

    is_assumed: typed by a person; else counted in the conversations.
    """

    name: str
    title: str
    unit: Kind
    range: Range
    is_assumed: bool = False
    column: str | None = None


@dataclass(frozen=True)
class Money:
    """The figures of a period: inputs and formulas by name in the order of their making, and all values."""

    count: int
    months: float
    currency: str | None  # of the accounts; null where no account has a value
    stakes: Stakes
    inputs: dict[str, Input]
    formulas: dict[str, Formula]
    values: dict[str, Range]
    lines: tuple[Line, ...]


# Of the conversations that ended in the scope, what a helpdesk's own figures tell; null where none was rated, or none can
# have been opened again.
_COUNTS: Final = """
SELECT count(*) AS n, count(*) FILTER (status IN ('solved', 'closed')) AS solved, count_if(is_satisfied = false) AS rated_bad,
    count_if({reopened}) AS reopened, count_if(is_readable) AS readable
FROM ({chosen})
"""
# Name of the count, column, what it counts.
_SHARES: Final = (
    ("share_confirmed", "is_ended_confirmed", "confirmed as solved by the customer, share"),
    ("count_restored", "is_trust_restored", "trust restored"),
    ("count_worse", "left_worse", "left worse"),
    ("count_back", "has_come_back", "came back about the same thing"),
)


def months_in(scope: Scope) -> float:
    """How many months a period is: whole calendar months count as 1 each, other periods by their days (30.44 a month)."""
    if scope.date_from is None or scope.date_to is None:
        return 0.0
    after = scope.date_to + timedelta(days=1)
    if scope.date_from.day == 1 and after.day == 1:
        return float((after.year - scope.date_from.year) * 12 + after.month - scope.date_from.month)
    return (after - scope.date_from).days / DAYS_PER_MONTH


def money(
    version: Version,
    scope: Scope,
    assumed: Mapping[str, Range],
    *,
    least: int = 30,
    precision: Precision | None = None,
) -> Money:
    """The figures of the conversations that ended in the scope. Raises NotAllowed where the role does not include them.

    `least` is the n below which a cost that rests on a share is not told.
    """
    version.rights.check(Area.MONEY)
    chosen, bound = rows_sql(scope, "ticket", "ended_at", ())
    reopened = "is_reopened" if "is_reopened" in measured(version) else "NULL::BOOLEAN"
    counts = version.query(_COUNTS.format(chosen=chosen, reopened=reopened), bound).row(0, named=True)
    if scope.where:
        every, values_of_every = rows_sql(replace(scope, where={}), "ticket", "ended_at", (), "source")
        counts["everybody"] = version.query(f"SELECT count(*) FROM ({every})", values_of_every).item()
    shares = {row["column"]: row for row in _totals(version, scope)}
    found = stakes(version, scope)
    inputs = _inputs(version, scope, counts, shares, found, least)
    inputs |= _assumed(assumed)
    made = formulas(set(inputs))
    values = {name: one.range for name, one in inputs.items()}
    for name, formula in made.items():
        value = computed(formula, values)
        if value is not None:
            values[name] = value
    return Money(
        count=int(counts["n"] or 0),
        months=months_in(scope),
        currency=found.currency,
        stakes=found,
        inputs=inputs,
        formulas=made,
        values=values,
        lines=lines(counts, shares, found, set(inputs), set(values), precision),
    )


def _totals(version: Version, scope: Scope) -> list[dict[str, Any]]:
    names = [column for _, column, _ in _SHARES if column in registry.names()]
    return asked.totals(version, names, scope).to_dicts()


def _inputs(
    version: Version,
    scope: Scope,
    counts: Mapping[str, int | None],
    shares: Mapping[str, dict[str, Any]],
    found: Stakes,
    least: int,
) -> dict[str, Input]:
    """What was counted; a count that is nothing, or rests on too few, is left out."""
    inputs: dict[str, Input] = {}

    def add(name: str, title: str, unit: Kind, value: Range, column: str | None = None) -> None:
        if value.high > 0:
            inputs[name] = Input(name, title, unit, value, column=column)

    add("minutes_per_hour", "Minutes in an hour", "number", exactly(MINUTES_PER_HOUR))
    add("months", "Months in the period", "number", exactly(months_in(scope)))
    add("count_all", "Conversations that ended in the period", "count", exactly(counts["n"] or 0))
    add(
        "count_everybody",
        "Conversations that ended in the period, whatever the filters",
        "count",
        exactly(counts.get("everybody") or 0),
    )
    add("count_solved", "of these solved or closed", "count", exactly(counts["solved"] or 0))
    add("count_readable", "of these that could be read", "count", exactly(counts["readable"] or 0))
    add(
        "count_rated_bad",
        "of these rated not satisfied",
        "count",
        exactly(counts["rated_bad"] or 0),
        "is_satisfied",
    )
    add("count_reopened", "of these opened again", "count", exactly(counts["reopened"] or 0), "is_reopened")
    for name, column, title in _SHARES:
        row = shares.get(column)
        if row is None or row["value"] is None or row["n"] < least or row["low"] is None:
            continue
        ends = Range(row["low"], row["value"], row["high"])
        if name.startswith("share"):
            add(name, f"Of {row['n']:,} conversations: {title}", "share", ends, column)
        else:
            scaled = Range(*(end * row["n"] for end in ends))
            add(name, f"Of {row['n']:,} conversations: {title}", "count", scaled, column)
    handled = _handle_minutes(version, scope)
    if handled is not None:
        value, n = handled
        add(
            "handle_measured",
            f"Minutes of work on a conversation, mean of {n:,}",
            "minutes",
            value,
            "handle_minutes",
        )
    for one in CLASSES:
        part = found.by_class[one.name]
        add(
            f"customers_{one.name}",
            f"Customers who {one.words}, without a value of their own",
            "count",
            exactly(part.count_without_value),
        )
        add(f"known_{one.name}", f"Yearly value of accounts that {one.words}", "money", exactly(part.value))
    add(
        "customers_rated_bad",
        "Customers who rated not satisfied, without a value of their own",
        "count",
        exactly(found.rated_bad.count_without_value),
    )
    add(
        "known_rated_bad",
        "Yearly value of accounts that rated not satisfied",
        "money",
        exactly(found.rated_bad.value),
    )
    return inputs  # fmt: skip


def _handle_minutes(version: Version, scope: Scope) -> tuple[Range, int] | None:
    """The mean handle time that the helpdesk exported, with its interval; null where it exported none."""
    if "handle_minutes" not in registry.names():
        return None
    measure, column = registry.find("handle_minutes")
    # Minutes times conversations are hours only of a mean, which the median that stands elsewhere is not.
    row = next(iter(totals_of(version, [(measure, replace(column, total="mean"))], scope).to_dicts()), None)
    if row is None or row["value"] is None:
        return None
    low = max(row["low"] or 0.0, 0.0) if row["low"] is not None else row["value"]
    return Range(low, row["value"], row["high"] if row["high"] is not None else row["value"]), int(row["n"])


def _assumed(assumed: Mapping[str, Range]) -> dict[str, Input]:
    return {
        key: Input(key, BY_KEY[key].title, BY_KEY[key].unit, value, is_assumed=True)
        for key, value in assumed.items()
    }
