"""A digest as a message to a Slack channel, by an incoming webhook. What data hold stands in plain-text blocks only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pipelines.digest.content import Cell, Digest, Line, Quote, Section
from pipelines.digest.shown import as_shown
from pipelines.digest.ways import webhook
from pipelines.digest.ways.parcel import HandOver, Parcel

# Slack's own limits; beyond them it refuses the whole message.
LONGEST_HEADER: Final = 150
LONGEST_TEXT: Final = 2_900
LONGEST_FIELD: Final = 1_900
LONGEST_ADDRESS: Final = 3_000
MOST_BLOCKS: Final = 50
MOST_ITEMS: Final = 3


def send(parcel: Parcel, hand_over: HandOver) -> None:
    """Post the stored message. Raises Later, Refused or Unknown."""
    message = json.loads(parcel.content.chat["slack"])
    if parcel.is_test:
        message["blocks"] = [_context("This is a test."), *message["blocks"]][:MOST_BLOCKS]
    webhook.post(parcel.recipient.to, _packed(message), hand_over, timeout=parcel.mail.timeout_seconds)


def payload(digest: Digest) -> str:
    """The digest as Slack's blocks, in JSON."""
    return _packed(
        {
            "text": escaped(digest.subject, LONGEST_TEXT),
            "unfurl_links": False,
            "unfurl_media": False,
            "blocks": [*list(_blocks(digest))[: MOST_BLOCKS - 1], _button(digest.url)],
        }
    ).decode()


def notice(subject: str, words: str, url: str) -> str:
    """A message of a headline and a sentence, in JSON."""
    blocks = [_header(subject), _section(words), _button(url)]
    return _packed({"text": escaped(subject, LONGEST_TEXT), "blocks": blocks}).decode()


def escaped(text: str, longest: int) -> str:
    """Text that Slack shows as it stands: <!channel> calls nobody, <address|word> links nowhere; cut to a length."""
    text = as_shown(text)

    def write(shown: str) -> str:
        return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    if len(write(text)) <= longest:
        return write(text)
    while len(write(text)) >= longest:
        text = text[: max(0, len(text) - max(1, (len(write(text)) - longest) // 5))]
    return write(text.rstrip()) + "…"


def _blocks(digest: Digest) -> Iterator[dict[str, Any]]:
    if digest.is_demo:
        yield _context("Demo data: a made-up company. Nothing here happened.")
    yield _header(digest.answer)
    yield _context(" · ".join(part for part in (digest.organisation, digest.dates, digest.basis) if part))
    if digest.more:
        yield _section(digest.more)
    yield from _parts(digest.first)
    for row in digest.rows:
        says = "\n".join(_cell(cell) for cell in row.scores)
        shows = "\n".join(_cell(cell) for cell in row.conversations)
        yield {
            "type": "section",
            "text": _plain(row.question),
            "fields": [_lines("Scores say", says), _lines("Conversations show", shows)],
        }
    yield from _parts(digest.below)
    if digest.caveats:
        yield _context("To keep in mind: " + " ".join(digest.caveats))


def _parts(sections: Iterable[Section]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield {"type": "divider"}
        yield _section("\n".join(_words(section)))


def _words(section: Section) -> Iterator[str]:
    yield section.title
    if section.lead:
        yield section.lead
    for item in section.items[:MOST_ITEMS]:
        yield f"• {said(item)}"
    if len(section.items) > MOST_ITEMS:
        yield more(section)


def more(section: Section) -> str:
    """How many items of a section have no room in a chat."""
    return f"{len(section.items) - MOST_ITEMS:,} more in the dashboard."


def said(item: Line | Quote) -> str:
    """A line or a quote of a section in one line of plain words."""
    if isinstance(item, Quote):
        words = [f"“{item.text}”" if item.text else "", *(f"{sign}: “{text}”" for sign, text in item.then)]
        told = " … ".join(part for part in words if part)
        return " ".join(part for part in (f"{item.why}:" if item.why else "", told, item.about) if part)
    return " · ".join(part for part in (item.why, item.text, item.about) if part)


def _cell(cell: Cell) -> str:
    return f"{cell.value} {cell.title}{f' ({cell.change})' if cell.change else ''}"


def _lines(title: str, lines: str) -> dict[str, Any]:
    return _plain(f"{title}\n{lines or 'not measured'}", LONGEST_FIELD)


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": _plain(text, LONGEST_HEADER)}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text)}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_plain(text)]}


def _button(url: str) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "Open this week in the dashboard", "emoji": False}
    return {
        "type": "actions",
        "elements": [{"type": "button", "text": label, "url": url[:LONGEST_ADDRESS], "action_id": "open"}],
    }


def _plain(text: str, longest: int = LONGEST_TEXT) -> dict[str, Any]:
    # Each line of ours is made safe by itself, so that a line break in a name does not make a line of its own.
    lines = [escaped(line, longest) for line in text.split("\n")]
    kept = "\n".join(line for line in lines if line) or "–"  # Slack refuses an empty text
    return {
        "type": "plain_text",
        "text": kept if len(kept) <= longest else escaped(text, longest),
        "emoji": False,
    }


def _packed(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
