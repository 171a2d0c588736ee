"""One sheet of the Money page to print or to send: what it says, with filters, n, version and demo mark, as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from dashboard import money_words as words
from metrics import wording
from metrics.contrast.bridge import Bridge
from metrics.contrast.money import Money
from metrics.contrast.money_lines import Line
from metrics.contrast.stands_on import Stands
from metrics.typeset import typeset

TEMPLATE: Final = Path(__file__).with_name("money.typ")


LINES_OF_A_QUOTE: Final = 2
SIZES: Final = (
    (20, 7.8),
    (28, 7.0),
    (10_000, 6.3),
)  # rows of what varies at most, size of the letters in points


@dataclass(frozen=True)
class Sheet:
    """All that is printed: the question and its answer, the bridge, what it stands on, the figures, and who assumed what.

    filters: name and value of each. quotes: sentences with personal data masked, and what each shows. shows_inputs: whether
    the reader may see the assumptions.
    """

    question: str
    answer: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    version: str
    as_of: datetime
    is_demo: bool
    currency: str
    told: Money
    bridge: Bridge | None
    stands: Stands
    quotes: tuple[tuple[str, str], ...]
    set_by: tuple[tuple[str, str], ...]  # key of an assumption, who set it and when
    shows_inputs: bool = True


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF of A4; the same sheet gives the same bytes."""
    return _compiled(sheet, "pdf")


def picture(sheet: Sheet) -> bytes:
    """The first page of the PDF as PNG."""
    return _compiled(sheet, "png")


def about(sheet: Sheet) -> list[tuple[str, str]]:
    """What every export says of itself."""
    return [
        ("Data", "Demo data, not real" if sheet.is_demo else "Your own data"),
        *sheet.filters,
        ("Conversations that ended in the period", f"{sheet.told.count:,}"),
        ("As of", f"{sheet.as_of:%-d %B %Y, %H:%M %Z}"),
        ("Version of the data", sheet.version),
        (
            "Ranges",
            "low to high of what was assumed, with the 95 % interval of shares; errors of reading are not in them",
        ),
    ]


def line_row(line: Line, sheet: Sheet) -> dict[str, str]:
    """One line as texts: title, about, behind, range, likely, alone, note."""
    value = sheet.told.values.get(line.name)
    whole = sheet.told.values.get(line.whole)
    note = [f"experimental: {line.experimental}"] if line.experimental else []
    if whole:
        note.append(f"their yearly value: {words.amount(whole, sheet.currency)}")
    return {
        "title": line.title,
        "about": line.about,
        "behind": words.behind(line),
        "range": words.amount(value, sheet.currency) if value else untold(line),
        "likely": words.likely(value, sheet.currency),
        "alone": words.alone(line, sheet.told.values, sheet.currency),
        "note": "; ".join(note),
    }


def untold(line: Line) -> str:
    """Why a line has no amount: what to type, or that there is nothing to count."""
    if line.missing:
        return words.missing(line.missing)
    if line.name == "risk":
        return "once every line above is told"
    return "too few are known" if line.n else wording.NOT_MEASURED


def input_rows(sheet: Sheet) -> list[dict[str, str]]:
    """The assumptions as texts: title, range, likely, who."""
    by_whom = dict(sheet.set_by)
    return [
        {
            "title": one.title,
            "range": words.span(one, sheet.currency),
            "likely": words.quantity(one.range.likely, one.unit, sheet.currency),
            "who": by_whom.get(one.name, ""),
        }
        for one in sheet.told.inputs.values()
        if one.is_assumed
    ]


def _compiled(sheet: Sheet, kind: Literal["pdf", "png"]) -> bytes:
    held: dict[str, Any] = {
        "question": sheet.question,
        "answer": list(sheet.answer),
        "is_demo": sheet.is_demo,
        "bridge": [list(row) for row in words.bridge_rows(sheet.bridge)] if sheet.bridge else [],
        "bridge_title": words.bridge_finding(sheet.bridge) if sheet.bridge else "",
        "bridge_note": words.bridge_note(sheet.bridge) if sheet.bridge else "",
        "stands": [list(row) for row in words.stands_rows(sheet.stands)],
        "sections": [
            {"title": title, "rows": rows}
            for section, title in words.SECTIONS.items()
            if (rows := _lines(sheet, section))
        ],
        "inputs": input_rows(sheet) if sheet.shows_inputs else [],
        "quotes": [list(one) for one in sheet.quotes],
        "about": [list(one) for one in about(sheet)],
    }
    # One sheet, whatever stands on it: where there is much, all of it is set smaller.
    varying = sum(len(held[name]) for name in ("bridge", "stands", "inputs")) + LINES_OF_A_QUOTE * len(
        sheet.quotes
    )
    held["size"] = next(size for most, size in SIZES if varying <= most)
    return typeset(TEMPLATE, held, kind=kind, at=sheet.as_of)[0]


def _lines(sheet: Sheet, section: str) -> list[dict[str, str]]:
    return [line_row(line, sheet) for line in sheet.told.lines if line.section == section]
