"""Pieces that lie in records or files of their own, put into the rows they belong to: tags, merges, policies, holidays.

They may come before or after those rows and in any order. Done before the merge, to staged and to stored rows alike,
so that the same files in any order give the same rows.
"""

from __future__ import annotations

from typing import NamedTuple

from pipelines.sources._zendesk_ratings import IN_AUDIT
from pipelines.sources._zendesk_tickets import MERGED_TAG
from pipelines.sources.source import HISTORY, HOLIDAY, PARTS, POLICY, SCORE_COMMENT, TAG, WINNER
from pipelines.stage import hold
from warehouse.store import Connection

_UNITED = "list_sort(list_distinct(list_concat(coalesce(row.{column}, []), part.found)))"
_LISTED = "(SELECT source, id, list(place) AS found FROM stage.told WHERE kind = '{kind}' GROUP BY ALL)"
_WINNERS = f"(SELECT source, id, max(value) AS found FROM stage.told WHERE kind = '{WINNER}' GROUP BY ALL)"
_MERGED = f"CASE WHEN list_contains(row.tags, '{MERGED_TAG}') THEN '' END"
# A table of tags speaks of every ticket, yet knows less of one than a row that has its tags.
_NO_TAGS = f"""
UPDATE {{table}} AS row SET tags = [], known_at = list_sort(list_append(coalesce(known_at, []), 'tags@0'))
WHERE tags IS NULL AND source IN (SELECT source FROM stage.told WHERE kind = '{TAG}')
"""
# The policy that was last named before a target or with it; the greater name where two were named at once.
_POLICIES = f"""
(SELECT target.source, target.ticket_id AS id, target.event_id, named.value AS found
    FROM {{table}} target ASOF JOIN (
        SELECT source, id, place::TIMESTAMPTZ AS since, max(value) AS value FROM stage.told
        WHERE kind = '{POLICY}' GROUP BY ALL) named
    ON named.source = target.source AND named.id = target.ticket_id AND target."at" >= named.since
    WHERE named.value IS NOT NULL)
"""
_SCORE_COMMENTS = f"""
(SELECT rated.source, rated.ticket_id AS id, rated.rating_id, said.value AS found
    FROM {{table}} rated JOIN stage.told said
    ON said.source = rated.source AND said.id = rated.ticket_id AND said.place::TIMESTAMPTZ = rated.answered_at
    WHERE said.kind = '{SCORE_COMMENT}' AND starts_with(rated.rating_id, '{IN_AUDIT}{HISTORY}'))
"""
# A history without ids says what a field became. What it was before is what it had become before that.
_BEFORE = f"""
(SELECT source, ticket_id AS id, event_id,
        lag(new) OVER (PARTITION BY source, ticket_id, field ORDER BY "at", event_id) AS found
    FROM (SELECT source, ticket_id, event_id, field, "at", new FROM stage.events
        UNION SELECT source, ticket_id, event_id, field, "at", new FROM events)
    QUALIFY starts_with(event_id, '{HISTORY}'))
"""
# The same change from a file that has its id stands for it.
_TWICE = """
DELETE FROM {table} AS row WHERE starts_with({key}, '{own}') AND EXISTS (
    SELECT 1 FROM (SELECT {columns}, {key} FROM stage.{name} UNION ALL SELECT {columns}, {key} FROM {name}) other
    WHERE NOT starts_with(other.{key}, '{own}') AND starts_with(other.{key}, '{others}') AND {same})
"""


class _Told(NamedTuple):
    """A table that a history without ids gives rows to: how theirs and the others' ids begin, what makes two the same."""

    key: str
    own: str
    others: str
    columns: tuple[str, ...]


_TOLD = {
    "events": _Told("event_id", HISTORY, "", ("source", "ticket_id", "field", "at", "new")),
    "sla_targets": _Told("event_id", HISTORY, "", ("source", "ticket_id", "metric", "at")),
    "ratings_stated": _Told(
        "rating_id",
        f"{IN_AUDIT}{HISTORY}",
        IN_AUDIT,
        ("source", "ticket_id", "score", "asked_at", "answered_at"),
    ),
}

# Which table each kind of piece belongs to; the others to ratings_stated.
_OWNERS = {TAG: "tickets", WINNER: "tickets", HOLIDAY: "schedules", POLICY: "sla_targets"}


def put(connection: Connection) -> None:
    """Put every piece into its staged row and, where new pieces were staged, into its stored row."""
    staged = _kinds(connection, f"stage.{PARTS}")
    known = staged | _kinds(connection, PARTS)
    _complete_history(connection)
    if known:
        connection.execute(
            f"CREATE OR REPLACE TABLE stage.told AS SELECT source, kind, id, place, value FROM stage.{PARTS} "
            f"UNION SELECT source, kind, id, place, value FROM {PARTS}"
        )
        for kind in known:
            hold(connection, _OWNERS.get(kind, "ratings_stated"))
        _put(connection, "stage.", known)
        _put(connection, "", staged)


def _put(connection: Connection, schema: str, kinds: set[str]) -> None:
    """Put the pieces of these kinds into the rows of the stage or of the store."""
    if TAG in kinds:
        united = _UNITED.format(column="tags")
        _update(connection, f"{schema}tickets", "tags", united, _LISTED.format(kind=TAG))
        connection.execute(_NO_TAGS.format(table=f"{schema}tickets"))
    if WINNER in kinds:
        _update(connection, f"{schema}tickets", "merged_into", "part.found", _WINNERS)
    if TAG in kinds:
        connection.execute(
            f"UPDATE {schema}tickets AS row SET merged_into = {_MERGED} "
            f"WHERE merged_into IS NULL AND {_MERGED} IS NOT NULL"
        )
    if HOLIDAY in kinds:
        united = _UNITED.format(column="holidays")
        _update(connection, f"{schema}schedules", "holidays", united, _LISTED.format(kind=HOLIDAY))
    if POLICY in kinds:
        table = f"{schema}sla_targets"
        _update(connection, table, "policy", "part.found", _POLICIES.format(table=table), "event_id")
    if SCORE_COMMENT in kinds:
        table = f"{schema}ratings_stated"
        _update(connection, table, "comment", "part.found", _SCORE_COMMENTS.format(table=table), "rating_id")


def _complete_history(connection: Connection) -> None:
    """Give the events of a history without ids their `old`; drop those that another file has with an id."""
    for name, told in _TOLD.items():
        has_any = f"(SELECT 1 FROM {{table}} WHERE starts_with({told.key}, '{told.own}'))"
        exists = " OR ".join(f"EXISTS {has_any.format(table=table)}" for table in (f"stage.{name}", name))
        if not connection.execute(f"SELECT {exists}").fetchall()[0][0]:
            continue
        hold(connection, name)
        listed = ", ".join(f'"{column}"' for column in told.columns)
        same = " AND ".join(
            f'other."{column}" IS NOT DISTINCT FROM row."{column}"' for column in told.columns
        )
        asked = {**told._asdict(), "columns": listed, "same": same, "name": name}
        for table in (f"stage.{name}", name):
            connection.execute(_TWICE.format(**asked, table=table))
            if name == "events":
                _update(connection, table, "old", "part.found", _BEFORE, "event_id")


def _kinds(connection: Connection, table: str) -> set[str]:
    return {kind for (kind,) in connection.execute(f"SELECT DISTINCT kind FROM {table}").fetchall()}


def _update(
    connection: Connection, table: str, column: str, value: str, parts: str, key: str | None = None
) -> None:
    """Give the column its new value in the rows that a piece is of, and in those only where it differs."""
    owner = "schedule_id" if table.endswith("schedules") else "ticket_id"
    same = f" AND part.{key} = row.{key}" if key else ""
    connection.execute(
        f"UPDATE {table} AS row SET {column} = {value} FROM {parts} part "
        f"WHERE part.source = row.source AND part.id = row.{owner}{same} AND row.{column} IS DISTINCT FROM {value}"
    )
