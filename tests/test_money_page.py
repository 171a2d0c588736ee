"""The Money page's logic, run without a browser: what is typed, what is assumed, and what is shown where something lacks."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import PROJECT
from tests.stores import EVIL, fill

PAGE = PROJECT / "dashboard" / "pages" / "money.py"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stores")
    fill(root, "main")
    return root


@pytest.fixture
def stores(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The filled store without any assumption."""
    (filled / "main" / "ledger.sqlite").unlink(missing_ok=True)
    monkeypatch.setenv("HEARD_STORE", str(filled))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    return filled


def opened(**query: str) -> AppTest:
    """The page with these words in its address."""
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> str:
    return unescape("\n".join(element.proto.body for element in app.get("html"))).replace("\xa0", " ")


def fill_in(app: AppTest, **ranges: tuple[float, float, float]) -> AppTest:
    """Type these assumptions and keep them."""
    for name, ends in ranges.items():
        for end, value in zip(("low", "likely", "high"), ends, strict=True):
            next(
                field for field in app.number_input if (field.key or "").startswith(f"{name} {end} ")
            ).set_value(value)
    next(button for button in app.button if button.label == "Keep them").click()
    app.run()
    assert not app.exception
    return app  # fmt: skip


@pytest.mark.usefixtures("stores")
def test_without_a_figure_and_assumptions_it_says_what_to_type_and_shows_the_counts() -> None:
    html = shown(opened(period="26 weeks"))
    for words in (
        "CSAT: what does it stand on, and what is at stake?", "Type what your helpdesk shows as CSAT", "who were asked",
        "type: Support, a month, or One hour of an agent", "Nothing is assumed yet", "conversations left people worse",
        "column=left_worse&answer=yes", "In their words",
    ):  # fmt: skip
        assert words in html, words


@pytest.mark.usefixtures("stores")
def test_a_typed_figure_is_bridged_to_ours_and_stands_in_the_question() -> None:
    html = shown(opened(told="81.3", score="CSAT", period="26 weeks"))
    for words in ("“CSAT is 81.3 %”: what does it stand on", "The helpdesk shows 81.3 %; by our rules CSAT is", "By our rules",
                  "combinations of rules were counted"):  # fmt: skip
        assert words in html, words


@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize("typed", ["good", "=1+1", "940", EVIL[:20], "\u0663"])
def test_what_is_no_figure_is_said_and_everything_else_is_shown(typed: str) -> None:
    html = shown(opened(told=typed))
    assert "is not a figure of CSAT" in html and "Low to high" in html
    assert "CSAT: what does it stand on" in html


@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize(("name", "value"), [("score", "price"), ("told_n", "many"), ("span", "month 13")])
def test_a_bogus_value_in_the_address_is_the_default(name: str, value: str) -> None:
    assert "CSAT: what does it stand on" in shown(opened(**{name: value}))


@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize("score", ["NPS", "First reply time"])
def test_every_score_has_its_own_bridge(score: str) -> None:
    html = shown(opened(score=score, told="12", period="26 weeks"))
    assert f"“{score} is" in html and "By our rules" in html


@pytest.mark.usefixtures("stores")
def test_assumptions_are_typed_kept_used_and_taken_back() -> None:
    app = opened(period="26 weeks")
    fill_in(app, monthly_spend=(38_000, 42_000, 47_000), value_per_customer=(300, 480, 900), share_leaving=(30, 50, 80),
            share_quiet=(10, 20, 40), share_worse=(2, 5, 10))  # fmt: skip
    html = shown(app)
    for words in (
        "5 assumptions kept",
        "times as much as a conversation",
        "a year is at stake",
        "30 %",
        "EUR 42,000",
    ):
        assert words in html, words
    next(button for button in app.button if button.key == "undo assumptions").click()
    app.run()
    assert "Nothing is assumed yet" in shown(app) and "a year is at stake" not in shown(app)


@pytest.mark.usefixtures("stores")
def test_a_range_that_is_not_in_order_is_refused_and_nothing_is_kept() -> None:
    app = opened()
    html = shown(fill_in(app, monthly_spend=(3, 2, 1), value_per_customer=(1, 2, 3)))
    assert "low, likely and high are not in order" in html and "Nothing is assumed yet" in html


@pytest.mark.usefixtures("stores")
def test_a_month_or_quarter_takes_the_place_of_the_period() -> None:
    html = shown(opened(span="October 2026"))
    assert "in October 2026" in html and "from=2026-10-01&to=2026-10-31" in html


@pytest.mark.usefixtures("stores")
def test_who_may_not_see_inputs_is_shown_none_and_offered_no_workbook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEARD_ROLE", "director")
    app = opened()
    assert "What you assume" not in shown(app) and not app.number_input
    assert [one.proto.label for one in app.get("download_button")] == ["PDF, one page"]


@pytest.mark.usefixtures("stores")
def test_finance_sees_the_page_whole_and_no_link_into_pages_that_are_not_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEARD_ROLE", "finance")
    app = opened(period="26 weeks")
    html = shown(app)
    assert "What you assume" in html and "In their words" in html and 'href="./conversations' not in html


@pytest.mark.usefixtures("stores")
def test_all_filtered_out_says_so_and_offers_a_way_back() -> None:
    html = shown(opened(**{"from": "2020-01-01", "to": "2020-01-31", "told": "94"}))
    assert "No conversations match these filters" in html and "Show 52 weeks" in html


@pytest.mark.parametrize("count", [1, 5])
def test_a_store_of_a_few_conversations_shows_them_and_no_rate(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "main", count=count)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    html = shown(opened(told="94"))
    assert "below 30, no rate" in html or "not measured" in html


def test_hostile_names_stay_words_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "main", count=40, hostile=True)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    app = opened(told="94", period="52 weeks")
    raw = "\n".join(element.proto.body for element in app.get("html"))
    assert "<script>window" not in raw and "<img src=" not in raw
