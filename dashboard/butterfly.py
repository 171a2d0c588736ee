"""Two histograms back to back: the moods of those who answered and of those who did not."""

from __future__ import annotations

from math import ceil

import plotly.graph_objects as go
import polars as pl

from dashboard.charts import FORM, FUNCTION, GREY, draw
from metrics import wording


def butterfly(frame: pl.DataFrame, *, key: str, alt: str) -> None:
    """Who answered to the left, who did not to the right, each in percent of its own side; the lowest mood at the bottom.

    Columns mood (the lower end of a bin), count_answered, count_silent, share_answered, share_silent (0 to 1).
    """
    rows = frame.to_dicts()
    moods = [wording.say(row["mood"], "mood") if row["mood"] else "0" for row in rows]
    figure = go.Figure()
    for side, colour, sign in (("answered", FORM, -1), ("silent", FUNCTION, 1)):
        told = [[wording.say(row[f"share_{side}"], "share"), row[f"count_{side}"]] for row in rows]
        figure.add_trace(
            go.Bar(
                x=[sign * 100 * row[f"share_{side}"] for row in rows], y=moods, orientation="h", marker={"color": colour},
                customdata=told, hovertemplate="mood from %{y}: %{customdata[0]}, n %{customdata[1]:,}<extra></extra>",
                showlegend=False,
            )
        )  # fmt: skip
    largest = max(max(row["share_answered"], row["share_silent"]) for row in rows)
    most = 10 * max(1, ceil(10 * largest))
    ticks = [-most, -most / 2, 0, most / 2, most]
    figure.update_xaxes(
        range=[-most, most], tickvals=ticks, ticktext=[f"{abs(tick):g} %" for tick in ticks], showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    figure.update_yaxes(showgrid=False, automargin=True, type="category")
    figure.update_layout(barmode="relative", bargap=0.15)
    draw(figure, height=70 + 20 * len(rows), key=key, alt=alt)
