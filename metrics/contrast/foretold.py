"""Did words of leaving foretell leaving here? Accounts whose customers said so, against the others, and who left.

An account takes part where something is known of it in the table of accounts and a conversation of it could be read before
its end: the day it left, else the as-of instant. Only conversations that ended before that count, so that words after
leaving say nothing. Who left has had less time to say anything than who is still there, which makes the words look weaker
than they are; `since` holds everybody against the same clock: words up to a day, leaving after it, among those that were
still there. The numbers go together; nothing here says that words make anybody leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from metrics.contrast import asked
from metrics.contrast.holders import NOW
from metrics.contrast.risk_ratio import TwoShares
from warehouse.rights import Area
from warehouse.store import Version

# What was said or met: its words, and the columns of which one at least is true.
SIGNS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "leaving": ("said they would leave", ("has_words_of_leaving",)),
    "warning": ("would warn others", ("would_warn_others", "has_words_of_warning")),
    "worse": ("left worse than they came", ("left_worse",)),
}
ANY: Final = "any"


@dataclass(frozen=True)
class Foretold:
    """Of accounts with a sign and of those without one, how many left; and how long before leaving it was last met."""

    sign: str
    words: str
    shares: TwoShares  # first: with the sign; second: without it
    days_before: float | None  # median from the last such conversation to the day of leaving


def foretold(version: Version, since: date | None = None) -> tuple[Foretold, ...]:
    """The two by two of any sign, then of each; empty where no account is known to have left. Raises NotAllowed.

    since: signs up to that day, leaving after it, of the accounts that were there then.
    """
    version.rights.check(Area.CUSTOMERS)
    if not version.query("SELECT 1 FROM ticket_accounts WHERE account_churned_at IS NOT NULL LIMIT 1").height:
        return ()
    rows = version.query(*_sql(version, since))
    words = {name: said for name, (said, _) in SIGNS.items() if f"{name}_last" in rows.columns}
    words = {ANY: "any of these", **words}
    return tuple(_two_by_two(rows, name, said) for name, said in words.items())


def accounts(version: Version, limit: int = 20) -> pl.DataFrame:
    """The accounts that left, the latest first: account, source, ticket_id and sign_on of the last sign before it (null: none), left_on."""
    version.rights.check(Area.CUSTOMERS)
    sql, values = _sql(version, None)
    return version.query(
        f"SELECT account, source, ticket_id, any_last::DATE AS sign_on, left_at::DATE AS left_on FROM ({sql})"
        f" WHERE left_at IS NOT NULL ORDER BY left_at DESC, account LIMIT {max(0, int(limit))}",
        values,
    )


def middle(version: Version) -> date | None:
    """The day half way between the first conversation and the as-of instant: where `since` may stand."""
    row = version.query(
        f"WITH {NOW} SELECT to_timestamp((epoch(min(ended_at)) + epoch(any_value(as_of))) / 2)::DATE AS day FROM ticket_facts, now"
    ).row(0)
    day: date | None = row[0]
    return day


def _sql(version: Version, since: date | None) -> tuple[str, list[Any]]:
    """A row for each account: left_at (null: still there), and when each sign was last met before the end."""
    told = {name: list(asked.told(version, columns)) for name, (_, columns) in SIGNS.items()}
    signs = {
        name: " OR ".join(f"coalesce(f.{column}, false)" for column in columns)
        for name, columns in told.items()
        if columns
    }
    last = ", ".join(f"max(ended_at) FILTER ({sign}) AS {name}_last" for name, sign in signs.items())
    both = " OR ".join(f"({sign})" for sign in signs.values())
    return (
        f"""
        WITH {NOW},
        known AS (
            SELECT source, ticket_id, lower(trim(account)) AS key, account,
                CASE WHEN account_churned_at <= as_of THEN account_churned_at END AS left_at
            FROM ticket_accounts, now),
        lost AS (SELECT key, max(left_at) AS left_at FROM known GROUP BY ALL),
        counted AS (
            SELECT k.key, k.account, l.left_at, f.* EXCLUDE (account)
            FROM known k JOIN lost l USING (key) JOIN ticket_facts f ON f.source = k.source AND f.ticket_id = k.ticket_id
            JOIN heard h ON h.source = f.source AND h.ticket_id = f.ticket_id AND h.is_readable, now
            WHERE f.ended_at < coalesce(l.left_at, as_of)
                AND (?::DATE IS NULL OR f.ended_at::DATE <= ?::DATE AND coalesce(l.left_at::DATE > ?::DATE, true)))
        SELECT key, any_value(account) AS account, any_value(left_at) AS left_at, {last},
            max(ended_at) FILTER ({both}) AS any_last, arg_max(source, ended_at) FILTER ({both}) AS source,
            arg_max(ticket_id, ended_at) FILTER ({both}) AS ticket_id
        FROM counted f GROUP BY key
        """,
        [since, since, since],
    )


def _two_by_two(rows: pl.DataFrame, sign: str, words: str) -> Foretold:
    has_sign, has_left = rows[f"{sign}_last"].is_not_null(), rows["left_at"].is_not_null()
    days = (rows["left_at"] - rows[f"{sign}_last"]).dt.total_seconds() / 86_400
    median = days.filter(has_sign & has_left).median()
    return Foretold(
        sign,
        words,
        TwoShares(
            int((has_sign & has_left).sum()), int(has_sign.sum()), int((~has_sign & has_left).sum()), int((~has_sign).sum())
        ),
        median if isinstance(median, float) else None,
    )  # fmt: skip
