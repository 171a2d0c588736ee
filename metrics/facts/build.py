"""The fact tables: one row per ticket, wait, survey and suggestion, with every measure's columns beside it.

A measure's `facts` gives rows by the grain's key; a row that it does not give, or gives as null, is not measured.
Where its SQL also gives a column `is_possible`, only rows where that is true count as rows the measure could have
been taken on (kept as `<measure>_is_possible`); `<column>_is_possible` says so of one column alone. Without them every
row of the grain counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from metrics import registry
from metrics.facts import days, ripe, sample
from metrics.facts.clock import zone_name
from metrics.facts.grains import BASES, INSTANTS, NO_SUGGESTIONS, NUMBERS, SUGGESTED_AT, TABLES
from metrics.measure import GRAIN_KEYS, Derived, Grain, Measure
from warehouse.errors import Declaration
from warehouse.settings import Settings
from warehouse.store import Connection, OutOfMemory

FEW_TICKETS = 2_000
TOGETHER = 17  # measures in one statement where there are few tickets
MANY_TICKETS = 500_000
FEW_TOGETHER = 8  # measures in one statement where there are many, or where memory has run out


def build(connection: Connection, settings: Settings, measures: Sequence[Measure] | None = None) -> None:
    """Make the fact table of every grain anew from what was resolved and heard.

    `measures` are the ones to build, all that are discovered by default. Raises Declaration where a measure's SQL
    does not give its columns or where a derived measure names a column that is nowhere.
    """
    wanted = tuple(registry.discover() if measures is None else measures)
    zone = zone_name(connection, settings)
    own = [measure for measure in wanted if not isinstance(measure, Derived)]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE numbers AS {NUMBERS}")
    _prepare(connection, own, settings)
    for grain in ("wait", "sla", "survey", "suggestion", "ticket"):
        here = [measure for measure in own if measure.grain == grain]
        base = BASES[grain].format(
            keys=_suggestion_keys(here, settings), suggested_at=SUGGESTED_AT, **_days(zone)
        )
        _write(connection, grain, base, here, settings)
    _number(connection)
    of_days = [measure for measure in own if measure.grain == "day"]
    days.make_unsolved_days(connection, settings, zone, BASES["day"].format(**_days(zone)))
    _write(connection, "day", _day_rows(connection, of_days, settings), of_days[1:], settings)
    days.forget(connection)
    connection.execute("DROP TABLE numbers")
    for level in _levels([measure for measure in wanted if isinstance(measure, Derived)], own):
        _prepare(connection, level, settings)
        by_grain: dict[Grain, list[Measure]] = defaultdict(list)
        for measure in level:
            by_grain[measure.grain].append(measure)
        for grain, here in by_grain.items():
            _write(connection, grain, f"SELECT * FROM {TABLES[grain]}", here, settings)
    ripe.learn(connection, own, settings)
    for sampled in sample.SAMPLES:
        sample.draw(connection, sampled)


def _number(connection: Connection) -> None:
    """Write the numbers of tickets and of their customers: one more join of the base would not fit beside the others."""
    for name in ("ticket_number", "customer_number"):
        connection.execute(f"ALTER TABLE ticket_facts ADD COLUMN {name} BIGINT")
    connection.execute(
        "UPDATE ticket_facts SET ticket_number = numbers.ticket_number, customer_number = numbers.customer_number"
        " FROM numbers WHERE numbers.source = ticket_facts.source AND numbers.ticket_id = ticket_facts.ticket_id"
    )


def _prepare(connection: Connection, measures: Sequence[Measure], settings: Settings) -> None:
    """What these measures do before their SQL can be asked."""
    for measure in measures:
        if measure.prepare is not None:
            measure.prepare(connection, settings)


def _days(zone: str) -> dict[str, str]:
    """The day of each instant in the organisation's zone, as SQL."""
    return {name: f"({instant} AT TIME ZONE '{zone}')::DATE" for name, instant in INSTANTS.items()}


def _day_rows(connection: Connection, measures: Sequence[Measure], settings: Settings) -> str:
    """The rows of the day grain with the columns of its first measure, which gives all of unsolved_days beside its own.

    A join of millions of rows to themselves would take longer than all the rest.
    """
    if not measures:
        return "FROM unsolved_days"
    sql = facts_sql(measures[0], settings)
    _check_given(measures[0], _given(connection, sql))
    columns = (f"{c.name}::{_sql_type(c.sql_type, c.total)} AS {c.name}" for c in measures[0].columns)
    return f"SELECT * REPLACE ({', '.join(columns)}) FROM ({sql})"


def _suggestion_keys(measures: Sequence[Measure], settings: Settings) -> str:
    """Every suggestion that any measure of that grain gives."""
    if not measures or measures[0].grain != "suggestion":
        return NO_SUGGESTIONS
    return " UNION ".join(
        f"SELECT source, suggestion_id, ticket_id, message_id FROM ({facts_sql(measure, settings)})"
        for measure in measures
    )


def facts_sql(measure: Measure, settings: Settings) -> str:
    """The SQL of a measure with the numbers of the settings filled in. Raises Declaration on an unknown setting."""
    try:
        return measure.facts.format(settings=settings)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise Declaration(
            f"The SQL of {measure.name} names a setting that does not exist: {error}",
            fix="{settings.section.key}",
        ) from error


def _write(
    connection: Connection, grain: Grain, base: str, measures: Sequence[Measure], settings: Settings
) -> None:
    """Write the grain's table: the base's columns and those of these measures.

    Every join holds its measure's rows in memory. Where that runs out, the base, the measures, FEW_TOGETHER or fewer at a time,
    and the ordering are steps of their own; the rows are the same.
    """
    rows, waiting, steps = f"({base})", list(measures), 0
    count, is_apart = _at_a_time(connection, len(measures))
    while True:
        now = [] if is_apart and not steps else waiting[:count]
        left = waiting[len(now) :]
        is_last = not left and not (is_apart and now)
        table = TABLES[grain] if is_last else f"building_{steps + 1}"
        # Ordered by time, so that a period is found by skipping whole row groups.
        # The days of a ticket stay side by side: there are many of them, and so they take little room.
        date = "asked_on" if grain == "survey" else "created_on"
        order = f" ORDER BY {date} NULLS FIRST" if is_last and grain != "day" else ""
        sql = _joined(connection, grain, rows, now, settings)
        try:
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS {sql}{order}")
        except OutOfMemory:
            if is_apart and len(now) < 2:
                raise
            count = -(-len(now) // 2) if is_apart else min(count, FEW_TOGETHER)
            is_apart = True
            continue
        if steps:
            connection.execute(f"DROP TABLE building_{steps}")
        if is_last:
            return
        rows, waiting, steps = table, left, steps + 1


def _at_a_time(connection: Connection, count: int) -> tuple[int, bool]:
    """How many measures are joined in one statement, all where there are many rows; and whether the base stands apart.

    With few rows nearly all of the time goes into making the plan, which grows faster than the joins in it. With very many
    rows memory would run out after much work.
    """
    tickets = connection.execute("SELECT count(*) FROM tickets").fetchall()[0][0]
    if tickets > MANY_TICKETS and count > FEW_TOGETHER:
        return FEW_TOGETHER, True
    return max(min(count, TOGETHER) if tickets < FEW_TICKETS else count, 1), False


def _joined(
    connection: Connection, grain: Grain, rows: str, measures: Sequence[Measure], settings: Settings
) -> str:
    """The SQL of these rows with the columns of these measures beside them."""
    selected, joins = ["base.*"], []
    key = ", ".join(GRAIN_KEYS[grain])
    for number, measure in enumerate(measures):
        sql, alias = facts_sql(measure, settings), f"measure_{number}"
        given = _given(connection, sql)
        _check_given(measure, given)
        joins.append(f"LEFT JOIN ({sql}) {alias} USING ({key})")
        selected += [
            f"{alias}.{c.name}::{_sql_type(c.sql_type, c.total)} AS {c.name}" for c in measure.columns
        ]
        if "is_possible" in given:
            selected.append(f"coalesce({alias}.is_possible, false) AS {measure.name}_is_possible")
        own = [f"{column.name}_is_possible" for column in measure.columns]
        selected += [f"coalesce({alias}.{name}, false) AS {name}" for name in own if name in given]
    return f"SELECT {', '.join(selected)} FROM {rows} base {' '.join(joins)}"


def _given(connection: Connection, sql: str) -> set[str]:
    """The columns that a measure's SQL gives."""
    return {row[0] for row in connection.execute(f"DESCRIBE {sql}").fetchall()}


def _check_given(measure: Measure, given: set[str]) -> None:
    """Raises Declaration where the grain's key or a column of the measure is not given."""
    named = (*GRAIN_KEYS[measure.grain], *(column.name for column in measure.columns))
    missing = [name for name in named if name not in given]
    if missing:
        raise Declaration(
            f"The SQL of {measure.name} does not give {', '.join(missing)}.", fix="name the columns"
        )


def _sql_type(declared: str, total: str | None) -> str:
    return "BOOLEAN" if total == "share" else declared


def _levels(derived: Sequence[Derived], own: Sequence[Measure]) -> list[list[Derived]]:
    """The derived measures in turns, each after the columns it uses are there."""
    ready = {column.name for measure in own for column in measure.columns}
    waiting, levels = list(derived), []
    while waiting:
        level = [measure for measure in waiting if measure.uses <= ready]
        if not level:
            missing = sorted(set().union(*(measure.uses for measure in waiting)) - ready)
            raise Declaration(f"{waiting[0].name} uses columns that no measure gives: {', '.join(missing)}.")
        levels.append(level)
        ready |= {column.name for measure in level for column in measure.columns}
        waiting = [measure for measure in waiting if measure not in level]
    return levels
