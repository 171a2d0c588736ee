"""The Money page as a workbook: assumptions in named cells that can be changed, and figures as live formulas of them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from dashboard import money_words as words
from dashboard.money_sheet import Sheet, about, line_row
from metrics.contrast.assumptions import ASSUMPTIONS
from metrics.contrast.money import Input
from metrics.contrast.money_lines import formulas
from metrics.contrast.ranges import Formula, Range

ENDS: Final = Range._fields
OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
NUMBERS: Final = {"money": "#,##0.00", "share": "0.0%", "minutes": "#,##0.0"}


def workbook(sheet: Sheet) -> bytes:
    """The workbook; the same sheet gives the same bytes.

    Inputs are cells named <name>_low, <name>_likely and <name>_high, figures formulas of these names. Where an assumption
    is missing its cells are empty, and what needs it stays empty until they are filled.
    """
    import xlsxwriter

    held = BytesIO()
    book = xlsxwriter.Workbook(held, OPTIONS)
    book.set_properties({"title": "Money", "created": sheet.as_of.replace(tzinfo=None)})
    looks = {name: book.add_format({"num_format": code}) for name, code in NUMBERS.items()}
    looks |= {
        "count": book.add_format({"num_format": "#,##0.##"}),
        "number": book.add_format({"num_format": "0.0000"}),
    }
    looks |= {"head": book.add_format({"bold": True, "bottom": 1}), "bold": book.add_format({"bold": True})}
    looks["typed"] = book.add_format({"num_format": "#,##0.00##", "bg_color": "#FBE3CF"})
    looks["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    pages = {
        name: book.add_worksheet(name)
        for name in ("Money", "Assumptions", "Counted", "Workings", "Score", "About")
    }
    _assumptions(book, pages["Assumptions"], sheet, looks)
    _counted(book, pages["Counted"], sheet, looks)
    cells = _workings(book, pages["Workings"], sheet, looks)
    _figures(pages["Money"], sheet, cells, looks)
    _score(pages["Score"], sheet, looks)
    _rows(
        pages["About"],
        0,
        [(sheet.question, ""), *((part, "") for part in sheet.answer), *about(sheet)],
        looks,
    )
    pages["About"].set_column(0, 0, 40)
    book.close()
    return held.getvalue()  # fmt: skip


def _head(page: Any, titles: tuple[str, ...], looks: Mapping[str, Any], widths: tuple[int, ...]) -> None:
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, title, looks["head"])
    page.freeze_panes(1, 0)


def _rows(page: Any, first: int, rows: list[tuple[str, ...]], looks: Mapping[str, Any]) -> None:
    for number, row in enumerate(rows, start=first):
        for column, text in enumerate(row):
            page.write_string(number, column, text, looks["bold"] if column == 0 else None)


def _named(book: Any, page: str, name: str, row: int) -> None:
    """Name the three cells of a range."""
    for column, end in enumerate(ENDS, start=1):
        book.define_name(f"{name}_{end}", f"={page}!${'ABCD'[column]}${row + 1}")


def _assumptions(book: Any, page: Any, sheet: Sheet, looks: Mapping[str, Any]) -> None:
    _head(
        page, ("Assumption", "Low", "Likely", "High", "What it is", "Set by"), looks, (34, 14, 14, 14, 70, 30)
    )
    by_whom = dict(sheet.set_by)
    for row, one in enumerate(ASSUMPTIONS, start=1):
        page.write_string(row, 0, one.title, looks["bold"])
        typed = sheet.told.inputs.get(one.key)
        for column, value in enumerate(typed.range if typed else (None, None, None), start=1):
            if value is None:
                page.write_blank(row, column, None, looks["typed"])
            else:
                page.write_number(row, column, value, looks["typed"])
        unit = {
            "money": f" In {sheet.currency}.",
            "share": " A share from 0 to 1.",
            "minutes": " In minutes.",
        }[one.unit]
        page.write_string(row, 4, one.about + unit)
        page.write_string(row, 5, by_whom.get(one.key, ""))
        _named(book, "Assumptions", one.key, row)  # fmt: skip


def _counted(book: Any, page: Any, sheet: Sheet, looks: Mapping[str, Any]) -> None:
    _head(page, ("Counted", "Low", "Likely", "High"), looks, (64, 14, 14, 14))
    row = 0
    for one in sheet.told.inputs.values():
        if not one.is_assumed:
            row += 1
            page.write_string(row, 0, one.title)
            for column, value in enumerate(one.range, start=1):
                page.write_number(row, column, value, looks[one.unit])
            _named(book, "Counted", one.name, row)


def _workings(book: Any, page: Any, sheet: Sheet, looks: Mapping[str, Any]) -> dict[str, int]:
    """Every formula in the order of their making; the row of each by its name."""
    _head(page, ("Figure", "Low", "Likely", "High", "Made of"), looks, (28, 16, 16, 16, 70))
    rows: dict[str, int] = {}
    for row, (name, formula) in enumerate(all_formulas(sheet.told.inputs).items(), start=1):
        rows[name] = row
        page.write_string(row, 0, name.replace("_", " "))
        value = sheet.told.values.get(name)
        for place, end in enumerate(ENDS):
            cached = "" if value is None else value[place]
            page.write_formula(
                row, place + 1, formula_text(formula, end, value is not None), looks["money"], cached
            )
        page.write_string(row, 4, _made_of(formula))
        _named(book, "Workings", name, row)
    return rows  # fmt: skip


def all_formulas(inputs: Mapping[str, Input]) -> dict[str, Formula]:
    """The formulas as they are once every assumption is typed; of the two ways to the spend the one that is typed."""
    names = set(inputs) | {one.key for one in ASSUMPTIONS}
    if "monthly_spend" not in inputs and "hourly_cost" in inputs:
        names.discard("monthly_spend")
    if "handle_minutes" not in inputs and "handle_measured" in inputs:
        names.discard("handle_minutes")
    known, made = set(names), dict[str, Formula]()
    for name, formula in formulas(names).items():
        if all(part in known for part in formula.names):  # what was never counted stays out
            made[name] = formula
            known.add(name)
    return made


def formula_text(formula: Formula, end: str, is_known: bool) -> str:
    """The formula of one end; what is not known yet stays empty while one of its cells is."""
    other = {"low": "high", "likely": "likely", "high": "low"}[end]
    if formula.plus:
        said = "+".join(f"{name}_{end}" for name in formula.plus)
    else:
        said = "*".join(f"{name}_{end}" for name in formula.times)
        said += "".join(f"/{name}_{other}" for name in formula.over)
    if is_known:
        return f"={said}"
    parts = [f"{name}_{end}" for name in (*formula.times, *formula.plus)] + [
        f"{name}_{other}" for name in formula.over
    ]
    return f'=IF(COUNT({",".join(parts)})={len(parts)},{said},"")'  # fmt: skip


def _made_of(formula: Formula) -> str:
    if formula.plus:
        return " + ".join(formula.plus)
    return " x ".join(formula.times) + "".join(f" / {name}" for name in formula.over)


def _figures(page: Any, sheet: Sheet, cells: Mapping[str, int], looks: Mapping[str, Any]) -> None:
    _head(
        page,
        (f"In {sheet.currency}", "Low", "Likely", "High", "Behind it", "Form alone would have told", "Low", "High", "Note"),
        looks, (44, 16, 16, 16, 32, 44, 16, 16, 60),
    )  # fmt: skip
    row = 0
    for section, title in words.SECTIONS.items():
        row += 1
        page.write_string(row, 0, title, looks["head"])
        for line in sheet.told.lines:
            if line.section != section:
                continue
            row += 1
            said = line_row(line, sheet)
            page.write_string(row, 0, line.title)
            _linked(page, row, 1, line.name, ENDS, sheet, cells, looks)
            page.write_string(row, 4, said["behind"])
            if line.alone:
                page.write_string(row, 5, f"{line.alone.count:,} {line.alone.title}")
                _linked(page, row, 6, line.alone.name, ("low", "high"), sheet, cells, looks)
            page.write_string(row, 8, " ".join(part for part in (line.about, said["note"]) if part))


def _linked(
    page: Any, row: int, column: int, name: str, ends: tuple[str, ...], sheet: Sheet, cells: Mapping[str, int],
    looks: Mapping[str, Any],
) -> None:  # fmt: skip
    """The ends of a figure, as formulas that take them from the workings."""
    if name not in cells:
        return
    value = sheet.told.values.get(name)
    for place, end in enumerate(ends):
        cached = "" if value is None else getattr(value, end)
        page.write_formula(row, column + place, f"={name}_{end}", looks["money"], cached)


def _score(page: Any, sheet: Sheet, looks: Mapping[str, Any]) -> None:
    """The bridge and what the score stands on, as they are said on the page."""
    _head(page, ("What the score stands on", "", "", ""), looks, (34, 80, 18, 24))
    row = 1
    if sheet.bridge:
        _rows(page, row, [(words.bridge_finding(sheet.bridge),)], looks)
        rows = [tuple(one) for one in words.bridge_rows(sheet.bridge)]
        _rows(page, row + 1, rows, looks)
        _rows(page, row + 1 + len(rows), [(words.bridge_note(sheet.bridge),)], looks)
        row += len(rows) + 3
    _rows(
        page, row, [(name, meaning, value) for name, value, meaning in words.stands_rows(sheet.stands)], looks
    )
    row += len(words.stands_rows(sheet.stands)) + 1
    _rows(page, row, [(what, f"“{quote}”") for quote, what in sheet.quotes], looks)
