"""The instant to which everything is computed, and the zone that makes days of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from warehouse.errors import BadInput, BadSettings
from warehouse.settings import Settings, zone_names
from warehouse.store import Connection

NEWEST = """
    SELECT epoch_us(max(newest)) FROM (
        SELECT max(greatest(created_at, updated_at, solved_at, closed_at)) AS newest FROM tickets
        UNION ALL SELECT max(created_at) FROM messages
        UNION ALL SELECT max("at") FROM events
        UNION ALL SELECT max(greatest(asked_at, answered_at)) FROM ratings)
"""


def meta(connection: Connection, key: str) -> str | None:
    """A value of the table meta, or None."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return row[0] if row and row[0] else None


def as_of(connection: Connection) -> datetime:
    """The instant up to which the data tells: meta's as_of, else the newest instant in the data; never the clock.

    A store without any instant gives the epoch, so that nothing waits in it. Raises BadInput on a stamp that is
    not ISO 8601.
    """
    stated = meta(connection, "as_of")
    if stated is not None:
        try:
            instant = datetime.fromisoformat(stated)
        except ValueError as error:
            raise BadInput(
                f"The as-of instant {stated!r} is not a date and time.", fix="--as-of 2026-11-16"
            ) from error
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    row = connection.execute(NEWEST).fetchone()
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=(row[0] if row else None) or 0)


def zone_name(connection: Connection, settings: Settings) -> str:
    """The zone of days and weeks: the setting, else the export's (meta zone), else UTC.

    Raises BadSettings on a name that is no IANA zone.
    """
    name = settings.organisation.zone or meta(connection, "zone") or "UTC"
    if name not in zone_names():
        raise BadSettings(
            f"{name!r} is not a time zone.", fix='set organisation.zone, for example "Europe/Berlin"'
        )
    return name
