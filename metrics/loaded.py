"""What the store was built from: loads, refused rows, and how much of each team's conversations could be read."""

from __future__ import annotations

import polars as pl

from warehouse.rights import Area
from warehouse.store import Version


def loads(version: Version, limit: int = 200) -> pl.DataFrame:
    """Every load, the latest first: file, reader, as_of, loaded_at, capabilities and the counts of its rows."""
    return version.query(
        """
        SELECT file, split_part(reader, '/', 1) AS reader, as_of, loaded_at, capabilities, count_read, count_merged,
            count_left_out, count_refused
        FROM loads ORDER BY loaded_at DESC, file LIMIT ?
        """,
        [limit],
    )


def rejects(version: Version, limit: int | None = None) -> pl.DataFrame:
    """The refused rows with their reasons: file, line, reason, raw. Raises NotAllowed."""
    version.rights.check(Area.DATA)
    return version.query(
        "SELECT file, line, reason, raw FROM rejects ORDER BY file, line, reason"
        + (f" LIMIT {int(limit)}" if limit else "")
    )


def coverage(version: Version, by: str) -> pl.DataFrame:
    """Conversations by team or by language: how many there are, could be read, are in another language, are silent.

    Columns: name (null where there is none), n, count_readable, count_other_language, count_silent, newest_on. The
    largest first.
    """
    column = {"team": "f.team", "language": "h.language"}[by]
    return version.query(
        f"""
        SELECT {column} AS name, count(*) AS n, count(*) FILTER (h.is_readable) AS count_readable,
            count(*) FILTER (h.is_readable = false) AS count_other_language, count(*) FILTER (h.is_readable IS NULL) AS count_silent,
            max(f.created_on) AS newest_on
        FROM ticket_facts f LEFT JOIN heard h USING (source, ticket_id) GROUP BY ALL ORDER BY n DESC, name NULLS LAST
        """
    )
