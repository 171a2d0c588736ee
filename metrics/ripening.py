"""Ripening: ratings and reopenings arrive late, so a young period is compared with one of the same age.

A reopen rate or a response rate of last week still grows. Beside it the week before is figured as it was known at the same
age: from what had happened up to its own end and as many days more. Until a period is older than what nearly all needs to
arrive (metrics/facts/ripe.py learns it from the data), its figure is not final.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from weakref import WeakKeyDictionary

from metrics.tally import Queried
from metrics.totals import Scope
from warehouse.settings import zone


@dataclass(frozen=True)
class Ripening:
    """Within how many days a measure's figure is final: learnt from `n` rows, or a stated default."""

    measure: str
    days: int
    n: int
    is_learnt: bool

    @property
    def rule(self) -> str:
        """Where the days come from, in words."""
        if self.is_learnt:
            return f"final after {self.days:,} days: by then 95 % of what came had come (n = {self.n:,})"
        return f"final after {self.days:,} days"


@dataclass(frozen=True)
class Known:
    """What a version says of time: its as-of instant, its zone, and how its measures ripen."""

    as_of: datetime | None
    zone: str
    ripenings: dict[str, Ripening]


_kept: WeakKeyDictionary[Queried, Known] = WeakKeyDictionary()


def known(version: Queried) -> Known:
    """Read once of each version, which never changes. A version built before there was ripening has none."""
    found = _kept.get(version)
    if found is None:
        meta = dict(version.query("SELECT key, value FROM meta WHERE key IN ('as_of', 'zone')").rows())
        is_there = version.query("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'ripening'").item()
        rows = version.query("SELECT measure, days, n, is_learnt FROM ripening").rows() if is_there else []
        stated = meta.get("as_of")
        found = Known(
            as_of=datetime.fromisoformat(stated) if stated else None,
            zone=meta.get("zone") or "",
            ripenings={row[0]: Ripening(*row) for row in rows},
        )
        _kept[version] = found
    return found


def end_of(scope: Scope, zone_name: str) -> datetime | None:
    """The instant at which the scope's last day ends in the organisation's zone; null where it has no last day."""
    if scope.date_to is None:
        return None
    return datetime.combine(scope.date_to + timedelta(days=1), time.min, zone(zone_name))


def age(version: Queried, scope: Scope) -> timedelta | None:
    """How long before the as-of instant the scope ended; negative while it runs, null where that is not known."""
    told = known(version)
    end = end_of(scope, told.zone)
    return None if end is None or told.as_of is None else told.as_of - end


def is_final(version: Queried, measure: str, scope: Scope) -> bool:
    """Whether the measure's figure of this scope may be taken as final; true where it does not ripen."""
    found = known(version).ripenings.get(measure)
    if found is None:
        return True
    old = age(version, scope)
    return old is not None and old >= timedelta(days=found.days)


def same_age(version: Queried, scope: Scope, before: Scope) -> Scope:
    """The period before, as it was known at the age that `scope` has now; unchanged where nothing of `scope` still ripens."""
    told = known(version)
    end, old = end_of(before, told.zone), age(version, scope)
    if before.known_at is not None or end is None or old is None:
        return before
    if all(old >= timedelta(days=one.days) for one in told.ripenings.values()):
        return before
    return replace(before, known_at=end + max(old, timedelta(0)))
