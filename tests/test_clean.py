"""Cleaning: text out of HTML, quotes and signatures cut, kinds of messages, and no input that hurts."""

from __future__ import annotations

import email
import email.policy
import html
import re
import time
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.text.clean import clean
from metrics.text.sentences import split
from tests.conftest import shared


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Hello &amp; <b>wel</b>come<br>to&nbsp;us</p>", "Hello & welcome\nto us"),
        ("<div>one</div><div>two</div><div><br></div><div>three</div>", "one\ntwo\n\nthree"),
        ("<ul><li>a</li><li>b</li></ul><table><tr><td>c</td><td>d</td></tr></table>", "a\nb\nc d"),
        ("<style>p{}</style><script>alert(1)</script><p>seen</p><!-- not -->", "seen"),
        ("<pre>line one\nline two</pre>", "line one\nline two"),
        ("<p>broken <b>bold <i>both", "broken bold both"),
        ("3 < 5 and 7 > 6, I <3 it", "3 < 5 and 7 > 6, I <3 it"),
        ("write to <ann@example.com>", "write to <ann@example.com>"),
        (
            "caf\u200b\u00e9 \u202egnp\u202c\ufeff &quot;x&quot;\x00\r\n\r\n\r\n\r\nnext\tline  \r\nend",
            'caf\u00e9 gnp "x"\n\nnext line\nend',
        ),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd",
        ),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_bodies_become_text(body: str, text: str) -> None:
    assert clean(body).text == text
    assert clean(body).kind == "message"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Thanks, works.\n\nOn Mon, 3 Nov 2025 at 10:00, Ann <a@example.com> wrote:\n\n> Try again", "Thanks, works."),
        ("Works.\nOn Mon, 3 Nov 2025 at 10:00, Ann\n<a@example.com>\nwrote:\n> Try", "Works."),
        ("Danke!\n\nAm 03.11.2025 um 10:00 schrieb Ann <a@example.com>:\n> Hallo", "Danke!"),
        ("Merci\nLe 3 nov. 2025 \u00e0 10:00, Ann <a@example.com> a \u00e9crit :\n> Bonjour", "Merci"),
        ("Gracias\n\nEl 3/11/2025, Ana <a@example.com> escribi\u00f3:\n> hola", "Gracias"),
        ("My words\n\nVon: Ann <a@example.com>\nGesendet: Montag\nAn: Bob\nBetreff: Re: x\n\nAlt", "My words"),
        ("My words\n\n-----Original Message-----\nFrom: Ann\nold", "My words"),
        ("My words\n________________________________\nFrom: Ann <a@example.com>\nSent: Monday\nTo: Bob\nSubject: x\n\nold", "My words"),
        ("My words\n\n##- Please type your reply above this line -##\n\nold", "My words"),
        ("See below.\n\n---------- Forwarded message ---------\nFrom: A\nDate: x\nSubject: y\n\nold", "See below."),
        ("On 3 Nov 2025, Ann <a@example.com> wrote:\n> Is it fixed?\nNo, it is not.\n> Shall we close?\nNo!", "No, it is not.\n\nNo!"),
        ("You wrote\n> we refund\nbut you did not.", "You wrote\n\nbut you did not."),
        ("It works\n\nSent from my iPhone", "It works"),
        ("It works\n-- \nAnn Smith\nACME", "It works"),
        ("It works\n\nKind regards,\nAnn Smith\nHead of things", "It works"),
        ("It works\n\nThanks,\nAnn", "It works\n\nThanks,\nAnn"),
        ("Sent from my desk, which is easier.\nSo there.", "Sent from my desk, which is easier.\nSo there."),
        ("I wrote this on 3 May:\n- one\n- two", "I wrote this on 3 May:\n- one\n- two"),
        ("From: the start\nTo: the end\nit was bad", "From: the start\nTo: the end\nit was bad"),
        ("> 3 hours of waiting", "> 3 hours of waiting"),
        ("Best regards", "Best regards"),
        ('<p>Mine</p><div class="gmail_quote">On Mon Ann wrote:<blockquote>old</blockquote></div>', "Mine"),
        ('<div>Mine</div><div id="divRplyFwdMsg">From: Ann</div><div>old</div>', "Mine"),
        ('<p>Mine</p><span class="js-signatureMarker"></span><p>Ann, ACME</p>', "Mine"),
        ('<p>Mine</p><blockquote type="cite">old</blockquote><p>and mine</p>', "Mine\n\nand mine"),
        ("<p>Mine</p><blockquote>a saying</blockquote>", "Mine\na saying"),
    ],
)  # fmt: skip
def test_what_others_wrote_and_signatures_are_cut(body: str, text: str) -> None:
    assert clean(body) == clean(body, is_html=body.startswith("<"))
    assert clean(body).text == text
    assert clean(body).kind == "message"


@pytest.mark.parametrize(
    "body",
    [
        "I am out of the office until Monday. For urgent matters call Bob.",
        "Hello Ann,\n\nThis is an automated response. Your ticket is in our queue.",
        "Automatic reply: I am away",
        "Ich bin bis Montag nicht im B\u00fcro.",
        "R\u00e9ponse automatique : je suis absent",
        "Delivery has failed to these recipients or groups:\nann@example.com",
        "<p>This message was sent automatically. Please do not reply to this email.</p>",
    ],
)
def test_automatic_replies(body: str) -> None:
    assert clean(body).kind == "auto_reply"
    assert clean(body).text


@pytest.mark.parametrize(
    "body",
    [
        "I keep getting this is an automated message from you. Why?",
        "Your automatic reply told me nothing.",
        "I'm on vacation until Monday, can you call me then?",
        "The delivery was late and nobody replied.",
        "I left my desk and the office was closed.",
    ],
)
def test_people_who_speak_of_automatic_replies(body: str) -> None:
    assert clean(body).kind == "message"


@pytest.mark.parametrize(
    "body",
    [
        "---------- Forwarded message ---------\nFrom: A <a@example.com>\nDate: x\nSubject: y\n\nold",
        "On 3 Nov 2025, Ann <a@example.com> wrote:\n\n> only theirs",
        '<div class="gmail_quote">old</div>',
    ],
)
def test_nothing_of_their_own_is_a_forward_and_keeps_its_text(body: str) -> None:
    assert clean(body).kind == "forward"
    assert "old" in clean(body).text or "theirs" in clean(body).text


class _Independent(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _independent(body: str) -> str:
    parser = _Independent()
    parser.feed(body)
    parser.close()
    return _squeezed("".join(parser.parts))


def _mails() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted(shared("exports/mailbox/talon/standard_replies").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        for kind in ("plain", "html"):
            if part := message.get_body((kind,)):
                found.append((path.stem, kind, part.get_content()))
    return found


def test_replies_of_known_mail_programs() -> None:
    """All twelve plain bodies come down to the one word that was written; no signature, no quote."""
    plain = {name: clean(body, is_html=False) for name, kind, body in _mails() if kind == "plain"}
    assert len(plain) == 12
    assert {name: cleaned.text for name, cleaned in plain.items() if cleaned.text != "Hello"} == {}


def test_html_replies_of_known_mail_programs() -> None:
    folder: Path = shared("exports/mailbox/talon/html_replies")
    texts = {
        path.stem: clean(path.read_text("utf-8", "replace"), is_html=True).text
        for path in folder.glob("*.html")
    }
    assert len(texts) == 9
    assert {
        name: text for name, text in texts.items() if " ".join(text.split()) != "Hi. I am fine. Thanks, Alex"
    } == {}


def test_every_sentence_is_found_in_an_independent_extraction() -> None:
    bodies = [(body, kind == "html") for _, kind, body in _mails()]
    for path in shared("exports/mailbox/talon/html_replies").glob("*.html"):
        bodies.append((path.read_text("utf-8", "replace"), True))
    for path in shared("exports/mailbox/email-reply-parser").glob("*.txt"):
        bodies.append((path.read_text("utf-8"), False))
    for body, is_html in bodies:
        expected = _independent(body) if is_html else _squeezed(html.unescape(body))
        text = clean(body, is_html=is_html).text
        assert text
        for start, end in split(text):
            assert _squeezed(text[start:end]) in expected


_PIECES = st.sampled_from(
    ["<p>", "</p>", "<br>", "<div class='gmail_quote'>", "</div>", "&amp;", "&#8217;", "<b", ">", "> x", "\n", "\n\n", "On 3 May, Ann wrote:\n",
     "From: a\n", "To: b\n", "Subject: c\n", "-- \n", "words here", "!", "\u200b", "\U0001f600", "\x1d\x1e\x1f", "\ud800", "<script>", "<!--", "\r\n", "\t", "##- x -##"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=25), st.sampled_from([None, True, False]))
def test_nothing_raises_and_nothing_hidden_remains(pieces: list[str], is_html: bool | None) -> None:
    cleaned = clean("".join(pieces), is_html)
    assert not re.search("[\x00-\x09\x0b-\x1f\u200b\u202e\ud800-\udfff]", cleaned.text)
    assert cleaned.text == cleaned.text.strip()
    assert "\n\n\n" not in cleaned.text
    cleaned.text.encode()


@pytest.mark.parametrize(
    "piece",
    ["> ", "On ", "a:\n", "<div>", "<b><p>", "<pre>", "<!--", "<a href=\"", "&", " \n", "-- \n", "From: a\n", "x", "\U0001f600", "\t \t", "<p>hello "],
)  # fmt: skip
def test_five_megabytes_of_anything_take_seconds(piece: str) -> None:
    body = piece * (1_000_000 // len(piece))
    start = time.process_time()
    clean(body)
    assert time.process_time() - start < 4
    assert clean("hello " + body + " world", is_html=False).text.startswith("hello")
