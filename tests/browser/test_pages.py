"""Every page renders in light, in dark and on a phone, and axe finds nothing that is ours."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SIZES, OpenPage, Server, settle

PATHS = {
    "home": "/",
    "ideas": "/ideas",
    "conversations": "/conversations?column=left_worse&answer=yes",
    "reading": "/conversations?c=1001",
    "scores": "/scores",
    "trust": "/trust",
    "teams": "/teams",
    "customers": "/customers",
    "looks fine": "/looks_fine",
    "predict": "/predict",
    "to do": "/to_do",
    "weeks": "/weeks",
    "silent": "/silent",
    "money": "/money?told=94.2&period=26+weeks",
    "digest": "/digest",
    "data": "/data",
    "exports": "/exports",
    "guide": "/exports?system=zendesk",
    "glossary": "/glossary",
}
OPENED = 12  # of the details on a page: all of a page are made alike, and the glossary has two hundred
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What Streamlit's own elements cause: (rule, a piece of the markup that it is found on).
STREAMLITS_OWN: tuple[tuple[str, str], ...] = (
    ("color-contrast", "stCaption"),
    ("svg-img-alt", "vega"),
    ("target-size", "stDateInput"),
    ("heading-order", "<h3"),
    ("empty-table-header", "stTable"),
    ("presentation-role-conflict", "stFileUploader"),
)


@pytest.mark.parametrize("name", list(PATHS))
def test_page_renders_and_is_accessible(main: Server, open_page: OpenPage, name: str) -> None:
    """In light, dark and at the width of a phone: one heading of the first level, no error, nothing wider than the screen,
    no violation of ours. The page stays open meanwhile, as it does for whoever changes the theme or turns a tablet."""
    page = open_page(main, PATHS[name])
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("h1").count() == 1
    for mode, (width, height) in SIZES.items():
        page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), mode
        if name in ("glossary", "data", "scores", "trust", "silent"):
            page.evaluate(
                f"[...document.querySelectorAll('details')].slice(0, {OPENED}).forEach(d => d.open = true)"
            )
        # In the dark nothing but colours is another than in the light.
        assert (mode, _violations(page, ["color-contrast"] if mode == "dark" else TAGS)) == (mode, [])


def test_the_theme_flips_without_a_rerun(main: Server, open_page: OpenPage) -> None:
    """Text of our HTML and of the charts follows the system's theme while the page stays open."""
    page = open_page(main)
    colours = (
        "() => ['.h .answer', '.js-plotly-plot .plotly text'].map(s => {"
        " const e = document.querySelector(s), c = getComputedStyle(e); return e.closest('svg') ? c.fill : c.color })"
    )
    light = page.evaluate(colours)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(600)
    dark = page.evaluate(colours)
    assert all(before != after for before, after in zip(light, dark, strict=True))
    background = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    assert background == "rgb(20, 23, 27)"


def test_fonts_come_from_our_own_server(main: Server, open_page: OpenPage) -> None:
    """Inter is loaded, and from here."""
    page = open_page(main)
    assert page.evaluate("document.fonts.check('15px Inter')")
    names = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert any(name.startswith(f"{main.base}/fonts/inter") for name in names)


def _violations(page: Any, looked_for: list[str] = TAGS) -> list[str]:
    """What axe finds, by these tags or rules, and Streamlit does not cause by itself."""
    package = importlib.util.find_spec("axe_playwright_python")
    assert package is not None and package.origin is not None
    page.evaluate(Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        "(runOnly) => axe.run(document, {runOnly, resultTypes: ['violations']})"
        ".then(({violations}) => violations)",
        looked_for,
    )
    return [
        f"{violation['id']}: {node['html'][:300]} {node['failureSummary'][:200]}"
        for violation in found
        for node in violation["nodes"]
        if not any(violation["id"] == rule and piece in node["html"] for rule, piece in STREAMLITS_OWN)
    ]
