"""Text of the data reaches a page as text: escaping, links, labels, and no surface that reads markdown."""

from __future__ import annotations

import ast
import asyncio
from concurrent.futures import ThreadPoolExecutor
from html import unescape

from dashboard.charts import label, spark
from dashboard.evidence import LONGEST, evidence_html
from dashboard.headers import POLICY, SecurityHeaders
from dashboard.links import address, link
from metrics.reading import Span
from tests.conftest import PROJECT
from tests.stores import EVIL

# Surfaces of Streamlit that read markdown, or HTML: none may be given text of the data, so none is used at all.
MARKDOWN = {
    "markdown", "write", "caption", "info", "error", "warning", "success", "toast", "metric", "table", "title", "header",
    "subheader", "exception", "badge", "latex", "tabs", "echarts_chart", "write_stream", "json",
}  # fmt: skip
OWN_HTML = {"page.py"}  # the only file that may call st.html


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
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constant = {  # calls whose label is our own words
            call.lineno
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            if node.value.id == "st":
                assert node.attr not in MARKDOWN, f"{path.name}:{node.lineno} st.{node.attr}"
                assert node.attr != "expander" or node.lineno in constant, f"{path.name}:{node.lineno}"
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
    sent: list[dict[str, object]] = []

    async def application(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"x", b"y")]})  # type: ignore[operator]

    async def send(message: object) -> None:
        sent.append(message)  # type: ignore[arg-type]

    answer = SecurityHeaders(application)({"type": "http"}, None, send)  # type: ignore[arg-type]
    with ThreadPoolExecutor(
        1
    ) as own_loop:  # a browser test of the same process may keep its loop running here
        own_loop.submit(asyncio.run, answer).result()
    headers = dict(sent[0]["headers"])  # type: ignore[call-overload]
    assert headers[b"content-security-policy"].decode() == POLICY
    assert headers[b"x"] == b"y" and headers[b"x-content-type-options"] == b"nosniff"
    assert "http" not in POLICY and "unsafe-eval" not in POLICY and "*" not in POLICY


def _span(start: int, end: int, words: str, *, is_quiet: bool = False) -> Span:
    return Span(start, end, f"m-{words}", "kind", None, words, words, is_quiet, "message", "")
