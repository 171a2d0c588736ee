"""A digest as an adaptive card in a Teams channel, by a Workflows webhook. What data hold stands in text runs only.

A text run knows no Markdown, unlike a text block: what a customer wrote stays what it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from pipelines.digest.content import Cell, Digest
from pipelines.digest.shown import as_shown
from pipelines.digest.ways import webhook
from pipelines.digest.ways.parcel import HandOver, Parcel
from pipelines.digest.ways.slack import MOST_ITEMS, said

MOST_BYTES: Final = 26_000  # Teams refuses a message above 28 KB
_LONGEST: Final = 1_000


def send(parcel: Parcel, hand_over: HandOver) -> None:
    """Post the stored card. Raises Later, Refused or Unknown."""
    message = json.loads(parcel.content.chat["teams"])
    if parcel.is_test:
        message["attachments"][0]["content"]["body"].insert(0, _text("This is a test.", isSubtle=True))
    webhook.post(parcel.recipient.to, _packed(message), hand_over, timeout=parcel.mail.timeout_seconds)


def payload(digest: Digest) -> str:
    """The digest as an adaptive card, in JSON; what would make it too long for Teams is left to the dashboard."""
    body = list(_body(digest))
    while len(_packed(_card(body, digest.url))) > MOST_BYTES and len(body) > 1:
        body.pop()
    return _packed(_card(body, digest.url)).decode()


def notice(subject: str, words: str, url: str) -> str:
    """A card of a headline and a sentence, in JSON."""
    return _packed(_card([_text(subject, weight="Bolder", size="Large"), _text(words)], url)).decode()


def _body(digest: Digest) -> Iterator[dict[str, Any]]:
    if digest.is_demo:
        yield _text("Demo data: a made-up company. Nothing here happened.", weight="Bolder")
    about = (digest.organisation, digest.dates, digest.basis)
    yield _text(" · ".join(part for part in about if part), isSubtle=True)
    yield _text(digest.answer, weight="Bolder", size="Large")
    if digest.more:
        yield _text(digest.more)
    for row in digest.rows:
        yield {**_text(row.question, weight="Bolder"), "separator": True}
        yield {
            "type": "ColumnSet",
            "columns": [_column("Scores say", row.scores), _column("Conversations show", row.conversations)],
        }
    for section in digest.sections:
        yield {**_text(section.title, weight="Bolder"), "separator": True}
        if section.lead:
            yield _text(section.lead)
        yield from (_text(f"• {said(item)}") for item in section.items[:MOST_ITEMS])
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
