"""Which column means what: well-known names, the user's mapping, and the values of declared tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.sources._values import instant
from pipelines.sources.source import Options, Sample
from warehouse.errors import BadInput

ZONELESS = "times without a zone were read as"
NOTHING = frozenset({"", "-", "n/a", "na", "null", "none", "nan", "(blank)", "\\n"})
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})


@lru_cache(maxsize=20_000)  # every source asks of every column of a file
def plain(name: str) -> str:
    """A column name in lower case with single underscores: `Ticket ID ` is ticket_id."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^0-9a-z]+", "_", spaced.casefold()).strip("_")


def found(
    header: Sequence[str], aliases: Mapping[str, Sequence[str]], mapping: Mapping[str, str], file: str
) -> dict[str, str]:
    """Canonical column to the file's column: the mapping first, then the first well-known name that is there.

    Raises BadInput on a mapping to a column that is not there or to a canonical name that is unknown, and on a
    well-known name that two columns have.
    """
    by_plain: dict[str, list[str]] = {}
    for name in header:
        by_plain.setdefault(plain(re.sub(r" \(\d+\)$", "", name)), []).append(name)
    columns: dict[str, str] = {}
    for canonical, name in mapping.items():
        if canonical not in aliases:
            continue
        if name not in header:
            raise BadInput(
                f"{file} has no column {name!r}.\n  Found: {', '.join(header[:20])}", fix="check --map"
            )
        columns[canonical] = name
    taken = set(columns.values())
    for canonical, names in aliases.items():
        if canonical in columns:
            continue
        for name in names:
            places = [one for one in by_plain.get(name, []) if one not in taken]
            if len(places) > 1:
                raise BadInput(
                    f"{file} has {len(places)} columns called {places[0]!r}, and one of them is the {canonical}.",
                    fix=f"--map {canonical}={places[0]!r} or --map {canonical}={places[1]!r}",
                )
            if places:
                columns[canonical] = places[0]
                taken.add(places[0])
                break
    return columns


def check_names(mapping: Mapping[str, str], known: Sequence[str]) -> None:
    """Raises BadInput on a canonical name in a mapping that nothing has."""
    from difflib import get_close_matches

    for name in mapping:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise BadInput(
                f"--map names {name!r}, which is no column of ours.",
                fix=f"did you mean {near[0]}?" if near else f"use one of {', '.join(sorted(known))}",
            )


def mapping_of(sample: Sample, options: Options) -> Mapping[str, str]:
    """What the user said now, else what is kept for a file with exactly these columns."""
    return options.mapping or options.kept(list(sample.header)) or {}


def cell(value: Any) -> Any:
    """The value, or None for the words that stand for nothing; spreadsheets' whole numbers without their .0."""
    if isinstance(value, str):
        text = value.strip()
        return None if text.casefold() in NOTHING else value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def flag(value: Any) -> bool | None:
    """Yes or no. Raises BadInput on other words."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise BadInput(f"{text[:40]!r} is neither yes nor no")


def decimal(value: Any, delimiter: str | None) -> float | None:
    """A number with a decimal point, or with a decimal comma where the table is written so.

    With both signs the last one is the decimal sign. A single comma is decimal in a table that semicolons or tabs
    divide, and wherever no three digits follow it. Raises BadInput on words and on what can be read two ways.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    text = re.sub(r"[\s\u00a0\u202f']", "", str(value))
    if "," in text and "." in text:
        text = (
            text.replace(",", "")
            if text.rindex(".") > text.rindex(",")
            else text.replace(".", "").replace(",", ".")
        )
    elif "," in text:
        is_thousands = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text) is not None
        if (is_thousands and delimiter == ",") or text.count(",") > 1:
            text = text.replace(",", "")
        else:
            text = text.replace(",", ".")
    elif delimiter == ";" and re.fullmatch(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", text):
        raise BadInput(f"{text!r} can be read as a thousand or as a decimal number")
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"{str(value)[:40]!r} is not a number") from None


class Dates:
    """Reads dates in ISO form, as epoch, or in the form that was declared. Never guesses."""

    def __init__(self, options: Options) -> None:
        self._form = options.date_format
        self._zone = ZoneInfo(options.zone)
        self.has_zoneless = False

    def read(self, value: Any) -> datetime | None:
        """The instant, or None for nothing. Raises BadInput on a form that was not declared."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return self._placed(value)
        if self._form and isinstance(value, str):
            try:
                return self._placed(datetime.strptime(value.strip(), self._form))
            except ValueError:
                if "%" in self._form and not re.match(r"^\d{4}-\d\d-\d\d", value.strip()):
                    raise BadInput(f"{value.strip()[:40]!r} is not a date of the form {self._form}") from None
        if hasattr(value, "year") and not isinstance(value, str):
            return self._placed(datetime(value.year, value.month, value.day))
        if isinstance(value, str) and re.match(r"^\d{4}-?(\d\d-?\d\d|W\d\d)(?!\d)", value.strip()):
            try:
                return self._placed(
                    datetime.fromisoformat(value.strip().removesuffix(" UTC")), "UTC" in value
                )
            except ValueError:
                pass
        return instant(value)

    def _placed(self, value: datetime, is_utc: bool = False) -> datetime:
        if value.tzinfo is None:
            self.has_zoneless = self.has_zoneless or not is_utc
            value = value.replace(tzinfo=UTC if is_utc else self._zone)
        found = instant(value)
        assert found is not None
        return found

    def check(self, values: Sequence[Any], column: str, file: str) -> None:
        """Raises BadInput where none of a column's first values is a date: their form has to be declared."""
        present = [value for value in values if value is not None]
        for value in present:
            try:
                self.read(value)
                return
            except BadInput:
                continue
        if present:
            raise BadInput(
                f"{file}: the dates in {column!r} are written as {str(present[0])[:40]!r}, which is not ISO.",
                fix=f"state their form: --dates '{_forms(str(present[0]))}'",
            )


def _forms(text: str) -> str:
    """The forms that the text may have, day first and month first where both fit."""
    match = re.match(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)", text.strip())
    if not match:
        return "%d %b %Y %H:%M"
    first, mark, second, year = match.groups()
    century = "%Y" if len(year) == 4 else "%y"
    rest = text.strip()[match.end() :]
    seconds = ":%S" if rest.count(":") == 2 else ""
    clock = f"%I:%M{seconds} %p" if re.search(r"[ap]\.?m", rest, re.I) else f"%H:%M{seconds}"
    time = f" {clock}" if ":" in rest else ""
    day_first, month_first = f"%d{mark}%m{mark}{century}{time}", f"%m{mark}%d{mark}{century}{time}"
    if int(first) > 12:
        return day_first
    return month_first if int(second) > 12 else f"{day_first}' or '{month_first}"
