"""Which evidence speaks for a figure: the measure that found it, and its kinds, the most telling first."""

from __future__ import annotations

from typing import Final

from metrics import registry
from metrics.measure import Across, Signal

# For what has no evidence of its own: a whole conversation, a score, a figure derived from others.
ANY_KIND: Final = (
    "turning_point",
    "warn",
    "recommend",
    "found",
    "found_in_survey",
    "after_answer",
    "arrival",
)
KINDS: Final[dict[str, tuple[str, ...]]] = {  # of columns without evidence of their own
    "has_suggestion": ("found", "found_in_survey"),
}


def speaking_for(column: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The measure whose evidence speaks for a column, and the kinds; None where any measure's may.

    A column that names no kinds takes those of its measure that stand out, else all of them.
    """
    if column is None:
        return None, ANY_KIND
    measure, found = registry.find(column)
    own = measure.name if isinstance(measure, (Signal, Across)) else None
    kinds = found.evidence or KINDS.get(column, ())
    if not kinds and isinstance(measure, (Signal, Across)):
        names = [kind.name for kind in measure.kinds]
        telling = [kind.name for kind in measure.kinds if not kind.is_quiet]
        known = [name for name in ANY_KIND if name in names]
        kinds = tuple(dict.fromkeys([*known, *(telling or names)]))
    return own, kinds or ANY_KIND
