"""The verbs that bring data in and take it back: ingest, look and rollback, for people and, with --json, for the dashboard's Data page."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tqdm import tqdm

from pipelines import guides
from pipelines.look import FileLook, Look
from pipelines.look import look as look_into
from pipelines.summary import Summary
from warehouse.errors import HeardError
from warehouse.settings import Settings, load_settings
from warehouse.store import Store

SECONDS_BETWEEN_LINES = 0.2


def pairs(given: list[str], option: str) -> dict[str, str]:
    """`name=value` texts as a mapping. Raises HeardError on a text that is none."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise HeardError(f"{option} {text!r} is not a pair.", fix=f"{option} name=value")
        found[name] = value
    return found


def ingest(options: argparse.Namespace) -> int:
    """heard ingest"""
    settings = load_settings(options.settings)
    store = Store(settings.store_root, options.store)
    if options.json:
        return as_json(lambda: _summed_up(load(settings, store, options, _Lines())))
    with Bar() as bar:
        summary = load(settings, store, options, bar)
    for line in summary.lines():
        print(line)
    return 0


def _summed_up(summary: Summary) -> dict[str, Any]:
    """The summary with its lines; of the refused rows only how many, the rest is in the store."""
    files = [
        {"file": file.file, "count_read": file.count_read, "count_merged": file.count_merged,
         "count_left_out": file.count_left_out, "count_refused": file.count_refused}
        for file in summary.files
    ]  # fmt: skip
    return {"published": summary.published, "files": files, "lines": summary.lines()}


def load(
    settings: Settings, store: Store, options: argparse.Namespace, progress: Callable[[str, int, int], None]
) -> Summary:
    """Ingest as the options say."""
    from pipelines.ingest import ingest as load_files

    return load_files(
        options.paths,
        store=store,
        settings=settings,
        mapping=pairs(options.map, "--map") or None,
        mapping_name=options.mapping,
        date_format=options.dates,
        source_name=options.source,
        as_of=_instant(options.as_of),
        rescore=options.rescore,
        progress=progress,
    )


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise HeardError(f"{text!r} is not an instant.", fix="--as-of 2026-11-15T00:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def look(options: argparse.Namespace) -> int:
    """heard look"""
    settings = load_settings(options.settings)
    store = Store(settings.store_root, options.store)

    def found() -> Look:
        return look_into(
            options.paths,
            store=store,
            settings=settings,
            mapping=pairs(options.map, "--map") or None,
            date_format=options.dates,
            source_name=options.source,
        )

    if options.json:
        return as_json(lambda: found().as_json())
    one = found()
    for file in one.files:
        _print_file(file)
    for name, rows in one.rows.items():
        print(f"{name}, the first {len(rows)}:")
        for row in rows[:3]:
            print("  " + json.dumps(row, ensure_ascii=False, default=str))
    print(f"Available from these files: {', '.join(one.available) or 'nothing yet'}")
    for lacking in one.unavailable:
        print(f"Not available: {', '.join(lacking.measures)}. {lacking.unlock}".rstrip())
    return 0


def guide(options: argparse.Namespace) -> int:
    """heard guide"""
    for source in guides.of_system(options.system):
        for line in guides.lines(source):
            print(line)
    return 0


def sources(options: argparse.Namespace) -> int:
    """heard sources"""
    if options.json:
        return as_json(lambda: {"sources": guides.as_json()})
    for source in guides.as_json():
        print(f"{source['title']} (heard guide {source['system']})")
        print(f"  {source['about']}")
        print(f"  Measurable: {', '.join(source['measures']) or 'what the columns tell'}")
    return 0


def rollback(options: argparse.Namespace) -> int:
    """heard rollback"""
    store = Store(load_settings(options.settings).store_root, options.store)
    if options.json:
        return as_json(lambda: {"version": store.rollback()})
    print(f"The store {store.name!r} now serves {store.rollback()}.")
    return 0


def _print_file(file: FileLook) -> None:
    print(f"{file.file}: {', '.join(file.sources) or 'not recognised'}")
    if file.problem:
        print("  " + file.problem.replace("\n", "\n  ") + (f"\n  Fix: {file.fix}" if file.fix else ""))
        return
    print(f"  {file.count_read:,} rows understood, {file.count_refused:,} refused, of its first records")
    for canonical, column in (file.mapping or {}).items():
        print(f"  {canonical} = {column}")
    for _, line, reason, _ in file.refused[:3]:
        print(f"  refused: line {line}: {reason}")
    for note in file.notes:
        print(f"  {note}")


def as_json(work: Callable[[], dict[str, Any]]) -> int:
    """Print what the work gives as a last line {"done": ...}, or {"error": ...} with exit code 1."""
    try:
        _say({"done": work()})
    except HeardError as error:
        _say({"error": {"what": error.what, "fix": error.fix}})
        return 1
    return 0


def _say(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


class _Lines:
    """Progress as a JSON line on standard output, a few a second."""

    def __init__(self) -> None:
        self._last, self._stage = 0.0, ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or done == total or now - self._last >= SECONDS_BETWEEN_LINES:
            self._last, self._stage = now, stage
            _say({"stage": stage, "done": done, "total": total})


class Bar:
    """A progress bar on the terminal: one for each stage, by name."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._close()
            self._stage = stage
            self._bar = tqdm(  # disable=None: no bar where standard error is not a terminal
                total=total or None, desc=stage, unit="", file=sys.stderr, leave=False, disable=None
            )
        if self._bar is not None:
            self._bar.total = total or None
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
