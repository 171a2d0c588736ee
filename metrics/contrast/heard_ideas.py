"""Ideas come when people feel heard: the rate of ideas after one that was heard, against after one that was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from metrics.contrast import asked
from metrics.contrast.difference import Difference, Estimate, difference, estimate
from metrics.totals import Scope
from warehouse.store import Version

AFTER_HEARD: Final = "has_idea_after_heard"
AFTER_UNHEARD: Final = "has_idea_after_unheard"


@dataclass(frozen=True)
class HeardIdeas:
    """How often customers offer an idea again, each share with its n and 95 % interval, and the one minus the other.

    An association: who is heard may differ from who is not in more than that. `difference` is null where either
    side was not measured.
    """

    after_heard: Estimate
    after_unheard: Estimate
    difference: Difference | None


def heard_and_ideas(version: Version, scope: Scope) -> HeardIdeas:
    """The conversations of a scope whose customer had offered an idea before, parted by whether the last one was heard."""
    found = asked.totals(version, [AFTER_HEARD, AFTER_UNHEARD], scope).to_dicts()
    rows = {row["column"]: row for row in found}
    after_heard, after_unheard = estimate(rows.get(AFTER_HEARD)), estimate(rows.get(AFTER_UNHEARD))
    return HeardIdeas(after_heard, after_unheard, difference(after_heard, after_unheard))
