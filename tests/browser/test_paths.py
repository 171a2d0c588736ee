"""What only a browser shows: ways from a number to its sentence, hostile text, new data while a page is open."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import OpenPage, Server, settle
from tests.stores import EVIL, fill

PAGES = (
    "/",
    "/ideas",
    "/conversations",
    "/data",
    "/scores",
    "/teams",
    "/customers",
    "/looks_fine",
    "/predict",
    "/silent",
    "/money",
    "/to_do",
    "/weeks",
    "/digest",
    "/exports",
    "/glossary",
    "/conversations?column=would_warn_others&answer=yes",
)


OURS_ONLY = (
    "/scores",
    "/digest",
    "/exports",
    "/glossary",
    "/predict",
    "/weeks",
    "/money",
)  # pages that need not show a text of the data


def test_a_number_leads_to_its_sentence_and_the_link_reopens_it(main: Server, open_page: OpenPage) -> None:
    """From the share that would warn others, by clicks, to the marked sentence; its address opens it again."""
    page = open_page(main)
    page.get_by_role("link", name="Said they'd warn others: read the conversations").first.click()
    settle(page)
    assert "column=would_warn_others" in page.url
    page.locator("ol.list a.what").first.click()
    settle(page)
    marked = page.locator("mark.asked").first.inner_text()
    assert "stay away from you" in marked
    assert page.locator(".sign", has_text="would warn others").count() >= 1
    address = urlsplit(page.url)
    assert parse_qs(address.query)["c"]
    again = open_page(main, f"{address.path}?{address.query}")
    assert again.locator("mark.asked").first.inner_text() == marked
    assert again.locator("h1").inner_text() == page.locator("h1").inner_text()


def test_next_and_previous_stay_in_the_list(main: Server, open_page: OpenPage) -> None:
    """The neighbours are those of the same filters, and the way back ends where it began."""
    page = open_page(main, "/conversations?column=left_worse&answer=yes&team=Billing")
    page.locator("ol.list a.what").first.click()
    settle(page)
    first = page.locator("h1").inner_text()
    page.get_by_role("link", name="Next", exact=True).click()
    settle(page)
    assert page.locator("h1").inner_text() != first
    assert "team=Billing" in page.url and "column=left_worse" in page.url
    page.get_by_role("link", name="Previous", exact=True).click()
    settle(page)
    assert page.locator("h1").inner_text() == first


def test_filters_live_in_the_address(main: Server, open_page: OpenPage) -> None:
    """A chosen period is in the URL, is kept by links, and a value that does not exist falls back."""
    page = open_page(main, "/?period=4+weeks&team=nobody")
    assert "the last 4 weeks" in page.locator(".h", has_text="could be read").first.inner_text()
    page.get_by_role("radio", name="52 weeks").or_(page.get_by_role("button", name="52 weeks")).first.click()
    settle(page)
    page.wait_for_url("**period=52+weeks**")
    href = page.locator("table.ledger a").first.get_attribute("href")
    assert "period=52+weeks" in href and "nobody" not in href
    named = open_page(
        main, "/conversations?from=2026-10-01&to=2026-10-31&priority=normal&column=is_satisfied"
    )
    assert (
        "1 October 2026 to 31 October 2026, priority normal"
        in named.locator("[data-testid=stMain]").inner_text()
    )


def test_filters_go_along_to_the_next_page(main: Server, open_page: OpenPage) -> None:
    """A period and a team chosen on one page hold on the next, and what is changed there holds on the way back."""
    page = open_page(main, "/?period=4+weeks&team=Billing")
    page.get_by_role("link", name="Ideas").first.click()
    page.wait_for_url("**/ideas**")
    page.get_by_text("in the last 4 weeks").first.wait_for()
    page.get_by_role("radio", name="26 weeks").or_(page.get_by_role("button", name="26 weeks")).first.click()
    page.get_by_text("in the last 26 weeks").first.wait_for()
    page.get_by_role("link", name="Form and function").first.click()
    page.get_by_text("conversations ended in the last 26 weeks").first.wait_for()
    assert "team=Billing" in page.locator("table.ledger a").first.get_attribute("href")


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_stays_text(hostile: Server, open_page: OpenPage, path: str) -> None:
    """Nothing runs, nothing is fetched, nothing becomes a link or a picture; the text is there to be read."""
    page = open_page(hostile, path)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    _is_harmless(page)
    if path not in OURS_ONLY:
        assert EVIL[:40] in page.locator("[data-testid=stMain]").inner_text()


def test_a_hostile_digest_is_framed_as_text_and_no_script_runs_in_it(
    hostile: Server, open_page: OpenPage
) -> None:
    """The mail lies in a frame that runs nothing of its own, even where it held a script."""
    page = open_page(hostile, "/digest")
    frame = page.locator("iframe").element_handle().content_frame()
    frame.wait_for_load_state()
    assert "<img src=" in frame.locator("body").inner_text()
    assert frame.locator("img, script, svg, a[href^='javascript'], a[href^='http://evil']").count() == 0
    frame.evaluate(
        "() => { const one = document.createElement('script'); one.textContent = 'window.hurt = 1';"
        " document.body.append(one); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hurt=1\">') }"
    )
    page.wait_for_timeout(300)
    assert frame.evaluate("typeof window.hurt") == "undefined"
    assert page.evaluate("typeof window.hurt") == "undefined"


def test_a_hostile_conversation_can_be_read(hostile: Server, open_page: OpenPage) -> None:
    """The reading view shows the markup of a message as its author typed it, with the evidence marked."""
    page = open_page(hostile, "/conversations?column=would_warn_others&answer=yes")
    page.locator("ol.list a.what").first.click()
    settle(page)
    _is_harmless(page)
    assert "<script>window.hurt=1</script>" in page.locator("ol.turns").inner_text()
    assert page.locator("mark.asked").count() >= 1


def test_hostile_names_stay_text_in_menus(hostile: Server, open_page: OpenPage) -> None:
    """Names of teams in an opened menu are words."""
    page = open_page(hostile)
    page.locator("[data-testid=stSelectbox]").first.click()
    page.wait_for_selector("[role=option]")
    assert EVIL[:20] in page.locator("[role=listbox]").inner_text()
    _is_harmless(page)


def test_new_data_shows_on_the_next_run(chromium: Any, serve: Any, open_page: OpenPage) -> None:
    """While a page is open a run publishes twice: no error, and the next click shows the new count."""
    fill(serve.root, "growing", count=60)
    server = serve("growing")
    page = open_page(server)
    assert "60 conversations" in page.locator(".built").inner_text()
    for first in (60, 120):
        fill(serve.root, "growing", count=60, first=first)
        page.get_by_role("radio", name="26 weeks").or_(
            page.get_by_role("button", name="26 weeks")
        ).first.click()
        page.wait_for_function(
            f"() => document.querySelector('.built')?.innerText.includes('{first + 60} conversations')"
        )
        settle(page)
        assert page.locator("[data-testid=stException]").count() == 0
        page.get_by_role("radio", name="13 weeks").or_(
            page.get_by_role("button", name="13 weeks")
        ).first.click()
        settle(page)


def test_an_empty_store_says_what_to_type(chromium: Any, serve: Any, open_page: OpenPage) -> None:
    """Before the first load every page tells how to load, without an error."""
    server = serve("fresh")
    for path in ("/", "/ideas", "/conversations", "/glossary"):
        page = open_page(server, path)
        assert "heard ingest PATH" in page.locator("[data-testid=stMain]").inner_text()
        assert page.locator("[data-testid=stException]").count() == 0


def _is_harmless(page: Any) -> None:
    assert page.evaluate("typeof window.hurt") == "undefined"
    assert page.locator("[data-testid=stException]").count() == 0
    for selector in (
        "a[href^='javascript']",
        "a[href*='evil.example']:not([href^='./'])",
        "img[src*='evil']",
        ".h svg",
    ):
        assert page.locator(selector).count() == 0, selector
