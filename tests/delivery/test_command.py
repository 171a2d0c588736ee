"""`heard digest send`, show, resolve and unsubscribe as a person types them, and the link in the mail."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response

from dashboard.unsubscribe import unsubscribe
from pipelines.cli import main
from tests.delivery.readers import WEEK
from tests.posts import Authority, Post
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed


@pytest.fixture
def settings(
    store: Store, post: Post, trusted: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.delenv("HEARD_STORE", raising=False)
    path = tmp_path / "heard.toml"
    path.write_text(
        f'[store]\nfolder = "{store.folder.parent}"\n[reviews]\nreviewer = "Kim"\n'
        f'[mail]\nhost = "localhost"\nport = {post.port}\nsender = "heard@example.com"\nca_file = "{trusted.ca}"\n'
        '[[recipients]]\nname = "Dana"\nto = "dana@example.com"\nrole = "finance"\n'
        '[[recipients]]\nname = "Gone"\nto = "gone@example.com"\nrole = "finance"\n'
        '[[recipients]]\nname = "Refused"\nto = "refuse@example.com"\nrole = "finance"\n',
        encoding="utf-8",
    )
    return path


def test_from_a_dry_run_to_a_decision(
    settings: Path, post: Post, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def heard(*arguments: str) -> tuple[int, str]:
        code = main(["--settings", str(settings), "digest", *arguments])
        told = capsys.readouterr()
        return code, told.out + told.err

    code, said = heard("send", "--week", WEEK, "--dry-run")
    assert code == 0 and f"Dana would get week {WEEK}, by mail to dana@example.com, as finance" in said
    assert heard("send", "--week", WEEK, "--preview", str(tmp_path / "out"))[0] == 0
    assert len(list((tmp_path / "out").glob("*.eml"))) == 3
    assert heard("send", "--week", WEEK, "--test-to", "me@example.com") == (
        0,
        f"sent     {WEEK}  finance: test to me@example.com\n",
    )
    assert heard("show") == (0, "No digest was sent yet.\n") and len(post.taken) == 1

    code, said = heard("send", "--week", WEEK, "--to", "dana")
    assert (code, said) == (0, f"sent     {WEEK}  Dana\n")
    code, said = heard("send", "--week", WEEK)
    assert code == 1 and f'heard digest resolve {WEEK} "Gone" --sent|--send-again' in said
    assert "no such mailbox" in said and f'heard digest send --week {WEEK} --to "Refused"' in said
    code, said = heard("show", "--week", WEEK)
    assert code == 0 and [line.split()[1] for line in said.splitlines() if line.startswith(WEEK)] == [
        "sent",
        "unknown",
        "failed",
    ]
    rows = json.loads(heard("show", "--json")[1])
    assert {row["name"]: row["state"] for row in rows} == {
        "Dana": "sent",
        "Gone": "unknown",
        "Refused": "failed",
    }
    assert {row["who"] for row in rows} == {"Kim"}
    assert heard("resolve", WEEK, "gone@example.com", "--sent") == (0, f"Gone, week {WEEK}: kept as sent.\n")
    code, said = heard("resolve", WEEK, "Nobody", "--sent")
    assert code == 1 and "it knows Dana, Gone, Refused" in said
    code, said = heard("resolve", WEEK, "Dana", "--sent")
    assert code == 1 and "is sent" in said

    assert "gets no more digests" in heard("unsubscribe", "Refuse@example.com")[1]
    assert "refuse@example.com" in heard("unsubscribe")[1]
    assert heard("send", "--week", WEEK) == (
        0,
        f"skipped  {WEEK}  Refused: They asked for no more digests.\n",
    )
    assert "gets digests again" in heard("unsubscribe", "refuse@example.com", "--back")[1]
    for arguments, words in (
        (("send", "--week", "2025-47"), "not an ISO week"),
        (("send", "--week", "2999-W01"), "hold nothing of week 2999-W01"),
        (("send", "--week", WEEK, "--to", "Nobody"), "Dana, Gone"),
        (("send", "--week", WEEK, "--test-to", "no address"), "not a mail address"),
        (("unsubscribe", "no address"), "not a mail address"),
        (("show", "--week", "x"), "not an ISO week"),
    ):
        code, said = heard(*arguments)
        assert code == 1 and words in said, arguments
    assert len(post.to("dana@example.com")) == 1


def test_the_link_in_a_mail_asks_first_and_stops_by_a_post(
    settings: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARD_SETTINGS", str(settings))
    listed = Unsubscribed(store.folder)

    def asked(method: str, known: dict[str, str]) -> Response:
        given = {"type": "http", "method": method, "headers": [], "query_string": urlencode(known).encode()}
        return unsubscribe(Request(given))

    query = {"store": "main", "address": "dana@example.com", "token": listed.token("dana@example.com")}
    page = asked("GET", query)
    assert page.status_code == 200 and b"<form" in page.body and not listed.all(), (
        "a filter that looks stops nothing"
    )
    for wrong in (
        {"token": "0"},
        {"token": "é"},
        {"address": "a@example.com"},
        {"store": "../x"},
        {"store": "demo"},
    ):
        assert asked("POST", {**query, **wrong}).status_code == 404
    assert asked("POST", {}).status_code == 404
    assert not listed.all() and not (store.folder.parent / "demo").exists()
    assert asked("POST", query).status_code == 200
    assert listed.all()["dana@example.com"].who == "a link in the mail"
    assert listed.all()["dana@example.com"].at <= datetime.now(UTC)
