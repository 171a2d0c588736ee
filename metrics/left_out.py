"""What is left out and of which figures: how many tickets by reason, and which ones.

merged, deleted, spam and test tickets are in no figure at all. Tickets that an agent opened and tickets that a bot solved
alone are counted, and left out only of what humans did in answer to a customer.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.tally import Queried
from warehouse.errors import NoData

# Reason: what it means, and whether such tickets are in no figure at all. A ticket has the first reason that fits.
REASONS: Final = {
    "merged": ("merged into another ticket, which is counted", True),
    "deleted": ("deleted in the helpdesk", True),
    "spam": ("marked as spam", True),
    "test": ("the helpdesk's own sample tickets", True),
    "opened by an agent": ("an agent wrote first: not in first reply, one touch, first contact and who answered", False),
    "solved by a bot": ("no human wrote to the customer: not in first reply, one touch, first contact and replies", False),
}  # fmt: skip

_REASONED: Final = """
    SELECT source, ticket_id, subject, created_at, nullif(merged_into, '') AS merged_into,
        CASE WHEN left_out IS NOT NULL THEN left_out WHEN is_outbound THEN 'opened by an agent'
            WHEN is_bot_only THEN 'solved by a bot' END AS reason
    FROM tickets_clean
"""


def by_reason(version: Queried) -> pl.DataFrame:
    """One row per reason that occurs: reason, count_tickets, about, is_in_no_figure; in the order of REASONS."""
    counted = version.query(
        f"SELECT reason, count(*) AS count_tickets FROM ({_REASONED}) WHERE reason IS NOT NULL GROUP BY ALL"
    )
    known = pl.DataFrame(
        [(reason, about, is_out) for reason, (about, is_out) in REASONS.items()],
        schema={"reason": pl.String, "about": pl.String, "is_in_no_figure": pl.Boolean},
        orient="row",
    )
    return known.join(counted, on="reason", how="inner", maintain_order="left").select(
        "reason", "count_tickets", "about", "is_in_no_figure"
    )


def tickets(version: Queried, reason: str | None = None, limit: int | None = None) -> pl.DataFrame:
    """The tickets themselves, newest first: reason, source, ticket_id, subject, created_at, merged_into.

    Only those in no figure at all, unless a reason is named. Raises NoData on a reason that does not exist.
    """
    if reason is not None and reason not in REASONS:
        raise NoData(f"Nothing is left out as {reason!r}.", fix=f"known are {', '.join(REASONS)}")
    wanted = [reason] if reason else [name for name, (_, is_out) in REASONS.items() if is_out]
    return version.query(
        f"SELECT reason, source, ticket_id, subject, created_at, merged_into FROM ({_REASONED})"
        " WHERE list_contains(?::VARCHAR[], reason)"
        " ORDER BY reason, created_at DESC NULLS LAST, source, ticket_id" + (" LIMIT ?" if limit else ""),
        [wanted, limit] if limit else [wanted],
    )
