"""A digest as a workbook: what it says, its ledger as numbers, the weeks behind them. No text of the data is a formula."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any, Final

from metrics.spreadsheet import LONGEST_CELL
from pipelines.digest.content import Cell, Digest, Line
from pipelines.digest.shown import as_shown

OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
NUMBERS: Final = {"share": "0.0%", "net": "0.0", "mood": "0.00", "minutes": "#,##0.0", "count": "#,##0.0"}
UNITS: Final = {
    "share": "share of 1",
    "net": "−100 to 100",
    "mood": "−1 to 1",
    "minutes": "minutes",
    "count": "count",
}
LONGEST_URL: Final = 2_000
DEMO: Final = "Demo data: a made-up company. Nothing here happened."
# Before any version of the data; a workbook needs a day on which it was made.
_UNDATED: Final = datetime(2000, 1, 1)
_LEDGER: Final = (
    ("Question", 26), ("Side", 14), ("Figure", 30), ("In words", 14), ("Value", 11), ("Unit", 12), ("Low", 11), ("High", 11),
    ("n", 8), ("Coverage", 10), ("Change", 11), ("Beyond noise", 12), ("Final", 8), ("Target", 11), ("Against target", 14),
    ("13 weeks", 18), ("What it stands on", 50), ("Conversations", 14),
)  # fmt: skip


def workbook(digest: Digest) -> bytes:
    """The workbook; the same digest gives the same bytes."""
    import xlsxwriter

    held = BytesIO()
    book = xlsxwriter.Workbook(held, OPTIONS)
    made = datetime.fromisoformat(digest.as_of).replace(tzinfo=None) if digest.as_of else _UNDATED
    book.set_properties({"title": _text(digest.subject), "created": made})
    looks = {name: book.add_format({"num_format": code}) for name, code in NUMBERS.items()}
    looks |= {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "bold": book.add_format({"bold": True}),
        "title": book.add_format({"bold": True, "font_size": 15, "text_wrap": True, "valign": "top"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "link": book.add_format({"font_color": "#1F5F99", "underline": 1, "valign": "top"}),
        "whole": book.add_format({"num_format": "#,##0"}),
    }
    has_weeks = any(cell.number and cell.number.weekly for _, _, cell in _cells(digest))
    names = ("Week", "Ledger", *(("By week",) if has_weeks else ()), "About")
    pages = {name: book.add_worksheet(name) for name in names}
    _week(pages["Week"], digest, looks)
    places = _by_week(pages["By week"], digest, looks) if has_weeks else {}
    _ledger(pages["Ledger"], digest, places, looks)
    _about(pages["About"], digest, looks)
    book.close()
    return held.getvalue()


def _text(text: str) -> str:
    return as_shown(text)[:LONGEST_CELL]


def _link(page: Any, row: int, column: int, url: str | None, words: str, looks: dict[str, Any]) -> None:
    if url and len(url) <= LONGEST_URL:
        page.write_url(row, column, url, looks["link"], words)
    elif url:
        page.write_string(row, column, url)


def _week(page: Any, digest: Digest, looks: dict[str, Any]) -> None:
    """The answer, and a row for everything that is listed."""
    for column, width in enumerate((34, 34, 90, 34, 12)):
        page.set_column(column, column, width)
    page.merge_range(0, 0, 0, 4, "")
    page.write_string(0, 0, _text(digest.answer), looks["title"])
    page.set_row(0, 42)
    row = 1
    about = (digest.organisation, digest.dates, digest.basis, digest.audience)
    lines = (digest.more, " · ".join(part for part in about if part))
    for words in (*lines, DEMO if digest.is_demo else ""):
        if words:
            page.write_string(row, 0, _text(words))
            row += 1
    _link(page, row, 0, digest.url, "Open this week in the dashboard", looks)
    row += 2
    for column, name in enumerate(("Part", "Why", "What", "About", "Link")):
        page.write_string(row, column, name, looks["head"])
    for section in digest.sections:
        row += 1
        page.write_string(row, 0, _text(section.title), looks["bold"])
        page.write_string(row, 2, _text(section.lead), looks["wrap"])
        _link(page, row, 4, section.url, "All of it", looks)
        for one in section.items:
            row += 1
            then = () if isinstance(one, Line) else one.then
            said = [one.text, *(f"{sign}: {text}" for sign, text in then)]
            page.write_string(row, 0, _text(section.title))
            page.write_string(row, 1, _text(one.why), looks["wrap"])
            page.write_string(row, 2, _text(" … ".join(part for part in said if part)), looks["wrap"])
            page.write_string(row, 3, _text(one.about), looks["wrap"])
            _link(page, row, 4, one.url, "Open", looks)
    for words in digest.caveats:
        row += 1
        page.write_string(row, 0, "What to doubt this week")
        page.write_string(row, 2, _text(words), looks["wrap"])


def _cells(digest: Digest) -> list[tuple[str, str, Cell]]:
    return [
        (row.question, side, cell)
        for row in digest.rows
        for side, cells in (("scores", row.scores), ("conversations", row.conversations))
        for cell in cells
    ]


def _by_week(page: Any, digest: Digest, looks: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """The weeks of each figure as numbers. Returns the row of each column's figure and how many weeks there are."""
    numbers = [cell.number for _, _, cell in _cells(digest) if cell.number and cell.number.weekly]
    titles = {cell.number.column: cell.title for _, _, cell in _cells(digest) if cell.number}
    weeks = sorted({week for number in numbers for week, _ in number.weekly})
    for column, name in enumerate(("Figure", "Unit", *weeks)):
        page.write_string(0, column, name, looks["head"])
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 12)
    page.freeze_panes(1, 2)
    places = {}
    for row, number in enumerate(numbers, start=1):
        page.write_string(row, 0, _text(titles[number.column]))
        page.write_string(row, 1, UNITS[number.unit])
        for week, value in number.weekly:
            if value is not None:
                page.write_number(row, 2 + weeks.index(week), value, looks[number.unit])
        places[number.column] = (row, len(weeks))
    return places


def _ledger(page: Any, digest: Digest, places: dict[str, tuple[int, int]], looks: dict[str, Any]) -> None:
    for column, (name, width) in enumerate(_LEDGER):
        page.set_column(column, column, width)
        page.write_string(0, column, name, looks["head"])
    page.freeze_panes(1, 3)
    for row, (question, side, cell) in enumerate(_cells(digest), start=1):
        for column, words in enumerate((question, side, cell.title, cell.value)):
            page.write_string(row, column, _text(words))
        page.write_string(row, 16, _text(cell.basis))
        _link(page, row, 17, cell.url, "Read them", looks)
        number = cell.number
        if number is None:
            continue
        unit = looks[number.unit]
        page.write_string(row, 5, UNITS[number.unit])
        for column, value, look in (
            (4, number.value, unit), (6, number.low, unit), (7, number.high, unit), (8, number.n, looks["whole"]),
            (9, number.coverage, looks["share"]), (10, number.change, unit), (13, number.target, unit),
        ):  # fmt: skip
            if value is not None:
                page.write_number(row, column, value, look)
        if number.is_beyond_noise is not None:
            page.write_boolean(row, 11, number.is_beyond_noise)
        page.write_boolean(row, 12, number.is_final)
        page.write_string(row, 14, number.verdict or "")
        if number.column in places:
            line, count = places[number.column]
            colour = "#2F7DBE" if side == "scores" else "#C4622D"
            source = f"'By week'!{_place(line, 2)}:{_place(line, count + 1)}"
            page.add_sparkline(row, 15, {"range": source, "series_color": colour, "last_point": True})


def _place(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column))


def _about(page: Any, digest: Digest, looks: dict[str, Any]) -> None:
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 120)
    rows = [
        ("Data", DEMO if digest.is_demo else "Your own data"),
        ("Organisation", digest.organisation),
        ("Week", f"{digest.week}: {digest.dates}"),
        ("Conversations", digest.basis),
        ("Built for", digest.audience or "whoever sees everything"),
        ("As of", digest.as_of),
        *(("What this stands on", words) for words in digest.coverage),
        *((section.title, section.rule) for section in digest.sections if section.rule),
    ]
    for row, (name, words) in enumerate(rows):
        page.write_string(row, 0, _text(name), looks["bold"])
        page.write_string(row, 1, _text(words), looks["wrap"])
