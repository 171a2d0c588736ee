"""From a theme to the sentence in three clicks, and a status set by keys that stands at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import OpenPage, Server, settle
from tests.stores import fill
from warehouse.ledger import Ledger
from warehouse.store import Store


@pytest.fixture(scope="module")
def kept(chromium: Any, serve: Callable[[str], Server]) -> Server:
    """The dashboard over a store in which only this test sets anything."""
    fill(serve.root, "ideas", count=60)  # type: ignore[attr-defined]
    return serve("ideas")


def test_a_theme_leads_to_its_sentence_and_keeps_its_status(kept: Server, open_page: OpenPage) -> None:
    page = open_page(kept, "/ideas?period=52+weeks")
    themes = page.get_by_role("region", name="Themes").first
    themes.locator("tbody th a").first.click()
    page.get_by_role("link", name="All themes").wait_for()
    settle(page)
    page.get_by_role("combobox", name="Status of this idea").first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="Planned").first.wait_for()
    page.keyboard.type("Planned")
    page.keyboard.press("Enter")
    page.get_by_text("People took up 1 of them since").wait_for()
    settle(page)
    (entry,) = Ledger(Store(kept.root, kept.store).folder).entries("idea status").values()
    assert (entry.fields or {})["value"] == "planned"
    page.locator(".idea a.said").first.click()
    page.locator("mark.asked").first.wait_for()
    assert (
        page.locator("mark.asked").first.inner_text()
        == "It would be great if you could add a dark mode to the app."
    )
