"""How far each signal can be trusted: the committed table data/validity.json, in plain words, and what stays experimental.

The table is made by `python -m benchmarks.validity DIR --write` from rows that others labelled. A null counts there as
negative or 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from metrics import registry
from metrics.measure import Across, Derived, Measure, Signal
from warehouse.settings import PROJECT

TABLE: Final = PROJECT / "data" / "validity.json"
LEAST: Final = 0.6
"""Below this on its nearest data a signal is experimental: its precision, else the chance that it orders two rows rightly
(AUC), else the share of answers that are right."""
LEAST_REVIEWED: Final = 0.8
"""What a signal about agents' turns must reach on the user's own reviews before it leaves the experimental ones."""

# The share of reviewed evidence of a measure that was right; null where too little was reviewed to tell.
Precision = Callable[[str], float | None]

_WORTH: Final = ("precision", "auc", "accuracy")


@dataclass(frozen=True)
class Row:
    """How well a measure answers one label of one labelled file.

    `main` names the figure that counts there; `intervals` holds 95 % intervals of some figures; `beside` the figures of
    the trivial answer and, where it was measured, of plain VADER.
    """

    measured_on: str
    task: str
    dataset: str
    label: str
    output: str
    measure: str
    n: int
    main: str
    figures: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Standing:
    """Whether a measure is experimental, and why."""

    is_experimental: bool
    why: str


@cache
def table() -> tuple[Row, ...]:
    """Every row of the committed table."""
    if not TABLE.exists():
        return ()
    return tuple(_row(each) for each in json.loads(TABLE.read_text(encoding="utf-8"))["rows"])


def _row(each: Mapping[str, Any]) -> Row:
    intervals = {name: (float(low), float(high)) for name, (low, high) in each["intervals"].items()}
    return Row(**{**each, "intervals": intervals})


def rows(measure: Measure) -> tuple[Row, ...]:
    """The rows of a measure, those of its nearest data first."""
    own = [row for row in table() if row.measure == measure.name]
    return tuple(
        sorted(own, key=lambda row: (not _is_nearest(row, measure), row.task, row.dataset, row.label))
    )


def nearest(measure: Measure) -> tuple[Row, ...]:
    """The rows of the measure on the data and label that are nearest to what users load; one a file."""
    return tuple(row for row in table() if row.measure == measure.name and _is_nearest(row, measure))


def _is_nearest(row: Row, measure: Measure) -> bool:
    return isinstance(measure, Signal | Across) and measure.nearest == (row.task, row.label)


def standing(measure: Measure, precision: Precision | None = None) -> Standing:
    """Whether a measure is experimental.

    A signal is where it was not measured on labelled data, where it is wrong too often on the nearest (LEAST), and,
    where it is about agents' turns, until `precision` says that it reaches LEAST_REVIEWED on the user's own reviews. What is
    computed from an experimental signal is so too. Form measures never are.
    """
    if isinstance(measure, Derived):
        for used in sorted({registry.find(column)[0].name for column in measure.uses}):
            if standing(registry.measure(used), precision).is_experimental:
                return Standing(True, f"it rests on {registry.measure(used).title}, which is experimental")
    if not isinstance(measure, Signal | Across):
        return Standing(False, "")
    found = nearest(measure)
    if not found:
        return Standing(True, "not measured on labelled data")
    name, worth, row = min((_worth(row) for row in found), key=lambda one: one[1])
    if worth < LEAST:
        return Standing(True, f"{name} {worth:.2f} on {row.task}, {row.label}, is below {LEAST:g}")
    if measure.is_about_agents:
        own = precision(measure.name) if precision else None
        if own is None or own < LEAST_REVIEWED:
            said = "it was not checked on your data" if own is None else f"{own:.0%} was right on your data"
            return Standing(
                True,
                f"it is about agents' turns, and {said}; it must be {LEAST_REVIEWED:.0%}".replace("%", " %"),
            )
    return Standing(False, "")


def _worth(row: Row) -> tuple[str, float, Row]:
    """The figure by which a row makes a signal experimental, with its name."""
    for name in _WORTH:
        if name in row.figures:
            return name, row.figures[name], row
    return row.main, row.figures[row.main], row


def is_experimental(measure: Measure, precision: Precision | None = None) -> bool:
    """Whether a measure is marked experimental; see `standing`."""
    return standing(measure, precision).is_experimental


def trusted(names: Iterable[str], precision: Precision | None = None) -> tuple[str, ...]:
    """Those of the measures and columns that may stand on home, in the digest and in team views; unknown names stay out."""
    known = registry.names()
    return tuple(
        name for name in names if name in known and not is_experimental(registry.find(name)[0], precision)
    )
