"""How much of what customers wrote could be read: the ground under every figure that conversations show."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final, Literal
from weakref import WeakKeyDictionary

import polars as pl

from metrics.conversations import scope_sql
from metrics.totals import Scope
from warehouse.store import Version

KEPT: Final = 8  # scopes of a version whose counts are kept: a page asks for the same ones several times
_COUNTS: Final = (
    pl.col("n").sum(),
    *(
        pl.col("n").filter(pl.col("is_readable").eq_missing(is_readable)).sum().alias(name)
        for name, is_readable in (("readable", True), ("other", False), ("silent", None))
    ),
)
# By version, so that what was kept of one goes with it. A published version never changes.
_kept: WeakKeyDictionary[Version, dict[str, pl.DataFrame]] = WeakKeyDictionary()
_keeping = threading.Lock()


@dataclass(frozen=True)
class Coverage:
    """Conversations of a scope by whether they could be read; `unread` holds (language, how many), most first."""

    count: int
    count_readable: int
    count_other_language: int
    count_nothing_written: int
    unread: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class GroupCoverage:
    """Conversations of one team or language by whether they could be read; `group` is None where it is not known."""

    group: str | None
    count: int
    count_readable: int
    count_other_language: int
    count_nothing_written: int


def coverage(version: Version, scope: Scope) -> Coverage:
    """What of the conversations that ended in the scope could be read."""
    counted = _counted(version, scope)
    unread = (
        counted.filter(~pl.col("is_readable"))
        .group_by(pl.col("language").fill_null("not known"))
        .agg(pl.col("n").sum())
        .sort("n", "language", descending=[True, False])
        .rows()
    )
    count, readable, other, silent = (int(value) for value in counted.select(_COUNTS).row(0))
    return Coverage(count, readable, other, silent, tuple((str(name), int(n)) for name, n in unread))


def coverage_by(version: Version, scope: Scope, by: Literal["team", "language"]) -> tuple[GroupCoverage, ...]:
    """What could be read of each team's conversations, or of each language's; those with most conversations first."""
    rows = (
        _counted(version, scope)
        .group_by(by)
        .agg(_COUNTS)
        .sort("n", by, descending=[True, False], nulls_last=True)
        .rows()
    )
    return tuple(GroupCoverage(group, *(int(count) for count in counts)) for group, *counts in rows)


def _counted(version: Version, scope: Scope) -> pl.DataFrame:
    """How many conversations (n) ended in the scope, by team, language and is_readable."""
    key = repr(scope)
    found = _kept.get(version, {}).get(key)
    if found is not None:
        return found
    where, params = scope_sql(scope, "f.ended_on")
    found = version.query(
        f"SELECT f.team, f.language, f.is_readable, count(*) AS n FROM ticket_facts f WHERE {where} GROUP BY ALL",
        params,
    )
    with _keeping:
        known = {**_kept.get(version, {}), key: found}
        _kept[version] = dict(list(known.items())[-KEPT:])
    return found
