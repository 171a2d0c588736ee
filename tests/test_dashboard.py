"""The pages' logic, run without a browser; and that nothing in them lets text of the data become markup."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from metrics import registry, validity, verdicts
from tests.conftest import PROJECT
from tests.stores import EVIL, fill
from warehouse.settings import Settings

SCRIPT = PROJECT / "dashboard" / "main.py"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one filled store, main."""
    root = tmp_path_factory.mktemp("stores")
    fill(root, "main")
    return root


@pytest.fixture
def app(stores: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard over the filled store, not run yet."""
    monkeypatch.setenv("HEARD_STORE", str(stores))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    return AppTest.from_file(str(SCRIPT), default_timeout=30)


def shown(app: AppTest) -> str:
    """Every HTML of the page in one."""
    return "\n".join(element.proto.body for element in app.get("html"))


def test_home_answers_its_question(app: AppTest) -> None:
    """Title, answer, ledger with links, coverage, the rule of looks fine, and the table."""
    app.run()
    assert not app.exception
    html = shown(app)
    for words in (
        "Do the good scores hold up in the conversations?", "250 conversations, 3 teams", "of those who did",
        "Scores say", "Conversations show", "could be read", "Looks fine: solved or closed", "of those asked answered",
    ):  # fmt: skip
        assert words in html
    assert "column=left_worse&amp;answer=yes" in html


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("period", "9000 weeks"),
        ("team", EVIL),
        ("channel", "' OR 1=1 --"),
        ("by", "customer_id"),
        ("from", "never"),
    ],
)
def test_a_bogus_value_in_the_address_is_the_default(app: AppTest, name: str, value: str) -> None:
    """What does not exist falls back, on every page, and reaches no query."""
    app.query_params[name] = value
    app.run()
    assert not app.exception
    assert "in the last 13 weeks" in shown(app)
    app.switch_page("pages/conversations.py").run()
    assert not app.exception


@pytest.mark.parametrize("value", ["", "nothing", "1; DROP TABLE turns", "ticket_facts", "message_id"])
def test_a_bogus_column_or_page_lists_everything(app: AppTest, value: str) -> None:
    """The list falls back to every conversation, from the first page."""
    app.query_params["column"] = value
    app.query_params["page"] = value
    app.run()
    app.switch_page("pages/conversations.py").run()
    assert not app.exception
    assert "conversations</strong>" in shown(app)


@pytest.mark.parametrize("by", ["Team", "Channel", "Priority"])
def test_a_group_leads_to_as_many_conversations_as_it_counts(app: AppTest, by: str) -> None:
    """The n beside a group's figure is the length of the list behind it, whatever is compared by."""
    app.query_params["by"] = by
    app.run()
    assert not app.exception
    table = shown(app).split('aria-label="All groups"')[1]
    href, n = re.findall(
        r'href="\./conversations\?([^"]*column=mood_shift[^"]*)".*?n ([\d,]+)</span>', table
    )[0]
    opened = AppTest.from_file(str(SCRIPT.parent / "pages" / "conversations.py"), default_timeout=30)
    for name, values in parse_qs(unescape(href)).items():
        opened.query_params[name] = values[0]
    opened.run()
    assert not opened.exception
    assert f"<strong>{n} conversations</strong>" in shown(opened)


def test_one_conversation_is_read_by_its_id(app: AppTest) -> None:
    """The deep link opens it with its evidence marked and its neighbours linked."""
    app.run()
    app.query_params["c"] = "1002"
    app.query_params["column"] = "would_warn_others"
    app.switch_page("pages/conversations.py").run()
    assert not app.exception
    html = shown(app)
    assert '<mark class="asked">' in html and "would warn others" in html and "Question 2" in html
    assert ">Next</a>" in html


def test_a_conversation_that_is_not_there_is_said_in_words(app: AppTest) -> None:
    """An error of the family keeps its words and its fix."""
    app.run()
    app.query_params["c"] = "<b>nowhere</b>"
    app.switch_page("pages/conversations.py").run()
    assert not app.exception
    html = shown(app)
    assert "There is no conversation" in html and "Fix:" in html and "<b>nowhere</b>" not in html


def test_ideas_say_what_became_of_them(app: AppTest) -> None:
    """Counts in the answer, quotes and replies in the list."""
    app.run()
    app.switch_page("pages/ideas.py").run()
    assert not app.exception
    html = shown(app)
    assert "passed over by" in html and "add a dark mode" in html and "in survey comments" in html


def test_trust_answers_its_question_and_leads_to_sentences(app: AppTest) -> None:
    """The shares that left better and worse, the sentences where the mood turned, four cells, and whose goodwill moved."""
    app.run()
    app.switch_page("pages/trust.py").run()
    assert not app.exception
    html = shown(app)
    assert "left better and" in html and "Where it turned for the better most" in html
    assert "Confirmed as solved" in html and "These customers lost most goodwill" in html
    assert "Promises kept" in html and "experimental:" in html


def test_every_measure_of_conversations_stands_on_the_page_of_trust() -> None:
    from dashboard.pages.trust import _sections, measures

    placed = {name for names in _sections().values() for name in names} | {"solved_and_better"}
    assert {one.name for one in measures()} == placed


def test_filters_without_a_match_say_so(app: AppTest) -> None:
    """An empty list names the words looked for and offers to clear them."""
    app.run()
    app.switch_page("pages/conversations.py").run()
    app.text_input(key="q").set_value("nobody ever said this").run()
    html = shown(app)
    assert "No conversations match these filters." in html and "nobody ever said this" in html
    assert "Clear filters" in html


def test_the_glossary_holds_every_measure_and_every_default(app: AppTest) -> None:
    """Rule, what it leaves out, SQL or cues of each measure; as-of, zone and settings in force."""
    app.run()
    app.switch_page("pages/glossary.py").run()
    assert not app.exception
    html = unescape(shown(app))
    for measure in registry.discover():
        assert (
            measure.rule_with(Settings()) in html
            and measure.leaves_out in html
            and measure.facts.strip() in html
        )
    for signal in registry.signals():
        assert signal.opportunity in html
        assert all(f"cues of {name}" in html for name in signal.lexicons)
        assert signal.validity_note in html
        assert all(verdicts.figures(row) in html for row in validity.rows(signal))
    for words in (
        "15 November 2026, 23:00",
        "Europe/Berlin",
        "looks_fine.unhappy_below",
        "-0.15 (default)",
        "display.too_few",
    ):
        assert words in html


def test_small_groups_show_conversations_not_a_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    """Under thirty there is no percentage in the ledger, but a way to read them."""
    fill(tmp_path, "main", count=20)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    app.run()
    assert not app.exception
    ledger = next(part for part in shown(app).split("<table") if 'class="ledger"' in part)
    assert "read them" in ledger and " %<" not in ledger and "below 30 no rate is shown" in ledger


def test_an_empty_store_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    """The first run is a state of its own."""
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    app.run()
    assert not app.exception
    assert "heard ingest PATH" in shown(app) and "make demo" in shown(app)


def test_the_demo_is_marked_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    """The badge stands wherever figures stand, and only there."""
    fill(tmp_path, "demo", count=60)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "")
    app.run()
    for page in ("form_and_function", "ideas", "conversations", "glossary"):
        app.switch_page(f"pages/{page}.py").run()
        assert "Demo data" in shown(app), page


def test_settings_that_can_not_be_read_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    """A wrong key in the settings file is an error of the family on the page too."""
    settings = tmp_path / "heard.toml"
    settings.write_text("[display]\ntoo_view = 3\n")
    monkeypatch.setenv("HEARD_SETTINGS", str(settings))
    app.run()
    assert not app.exception
    assert "too_view" in shown(app) and "did you mean display.too_few?" in shown(app)


def test_a_new_version_shows_on_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest
) -> None:
    """What was computed for one version is not shown for the next."""
    fill(tmp_path, "main", count=60)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    app.run()
    assert "60 conversations" in shown(app)
    fill(tmp_path, "main", count=30, first=60)
    app.run()
    assert not app.exception
    assert "90 conversations" in shown(app)


def test_a_fault_of_ours_is_said_without_its_words() -> None:
    """The page gives a reference; what the exception says stays in the log."""

    def script() -> None:
        from dashboard.page import say_fault

        assert say_fault(ValueError("the secret of a customer"))

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert "Reference" in shown(app) and "secret" not in shown(app)
