"""heard lexicon: the cues that signals listen for, and what a new one would hit."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from metrics import wording
from metrics.text import lexicons
from metrics.text.cues import Cue
from metrics.text.lexicons import Changes
from pipelines.lexicon import Said, Tried, cue_of, spelled, tried
from pipelines.terminal import visible
from warehouse.errors import HeardError
from warehouse.settings import load_settings
from warehouse.store import Store


def lexicon(options: argparse.Namespace) -> int:
    """heard lexicon"""
    settings = load_settings(options.settings)
    changes = lexicons.changes_of(settings)
    if options.what == "list":
        return _list(changes, as_json=options.json)
    if not options.text:
        example = "show NAME" if options.what == "show" else 'try "still not working"'
        raise HeardError(
            f"heard lexicon {options.what} needs one thing more.", fix=f"heard lexicon {example}"
        )
    if options.what == "show":
        return _show(options.text, changes, as_json=options.json)
    cue = cue_of(
        options.text, is_pattern=options.pattern, lexicon=options.lexicon or "", kind=options.kind or "", speaker=options.speaker
    )  # fmt: skip
    store = Store(settings.store_root, options.store)
    with store.reading() as version:
        found = tried(version, cue, shown=options.sample)
    if options.json:
        print(json.dumps({**found.as_json(), "store": store.name}, ensure_ascii=False, indent=1))
        return 0
    if store.name == "demo":
        print("Demo data: a fictional company.")
    for line in _lines(found):
        print(line)
    return 0


def _list(changes: Changes, *, as_json: bool) -> int:
    if as_json:
        rows = [{"lexicon": name, "kinds": _kinds(name, changes)} for name in lexicons.lexicon_names()]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for name in lexicons.lexicon_names():
        print(f"{name}: {len(lexicons.cues_in_force((name,), changes)):,} cues")
        for row in _kinds(name, changes):
            changed = [f"{row['count_own']:,} of your own"] if row["count_own"] else []
            changed += [f"{row['count_off']:,} switched off"] if row["count_off"] else []
            behind = f" ({', '.join(changed)})" if changed else ""
            print(f"    {row['kind']}: {row['count']:,}{behind}")
    return 0


def _kinds(name: str, changes: Changes) -> list[dict[str, Any]]:
    """How many cues each kind of a lexicon has, how many of these are your own, and how many are switched off."""
    counts = Counter(cue.kind for cue in lexicons.cues_in_force((name,), changes))
    own = Counter(cue.kind for cue in changes.added if cue.lexicon == name)
    off = Counter(kind for of, kind, _ in changes.without if of == name)
    return [
        {"kind": kind, "count": counts[kind], "count_own": own[kind], "count_off": off[kind]}
        for kind in lexicons.kinds_of(name)
    ]


def _show(name: str, changes: Changes, *, as_json: bool) -> int:
    shipped, cues = lexicons.shipped(name), lexicons.cues_in_force((name,), changes)
    off = [cue for cue in shipped if (cue.lexicon, cue.kind, cue.name) in changes.without]
    rows = [(cue, "your own" if cue in changes.added else "") for cue in cues] + [
        (cue, "switched off") for cue in off
    ]
    if as_json:
        print(
            json.dumps(
                [{**asdict(cue), "changed": changed} for cue, changed in rows], ensure_ascii=False, indent=1
            )
        )
        return 0
    for kind in lexicons.kinds_of(name):
        print(kind)
        for cue, changed in rows:
            if cue.kind == kind:
                print(visible("    " + _line(cue, changed)))
    return 0


def _line(cue: Cue, changed: str) -> str:
    said = cue.name if cue.learnt else f'"{cue.name}"' if cue.is_phrase else f"/{cue.name}/"
    speaker = "" if cue.speaker == "both" else f", {cue.speaker}"
    return f"{said} {cue.weight:g}{speaker}: {cue.note}{f' ({changed})' if changed else ''}"


def _lines(found: Tried) -> Iterator[str]:
    """What was found, as it is read on a terminal."""
    share = (
        ""
        if found.share is None
        else f" ({wording.say(found.share, 'share')} of the {found.count_readable:,} that can be read)"
    )
    conversations = "conversation" if found.count_conversations == 1 else "conversations"
    yield f"Hits {found.count_messages:,} messages in {found.count_conversations:,} {conversations}{share}."
    if not found.count_messages:
        return
    of = (
        ""
        if found.count_cut == found.count_messages
        else f" in {found.count_cut:,} of these messages, chosen at random"
    )
    yield (
        f"{found.count_sentences:,} sentences{of}; {found.count_passed_over:,} of them denied, a question, quoted or on a"
        " condition, which a signal may pass over."
    )
    for one in found.already:
        yield f"Already evidence of {one.title} ({one.measure}): {one.count_sentences:,} of these sentences."
    if not found.already:
        yield "No signal has evidence in these sentences yet."
    opening, closing = ("\033[1;4m", "\033[0m") if sys.stdout.isatty() else ("[[", "]]")
    for said in found.said:
        yield f"  {said.ticket_id}: {_marked(said, opening, closing)}"
    yield "To adopt it, write into heard.toml and load again (heard ingest --rescore):"
    yield spelled(found.cue)


def _marked(said: Said, opening: str, closing: str) -> str:
    parts = (said.text[: said.start], said.text[said.start : said.end], said.text[said.end :])
    before, hit, after = (visible(" ".join(part.split())) for part in parts)
    marks = f" ({', '.join(said.marks)})" if said.marks else ""
    gap = " " if said.text[said.start - 1 : said.start].isspace() else ""
    behind = " " if said.text[said.end : said.end + 1].isspace() else ""
    return f"{before}{gap}{opening}{hit}{closing}{behind}{after}{marks}"
