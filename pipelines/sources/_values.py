"""Values as files have them into canonical ones: ids, words, numbers, instants. Nothing is guessed silently."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from warehouse import schema
from warehouse.errors import BadInput

_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+$")
_EPOCH = re.compile(r"^\d{9,10}(?:\.\d+)?$|^\d{12,13}$")
_EARLIEST, _LATEST = 1971, 2200


def identifier(value: Any, what: str) -> str | None:
    """An id as text; None stays None. Raises BadInput on an id that a spreadsheet rounded (1.03E+13)."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        if _SCIENTIFIC.match(text) and len(text) > 4:
            raise BadInput(
                f"the {what} {text} was rounded by a spreadsheet",
                fix="export again and do not save it from a spreadsheet",
            )
        return text or None
    if isinstance(value, bool):
        raise BadInput(f"the {what} is {value}, not an id")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value) or value != int(value) or abs(value) >= 2**53:
            raise BadInput(f"the {what} {value!r} was rounded", fix="export again with ids as text")
        return str(int(value))
    raise BadInput(f"the {what} is not an id but {type(value).__name__}")


def words(value: Any) -> str | None:
    """A text as it is; a number as its text; None for nothing or for something that is not a text."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or value is None or not isinstance(value, (int, float)):
        return None
    return str(value)


def number(value: Any) -> float | None:
    """A number of a JSON value; None for nothing. Raises BadInput on words."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    raise BadInput(f"{str(value)[:40]!r} is not a number")


def mapping(value: Any) -> dict[str, Any]:
    """The object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """The array, or an empty one where something else stands."""
    return value if isinstance(value, list) else []


def instant(value: Any) -> datetime | None:
    """An instant in UTC from ISO 8601 or from an epoch in seconds or milliseconds; None for nothing.

    A time without a zone is taken as UTC. Raises BadInput on anything else: a day and a month are never guessed.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_epoch(float(value), str(value))
    text = str(value).strip()
    if _EPOCH.match(text):
        return _from_epoch(float(text), text)
    try:
        parsed = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        raise BadInput(
            f"{text[:40]!r} is not a date in ISO form", fix="state its form with --dates, as %d/%m/%Y"
        ) from None
    if not _EARLIEST <= parsed.year <= _LATEST:
        raise BadInput(f"{text[:40]!r} lies outside the years {_EARLIEST} to {_LATEST}")
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _from_epoch(seconds: float, text: str) -> datetime:
    if not math.isfinite(seconds):
        raise BadInput(f"{text} is not a date")
    if seconds >= 1e11:
        seconds /= 1000
    if not 31_536_000 <= seconds <= 7_258_118_400:
        raise BadInput(f"{text} is not an epoch between {_EARLIEST} and {_LATEST}")
    return datetime.fromtimestamp(seconds, UTC)


def instants(values: Sequence[Any]) -> tuple[pl.Series, dict[int, str]]:
    """A column of instants, and by position the reason of each value that is none."""
    if all(value is None or isinstance(value, str) for value in values):
        text = pl.Series(values, dtype=pl.String())
        parsed = text.str.strptime(pl.Datetime("us", "UTC"), "%Y-%m-%dT%H:%M:%SZ", strict=False)
        if parsed.null_count() == text.null_count() and _within_years(parsed):
            return parsed, {}
    found: list[datetime | None] = []
    wrong: dict[int, str] = {}
    for position, value in enumerate(values):
        try:
            found.append(instant(value))
        except BadInput as error:
            found.append(None)
            wrong[position] = error.what
    return pl.Series(found, dtype=schema.INSTANT), wrong


def _within_years(series: pl.Series) -> bool:
    first, last = series.min(), series.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return True
    return first.year >= _EARLIEST and last.year <= _LATEST
