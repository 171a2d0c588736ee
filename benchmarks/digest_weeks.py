"""Every week of a store: each digest's numbers beside `heard measure` for that week, and its headline beside plain SQL.

    python -m benchmarks.digest_weeks [--root STORE_ROOT] [--store NAME]
    python -m benchmarks.digest_weeks --year [--tickets 6000]

With --year a made-up sample of 58 weeks to 17 January 2027 is loaded for it: a week 53, both changes of the clock, and a
new year. Prints what differs (nothing should) and how long a digest took.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from metrics import periods, registry, wording
from metrics.totals import Scope
from pipelines import cli
from pipelines.digest.build import build
from pipelines.digest.content import Digest, Key, Quote
from pipelines.digest.stands_on import first_and_last_day
from pipelines.ingest import ingest
from pipelines.sample import generate
from warehouse.settings import Organisation, Settings, load_settings
from warehouse.store import Store, Version

_HEADLINE = """
SELECT count(*) FILTER (is_satisfied AND left_worse IS NOT NULL) AS both, count_if(is_satisfied AND left_worse) AS lost,
    count(left_worse) AS followed, count_if(left_worse) AS worse
FROM ticket_facts WHERE ended_on BETWEEN ? AND ?
"""


def weeks(version: Version) -> list[str]:
    """The ISO weeks of the data."""
    first, last = first_and_last_day(version)
    assert first is not None and last is not None
    days = range((last - first).days + 7)
    found = dict.fromkeys(periods.week_of(first + timedelta(days=number)) for number in days)
    return [week for week in found if periods.week_days(week)[0] <= last]


def differences(version: Version, week: str, settings: Settings) -> list[str]:
    """What a digest says that is not so: its figures, the counts in its titles, the headline."""
    digest = build(version, week, settings)
    monday, sunday = periods.week_days(week)
    scope = Scope(monday, sunday)
    return [
        *_numbers(version, digest, scope),
        *_headline(version, digest, scope, settings.display.too_few),
        *_titles(digest),
    ]


def _numbers(version: Version, digest: Digest, scope: Scope) -> list[str]:
    """Every figure beside what the command `heard measure` prints of that week."""
    cells = [cell for row in digest.rows for cell in (*row.scores, *row.conversations) if cell.number]
    numbers = [cell.number for cell in cells if cell.number]
    known = _measured(version, [one.column for one in numbers], scope) if numbers else {}
    wrong = []
    for cell, one in zip(cells, numbers, strict=True):
        row = known[one.column]
        unit = registry.find(one.column)[1].unit
        same = [(one.value, row["value"]), (one.n, row["n"]), (one.low, row["low"]), (one.high, row["high"])]
        if any(ours != theirs for ours, theirs in same) or cell.value != wording.say(row["value"], unit):
            wrong.append(f"{digest.week} {one.column}: {same}")
    return wrong


def _measured(version: Version, columns: list[str], scope: Scope) -> dict[str, dict[str, Any]]:
    """What `heard measure` prints, by column."""
    assert version.folder is not None
    days = ["--from", str(scope.date_from), "--to", str(scope.date_to)]
    command = ["measure", *columns, *days, "--format", "json", "--store", version.folder.name]
    printed = io.StringIO()
    before = os.environ.get("HEARD_STORE")
    os.environ["HEARD_STORE"] = str(version.folder.parent)
    try:
        with redirect_stdout(printed):
            code = cli.main(command)
    finally:
        os.environ.pop("HEARD_STORE")
        if before is not None:
            os.environ["HEARD_STORE"] = before
    assert code == 0, printed.getvalue()
    return {row["column"]: row for row in json.loads(printed.getvalue())}


def _headline(version: Version, digest: Digest, scope: Scope, too_few: int) -> list[str]:
    """The share of the headline is counted again from the facts."""
    row = version.query(_HEADLINE, [scope.date_from, scope.date_to]).row(0, named=True)
    if row["both"] >= too_few:
        lost, of = row["lost"], row["both"]
    elif row["followed"] >= too_few:
        lost, of = row["worse"], row["followed"]
    else:
        return [] if "too few" in digest.answer or "not measured" in digest.answer or "no conversations" in digest.answer else [digest.answer]  # fmt: skip
    counted = re.search(r"That is ([\d,]+) of (?:the )?([\d,]+)", digest.more)
    said = tuple(int(part.replace(",", "")) for part in counted.groups()) if counted else None
    is_said = wording.say(lost / of, "share") in digest.answer
    return [] if said == (lost, of) and is_said else [f"{digest.week}: {digest.answer} {digest.more} ({lost} of {of})"]  # fmt: skip


def _titles(digest: Digest) -> list[str]:
    """Titles that count what stands below them."""
    wrong = []
    moved = digest.section("moved")
    for way in ("better", "worse"):
        told = re.search(rf"([\d,]+) became {way}", moved.title, re.IGNORECASE) if moved else None
        listed = [item for item in moved.items if item.why.lower().startswith(way)] if moved else []
        if (int(told[1]) if told else 0) != len(listed):
            wrong.append(f"{digest.week}: {moved.title if moved else ''} over {len(listed)} {way}")
    keys: tuple[Key, ...] = ("looks_fine", "saves")
    for key in keys:
        found = digest.section(key)
        if found and sum(isinstance(item, Quote) for item in found.items) > _first_number(found.title):
            wrong.append(f"{digest.week}: {found.title} over {len(found.items)}")
    return wrong


def _first_number(text: str) -> int:
    found = re.match(r"[\d,]+", text)
    return int(found[0].replace(",", "")) if found else 1


def year(folder: Path, settings: Settings, *, tickets: int) -> Store:
    """A store of a made-up sample that goes over a year's end, two changes of the clock and a week 53."""
    generate(folder / "export", tickets=tickets, weeks=58, ends_on=date(2027, 1, 17))
    store = Store(folder / "store", "year")
    ingest([folder / "export"], store=store, settings=settings)
    return store


def checked(store: Store, settings: Settings) -> list[str]:
    """What differs in any week of a store; prints how many weeks there are and what a digest took."""
    wrong: list[str] = []
    with store.reading() as version:
        found = weeks(version)
        began = time.perf_counter()
        for week in found:
            wrong += differences(version, week, settings)
        took = (time.perf_counter() - began) / len(found)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(
        f"{len(found)} weeks ({found[0]} to {found[-1]}), {len(wrong)} differences, {took:.2f} s a digest with its check"
    )
    return wrong


def main(arguments: list[str]) -> int:
    """Check every week of a store. Exit code 1 where something differs."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--root", type=Path, help="the folder of the stores; as settings say without it")
    options.add_argument("--store", default="demo")
    options.add_argument("--year", action="store_true", help="a sample of more than a year, made for it")
    options.add_argument("--tickets", type=int, default=6_000)
    given = options.parse_args(arguments)
    settings = load_settings()
    if not given.year:
        return 1 if checked(Store(given.root or settings.store_root, given.store), settings) else 0
    zoned = Settings(organisation=Organisation(zone="Europe/London"))  # whose clocks change
    with tempfile.TemporaryDirectory(prefix="heard-year-") as name:
        return 1 if checked(year(Path(name), zoned, tickets=given.tickets), zoned) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
