"""The tables of the page of teams: each group's figures, and what its change is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.compared import Name, Where, change, interval, say
from dashboard.evidence import plain, unbroken
from dashboard.ledger import behind
from dashboard.links import address, link
from metrics import wording
from metrics.contrast import gap
from metrics.contrast.similar import Similar
from metrics.contrast.split import Split
from metrics.groupings import Grouping
from metrics.measure import Column


def table_html(
    told: Sequence[Similar], by: Grouping, name: Name, where: Where, least: int, groups: Sequence[str]
) -> str:
    """Both columns by group, as they are and among similar conversations; each number leads to its conversations."""
    heads = "".join(
        f'<th scope="col" class="n"><span class="{side}">{plain(one.column.title)}</span></th>'
        f'<th scope="col" class="n"><span class="{side}">similar conversations</span></th><th scope="col" class="n">others</th>'
        for one, side in zip(told, ("form", "function"), strict=False)
    )
    rows = [{row["group"]: row for row in one.frame.to_dicts()} for one in told]
    body = "".join(
        f'<tr><th scope="row">{link(name(group), "conversations", where(group))}</th>'
        + "".join(
            _cells(one.column, own.get(group), where(group), least)
            for one, own in zip(told, rows, strict=True)
        )
        + "</tr>"
        for group in groups
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="All {plain(by.many)}"><table><thead><tr><th scope="col">{plain(by.title)}</th>'
        f"{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(column: Column, row: Mapping[str, Any] | None, query: Mapping[str, str], least: int) -> str:
    if row is None or row["raw"] is None:
        return '<td class="n"><span class="quiet">not measured</span></td><td></td><td></td>'
    where = plain(address("conversations", behind(column.name, column.unit, dict(query))))
    if row["n"] < least:
        return f'<td class="n"><a href="{where}">n {row["n"]:,}</a><span class="small">too few</span></td><td></td><td></td>'
    raw = (
        f'<td class="n"><a href="{where}">{say(column, row["raw"])}</a><span class="small">{interval(column, row["raw_low"], row["raw_high"])}</span>'
        f'<span class="small">n {row["n"]:,}</span></td>'
    )
    if row["similar"] is None:
        return f'{raw}<td class="n"><span class="quiet">nothing similar</span></td><td></td>'
    side = "worse" if gap.is_worse(dict(row), column) else "" if column.better == "neither" else "better"
    beyond = f"beyond noise{f', {side}' if side else ''}" if row["is_beyond"] else "within noise"
    missing = f"not compared: {'; '.join(row['not_compared'])}" if row["not_compared"] else ""
    return (
        f'{raw}<td class="n">{say(column, row["similar"])}<span class="small">{interval(column, row["low"], row["high"])}</span>'
        f'<span class="small">{beyond}</span></td><td class="n">{say(column, row["others"])}'
        f'<span class="small" title="{plain(missing)}">on {unbroken(wording.say(row["compared"], "share"))}</span></td>'
    )


def split_html(told: Split, by: Grouping, name: Name, where: Where, least: int) -> str:
    """The change of each group, split; below `least` conversations in a period it stands as conversations."""
    column = told.column
    rows = ""
    for row in [*told.frame.to_dicts(), told.overall]:
        head = (
            link(name(row["group"]), "conversations", where(row["group"])) if row["group"] else "All together"
        )
        counts = f"{row['n_before']:,} and {row['n_now']:,}"
        if min(row["n_before"], row["n_now"]) < least:
            rows += f'<tr><th scope="row">{head}</th><td class="n">n {counts}<span class="small">too few</span></td>{"<td></td>" * 4}</tr>'
            continue
        bounds = interval(column, row["within_low"], row["within_high"], is_change=True)
        noise = (
            ""
            if row["within_low"] is None
            else "beyond noise"
            if row["within_low"] > 0 or row["within_high"] < 0
            else "within noise"
        )
        rows += (
            f'<tr><th scope="row">{head}</th><td class="n">{say(column, row["before"])}</td><td class="n">{say(column, row["now"])}'
            f'<span class="small">n {counts}</span></td><td class="n">{change(column, row["change"])}</td><td class="n">{change(column, row["mix"])}</td>'
            f'<td class="n">{change(column, row["within"])}<span class="small">{bounds}</span><span class="small">{noise}</span></td></tr>'
        )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Change by {plain(by.one)}, split"><table><thead><tr>'
        f'<th scope="col">{plain(by.title)}</th><th scope="col" class="n">The period before</th><th scope="col" class="n">This period</th>'
        '<th scope="col" class="n">Change</th><th scope="col" class="n">Other conversations (mix)</th><th scope="col" class="n">Within alike ones</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )
