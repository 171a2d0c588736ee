"""The verb try: what an export would tell, in one web page, and nothing kept."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from pipelines.terminal import visible
from pipelines.verbs_loading import Bar, load
from warehouse.errors import BadInput
from warehouse.settings import PROJECT, load_settings
from warehouse.store import Store

SAMPLE = PROJECT / "data" / "sample"


def try_files(options: argparse.Namespace) -> int:
    """heard try"""
    from pipelines.trial import report

    settings = load_settings(options.settings)
    out: Path = options.out
    _check(out, options.paths)
    # Nothing of it is kept: no mapping under a name, nothing heard before that could be heard again.
    options.mapping, options.rescore = None, False
    is_demo = all(path.resolve().is_relative_to(SAMPLE) for path in options.paths)
    print("Reading into a temporary folder; nothing is kept and nothing is sent.", flush=True)
    with _ends_cleanly(), TemporaryDirectory(prefix="heard-try-") as scratch:
        store = Store(Path(scratch), "try")
        with Bar() as bar:
            summary = load(settings, store, options, bar)
            html = report(store, settings, summary, options.paths, is_demo=is_demo, tell=bar)
    fresh = out.with_name(f".{out.name}.part")
    fresh.write_text(html, encoding="utf-8")
    fresh.replace(out)
    for file in summary.files:
        refused = f", {file.count_refused:,} refused" if file.count_refused else ""
        print(visible(f"{file.file}: {file.count_read:,} rows read{refused}"))
    print(f"{out}: the report, one file to open in a browser and to forward.")
    return 0


def _check(out: Path, paths: list[Path]) -> None:
    """Refuse before anything is read what would fail, or be lost, after minutes of reading."""
    if out.is_dir() or not out.parent.is_dir():
        what = "is a folder" if out.is_dir() else "is in a folder that is not there"
        raise BadInput(f"The report can not be written: {out} {what}.", fix="--out heard-report.html")
    for path in paths:
        if path.exists() and out.exists() and path.samefile(out):
            raise BadInput(f"The report would be written over {path}.", fix="--out heard-report.html")


@contextmanager
def _ends_cleanly() -> Iterator[None]:
    """Whoever ends the run politely, not only Ctrl+C, leaves no temporary folder behind."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
