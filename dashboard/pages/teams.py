"""Teams: where scores and conversations part, as they are and against similar conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from dashboard import compare_charts, compared, compared_tables, page
from dashboard.comparing import chosen_comparison, comparable, leading, naming
from dashboard.evidence import plain
from dashboard.filters import Chosen, choose
from dashboard.left_out import leave_out_control, say_left_out
from dashboard.links import TEAMS, link
from dashboard.state import Data
from metrics import incidents, periods, wording
from metrics.contrast import gap
from metrics.contrast.by_week import by_week
from metrics.contrast.gap import Gap
from metrics.contrast.similar import Similar, similar
from metrics.contrast.split import Split, split
from metrics.groupings import Grouping
from metrics.totals import Scope, totals

QUESTION = "Where is the gap widest, once the queues are alike?"
ANSWERED = {"csat": "is_csat_answered", "nps": "is_nps_answered"}
ACROSS, MOST_WEEKS = 4, 12  # small charts in a line, and in all
MOST_DOTS = 24


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    columns = data.remember("columns to compare", (), lambda: comparable(data))
    if not columns:
        page.state(
            "Nothing is measured yet.",
            "The data hold no measure to compare.",
            [link("What is loaded", "data")],
        )
        return
    by, score, talk, alike = chosen_comparison(data, columns)
    kept = incidents.standing(data.version)
    say_left_out(data, kept)
    scope = replace(chosen.scope, without=tuple(one.incident for one in kept))
    least = data.settings.display.too_few
    told = data.remember(
        "similar", (scope, score, talk, by.name, alike, least),
        lambda: similar(data.version, [score, talk], scope, by.name, alike, too_few=least),
    )  # fmt: skip
    name, where = naming(data, by), leading(data, chosen, by, bool(kept))
    if len(told) < 2 or not any(one.n for one in told):
        _nothing(data, chosen, columns, score, talk)
        _leave_out(data)
        return
    own, theirs = told
    found = gap.gaps(own, theirs)
    page.write(
        f'<p class="answer">{compared.answer(found, own, theirs, by, name, _both(data, scope, found, told, by), _answered(data, scope, own))}</p>'
    )
    groups = _ordered(told, found, by)
    if len(groups) < 2:
        only = (
            f"All conversations that say their {by.one} name the same one."
            if groups
            else f"No conversation says its {by.one}."
        )
        page.state(
            f"There is nothing to compare by {by.one}.",
            plain(only),
            [link("Compare channels", TEAMS, chosen.query, group="Channel")],
        )
    if any(one.shown.height for one in told):
        _charts(data, told, found, by, name, groups)
    page.heading(
        f"All {by.many}, as they are and among similar conversations",
        compared.note(own, theirs, by) + compared_tables.table_html(told, by, name, where, least, groups),
    )
    _change(data, chosen, scope, theirs, by, name, where)
    _weeks(data, scope, theirs, by, name, groups)
    _leave_out(data)


def _both(data: Data, scope: Scope, found: Sequence[Gap], told: Sequence[Similar], by: Grouping) -> str:
    """Of the widest gap: what conversations show of those very conversations that the score calls good."""
    widest, (score, talk) = gap.widest(tuple(found), told[1]), told
    if (
        widest is None
        or score.column.unit != "share"
        or score.column.total != "share"
        or score.measure.grain != talk.measure.grain
        or by.name == "week"
    ):
        return ""
    good = "true" if score.column.better == "higher" else "false"
    where = {**scope.where, by.name: (widest.group,), score.column.name: (good,)}
    if good == "false":
        return ""
    rows = data.remember(
        "gap of the same", (scope, where, talk.column.name),
        lambda: totals(data.version, [talk.column.name], replace(scope, where=where)).to_dicts(),
    )  # fmt: skip
    return compared.same_conversations(
        score.column, talk.column, rows[0] if rows else None, widest.group, data.settings.display.too_few
    )


def _answered(data: Data, scope: Scope, score: Similar) -> str:
    """What stands beside a survey's score: how many of those asked answered."""
    column = ANSWERED.get(score.measure.name)
    if column is None:
        return ""
    rows = data.remember(
        "answered of teams", (scope, column), lambda: totals(data.version, [column], scope).to_dicts()
    )
    value = rows[0]["value"] if rows else None
    return (
        "; how many were asked is not in these data"
        if value is None
        else f"; {wording.say(value, 'share')} of those asked answered, over all"
    )


def _ordered(told: Sequence[Similar], found: Sequence[Gap], by: Grouping) -> list[str]:
    """The groups in the order of the page: by their gap, then those that can not be compared; unranked ones by name."""
    every = sorted(dict.fromkeys(group for one in told for group in one.frame["group"]))
    if by.name in (*gap.UNRANKED, "hour"):
        return every
    first = [one.group for one in found]
    return first + [group for group in every if group not in first]


def _charts(
    data: Data,
    told: Sequence[Similar],
    found: Sequence[Gap],
    by: Grouping,
    name: compared.Name,
    groups: Sequence[str],
) -> None:
    score, talk = told
    is_ranked = not gap.is_unranked(score, talk) and 2 <= len(found) <= compare_charts.MOST_LINES
    if not is_ranked and score.shown.height < 2:
        _dots(talk, by, name, groups, "function")
        return
    left, right = st.columns([10, 11], gap="large")
    with left:
        if is_ranked:
            page.heading(
                compared.ranking(found, score, talk, name),
                f'<p>Rank by <span class="form">{plain(score.column.title)}</span>, left, and by '
                f'<span class="function">{plain(talk.column.title)}</span>, right: how far each lies from the others in similar conversations.</p>',
            )
            rows = compared.slope_rows(found, score, talk, name)
            compare_charts.slope(rows, key="ranks", alt=f"Ranks of {len(rows)} {by.many} on both sides")
        else:
            _dots(score, by, name, groups, "form")
    with right:
        _dots(talk, by, name, groups, "function")


def _dots(told: Similar, by: Grouping, name: compared.Name, groups: Sequence[str], side: str) -> None:
    page.heading(
        compared.finding(told, by, name),
        f'<p><span class="{side}">{plain(told.column.title)}</span> as it is (hollow) and among similar conversations (full), with 95 % intervals; '
        "the grey bar is where noise alone would put it.</p>" if told.shown.height else "",
    )  # fmt: skip
    order = [group for group in groups if group in set(told.shown["group"])]
    if by.name not in (*gap.UNRANKED, "hour"):
        sign = 1 if told.column.better == "lower" else -1
        order = told.shown.sort(sign * pl.col("change"), "group")["group"].to_list()
    if not order:
        return
    rows = {row["group"]: row for row in told.shown.to_dicts()}
    frame = pl.DataFrame(
        [{**rows[group], "group": name(group)} for group in order[:MOST_DOTS]], infer_schema_length=None
    )
    flagged = (
        []
        if by.name in ("language", "agent")
        else [name(row["group"]) for row in rows.values() if gap.is_worse(row, told.column)]
    )
    compare_charts.similar_dots(
        frame,
        told.column.unit,
        flagged,
        key=f"similar {side}",
        alt=f"{told.column.title} of {len(order)} {by.many} among similar conversations",
    )
    if len(order) > MOST_DOTS:
        page.write(f'<p class="quiet">{MOST_DOTS} of {len(order)} are drawn; the table holds all.</p>')


def _change(
    data: Data,
    chosen: Chosen,
    scope: Scope,
    told: Similar,
    by: Grouping,
    name: compared.Name,
    where: compared.Where,
) -> None:
    """The change of what conversations show against the period before, split into mix and within."""
    if by.name == "week":
        return
    before = replace(chosen.before, without=scope.without)
    found: Split | None = data.remember(
        "split", (scope, before, told.column.name, by.name, told.alike),
        lambda: split(data.version, told.column.name, scope, before, by.name, told.alike),
    )  # fmt: skip
    least = data.settings.display.too_few
    if found is None or min(found.overall["n_before"], found.overall["n_now"]) < least:
        said = "A median is no sum of its parts, so its change is not split." if told.column.total in ("median", "waiting_median") else (
            "The period before holds too few conversations to say what a change is made of."
        )  # fmt: skip
        page.write(f'<p class="quiet">{said}</p>')
        return
    page.heading(
        compared.split_finding(found),
        '<p class="quiet">Against the period of the same length before. Other conversations: the mix changed, with each kind going as it went. Within: '
        f"conversations alike in {plain(told.in_words)} went otherwise. The two add up to the change; what only one of the periods has is mix.</p>"
        + compared_tables.split_html(found, by, name, where, least),
    )


def _weeks(
    data: Data, scope: Scope, told: Similar, by: Grouping, name: compared.Name, groups: Sequence[str]
) -> None:
    """A small chart for each group: the figure as it is, week by week."""
    shown = [group for group in groups if group in set(told.shown["group"])][:MOST_WEEKS]
    if by.name == "week" or not shown:
        return
    frame = data.remember(
        "by week",
        (scope, told.column.name, by.name, shown),
        lambda: by_week(data.version, told.column.name, scope, by.name, shown),
    )
    frame = frame.with_columns(
        pl.Series("day", [periods.week_days(week)[0] for week in frame["week"]], dtype=pl.Date)
    ).sort("day")
    if not frame.height:
        return
    worse = [row["group"] for row in told.shown.to_dicts() if gap.is_worse(row, told.column)]
    page.heading(
        f"{told.column.title} by week", "<p>As it is, with 95 % bands, on one scale; weeks under "
        f"{data.settings.display.too_few} conversations are hollow. {'Orange: worse than similar conversations, beyond noise.' if worse else ''}</p>",
    )  # fmt: skip
    scale = compare_charts.scale_of(frame, told.column.unit)
    cells = st.columns(ACROSS, gap="medium")
    for number, group in enumerate(shown):
        own = frame.filter(pl.col("group") == group)
        with cells[number % ACROSS]:
            page.write(f"<h3>{plain(name(group))}</h3>")
            compare_charts.week_lines(
                own, told.column.unit, scale, group in worse and by.name not in ("language", "agent"),
                least=data.settings.display.too_few, key=f"week {number}", alt=f"{told.column.title} of {name(group)} in {own.height} weeks",
            )  # fmt: skip


def _leave_out(data: Data) -> None:
    leave_out_control(data, data.remember("tags", (), lambda: incidents.tags(data.version)))


def _nothing(data: Data, chosen: Chosen, columns: dict[str, str], score: str, talk: str) -> None:
    titles: dict[str, Any] = {name: title for title, name in columns.items()}
    page.state(
        "No conversations match these filters.",
        f"Neither {plain(titles.get(score, score))} nor {plain(titles.get(talk, talk))} was measured {plain(chosen.period)}. "
        f"The data ends on {data.as_of_date:%-d %B %Y}.",
        [link("Show 52 weeks", TEAMS, chosen.query, period="52 weeks"), link("Clear filters", TEAMS)],
    )


if __name__ == "__main__":
    page.run(QUESTION, body)
