"""Whom goodwill belongs to, a customer or an account, and which of them a reader looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from metrics.reviews import corrected
from warehouse.store import Version

Holder = Literal["customer", "account"]
# A ticket's account: the helpdesk's own id, else the name in the table of accounts that its customer's address led to.
ACCOUNT_KEY: Final = "coalesce(s.account_id, a.account)"
NOW: Final = (
    "now AS (SELECT coalesce((SELECT try_cast(value AS TIMESTAMPTZ) FROM meta WHERE key = 'as_of'),"
    " (SELECT max(ended_at) FROM ticket_facts)) AS as_of)"
)


@dataclass(frozen=True)
class Who:
    """Which holders: of a tier, or whose renewal falls within so many days after the as-of instant (None: all)."""

    tier: str | None = None
    renewal_days: int | None = None

    def sql(self) -> tuple[str, list[Any]]:
        """A condition over tier, renewal_on and as_of_on, and the values to bind."""
        parts, values = ["true"], list[Any]()
        if self.tier is not None:
            parts.append("tier = ?")
            values.append(self.tier)
        if self.renewal_days is not None:
            parts.append("renewal_on BETWEEN as_of_on AND as_of_on + ?::INTEGER")
            values.append(int(self.renewal_days))
        return " AND ".join(parts), values


def tiers(version: Version) -> list[str]:
    """The tiers of accounts behind tickets, in order of the alphabet."""
    rows = version.query(
        "SELECT DISTINCT account_tier AS tier FROM ticket_accounts WHERE account_tier <> '' ORDER BY 1"
    )
    return [str(tier) for tier in rows["tier"]]


def known(version: Version) -> dict[str, bool]:
    """What is known of the accounts behind tickets: value, tier, renewal, churned (of one account at least)."""
    row = version.query(
        "SELECT count(account_value) > 0 AS value, count(account_tier) > 0 AS tier,"
        " count(account_renewal_at) > 0 AS renewal, count(account_churned_at) > 0 AS churned FROM ticket_accounts"
    ).row(0, named=True)
    return {name: bool(is_known) for name, is_known in row.items()}


def without_corrected(version: Version, column: str) -> tuple[str, list[Any]]:
    """A condition on (source, ticket_id) that leaves out what a person marked wrong for a column, and its values."""
    wrong = corrected(version, column)
    if not wrong:
        return "true", []
    sources, tickets = (list(part) for part in zip(*wrong, strict=True))
    return (
        "(source, ticket_id) NOT IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))",
        [sources, tickets],
    )
