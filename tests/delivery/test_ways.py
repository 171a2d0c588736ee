"""Webhooks and folders: real HTTP receivers that answer in every way, or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.digest.deliver import BACK_OFF, send_due
from tests.delivery.readers import NOW, RIGHTS, WEEK, row, settings_of, states
from tests.posts import Authority, Receiver, receiver
from warehouse.recipients import Recipient
from warehouse.store import Store


@pytest.mark.parametrize("by", ["slack", "teams"])
@pytest.mark.parametrize(
    ("path", "state", "wait"),
    [
        ("/ok", "sent", None),
        ("/202", "sent", None),
        ("/500", "failed", BACK_OFF[0]),
        ("/503", "failed", BACK_OFF[0]),
        ("/429", "failed", timedelta(hours=2)),
        ("/404", "failed", None),
        ("/400", "failed", None),
        ("/302", "failed", None),
        ("/504", "unknown", None),
        ("/hang", "unknown", None),
        ("/drop", "unknown", None),
    ],
)
def test_a_webhook_answers_in_every_way(
    store: Store, trusted: Authority, hooks: Receiver, monkeypatch: pytest.MonkeyPatch,
    by: str, path: str, state: str, wait: timedelta | None,
) -> None:  # fmt: skip
    path = f"/{by}/secret{path}"
    hooks.got.clear()
    monkeypatch.setenv("HOOK", hooks.url(path))
    settings = settings_of(None, trusted, Recipient("Channel", by, "HOOK", RIGHTS.role))
    report = send_due(store, settings, NOW)
    assert states(report) == {"Channel": state}
    assert "secret" not in report.outcomes[0].words, "the address is a secret"
    assert row(store, "Channel").next_try_at == (NOW + wait if wait else None)
    send_due(store, settings, NOW + timedelta(minutes=1))
    assert len(hooks.at(path)) == (1 if state == "sent" else 0)


@pytest.mark.parametrize("value", ["", "http://example.com/x", "ftp://localhost/x", "https://"])
def test_a_webhook_without_a_safe_address_is_tried_when_it_has_one(
    store: Store, trusted: Authority, hooks: Receiver, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HOOK", value)
    settings = settings_of(None, trusted, Recipient("Channel", "slack", "HOOK", RIGHTS.role))
    assert "$HOOK" in send_due(store, settings, NOW).outcomes[0].words
    monkeypatch.setenv("HOOK", hooks.url("/mended"))
    assert states(send_due(store, settings, NOW + BACK_OFF[0])) == {"Channel": "sent"}


def test_a_webhook_over_tls_is_trusted_only_with_its_certificate(
    store: Store, trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(None, trusted, Recipient("Channel", "teams", "HOOK", RIGHTS.role))
    with receiver(trusted) as served:
        monkeypatch.setenv("HOOK", served.url("/ok", "https"))
        assert "not trusted" in send_due(store, settings, NOW).outcomes[0].words
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted.ca))
        assert states(send_due(store, settings, NOW + BACK_OFF[0])) == {"Channel": "sent"}
        assert len(served.got) == 1


def test_a_folder_gets_whole_files_and_an_unwritable_one_is_tried_again(
    store: Store, trusted: Authority, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    shelf = Recipient("Shelf", "folder", str(tmp_path / "taken" / "shelf"), RIGHTS.role)
    settings = settings_of(None, trusted, shelf)
    assert states(send_due(store, settings, NOW)) == {"Shelf": "failed"}
    (tmp_path / "taken").unlink()
    assert states(send_due(store, settings, NOW + BACK_OFF[0])) == {"Shelf": "sent"}
    names = {path.name for path in (tmp_path / "taken" / "shelf").iterdir()}
    assert {f"heard-{WEEK}.{ending}" for ending in ("html", "md", "json", "pdf", "xlsx")} <= names
    assert not [name for name in names if name.endswith(".part")]
