"""Which schedule is in force for a ticket when, and the business minutes between two instants.

In force is, first of all, what the export says of the ticket itself (an assignment within five seconds of its creation holds
from its beginning, later ones from their instant); before and without one, the schedule that heard.toml gives the ticket's
team; else the default of its export, else the default of heard.toml. Minutes are added up over all schedules that were in
force. Without a schedule they are not known, and null.
"""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.store import Connection

# One row for each time a schedule was in force for a ticket. offset_us and the open time of the schedule up to an instant
# make one clock of them: its difference between two instants is the open time between them.
CREATE_TICKET_HOURS = """
CREATE OR REPLACE TABLE ticket_hours
    (source VARCHAR, ticket_id VARCHAR, schedule BIGINT, from_at TIMESTAMPTZ, until_at TIMESTAMPTZ, offset_us BIGINT)
"""
TICKET_HOURS = """
INSERT INTO ticket_hours BY NAME
WITH of_teams AS (SELECT unnest(teams) AS team, schedule FROM schedules_known WHERE source IS NULL),
of_sources AS (SELECT source, schedule FROM schedules_known WHERE source IS NOT NULL AND is_default),
usual AS (
    SELECT ticket.source, ticket.ticket_id, ticket.created_at,
        coalesce(of_teams.schedule, of_sources.schedule,
            (SELECT min(schedule) FROM schedules_known WHERE source IS NULL AND is_default)) AS schedule
    FROM tickets_clean ticket
    LEFT JOIN of_teams ON of_teams.team = lower(trim(ticket.team))
    LEFT JOIN of_sources ON of_sources.source = ticket.source),
assigned AS (
    SELECT usual.source, usual.ticket_id, known.schedule, "at", event_id,
        CASE WHEN "at" > created_at + INTERVAL 5 SECOND THEN "at" ELSE '-infinity'::TIMESTAMPTZ END AS from_at
    FROM ticket_schedules stated JOIN usual USING (source, ticket_id)
    LEFT JOIN schedules_known known ON known.source = stated.source AND known.schedule_id = stated.schedule_id
    WHERE "at" IS NOT NULL),
begun AS (
    SELECT source, ticket_id, schedule, from_at FROM (
        SELECT source, ticket_id, schedule, from_at, "at", event_id FROM assigned
        UNION ALL
        SELECT source, ticket_id, schedule, '-infinity'::TIMESTAMPTZ, NULL, NULL FROM usual SEMI JOIN assigned USING (source, ticket_id))
    QUALIFY row_number() OVER (PARTITION BY source, ticket_id, from_at
        ORDER BY "at" DESC NULLS LAST, try_cast(event_id AS HUGEINT) DESC NULLS LAST, event_id DESC) = 1),
turns AS (
    SELECT source, ticket_id, schedule, from_at, coalesce(lead(from_at) OVER ticket, 'infinity'::TIMESTAMPTZ) AS until_at,
        row_number() OVER ticket AS place
    FROM begun WINDOW ticket AS (PARTITION BY source, ticket_id ORDER BY from_at)),
opened AS (
    SELECT turns.*,
        CASE WHEN place = 1 THEN 0
            ELSE begins.before_us + epoch_us(least(from_at, begins.closes_at)) - epoch_us(begins.opens_at) END AS first_us,
        CASE WHEN isfinite(until_at)
            THEN ends.before_us + epoch_us(least(until_at, ends.closes_at)) - epoch_us(ends.opens_at) END AS last_us
    FROM turns
    ASOF LEFT JOIN open_spans begins ON begins.schedule = turns.schedule AND turns.from_at >= begins.opens_at
    ASOF LEFT JOIN open_spans ends ON ends.schedule = turns.schedule AND turns.until_at >= ends.opens_at)
SELECT source, ticket_id, schedule, from_at, until_at,
    CASE WHEN count(last_us - first_us) OVER earlier = count(*) OVER earlier
        THEN (coalesce(sum(last_us - first_us) OVER earlier, 0) - first_us)::BIGINT END AS offset_us
FROM opened
WINDOW earlier AS (PARTITION BY source, ticket_id ORDER BY from_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
UNION ALL
SELECT source, ticket_id, schedule, '-infinity'::TIMESTAMPTZ, 'infinity'::TIMESTAMPTZ, 0 FROM usual ANTI JOIN assigned USING (source, ticket_id)
WHERE schedule IS NOT NULL
"""


@dataclass(frozen=True)
class Clock:
    """SQL that reads a ticket's business clock: the joins it needs, and its microseconds (null: not known)."""

    joins: str
    us: str


@dataclass(frozen=True)
class Between:
    """SQL of the business minutes between two instants of a ticket: the joins they need, and the minutes."""

    joins: str
    minutes: str


def clock(name: str, rows: str, at: str) -> Clock:
    """The clock of the tickets of `rows` (source, ticket_id) at the instant `at`; `name` sets its joins apart."""
    hours, span = f"{name}_hours", f"{name}_span"
    return Clock(
        joins=f"""
        LEFT JOIN ticket_hours {hours} ON {hours}.source = {rows}.source AND {hours}.ticket_id = {rows}.ticket_id
            AND {at} >= {hours}.from_at AND {at} < {hours}.until_at
        ASOF LEFT JOIN open_spans {span} ON {span}.schedule = {hours}.schedule AND {at} >= {span}.opens_at""",
        us=f"({hours}.offset_us + {span}.before_us + epoch_us(least({at}, {span}.closes_at)) - epoch_us({span}.opens_at))",
    )


def between(name: str, rows: str, starts: str, ends: str) -> Between:
    """The business minutes of `rows` from the instant `starts` to `ends`; null where one of them is, or no schedule."""
    first, last = clock(f"{name}_first", rows, starts), clock(f"{name}_last", rows, ends)
    return Between(first.joins + last.joins, f"({last.us} - {first.us}) / 6e7")


def write_ticket_hours(connection: Connection, *, has_schedules: bool) -> None:
    """Make ticket_hours anew, without rows where no schedule is known."""
    connection.execute(CREATE_TICKET_HOURS)
    if has_schedules:
        connection.execute(TICKET_HOURS)


def add_business_minutes(connection: Connection, table: str, starts: str, ends: str) -> None:
    """Add business_minutes to a table of tickets' times, from `starts` to `ends`, said of its rows as `timed`."""
    if not connection.execute("SELECT 1 FROM ticket_hours LIMIT 1").fetchall():
        connection.execute(f"ALTER TABLE {table} ADD COLUMN business_minutes DOUBLE")
        return
    business = between("timed", "timed", starts, ends)
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT timed.*, {business.minutes} AS business_minutes"
        f" FROM {table} timed {business.joins}"
    )
