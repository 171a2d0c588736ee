"""Charts: titles and axis names stand above them as text, a table with the same figures below them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from math import ceil, floor
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from metrics import wording
from metrics.contrast.quadrant import BETTER_THAN_SCORE, GOOD_AND_BAD, GOOD_AND_TRUE, KNOWN_PROBLEM

# Marks keep one colour in light and dark; only text flips, by style.css.
FORM, FUNCTION, GREY, SHADE = "#2F7DBE", "#C4622D", "#7C8590", "rgba(196,98,45,.10)"
FAINT: Final = "rgba(124,133,144,.45)"
LONGEST_LABEL: Final = 26
LONGEST_NAME: Final = 32  # where a chart holds nothing but names and dots
MOST_TICKS: Final = 6
PICTURES: Final = (
    "charts to save"  # in the session: what stands below each chart while it can be saved, else None
)
CONFIG: Final[dict[str, Any]] = {
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def label(text: object, longest: int = LONGEST_LABEL) -> str:
    """A name of the data as Plotly may draw it: its markup escaped, on one line, not too long."""
    words = " ".join(str(text).split())
    short = words if len(words) <= longest else words[: longest - 1] + "…"
    return escape(short, quote=False)


def spark(values: Sequence[float | None], side: str, scale: tuple[float, float] | None = None) -> str:
    """A figure's course as an HTML element, on its own scale or a given one; weeks without a value are gaps.

    Empty under two values.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = scale or (min(known), max(known))
    span = (high - low) or 1.0
    step = 124 / max(1, len(values) - 1)
    points = [
        None if value is None else (4 + step * place, 30 - 26 * (value - low) / span)
        for place, value in enumerate(values)
    ]
    path, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        path.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    last = next(point for point in reversed(points) if point)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 132 34" preserveAspectRatio="none">'
        f'<path d="{"".join(path)}" fill="none" stroke="black" stroke-width="1.6" stroke-linejoin="round"/>'
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.6"/></svg>'
    )
    return f'<span class="spark {side}" aria-hidden="true" style="{mask(svg)}"></span>'


def mask(svg: str) -> str:
    """A drawing as a CSS mask: the page keeps no inline drawings, and the colour flips with the theme."""
    data = base64.b64encode(svg.encode()).decode()
    url = f"url(data:image/svg+xml;base64,{data})"
    return f"-webkit-mask: {url} no-repeat 0 0 / 100% 100%; mask: {url} no-repeat 0 0 / 100% 100%;"


def quadrant(frame: pl.DataFrame, line: float | None, flagged: Sequence[str], *, key: str, alt: str) -> None:
    """Groups by their score (across) and their customers' shift of mood (upward), with thin lines for the intervals."""
    rows = [row for row in frame.to_dicts() if row["corner"] is not None and row["csat"] is not None]
    figure = go.Figure()
    across = [row["csat"] * 100 for row in rows]
    ends = [row[name] * 100 for row in rows for name in ("csat_low", "csat_high") if row[name] is not None]
    up = [
        row[name]
        for row in rows
        for name in ("mood_shift", "mood_shift_low", "mood_shift_high")
        if row[name] is not None
    ]
    left, right = _padded([*across, *ends, *([line * 100] if line is not None else [])], 0.08)
    bottom, top = _padded([*up, 0.0], 0.12)
    right = min(right, 104.0)
    middle = line * 100 if line is not None else (left + right) / 2
    figure.add_shape(
        type="rect", x0=middle, x1=right, y0=bottom, y1=0, fillcolor=SHADE, line_width=0, layer="below"
    )
    figure.add_shape(
        type="line", x0=left, x1=right, y0=0, y1=0, line={"color": GREY, "width": 1}, layer="below"
    )
    figure.add_shape(
        type="line", x0=middle, x1=middle, y0=bottom, y1=top, line={"color": FAINT, "width": 1}, layer="below"
    )
    sides = _label_sides(
        [
            ((row["csat"] * 100 - left) / (right - left), (row["mood_shift"] - bottom) / (top - bottom))
            for row in rows
        ],
        [len(label(row["group"])) for row in rows],
    )
    for row, side in zip(rows, sides, strict=True):
        row["side"] = side
    for is_flagged in (False, True):
        part = [row for row in rows if (row["group"] in flagged) == is_flagged]
        if part:
            figure.add_trace(_dots(part, is_flagged))
    for text, x, y, at_x, at_y in (
        (BETTER_THAN_SCORE, left, top, "left", "top"),
        (GOOD_AND_TRUE, right, top, "right", "top"),
        (KNOWN_PROBLEM, left, bottom, "left", "bottom"),
        (GOOD_AND_BAD, right, bottom, "right", "bottom"),
    ):
        words = f"<b>{text}</b>" if text == GOOD_AND_BAD else text
        figure.add_annotation(
            x=x, y=y, text=words, xanchor=at_x, yanchor=at_y, showarrow=False, font={"size": 13}
        )
    figure.update_xaxes(range=[left, right], ticksuffix=" %", showgrid=False, zeroline=False)
    ticks = _mood_ticks(bottom, top)
    figure.update_yaxes(
        range=[bottom, top],
        tickvals=ticks,
        ticktext=[_tick(tick) for tick in ticks],
        showgrid=False,
        zeroline=False,
    )
    draw(figure, height=440, key=key, alt=alt)


def days(frame: pl.DataFrame, *, key: str, alt: str) -> None:
    """A score by day, from zero: columns day (ISO) and value; a day without a value is a gap."""
    figure = go.Figure(
        go.Scatter(
            x=frame["day"].to_list(), y=frame["value"].to_list(), mode="lines", line={"color": FORM, "width": 1.6},
            fill="tozeroy", fillcolor="rgba(47,125,190,.10)", hovertemplate="%{x|%-d %b %Y}: %{y:,}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="date", tickformat="%-d %b")
    figure.update_yaxes(rangemode="tozero", gridcolor=FAINT, nticks=MOST_TICKS, tickformat=",")
    draw(figure, height=220, key=key, alt=alt)


def dumbbells(frame: pl.DataFrame, *, key: str, alt: str) -> None:
    """Two moods of each group on one line, the lowest after-mood at the bottom.

    Columns group, arrival, after, and the ends of their intervals (arrival_low ...; null where there is none).
    """
    rows = frame.to_dicts()
    names = [label(row["group"]) for row in rows]
    figure = go.Figure()
    for name, row in zip(names, rows, strict=True):
        figure.add_trace(
            go.Scatter(
                x=[row["arrival"], row["after"]], y=[name, name], mode="lines", hoverinfo="skip",
                line={"color": FAINT, "width": 3}, showlegend=False,
            )
        )  # fmt: skip
    for column, colour, words in (("arrival", GREY, "on arrival"), ("after", FUNCTION, "after our answer")):
        arms = [(row[column], row[f"{column}_low"], row[f"{column}_high"]) for row in rows]
        figure.add_trace(
            go.Scatter(
                x=[row[column] for row in rows], y=names, mode="markers", marker={"color": colour, "size": 11},
                error_x=_arms(arms, 1), showlegend=False,
                customdata=[[row["n"], _tick(row[column])] for row in rows],
                hovertemplate=f"%{{y}}: %{{customdata[1]}} {words}, n %{{customdata[0]:,}}<extra></extra>",
            )
        )  # fmt: skip
    ends = [
        row[name]
        for row in rows
        for name in ("arrival", "after", "arrival_low", "after_high")
        if row[name] is not None
    ]
    low, high = _padded([*ends, 0.0], 0.08)
    ticks = _mood_ticks(low, high)
    figure.add_vline(x=0, line={"color": GREY, "width": 1}, layer="below")
    figure.update_xaxes(
        range=[low, high],
        tickvals=ticks,
        ticktext=[_tick(tick) for tick in ticks],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(showgrid=False, automargin=True)
    draw(figure, height=90 + 44 * len(rows), key=key, alt=alt)


def ranked(frame: pl.DataFrame, *, key: str, alt: str) -> None:
    """Two counts of each group on one line, the first row at the top: columns group, unheard, heard."""
    rows = frame.to_dicts()[::-1]
    names = [label(row["group"], LONGEST_NAME) for row in rows]
    figure = go.Figure()
    for name, row in zip(names, rows, strict=True):
        figure.add_trace(
            go.Scatter(
                x=[row["heard"], row["unheard"]], y=[name, name], mode="lines", hoverinfo="skip",
                line={"color": FAINT, "width": 2}, showlegend=False,
            )
        )  # fmt: skip
    for column, colour, words in (("heard", GREY, "answered"), ("unheard", FUNCTION, "nobody answered")):
        figure.add_trace(
            go.Scatter(
                x=[row[column] for row in rows], y=names, mode="markers", marker={"color": colour, "size": 11},
                showlegend=False, hovertemplate=f"%{{y}}: %{{x:,}} {words}<extra></extra>",
            )
        )  # fmt: skip
    most = max((max(row["heard"], row["unheard"]) for row in rows), default=1)
    figure.update_xaxes(
        range=[-0.04 * most, 1.08 * most], nticks=MOST_TICKS, tickformat=",d", gridcolor=FAINT, zeroline=False
    )
    figure.update_yaxes(showgrid=False, automargin=True)
    draw(figure, height=64 + 30 * len(rows), key=key, alt=alt)


def _dots(rows: list[dict[str, Any]], is_flagged: bool) -> go.Scatter:
    colour = FUNCTION if is_flagged else GREY
    return go.Scatter(
        x=[row["csat"] * 100 for row in rows],
        y=[row["mood_shift"] for row in rows],
        mode="markers+text",
        text=[f"<b>{label(row['group'])}</b>" if is_flagged else label(row["group"]) for row in rows],
        textposition=[row["side"] for row in rows],
        textfont={"size": 12},
        cliponaxis=False,
        marker={"color": colour, "size": 12, "symbol": "diamond" if is_flagged else "circle"},
        error_x=_arms([(row["csat"], row["csat_low"], row["csat_high"]) for row in rows], 100),
        error_y=_arms(
            [(row["mood_shift"], row["mood_shift_low"], row["mood_shift_high"]) for row in rows], 1
        ),
        hoverinfo="skip",
        showlegend=False,
    )


def _label_sides(points: Sequence[tuple[float, float]], lengths: Sequence[int]) -> list[str]:
    """On which side of each point its label stands, so that labels and points keep clear of each other where they can.

    Points are places from 0 to 1 in the drawing; a letter is taken to be a hundredth wide, a line a twentieth high.
    """
    taken = [(x - 0.01, x + 0.01, y - 0.02, y + 0.02) for x, y in points]
    sides = []
    for (x, y), length in zip(points, lengths, strict=True):
        half, whole = 0.005 * length, 0.01 * length
        boxes = {
            "top center": (x - half, x + half, y + 0.02, y + 0.07),
            "bottom center": (x - half, x + half, y - 0.07, y - 0.02),
            "middle right": (x + 0.02, x + 0.02 + whole, y - 0.025, y + 0.025),
            "middle left": (x - 0.02 - whole, x - 0.02, y - 0.025, y + 0.025),
        }
        best = min(boxes, key=lambda side: _crowding(boxes[side], taken))
        taken.append(boxes[best])
        sides.append(best)
    return sides


def _crowding(
    box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]
) -> float:
    """How much of a label lies over what is drawn already or beyond the edge."""
    left, right, bottom, top = box
    over = sum(
        max(0.0, min(right, other[1]) - max(left, other[0]))
        * max(0.0, min(top, other[3]) - max(bottom, other[2]))
        for other in taken
    )
    return over + max(0.0, -left) + max(0.0, right - 1.0)


def _arms(values: Sequence[tuple[float | None, float | None, float | None]], scale: int) -> dict[str, Any]:
    """Thin lines from a value to the ends of its interval."""
    known = [(v or 0.0, v if low is None else low, v if high is None else high) for v, low, high in values]
    return {
        "type": "data",
        "array": [((high or 0.0) - value) * scale for value, _, high in known],
        "arrayminus": [(value - (low or 0.0)) * scale for value, low, _ in known],
        "thickness": 1,
        "width": 0,
        "color": FAINT,
    }


def _mood_ticks(low: float, high: float) -> list[float]:
    """Three to seven round values between the ends of an axis of mood, zero among them where it lies between."""
    step = next(
        (step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (high - low) / step <= MOST_TICKS), 1.0
    )
    return [round(place * step, 2) for place in range(ceil(low / step), floor(high / step) + 1)]


def _tick(value: float) -> str:
    return wording.say(value, "mood") if value else "0"


def _padded(values: Sequence[float], share: float) -> list[float]:
    low, high = min(values), max(values)
    room = ((high - low) or 1.0) * share
    return [low - room, high + room]


def draw(figure: go.Figure, *, height: int, key: str, alt: str, top: int = 16) -> None:
    """Put a figure on the page; `alt` is read aloud in its place, `top` is the room above it in pixels."""
    figure.update_layout(
        height=height, margin={"l": 8, "r": 24, "t": top, "b": 32}, dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", font={"size": 12},
    )  # fmt: skip
    figure.update_xaxes(fixedrange=True, ticklabeloverflow="allow", showline=True, linecolor=FAINT)
    figure.update_yaxes(fixedrange=True, ticklabeloverflow="allow")
    st.plotly_chart(figure, width="stretch", theme="streamlit", key=key, config=_saved(figure, key), alt=alt)


def _saved(figure: go.Figure, name: str) -> dict[str, Any]:
    """The settings of a chart; where the reader wants pictures, a button that saves it with what it stands on below it."""
    words = st.session_state.get(PICTURES)
    if not words:
        return dict(CONFIG)
    figure.add_annotation(
        text=escape(words, quote=False), xref="paper", yref="paper", x=0, y=0, yshift=-46, xanchor="left",
        showarrow=False, font={"size": 10},
    )  # fmt: skip
    figure.update_layout(
        height=figure.layout.height + 28,
        margin_b=60,
        margin_t=figure.layout.margin.t + 24,
        paper_bgcolor="#FBFAF8",
    )
    file = "".join(letter if letter.isalnum() else "-" for letter in name)
    return CONFIG | {
        "displayModeBar": True, "displaylogo": False, "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": file, "scale": 2},
    }  # fmt: skip
