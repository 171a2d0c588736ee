"""How well conversations are read: how much could be read of each team and language, and what people found right of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.evidence import plain
from dashboard.links import link
from dashboard.state import Data
from metrics import review_figures, wording
from metrics.coverage import GroupCoverage
from metrics.validity import Precision


def precision(data: Data) -> Precision:
    """What share of a measure's flags people found right, by its name; computed once for the reviews so far."""
    return data.remember(
        "precision of reviews", (), lambda: review_figures.precision(data.version, data.settings)
    )


def coverage_html(
    by_team: Sequence[GroupCoverage], by_language: Sequence[GroupCoverage], query: Mapping[str, str]
) -> str:
    """Two small tables behind one line; nothing where there is neither a team nor a second language."""
    teams = _table("Team", "team", by_team, query) if any(one.group for one in by_team) else ""
    languages = _table("Language", "language", by_language, query)
    return (
        "<details><summary>What could be read, by team and by language</summary>"
        '<p class="quiet wide">What conversations show stands on those that could be read. Where a team or a language could'
        " hardly be read, it says little of it; languages are not held against each other.</p>"
        f"{teams}{languages}</details>"
    )


def _table(title: str, dimension: str, groups: Sequence[GroupCoverage], query: Mapping[str, str]) -> str:
    rows = "".join(_row(one, dimension, query) for one in groups)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="What could be read by {title.lower()}"><table><thead><tr>'
        f'<th scope="col">{title}</th><th scope="col" class="n">Conversations</th><th scope="col" class="n">Could be read</th>'
        '<th scope="col" class="n">In another language</th><th scope="col" class="n">Customer wrote nothing</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(one: GroupCoverage, dimension: str, query: Mapping[str, str]) -> str:
    name = "not known" if one.group is None else one.group
    head = plain(name) if one.group is None else link(name, "conversations", query, {dimension: name})
    share = wording.say(one.count_readable / one.count, "share")
    return (
        f'<tr><th scope="row">{head}</th><td class="n">{one.count:,}</td>'
        f'<td class="n">{plain(share)}<span class="small">{one.count_readable:,}</span></td>'
        f'<td class="n">{one.count_other_language:,}</td><td class="n">{one.count_nothing_written:,}</td></tr>'
    )
