"""Finding every measure: one declared object a module, named after it, or a clear error."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from metrics.measure import Across, Column, Derived, Kind, Measure, Metric, Signal
from warehouse.errors import Declaration, NoData

FAMILIES = ("metrics.form", "metrics.function", "metrics.contrast")


@cache
def discover() -> tuple[Measure, ...]:
    """Every measure, in the order of its module's path.

    A module under metrics/form or metrics/function declares exactly one measure, called like the module. A module
    under metrics/contrast may declare one. Raises Declaration where that does not hold.
    """
    found: list[Measure] = []
    for family in FAMILIES:
        package = importlib.import_module(family)
        for info in sorted(pkgutil.walk_packages(package.__path__, f"{family}."), key=lambda info: info.name):
            if not info.ispkg:
                found.extend(
                    _declared(importlib.import_module(info.name), required=family != "metrics.contrast")
                )
    _check_unique(found)
    return tuple(found)


def _declared(module: ModuleType, *, required: bool) -> list[Measure]:
    measures = [value for value in vars(module).values() if isinstance(value, Measure)]
    short = module.__name__.rsplit(".", 1)[1]
    if not measures and not required:
        return []
    if len(measures) != 1 or measures[0].name != short:
        names = ", ".join(measure.name for measure in measures) or "none"
        raise Declaration(
            f"{module.__name__} must declare one measure named {short!r}; it declares {names}.",
            fix=f"name the measure {short!r}, or give the other a file of its own",
        )
    return measures


def _check_unique(measures: list[Measure]) -> None:
    seen = {measure.name: "a measure of that name" for measure in measures}
    for measure in measures:
        for column in measure.columns:
            if column.name in seen:
                raise Declaration(
                    f"The column {column.name} is declared by {seen[column.name]} and by {measure.name}.",
                    fix="give one of them another name",
                )
            seen[column.name] = measure.name


def measure(name: str) -> Measure:
    """The measure of that name, or the one that holds a column of that name. Raises NoData with the nearest names."""
    return find(name)[0]


def find(name: str) -> tuple[Measure, Column]:
    """The measure and column meant by a measure's or a column's name; a measure's name means its main column."""
    for candidate in discover():
        if candidate.name == name:
            return candidate, candidate.main
        for column in candidate.columns:
            if column.name == name:
                return candidate, column
    from difflib import get_close_matches

    known = [candidate.name for candidate in discover()] + [c.name for m in discover() for c in m.columns]
    near = get_close_matches(name, known, n=1)
    fix = f"did you mean {near[0]}? " if near else ""
    raise NoData(f"There is no measure called {name!r}.", fix=fix + "heard measure --list shows them all")


@cache
def names() -> frozenset[str]:
    """The names of all measures and of all their columns."""
    return frozenset(
        name for one in discover() for name in (one.name, *(column.name for column in one.columns))
    )


def family(name: str) -> str:
    """The folder that a measure lives in: scores, speed, effort, volume, solved, trust, heard; else contrast."""
    return _families()[measure(name).name]


@cache
def _families() -> dict[str, str]:
    found = {}
    for top in FAMILIES:
        package = importlib.import_module(top)
        for info in pkgutil.walk_packages(package.__path__, f"{top}."):
            found[info.name.rsplit(".", 1)[1]] = info.name.split(".")[-2]
    return found


def signals() -> tuple[Signal, ...]:
    """The measures that hear conversations."""
    return tuple(measure for measure in discover() if isinstance(measure, Signal))


def across() -> tuple[Across, ...]:
    """The function measures that need other conversations too."""
    return tuple(measure for measure in discover() if isinstance(measure, Across))


@cache
def kinds() -> dict[tuple[str, str], Kind]:
    """Every kind of evidence by measure and name."""
    hearing: tuple[Signal | Across, ...] = (*signals(), *across())
    return {(measure.name, kind.name): kind for measure in hearing for kind in measure.kinds}


def metrics() -> tuple[Metric, ...]:
    """The form measures."""
    return tuple(measure for measure in discover() if isinstance(measure, Metric))


def derived() -> tuple[Derived, ...]:
    """The measures computed from others."""
    return tuple(measure for measure in discover() if isinstance(measure, Derived))
