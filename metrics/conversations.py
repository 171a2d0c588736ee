"""Finding the conversations behind a number, those that say most first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from metrics import groupings, incidents, registry
from metrics.measure import Column, Grain
from metrics.quotes import Quote, quotes
from metrics.reading import Reading, read
from metrics.reviews import corrected
from metrics.totals import Scope, facts_sql
from warehouse.errors import HeardError
from warehouse.schema import DIMENSIONS
from warehouse.store import Version

__all__ = ["Answer", "Place", "Reading", "Sought", "count", "find", "place", "read"]

Answer = Literal["measured", "yes", "no"]
MOST_NAMED: Final = 12  # values that an error names
_ORDER: Final = "sort_key NULLS LAST, dated_on DESC NULLS LAST, source, ticket_id"


@dataclass(frozen=True)
class Sought:
    """What a reader looks for: conversations that a column counted, with that answer, that hold these words.

    `column` None takes every conversation. `answer` yes and no are for shares; for a net figure they are its two
    ends. `text` is looked for in public messages, in any case.
    """

    column: str | None = None
    answer: Answer = "measured"
    text: str = ""


@dataclass(frozen=True)
class Place:
    """Where a conversation stands among those sought: its number from 1 (None: not among them), its neighbours.

    A neighbour is (source, ticket_id).
    """

    number: int | None
    count: int
    previous: tuple[str, str] | None
    following: tuple[str, str] | None


def find(
    version: Version, scope: Scope, sought: Sought | None = None, *, limit: int = 25, offset: int = 0
) -> pl.DataFrame:
    """The conversations of a scope that a reader looks for, one row each, those that say most first.

    Columns: source, ticket_id, subject, team, channel, dated_on (DATE, by the measure's own date), value (of the
    column sought; the worst one where a conversation has several), mood_on_arrival, mood_after_answer, quote (the
    sentence that says most, else the customer's first words), quote_measure and quote_kind (null for first words),
    count_all (how many there are without the limit). A survey comment without a ticket is a conversation of its
    own, called 'survey:' and the rating's id.
    """
    sought = sought or Sought()
    counted, params = _counted(version, scope, sought)
    rows = version.query(
        f"""
        WITH counted AS ({counted}),
        listed AS MATERIALIZED (
            FROM counted ORDER BY {_ORDER} LIMIT {int(limit)} OFFSET {max(0, int(offset))})
        SELECT source, ticket_id, t.subject, coalesce(t.team, c.team) AS team, coalesce(t.channel, c.channel) AS channel,
               c.dated_on, c.value, {_mood_columns()}, (SELECT count(*) FROM counted) AS count_all
        FROM listed c
        LEFT JOIN tickets_clean t USING (source, ticket_id)
        LEFT JOIN ticket_facts m USING (source, ticket_id)
        ORDER BY {_ORDER}
        """,
        params,
    )
    return _with_quotes(version, rows, sought.column)


def count(version: Version, scope: Scope, sought: Sought | None = None) -> int:
    """How many conversations `find` gives without a limit."""
    counted, params = _counted(version, scope, sought or Sought())
    return int(version.query(f"SELECT count(*) AS n FROM ({counted})", params)["n"][0])


def count_wrong(version: Version, scope: Scope, sought: Sought) -> int:
    """How many more `find` would give, had no person marked every sentence of theirs wrong."""
    if not _wrong(version, sought):
        return 0
    counted, params = _counted(version, scope, sought, is_wrong=True)
    return int(version.query(f"SELECT count(*) AS n FROM ({counted})", params)["n"][0])


def place(version: Version, scope: Scope, sought: Sought, source: str, ticket_id: str) -> Place:
    """Where a conversation stands in the order of `find`, with the one before and the one after."""
    counted, params = _counted(version, scope, sought)
    rows = version.query(
        f"""
        WITH counted AS ({counted}), ordered AS (
            SELECT source, ticket_id, count(*) OVER () AS count_all, row_number() OVER w AS number,
                   lag(source) OVER w AS previous_source, lag(ticket_id) OVER w AS previous_ticket,
                   lead(source) OVER w AS next_source, lead(ticket_id) OVER w AS next_ticket
            FROM counted
            WINDOW w AS (ORDER BY {_ORDER})
        )
        SELECT * FROM ordered WHERE source = ? AND ticket_id = ?
        """,
        [*params, source, ticket_id],
    ).to_dicts()
    if not rows:
        return Place(None, count(version, scope, sought), None, None)
    row = rows[0]
    before = (row["previous_source"], row["previous_ticket"]) if row["previous_ticket"] is not None else None
    after = (row["next_source"], row["next_ticket"]) if row["next_ticket"] is not None else None
    return Place(row["number"], row["count_all"], before, after)


def _counted(
    version: Version, scope: Scope, sought: Sought, *, is_wrong: bool = False
) -> tuple[str, list[Any]]:
    """SQL of the conversations sought: source, ticket_id, team, channel, dated_on, value, sort_key.

    A yes of which every sentence was marked wrong by a person is not listed (with `is_wrong` it alone is); the rates stay
    as they were read.
    """
    grain: Grain = "ticket"
    if sought.column is None:
        facts, dated_by = _facts(scope, grain), "ended_at"
        value, order, condition = "NULL", "NULL", "true"
    else:
        measure, column = registry.find(sought.column)
        grain = measure.grain
        facts, dated_by = _facts(scope, grain), measure.dated_by
        quoted = f'f."{column.name}"'
        value, order = _value_and_order(column, quoted, is_one=grain == "ticket")
        condition = _condition(column, quoted, sought.answer)
    day = f"f.{dated_by.removesuffix('_at')}_on"
    where, params = scope_sql(scope, day, key="f.conversation_source, f.conversation_id")
    wrong = _wrong(version, sought)
    if wrong:
        pairs = ", ".join("(?, ?)" for _ in wrong)
        where += f" AND (f.conversation_source, f.conversation_id) {'' if is_wrong else 'NOT'} IN ({pairs})"
        params.extend(part for key in wrong for part in key)
    if sought.text.strip():
        where += (
            " AND EXISTS (SELECT 1 FROM turns w WHERE w.source = f.conversation_source AND w.ticket_id = f.conversation_id"
            " AND w.is_public AND contains(lower(w.text), lower(?)))"
        )
        params.append(sought.text.strip())
    # A ticket's facts are one row: nothing to put together.
    is_one = grain == "ticket"
    dated = day if is_one else f"max({day})"
    team, channel = (f"f.{name}" if is_one else f"any_value(f.{name})" for name in ("team", "channel"))
    grouped = "" if is_one else " GROUP BY f.conversation_source, f.conversation_id"
    sql = f"""
        SELECT f.conversation_source AS source, f.conversation_id AS ticket_id, {team} AS team, {channel} AS channel,
               {dated} AS dated_on, {value} AS value, {order} AS sort_key
        FROM {facts} f WHERE {condition} AND {where}{grouped}
    """
    return sql, params


def _wrong(version: Version, sought: Sought) -> tuple[tuple[str, str], ...]:
    return corrected(version, sought.column) if sought.column and sought.answer == "yes" else ()


def _facts(scope: Scope, grain: Grain) -> str:
    """The fact table of a grain with the conversation of each row.

    A survey stands in the conversation that it names. Without one its comment is a conversation of its own; where there
    is no comment either, it is read beside its customer's latest ticket, if there is one.
    """
    if grain != "survey":
        return f"(SELECT *, source AS conversation_source, ticket_id AS conversation_id FROM {facts_sql(scope, grain)})"
    return """(
        SELECT s.*, CASE WHEN in_ticket THEN s.ticket_source ELSE s.source END AS conversation_source,
               CASE WHEN in_ticket THEN s.ticket_id ELSE 'survey:' || s.rating_id END AS conversation_id
        FROM (
            SELECT f.*, f.ticket_id IS NOT NULL AND (f.joined_by = 'ticket' OR coalesce(r.comment, '') = '') AS in_ticket
            FROM survey_facts f JOIN surveys r USING (source, rating_id)
        ) s
    )"""


def _value_and_order(column: Column, quoted: str, *, is_one: bool) -> tuple[str, str]:
    """SQL of a conversation's value, the worst of several where it is not one, and of what those that say most stand by."""
    is_low = column.unit in ("share", "net") or column.better == "higher"
    value = f"{quoted}::DOUBLE" if is_one else f"{'min' if is_low else 'max'}({quoted}::DOUBLE)"
    if column.unit in ("share", "net"):
        return value, "NULL"
    return value, value if is_low else f"-{value}"


def _condition(column: Column, quoted: str, answer: Answer) -> str:
    if answer == "measured":
        return f"{quoted} IS NOT NULL"
    if column.unit == "net":
        return f"{quoted}::DOUBLE {'>' if answer == 'yes' else '<'} 0"
    return f"{quoted}::DOUBLE {'>' if answer == 'yes' else '='} 0"


def scope_sql(scope: Scope, day: str, alias: str = "f", key: str = "") -> tuple[str, list[Any]]:
    """The condition of a scope over a fact table; names come from a fixed list, values are bound.

    `key` is SQL of the source and the id of a row's ticket, where they are not the table's own.
    """
    parts: list[str] = ["true"]
    params: list[Any] = []
    if scope.date_from:
        parts.append(f"{day} >= ?")
        params.append(scope.date_from)
    if scope.date_to:
        parts.append(f"{day} <= ?")
        params.append(scope.date_to)
    kept, left_out = incidents.conditions(scope.without, f"{alias}.created_on", f"{alias}.tags")
    parts += kept
    params += left_out
    for name, values in scope.where.items():
        places = ", ".join("?" for _ in values)
        if name in groupings.MADE:
            test, made = groupings.made_condition(name, values, key or f"{alias}.source, {alias}.ticket_id")
            parts.append(test)
            params += made
            continue
        if name == "tag":
            parts.append(f"list_has_any({alias}.tags, [{places}])")
        elif name in DIMENSIONS and name != "tags":
            parts.append(f'{alias}."{name}" IN ({places})')
        else:
            raise ValueError(f"{name} is not a dimension")
        params.extend(values)
    return " AND ".join(parts), params


def _mood_columns() -> str:
    """The two moods of a ticket, where the measure that gives them is there."""
    known = {column.name for measure in registry.discover() for column in measure.columns}
    names = ("mood_on_arrival", "mood_after_answer")
    return ", ".join(f"m.{name}" if name in known else f"NULL::DOUBLE AS {name}" for name in names)


def _with_quotes(version: Version, rows: pl.DataFrame, column: str | None) -> pl.DataFrame:
    keys = [(row["source"], row["ticket_id"]) for row in rows.iter_rows(named=True)]
    found = quotes(version, keys, column)
    said = [found.get(key, Quote(None, None, None)) for key in keys]
    return rows.with_columns(
        pl.Series("quote", [quote.text for quote in said], dtype=pl.String()),
        pl.Series("quote_measure", [quote.measure for quote in said], dtype=pl.String()),
        pl.Series("quote_kind", [quote.kind for quote in said], dtype=pl.String()),
    )


def values(version: Version, dimension: str) -> list[str]:
    """The values of a dimension of the conversations, in order of the alphabet; nulls left out."""
    if dimension not in DIMENSIONS or dimension == "tags":
        raise ValueError(f"{dimension} is not a dimension")
    rows = version.query(
        f'SELECT DISTINCT "{dimension}" AS value FROM ticket_facts WHERE "{dimension}" <> \'\' ORDER BY 1'
    )
    return [str(value) for value in rows["value"]]


def check_values(version: Version, where: Mapping[str, Sequence[str]]) -> None:
    """Raise HeardError where a value is asked for that the data do not hold: a slip of the pen is no figure of 0."""
    for name, asked in where.items():
        known = values(version, name) if name in DIMENSIONS and name != "tags" else asked
        missing = [value for value in asked if value not in known]
        if missing:
            said = ", ".join([*known[:MOST_NAMED], *(["..."] if len(known) > MOST_NAMED else [])])
            raise HeardError(
                f"No conversation has the {name} {missing[0]!r}.",
                fix=f"known are {said}" if known else f"load an export that holds the {name}",
            )


def extent(version: Version) -> tuple[int, int]:
    """How many conversations and teams the figures stand on."""
    row = version.query("SELECT count(*), count(DISTINCT team) FROM ticket_facts").row(0)
    return int(row[0]), int(row[1])
