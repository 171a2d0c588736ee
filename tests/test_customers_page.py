"""The page Customers: its words and links, its edge states, hostile text, and the stories that it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import PROJECT
from tests.stores import EVIL
from tests.test_customers import fill
from tests.test_dashboard import shown
from tests.test_stories import _store
from warehouse.store import Store

PAGE = PROJECT / "dashboard" / "pages" / "customers.py"


def opened(store: Store, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    """The page over a store, run with these values in its address."""
    monkeypatch.setenv("HEARD_STORE", str(store.folder.parent))
    monkeypatch.setenv("HEARD_STORE_NAME", store.folder.name)
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A few talks of which everything is known."""
    return fill(tmp_path_factory.mktemp("page"))


def test_the_answer_counts_and_each_reason_leads_to_its_sentence(
    small: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts, value at risk, reasons with their sentences, links to the conversation and to the customer."""
    html = shown(opened(small, monkeypatch))
    assert "6 of 10 customers" in html and "9,550 EUR a year" in html
    assert "moving to another provider" in html and "would warn others" in html
    assert re.search(r'href="\./conversations\?[^"]*column=has_words_of_leaving[^"]*c=t0', html)
    assert "./customers?customer_id=leaver&amp;source=desk" in html
    assert "accounts are too few to tell" in html  # whether words of leaving foretell leaving
    assert EVIL.split()[0] not in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"list": "Accounts"}, "warner Ltd"),
        ({"tier": "Gold"}, "2 of 4 customers"),
        ({"tier": "Brass", "renewal": "never", "list": "Nobody", "page": "x"}, "6 of 10 customers"),
        ({"from": "2020-01-01", "to": "2020-01-02"}, "No customer matches these filters"),
        ({"customer_id": "turned"}, "goodwill stands at 0"),
        ({"customer_id": "warner", "source": "desk"}, "9,000 EUR"),
        ({"customer_id": "gone"}, "Left"),
        ({"account_id": "acc-warner"}, "How does it stand with warner Ltd?"),
        ({"customer_id": "<b>nobody</b>"}, "There is no customer"),
        ({"account_id": "' OR 1=1 --"}, "There is no account"),
    ],
)  # fmt: skip
def test_addresses_and_edge_states(
    small: Store, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], words: str
) -> None:
    """Filters, one's own view, nothing found, and values that do not exist: always words, never an exception."""
    html = shown(opened(small, monkeypatch, **query))
    assert words in html and "<b>nobody</b>" not in html


def test_one_ticket_is_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single conversation: nobody at risk, nothing turned around, nobody quiet, and what to load."""
    html = shown(opened(fill(tmp_path, (("only", 5, (("customer", "Hello?"),)),)), monkeypatch))
    for words in (
        "0 of 1 customer",
        "No customer is at risk",
        "No regular customer has gone quiet",
        "is not known",
    ):
        assert words in html


def test_the_planted_stories_stand_in_words(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weekly customers who fell silent, and the slow team that turns customers around."""
    html = shown(opened(demo_store, monkeypatch))
    assert "wrote about every week" in html
    assert "Data Rescue turned most around" in html
    assert "load a table of accounts" in html  # the sample's accounts have no value


@pytest.mark.parametrize(
    ("story", "words"),
    [("gone_quiet", "wrote about every week"), ("slow_loved", "Data Rescue turned most around")],
)
def test_a_story_that_is_switched_off_is_not_told(
    story: str, words: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same page over the sample without the story."""
    html = shown(opened(_store(tmp_path_factory, story), monkeypatch))
    assert "Who is losing faith" in html and words not in html
