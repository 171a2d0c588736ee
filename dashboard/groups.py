"""Form and function of each group, side by side in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dashboard.charts import spark
from dashboard.evidence import plain
from dashboard.filters import Chosen
from dashboard.ledger import behind
from dashboard.links import address, link
from metrics import registry, totals, wording
from metrics.contrast import asked
from metrics.totals import Scope
from warehouse.store import Version

COLUMNS: Final = (
    "csat", "is_csat_answered", "nps", "first_reply_time", "mood_shift", "left_better", "left_worse", "would_warn_others", "is_unheard",
)  # fmt: skip
BARS: Final = {"is_satisfied": "form-mark", "left_better": "grey-mark", "left_worse": "function-mark"}
NUMBERS: Final = (
    "No",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
)

LANGUAGE: Final = (
    "language"  # moods are not heard alike in two languages, so languages are never ranked by them
)

Groups = dict[str, dict[str, dict[str, Any]]]


def counts_in_words(count: int) -> str:
    """A count at the start of a sentence: in words up to twelve."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else f"{count:,}"


def by_group(version: Version, scope: Scope, by: str) -> Groups:
    """The totals of each group and column that is there: group, column, row of totals."""
    names = _order(version)
    groups: Groups = {}
    for row in asked.totals(version, names, scope, [by]).to_dicts():
        if row[by] is not None and row["column"] in names:
            groups.setdefault(str(row[by]), {})[row["column"]] = row
    return groups


def mood_by_week(version: Version, scope: Scope, by: str) -> dict[str, list[float | None]]:
    """The mood shift of each group week by week; a week in which it was not measured is null."""
    names = asked.told(version, ["mood_shift"])
    rows = totals.totals(version, names, scope, by=[by, "week"], is_bare=True).to_dicts() if names else []
    weeks = sorted({row["week"] for row in rows if row["week"] is not None})
    values = {(row[by], row["week"]): row["value"] for row in rows}
    groups = dict.fromkeys(row[by] for row in rows if row[by] is not None)
    return {str(group): [values.get((group, week)) for week in weeks] for group in groups}


def moods_in_words(groups: Groups, noun: str, least: int) -> str:
    """In how many groups the mood falls or rises beyond noise: the whole interval on one side of zero."""
    followed = [
        columns["mood_shift"]
        for columns in groups.values()
        if columns.get("mood_shift", {}).get("n", 0) >= least
    ]
    if not followed or noun == LANGUAGE:
        return f"All {noun}s, as a table"
    falls = sum(row["high"] is not None and row["high"] < 0 for row in followed)
    rises = sum(row["low"] is not None and row["low"] > 0 for row in followed)
    if not falls and not rises:
        return f"In no {noun} does the mood move beyond noise"
    if len(followed) == 1:
        return f"Mood {'falls' if falls else 'rises'} in the one {noun} that could be followed"
    of = f"of {len(followed)} {noun}s"
    if falls and rises:
        return f"Mood falls in {falls} and rises in {rises} {of}"
    return (
        f"Mood falls in {falls} {of}, and rises in none"
        if falls
        else f"Mood rises in {rises} {of}, and falls in none"
    )


def groups_html(groups: Groups, weekly: dict[str, list[float | None]], chosen: Chosen, least: int) -> str:
    """The table; each number leads to its conversations, also where there are too few of them for a rate."""
    known = [value for values in weekly.values() for value in values if value is not None]
    scale = (min(known), max(known)) if known else None
    names = list(dict.fromkeys(column for columns in groups.values() for column in columns))
    ordered = [column.name for _, column in asked.looked_at(COLUMNS).values() if column.name in names]
    heads = "".join(_head(column) for column in ordered)
    rows = "".join(
        _row(name, groups[name], spark(weekly.get(name, ()), "function", scale), ordered, chosen, least)
        for name in (sorted(groups) if chosen.by == LANGUAGE else _sorted(groups))
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="All groups"><table><thead><tr><th scope="col">{plain(chosen.by_title)}</th>'
        f'{heads}<th scope="col"><span class="function">Mood shift by week</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _order(version: Version) -> list[str]:
    columns = asked.looked_at(asked.told(version, COLUMNS)).values()
    return list(dict.fromkeys(column.name for _, column in columns))


def _sorted(groups: Groups) -> list[str]:
    def fall(name: str) -> tuple[bool, float, str]:
        value = groups[name].get("mood_shift", {}).get("value")
        return (value is None, value or 0.0, name)

    return sorted(groups, key=fall)


def _head(column: str) -> str:
    measure, declared = registry.find(column)
    side = "form" if measure.wing == "form" else "function"
    return f'<th scope="col" class="n"><span class="{side}">{plain(declared.title)}</span></th>'


def _row(
    name: str,
    columns: dict[str, dict[str, Any]],
    course: str,
    ordered: Sequence[str],
    chosen: Chosen,
    least: int,
) -> str:
    query = {**chosen.query, chosen.by: name}
    cells = "".join(_cell(column, columns.get(column), query, least) for column in ordered)
    return f'<tr><th scope="row">{link(name, "conversations", query)}</th>{cells}<td>{course}</td></tr>'


def _cell(column: str, row: dict[str, Any] | None, query: dict[str, str], least: int) -> str:
    if row is None or row["value"] is None:
        return '<td class="n"><span class="quiet">not measured</span></td>'
    declared = registry.find(column)[1]
    where = plain(address("conversations", behind(column, declared.unit, query)))
    if row["n"] < least:
        return f'<td class="n"><a href="{where}">n {row["n"]:,}</a><span class="small">too few</span></td>'
    said = wording.say(row["value"], declared.unit)
    interval = wording.say_interval(row["low"], row["high"], declared.unit)
    bar = _bar(row["value"], BARS[column]) if column in BARS else ""
    return (
        f'<td class="n"><a href="{where}">{plain(said)}</a>{bar}'
        f'<span class="small">{plain(interval)}</span><span class="small">n {row["n"]:,}</span></td>'
    )


def _bar(share: float, css_class: str) -> str:
    """A bar on a scale from 0 to 100 %."""
    return (
        f'<span class="bar" aria-hidden="true"><i class="{css_class}" style="width:{share:.0%}"></i></span>'
    )
