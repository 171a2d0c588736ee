"""How much of what customers wrote could be read: the ground under every figure that conversations show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from metrics.conversations import scope_sql
from metrics.totals import Scope
from warehouse.store import Version

_HEARD: Final = "FROM ticket_facts f LEFT JOIN heard h USING (source, ticket_id)"
_COUNTS: Final = """count(*) AS n, count(*) FILTER (h.is_readable) AS readable,
    count(*) FILTER (h.is_readable = false) AS other, count(*) FILTER (h.is_readable IS NULL) AS silent"""


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
    where, params = scope_sql(scope, "f.ended_on")
    base = f"{_HEARD} WHERE {where}"
    row = version.query(f"SELECT {_COUNTS} {base}", params).row(0)
    unread = version.query(
        f"""
        SELECT coalesce(h.language, 'not known') AS language, count(*) AS n {base} AND h.is_readable = false
        GROUP BY ALL ORDER BY n DESC, language
        """,
        params,
    ).rows()
    count, readable, other, silent = (int(value) for value in row)
    return Coverage(count, readable, other, silent, tuple((str(name), int(n)) for name, n in unread))


def coverage_by(version: Version, scope: Scope, by: Literal["team", "language"]) -> tuple[GroupCoverage, ...]:
    """What could be read of each team's conversations, or of each language's; those with most conversations first."""
    where, params = scope_sql(scope, "f.ended_on")
    rows = version.query(
        f'SELECT f."{by}" AS place, {_COUNTS} {_HEARD} WHERE {where} GROUP BY ALL ORDER BY n DESC, place NULLS LAST',
        params,
    ).rows()
    return tuple(GroupCoverage(group, *(int(count) for count in counts)) for group, *counts in rows)
