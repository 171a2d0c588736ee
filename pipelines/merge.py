"""Staged rows into the merged tables: the same files in any order, pieces and number give the same tables.

Tickets, people and metric sets: the newest `updated_at` wins; a ticket without one is as new as its last known step.
Equally new rows are joined column by column: what is known wins over what is not, the further status, else the
greater value. Ratings: the answer that was stated last, each date from whoever knows it. Messages and events: by their own ids; where two differ, the one with words, then the greater hash.
A row that is not in a file is never taken away, so that an absent collection erases nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sources._zendesk_ratings import IN_AUDIT, ON_TICKET
from pipelines.stage import KEYS, SCHEMAS, hashed
from warehouse.schema import TABLES
from warehouse.store import Connection

_NEWEST = {
    "tickets": "coalesce(updated_at, greatest(first_assigned_at, solved_at, closed_at))",
    "people": "updated_at",
    "stated_times": "stated_at",
    "accounts": "updated_at",
    "schedules": "updated_at",
}
_BY_HASH = {
    "messages": "body IS NOT NULL DESC, hash DESC",
    "events": "hash DESC",
    "ticket_schedules": "hash DESC",
    "sla_targets": "hash DESC",
}
# What a rating says; an answer is given anew as a whole. Who states it without a date knows it least.
_SAID = ("score", "scale_min", "scale_max", "is_positive", "score_raw")
_STATED = "coalesce(stated_at, TIMESTAMPTZ '1970-01-01')"
_FURTHER = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
# The further status with its raw word; a list compares place by place.
_STATUS = f"max([lpad(coalesce(list_position({list(_FURTHER)!r}, status), 0)::VARCHAR, 2, '0'), status_raw])"


@dataclass(frozen=True)
class Merged:
    """How many rows of each table are new or were changed."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.counts.values())


def prepare(connection: Connection) -> Merged:
    """Make `stage.put_<table>`: the rows that are new or differ from what is stored. Changes nothing yet."""
    _use_brand_names(connection)
    return Merged({name: _prepare(connection, name) for name in SCHEMAS})


def _prepare(connection: Connection, name: str) -> int:
    key = ", ".join(KEYS[name])
    same = " AND ".join(f"stage.{name}.{column} = known.{column}" for column in KEYS[name])
    run = connection.execute
    if not _has_rows(connection, f"stage.{name}"):
        extra = ", NULL::BOOLEAN AS is_html" if name == "messages" else ""
        run(
            f"CREATE OR REPLACE TABLE stage.put_{name} AS SELECT *{extra}, NULL::BIGINT AS load FROM {name} LIMIT 0"
        )
        return 0
    # What is stored already, to the letter, is not looked at again.
    run(
        f"CREATE OR REPLACE TABLE stage.known AS SELECT {key}, {hashed(name)} AS hash FROM {name} "
        f"SEMI JOIN (SELECT DISTINCT {key} FROM stage.{name}) USING ({key})"
    )
    run(f"DELETE FROM stage.{name} USING stage.known known WHERE {same} AND stage.{name}.hash = known.hash")
    run(
        f"CREATE OR REPLACE TABLE stage.many AS SELECT {key} FROM ("
        f"SELECT DISTINCT {key}, hash FROM stage.{name} UNION ALL SELECT {key}, hash FROM stage.known SEMI JOIN "
        f"(SELECT DISTINCT {key} FROM stage.{name}) USING ({key})) GROUP BY ALL HAVING count(*) > 1"
    )
    extra = ", is_html" if name == "messages" else ""
    columns = ", ".join(f'"{column}"' for column in SCHEMAS[name])
    run(
        f"CREATE OR REPLACE TABLE stage.put_{name} AS SELECT {columns}{extra}, load FROM stage.{name} "
        f"ANTI JOIN stage.many USING ({key}) QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY load) = 1"
        if _has_repeats(connection, name, key)
        else f"CREATE OR REPLACE TABLE stage.put_{name} AS SELECT {columns}{extra}, load FROM stage.{name} "
        f"ANTI JOIN stage.many USING ({key})"
    )
    stored_extra = ", NULL::BOOLEAN AS is_html" if name == "messages" else ""
    run(
        f"CREATE OR REPLACE TABLE stage.rivals AS "
        f"SELECT {columns}{extra}, hash, load FROM stage.{name} SEMI JOIN stage.many USING ({key}) UNION ALL "
        f"SELECT {columns}{stored_extra}, {hashed(name)}, NULL FROM {name} SEMI JOIN stage.many USING ({key})"
    )
    run(f"INSERT INTO stage.put_{name} BY NAME {_joined(name, key, extra)}")
    count = connection.execute(f"SELECT count(*) FROM stage.put_{name}").fetchall()[0][0]
    return int(count)


def _has_rows(connection: Connection, table: str) -> bool:
    return bool(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchall()[0][0])


def _has_repeats(connection: Connection, name: str, key: str) -> bool:
    rows = connection.execute(
        f"SELECT (SELECT count(*) FROM stage.{name}) > (SELECT count(*) FROM (SELECT DISTINCT {key} FROM stage.{name}))"
    ).fetchall()
    return bool(rows[0][0])


def _joined(name: str, key: str, extra: str) -> str:
    """One row of each group of rivals, left out where it is the stored one."""
    unchanged = f"SELECT {key}, hash FROM stage.known"
    if name in _BY_HASH:
        chosen = (
            f"SELECT * FROM stage.rivals QUALIFY row_number() OVER "
            f"(PARTITION BY {key} ORDER BY {_BY_HASH[name]}, load NULLS FIRST) = 1"
        )
        return f"SELECT * EXCLUDE (hash) FROM ({chosen}) ANTI JOIN ({unchanged}) USING ({key}, hash)"
    newest = "SELECT * FROM stage.rivals"
    if name in _NEWEST:
        newest += f" QUALIFY rank() OVER (PARTITION BY {key} ORDER BY {_NEWEST[name]} DESC NULLS LAST) = 1"
    values = ", ".join(_greatest(name, column) for column in SCHEMAS[name] if column not in KEYS[name])
    joined = f"SELECT {key}, {values}{extra}, min(load) AS load FROM ({newest}) GROUP BY {key}"
    rows = f"SELECT *, {hashed(name)} AS hash FROM ({joined})"
    return f"SELECT * EXCLUDE (hash) FROM ({rows}) ANTI JOIN ({unchanged}) USING ({key}, hash)"


def _greatest(name: str, column: str) -> str:
    if name == "tickets" and column in ("status", "status_raw"):
        place = 1 if column == "status" else 2
        if place == 2:
            return f"{_STATUS}[2] AS status_raw"
        return f"{list(_FURTHER)!r}[{_STATUS}[1]::BIGINT] AS status"
    if name == "tickets" and column == "created_at":
        return "min(created_at) AS created_at"  # as `complete_tickets` has it, or the same rows would never settle
    if name == "ratings_stated" and column == "asked_at":
        return "min(asked_at) AS asked_at"
    if name == "ratings_stated" and column in _SAID:
        last = ", ".join(f'"{one}" := "{one}"' for one in _SAID)
        return (
            f'coalesce(max(struct_pack(at := {_STATED}, {last})) FILTER (score IS NOT NULL)."{column}", '
            f'max("{column}")) AS "{column}"'
        )
    if name == "ratings_stated" and column == "comment":
        return (
            f"max(struct_pack(at := {_STATED}, said := comment)) FILTER (comment IS NOT NULL).said AS comment"
        )
    return f'max("{column}") AS "{column}"'


def apply(connection: Connection, name: str) -> None:
    """Put the prepared rows of a table in place of the stored ones. Messages are put by `pipelines.cleaning`."""
    forget(connection, name)
    columns = ", ".join(f'"{column}"' for column in SCHEMAS[name])
    connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM stage.put_{name}")


def forget(connection: Connection, name: str) -> None:
    """Take the stored rows away that prepared ones replace."""
    same = " AND ".join(f"{name}.{column} = put.{column}" for column in KEYS[name])
    connection.execute(f"DELETE FROM {name} USING stage.put_{name} put WHERE {same}")


def _use_brand_names(connection: Connection) -> None:
    """Staged and stored tickets speak of brands by name as soon as the names are known."""
    connection.execute(
        "CREATE OR REPLACE TABLE stage.brand AS SELECT source, id, max(name) AS name FROM ("
        "SELECT source, kind, id, name FROM names UNION ALL SELECT source, kind, id, name FROM stage.names) "
        "WHERE kind = 'brand' AND name IS NOT NULL GROUP BY ALL"
    )
    for table in ("stage.tickets", "tickets"):
        connection.execute(
            f"UPDATE {table} SET brand = brand.name FROM stage.brand brand "
            f"WHERE brand.source = {table}.source AND brand.id = {table}.brand"
        )
    connection.execute(
        f"UPDATE stage.tickets SET hash = {hashed('tickets')} WHERE source IN (SELECT source FROM stage.brand)"
    )


def complete_tickets(connection: Connection) -> None:
    """Instants that only a metric set states, where the ticket has none. Solved only for a ticket that is."""
    connection.execute(
        "UPDATE tickets SET solved_at = stated.solved_at FROM stated_times stated "
        "WHERE stated.source = tickets.source AND stated.ticket_id = tickets.ticket_id AND tickets.solved_at IS NULL "
        "AND stated.solved_at IS NOT NULL AND tickets.status IN ('solved', 'closed')"
    )
    connection.execute(
        "UPDATE tickets SET first_assigned_at = stated.first_assigned_at FROM stated_times stated "
        "WHERE stated.source = tickets.source AND stated.ticket_id = tickets.ticket_id "
        "AND tickets.first_assigned_at IS NULL AND stated.first_assigned_at IS NOT NULL"
    )
    connection.execute(_BEGUN)


# A ticket of a table begins no later than its first message; many tables do not state when it was opened at all.
_BEGUN = """
UPDATE tickets SET created_at = first.at FROM (
    SELECT source, ticket_id, min(created_at) AS at FROM (
        SELECT source, ticket_id, kind, created_at FROM messages UNION ALL
        SELECT source, ticket_id, kind, created_at FROM stage.put_messages
    ) WHERE kind <> 'survey' AND source <> 'zendesk' GROUP BY ALL
) first
WHERE first.source = tickets.source AND first.ticket_id = tickets.ticket_id
  AND (tickets.created_at IS NULL OR tickets.created_at > first.at)
"""


# One list of ratings from all that were stated. A rating with an id of its own stays, and so does the undated state on
# the ticket where nothing else says the same. A score in the audits dates the same score stated without a date, and
# stays itself only where no such rating has it; an offer stays unless it was answered later, and gives its instant to
# the answer.
_RATINGS = f"""
WITH told AS (
    SELECT *, starts_with(rating_id, '{ON_TICKET}') AS is_on_ticket, starts_with(rating_id, '{IN_AUDIT}') AS is_audit
    FROM ratings_stated
), answers AS (
    SELECT source, ticket_id, score, max(answered_at) AS at FROM told WHERE is_audit AND score IS NOT NULL GROUP BY ALL
), offers AS (
    SELECT source, ticket_id, asked_at FROM told WHERE is_audit AND score IS NULL AND asked_at IS NOT NULL
), own AS (
    SELECT DISTINCT source, ticket_id, score FROM told
    WHERE NOT is_on_ticket AND NOT is_audit AND kind = 'csat' AND ticket_id IS NOT NULL
), answered AS (
    SELECT told.* REPLACE (coalesce(told.answered_at, answers.at) AS answered_at) FROM told LEFT JOIN answers
    ON told.kind = 'csat' AND answers.source = told.source AND answers.ticket_id = told.ticket_id
    AND answers.score = told.score
), dated AS (
    SELECT answered.* REPLACE (coalesce(offers.asked_at, answered.asked_at) AS asked_at)
    FROM answered ASOF LEFT JOIN offers ON offers.source = answered.source AND offers.ticket_id = answered.ticket_id
    AND answered.answered_at >= offers.asked_at
), kept AS (
    SELECT * FROM dated WHERE NOT is_on_ticket AND NOT (is_audit AND score IS NOT NULL AND EXISTS (
        SELECT 1 FROM own WHERE own.source = dated.source AND own.ticket_id = dated.ticket_id
        AND own.score = dated.score))
    AND NOT (is_audit AND score IS NULL AND (EXISTS (
        SELECT 1 FROM dated later WHERE later.source = dated.source AND later.ticket_id = dated.ticket_id
        AND later.answered_at >= dated.asked_at AND NOT later.is_on_ticket)
        OR EXISTS (SELECT 1 FROM own WHERE own.source = dated.source AND own.ticket_id = dated.ticket_id
        AND own.score IS NULL)))
)
SELECT * EXCLUDE (is_on_ticket, is_audit) FROM kept UNION ALL
SELECT * EXCLUDE (is_on_ticket, is_audit) FROM dated WHERE is_on_ticket AND NOT EXISTS (
    SELECT 1 FROM kept WHERE kept.source = dated.source AND kept.ticket_id = dated.ticket_id AND kept.kind = 'csat'
    AND (dated.score IS NULL OR kept.score = dated.score))
"""


def derive_ratings(connection: Connection) -> None:
    """Make `ratings` anew from everything stated, and prepare the survey comments as messages to put."""
    columns = ", ".join(f'"{column}"' for column in TABLES["ratings"])
    connection.execute("DELETE FROM ratings")
    connection.execute(f"INSERT INTO ratings ({columns}) SELECT {columns} FROM ({_RATINGS})")


_COMMENTS = """
SELECT source, coalesce(ticket_id, 'survey:' || rating_id) AS ticket_id, 'rating:' || rating_id AS message_id,
    NULL::BIGINT AS position, 'customer' AS author_role, customer_id AS author_id, true AS is_public,
    coalesce(answered_at, asked_at) AS created_at, 'survey' AS kind, comment AS body, NULL::VARCHAR AS text,
    0::BIGINT AS count_attachments, false AS is_html, NULL::BIGINT AS load
FROM ratings WHERE trim(comment) <> ''
"""


def prepare_comments(connection: Connection) -> int:
    """Add new and changed survey comments to the messages to put; take away those no rating has any more."""
    wanted = hashed("messages", "wanted")
    connection.execute(
        f"CREATE OR REPLACE TABLE stage.comments AS SELECT wanted.*, {wanted} AS hash FROM ({_COMMENTS}) wanted"
    )
    connection.execute(
        "DELETE FROM messages WHERE kind = 'survey' AND starts_with(message_id, 'rating:') AND "
        "(source, ticket_id, message_id) NOT IN (SELECT (source, ticket_id, message_id) FROM stage.comments)"
    )
    connection.execute(
        "INSERT INTO stage.put_messages BY NAME SELECT * EXCLUDE (hash) FROM stage.comments ANTI JOIN "
        f"(SELECT source, ticket_id, message_id, {hashed('messages')} AS hash FROM messages WHERE kind = 'survey') "
        "USING (source, ticket_id, message_id, hash)"
    )
    return int(connection.execute("SELECT count(*) FROM stage.put_messages").fetchall()[0][0])
