"""Bringing data in through the page: an unknown table is mapped and loaded, a hostile archive is not."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenPage, Server, settle
from tests.loading import rows
from warehouse.store import Store

# No well-known name among the columns; one row has no date that can be read, and its text would act as a formula.
# The last column's name is markup and Markdown.
UNKNOWN = """Vorgang;Betreff;Angelegt;Absender;Inhalt;Richtung;<img src=http://evil.example/a>![b](http://evil.example/b)
A-1;Cannot sign in;03.10.2026 09:00;c1;I can not sign in since Thursday and I am really annoyed.;customer;[c](http://evil.example)
A-1;Cannot sign in;03.10.2026 09:30;s1;I have sent you a new link, please try that one.;agent;
A-1;Cannot sign in;03.10.2026 10:00;c1;That works, thank you so much. Wonderful service!;customer;
A-2;Invoice;04.10.2026 10:00;c2;Where can I find my invoice for September?;customer;
=A-3;Refund;yesterday;c3;=1+1;customer;
"""
COLUMNS = {
    "Vorgang": "ticket id", "Betreff": "subject", "Angelegt": "message created at", "Absender": "author id",
    "Inhalt": "body", "Richtung": "author role",
}  # fmt: skip


@pytest.fixture
def empty(chromium: Any, serve: Any, request: pytest.FixtureRequest) -> Server:
    """The dashboard over a store of this test's own that nothing was loaded into."""
    return serve(re.sub(r"\W+", "-", request.node.name)[:40])


def test_the_first_page_opened_after_a_start_has_our_navigation(empty: Server, open_page: OpenPage) -> None:
    """A link into a page, opened before anybody opened the front page, came with Streamlit's list of files."""
    page = open_page(empty, "/data")
    assert page.get_by_role("link", name="Form and function").count() == 1
    assert page.get_by_text("On nothing yet").count() == 1


def test_an_unknown_table_is_mapped_by_hand_and_loaded(
    empty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    """From a file that nothing recognises to a conversation that can be read, its refused row as a file, and back."""
    file = tmp_path / "vorgaenge.csv"
    file.write_text(UNKNOWN, encoding="utf-8")
    page = open_page(empty, "/data")
    _upload(page, file)
    page.get_by_text("no column for the ticket id").wait_for()
    assert page.get_by_role("button", name="Load", exact=True).is_disabled()
    assert page.locator("[data-testid=stMain] img, [data-testid=stMain] a[href*=evil]").count() == 0
    for number, meaning in enumerate(COLUMNS.values(), start=1):
        _pick(page, re.compile(f"Column {number}$"), meaning)
    _pick(page, re.compile("How its dates"), "%d.%m.%Y %H:%M")
    page.get_by_role("button", name="Understand it so").click()
    page.get_by_text("rows understood in its first records, 1 refused").wait_for(timeout=60_000)
    settle(page)
    page.get_by_text("Messages: the first 4 rows as we understand them").click()
    assert page.get_by_text("That works, thank you so much.").count() >= 1
    page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_text("Put this message away").wait_for(timeout=120_000)
    settle(page)
    store = Store(empty.root, empty.store)
    assert rows(store, "SELECT count(*) AS n FROM ticket_facts") == [{"n": 2}]
    assert page.get_by_text("One row was refused").count() == 1
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download the refused rows").click()
    text = Path(waited.value.path()).read_text(encoding="utf-8")
    assert "is not a date of the form" in text
    assert not any(line.startswith("=") for line in text.splitlines())
    assert open_page(empty, "/conversations?c=A-1").get_by_text("sign in since Thursday").count() >= 1
    _see_that_the_same_columns_are_understood_at_once(empty, open_page, tmp_path)
    _go_back_a_version(empty, open_page, tmp_path)


def test_a_hostile_archive_is_refused_and_nothing_changes(
    empty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    """A zip that unpacks to a thousand times its size is refused before it is unpacked; so is one with a password."""
    store = Store(empty.root, empty.store)
    before = store.current()
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../tickets.csv", b"ticket_id,subject\n" + b"0" * (100 << 20))
    page = open_page(empty, "/data")
    _upload(page, file)
    page.get_by_text("times its size, as no export does").wait_for(timeout=60_000)
    assert page.get_by_role("button", name="Load", exact=True).is_disabled()
    assert store.current() == before
    assert not list(empty.root.parent.glob("tickets.csv"))


def _see_that_the_same_columns_are_understood_at_once(
    empty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    """What was said about the columns is kept; the form of the dates is said anew, since it is never guessed."""
    file = tmp_path / "next.csv"
    file.write_text(UNKNOWN.replace("A-1", "B-1").replace("A-2", "B-2"), encoding="utf-8")
    page = open_page(empty, "/data")
    _upload(page, file)
    page.get_by_text("--dates").first.wait_for(timeout=60_000)
    assert page.get_by_text("no column for the ticket id").count() == 0


def _go_back_a_version(empty: Server, open_page: OpenPage, tmp_path: Path) -> None:
    """A second load is taken back from the page; loading its file again brings it back."""
    store = Store(empty.root, empty.store)
    table = tmp_path / "more.csv"
    table.write_text(
        "ticket_id,subject,status,created_at\nC-1,One more,open,2026-10-05T10:00:00Z\n", encoding="utf-8"
    )
    page = open_page(empty, "/data")
    _upload(page, table)
    page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_text("more.csv: 1 rows read").wait_for(timeout=120_000)
    settle(page)
    assert rows(store, "SELECT count(*) AS n FROM ticket_facts") == [{"n": 3}]
    page.get_by_role("button", name="Go back to the version before").click()
    page.get_by_role("button", name="Yes, go back").click()
    page.get_by_text("On 2 conversations").wait_for(timeout=60_000)
    assert rows(store, "SELECT count(*) AS n FROM ticket_facts") == [{"n": 2}]


def _upload(page: Any, file: Path) -> None:
    page.set_input_files("input[type=file]", str(file))
    settle(page)
    page.get_by_role("button", name="Look at these files").click()
    page.get_by_role("button", name="Load", exact=True).wait_for(timeout=60_000)


def _pick(page: Any, label: re.Pattern[str], value: str) -> None:
    """Choose from a menu as a person with a keyboard does."""
    page.get_by_role("combobox", name=label).click()
    page.keyboard.type(value)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)


def test_a_folder_on_this_machine_is_read_where_it_lies(
    empty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    """A folder is named instead of uploaded; a path that is not there says so."""
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "scores.csv").write_text("ticket_id,nps_score\nA-1,9\n", encoding="utf-8")
    page = open_page(empty, "/data")
    box = page.get_by_role("textbox", name="File or folder on this machine")
    box.fill(str(tmp_path / "nowhere"))
    box.press("Enter")
    settle(page)
    page.get_by_role("button", name="Look at this folder").click()
    page.get_by_text("is not there").wait_for(timeout=60_000)
    box.fill(str(tmp_path / "export"))
    box.press("Enter")
    settle(page)
    page.get_by_role("button", name="Look at this folder").click()
    page.get_by_text("scores.csv", exact=True).wait_for(timeout=60_000)
    assert page.get_by_text("Survey tables").count() >= 1
