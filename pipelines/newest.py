"""Rival copies of one ticket into one row: column by column, the newest that is known of each.

A file need not know everything: a table has the agent's name and no id, a list of deleted tickets little more than a
date. So each column counts as known since an instant: the row's own `updated_at`, or what `known_at` says of it where
that is another ("agent_id@0": not known at all). Which files came first changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from warehouse.schema import KEYS, TABLES

_FURTHER = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
# The further status with its raw word; a list compares place by place.
_STATUS = (
    f"max([lpad(coalesce(list_position({list(_FURTHER)!r}, status), 0)::VARCHAR, 2, '0'), status_raw]) "
    "FILTER (stamp = top)"
)
# What a ticket is now: the newest row says it, also where it says nothing.
_NOW: Final = ("status", "status_raw", "first_assigned_at", "solved_at", "closed_at", "updated_at")
# What may be taken away from a ticket again: empty is a statement, unless the row does not have the column at all.
MAY_BE_EMPTIED: Final = ("priority", "type", "team_id", "team", "agent_id", "agent", "account_id")
# A name is out of date as soon as its id is stated anew.
_BELONGS_TO: Final = {"team": "team_id", "agent": "agent_id"}
# Without any instant a row is known longer than not at all.
_STAMP = "coalesce(epoch_us(coalesce(updated_at, greatest(first_assigned_at, solved_at, closed_at))), 1)"


def silent(columns: Iterable[str]) -> list[str] | None:
    """What `known_at` says for a row that has only these columns; None where it has all that may be emptied."""
    given = set(columns)
    unknown = (one for one in MAY_BE_EMPTIED if one not in given and _BELONGS_TO.get(one, one) not in given)
    return [f"{column}@0" for column in unknown] or None


def one_ticket(rivals: str) -> str:
    """The SQL that makes one row of each ticket's rivals: the key, every column and `load`."""
    key = ", ".join(KEYS["tickets"])
    kept = [column for column in TABLES["tickets"] if column not in (*KEYS["tickets"], "known_at")]
    stamped = ", ".join(f'{_known_since(column)} AS "{column}_at"' for column in kept if column not in _NOW)
    marks = ", ".join(
        f'CASE WHEN max("{column}_at") <> any_value(top) THEN \'{column}@\' || max("{column}_at") END'
        for column in kept
        if column not in _NOW
    )
    values = ", ".join(f'{_value(column)} AS "{column}"' for column in kept)
    return (
        f"SELECT {key}, {values}, "
        f"nullif(list_sort(list_filter([{marks}], lambda mark: mark IS NOT NULL)), []) AS known_at, min(load) AS load "
        f"FROM (SELECT *, max(stamp) OVER (PARTITION BY {key}) AS top, {stamped} FROM "
        f"(SELECT *, {_STAMP} AS stamp FROM {rivals})) GROUP BY {key}"
    )


def _known_since(column: str) -> str:
    stated = (
        f"coalesce(CASE WHEN known_at IS NOT NULL THEN split_part(list_filter(known_at, "
        f"lambda mark: starts_with(mark, '{column}@'))[1], '@', 2)::BIGINT END, stamp)"
    )
    return stated if column in MAY_BE_EMPTIED else f'CASE WHEN "{column}" IS NOT NULL THEN {stated} END'


def _value(column: str) -> str:
    if column == "status":
        return f"{list(_FURTHER)!r}[{_STATUS}[1]::BIGINT]"
    if column == "status_raw":
        return f"{_STATUS}[2]"
    if column in _NOW:
        return f'max("{column}") FILTER (stamp = top)'
    if column == "created_at":
        # Of equally new ones the earlier, as the first message may have set it; or the same rows would never settle.
        return f"make_timestamptz(-({_newest(column, '-epoch_us(created_at)')}))"
    return _newest(column, f'"{column}"')


def _newest(column: str, value: str) -> str:
    """What was known last; of equally new ones what is known at all, then the greater."""
    packed = f'struct_pack(at := "{column}_at", is_known := "{column}" IS NOT NULL, found := {value})'
    return f'max({packed}) FILTER ("{column}_at" IS NOT NULL).found'
