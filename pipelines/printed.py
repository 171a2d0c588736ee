"""Remembers what a digest printed, and says what has become of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from metrics import periods, registry
from metrics.contrast.pairs import ledger
from metrics.printed import Printed, explain, rows_of
from metrics.totals import Scope
from warehouse.errors import NoData
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.store import Store, Version

MOST_ROWS: Final = 50_000  # of one figure; beyond, only the figure itself is kept


def remember(version: Version, store: Store, week: str, settings: Settings) -> int:
    """Keep every figure that the digest of that week printed, with its rows. Returns how many there are."""
    monday, sunday = periods.week_days(week)
    scope = Scope(date_from=monday, date_to=sunday)
    as_of = version.query("SELECT value FROM meta WHERE key = 'as_of'").item()
    figures = {
        figure.column: figure
        for pair in ledger(version, scope)
        for figure in (*pair.scores, *pair.conversations)
        if figure.value is not None and figure.n >= settings.display.too_few
    }
    kept = []
    for figure in figures.values():
        measure = registry.measure(figure.measure)
        kept.append(
            {
                "figure": figure.column,
                "scope": _written(scope),
                "value": figure.value,
                "n": figure.n,
                "as_of": as_of,
                "version": measure.version,
                "rule": measure.rule_with(settings),
                "rows": rows_of(version, figure.column, scope) if figure.n <= MOST_ROWS else None,
            }
        )
    Ledger(store.folder).keep_printed(kept)
    return len(kept)


def since_printed(version: Version, store: Store, names: Sequence[str], settings: Settings) -> Iterator[str]:
    """One line for each period in which a measure was printed: what it was, what it is now, and what changed.

    Of several printings of a period the last one counts. Raises NoData where none of them was ever printed.
    """
    told = False
    for name in names:
        measure, column = registry.find(name)
        columns = [one.name for one in measure.columns] if name == measure.name else [column.name]
        for wanted in columns:
            latest = {one["scope"]: one for one in reversed(Ledger(store.folder).printed(wanted))}
            for _, one in sorted(latest.items()):
                told = True
                yield explain(version, settings, _printed(one))
    if not told:
        raise NoData(f"{' and '.join(names)} was never printed from this store.", fix="heard digest")


def _printed(row: dict[str, Any]) -> Printed:
    return Printed(
        column=row["figure"], scope=_read(row["scope"]), value=row["value"], n=row["n"], as_of=row["as_of"],
        printed_at=row["printed_at"], version=row["version"], rule=row["rule"], rows=row["rows"],
    )  # fmt: skip


def _written(scope: Scope) -> str:
    days = [day.isoformat() if day else None for day in (scope.date_from, scope.date_to)]
    return json.dumps({"from": days[0], "to": days[1], "where": dict(scope.where)}, sort_keys=True)


def _read(text: str) -> Scope:
    said = json.loads(text)
    first, last = (date.fromisoformat(said[name]) if said[name] else None for name in ("from", "to"))
    return Scope(first, last, {name: tuple(values) for name, values in said["where"].items()})
