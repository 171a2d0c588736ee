"""Mail against a real server with TLS and a password: what goes over the wire, and what each answer leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from pipelines.digest import stored
from pipelines.digest.deliver import BACK_OFF, send_due, send_week
from pipelines.digest.outstanding import due
from tests.delivery.readers import NOW, RIGHTS, WEEK, mails, row, settings_of, states
from tests.posts import PASSWORD, USER, Authority, Post, mail_server
from warehouse.recipients import Recipient
from warehouse.sends import Sends
from warehouse.store import Store


def test_each_reader_gets_the_week_once_over_tls_with_the_password(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com", "b@example.com", attach=("pdf", "xlsx")))
    assert len(due(store, settings, NOW)) == 2
    assert set(states(send_due(store, settings, NOW)).values()) == {"sent"}
    for again in (NOW, NOW + timedelta(hours=5), NOW + timedelta(days=6)):
        assert send_due(store, settings, again).outcomes == ()
        assert due(store, settings, again) == []
    assert [to for to, _ in post.taken] == ["a@example.com", "b@example.com"]

    (mail,) = post.to("a@example.com")
    assert mail.get_content_type() == "multipart/mixed"
    both, pdf, book = mail.iter_parts()
    assert both.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in both.iter_parts()] == ["text/plain", "text/html"]
    assert pdf.get_filename() == f"heard-{WEEK}.pdf" and book.get_filename() == f"heard-{WEEK}.xlsx"
    kept = stored.stored(store, WEEK, RIGHTS, settings)
    assert PdfReader(kept.file("pdf")).pages  # type: ignore[arg-type]
    assert pdf.get_payload(decode=True) == kept.file("pdf").read_bytes()  # type: ignore[union-attr]
    assert row(store, "a@example.com").content_hash == kept.content_hash
    assert max(map(len, post.taken[0][1].splitlines())) <= 998


def test_headers_say_who_sent_it_that_no_one_need_answer_and_how_to_stop_it(
    store: Store, post: Post, trusted: Authority
) -> None:
    send_due(store, settings_of(post, trusted, *mails("a@example.com", "b@example.com")), NOW)
    one, other = (post.to(address)[0] for address in ("a@example.com", "b@example.com"))
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["List-Unsubscribe-Post"] is None, "a mail program may press the button over https only"
    by_mail, by_link = (part.strip() for part in one["List-Unsubscribe"].split(","))
    assert by_mail == "<mailto:heard@example.com?subject=unsubscribe%20a%40example.com>"
    assert by_link.startswith("<http://127.0.0.1:8501/unsubscribe?store=main&address=a%40example.com&token=")
    head = post.taken[0][1].partition(b"\r\n\r\n")[0]
    assert f"List-Unsubscribe: {by_mail},\r\n {by_link}\r\n".encode() in head, (
        "mail programs look for the bare address"
    )
    assert one["Message-ID"] != other["Message-ID"] and one["Message-ID"].endswith("@example.com>")
    assert one["Message-ID"] == row(store, "a@example.com").message_id
    assert "unsubscribe" in one.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_button_of_mail_programs_is_offered_where_they_may_press_it(
    store: Store, post: Post, trusted: Authority
) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    settings = replace(settings, digest=replace(settings.digest, base_url="https://heard.example.com"))
    send_due(store, settings, NOW)
    assert post.to("a@example.com")[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_names_and_subjects_with_line_breaks_add_no_header(
    store: Store, post: Post, trusted: Authority
) -> None:
    evil = Recipient('Eve\r\nBcc: all@example.com "<x>', "mail", "a@example.com", RIGHTS.role)
    settings = settings_of(post, trusted, evil)
    folder = stored.folder_of(store, WEEK, RIGHTS)
    about = (folder / "about.json").read_text(encoding="utf-8")
    (folder / "about.json").write_text(
        about.replace('"subject": "', '"subject": "Hi\\r\\nBcc: all@example.com ')
    )
    send_due(
        store, replace(settings, organisation=replace(settings.organisation, name="Co\nBcc: x@y.z")), NOW
    )
    (mail,) = post.to("a@example.com")
    assert mail["Bcc"] is None and "Bcc: all@example.com" in mail["Subject"]
    assert mail["To"].addresses[0].addr_spec == "a@example.com"


@pytest.mark.parametrize(
    ("address", "state", "is_tried_again"),
    [
        ("later@example.com", "failed", True),
        ("busy@example.com", "failed", True),
        ("drop@example.com", "failed", True),
        ("refuse@example.com", "failed", False),
        ("full@example.com", "failed", False),
        ("gone@example.com", "unknown", False),
        ("slow@example.com", "unknown", False),
    ],
)
def test_what_a_server_does_decides_and_nobody_else_waits_for_it(
    store: Store, post: Post, trusted: Authority, address: str, state: str, is_tried_again: bool
) -> None:
    settings = settings_of(post, trusted, *mails(address, "well@example.com"))
    report = send_due(store, settings, NOW)
    assert states(report) == {address: state, "well@example.com": "sent"}
    assert not report.is_well and report.needs_person != is_tried_again
    assert (row(store, address).next_try_at == NOW + BACK_OFF[0]) == is_tried_again
    assert row(store, address).error

    post.behaves[address] = "well"
    send_due(store, settings, NOW + timedelta(minutes=4))
    send_due(store, settings, NOW + timedelta(minutes=5))
    got = len(post.to(address))
    assert got == (1 if is_tried_again or state == "unknown" else 0)
    assert row(store, address).state == ("sent" if is_tried_again else state)
    assert len(post.to("well@example.com")) == 1


def test_what_was_refused_for_good_goes_out_when_a_person_says_so(
    store: Store, post: Post, trusted: Authority
) -> None:
    (one,) = mails("refuse@example.com")
    settings = settings_of(post, trusted, one)
    send_due(store, settings, NOW)
    later = NOW + timedelta(days=3)
    assert send_due(store, settings, later).needs_person, "it is told until somebody looked"
    post.behaves[one.to] = "well"
    assert states(send_week(store, settings, WEEK, later, recipients=[one])) == {one.to: "sent"}
    assert states(send_week(store, settings, WEEK, later, recipients=[one])) == {}
    assert len(post.to(one.to)) == 1


def test_a_person_decides_about_what_is_unknown(store: Store, post: Post, trusted: Authority) -> None:
    settings = settings_of(post, trusted, *mails("gone@example.com", "slow@example.com"))
    send_due(store, settings, NOW)
    week_later = NOW + timedelta(days=6)
    assert set(states(send_due(store, settings, week_later)).values()) == {"unknown"}, "and is reminded"
    sends = Sends(store.folder)
    gone, slow = sends.uncertain()
    assert sends.resolve(WEEK, gone.recipient, was_sent=True, now=week_later, who="Kim")
    assert sends.resolve(WEEK, slow.recipient, was_sent=False, now=week_later, who="Kim")
    assert not sends.resolve(WEEK, gone.recipient, was_sent=True, now=week_later, who="Kim"), "it is settled"
    post.behaves |= {"gone@example.com": "well", "slow@example.com": "well"}
    assert states(send_due(store, settings, week_later)) == {"slow@example.com": "sent"}
    assert [len(post.to(one)) for one in ("gone@example.com", "slow@example.com")] == [1, 2]
    first, second = post.to("slow@example.com")
    assert first["Message-ID"] == second["Message-ID"], "so that a mail program shows them as one"
    assert [one.state for one in sends.history(WEEK, slow.recipient)] == [
        "claimed", "claimed", "unknown", "failed", "claimed", "claimed", "sent",
    ]  # fmt: skip


def test_a_server_that_never_recovers_is_tried_less_and_less_and_then_shown(
    store: Store, trusted: Authority
) -> None:
    settings = settings_of(None, trusted, *mails("a@example.com"))
    now, tries = NOW, 0
    while (report := send_due(store, settings, now)).outcomes[0].next_try_at:
        assert send_due(store, settings, now).outcomes == ()
        tries += 1
        assert report.outcomes[0].next_try_at == now + BACK_OFF[tries - 1]
        now = report.outcomes[0].next_try_at
    assert tries == len(BACK_OFF) and report.needs_person
    assert row(store, "a@example.com").attempts == tries + 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ca_file": ""}, "not trusted"),
        ({"security": "tls"}, "could not be used"),
        ({"host": "127.0.0.2"}, "could not be used"),
        ({"ca_file": "/no/such/file"}, "ca_file"),
    ],
)
def test_mail_never_goes_where_it_is_not_safe(
    store: Store, post: Post, trusted: Authority, change: dict[str, Any], words: str
) -> None:
    report = send_due(store, settings_of(post, trusted, *mails("a@example.com"), **change), NOW)
    assert states(report) == {"a@example.com": "failed"} and words in report.outcomes[0].words
    assert not post.taken


@pytest.mark.parametrize("security", ["tls", "none"])
def test_the_other_ways_to_speak_to_a_server(
    store: Store, trusted: Authority, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if security == "tls":
        monkeypatch.setenv("HEARD_SMTP_PASSWORD", PASSWORD)
    with mail_server(trusted, security=security) as served:
        settings = settings_of(
            served,
            trusted,
            *mails("a@example.com"),
            security=security,
            user=USER if security == "tls" else "",
        )
        assert states(send_due(store, settings, NOW)) == {"a@example.com": "sent"}
        assert len(served.taken) == 1


def test_a_server_without_tls_gets_no_password_and_no_mail(
    store: Store, trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARD_SMTP_USER", USER)
    monkeypatch.setenv("HEARD_SMTP_PASSWORD", PASSWORD)
    with mail_server(trusted, security="none") as served:
        report = send_due(store, settings_of(served, trusted, *mails("a@example.com")), NOW)
    assert "STARTTLS" in report.outcomes[0].words and not served.taken


@pytest.mark.parametrize(("password", "words"), [("wrong", "refuses the user"), ("", "is not set")])
def test_a_wrong_password_is_said_and_mended_by_the_next_try(
    store: Store, post: Post, trusted: Authority, monkeypatch: pytest.MonkeyPatch, password: str, words: str
) -> None:
    settings = settings_of(post, trusted, *mails("a@example.com"))
    monkeypatch.setenv("HEARD_SMTP_PASSWORD", password)
    report = send_due(store, settings, NOW)
    assert words in report.outcomes[0].words and not report.needs_person
    assert password not in report.outcomes[0].words or not password
    monkeypatch.setenv("HEARD_SMTP_PASSWORD", PASSWORD)
    assert states(send_due(store, settings, NOW + BACK_OFF[0])) == {"a@example.com": "sent"}
