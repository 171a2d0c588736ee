"""Who is at risk and why, with the sentence of each reason and what they are worth (rule: metrics/contrast/risk_rule.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from metrics.contrast.holders import ACCOUNT_KEY, NOW, Holder, Who
from metrics.contrast.risk_rule import REASONS, Reason, reasons, risky_sql
from metrics.many_quotes import said
from metrics.quotes import Quote
from metrics.totals import Scope, rows_sql
from warehouse.rights import Area
from warehouse.store import Version

MOST_LISTED: Final = 5_000  # rows of a download
# The accounts behind tickets with the names that a filter (holders.Who) and the worth of those at risk ask for.
_LISTED: Final = (
    "SELECT source, ticket_id, account, account_value AS value, account_currency AS currency, account_tier AS tier,"
    " account_renewal_at::DATE AS renewal_on, as_of::DATE AS as_of_on, coalesce(account_churned_at <= as_of, false) AS has_left"
    " FROM ticket_accounts, now"
)
Key = tuple[str, str, str]  # source, ticket_id, name of the reason


@dataclass(frozen=True)
class Worth:
    """What accounts are worth a year in one currency (null: not stated): of all in the scope, and of those at risk."""

    currency: str | None
    count: int
    value: float
    count_at_risk: int
    value_at_risk: float


@dataclass(frozen=True)
class Summary:
    """How many holders there are in a scope, how many are at risk, for which reasons, and what they are worth."""

    count: int
    count_at_risk: int
    count_by_reason: dict[str, int]  # of those at risk, by the name of the reason, "renewal" among them
    count_left: int  # meet the rule and left before the data ends: not at risk any more
    worth: tuple[Worth, ...]  # by currency; each account counts once


def at_risk(
    version: Version,
    scope: Scope,
    holder: Holder = "customer",
    who: Who | None = None,
    *,
    limit: int = 25,
    offset: int = 0,
) -> pl.DataFrame:
    """Who is at risk, one row a customer or an account: what is worth most first, then by reasons, then the latest.

    Columns: source, id, name, account, value (a year's, in currency; null: not known), currency, tier, renewal_on,
    count_conversations (in the scope), last_on, count_reasons, newest_on, is_renewing, for each reason in force
    <name>_ticket and <name>_on (null: not a reason), count_all (without the limit). Values of several currencies are
    sorted as they stand. Conversations without a customer are left out. Raises NotAllowed.
    """
    return _look(version, scope, holder, who, limit, offset)[0]


def overview(
    version: Version, scope: Scope, holder: Holder, who: Who, *, limit: int, offset: int
) -> tuple[pl.DataFrame, Summary]:
    """`at_risk` and `summary` in the same queries. Raises NotAllowed."""
    rows, counts = _look(version, scope, holder, who, limit, offset)
    at_stake = {one["currency"]: one for one in counts.pop("at_stake") or ()}
    worth = tuple(
        Worth(
            currency, n, value, *((own["n"], own["value"]) if (own := at_stake.get(currency)) else (0, 0.0))
        )
        for currency, n, value in _known_worth(version, scope, who).iter_rows()
    )
    count_at_risk, count_left = int(counts.pop("count_all")), int(counts.pop("count_left"))
    found = Summary(count(version, scope, holder, who), count_at_risk, counts, count_left, worth)
    return rows, found


def summary(version: Version, scope: Scope, holder: Holder = "customer", who: Who | None = None) -> Summary:
    """How many are at risk in a scope, by reason, and what their accounts are worth. Raises NotAllowed."""
    return overview(version, scope, holder, who or Who(), limit=0, offset=0)[1]


def _look(
    version: Version, scope: Scope, holder: Holder, who: Who | None, limit: int, offset: int
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The rows of `at_risk`, and the counts over all of them; an account's value counts once for all its customers."""
    version.rights.check(Area.CUSTOMERS)
    sql, params = risky_sql(version, scope, holder)
    where, more = (who or Who()).sql()
    order = "value DESC NULLS LAST, count_reasons DESC, newest DESC, source, id"
    each = ", ".join(
        f"count(*) FILTER (NOT has_left AND {one.name}_number IS NOT NULL) AS {one.name}"
        for one in reasons(version)
    )
    found = version.query(
        f"""
        {sql}, kept AS MATERIALIZED (SELECT * FROM risky WHERE {where}),
        listed AS (
            SELECT * FROM kept WHERE NOT has_left
            ORDER BY {order} LIMIT {max(0, min(int(limit), MOST_LISTED))} OFFSET {max(0, int(offset))}),
        named AS (
            SELECT listed.*, {"coalesce(people.name, id)" if holder == "customer" else "coalesce(account, id)"} AS name
            FROM listed LEFT JOIN people ON people.source = listed.source AND people.person_id = listed.id),
        at_stake AS (
            SELECT currency, count(*) AS n, sum(value) AS value
            FROM (SELECT DISTINCT lower(account), value, currency FROM kept WHERE value IS NOT NULL AND NOT has_left)
            GROUP BY currency),
        counts AS (
            SELECT struct_pack(count_all := count_all, count_left := count_left, {_packed(version)},
                at_stake := (SELECT list(at_stake) FROM at_stake)) AS counts, count_all
            FROM (SELECT count(*) FILTER (NOT has_left) AS count_all, count(*) FILTER (has_left) AS count_left, {each},
                count(*) FILTER (NOT has_left AND is_renewing) AS renewal FROM kept))
        SELECT named.* EXCLUDE (has_left, as_of_on), count_all, counts
        FROM counts LEFT JOIN named ON true ORDER BY {order}
        """,
        [*params, *more],
    )
    listed = found.filter(pl.col("id").is_not_null()).drop("counts")
    return _with_tickets(version, listed), found["counts"][0]


def _with_tickets(version: Version, listed: pl.DataFrame) -> pl.DataFrame:
    """The rows with the ticket and the day of each reason in place of its number, and newest_on."""
    numbered = [name for name in listed.columns if name.endswith("_number")]
    wanted = listed.select(pl.concat_list("newest", *numbered).explode().drop_nulls().unique()).to_series()
    tickets = version.query(
        "SELECT ticket_number, ticket_id, coalesce(ended_at, created_at)::DATE AS met_on FROM ticket_facts"
        f" WHERE ticket_number IN ({', '.join(map(str, wanted)) or 'NULL'})"
    )
    ids, days = (dict(tickets.select("ticket_number", name).iter_rows()) for name in ("ticket_id", "met_on"))

    def told(number: str, known: dict[int, Any], dtype: type[pl.DataType]) -> pl.Expr:
        return pl.col(number).replace_strict(known, default=None, return_dtype=dtype)

    return listed.with_columns(
        told("newest", days, pl.Date).alias("newest_on"),
        *(told(name, ids, pl.String).alias(f"{name.removesuffix('_number')}_ticket") for name in numbered),
        *(told(name, days, pl.Date).alias(f"{name.removesuffix('_number')}_on") for name in numbered),
    ).drop("newest", *numbered)


def _packed(version: Version) -> str:
    return ", ".join(f"{name} := {name}" for name in (*(one.name for one in reasons(version)), "renewal"))


def count(version: Version, scope: Scope, holder: Holder, who: Who | None = None) -> int:
    """How many customers, or accounts, have a conversation in the scope."""
    columns = "source, ticket_id, customer_number, account_id"
    chosen, values = rows_sql(scope, "ticket", "ended_at", (), columns)
    key = "s.customer_number" if holder == "customer" else f"(s.source, {ACCOUNT_KEY})"
    where, more = (who or Who()).sql()
    join = f"LEFT JOIN ({_LISTED}) a USING (source, ticket_id)" if holder == "account" or more else ""
    known = "true" if holder == "customer" else f"{ACCOUNT_KEY} IS NOT NULL"
    return int(
        version.query(
            f"WITH {NOW} SELECT count(DISTINCT {key}) AS n FROM ({chosen}) s {join} WHERE {known} AND {where}",
            [*values, *more],
        )["n"][0]
    )


def _known_worth(version: Version, scope: Scope, who: Who) -> pl.DataFrame:
    """By currency: how many accounts of the scope that have not left are known for their value, and their sum."""
    seen, values = rows_sql(scope, "ticket", "ended_at", (), "source, ticket_id")
    where, more = who.sql()
    return version.query(
        f"""
        WITH {NOW}
        SELECT currency, count(*) AS n, sum(value) AS value
        FROM (
            SELECT DISTINCT lower(account) AS account, value, currency FROM ({_LISTED})
            SEMI JOIN ({seen}) s USING (source, ticket_id) WHERE value IS NOT NULL AND NOT has_left AND {where})
        GROUP BY currency ORDER BY value DESC, currency
        """,
        [*values, *more],
    )


def sentences(version: Version, rows: pl.DataFrame) -> dict[Key, Quote]:
    """The sentence of each reason of these rows of `at_risk`; a reason without one has no entry."""
    wanted = {
        (row["source"], row[f"{one.name}_ticket"], one.name): (
            row["source"],
            row[f"{one.name}_ticket"],
            one.shown_by,
        )
        for row in rows.iter_rows(named=True)
        for one in given(row)
    }
    found = said(version, list(wanted.values()))
    return {key: found[asked] for key, asked in wanted.items() if asked in found}


def given(row: dict[str, Any]) -> list[Reason]:
    """The reasons that a row of `at_risk` has, the strongest first."""
    return [one for one in REASONS if row.get(f"{one.name}_ticket") is not None]


def for_download(version: Version, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of `at_risk` as a table to take away: who, what they are worth, each reason with its day and its sentence."""
    quotes = sentences(version, rows)
    inside = [one for one in REASONS if f"{one.name}_ticket" in rows.columns]
    told = [rows.select("name", "source", "id", "account", "value", "currency", "tier", "renewal_on", "last_on", "count_reasons")]  # fmt: skip
    for one in inside:
        texts = [
            quote.text if (quote := quotes.get((source, ticket or "", one.name))) else None
            for source, ticket in rows.select("source", f"{one.name}_ticket").iter_rows()
        ]
        told.append(
            rows.select(
                pl.col(f"{one.name}_on").alias(f"{one.words}, on"),
                pl.col(f"{one.name}_ticket").alias(f"{one.words}, conversation"),
                pl.Series(f"{one.words}, sentence", texts, dtype=pl.String()),
            )
        )
    return pl.concat(told, how="horizontal")
