"""The verb review: what people said of the readings, and saying it from the command line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, cast

import polars as pl

from metrics import reading as conversations
from metrics import review_figures, reviews, wording
from metrics.reading import Reading
from metrics.registry import measure
from metrics.reviews import Place, Verdict
from metrics.text.sentences import split
from pipelines import export as files
from pipelines import terminal
from warehouse.errors import HeardError, NoData
from warehouse.ledger import ledger_in, reviewer
from warehouse.settings import Settings, load_settings
from warehouse.store import Store, Version


def review(options: argparse.Namespace) -> int:
    """heard review"""
    settings = load_settings(options.settings)
    store = Store(settings.store_root, options.store)
    if options.export:
        return _export(store, options.export)
    with store.reading() as version:
        if options.action == "mark":
            return _mark(version, settings, options)
        if options.action == "undo":
            return _undo(version, settings, options)
        rows = review_figures.rows(version, settings)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    if not rows:
        raise NoData(
            "Nothing was read from conversations.", fix="heard ingest PATH, with the tickets' messages"
        )
    for line in _table(rows):
        print(line)
    return 0


def _table(rows: list[dict[str, Any]]) -> list[str]:
    header = [
        "figure",
        "as read",
        "95 % interval",
        "corrected",
        "95 % interval",
        "right if flagged",
        "missed if not",
        "reviews",
        "more needed",
    ]
    lines = [header]
    for row in rows:
        lines.append(
            [
                row["column"], wording.say(row["value"], "share"), wording.say_interval(row["low"], row["high"], "share"),
                "not checked" if row["corrected"] is None else wording.say(row["corrected"], "share"),
                "" if row["corrected"] is None else wording.say_interval(row["corrected_low"], row["corrected_high"], "share"),
                _stratum(row, "flagged"), _stratum(row, "unflagged"), f"{row['reviewed']:,}", f"{row['missing']:,}",
            ]
        )  # fmt: skip
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _stratum(row: dict[str, Any], name: str) -> str:
    if row[f"share_{name}"] is None:
        return "none reviewed"
    interval = wording.say_interval(row[f"low_{name}"], row[f"high_{name}"], "share")
    return f"{wording.say(row[f'share_{name}'], 'share')} ({interval})"


def _export(store: Store, path: Path) -> int:
    """Every review, those taken back too, as a file."""
    ledger = ledger_in(store.folder)
    rows = ledger.reviews(with_history=True) if ledger else []
    if not rows:
        raise NoData("Nothing was reviewed yet.", fix="open the page Review, or heard review mark")
    files.write(pl.DataFrame(rows, infer_schema_length=None), path, store=store.name)
    print(f"{path}: {len(rows):,} rows")
    return 0


def _mark(version: Version, settings: Settings, options: argparse.Namespace) -> int:
    """Mark the evidence of a measure in a conversation, or the one sentence that holds the words given."""
    for name in ("ticket", "measure", "verdict"):
        if not getattr(options, name):
            raise HeardError(
                f"heard review mark needs --{name}.",
                fix="heard review mark --ticket 1002 --measure would_recommend --verdict wrong",
            )
    name = measure(options.measure).name
    found = conversations.read(version, options.ticket, options.source)
    places = (
        _missed(found, name, options.words)
        if options.verdict == "missed"
        else _found(found, name, options.words)
    )
    if not places:
        raise NoData(
            f"No such sentence stands in the conversation {options.ticket!r}.",
            fix=f"heard read {options.ticket} shows its evidence; --words takes a part of the sentence",
        )
    act = reviews.mark(version, reviewer(settings), cast(Verdict, options.verdict), places, options.note)
    if options.json:
        print(json.dumps({"act": act, "sentences": len(places)}))
        return 0
    for place in places:
        text = next(turn.text for turn in found.turns if turn.message_id == place.message_id)
        print(terminal.visible(f"{options.verdict}: {' '.join(text[place.start : place.end].split())}"))
    print(f"Take it back with heard review undo --act {act}")
    return 0


def _found(found: Reading, name: str, words: str | None) -> list[Place]:
    """The evidence of a measure, with these words where they are given."""
    return [
        Place(found.source, found.ticket_id, span.message_id, name, span.kind, span.start, span.end)
        for span in (*found.spans, *found.withdrawn)
        if span.measure == name
        and span.kind != "missed"
        and (not words or words.casefold() in span.quote.casefold())
    ]


def _missed(found: Reading, name: str, words: str | None) -> list[Place]:
    """The first sentence that holds these words."""
    if not words:
        raise HeardError("What was missed is named by its words.", fix="--words and a part of the sentence")
    return [
        Place(found.source, found.ticket_id, turn.message_id, name, None, start, end)
        for turn in found.turns
        for start, end in split(turn.text)
        if words.casefold() in turn.text[start:end].casefold()
    ][:1]


def _undo(version: Version, settings: Settings, options: argparse.Namespace) -> int:
    if not options.act:
        raise HeardError(
            "heard review undo needs --act.", fix="heard review --export FILE lists what was said, by act"
        )
    count = reviews.take_back(version, options.act, reviewer(settings))
    if not count:
        raise NoData(
            "Nothing that stands was said in that act.", fix="heard review --export FILE lists every act"
        )
    print(json.dumps({"taken_back": count}) if options.json else f"Taken back: {count:,}")
    return 0
