"""Every page of the dashboard at a million tickets: its first run, with new filters, and with the same ones again.

`python -m benchmarks.speed_pages [--tickets 1000000] [--store FOLDER] [--only teams silent]` prints a row a page: milliseconds on
the clock and, after the stroke, of processor time, and how much longer new filters take than an empty Streamlit app's rerun.
The store is the demo's, repeated (benchmarks/repeated_store.py); with --store it is kept, and used again. New filters are periods
that hold nearly every ticket: a narrower one reads less.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from streamlit.testing.v1 import AppTest

from benchmarks import repeated_store
from warehouse.settings import PROJECT
from warehouse.store import Store

# A page's name, its file, and what its address asks for.
PAGES: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("home", "form_and_function", {}),
    ("teams", "teams", {}),
    ("teams, medians", "teams", {"score": "Resolution time"}),
    ("teams, by hour", "teams", {"group": "Hour of arrival"}),
    ("teams, by tag", "teams", {"group": "Tag"}),
    ("customers", "customers", {}),
    ("ideas", "ideas", {}),
    ("money", "money", {}),
    ("conversations", "conversations", {}),
    ("looks fine", "looks_fine", {}),
    ("do scores tell", "predict", {}),
    ("trust", "trust", {}),
    ("silent", "silent", {}),
    ("to do", "to_do", {}),
    ("over time", "weeks", {}),
    ("scores", "scores", {}),
    ("review", "review", {}),
)
NEW: Final = 3  # runs with filters that were not chosen before
TIMEOUT: Final = 600


@dataclass(frozen=True)
class Took:
    """Milliseconds of one run, on the clock and of the processor."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:,.0f} / {self.processor:,.0f}"


@dataclass(frozen=True)
class Row:
    """A page's runs, and what new filters take beyond an empty app."""

    page: str
    first: Took
    new: Took
    same: Took
    beyond: Took


def rows(root: Path, only: Sequence[str] = ()) -> Iterator[Row]:
    """A row for each page over the store `demo` below this folder, as it is measured."""
    os.environ |= {"HEARD_STORE": str(root), "HEARD_STORE_NAME": "demo"}
    with Store(root, "demo").reading() as version:
        first, last = version.query("SELECT min(ended_on), max(ended_on) FROM ticket_facts").row(0)
    empty = _empty()
    for page, file, query in PAGES:
        if not only or page in only or file in only:
            yield _row(page, file, query, (first, last), empty)


def _row(page: str, file: str, query: dict[str, str], days: tuple[date, date], empty: Took) -> Row:
    app = AppTest.from_file(str(PROJECT / "dashboard" / "pages" / f"{file}.py"), default_timeout=TIMEOUT)
    for name, value in query.items():
        app.query_params[name] = value
    first = _run(app, page)
    new = []
    for number in range(NEW):
        app.session_state["from"], app.session_state["to"] = days[0] + timedelta(number), days[1]
        new.append(_run(app, page))
    again = _middle([_run(app, page) for _ in range(NEW)])
    fresh = _middle(new)
    return Row(page, first, fresh, again, Took(fresh.wall - empty.wall, fresh.processor - empty.processor))


def _empty() -> Took:
    def script() -> None:
        import streamlit as st

        st.write("Nothing.")

    app = AppTest.from_function(script, default_timeout=TIMEOUT)
    _run(app, "empty")
    return _middle([_run(app, "empty") for _ in range(2 * NEW + 1)])


def _run(app: AppTest, page: str) -> Took:
    """One run; a page that fails would be fast, and is refused."""
    clock, processor = time.perf_counter(), time.process_time()
    app.run()
    took = Took(1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor))
    if app.exception:
        raise RuntimeError(f"{page}: {app.exception[0].message}")
    return took


def _middle(runs: Sequence[Took]) -> Took:
    return Took(median(one.wall for one in runs), median(one.processor for one in runs))


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--tickets", type=int, default=1_000_000)
    options.add_argument("--store", type=Path, help="where the store is made, and found again")
    options.add_argument("--source", type=Path, help="a folder with a store demo to repeat")
    options.add_argument("--only", nargs="*", default=[], help="these pages alone, by name or file")
    given = options.parse_args()
    logging.disable(logging.WARNING)  # a run without a browser warns that it has none
    with tempfile.TemporaryDirectory(prefix="heard-bench-") as name:
        root = given.store or Path(name) / "store"
        if Store(root, "demo").current() is None:
            repeated_store.make(root, given.tickets, given.source)
        print(f"{'page':<18}{'first':>18}{'new filters':>18}{'same filters':>18}{'beyond empty':>18}")
        for row in rows(root, given.only):
            cells = "".join(f"{one!s:>18}" for one in (row.first, row.new, row.same, row.beyond))
            print(f"{row.page:<18}{cells}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
