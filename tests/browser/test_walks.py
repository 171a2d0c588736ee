"""From the finding that a planted story makes on its page, at most three clicks to a sentence of it."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.browser.conftest import OpenPage, Server, settle
from warehouse.store import Store

CLICKS = 3
# What the page says of the story, and the link of that finding from which the walk begins.
WALKS = {
    "sour team, on Teams": ("/teams", "Deliveries", "Deliveries"),
    "sour team, on looks fine": ("/looks_fine", "Deliveries", "Deliveries"),
    "slow and loved, on Customers": ("/customers", "Data Rescue turned most around", ""),
    "slow and loved, on Teams": ("/teams", "Data Rescue", "Data Rescue"),
    "unanswered idea, on Ideas": ("/ideas", "Accountant", "Accountant"),
    "gone quiet, on Silent customers": (
        "/silent",
        "silent beyond their own rhythm",
        "read their last conversations",
    ),
    "defensive policy, on home": ("/", "Plans & Billing", "Plans & Billing"),
}


@pytest.fixture(scope="module")
def sample(chromium: Any, serve: Any, demo_store: Store) -> Server:
    """The dashboard over the shipped sample."""
    shutil.copytree(demo_store.folder, serve.root / "sample")
    return serve("sample")


@pytest.mark.parametrize("walk", list(WALKS))
def test_a_finding_leads_to_its_sentence(sample: Server, open_page: OpenPage, walk: str) -> None:
    path, words, first = WALKS[walk]
    page = open_page(sample, path)
    body = page.locator("[data-testid=stMain]")
    assert words in body.inner_text()
    named = (
        body.locator("tr, li, p, div.task").filter(has_text=first).locator("a:visible")
        if first
        else body.locator("a:visible").filter(has=page.locator("mark"))
    )
    named.first.click()
    clicks = 1
    settle(page)
    while page.locator("ol.turns mark").count() == 0:
        assert clicks < CLICKS, page.url
        one = body.locator("a[href*='c=']:visible")
        (one if one.count() else body.locator("td a[href*='conversations']:visible")).first.click()
        clicks += 1
        settle(page)
    assert page.locator("ol.turns mark").first.inner_text().strip()
