"""A person reviews with keys: one key an answer, the next conversation comes by itself, undo brings the last one back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import OpenPage, Server, settle
from tests.browser.test_pages import _violations
from tests.stores import fill
from warehouse.ledger import Ledger
from warehouse.store import Store

ASKS = "Said they'd warn others"


@pytest.fixture(scope="module")
def reviewed(chromium: Any, serve: Callable[[str], Server]) -> Server:
    """The dashboard over a store that only these tests review."""
    fill(serve.root, "reviewed", count=60)  # type: ignore[attr-defined]
    return serve("reviewed")


def _said(server: Server) -> list[tuple[str, str | None]]:
    return [
        (row["verdict"], row["stratum"]) for row in Ledger(Store(server.root, server.store).folder).reviews()
    ]


def _press(page: Any, key: str, then: str) -> None:
    page.keyboard.press(key)
    page.get_by_text(then).first.wait_for(timeout=20_000)
    settle(page)


def test_a_person_reviews_with_keys(reviewed: Server, open_page: OpenPage) -> None:
    """Yes, wrong, missed, skip and undo: each is kept once, and the sentence marked wrong leaves the list."""
    page = open_page(reviewed, "/review?column=would_warn_others")
    page.get_by_role("heading", name=f"{ASKS}: yes").wait_for()
    assert page.locator("mark.asked").count() == 1
    _press(page, "w", "1 flagged, 0 not flagged")
    assert page.get_by_role("heading", name=f"{ASKS}: no").count() == 1
    assert page.get_by_role("button", name="Wrong").is_disabled()
    _press(page, "m", "1 flagged, 1 not flagged")
    before = page.locator(".asked-about").inner_text()
    page.keyboard.press("s")
    page.wait_for_function(
        "(before) => document.querySelector('.asked-about').innerText !== before", arg=before
    )
    settle(page)
    _press(page, "y", "1 flagged, 2 not flagged")
    assert _said(reviewed) == [
        ("wrong", "flagged"),
        ("wrong", None),
        ("missed", "unflagged"),
        ("right", "unflagged"),
    ]
    assert page.get_by_role("region", name="What the reviews say").count() == 1
    listed = open_page(reviewed, "/conversations?column=would_warn_others&answer=yes&period=52+weeks")
    assert listed.get_by_text("11 conversations", exact=True).count() == 1
    for left in ("1 flagged, 1 not flagged", "1 flagged, 0 not flagged", "None reviewed yet"):
        _press(page, "u", left)
    assert _said(reviewed) == []


def test_keys_pressed_too_fast_answer_nothing_twice(reviewed: Server, open_page: OpenPage) -> None:
    """A key that comes before the next conversation is drawn does not overrule the answer just given."""
    page = open_page(reviewed, "/review?column=said_would_recommend")
    page.get_by_role("heading", name="Said they'd recommend: yes").wait_for()
    for _ in range(4):
        page.keyboard.press("y")
    page.get_by_text("not flagged;").first.wait_for()
    settle(page)
    ledger = Ledger(Store(reviewed.root, reviewed.store).folder)
    units = [(row["column"], row["unit"]) for row in ledger.reviews() if row["stratum"]]
    assert units and len(units) == len(set(units))


def test_a_conversation_is_marked_where_it_is_read(reviewed: Server, open_page: OpenPage) -> None:
    """Wrong strikes the sentence out and says who; undo brings it back."""
    page = open_page(reviewed, "/conversations?c=1007")
    page.get_by_role("button", name="Wrong", exact=True).last.click()
    page.get_by_text("Marked wrong: in no list").wait_for()
    settle(page)
    assert page.locator("s.gone").count() == 1
    assert page.get_by_text("marked wrong by").count() == 1
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("Marked wrong: in no list").wait_for(state="detached")
    assert page.locator("s.gone").count() == 0


@pytest.mark.parametrize("mode", ["light", "dark", "phone"])
def test_the_page_is_accessible(reviewed: Server, open_page: OpenPage, mode: str) -> None:
    """One heading of the first level, nothing wider than the screen, no violation of ours, also with reviews in the table."""
    page = open_page(reviewed, "/review?column=left_worse", mode)
    _press(page, "y", "until its rate is corrected")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert _violations(page) == []
