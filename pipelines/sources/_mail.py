"""One e-mail from its bytes: who wrote to whom and when, in answer to what, and which words. Broken mail is read too.

Headers are taken apart by hand where the standard library raises on what real mail holds (broken addresses, unknown
character sets, words cut in half).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from warehouse.errors import BadInput

MAX_HEADER_CHARACTERS = 100_000
_IDS = re.compile(r"<([^<>\s]+)>")
_BETWEEN_ADDRESSES = re.compile(r'[\s<>,;:()\[\]"]+')
_ANGLE = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Mail-Autoreply")
# What the standard library raises on headers and parts that are not as they should be.
_BROKEN = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True)
class Mail:
    """What one message says of itself. Addresses are in lower case, ids without their brackets."""

    message_id: str | None
    references: tuple[str, ...]  # the ids that it answers, the oldest first
    subject: str
    sender: str | None
    sender_name: str | None
    reply_to: str | None
    recipients: tuple[str, ...]
    delivered_to: tuple[str, ...]  # the mailbox's own addresses, where the mail states them
    sent_at: datetime | None
    is_automatic: bool
    labels: frozenset[str]
    body: str | None
    is_html: bool
    count_attachments: int


def parse(raw: bytes) -> Mail:
    """The mail in these bytes. Raises BadInput where they are nested deeper than mail is."""
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        body, is_html, count = _content(message)
    except RecursionError:
        raise BadInput("a message of parts nested without end") from None
    references = _IDS.findall(_plain(message, "References"))
    answered = _IDS.findall(_plain(message, "In-Reply-To"))[:1]
    own = _IDS.findall(_plain(message, "Message-ID")) or _plain(message, "Message-ID").split()
    senders = [
        address for name in ("From", "Sender", "Return-Path") for address in _addresses(message, name)[:1]
    ]
    angled = _ANGLE.findall(_words(message, "From"))
    labels = _words(message, "X-Gmail-Labels").casefold().split(",")
    return Mail(
        message_id=own[0] if own else None,
        references=tuple(dict.fromkeys([*references, *answered])),
        subject=" ".join(_words(message, "Subject").split())[:1_000],
        sender=angled[-1].casefold() if angled else next(iter(senders), None),
        sender_name=_words(message, "From").split("<")[0].strip(" \"'\t")[:200] or None if angled else None,
        reply_to=next(iter(_addresses(message, "Reply-To")), None),
        recipients=tuple(
            dict.fromkeys(one for name in ("To", "Cc", "Bcc") for one in _addresses(message, name))
        ),
        delivered_to=tuple(
            dict.fromkeys(
                one for name in ("Delivered-To", "X-Original-To") for one in _addresses(message, name)
            )
        ),
        sent_at=_sent_at(message),
        is_automatic=_is_automatic(message),
        labels=frozenset(label.strip() for label in labels if label.strip()),
        body=body,
        is_html=is_html,
        count_attachments=count,
    )


def _plain(message: Message, name: str) -> str:
    """A header's characters, its lines joined."""
    values = [str(value) for key, value in message.raw_items() if key.casefold() == name.casefold()]
    text = " ".join(values)[:MAX_HEADER_CHARACTERS].replace("\r", " ").replace("\n", " ")
    return text if text.isascii() else _decoded(text.encode("utf-8", "surrogateescape"), None)


def _words(message: Message, name: str) -> str:
    """A header's words: encoded words decoded, raw bytes read as UTF-8, else as Western."""
    text = _plain(message, name)
    if "=?" in text:
        try:
            pieces = decode_header(text)
            text = "".join(
                _decoded(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces
            )
        except _BROKEN:
            pass
    return text


def _addresses(message: Message, name: str) -> list[str]:
    """The addresses of a header, whatever stands around them; names in quotes are passed over."""
    text = re.sub(r'"[^"]*"', " ", _words(message, name))
    found = [token.strip("'.").casefold() for token in _BETWEEN_ADDRESSES.split(text)]
    return [one for one in found if one.count("@") == 1 and not one.startswith("@") and not one.endswith("@")]


def _sent_at(message: Message) -> datetime | None:
    """When it was sent by its own word, else when it was last received; null where neither can be read."""
    received = _plain(message, "Received")
    for text in (_plain(message, "Date"), received.partition(";")[2].partition("(")[0][:60]):
        try:
            found = parsedate_to_datetime(text.strip())
        except _BROKEN:
            continue
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
        try:
            found = found.astimezone(UTC)
        except _BROKEN:
            continue
        if 1971 <= found.year <= 2200:
            return found
    return None


def _is_automatic(message: Message) -> bool:
    """Whether a program sent it: it says so, or it is a report of what was not delivered."""
    submitted = _plain(message, "Auto-Submitted").strip().casefold()
    if submitted and not submitted.startswith("no"):
        return True
    if _plain(message, "Precedence").strip().casefold() in _AUTOMATIC_PRECEDENCE:
        return True
    if any(_plain(message, name).strip() for name in _AUTOMATIC_HEADERS):
        return True
    return _plain(message, "Return-Path").strip() == "<>" or _type(message) == "multipart/report"


def _type(part: Message) -> str:
    try:
        return part.get_content_type()
    except _BROKEN:
        return "application/octet-stream"


def _content(message: Message) -> tuple[str | None, bool, int]:
    """The words, whether they are HTML, and how many files hang on. Plain words win over the same in HTML."""
    plain: list[str] = []
    pages: list[str] = []
    count = 0
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload() if part.is_multipart() else None
        kind = _type(part)
        if isinstance(inner, list) and kind != "message/rfc822":
            waiting.extend(one for one in reversed(inner) if isinstance(one, Message))
            continue
        if kind not in ("text/plain", "text/html") or _is_file(part):
            count += part is not message or not kind.startswith("multipart/")
            continue
        (pages if kind == "text/html" else plain).append(_text(part))
    if any(text.strip() for text in plain):
        return "\n".join(plain), False, count
    if any(text.strip() for text in pages):
        return "\n".join(pages), True, count
    return ("" if plain or pages else None), False, count


def _is_file(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or part.get_filename() is not None
    except _BROKEN:
        return False


def _text(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except _BROKEN:
        charset = None
    try:
        raw = part.get_payload(decode=True)
    except _BROKEN:
        raw = b""
    return _decoded(raw, charset) if isinstance(raw, bytes) else ""


def _decoded(raw: bytes, charset: str | None) -> str:
    """The text by its stated character set where that holds, else UTF-8, else Western with marks for what is not.

    Halves of surrogate pairs, which some character sets let through, are no text.
    """
    # What calls itself Latin-1 is Windows' text, as every mail program reads it.
    stated = None if (charset or "").casefold() in ("iso-8859-1", "latin-1", "us-ascii", "ascii") else charset
    for name in (stated, "utf-8"):
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return raw.decode(name).encode("utf-8", "replace").decode("utf-8")
        except (LookupError, ValueError, AttributeError):
            continue
    return raw.decode("cp1252", "replace")
