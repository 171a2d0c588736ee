"""A figure by week as a small chart: its band, its target, and numbered marks where somebody noted something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import plotly.graph_objects as go

from dashboard.charts import FAINT, FORM, FUNCTION, GREY, draw
from metrics import wording
from metrics.contrast.course import Course

BANDS: Final = {
    "form": "rgba(47,125,190,.16)",
    "function": "rgba(196,98,45,.16)",
    "contrast": "rgba(124,133,144,.16)",
}
LINES: Final = {"form": FORM, "function": FUNCTION, "contrast": GREY}
HEIGHT: Final = 210


def weeks_chart(course: Course, notes: Sequence[tuple[int, date]], *, least: int, key: str) -> None:
    """Draw it: a week under `least` is a hollow dot without a line; notes are (number, day)."""
    figure = go.Figure()
    shown = [week for week in course.weeks if week.value is not None]
    solid = [week if week.n >= least or course.unit == "count" else None for week in course.weeks]
    days = [week.monday for week in course.weeks]
    bounded = [week for week in solid if week and week.low is not None and week.high is not None]
    for part in (run for run in _runs([week in bounded for week in course.weeks]) if len(run) > 1):
        of = [course.weeks[place] for place in part]
        figure.add_trace(
            go.Scatter(
                x=[w.monday for w in of] + [w.monday for w in reversed(of)],
                y=[w.high for w in of] + [w.low for w in reversed(of)],
                fill="toself", mode="lines", fillcolor=BANDS[course.wing], line={"width": 0}, hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
    said = [wording.say(week.value, course.unit) for week in course.weeks]
    figure.add_trace(
        go.Scatter(
            x=days, y=[week.value if week else None for week in solid], mode="lines+markers", showlegend=False,
            line={"color": LINES[course.wing], "width": 2}, marker={"color": LINES[course.wing], "size": 5},
            customdata=[[week.week, words, week.n] for week, words in zip(course.weeks, said, strict=True)],
            hovertemplate="%{customdata[0]}: %{customdata[1]}, n %{customdata[2]:,}<extra></extra>",
        )
    )  # fmt: skip
    small = [
        week
        for week, kept in zip(course.weeks, solid, strict=True)
        if kept is None and week.value is not None
    ]
    if small:
        figure.add_trace(
            go.Scatter(
                x=[w.monday for w in small], y=[w.value for w in small], mode="markers", showlegend=False,
                marker={"color": LINES[course.wing], "size": 6, "symbol": "circle-open"},
                customdata=[[w.week, w.n] for w in small],
                hovertemplate=f"%{{customdata[0]}}: n %{{customdata[1]:,}}, below {least}<extra></extra>",
            )
        )  # fmt: skip
    if any(week.target is not None for week in course.weeks):
        figure.add_trace(
            go.Scatter(
                x=days, y=[week.target for week in course.weeks], mode="lines", showlegend=False, name="target",
                line={"color": GREY, "width": 1.5, "dash": "dash", "shape": "hv"}, hoverinfo="skip",
            )
        )  # fmt: skip
    for number, day in notes:
        figure.add_vline(x=day.isoformat(), line={"color": GREY, "width": 1}, layer="below")
        figure.add_annotation(
            x=day.isoformat(), y=1, yref="paper", text=str(number), showarrow=False, yanchor="bottom"
        )
    ends = [
        end
        for week in shown
        for end in (week.value, week.target, *((week.low, week.high) if week in bounded else ()))
        if end is not None
    ]
    low, high = min(ends), max(ends)
    room = ((high - low) or abs(high) or 1.0) * 0.08
    ticks = sorted({low, high} if low != high else {low})
    figure.update_yaxes(
        range=[low - room, high + room], tickvals=ticks, ticktext=[wording.say(tick, course.unit) for tick in ticks],
        showgrid=False, zeroline=course.unit in ("mood", "net"), zerolinecolor=FAINT,
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="date", tickformat="%-d %b", nticks=4)
    draw(
        figure,
        height=HEIGHT,
        key=key,
        alt=f"{course.title} by week, with 95 % intervals; the table below holds the same figures.",
        top=24,
    )


def _runs(flags: Sequence[bool]) -> list[list[int]]:
    """The places of each unbroken run of true."""
    runs: list[list[int]] = []
    for place, flag in enumerate(flags):
        if flag and runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        elif flag:
            runs.append([place])
    return runs
