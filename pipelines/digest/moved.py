"""What moved in a week beyond noise: better and worse, of scores, of conversations and of the gap between them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from metrics import registry
from metrics.contrast.findings import Finding, Looked
from metrics.measure import Derived, Metric
from pipelines.digest.addresses import Addresses
from pipelines.digest.content import Line, Section

NOTHING_MOVED: Final = "Nothing moved beyond noise"
NOT_COMPARED: Final = "Too few conversations to compare with the week before"
GAP: Final = "looks_fine"  # the measure of where scores and conversations part
_ORDER: Final = ("Worse", "Better", "Moved")


def moved(looked: Looked | None, where: Addresses) -> Section:
    """The section of what moved, what became worse first; that nothing did is a finding too."""
    if looked is None:
        lead = "This is the first week in the data: there is nothing before it to compare with."
        return Section("moved", "The first week has nothing to compare with", lead)
    told = sorted(((_way(one), one) for one in looked.findings), key=lambda pair: _ORDER.index(pair[0]))
    return Section(
        "moved",
        _title([way for way, _ in told]) if looked.count_compared else NOT_COMPARED,
        "",
        tuple(
            Line(one.text, where.page("conversations", **dict(one.query)), why=f"{way} · {_side(one)}")
            for way, one in told
        ),
        looked.rule,
    )


def _title(ways: list[str]) -> str:
    counts = Counter(ways)
    if not ways:
        return NOTHING_MOVED
    said = [
        f"{counts[way]:,} {words}"
        for way, words in (
            ("Worse", "became worse"),
            ("Better", "became better"),
            ("Moved", "moved either way"),
        )
        if counts[way]
    ]
    if len(said) == 1 and counts["Worse"] + counts["Better"]:
        said.append(f"nothing became {'better' if counts['Worse'] else 'worse'}")
    head = ", ".join(said[:-1]) + f" and {said[-1]}" if len(said) > 1 else said[0]
    return f"{head[:1].upper()}{head[1:]} beyond noise"


def _way(finding: Finding) -> str:
    better = registry.find(finding.column)[1].better
    if better == "neither":
        return "Moved"
    return "Better" if (finding.change > 0) == (better == "higher") else "Worse"


def _side(finding: Finding) -> str:
    measure = registry.measure(finding.measure)
    if measure.name == GAP:
        return "the gap between them"
    return "scores" if isinstance(measure, Metric) and not isinstance(measure, Derived) else "conversations"
