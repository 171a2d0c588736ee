"""Durations as tables write them: `27:05:10`, `00:30`, or a number of hours."""

from __future__ import annotations

import re
from typing import Any

from pipelines.sources._columns import decimal
from warehouse.errors import BadInput

_CLOCK = re.compile(r"^(-?)(\d+):([0-5]?\d)(?::([0-5]?\d)(?:\.\d+)?)?$")


def minutes(value: Any, delimiter: str | None, *, is_hours: bool = True) -> float | None:
    """Minutes of H:M:S, of H:M, or of a plain number of hours where `is_hours`; None for nothing.

    Raises BadInput on anything else, and on a plain number whose unit nothing states.
    """
    if value is None:
        return None
    if hasattr(value, "hour") and hasattr(value, "minute"):  # a time cell of a workbook
        return float(value.hour * 60 + value.minute + value.second / 60)
    if hasattr(value, "total_seconds"):
        return float(value.total_seconds() / 60)
    match = _CLOCK.match(str(value).strip())
    if match:
        found = int(match[2]) * 60 + int(match[3]) + int(match[4] or 0) / 60
        return -found if match[1] else found
    if not is_hours:
        raise BadInput(f"{str(value)[:40]!r} is no duration of the form hours:minutes")
    hours = decimal(value, delimiter)
    return None if hours is None else hours * 60
