"""Charts that compare groups: ranks on two sides, a figure as it is and among similar conversations, and small weeks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from dashboard.charts import FAINT, FORM, FUNCTION, GREY, draw, label
from metrics import wording
from metrics.measure import Unit

MOST_LINES: Final = 15  # a slope chart with more is a thicket
BAND: Final = "rgba(196,98,45,.16)"
NOISE: Final = "rgba(124,133,144,.28)"
ROW: Final = 34
LONGEST_NAME: Final = 16  # beside a slope, where both sides need their room on a phone


def slope(rows: Sequence[dict[str, Any]], *, key: str, alt: str) -> None:
    """Ranks on two sides. Each row: name, left, right (ranks from 1), left_value, right_value (in words), is_flagged."""
    figure = go.Figure()
    sides = [_spread([row[side] for row in rows]) for side in ("left", "right")]
    for row, left, right in zip(rows, *sides, strict=True):
        colour = FUNCTION if row["is_flagged"] else GREY
        figure.add_trace(
            go.Scatter(
                x=[0, 1], y=[left, right], mode="lines+markers", hoverinfo="skip", showlegend=False, cliponaxis=False,
                line={"color": colour, "width": 3 if row["is_flagged"] else 1.2}, marker={"color": colour, "size": 8},
            )
        )  # fmt: skip
        short = label(
            row["name"] if len(row["name"]) <= LONGEST_NAME else f"{row['name'][: LONGEST_NAME - 1]}…"
        )
        name = f"<b>{short}</b>" if row["is_flagged"] else short
        for x, y, words, anchor in (
            (0, left, f"{name}  {row['left_value']}", "right"),
            (1, right, f"{row['right_value']}  {name}", "left"),
        ):
            figure.add_annotation(
                x=x, y=y, text=words, xanchor=anchor, xshift=-10 if anchor == "right" else 10, showarrow=False,
                font={"size": 12},
            )  # fmt: skip
    figure.update_xaxes(range=[-2.2, 3.2], visible=False)
    figure.update_yaxes(range=[len(rows) + 0.6, 0.4], visible=False)
    draw(figure, height=60 + ROW * len(rows), key=key, alt=alt)


def _spread(ranks: Sequence[int]) -> list[float]:
    """Where each rank is drawn: those that share one stand below each other."""
    taken: list[int] = []
    places = []
    for rank in ranks:
        places.append(float(rank + taken.count(rank)))
        taken.append(rank)
    return places


def similar_dots(frame: pl.DataFrame, unit: Unit, flagged: Sequence[str], *, key: str, alt: str) -> None:
    """A group a line, the first on top: hollow as it is, full among similar conversations, over the bounds of noise.

    Columns group (already as it is shown), raw, similar, low, high, noise_low, noise_high.
    """
    rows = frame.to_dicts()[::-1]
    names = [label(row["group"]) for row in rows]
    figure = go.Figure()
    for name, row in zip(names, rows, strict=True):
        figure.add_trace(_line([row["noise_low"], row["noise_high"]], name, NOISE, 14))
        figure.add_trace(_line([row["raw"], row["similar"]], name, FAINT, 2))
    colours = [FUNCTION if row["group"] in flagged else GREY for row in rows]
    figure.add_trace(
        go.Scatter(
            x=[row["raw"] for row in rows], y=names, mode="markers", showlegend=False,
            marker={"color": "rgba(0,0,0,0)", "size": 10, "line": {"color": colours, "width": 1.6}},
            customdata=[wording.say(row["raw"], unit) for row in rows],
            hovertemplate="%{y}: %{customdata} as it is<extra></extra>",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[row["similar"] for row in rows], y=names, mode="markers", showlegend=False,
            marker={"color": colours, "size": 11},
            error_x={
                "type": "data", "thickness": 1, "width": 0, "color": GREY,
                "array": [(row["high"] if row["high"] is not None else row["similar"]) - row["similar"] for row in rows],
                "arrayminus": [row["similar"] - (row["low"] if row["low"] is not None else row["similar"]) for row in rows],
            },
            customdata=[[wording.say(row["similar"], unit), row["n"]] for row in rows],
            hovertemplate="%{y}: %{customdata[0]} among similar conversations, n %{customdata[1]:,}<extra></extra>",
        )
    )  # fmt: skip
    drawn = [
        row[name] for row in rows for name in ("raw", "similar", "low", "high", "noise_low", "noise_high")
    ]
    values = [value for value in drawn if value is not None]
    low, high = _room(values, unit)
    if low < 0 < high and unit in ("mood", "net"):
        figure.add_vline(x=0, line={"color": GREY, "width": 1}, layer="below")
    ticks = _ticks(low, high)
    figure.update_xaxes(
        range=[low, high], tickvals=ticks, ticktext=[wording.say(tick, unit) if tick else "0" for tick in ticks],
        showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(showgrid=False, automargin=True)
    draw(figure, height=70 + ROW * len(rows), key=key, alt=alt)


def _line(ends: Sequence[float | None], name: str, colour: str, width: int) -> go.Scatter:
    return go.Scatter(
        x=list(ends), y=[name, name], mode="lines", hoverinfo="skip", line={"color": colour, "width": width},
        showlegend=False,
    )  # fmt: skip


def week_lines(
    frame: pl.DataFrame,
    unit: Unit,
    scale: tuple[float, float],
    is_flagged: bool,
    *,
    least: int,
    key: str,
    alt: str,
) -> None:
    """One group by week with its 95 % band; weeks under `least` rows are hollow. Columns day (Monday), value, low, high, n."""
    colour = FUNCTION if is_flagged else GREY
    figure = go.Figure()
    banded = frame.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
    if banded.height > 1:
        figure.add_trace(
            go.Scatter(
                x=[*banded["day"], *banded["day"][::-1]], y=[*banded["high"], *banded["low"][::-1]], fill="toself",
                fillcolor=BAND if is_flagged else NOISE, line={"width": 0}, hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=frame["day"].to_list(), y=frame["value"].to_list(), mode="lines+markers", showlegend=False,
            line={"color": colour, "width": 1.6},
            marker={
                "size": 5, "line": {"color": colour, "width": 1},
                "color": [colour if n >= least else "rgba(0,0,0,0)" for n in frame["n"]],
            },
            customdata=[[wording.say(value, unit), n] for value, n in frame.select("value", "n").rows()],
            hovertemplate="week of %{x|%-d %b}: %{customdata[0]}, n %{customdata[1]:,}<extra></extra>",
        )
    )  # fmt: skip
    ticks = _ticks(*scale, 4)
    figure.update_yaxes(
        range=list(scale), tickvals=ticks, ticktext=[wording.say(tick, unit) if tick else "0" for tick in ticks],
        gridcolor=FAINT, zeroline=False,
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, type="date", tickformat="%-d %b", nticks=3)
    draw(figure, height=170, key=key, alt=alt)


def scale_of(frame: pl.DataFrame, unit: Unit) -> tuple[float, float]:
    """One scale for all small weeks: their values, and bounds that are not wildly wider."""
    values = [value for value in frame["value"].to_list() if value is not None]
    spans = [value for name in ("low", "high") for value in frame[name].to_list() if value is not None]
    low, high = min(values), max(values)
    reach = (high - low) or abs(high) or 1.0
    near = [value for value in spans if low - reach <= value <= high + reach]
    return _room([*values, *near], unit)


def _room(values: Sequence[float], unit: Unit) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.07 * ((high - low) or abs(high) or 1.0)
    ends = (low - room, high + room)
    floor: Callable[[float], float] = lambda end: max(end, -0.02) if unit == "share" else end  # noqa: E731
    return floor(ends[0]), min(ends[1], 1.03) if unit == "share" else ends[1]


def _ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values between the ends of an axis."""
    span = high - low
    if span <= 0:
        return [low]
    step = next(
        size * 10.0**power
        for power in range(-4, 9)
        for size in (1, 2, 5)
        if span / (size * 10.0**power) <= most
    )
    first = int(-(-low // step))
    return [round(place * step, 6) for place in range(first, int(high // step) + 1)]


__all__ = ["FORM", "MOST_LINES", "scale_of", "similar_dots", "slope", "week_lines"]
