"""The Digest page's logic: what goes out next, who gets it, what became of it, and who may see which of that."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import PROJECT
from tests.posts import authority, mail_server
from tests.stores import fill
from warehouse.runs import LastRun, note
from warehouse.sends import Sends

PAGE = PROJECT / "dashboard" / "pages" / "digest.py"
WEEK = "2026-W46"
AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
READERS = """
[[recipients]]
name = "Dana <b>"
to = "dana@example.com"
role = "director"
[[recipients]]
name = "Lee"
to = "lee@example.com"
role = "lead"
teams = ["Billing"]
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stores")
    fill(root, "main")
    return root


@pytest.fixture
def stores(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The filled store with nothing sent, for two recipients."""
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "last-run.json"):
        (filled / "main" / name).unlink(missing_ok=True)
    monkeypatch.setenv("HEARD_STORE", str(filled))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    monkeypatch.setenv("HEARD_SETTINGS", str(tmp_path / "heard.toml"))
    settings(
        tmp_path, '[mail]\nhost = "localhost"\nsecurity = "none"\nsender = "heard@example.com"\n' + READERS
    )
    return filled


def settings(folder: Path, text: str) -> None:
    (folder / "heard.toml").write_text(text, encoding="utf-8")


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert "met a fault of ours" not in html
    return " ".join(unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


def mail(app: AppTest) -> str:
    (frame,) = app.get("iframe")
    return str(frame.proto.srcdoc)


def sent(root: Path, name: str, state: str, error: str | None = None) -> None:
    sends, key = Sends(root / "main"), f"mail:{name.split()[0].lower()}@example.com"
    assert sends.claim(WEEK, key, name, AT, "cron")
    sends.hand_over(WEEK, key, AT, "hash", "number")
    sends.mark(WEEK, key, state, AT, error=error)  # type: ignore[arg-type]


def test_it_says_who_gets_what_and_what_became_of_it(stores: Path) -> None:
    sent(stores, "Dana <b>", "sent")
    note(stores / "main", LastRun(datetime.now(UTC) - timedelta(minutes=5), None, None, 1))
    app = opened()
    said = words(app)
    assert "2 recipients are to get it." in said
    assert "Of week 2026-W46, 1 of 1 went out." in said
    assert "Dana <b> mail dana@example.com director" in said
    assert "lead Billing" in said
    assert "The last heard run began on" in said
    assert "1 sent: what became of each" in said
    assert '<base target="_blank">' in mail(app)
    assert "For the director" in mail(app)


def test_it_says_what_is_tried_again_and_what_keeps_all_from_going_out(stores: Path, tmp_path: Path) -> None:
    sends, key = Sends(stores / "main"), "mail:dana@example.com"
    assert sends.claim(WEEK, key, "Dana", AT, "cron")
    sends.mark(WEEK, key, "failed", AT, error="Nobody answered.", next_try_at=AT + timedelta(minutes=5))
    settings(tmp_path, READERS)
    said = words(opened())
    assert "1 failed and is tried again." in said and "Nothing can be sent: A recipient gets mail" in said


def test_the_mail_is_that_of_the_week_and_audience_chosen(stores: Path) -> None:
    app = opened(week="2026-W45")
    assert "Week 45," in mail(app)
    app.selectbox(key="digest_for").set_value(1).run()
    assert "For Billing" in mail(app)
    assert "Shipping" not in mail(app)
    app.selectbox(key="digest_for").set_value(len(app.selectbox(key="digest_for").options) - 1).run()
    assert "For Shipping" in mail(app), "a lead's, whose team no recipient has"
    app.selectbox(key="digest_week").set_value(WEEK).run()
    assert "Week 46," in mail(app)


def test_a_person_decides_what_nobody_can_tell(stores: Path) -> None:
    sent(stores, "Dana <b>", "unknown", "The server did not answer.")
    sent(stores, "Lee", "unknown")
    app = opened()
    assert "Nobody can tell whether 2 digests arrived" in words(app)
    next(one for one in app.button if one.label == "It was sent").click().run()
    assert "Dana <b>, week 2026-W46: kept as sent." in words(app)
    next(one for one in app.button if one.label == "Send again").click().run()
    assert "Lee, week 2026-W46: goes out with the next run." in words(app)
    assert {row.name: row.state for row in Sends(stores / "main").sends()} == {
        "Dana <b>": "sent",
        "Lee": "failed",
    }
    assert "Nobody can tell" not in words(app)


def test_a_test_goes_to_the_address_typed_and_stands_in_no_ledger(stores: Path, tmp_path: Path) -> None:
    with mail_server(authority(tmp_path), security="none") as post:
        settings(
            tmp_path,
            f'[mail]\nhost = "localhost"\nport = {post.port}\nsecurity = "none"\nsender = "heard@example.com"\n'
            + READERS,
        )
        app = opened()
        for typed in ("nobody", "--to=x", "me@example.com"):
            app.text_input(key="digest_test_to").set_value(typed)
            next(one for one in app.button if one.label == "Send the test").click().run()
            if typed != "me@example.com":
                assert "is not a mail address" in words(app)
        assert "sent : test to me@example.com" in words(app)
        assert [address for address, _ in post.taken] == ["me@example.com"]
    assert Sends(stores / "main").sends() == []


def test_a_test_that_fails_says_why(stores: Path) -> None:
    app = opened()
    app.text_input(key="digest_test_to").set_value("me@example.com")
    next(one for one in app.button if one.label == "Send the test").click().run()
    assert "failed :" in words(app)


@pytest.mark.parametrize(
    ("role", "teams", "has"), [("reader", "[]", "For everyone"), ("lead", '["Billing"]', "For Billing")]
)
def test_others_see_their_own_digest_and_nobodys_address(
    stores: Path, monkeypatch: pytest.MonkeyPatch, role: str, teams: str, has: str
) -> None:
    sent(stores, "Dana <b>", "unknown")
    monkeypatch.setenv("HEARD_ROLE", role)
    monkeypatch.setenv("HEARD_TEAMS", teams)
    app = opened()
    assert has in mail(app)
    said = words(app)
    assert "Below is what your role gets." in said
    for kept_back in ("example.com", "Dana", "recipient", "went out", "decision", "Nobody can tell"):
        assert kept_back not in said
    assert [one.key for one in app.selectbox] == ["digest_week"]
    assert not app.button and not app.text_input


def test_without_recipients_it_says_what_to_write(stores: Path, tmp_path: Path) -> None:
    settings(tmp_path, "")
    said = words(opened())
    assert "Nobody gets the digest yet" in said
    assert "[[recipients]]" in said
    assert "heard run was never started" in said
    assert "A test mail can be sent once heard.toml names a mail server" in said
    assert "Nothing was sent yet" in said


@pytest.mark.usefixtures("stores")
def test_without_data_it_says_how_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARD_STORE", str(tmp_path / "none"))
    assert "heard ingest" in words(opened())
