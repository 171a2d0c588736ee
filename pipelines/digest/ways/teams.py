"""A digest as an adaptive card in a Teams channel, by a Workflows webhook. What data hold stands in text runs only.

A text run knows no Markdown, unlike a text block: what a customer wrote stays what it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from pipelines.digest.content import Cell, Digest, Section
from pipelines.digest.shown import as_shown
from pipelines.digest.ways import webhook
from pipelines.digest.ways.parcel import HandOver, Parcel
from pipelines.digest.ways.slack import MOST_ITEMS, more, said

MOST_BYTES: Final = 26_000  # Teams refuses a message above 28 KB
_LONGEST: Final = 1_000


def send(parcel: Parcel, hand_over: HandOver) -> None:
    """Post the stored card. Raises Later, Refused or Unknown."""
    message = json.loads(parcel.content.chat["teams"])
    if parcel.is_test:
        message["attachments"][0]["content"]["body"].insert(0, _text("This is a test.", isSubtle=True))
    webhook.post(parcel.recipient.to, _packed(message), hand_over, timeout=parcel.mail.timeout_seconds)


def payload(digest: Digest) -> str:
    """The digest as an adaptive card, in JSON; where it is too long for Teams its lists go first, and it says so."""
    for body in _shorter(digest):
        if len(_packed(_card(body, digest.url))) <= MOST_BYTES:
            return _packed(_card(body, digest.url)).decode()
    return _packed(_card(body[:1], digest.url)).decode()


def _shorter(digest: Digest) -> Iterator[list[dict[str, Any]]]:
    """The card whole, then with ever fewer listed items, then without the ledger; what to keep in mind stays to the end."""
    yield [
        *_head(digest),
        *_sections(digest.first),
        *_ledger(digest),
        *_sections(digest.below),
        *_doubts(digest),
    ]
    kept = list(digest.sections)
    left_out: list[str] = []
    for place in reversed(range(len(kept))):
        if kept[place].items:
            left_out.insert(0, kept[place].title)
            kept[place] = replace(kept[place], items=())
            told = replace(digest, sections=tuple(kept))
            yield [
                *_head(told), *_sections(told.first), *_ledger(told), *_sections(told.below),
                *_left_out(left_out), *_doubts(told),
            ]  # fmt: skip
    short = replace(digest, sections=tuple(kept))
    yield [*_head(short), *_sections(short.sections), *_left_out([*left_out, "the ledger"]), *_doubts(short)]
    yield [*_head(short), *_left_out(["all that is listed", "the ledger"]), *_doubts(short)]


def _left_out(titles: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What had no room in the card."""
    yield _text(f"Left out here for want of room, in the dashboard: {'; '.join(titles)}.", isSubtle=True)


def notice(subject: str, words: str, url: str) -> str:
    """A card of a headline and a sentence, in JSON."""
    return _packed(_card([_text(subject, weight="Bolder", size="Large"), _text(words)], url)).decode()


def _head(digest: Digest) -> Iterator[dict[str, Any]]:
    if digest.is_demo:
        yield _text("Demo data: a made-up company. Nothing here happened.", weight="Bolder")
    about = (digest.organisation, digest.dates, digest.basis)
    yield _text(" · ".join(part for part in about if part), isSubtle=True)
    yield _text(digest.answer, weight="Bolder", size="Large")
    if digest.more:
        yield _text(digest.more)


def _ledger(digest: Digest) -> Iterator[dict[str, Any]]:
    for row in digest.rows:
        yield {**_text(row.question, weight="Bolder"), "separator": True}
        yield {
            "type": "ColumnSet",
            "columns": [_column("Scores say", row.scores), _column("Conversations show", row.conversations)],
        }


def _sections(sections: Iterable[Section]) -> Iterator[dict[str, Any]]:
    for section in sections:
        yield {**_text(section.title, weight="Bolder"), "separator": True}
        if section.lead:
            yield _text(section.lead)
        yield from (_text(f"• {said(item)}") for item in section.items[:MOST_ITEMS])
        if len(section.items) > MOST_ITEMS:
            yield _text(more(section), isSubtle=True)


def _doubts(digest: Digest) -> Iterator[dict[str, Any]]:
    if digest.caveats:
        yield {**_text("To keep in mind: " + " ".join(digest.caveats), isSubtle=True), "separator": True}


def _column(title: str, cells: tuple[Cell, ...]) -> dict[str, Any]:
    lines = [_text(title, isSubtle=True)]
    for cell in cells:
        change = f" ({cell.change})" if cell.change else ""
        lines.append(_text(f"{cell.value} {cell.title}{change}"))
    return {"type": "Column", "width": "stretch", "items": lines}


def _text(text: str, **style: Any) -> dict[str, Any]:
    shown = as_shown(text)
    shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1].rstrip() + "…"
    # {{DATE(...)}} and the like would be filled in by Teams.
    run = {"type": "TextRun", "text": shown.replace("{{", "{ {"), **style}
    return {"type": "RichTextBlock", "inlines": [run]}


def _card(body: list[dict[str, Any]], url: str) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open this week in the dashboard", "url": url}],
        "msteams": {"width": "Full"},
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _packed(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
