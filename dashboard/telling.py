"""Charts of how well scores tell what went well, and of a rate week by week; a table with the same figures stands below each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go
import polars as pl

from dashboard.charts import FAINT, FORM, FUNCTION, GREY, MOST_TICKS, draw, label
from metrics.contrast.foretells import Foretelling

_BAND: Final = "rgba(196,98,45,.16)"


def dots(scores: Sequence[Foretelling], *, key: str, alt: str) -> None:
    """Each score as a dot with its interval, the best on top, and a line where it is no better than chance (0.5).

    What stands after correcting for many is blue, the rest grey.
    """
    rows = [one for one in reversed(scores) if one.auc is not None]
    figure = go.Figure()
    names = [label(one.title) for one in rows]
    figure.add_vline(x=0.5, line={"color": GREY, "width": 1}, layer="below")
    for stands, colour in ((True, FORM), (False, GREY)):
        part = [
            (name, one) for name, one in zip(names, rows, strict=True) if (one.tells != "chance") == stands
        ]
        figure.add_trace(
            go.Scatter(
                x=[one.auc for _, one in part], y=[name for name, _ in part], mode="markers", showlegend=False,
                marker={"color": colour, "size": 11},
                error_x={
                    "type": "data", "thickness": 2, "width": 0, "color": colour,
                    "array": [(one.high or one.auc or 0) - (one.auc or 0) for _, one in part],
                    "arrayminus": [(one.auc or 0) - (one.low or one.auc or 0) for _, one in part],
                },
                customdata=[[one.n] for _, one in part],
                hovertemplate="%{y}: %{x:.2f}, n %{customdata[0]:,}<extra></extra>",
            )
        )  # fmt: skip
    ends = [end for one in rows for end in (one.low, one.auc, one.high) if end is not None]
    figure.update_xaxes(
        range=[min([0.4, *ends]) - 0.03, max([0.6, *ends]) + 0.03],
        showgrid=False,
        zeroline=False,
        tickformat=".1f",
    )
    figure.update_yaxes(showgrid=False, automargin=True, categoryorder="array", categoryarray=names)
    draw(figure, height=60 + 32 * len(rows), key=key, alt=alt)


def curve(points: pl.DataFrame, *, key: str, alt: str) -> None:
    """A ROC curve over the diagonal of chance; columns others (across) and well (upward), shares."""
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": GREY, "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=points["others"].to_list(), y=points["well"].to_list(), mode="lines", showlegend=False,
            line={"color": FORM, "width": 2.5},
            hovertemplate="%{y:.0%} of those that went well, %{x:.0%} of the others<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], tickformat=".0%", showgrid=False, zeroline=False)
    figure.update_yaxes(range=[0, 1.01], tickformat=".0%", showgrid=False, zeroline=False)
    draw(figure, height=340, key=key, alt=alt)


def course(frame: pl.DataFrame, *, key: str, alt: str) -> None:
    """A share week by week with the band of its intervals: columns week, value, low, high; a null is a gap."""
    weeks = [week.partition("-")[2] or week for week in frame["week"].to_list()]
    figure = go.Figure()
    for first, last in _runs(frame["value"].is_not_null().to_list()):
        part = frame.slice(first, last - first)
        here = weeks[first:last]
        figure.add_trace(
            go.Scatter(
                x=[*here, *reversed(here)], y=[*part["high"].to_list(), *reversed(part["low"].to_list())],
                fill="toself", fillcolor=_BAND, line={"width": 0}, hoverinfo="skip", showlegend=False, mode="lines",
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=weeks, y=frame["value"].to_list(), mode="lines+markers", showlegend=False, connectgaps=False,
            line={"color": FUNCTION, "width": 2}, marker={"color": FUNCTION, "size": 7}, customdata=frame.select("n").rows(),
            hovertemplate="%{x}: %{y:.1%}, n %{customdata[0]:,}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=weeks, showgrid=False, nticks=8)
    figure.update_yaxes(
        rangemode="tozero", tickformat=".0%", gridcolor=FAINT, nticks=MOST_TICKS, zeroline=False
    )
    draw(figure, height=240, key=key, alt=alt)


def _runs(known: Sequence[bool]) -> list[tuple[int, int]]:
    """Where weeks with a value begin and end."""
    runs: list[tuple[int, int]] = []
    for place, is_known in enumerate(known):
        if is_known and place and known[place - 1]:
            runs[-1] = (runs[-1][0], place + 1)
        elif is_known:
            runs.append((place, place + 1))
    return runs
