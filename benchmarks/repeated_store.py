"""A store of as many tickets as are wanted: the demo's tables, repeated under new names of tickets, customers and accounts.

What a run gives is kept: the types of the columns, facts in the order of their day, everything else in the order of the
tickets' ids, which go on rising with their day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from metrics.facts import sample
from pipelines.ingest import ingest
from pipelines.sample import generate
from warehouse.settings import Settings
from warehouse.store import Connection, Store, connect

DEMO: Final = 2_800  # tickets that are made, loaded and scored before they are repeated
# What is not repeated: what the data hold once, and what only a run reads.
ONCE: Final = frozenset(
    {"meta", "moment", "ripening", "backlog_days", "names", "teams", "loads", "themes", "theme_words"}
    | {"schedules", "schedules_known", "open_spans", "parts", "sla_targets", "rejects"}
)
LEFT_OUT: Final = frozenset({"events", "holder_spans", "status_spans", "stated_times", "ratings_stated"})
RENAMED: Final = (
    *("ticket_id", "customer_id", "account_id", "account", "rating_id", "suggestion_id", "near_ticket_id"),
    *("message_ticket_id", "refers_to_ticket", "customer_email", "email"),
)
ORDERED: Final = {"ticket_facts": "created_on", "wait_facts": "created_on", "survey_facts": "asked_on"} | {
    "suggestion_facts": "created_on"
}  # as metrics/facts/build.py orders them

AGAIN: Final = (
    "lpad(number::VARCHAR, 5, '0')"  # behind a name: the ids of tickets go on rising with their day
)


def make(root: Path, tickets: int, source: Path | None = None) -> None:
    """A store `demo` of about so many tickets below this folder: those of `source`, or of a fresh demo, again and again."""
    with tempfile.TemporaryDirectory(prefix="heard-bench-") as name:
        if source is None:
            source = Path(name) / "store"
            generate(Path(name) / "export", tickets=DEMO)
            ingest([Path(name) / "export"], store=Store(source, "demo"), settings=Settings())
        live = Store(source, "demo").current()
        store = Store(root, "demo")
        store.folder.mkdir(parents=True)
        made = store.folder / "heard-20260101T000000000000Z.duckdb"
        connection = connect(made, memory_limit="4GB")
        connection.execute(f"SET temp_directory='{store.folder}/spilled'")
        connection.execute(f"ATTACH '{live}' AS one (READ_ONLY)")
        _repeat(connection, tickets)
        connection.close()
    store.point_to(made.name)


def _repeat(connection: Connection, tickets: int) -> None:
    count = connection.execute("SELECT count(*) FROM one.ticket_facts").fetchall()[0][0]
    times = max(1, round(tickets / count))
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'one' AND NOT internal"
    ).fetchall():
        columns.setdefault(table, []).append(column)
    views = connection.execute(
        "SELECT view_name, sql FROM duckdb_views() WHERE database_name = 'one' AND NOT internal"
    ).fetchall()
    for table in sorted(set(columns) - {name for name, _ in views}):
        connection.execute(f"CREATE TABLE {table} AS {_rows_of(table, columns[table], times)}")
    for _, sql in views:
        connection.execute(sql)
    for grain in sample.SAMPLES:
        sample.draw(connection, grain)


def _rows_of(table: str, columns: Sequence[str], times: int) -> str:
    """SQL of a table's rows so many times over; agents stay who they are."""
    if table in LEFT_OUT:
        return f"SELECT * FROM one.{table} WHERE false"
    renamed = [f"{name} || {AGAIN} AS {name}" for name in columns if name in RENAMED]
    if "cluster" in columns:
        renamed.append("hash(cluster, number) AS cluster")
    numbers = [name for name in columns if name in ("ticket_number", "customer_number")]
    renamed += [f"{name} * {times} + number AS {name}" for name in numbers]
    if table == "accounts":
        renamed.append(f"name || {AGAIN} AS name")
    if table == "people":
        renamed.append(f"CASE role WHEN 'agent' THEN person_id ELSE person_id || {AGAIN} END AS person_id")
    if table in ONCE or not renamed:
        return f"SELECT * FROM one.{table}"
    kept = " WHERE role IS DISTINCT FROM 'agent' OR number = 0" if table == "people" else ""
    if table in ORDERED:
        order = f" ORDER BY {ORDERED[table]} NULLS FIRST"
    else:
        order = f" ORDER BY {table}.ticket_id, number, {table}.rowid" if "ticket_id" in columns else ""
    return f"SELECT {table}.* REPLACE ({', '.join(renamed)}) FROM range({times}) numbers(number), one.{table}{kept}{order}"
