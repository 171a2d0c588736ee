"""Messages under the thread that they turn out to belong to, whichever file said so and whichever came first.

A message of a mailbox knows only the ids that its own headers name. Who answered a message whose thread began earlier
in another file stands under a ticket of its own, until a file says where that thread began: then its rows move.
"""

from __future__ import annotations

from pipelines.sources.source import NAMES, THREAD
from pipelines.stage import hold
from warehouse.schema import TABLES
from warehouse.store import Connection

_MOST_STEPS = 64  # from an answer to the thread's beginning; a circle of answers ends there too

_LINKS = f"""
CREATE OR REPLACE TABLE stage.links AS SELECT source, id, max(name) AS earlier FROM (
    SELECT source, kind, id, name FROM {NAMES} UNION ALL SELECT source, kind, id, name FROM stage.{NAMES})
WHERE kind = '{THREAD}' AND name IS NOT NULL AND name <> id GROUP BY ALL
"""
_MOVED = f"""
CREATE OR REPLACE TABLE stage.moved AS
WITH RECURSIVE called AS (
    SELECT source, ticket_id FROM tickets UNION SELECT source, ticket_id FROM stage.tickets
    UNION SELECT source, ticket_id FROM messages UNION SELECT source, ticket_id FROM stage.messages),
walk AS (
    SELECT source, ticket_id, ticket_id AS root, 0 AS step FROM called
    SEMI JOIN stage.links ON links.source = called.source AND links.id = called.ticket_id
    UNION ALL
    SELECT walk.source, walk.ticket_id, links.earlier, step + 1
    FROM walk JOIN stage.links links ON links.source = walk.source AND links.id = walk.root
    WHERE step < {_MOST_STEPS})
SELECT source, ticket_id, arg_max(root, step) AS root FROM walk GROUP BY ALL HAVING root <> ticket_id
"""


def follow(connection: Connection) -> None:
    """Give staged and stored rows the id of their thread's beginning. Done before rows are compared."""
    run = connection.execute
    known = run(
        f"SELECT EXISTS (SELECT 1 FROM stage.{NAMES} WHERE kind = '{THREAD}') OR "
        f"(EXISTS (SELECT 1 FROM {NAMES} WHERE kind = '{THREAD}') AND EXISTS (SELECT 1 FROM stage.messages))"
    ).fetchall()
    if not known[0][0]:
        return
    run(_LINKS)
    run(_MOVED)
    for table in ("tickets", "messages"):
        hold(connection, table)
        run(
            f"UPDATE stage.{table} AS row SET ticket_id = moved.root FROM stage.moved moved "
            "WHERE moved.source = row.source AND moved.ticket_id = row.ticket_id"
        )
    # A stored ticket that is no beginning joins the one that is, as if it had been read again.
    columns = ", ".join(f'"{column}"' for column in TABLES["tickets"])
    run(
        f"INSERT INTO stage.tickets BY NAME SELECT {columns}, NULL::BIGINT AS load "
        f"FROM (SELECT tickets.* REPLACE (moved.root AS ticket_id) FROM tickets JOIN stage.moved moved "
        f"ON moved.source = tickets.source AND moved.ticket_id = tickets.ticket_id)"
    )
    run(f"DELETE FROM tickets USING stage.moved moved WHERE {_same('tickets')}")
    run(
        "CREATE OR REPLACE TABLE stage.moving AS SELECT messages.* REPLACE (moved.root AS ticket_id) FROM messages "
        "JOIN stage.moved moved ON moved.source = messages.source AND moved.ticket_id = messages.ticket_id "
        "QUALIFY row_number() OVER (PARTITION BY messages.source, moved.root, message_id ORDER BY body) = 1"
    )
    run(f"DELETE FROM messages USING stage.moved moved WHERE {_same('messages')}")
    run(
        "INSERT INTO messages BY NAME SELECT * FROM stage.moving ANTI JOIN messages USING (source, ticket_id, message_id)"
    )


def _same(table: str) -> str:
    return f"moved.source = {table}.source AND moved.ticket_id = {table}.ticket_id"


# Whose ticket it is where the tickets of a source do not say: the one who first wrote as a customer.
CUSTOMERS = """
UPDATE tickets SET customer_id = first.writer, customer_email = first.writer FROM (
    SELECT source, ticket_id,
        arg_min(author_id, struct_pack(at := coalesce(created_at, TIMESTAMPTZ '9999-01-01'), id := message_id)) AS writer
    FROM (
        SELECT source, ticket_id, message_id, author_role, author_id, created_at FROM messages UNION ALL
        SELECT source, ticket_id, message_id, author_role, author_id, created_at FROM stage.put_messages
    ) WHERE source = 'mailbox' AND author_role = 'customer' AND author_id IS NOT NULL GROUP BY ALL
) first
WHERE first.source = tickets.source AND first.ticket_id = tickets.ticket_id
  AND tickets.customer_id IS DISTINCT FROM first.writer
"""
