"""What conversations can be compared by: the dimensions of every fact table, and groups that are made of a ticket's facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from metrics.tally import Queried


@dataclass(frozen=True)
class Grouping:
    """One way to part conversations: its name in an address, its title and how one and several groups are called.

    `sql` is over a ticket's facts (and account_tier); empty where each row of facts carries the name as a column.
    """

    name: str
    title: str
    one: str
    many: str
    sql: str = ""


_NOTHING: Final = "''"
# The hour of each quarter of an hour in which anything arrived: a zone's rules are asked some thousand times, not a million.
QUARTER: Final = "epoch_us(created_at) // 900000000"
HOURS_SQL: Final = f"""(SELECT quarter, lpad(extract(hour FROM make_timestamptz(quarter * 900000000) AT TIME ZONE
        coalesce((SELECT value FROM meta WHERE key = 'zone' AND value <> ''), 'UTC'))::VARCHAR, 2, '0') || ':00' AS hour
    FROM (SELECT DISTINCT {QUARTER} AS quarter FROM ticket_facts))"""
_WHO: Final = (
    "CASE WHEN is_answered_by_both THEN 'a machine and a person' WHEN is_answered_by_human THEN 'a person'"
    " WHEN is_answered_by_ai THEN 'AI' WHEN is_answered_by_bot THEN 'a bot' WHEN is_answered_by_nobody THEN 'nobody' END"
)
GROUPINGS: Final = (
    Grouping("team", "Team", "team", "teams"),
    Grouping("channel", "Channel", "channel", "channels"),
    Grouping("contact_reason", "Topic", "topic", "topics"),
    Grouping("tag", "Tag", "tag", "tags"),
    Grouping("week", "Week", "week", "weeks"),
    Grouping("priority", "Priority", "priority", "priorities"),
    Grouping("type", "Type", "type", "types"),
    Grouping("account_tier", "Account tier", "tier", "tiers", "account_tier"),
    Grouping("hour", "Hour of arrival", "hour", "hours", "hour"),
    Grouping("language", "Language", "language", "languages"),
    Grouping("answered_by", "Who answered", "kind of answerer", "kinds of answerers", _WHO),
    Grouping("brand", "Brand", "brand", "brands"),
    Grouping("agent", "Agent", "agent", "agents"),
)
BY_NAME: Final = {one.name: one for one in GROUPINGS}
MADE: Final = tuple(one.name for one in GROUPINGS if one.sql)  # of a ticket's facts, in no row of its own


def made_sql(name: str) -> str:
    """SQL of every ticket with its group: source, ticket_id, made."""
    return f"(SELECT source, ticket_id, {BY_NAME[name].sql} AS made FROM ticket_facts{_beside(name)})"


def _beside(name: str) -> str:
    """What a group is made of beside a ticket's own facts."""
    if name == "hour":
        return f" LEFT JOIN {HOURS_SQL} ON quarter = {QUARTER}"
    if name == "account_tier":
        return " LEFT JOIN (SELECT source, ticket_id, account_tier FROM ticket_accounts) USING (source, ticket_id)"
    return ""


def made_condition(name: str, values: Sequence[str], key: str) -> tuple[str, list[Any]]:
    """SQL that keeps the rows whose ticket is in one of these groups ("" is none); `key` is SQL of its source and id."""
    wanted = [value for value in values if value]
    blank = " OR made IS NULL" if "" in values else ""
    return (
        f"({key}) IN (SELECT source, ticket_id FROM {made_sql(name)} WHERE made = ANY(?::VARCHAR[]){blank})",
        [wanted],
    )


def own_condition(name: str, values: Sequence[str]) -> tuple[str, list[Any]]:
    """`made_condition` of a ticket's own facts, where these say it by themselves: nothing is joined."""
    wanted = [value for value in values if value]
    if name == "hour":
        blank = " OR created_at IS NULL" if "" in values else ""
        return f"({QUARTER} IN (SELECT quarter FROM {HOURS_SQL} WHERE hour = ANY(?::VARCHAR[])){blank})", [
            wanted
        ]
    if name == "answered_by":
        blank = f" OR ({_WHO}) IS NULL" if "" in values else ""
        return f"(({_WHO}) = ANY(?::VARCHAR[]){blank})", [wanted]
    return made_condition(name, values, "source, ticket_id")


def present(version: Queried) -> tuple[str, ...]:
    """The names of the groupings of which the conversations hold at least one group; weeks and hours always are."""
    held = [one.name for one in GROUPINGS if one.name not in ("tag", "week", "hour")]
    columns = [
        "coalesce(max(len(tags)), 0) > 0 AS tag",
        *(f"count({BY_NAME[name].sql or f'nullif({name}, {_NOTHING})'}) > 0 AS {name}" for name in held),
    ]
    row = version.query(
        f"SELECT {', '.join(columns)} FROM ticket_facts LEFT JOIN (SELECT source, ticket_id, account_tier FROM ticket_accounts)"
        " USING (source, ticket_id)"
    ).row(0, named=True)
    return tuple(one.name for one in GROUPINGS if row.get(one.name, True))
