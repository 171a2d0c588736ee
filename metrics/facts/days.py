"""The backlog by day: a row for each ticket and each local day at whose end it was unsolved.

The last day is that of the as-of instant, as it stood at that instant; `backlog.keep_days` says how many days there are, so
that tickets that are never solved do not fill the store. Ages are counted from creation, however long ago that was.
"""

from __future__ import annotations

from metrics.facts.clock import as_of
from warehouse.settings import Settings
from warehouse.store import Connection

# Every day that is told of, also those on which nothing was unsolved: a mean over days divides by these.
BACKLOG_DAYS = """
CREATE OR REPLACE TABLE backlog_days AS
WITH edge AS (SELECT (($as_of::TIMESTAMPTZ - INTERVAL 1 MICROSECOND) AT TIME ZONE '{zone}')::DATE AS last_day),
begun AS (
    SELECT (min(created_at) AT TIME ZONE '{zone}')::DATE AS day FROM tickets_clean
    WHERE left_out IS NULL AND created_at < $as_of::TIMESTAMPTZ),
told AS (
    SELECT last_day, greatest(last_day - {keep_days}::INT + 1, begun.day) AS first_day FROM edge, begun
    WHERE begun.day IS NOT NULL)
SELECT day::DATE AS day, least((day + INTERVAL 1 DAY) AT TIME ZONE '{zone}', $as_of::TIMESTAMPTZ) AS ends_at
FROM (SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY)) AS day FROM told)
"""

# How long each ticket was unsolved, in days: from its status events; a ticket is also unsolved from its creation to its
# first event. Without status events it is unsolved from creation to solved_at, or until now where its status says so.
# A ticket that is solved by its status though its events end before that is unsolved until solved_at.
# Not known, so not counted: solved tickets that do not say when.
UNSOLVED = """
CREATE OR REPLACE TEMP TABLE unsolved AS
WITH edges AS (SELECT min(day) AS first_day, max(day) AS last_day FROM backlog_days),
known AS (
    SELECT source, ticket_id, created_at, solved_at, status IN ('solved', 'closed') AS is_solved, status
    FROM tickets_clean WHERE left_out IS NULL AND created_at IS NOT NULL),
first_spans AS (SELECT source, ticket_id, min(started_at) AS started_at FROM status_spans GROUP BY ALL),
spans AS (
    SELECT known.source, known.ticket_id, known.created_at, span.started_at,
        CASE WHEN NOT span.is_open THEN span.ended_at WHEN is_solved THEN greatest(solved_at, span.started_at) END
            AS ended_at,
        span.is_open AND is_solved IS NOT TRUE AS is_unsolved_now, NOT span.is_open OR is_solved IS NOT TRUE
            OR solved_at > span.started_at AS is_known
    FROM known JOIN status_spans span USING (source, ticket_id) WHERE span.status IN ('new', 'open', 'pending', 'hold')
    UNION ALL
    SELECT source, ticket_id, created_at, created_at, first_spans.started_at, false, true
    FROM known JOIN first_spans USING (source, ticket_id) WHERE first_spans.started_at > created_at
    UNION ALL
    SELECT source, ticket_id, created_at, created_at, solved_at, solved_at IS NULL OR is_solved IS FALSE,
        solved_at IS NOT NULL AND is_solved IS NOT FALSE OR status IN ('new', 'open', 'pending', 'hold')
    FROM known ANTI JOIN first_spans USING (source, ticket_id)),
dated AS (
    SELECT source, ticket_id, created_at, (started_at AT TIME ZONE '{zone}')::DATE AS first_day,
        CASE WHEN NOT is_unsolved_now THEN (ended_at AT TIME ZONE '{zone}')::DATE - 1 END AS last_day
    FROM spans WHERE is_known)
SELECT source, ticket_id, created_at, greatest(dated.first_day, edges.first_day) AS first_day,
    least(coalesce(dated.last_day, edges.last_day), edges.last_day) AS last_day
FROM dated, edges
WHERE greatest(dated.first_day, edges.first_day) <= least(coalesce(dated.last_day, edges.last_day), edges.last_day)
"""

# What measures of the day grain are made of: source, ticket_id, day, age_minutes at the end of that day, and the ticket's
# dimensions.
UNSOLVED_DAYS = """
CREATE OR REPLACE TEMP VIEW unsolved_days AS
WITH each AS (
    SELECT * EXCLUDE (first_day, last_day), (first_day + unnest(range(last_day - first_day + 1))::INT) AS day
    FROM unsolved_tickets)
SELECT each.* EXCLUDE (created_at), day AS day_on, (epoch_us(ends_at) - epoch_us(created_at)) / 6e7 AS age_minutes
FROM each JOIN backlog_days USING (day)
"""


def make_unsolved_days(connection: Connection, settings: Settings, zone: str, with_dimensions: str) -> None:
    """Make the table backlog_days (day, ends_at) and, for this connection, the view unsolved_days.

    `with_dimensions` is SQL that puts the ticket's dimensions beside each row of the table unsolved.
    """
    given = {"zone": zone, "keep_days": max(1, settings.backlog.keep_days)}
    connection.execute(BACKLOG_DAYS.format(**given), {"as_of": as_of(connection)})
    connection.execute(UNSOLVED.format(**given))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE unsolved_tickets AS {with_dimensions}")
    connection.execute(UNSOLVED_DAYS)


def forget(connection: Connection) -> None:
    """Drop what make_unsolved_days made for this connection alone."""
    connection.execute("DROP VIEW unsolved_days")
    for table in ("unsolved_tickets", "unsolved"):
        connection.execute(f"DROP TABLE {table}")
