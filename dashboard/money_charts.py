"""The two charts of the Money page: a bridge of steps, and ranges in money; a table with the same figures stands below each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from dashboard.charts import FORM, FUNCTION, GREY, LONGEST_LABEL, draw, label
from metrics import wording

BAR: Final = 18  # pixels a bar is high, with half of it between two
ROW: Final = 44
OPEN: Final = "rgba(124,133,144,.30)"


@dataclass(frozen=True)
class Move:
    """One bar of a bridge, from a value to another; `said` stands beside it. is_end: a figure, not a step."""

    name: str
    start: float
    end: float
    said: str
    is_end: bool = False
    is_unexplained: bool = False


@dataclass(frozen=True)
class Bar:
    """One range: what it is, its three values, and whether form alone tells it."""

    name: str
    low: float
    likely: float
    high: float
    is_form: bool = False


def waterfall(moves: Sequence[Move], *, key: str, alt: str) -> None:
    """Figures as blue dots and the steps between them as grey bars; what no rule explains has an outline alone.

    The axis does not begin at zero, so that figures are places on it and only steps are lengths.
    """
    names = _names([move.name for move in moves])
    figure = go.Figure()
    for number, (name, move) in enumerate(zip(names, moves, strict=True)):
        if not move.is_end:
            figure.add_trace(
                go.Bar(
                    y=[name], x=[move.end - move.start], base=[move.start], orientation="h", width=0.5,
                    marker={
                        "color": "rgba(0,0,0,0)" if move.is_unexplained else GREY,
                        "line": {"color": GREY, "width": 1.5 if move.is_unexplained else 0},
                    },
                    hoverinfo="skip", showlegend=False,
                )
            )  # fmt: skip
        if number + 1 < len(moves):  # a thin line carries the value to the next bar
            figure.add_shape(
                type="line", x0=move.end, x1=move.end, y0=number, y1=number + 1, line={"color": OPEN, "width": 1}
            )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[move.end for move in moves if move.is_end],
            y=[name for name, move in zip(names, moves, strict=True) if move.is_end],
            mode="markers", marker={"color": FORM, "size": 13}, hoverinfo="skip", showlegend=False,
        )
    )  # fmt: skip
    ends = [value for move in moves for value in (move.start, move.end)]
    span = (max(ends) - min(ends)) or abs(max(ends)) or 1.0
    for name, move in zip(names, moves, strict=True):
        figure.add_annotation(
            x=max(move.start, move.end), y=name, text=label(move.said), xanchor="left", xshift=10, showarrow=False,
            font={"size": 13},
        )  # fmt: skip
    figure.update_xaxes(
        range=[min(ends) - 0.06 * span, max(ends) + 0.4 * span], showticklabels=False, showgrid=False, zeroline=False
    )  # fmt: skip
    order = {"categoryorder": "array", "categoryarray": names}
    figure.update_yaxes(showgrid=False, automargin=True, autorange="reversed", **order)
    draw(figure, height=40 + ROW * len(moves), key=key, alt=alt)


def range_bars(bars: Sequence[Bar], currency: str, *, key: str, alt: str) -> None:
    """Amounts from low to high with a dot where they are likely, all on one scale from zero; blue is what form tells."""
    names = _names([bar.name for bar in bars])
    figure = go.Figure()
    for name, bar in zip(names, bars, strict=True):
        colour = FORM if bar.is_form else FUNCTION
        figure.add_trace(
            go.Scatter(
                x=[bar.low, bar.high], y=[name, name], mode="lines", line={"color": colour, "width": 6},
                opacity=0.6, hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=[bar.likely], y=[name], mode="markers", marker={"color": colour, "size": 12},
                hoverinfo="skip", showlegend=False,
            )
        )  # fmt: skip
        figure.add_annotation(
            x=bar.high, y=name, text=wording.amount(bar.likely), xanchor="left", xshift=12, showarrow=False,
            font={"size": 13},
        )  # fmt: skip
    most = max(bar.high for bar in bars) or 1.0
    figure.update_xaxes(
        range=[-0.02 * most, 1.34 * most], showgrid=False, zeroline=False, nticks=4, tickformat=",~g", rangemode="tozero"
    )  # fmt: skip
    figure.update_yaxes(showgrid=False, automargin=True, autorange="reversed")
    draw(figure, height=56 + ROW * len(bars), key=key, alt=f"{alt}, in {currency}")


def _names(names: Sequence[str]) -> list[str]:
    """The names as they may be drawn, each on up to two lines."""
    return ["<br>".join(label(part) for part in _broken(name)) for name in names]


def _broken(name: str) -> list[str]:
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) + 1 > LONGEST_LABEL and len(lines) < 2:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
