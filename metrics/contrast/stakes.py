"""Whose value is at stake: customers who said they'd leave, went quiet, or left worse, each counted once.

A customer with several of these counts in the first of CLASSES that holds. Where the account behind a ticket has a value,
the account is counted in place of its customers, once, with that value. Who had left already is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from metrics.contrast.holders import NOW
from metrics.totals import Scope, rows_sql
from warehouse.rights import Area
from warehouse.store import Version


@dataclass(frozen=True)
class Class:
    """One way in which a customer's value is at stake: the column that says so of a conversation, and words for it."""

    name: str
    column: str
    title: str
    words: str
    about: str


CLASSES: Final = (
    Class("leaving", "has_words_of_leaving", "Said they'd leave", "said they'd leave",
        "Words of leaving in a conversation of the period."),
    Class("quiet", "is_gone_quiet", "Went quiet", "went quiet",
        "Left their last conversation unhappy and are silent beyond their own rhythm; not counted above."),
    Class("worse", "left_worse", "Left worse", "left worse",
        "Left a conversation worse than they came; not counted above."),
)  # fmt: skip
RATED_BAD: Final = "rated_bad"


@dataclass(frozen=True)
class Part:
    """Customers and accounts of one class: how many, the yearly value of those that have one, how many have none.

    count_rated_bad: those of them who also gave a bad rating in the scope.
    """

    count: int = 0
    value: float = 0.0
    count_without_value: int = 0
    count_rated_bad: int = 0


@dataclass(frozen=True)
class Stakes:
    """All customers and accounts of a scope by class; rated_bad: those who gave a bad rating, whatever they said.

    currency: of the values that are added, the one that most accounts have. count_other_currency: accounts with a value in
    another currency; their value is not added, nor taken from an assumption. count_left: had left by the as-of instant.
    """

    count: int
    currency: str | None
    by_class: dict[str, Part]
    rated_bad: Part
    count_other_currency: int
    count_left: int


_SQL: Final = """
WITH {now},
chosen AS ({chosen}),
tickets AS (
    SELECT {signs}, s.is_satisfied = false AS is_rated_bad,
        a.account_value, a.account_currency, a.account_churned_at <= now.as_of AS is_left,
        CASE WHEN a.account_value IS NOT NULL THEN s.source || chr(31) || coalesce(s.account_id, a.account) END AS account,
        CASE WHEN a.account_value IS NULL THEN s.customer_number END AS customer
    FROM chosen s LEFT JOIN ticket_accounts a ON a.source = s.source AND a.ticket_id = s.ticket_id, now),
holders AS (
    SELECT {any_sign}, coalesce(bool_or(is_rated_bad), false) AS is_rated_bad, max(account_value) AS value,
        any_value(account_currency) AS currency, coalesce(bool_or(is_left), false) AS is_left
    FROM tickets WHERE account IS NOT NULL OR customer IS NOT NULL GROUP BY account, customer)
SELECT CASE {classes} END AS class, is_rated_bad, is_left, currency, count(*) AS n, count(value) AS n_valued,
    coalesce(sum(value), 0) AS value
FROM holders GROUP BY ALL ORDER BY ALL
"""


def measured(version: Version) -> list[str]:
    """The columns that a ticket's facts have: a measure that was not there when they were built has none."""
    rows = version.query("SELECT column_name FROM duckdb_columns() WHERE table_name = 'ticket_facts'")
    return [str(name) for name in rows["column_name"]]


def stakes(version: Version, scope: Scope) -> Stakes:
    """Whose value is at stake in the conversations that ended in the scope. Raises NotAllowed."""
    version.rights.check(Area.MONEY)
    known = set(measured(version))
    here = [one for one in CLASSES if one.column in known]
    chosen, values = rows_sql(scope, "ticket", "ended_at", ())
    sql = _SQL.format(
        now=NOW,
        chosen=chosen,
        signs=", ".join(f"s.{one.column} AS is_{one.name}" for one in here) or "true AS nothing",
        any_sign=", ".join(f"coalesce(bool_or(is_{one.name}), false) AS is_{one.name}" for one in here)
        or "true AS nothing",
        classes=" ".join(f"WHEN is_{one.name} THEN '{one.name}'" for one in here) or "WHEN false THEN ''",
    )
    rows = version.query(sql, values).to_dicts()
    here_still = [row for row in rows if not row["is_left"]]
    valued: dict[str | None, int] = {}
    for row in here_still:
        if row["n_valued"]:
            valued[row["currency"]] = valued.get(row["currency"], 0) + row["n_valued"]
    currency = max(valued, key=lambda name: (valued[name], name or ""), default=None)

    def part(wanted: list[dict[str, Any]]) -> Part:
        same = [row for row in wanted if row["currency"] == currency]
        return Part(
            count=sum(int(row["n"]) for row in wanted),
            value=sum(float(row["value"]) for row in same),
            count_without_value=sum(int(row["n"]) - int(row["n_valued"]) for row in wanted),
            count_rated_bad=sum(int(row["n"]) for row in wanted if row["is_rated_bad"]),
        )

    return Stakes(
        count=sum(row["n"] for row in here_still),
        currency=currency,
        by_class={one.name: part([row for row in here_still if row["class"] == one.name]) for one in CLASSES},
        rated_bad=part([row for row in here_still if row["is_rated_bad"]]),
        count_other_currency=sum(count for name, count in valued.items() if name != currency),
        count_left=sum(row["n"] for row in rows if row["is_left"]),
    )
