"""What is sent holds what its reader may see, as text whatever it says, with personal data masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.digest import stored
from pipelines.digest.deliver import send_due
from tests.delivery.readers import NOW, PRIVATE, WEEK, settings_of, states
from tests.posts import Authority, Post, Receiver
from warehouse.recipients import Recipient
from warehouse.rights import Rights, Role
from warehouse.store import Store


def test_each_reader_gets_what_their_rights_hold(store: Store, post: Post, trusted: Authority) -> None:
    lead = Recipient("Lead", "mail", "lead@example.com", role="lead", teams=("Orders",))
    director = Recipient("Director", "mail", "director@example.com", role="director")
    none = Recipient("None", "mail", "none@example.com", role="lead", teams=("No such team",))
    report = send_due(store, settings_of(post, trusted, lead, director, none), NOW)
    assert set(states(report).values()) == {"sent"}
    texts = {to: post.to(to)[0].get_body(("plain",)).get_content() for to, _ in post.taken}  # type: ignore[union-attr]
    assert "40 conversations" in texts["director@example.com"]
    assert "20 conversations" in texts["lead@example.com"] and "Bills" not in texts["lead@example.com"]
    assert "no conversations of No such team" in texts["none@example.com"]


def test_what_customers_wrote_stays_text_and_masked_in_all_that_is_sent(
    store: Store, post: Post, trusted: Authority, hooks: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.got.clear()
    monkeypatch.setenv("SLACK", hooks.url("/slack"))
    monkeypatch.setenv("TEAMS", hooks.url("/teams"))
    everybody = (
        Recipient("Director", "mail", "a@example.com", role="director", attach=("md", "json")),
        Recipient("Slack", "slack", "SLACK", role="director"),
        Recipient("Teams", "teams", "TEAMS", role="director"),
    )
    assert set(states(send_due(store, settings_of(post, trusted, *everybody), NOW)).values()) == {"sent"}
    (slack,), (teams,) = hooks.at("/slack"), hooks.at("/teams")
    folder = stored.folder_of(store, WEEK, Rights(Role.DIRECTOR))
    for path in folder.iterdir():
        if path.suffix not in (".pdf", ".xlsx"):
            text = path.read_text(encoding="utf-8")
            assert PRIVATE not in text and "555-123-4567" not in text, path.name
    page = post.to("a@example.com")[0].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<img" not in page and "<!channel>" not in page and "HYPERLINK" in page

    said = list(_texts(slack))
    assert any("HYPERLINK" in text for text in said) and not [
        text for text in said if "<" in text or ">" in text
    ]
    assert any("&lt;!channel&gt;" in text for text in said)
    assert {one.get("type") for one in _objects(slack["blocks"]) if isinstance(one.get("text"), str)} == {
        "plain_text"
    }
    assert len(slack["blocks"]) <= 50 and all(
        len(one["text"]) <= 3000 for one in _objects(slack) if isinstance(one.get("text"), str)
    )
    (attached,) = teams["attachments"]
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attached["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    kinds = {one["type"] for one in _objects(card) if "text" in one}
    assert kinds == {"TextRun"}, "a text block would read Markdown"
    told = list(_texts(card))
    assert any("HYPERLINK" in text for text in told) and not [text for text in told if "{{" in text]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one)


def _texts(value: Any) -> Iterator[str]:
    return (one["text"] for one in _objects(value) if isinstance(one.get("text"), str))


def test_a_file_that_can_not_be_made_keeps_the_mail_from_nobody(
    store: Store, post: Post, trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stored.form

    def form(digest: Any, kind: Any) -> bytes:
        if kind == "pdf":
            raise RuntimeError("no font has this sign")
        return whole(digest, kind)

    monkeypatch.setattr(stored, "form", form)
    one = Recipient("Director", "mail", "a@example.com", role="director", attach=("pdf", "xlsx"))
    assert states(send_due(store, settings_of(post, trusted, one), NOW)) == {"Director": "sent"}
    (mail,) = post.to("a@example.com")
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"heard-{WEEK}.xlsx"]
    assert "could not be made this week: pdf" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
