"""A support mailbox: the same threads from any split of its files, roles by the own domains, broken mail read."""

from __future__ import annotations

import mailbox
import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from pipelines.sources import _files, _mail_files
from pipelines.sources._files import Member
from pipelines.sources._mail import parse
from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "mailbox"
OURS = Settings(organisation=Organisation(domains=("example.com",)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_the_sample_gives_the_golden_tables(store: Store) -> None:
    load(store, SAMPLE, settings=OURS)
    golden(GOLDEN / "mailbox.json", tables(store))


def test_a_maildir_is_one_unit_with_its_sent_folder_and_without_drafts(store: Store) -> None:
    summary = load(store, SAMPLE, settings=OURS)
    assert sorted(file.file for file in summary.files) == ["Support", "saved", "takeout.mbox"]
    thread = rows(
        store,
        "SELECT message_id, author_role, kind, is_public FROM messages "
        "WHERE ticket_id = 'a1@customer.example' ORDER BY created_at",
    )
    assert [tuple(row.values()) for row in thread] == [
        ("a1@customer.example", "customer", "message", True),
        ("n1@example.com", "agent", "note", False),
        ("b1@example.com", "agent", "message", True),
        ("a2@customer.example", "customer", "message", True),
        ("o1@customer.example", "bot", "auto_reply", True),
        ("b2@example.com", "agent", "message", True),
    ]


def test_quotes_are_cut_words_are_decoded_and_attachments_counted(store: Store) -> None:
    load(store, SAMPLE, settings=OURS)
    (sent,) = rows(store, "SELECT text, count_attachments FROM messages WHERE message_id = 'b1@example.com'")
    assert sent["count_attachments"] == 1 and "wrote" not in sent["text"] and "seat" not in sent["text"]
    (page,) = rows(store, "SELECT text FROM messages WHERE message_id = 'a2@customer.example'")
    assert page["text"] == "Thank you, that was quick!"
    (broken,) = rows(store, "SELECT text, created_at FROM messages WHERE message_id = 'e1@old.example'")
    assert broken["text"] == "The café page says “not found”." and broken["created_at"].day == 5
    assert {row["subject"] for row in rows(store, "SELECT subject FROM tickets")} >= {
        "Export hängt",
        "Café “menu”",
    }


def test_a_reply_that_names_nothing_follows_subject_and_people(store: Store) -> None:
    load(store, SAMPLE / "takeout.mbox", settings=OURS)
    found = rows(store, "SELECT ticket_id FROM messages WHERE message_id = 'c2@example.com'")
    assert found == [{"ticket_id": "c1@else.example"}]


def test_the_ticket_is_the_first_customers_and_a_form_writes_in_their_name(store: Store) -> None:
    load(store, SAMPLE, settings=OURS)
    found = rows(store, "SELECT ticket_id, customer_email, is_spam FROM tickets ORDER BY ticket_id")
    assert [tuple(row.values()) for row in found] == [
        ("a1@customer.example", "ida@customer.example", False),
        ("c1@else.example", "juergen@else.example", False),
        ("e1@old.example", "etienne@old.example", False),
        ("f1@example.com", "lea@shop.example", False),
        ("s1@junk.example", "win@junk.example", True),
    ]


def test_without_own_domains_it_says_what_to_type(store: Store) -> None:
    with pytest.raises(BadInput, match="nothing says which addresses are yours") as error:
        load(store, SAMPLE / "Support")
    assert 'domains = ["example.com"]' in str(error.value) and store.current() is None


def test_other_own_domains_are_not_laid_over_the_first(tmp_path: Path, store: Store) -> None:
    load(store, SAMPLE / "takeout.mbox", settings=OURS)
    other = Settings(organisation=Organisation(domains=("else.example",)))
    with pytest.raises(BadInput, match=r"loaded before with example\.com"):
        load(store, SAMPLE / "saved", settings=other)


def _conversation() -> list[EmailMessage]:
    """A thread whose answers name less and less of it, and another one with the same subject."""
    told = [
        ("m1@c.example", "ann@c.example", "help@example.com", "Seat", ""),
        ("m2@example.com", "bo@example.com", "ann@c.example", "Re: Seat", "<m1@c.example>"),
        ("m3@c.example", "ann@c.example", "help@example.com", "Re: Seat", "<m2@example.com>"),
        ("m4@example.com", "bo@example.com", "ann@c.example", "Re: Seat", "<m3@c.example>"),
        ("m5@c.example", "ann@c.example", "help@example.com", "RE: Seat", ""),
        ("m6@d.example", "cy@d.example", "help@example.com", "Seat", ""),
    ]
    found = []
    for number, (own, sender, to, subject, parent) in enumerate(told):
        mail = EmailMessage()
        mail["Message-ID"], mail["From"], mail["To"], mail["Subject"] = f"<{own}>", sender, to, subject
        mail["Date"] = f"Mon, 02 Mar 2026 09:0{number}:00 +0000"
        if parent:
            mail["In-Reply-To"] = parent
        mail.set_content(f"Words of message {number}.\n")
        found.append(mail)
    return found


def _mbox(path: Path, mails: list[EmailMessage]) -> Path:
    box = mailbox.mbox(path)
    for mail in mails:
        box.add(mail)
    box.close()
    return path


@pytest.mark.parametrize("seed", range(3))
def test_any_split_and_order_of_the_files_gives_the_same_threads(seed: int, tmp_path: Path) -> None:
    mails = _conversation()
    load(whole := Store(tmp_path / "whole"), _mbox(tmp_path / "all.mbox", mails), settings=OURS)
    expected = tables(whole)
    assert [row["ticket_id"] for row in expected["tickets"]] == ["m1@c.example", "m6@d.example"]
    random.Random(seed).shuffle(mails)
    store = Store(tmp_path / "store")
    for place in range(0, len(mails), 2 + seed):
        load(store, _mbox(tmp_path / f"{place}.mbox", mails[place : place + 2 + seed]), settings=OURS)
    found = tables(store)
    for table in (found, expected):
        for row in table["messages"]:
            row.pop("position")
    assert found == expected


def test_every_way_to_pack_it_gives_the_same_messages(tmp_path: Path) -> None:
    mails = _conversation()
    _mbox(tmp_path / "all.mbox", mails)
    (tmp_path / "eml").mkdir()
    box = (
        mailbox.Maildir(tmp_path / "dir" / "Inbox", create=True)
        if (tmp_path / "dir").mkdir() is None
        else None
    )
    assert box is not None
    with zipfile.ZipFile(tmp_path / "eml.zip", "w") as archive:
        for number, mail in enumerate(mails):
            (tmp_path / "eml" / f"{number}.eml").write_bytes(mail.as_bytes())
            archive.writestr(f"{9 - number}/{number}.eml", mail.as_bytes())
            box.add(mail)
    found = []
    for name in ("all.mbox", "eml", "dir", "eml.zip"):
        load(store := Store(tmp_path / f"store-{name}"), tmp_path / name, settings=OURS)
        found.append(
            rows(store, "SELECT ticket_id, message_id, author_role, text FROM messages ORDER BY message_id")
        )
    assert found[0] == found[1] == found[2] == found[3] and len(found[0]) == 6


def test_an_mbox_is_split_at_its_separators_only(tmp_path: Path) -> None:
    parts = [raw for _, raw in _mail_files.messages(Member(SAMPLE / "takeout.mbox"))]
    assert len(parts) == 6 and b"\nFrom our side" in parts[0] and b"\nFrom what I see" in parts[0]


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "Return-Path: <>",
        "Content-Type: multipart/report",
    ],
)
def test_what_a_program_sent_is_automatic(header: str) -> None:
    assert parse(f"From: a@b.example\n{header}\n\nhello".encode()).is_automatic
    assert not parse(b"From: a@b.example\nAuto-Submitted: no\nPrecedence: list\n\nhello").is_automatic


def test_mail_nested_without_end_costs_that_message() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000)
    )
    try:
        parse(b"From: a@b.example\n" + nested)
    except BadInput as error:
        assert "nested" in error.what


def test_a_zip_of_thousands_of_mails_in_no_order_is_read_in_seconds(tmp_path: Path, store: Store) -> None:
    names = [f"{number:05}.eml" for number in range(3_000)]
    random.Random(1).shuffle(names)
    with zipfile.ZipFile(tmp_path / "mail.zip", "w") as archive:
        for name in names:
            archive.writestr(
                name,
                f"Message-ID: <{name}@c.example>\nFrom: a@c.example\nTo: h@example.com\n\nHello {name}\n",
            )
    opened_before = _files._opened_archive.cache_info().misses
    summary = load(store, tmp_path / "mail.zip", settings=OURS)
    assert rows(store, "SELECT count(*) AS n FROM messages") == [{"n": 3_000}]
    assert (
        _files._opened_archive.cache_info().misses - opened_before < 50
        and summary.total("count_refused") == 0
    )


def test_real_mails_are_read_or_refused_with_what_to_do(tmp_path: Path, store: Store) -> None:
    folder = shared("exports/mailbox")
    summary = load(store, folder / "talon", settings=OURS)
    assert summary.total("count_refused") == 0
    (count,) = rows(
        store, "SELECT count(*) AS n, count(text) AS read, count(author_role) AS known FROM messages"
    )
    mails = len(list(folder.glob("talon/**/*.eml"))) + 1  # and one that has no ending
    assert count == {"n": mails, "read": mails, "known": mails}
    assert all(reason for _, reason in summary.passed)
    for path in sorted((folder / "email-reply-parser").iterdir()):
        with pytest.raises(BadInput) as error:
            load(store, path, settings=OURS)
        assert error.value.fix, path
