"""What service costs and what is at stake: ranges, whose value counts, and the sheet and workbook that say the same."""

from __future__ import annotations

import ast
import itertools
import operator
import random
import re
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from dashboard import money_words as words
from dashboard.money_book import workbook
from dashboard.money_sheet import Sheet, line_row, pdf
from metrics import entered, wording
from metrics.contrast import assumptions
from metrics.contrast.bridge import bridge, typed
from metrics.contrast.money import Money, money, months_in
from metrics.contrast.ranges import Formula, Range, computed, exactly
from metrics.contrast.stakes import stakes
from metrics.contrast.stands_on import stands_on
from metrics.periods import calendar_spans
from metrics.totals import Scope
from tests.stores import AS_OF, EVIL, fill
from warehouse.errors import HeardError, NotAllowed
from warehouse.rights import Rights, Role
from warehouse.settings import Settings
from warehouse.store import Store, Version, connect

QUARTER = Scope(date(2026, 6, 1), date(2026, 11, 15))
ASSUMED = {
    "monthly_spend": Range(38_000, 42_000, 47_000),
    "value_per_customer": Range(300, 480, 900),
    "share_leaving": Range(0.3, 0.5, 0.8),
    "share_quiet": Range(0.1, 0.2, 0.4),
    "share_worse": Range(0.02, 0.05, 0.1),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Version:
    root = tmp_path_factory.mktemp("money")
    fill(root, "main")
    return Store(root, "main").open_version()


# Ranges


def test_a_formula_holds_whatever_its_parts_may_be() -> None:
    """Any values within the ranges give a result within the range of the formula, and its ends are reached."""
    chance = random.Random(3)
    formula = Formula(("a", "b"), ("c",))
    for _ in range(200):
        values = {name: Range(*sorted(chance.uniform(0.1, 9) for _ in range(3))) for name in "abc"}
        found = computed(formula, values)
        assert found is not None and found.low <= found.likely <= found.high
        results = [a * b / c for a, b, c in itertools.product(*(values[name] for name in "abc"))]
        assert (min(results), max(results)) == pytest.approx((found.low, found.high))
        assert results[13] == pytest.approx(found.likely)


def test_what_is_missing_or_divided_by_nothing_has_no_range() -> None:
    values = {"a": exactly(2), "none": Range(0, 0, 1)}
    assert computed(Formula(("a", "b")), values) is None
    assert computed(Formula(("a",), ("none",)), values) is None
    assert computed(Formula(), values) is None
    assert computed(Formula(plus=("a", "a")), values) == Range(4, 4, 4)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [("2026-10-01", "2026-10-31", 1), ("2026-07-01", "2026-09-30", 3), ("2026-12-01", "2027-01-31", 2)],
)
def test_whole_months_count_as_such(first: str, last: str, months: float) -> None:
    assert months_in(Scope(date.fromisoformat(first), date.fromisoformat(last))) == months


def test_other_periods_count_by_their_days() -> None:
    assert months_in(Scope(date(2026, 8, 17), date(2026, 11, 15))) == pytest.approx(91 / 30.4375)
    assert months_in(Scope()) == 0


def test_months_and_quarters_end_with_the_last_day_of_data() -> None:
    spans = {one.name: one for one in calendar_spans(date(2027, 2, 9))}
    assert (spans["February 2027"].first, spans["February 2027"].last) == (date(2027, 2, 1), date(2027, 2, 9))
    assert not spans["February 2027"].is_whole and spans["January 2027"].is_whole
    assert spans["quarter 4 of 2026"].first == date(2026, 10, 1) and spans["quarter 4 of 2026"].last == date(
        2026, 12, 31
    )
    assert len(spans) == 10 and calendar_spans(date(2026, 9, 30))[0].is_whole  # fmt: skip


# Assumptions


def test_a_range_must_be_in_order_and_possible() -> None:
    assert assumptions.checked("share_worse", 0.1, None, 0.3) == Range(0.1, pytest.approx(0.2), 0.3)
    assert assumptions.checked("share_worse", None, 0.2, None) == exactly(0.2)
    assert assumptions.checked("share_worse", None, None, None) is None
    for ends in ((0.3, 0.2, 0.4), (0.1, 0.2, 1.5), (-0.1, 0.2, 0.3), (0.1, float("nan"), 0.3)):
        with pytest.raises(HeardError):
            assumptions.checked("share_worse", *ends)


def test_assumptions_are_kept_with_who_and_taken_back(filled: Version) -> None:
    first = assumptions.keep(filled, "hourly_cost", Range(30, 35, 40), "ann")
    second = assumptions.keep(filled, "hourly_cost", Range(31, 36, 41), "bo")
    standing = entered.standing(filled, assumptions.KIND)
    assert (
        assumptions.standing(standing) == {"hourly_cost": Range(31, 36, 41)}
        and standing["hourly_cost"].who == "bo"
    )
    assert entered.undo(filled, second, "ann", area=assumptions.Area.ASSUMPTIONS)
    assert assumptions.standing(entered.standing(filled, assumptions.KIND)) == {
        "hourly_cost": Range(30, 35, 40)
    }
    assert not entered.undo(filled, first, "ann", area=assumptions.Area.ASSUMPTIONS)
    assumptions.keep(filled, "hourly_cost", None, "ann")
    assert assumptions.standing(entered.standing(filled, assumptions.KIND)) == {}
    with pytest.raises(HeardError):
        assumptions.keep(filled, assumptions.CURRENCY, "=EUR", "ann")  # fmt: skip


def test_what_lies_in_the_ledger_and_is_no_range_is_left_out(filled: Version) -> None:
    for fields in ({"low": 3, "likely": 2, "high": 1}, {"low": "x"}, {}, {"low": 1, "likely": 2}):
        entered.keep(filled, assumptions.KIND, "handle_minutes", fields, "ann")
        assert "handle_minutes" not in assumptions.standing(entered.standing(filled, assumptions.KIND))
    entered.keep(filled, assumptions.KIND, "handle_minutes", None, "ann")


def test_a_director_may_not_set_them_and_a_lead_sees_no_money(filled: Version) -> None:
    director = Version(filled.name, filled.connection, filled.folder, Rights(Role.DIRECTOR))
    with pytest.raises(NotAllowed):
        assumptions.keep(director, "hourly_cost", exactly(3), "ann")
    lead = Version(filled.name, filled.connection, filled.folder, Rights(Role.LEAD, ("Billing",)))
    for ask in (lambda: money(lead, QUARTER, {}), lambda: stakes(lead, QUARTER)):
        with pytest.raises(NotAllowed):
            ask()


# Whose value


def small(rows: list[dict[str, Any]]) -> Version:
    """Tickets with what stakes reads of them, each ended within the quarter."""
    connection = connect()
    connection.execute("CREATE TABLE meta (key VARCHAR, value VARCHAR)")
    connection.execute("INSERT INTO meta VALUES ('as_of', '2026-11-15T00:00:00+00:00')")
    connection.execute(
        "CREATE TABLE ticket_facts (source VARCHAR, ticket_id VARCHAR, customer_number BIGINT, account_id VARCHAR, account VARCHAR,"
        " ended_on DATE, created_on DATE, tags VARCHAR[], ended_at TIMESTAMPTZ, has_words_of_leaving BOOLEAN, is_gone_quiet BOOLEAN,"
        " left_worse BOOLEAN, is_satisfied BOOLEAN)"
    )
    connection.execute(
        "CREATE TABLE ticket_accounts (source VARCHAR, ticket_id VARCHAR, account VARCHAR, account_value DOUBLE,"
        " account_currency VARCHAR, account_churned_at TIMESTAMPTZ)"
    )
    for number, row in enumerate(rows):
        connection.execute(
            "INSERT INTO ticket_facts VALUES ('desk', ?, ?, ?, NULL, '2026-10-01', '2026-10-01', [], '2026-10-01', ?, ?, ?, ?)",
            [
                str(number),
                "abcdef".index(row["customer"]) if row.get("customer") else None,
                row.get("account"),
                *(row.get(name) for name in ("leaving", "quiet", "worse", "good")),
            ],
        )
        if "value" in row:
            connection.execute(
                "INSERT INTO ticket_accounts VALUES ('desk', ?, ?, ?, ?, ?)",
                [
                    str(number),
                    row.get("account"),
                    row["value"],
                    row.get("currency", "EUR"),
                    row.get("churned"),
                ],
            )
    return Version("test", connection)  # fmt: skip


def test_each_customer_counts_once_and_in_the_first_class_that_holds() -> None:
    found = stakes(
        small(
            [
                {"customer": "a", "worse": True, "good": True},
                {"customer": "a", "leaving": True, "quiet": True, "good": False},
                {"customer": "b", "quiet": True, "worse": True},
                {"customer": "c", "worse": True, "good": False},
                {"customer": "d", "worse": False, "good": False},
                {"customer": None, "worse": True},
            ]
        ),
        QUARTER,
    )
    assert {name: part.count for name, part in found.by_class.items()} == {
        "leaving": 1,
        "quiet": 1,
        "worse": 1,
    }
    assert found.count == 4 and found.rated_bad.count == 3 and found.by_class["leaving"].count_rated_bad == 1


def test_an_account_with_a_value_counts_once_in_place_of_its_customers() -> None:
    found = stakes(
        small(
            [
                {"customer": "a", "account": "x", "leaving": True, "value": 900.0},
                {"customer": "b", "account": "x", "worse": True, "value": 900.0},
                {"customer": "c", "account": "y", "worse": True},
                {"customer": "d", "account": "z", "leaving": True, "value": 50.0, "currency": "USD"},
                {
                    "customer": "e",
                    "account": "w",
                    "leaving": True,
                    "value": 70.0,
                    "churned": datetime(2026, 11, 1, tzinfo=UTC),
                },
                {
                    "customer": "f",
                    "account": "v",
                    "worse": True,
                    "value": 30.0,
                    "churned": datetime(2027, 1, 1, tzinfo=UTC),
                },
            ]
        ),
        QUARTER,
    )
    leaving, worse = found.by_class["leaving"], found.by_class["worse"]
    assert (leaving.count, leaving.value, leaving.count_without_value) == (2, 900.0, 0)
    assert (worse.count, worse.value, worse.count_without_value) == (2, 30.0, 1)
    assert (found.currency, found.count_other_currency, found.count_left) == ("EUR", 1, 1)


# The figures


def test_without_assumptions_it_says_what_to_type_and_counts_all_the_same(filled: Version) -> None:
    found = money(filled, QUARTER, {})
    lines = {line.name: line for line in found.lines}
    assert lines["cost_per_ticket"].missing == ("monthly_spend",) and "spend" not in found.values
    assert lines["risk_worse"].missing == ("value_per_customer", "share_worse")
    true = filled.query(
        "SELECT count_if(left_worse), count(left_worse), count(*) FROM ticket_facts WHERE ended_on BETWEEN ? AND ?",
        [QUARTER.date_from, QUARTER.date_to],
    ).row(0)
    assert (lines["spent_on_worse"].count, lines["spent_on_worse"].n, found.count) == true


def test_costs_are_the_spend_over_what_was_counted(filled: Version) -> None:
    found = money(filled, QUARTER, ASSUMED)
    spend = 42_000 * months_in(QUARTER)
    assert found.values["cost_per_ticket"].likely == pytest.approx(spend / found.count)
    lines = {line.name: line for line in found.lines}
    share = lines["cost_per_confirmed"].count / lines["cost_per_confirmed"].n
    assert found.values["cost_per_confirmed"].likely == pytest.approx(spend / found.count / share)
    worse = found.values["spent_on_worse"]
    assert worse.likely == pytest.approx(spend / found.count * lines["spent_on_worse"].count)
    assert worse.low < worse.likely < worse.high
    risk = [
        found.values[f"risk_{name}"].high
        for name in ("leaving", "quiet", "worse")
        if f"risk_{name}" in found.values
    ]
    assert found.values["risk"].high == pytest.approx(sum(risk))  # fmt: skip


def test_a_team_bears_its_part_of_the_monthly_spend(filled: Version) -> None:
    whole = money(filled, QUARTER, ASSUMED)
    parts = [
        money(filled, Scope(QUARTER.date_from, QUARTER.date_to, {"team": (team,)}), ASSUMED)
        for team in ("Billing", "Shipping", "Accounts")
    ]
    assert sum(part.values["spend"].likely for part in parts) == pytest.approx(whole.values["spend"].likely)
    assert parts[0].values["cost_per_ticket"] == pytest.approx(whole.values["cost_per_ticket"])


def test_an_hourly_cost_needs_the_minutes_and_gives_way_to_the_spend(filled: Version) -> None:
    hourly = {"hourly_cost": Range(30, 36, 42)}
    assert "spend" not in money(filled, QUARTER, hourly).values
    found = money(filled, QUARTER, hourly | {"handle_minutes": Range(10, 20, 30)})
    assert found.values["cost_per_ticket"] == pytest.approx(Range(5, 12, 21))
    both = money(filled, QUARTER, hourly | {"handle_minutes": Range(10, 20, 30)} | ASSUMED)
    assert both.values["spend"] == money(filled, QUARTER, ASSUMED).values["spend"]


def test_under_too_few_no_cost_that_rests_on_a_share_is_told(filled: Version) -> None:
    found = money(filled, QUARTER, ASSUMED, least=10_000)
    assert "cost_per_confirmed" not in found.values and "cost_per_ticket" in found.values


def test_nothing_in_the_period_gives_no_amount(filled: Version) -> None:
    found = money(filled, Scope(date(2020, 1, 1), date(2020, 1, 31)), ASSUMED)
    assert found.count == 0 and "cost_per_ticket" not in found.values and "risk" not in found.values


def test_amounts_are_said_to_three_figures() -> None:
    said = {0: "0", 6.0912: "6.09", 31.27: "31.3", 99.96: "100", 12_345.6: "12,300", 0.012: "0.0120"}
    assert {value: wording.amount(value) for value in said} == said
    assert wording.say_money_range(507.2, 791.9, "EUR") == "EUR 507 to 792"
    assert wording.say_money_range(5, 5.001, "EUR") == "EUR 5.00"


# The sheet and the workbook


def sheet(version: Version, told: Money, **more: Any) -> Sheet:
    figure = typed("csat", "81.3")
    found = bridge(version, figure, QUARTER, "Europe/Berlin")
    stands = stands_on(version, "csat", QUARTER, Settings())
    held: dict[str, Any] = {
        "question": words.question("csat", words.as_typed(figure)),
        "answer": words.answer(stands, found, told, "EUR", "in the quarter"),
        "filters": (("Period", "1 June 2026 to 15 November 2026"), ("Team", EVIL)),
        "version": version.name,
        "as_of": AS_OF,
        "is_demo": True,
        "currency": "EUR",
        "told": told,
        "bridge": found,
        "stands": stands,
        "quotes": (
            (f'=HYPERLINK("http://evil.example") {EVIL}', "left worse"),
            ('#image("x") $x$ *b*', "left worse"),
        ),
        "set_by": (("monthly_spend", "=cmd|' /C calc'!A0"),),
    }
    return Sheet(**(held | more))  # fmt: skip


OPERATORS = {ast.Add: operator.add, ast.Mult: operator.mul, ast.Div: operator.truediv}


class Workbook:
    """Evaluates the formulas of a workbook: names, sums, products, quotients, COUNT and IF."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(data))
        self.cached = openpyxl.load_workbook(BytesIO(data), data_only=True)
        self.names = {name: one.attr_text for name, one in self.book.defined_names.items()}

    def name(self, name: str) -> Any:
        page, cell = self.names[name].replace("$", "").split("!")
        return self.value(self.book[page][cell].value)

    def value(self, held: Any) -> Any:
        if not isinstance(held, str) or not held.startswith("="):
            return held
        text = re.sub(r"\)=(\d+),", r")==\1,", held[1:])
        return self._told(ast.parse(text, mode="eval").body)

    def _told(self, node: ast.expr) -> Any:
        match node:
            case ast.Name():
                return self.name(node.id)
            case ast.Constant():
                return node.value
            case ast.BinOp():
                return OPERATORS[type(node.op)](self._told(node.left), self._told(node.right))
            case ast.Compare():
                return self._told(node.left) == self._told(node.comparators[0])
            case ast.Call(func=ast.Name(id="COUNT")):
                return sum(isinstance(self._told(one), int | float) for one in node.args)
            case ast.Call(func=ast.Name(id="IF")):
                return self._told(node.args[1] if self._told(node.args[0]) else node.args[2])
        raise AssertionError(ast.dump(node))


def test_the_formulas_of_the_workbook_compute_to_the_figures_of_the_page(filled: Version) -> None:
    told = money(filled, QUARTER, ASSUMED)
    book = Workbook(workbook(sheet(filled, told)))
    assert len(told.formulas) > 12
    for name in {*told.formulas, *told.inputs} & set(told.values):
        for end in Range._fields:
            assert book.name(f"{name}_{end}") == pytest.approx(getattr(told.values[name], end)), name
    for page in book.book:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    shown = book.cached[page.title][cell.coordinate].value
                    assert (book.value(cell.value) or None) == (pytest.approx(shown) if shown else None)


def test_a_changed_assumption_changes_the_figures_of_the_workbook(filled: Version) -> None:
    """What the workbook computes after a change is what the page tells after the same one."""
    book = Workbook(workbook(sheet(filled, money(filled, QUARTER, ASSUMED))))
    changed = ASSUMED | {"monthly_spend": Range(1, 2, 3)}
    for end, value in zip(Range._fields, changed["monthly_spend"], strict=True):
        page, cell = book.names[f"monthly_spend_{end}"].replace("$", "").split("!")
        book.book[page][cell].value = value
    after = money(filled, QUARTER, changed).values
    assert book.name("spent_on_worse_high") == pytest.approx(after["spent_on_worse"].high)


def test_a_workbook_without_assumptions_computes_once_they_are_filled_in(filled: Version) -> None:
    told = money(filled, QUARTER, {})
    book = Workbook(workbook(sheet(filled, told)))
    assert book.name("cost_per_ticket_low") == "" and book.name("risk_worse_high") == ""
    for key, value in ASSUMED.items():
        for end, amount in zip(Range._fields, value, strict=True):
            page, cell = book.names[f"{key}_{end}"].replace("$", "").split("!")
            book.book[page][cell].value = amount
    after = money(filled, QUARTER, ASSUMED).values
    for name in ("cost_per_ticket", "spent_on_worse", "risk"):
        assert book.name(f"{name}_high") == pytest.approx(after[name].high)


def test_no_text_of_the_workbook_is_a_formula(filled: Version) -> None:
    book = Workbook(workbook(sheet(filled, money(filled, QUARTER, ASSUMED))))
    allowed = re.compile(r"=[a-z_]+(?:[*/+][a-z_]+)*|=IF\(COUNT\([a-z_,]+\)=\d+,[a-z_*/+]+,\"\"\)")
    texts = []
    for page in book.book:
        assert not page.conditional_formatting and not getattr(page, "_hyperlinks", [])
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert allowed.fullmatch(cell.value), cell.value
                elif isinstance(cell.value, str):
                    texts.append(cell.value)
    assert any(text.startswith("=cmd") for text in texts) and any("HYPERLINK" in text for text in texts)
    assert any("Demo data" in text for text in texts) and filled.name in texts


def test_the_pdf_is_one_page_that_holds_the_figures_and_its_marks(filled: Version) -> None:
    told = money(filled, QUARTER, ASSUMED)
    held = sheet(filled, told)
    read = PdfReader(BytesIO(pdf(held)))
    text = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert len(read.pages) == 1
    for line in told.lines:
        assert line_row(line, held)["range"] in text, line.name
    for part in (
        "Demo data",
        filled.name,
        f"{told.count:,}",
        "1 June 2026 to 15 November 2026",
        "81.3 %",
        "$x$ *b*",
    ):
        assert part in text, part
    assert not any("/URI" in str(one) for page in read.pages for one in page.get("/Annots", []))  # fmt: skip


def test_the_same_sheet_gives_the_same_bytes(filled: Version) -> None:
    told = money(filled, QUARTER, ASSUMED)
    assert pdf(sheet(filled, told)) == pdf(sheet(filled, told))
    assert workbook(sheet(filled, told)) == workbook(sheet(filled, told))


def test_who_may_not_see_the_assumptions_gets_none_of_them_printed(filled: Version) -> None:
    text = PdfReader(BytesIO(pdf(sheet(filled, money(filled, QUARTER, ASSUMED), shows_inputs=False)))).pages[
        0
    ]
    assert "What was assumed" not in text.extract_text()


def test_a_sheet_without_bridge_and_without_ratings_is_printed_all_the_same(tmp_path: Path) -> None:
    fill(tmp_path, "main", count=1)
    version = Store(tmp_path, "main").open_version()
    told = money(version, QUARTER, {})
    assert PdfReader(BytesIO(pdf(sheet(version, told, bridge=None)))).pages
    assert workbook(sheet(version, told, bridge=None))
