"""Staged rows into the merged tables: the same files in any order, pieces and number give the same tables.

Tickets: column by column the newest that is known (`pipelines.newest`); one without `updated_at` is as new as its
last known step. People and metric sets: the newest `updated_at` wins. Of equally new ones what is known wins over what
is not, the further status, else the greater value. Ratings: the answer that was stated last, each date from whoever knows it. Messages and events: by their own ids; where two differ, the one with words, then the greater hash.
A row that is not in a file is never taken away, so that an absent collection erases nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines import newest, parts, threads
from pipelines.sources._zendesk_ratings import IN_AUDIT, ON_TICKET
from pipelines.stage import EXTRA, KEYS, SCHEMAS, content, hold
from warehouse.schema import TABLES
from warehouse.store import Connection

_NEWEST = {
    "people": "updated_at",
    "stated_times": "stated_at",
    "accounts": "updated_at",
    "schedules": "updated_at",
}
_BY_HASH = {
    "messages": "body IS NOT NULL DESC, {hash} DESC",
    "events": "{hash} DESC",
    "ticket_schedules": "{hash} DESC",
    "sla_targets": "{hash} DESC",
}
# What a rating says; an answer is given anew as a whole. Who states it without a date knows it least.
_SAID = ("score", "scale_min", "scale_max", "is_positive", "score_raw")
_STATED = "coalesce(stated_at, TIMESTAMPTZ '1970-01-01')"


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
    threads.follow(connection)
    parts.put(connection)
    return Merged({name: _prepare(connection, name) for name in SCHEMAS})


def counts_by_load(connection: Connection) -> dict[int, int]:
    """How many prepared rows each file brought, by its number."""
    listed = " UNION ALL ".join(f"SELECT load FROM stage.put_{name}" for name in SCHEMAS)
    rows = connection.execute(f"SELECT load, count(*) FROM ({listed}) GROUP BY load").fetchall()
    return {int(load): int(count) for load, count in rows if load is not None}


def _prepare(connection: Connection, name: str) -> int:
    run = connection.execute
    columns = ", ".join(f'"{column}"' for column in (*SCHEMAS[name], *EXTRA.get(name, ()), "load"))
    count, is_repeated = _count_staged(connection, name)
    if not count or not (is_repeated or has_rows(connection, name)):
        # Nothing to compare with: what was read is put as it lies there.
        run(f"CREATE OR REPLACE VIEW stage.put_{name} AS SELECT {columns} FROM stage.{name}")
        return count
    key = ", ".join(KEYS[name])
    staged, stored = _marks(name, "staged"), _marks(name, "stored")
    # A stored row is told again where its key (key_mark) and its content (hash) are: two numbers in place of all words.
    run(
        f"CREATE OR REPLACE TABLE stage.known AS SELECT {stored} FROM {name} stored "
        f"WHERE hash({key}) IN (SELECT hash({key}) FROM stage.{name})"
    )
    # What is stored already, to the letter, is not looked at again.
    run(
        f"CREATE OR REPLACE TABLE stage.fresh AS SELECT * FROM "
        f"(SELECT {columns}, {staged} FROM stage.{name} staged) ANTI JOIN stage.known USING (key_mark, hash)"
    )
    run(
        "CREATE OR REPLACE TABLE stage.many AS SELECT key_mark FROM (SELECT key_mark FROM stage.fresh UNION ALL "
        "SELECT key_mark FROM stage.known SEMI JOIN stage.fresh USING (key_mark)) GROUP BY key_mark HAVING count(*) > 1"
    )
    run(
        f"CREATE OR REPLACE TABLE stage.put_{name} AS "
        f"SELECT {columns} FROM stage.fresh ANTI JOIN stage.many USING (key_mark)"
    )
    table = ", ".join(f'"{column}"' for column in SCHEMAS[name])
    nothing = "".join(f", NULL AS {column}" for column in EXTRA.get(name, ()))
    run(
        f"CREATE OR REPLACE TABLE stage.rivals AS SELECT {columns}, hash FROM stage.fresh "
        f"SEMI JOIN stage.many USING (key_mark) UNION ALL SELECT {table}{nothing}, NULL AS load, hash FROM "
        f"(SELECT {table}, {stored} FROM {name} stored) SEMI JOIN stage.many USING (key_mark)"
    )
    run(f"INSERT INTO stage.put_{name} BY NAME {_joined(name, key)}")
    for spent in ("known", "fresh", "many", "rivals"):
        run(f"DROP TABLE stage.{spent}")
    (total,) = run(f"SELECT count(*) FROM stage.put_{name}").fetchall()[0]
    return int(total)


def _marks(name: str, alias: str) -> str:
    """Two numbers of a row: of its key, and of its content."""
    key = ", ".join(f'{alias}."{column}"' for column in KEYS[name])
    return f"hash({key}) AS key_mark, hash({content(name, alias)}) AS hash"


def _count_staged(connection: Connection, name: str) -> tuple[int, bool]:
    """How many rows were read for a table, and whether any key comes twice (seldom: seems to)."""
    key = ", ".join(KEYS[name])
    rows = connection.execute(f"SELECT count(*), count(DISTINCT hash({key})) FROM stage.{name}").fetchall()
    return int(rows[0][0]), rows[0][0] != rows[0][1]


def has_rows(connection: Connection, table: str) -> bool:
    """Whether a table holds anything."""
    return bool(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchall()[0][0])


def _joined(name: str, key: str) -> str:
    """One row of each group of rivals, left out where it is the stored one."""
    if name in _BY_HASH:
        order = _BY_HASH[name].format(hash=_lasting_hash(name))
        joined = (
            f"SELECT * EXCLUDE (hash) FROM stage.rivals QUALIFY row_number() OVER "
            f"(PARTITION BY {key} ORDER BY {order}, load NULLS FIRST) = 1"
        )
    elif name == "tickets":
        joined = newest.one_ticket("stage.rivals")
    else:
        latest = "SELECT * FROM stage.rivals"
        if name in _NEWEST:
            latest += (
                f" QUALIFY rank() OVER (PARTITION BY {key} ORDER BY {_NEWEST[name]} DESC NULLS LAST) = 1"
            )
        values = ", ".join(_greatest(name, column) for column in SCHEMAS[name] if column not in KEYS[name])
        joined = f"SELECT {key}, {values}, min(load) AS load FROM ({latest}) GROUP BY {key}"
    return (
        f"SELECT * EXCLUDE (key_mark, hash) FROM (SELECT *, {_marks(name, 'joined')} FROM ({joined}) joined) "
        "ANTI JOIN stage.known USING (key_mark, hash)"
    )


def _lasting_hash(name: str) -> str:
    """A row's content hash that is the same in every version of the database, since a choice hangs on it."""
    words = ", ".join(f"coalesce({column}::VARCHAR, chr(0))" for column in content(name).split(", "))
    return f"md5(concat_ws(chr(31), {words}))"


def _greatest(name: str, column: str) -> str:
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
    if has_rows(connection, name):
        same = " AND ".join(f"{name}.{column} = put.{column}" for column in KEYS[name])
        connection.execute(f"DELETE FROM {name} USING stage.put_{name} put WHERE {same}")


def _use_brand_names(connection: Connection) -> None:
    """Staged and stored tickets speak of brands by name as soon as the names are known."""
    connection.execute(
        "CREATE OR REPLACE TABLE stage.brand AS SELECT source, id, max(name) AS name FROM ("
        "SELECT source, kind, id, name FROM names UNION ALL SELECT source, kind, id, name FROM stage.names) "
        "WHERE kind = 'brand' AND name IS NOT NULL GROUP BY ALL"
    )
    if not has_rows(connection, "stage.brand"):
        return
    connection.execute(
        "UPDATE tickets SET brand = brand.name FROM stage.brand brand "
        "WHERE brand.source = tickets.source AND brand.id = tickets.brand"
    )
    hold(connection, "tickets")
    connection.execute(
        "UPDATE stage.tickets SET brand = brand.name FROM stage.brand brand "
        "WHERE brand.source = tickets.source AND brand.id = tickets.brand"
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
    connection.execute(threads.CUSTOMERS)


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


def prepare_comments(connection: Connection) -> None:
    """Make `stage.put_comments` of the new and changed survey comments; take away those no rating has any more."""
    wanted, stored = content("messages", "wanted"), content("messages", "stored")
    connection.execute(f"CREATE OR REPLACE TABLE stage.comments AS {_COMMENTS}")
    connection.execute(
        "DELETE FROM messages WHERE kind = 'survey' AND starts_with(message_id, 'rating:') AND "
        "(source, ticket_id, message_id) NOT IN (SELECT (source, ticket_id, message_id) FROM stage.comments)"
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE stage.put_comments AS SELECT wanted.* FROM stage.comments wanted ANTI JOIN "
        f"(SELECT *, hash({stored}) AS hash FROM messages stored WHERE kind = 'survey') stored "
        "ON stored.source = wanted.source AND stored.ticket_id = wanted.ticket_id "
        f"AND stored.message_id = wanted.message_id AND stored.hash = hash({wanted})"
    )
    same = " AND ".join(f"messages.{column} = put.{column}" for column in KEYS["messages"])
    connection.execute(f"DELETE FROM messages USING stage.put_comments put WHERE {same}")
