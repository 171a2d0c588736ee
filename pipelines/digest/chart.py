"""The course of a figure over the weeks, as an SVG of our own; its marks read on light and on dark alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

Side = Literal["scores", "conversations"]
COLOURS: Final[dict[Side, str]] = {"scores": "#2F7DBE", "conversations": "#C4622D"}
WIDTH, HEIGHT = 120, 28
_EDGE: Final = 4


def course(values: Sequence[float | None], side: Side) -> str:
    """The values as a line on its own scale with a dot at the last; weeks without a value are gaps. Empty under two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (WIDTH - 2 * _EDGE) / (len(values) - 1)
    path, pen, last = [], "M", (0.0, 0.0)
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        last = (_EDGE + step * place, HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (value - low) / span)
        path.append(f"{pen}{last[0]:.1f} {last[1]:.1f}")
        pen = "L"
    colour = COLOURS[side]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linejoin="round"/>'
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.6" fill="{colour}"/></svg>'
    )
