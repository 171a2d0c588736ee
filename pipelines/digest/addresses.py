"""Where a digest's figures and quotes lead: pages of the dashboard that this reader may open, with the week's filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from metrics.totals import Scope
from warehouse.rights import Area, Rights

# The pages that digests lead to, by their address, and whose they are.
PAGES: Final = {
    "": Area.HOME,
    "conversations": Area.CONVERSATIONS,
    "ideas": Area.IDEAS,
    "customers": Area.CUSTOMERS,
    "money": Area.MONEY,
    "silent": Area.SILENT,
    "looks_fine": Area.TRUST,
    "data": Area.DATA,
    "review": Area.REVIEW,
}


@dataclass(frozen=True)
class Addresses:
    """Makes addresses below `base` for somebody with these rights, about the days of a scope; none where base is empty."""

    base: str
    rights: Rights
    days: tuple[tuple[str, str], ...] = ()

    @property
    def home(self) -> str:
        """The week in the dashboard; of a lead with one team that team's."""
        return f"{self.base}/?{urlencode([*self.days, *self._team()])}" if self.base else ""

    def page(self, page: str, **filters: str) -> str | None:
        """A page with the week's days and these filters; null where it is not this reader's."""
        if not self.base or not self.rights.may(PAGES[page]):
            return None
        named = {**dict(self.days), **dict(self._team()), **filters}
        return f"{self.base}/{page}?{urlencode(named, quote_via=quote)}"

    def behind(self, column: str, unit: str) -> str | None:
        """The conversations that made a figure: of a share those that it counts."""
        return self.page("conversations", column=column, **({"answer": "yes"} if unit == "share" else {}))

    def conversation(self, ticket_id: str, source: str = "") -> str | None:
        """One conversation; its address needs no days."""
        named = {"c": ticket_id, **({"source": source} if source else {})}
        may = self.base and self.rights.may(Area.CONVERSATIONS)
        return f"{self.base}/conversations?{urlencode(named, quote_via=quote)}" if may else None

    def _team(self) -> tuple[tuple[str, str], ...]:
        return (("team", self.rights.teams[0]),) if len(self.rights.teams) == 1 else ()


def addresses(base: str, rights: Rights, scope: Scope) -> Addresses:
    """The addresses of a scope's days."""
    days = {"from": scope.date_from, "to": scope.date_to}
    return Addresses(
        base.rstrip("/"), rights, tuple((name, day.isoformat()) for name, day in days.items() if day)
    )
