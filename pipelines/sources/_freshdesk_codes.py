"""Freshdesk's numbers in words: status, priority, channel, and what a ticket's own fields say about the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources import _columns
from pipelines.sources._values import listing, mapping, words
from pipelines.sources.source import NAMES, Options, Row

STATUSES = {"2": "open", "3": "pending", "4": "solved", "5": "closed"}
PRIORITIES = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
CHANNELS = {
    "1": "email",
    "2": "portal",
    "3": "phone",
    "5": "twitter",
    "6": "facebook",
    "7": "chat",
    "9": "feedback_widget",
    "10": "outbound_email",
    "13": "whatsapp",
}
STATUS_NAME = "freshdesk_status"  # names: the label of a status code, from the ticket fields
STATUS_CLOCK = "freshdesk_clock"  # whether a status stops the SLA clock: yes, no
CHANNEL_NAME = "freshdesk_source"
# The labels of Freshdesk's own statuses, which its tables hold in place of the codes.
LABELS = {
    "open": "open",
    "pending": "pending",
    "resolved": "solved",
    "closed": "closed",
    "waiting_on_customer": "pending",
    "waiting_on_third_party": "hold",
}


def status(code: Any, options: Options) -> tuple[str | None, str | None]:
    """Our status and the word that stood there. A status made by the team counts by its own settings, never by guess.

    One that stops the SLA clock is pending, one that does not is open; where neither is known it is null.
    """
    text = words(code)
    if text is None:
        return None, None
    label = options.known.get((STATUS_NAME, text))
    if text in STATUSES:
        return STATUSES[text], label or text
    ours = LABELS.get(_columns.plain(label or ""))
    stops = options.known.get((STATUS_CLOCK, text))
    return ours or {"yes": "pending", "no": "open"}.get(stops or ""), label or text


def channel(code: Any, options: Options) -> str | None:
    """The channel in words; a code that nothing explains stands as `source 12`."""
    text = words(code)
    if text is None:
        return None
    label = options.known.get((CHANNEL_NAME, text))
    return CHANNELS.get(text) or (_columns.plain(label) if label else f"source {text}")


def ticket_field(record: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """The labels of statuses and sources, from the fields of those types; other fields say nothing here."""
    kind = record.get("type")
    choices = record.get("choices")
    if kind == "default_source":
        for label, code in mapping(choices).items():
            yield NAMES, {"kind": CHANNEL_NAME, "id": str(code), "name": label}
    if kind != "default_status":
        return
    for code, labels in mapping(choices).items():
        label = listing(labels)[0] if listing(labels) else labels
        if isinstance(label, str):
            yield NAMES, {"kind": STATUS_NAME, "id": str(code), "name": label}
    for one in (*listing(choices), *listing(record.get("ticket_statuses"))):
        choice = mapping(one)
        number = words(choice.get("id")) or words(choice.get("status_id"))
        name = words(choice.get("label")) or words(choice.get("value")) or words(choice.get("name"))
        if number and name:
            yield NAMES, {"kind": STATUS_NAME, "id": number, "name": name}
        if number and isinstance(stops := choice.get("stop_sla_timer"), bool):
            yield NAMES, {"kind": STATUS_CLOCK, "id": number, "name": "yes" if stops else "no"}
