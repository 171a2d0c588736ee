"""The pages' logic, run without a browser; and that nothing in them lets text of the data become markup."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.charts import label, spark
from dashboard.evidence import LONGEST, evidence_html
from dashboard.headers import POLICY, SecurityHeaders
from dashboard.links import address, link
from metrics import registry
from metrics.reading import Span
from tests.conftest import PROJECT
from tests.stores import EVIL, fill

SCRIPT = PROJECT / "dashboard" / "main.py"
# Surfaces of Streamlit that read markdown, or HTML: none may be given text of the data, so none is used at all.
MARKDOWN = {
    "markdown", "write", "caption", "info", "error", "warning", "success", "toast", "metric", "table", "title", "header",
    "subheader", "exception", "badge", "latex", "expander", "tabs", "echarts_chart", "write_stream", "json",
}  # fmt: skip
OWN_HTML = {"page.py"}  # the only file that may call st.html


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one filled store, main."""
    root = tmp_path_factory.mktemp("stores")
    fill(root, "main")
    return root


@pytest.fixture
def app(stores: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The dashboard over the filled store, not run yet."""
    monkeypatch.setenv("HEARD_STORE", str(stores))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    yield AppTest.from_file(str(SCRIPT), default_timeout=30)
    st.cache_resource.clear()
    st.cache_data.clear()


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
        assert measure.rule in html and measure.leaves_out in html and measure.facts.strip() in html
    for signal in registry.signals():
        assert signal.opportunity in html
        assert all(f"cues of {name}" in html for name in signal.lexicons)
        assert all(one.figures in html for one in signal.validity)
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


def test_evidence_is_marked_and_everything_is_escaped() -> None:
    """Spans that touch, overlap and hold one another; taken out of the markup the words are the message."""
    text = f"a & b {EVIL} <i>end</i>"
    spans = [
        _span(0, 5, "one"),
        _span(3, 12, "two"),
        _span(3, 5, "three"),
        _span(12, 20, "four", is_quiet=True),
    ]
    html = evidence_html(text, spans, asked="m-two")
    for markup in ("<img", "<script", "<svg", "<i>", "</style", "<b>"):
        assert markup not in html
    for words in ("one", "two", "three"):
        assert html.count(f'<span class="sign">{words}</span>') == 1
    assert '<mark class="asked">' in html and '<mark class="mood">' in html
    stripped = html
    for span in spans:
        css = "sign quiet" if span.is_quiet else "sign"
        stripped = stripped.replace(f' <span class="{css}">{span.words}</span>', "")
    for css in ("asked", "signal", "mood"):
        stripped = stripped.replace(f'<mark class="{css}">', "")
    assert unescape(stripped.replace("</mark>", "")) == text


def test_a_huge_message_is_cut_and_says_so() -> None:
    """Five million characters are not drawn."""
    html = evidence_html("x" * 5_000_000, [_span(4_000_000, 4_000_010, "far")])
    assert len(html) < LONGEST + 200
    assert "4,980,000 characters of this message are not shown" in html


def test_links_escape_what_they_carry() -> None:
    """A hostile value is encoded in the address and escaped in the words."""
    html = link(EVIL, "conversations", {"team": EVIL, "empty": ""})
    assert "<img" not in html and "<script" not in html and html.count('"') == 2
    assert address("ideas", {"team": "a&b=c"}, page=2) == "./ideas?team=a%26b%3Dc&page=2"


def test_chart_labels_hold_no_markup() -> None:
    """Plotly reads some markup; a name has none, is on one line and not too long."""
    assert label("<b>x</b>\n<a href='http://evil.example'>y</a>").startswith("&lt;b&gt;x&lt;/b&gt; &lt;a")
    assert len(label("n" * 500)) < 40


def test_a_sparkline_needs_two_points_and_keeps_gaps() -> None:
    """One value is no course; a week without a value breaks the line."""
    assert spark([0.5, None], "form") == ""
    assert spark([0.1, 0.2, None, 0.3], "form").startswith('<span class="spark form" aria-hidden="true"')


def test_no_surface_that_reads_markdown_is_used() -> None:
    """A machine reads the code: text can reach a page by dashboard.evidence and page.write alone."""
    for path in [*(PROJECT / "dashboard").rglob("*.py"), PROJECT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            if node.value.id == "st":
                assert node.attr not in MARKDOWN, f"{path.name}:{node.lineno} st.{node.attr}"
                assert node.attr != "html" or path.name in OWN_HTML, f"{path.name}:{node.lineno} st.html"
        assert "unsafe_allow" not in path.read_text(encoding="utf-8")


def test_the_dashboard_holds_no_sql() -> None:
    """It asks metrics; it never queries."""
    for path in (PROJECT / "dashboard").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "SELECT " not in source and "duckdb" not in source, path.name
        calls = [
            n
            for n in ast.walk(ast.parse(source))
            if isinstance(n, ast.Attribute) and n.attr in ("sql", "execute")
        ]
        assert not calls, path.name


def test_every_answer_carries_the_policy() -> None:
    """The headers stand on whatever the application answers, and the policy allows no other host."""
    import asyncio

    sent: list[dict[str, object]] = []

    async def application(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"x", b"y")]})  # type: ignore[operator]

    async def send(message: object) -> None:
        sent.append(message)  # type: ignore[arg-type]

    asyncio.run(SecurityHeaders(application)({"type": "http"}, None, send))  # type: ignore[arg-type]
    headers = dict(sent[0]["headers"])  # type: ignore[call-overload]
    assert headers[b"content-security-policy"].decode() == POLICY
    assert headers[b"x"] == b"y" and headers[b"x-content-type-options"] == b"nosniff"
    assert "http" not in POLICY and "unsafe-eval" not in POLICY and "*" not in POLICY


def _span(start: int, end: int, words: str, *, is_quiet: bool = False) -> Span:
    return Span(start, end, f"m-{words}", "kind", None, words, words, is_quiet, "message", "")
