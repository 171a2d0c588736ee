"""Killed at random moments and started again: are the facts those of a run that was left alone?

`python -m benchmarks.kill [--tickets 5000] [--kills 10] [--seed 1]`, or `--export FOLDER` for an export of your own.
Exit code 1 where a table differs.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.sample import generate
from warehouse.settings import PROJECT
from warehouse.store import Store

Prints = dict[str, tuple[int, str]]  # table -> rows, sum of the hashes of its rows, in whatever order

TRIES = 3  # for each kill: a run may be over before its moment comes
# What says when a run was, and so is never the same twice.
_OF_THE_RUN = frozenset({"loads"})


@dataclass(frozen=True)
class Outcome:
    """What came of it: when each run was killed (seconds after its start), and the tables that differ."""

    killed_after: tuple[float, ...]
    count_ended_before: int  # runs that were done before their moment came
    different: tuple[str, ...]
    tables: Prints


def compare(export: Path, folder: Path, *, kills: int, seed: int, is_large: bool = False) -> Outcome:
    """Ingest once undisturbed, and once killed again and again; compare every table of the two stores.

    The moments are drawn from the length of the undisturbed run. After each kill the store must serve what it served
    before: nothing, or the whole. Raises RuntimeError where a run fails of itself.
    """
    alone, hunted = folder / "alone", folder / "hunted"
    started = time.perf_counter()
    _finish(start(export, alone, is_large=is_large))
    length = time.perf_counter() - started
    expected = prints(alone)
    moments = random.Random(seed)
    killed: list[float] = []
    tries = 0
    while len(killed) < kills and tries < TRIES * kills:
        tries += 1
        moment = moments.uniform(0.05, 0.95) * length
        started = time.perf_counter()
        if _killed(start(export, hunted, is_large=is_large), moment):
            killed.append(round(moment, 2))
        else:  # it was quicker than the run that was left alone: draw from its own length
            length = min(length, time.perf_counter() - started)
            shutil.rmtree(hunted, ignore_errors=True)
        served = prints(hunted)
        if served and different(expected, served):
            raise RuntimeError(f"after a kill the store serves something else: {different(expected, served)}")
    _finish(start(export, hunted, is_large=is_large))
    found = prints(hunted)
    return Outcome(tuple(killed), tries - len(killed), different(expected, found), found)


def prints(root: Path) -> Prints:
    """The rows of every table of the live version and a sum over them; empty before the first publication."""
    store = Store(root)
    if store.current() is None:
        return {}
    with store.reading() as version:
        names = version.query(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY 1"
        )["table_name"]
        return {
            name: _print(version.query(_SUM.format(name=name)).row(0))
            for name in names
            if name not in _OF_THE_RUN
        }


_SUM = 'SELECT count(*), coalesce(sum(hash(one)::HUGEINT), 0)::VARCHAR FROM "{name}" AS one'


def _print(row: tuple[object, ...]) -> tuple[int, str]:
    return int(str(row[0])), str(row[1])


def different(expected: Prints, found: Prints) -> tuple[str, ...]:
    """The tables that are not the same in both."""
    return tuple(
        name for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)
    )


def start(export: Path, root: Path, *, is_large: bool = False) -> subprocess.Popen[bytes]:
    """`heard ingest` in a group of its own, with all processes that it starts.

    With `is_large` it hears in other processes, as it does with a large export.
    """
    return subprocess.Popen(
        [sys.executable, "-c", (_AS_IF_LARGE if is_large else "") + _RUN, "ingest", str(export)],
        cwd=PROJECT, env={**os.environ, "HEARD_STORE": str(root)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


_RUN = "import sys; from pipelines.cli import main; sys.exit(main())"
_AS_IF_LARGE = "from pipelines import score; score.ALONE = 0;"


def _finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors.decode(errors="replace"))


def _killed(process: subprocess.Popen[bytes], moment: float) -> bool:
    """Kill the whole group at that moment; false where the run had ended by itself."""
    try:
        process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    if process.returncode:
        raise RuntimeError("a run failed after another had been killed")
    return False


def _told(outcome: Outcome) -> Iterator[str]:
    yield f"killed after {', '.join(f'{moment:.1f}' for moment in outcome.killed_after)} s"
    if outcome.count_ended_before:
        yield f"{outcome.count_ended_before} runs had ended before their moment came"
    for name, (rows, _) in outcome.tables.items():
        yield f"{'DIFFERENT' if name in outcome.different else 'the same':9}  {name} ({rows:,} rows)"


def main() -> int:
    """Print what came of it; 1 where any table differs."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--tickets", type=int, default=5_000)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--export", type=Path, help="a folder or file in place of a made-up export")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="heard-kill-") as name:
        export = given.export or Path(name) / "export"
        if given.export is None:
            generate(export, tickets=given.tickets)
        outcome = compare(export.resolve(), Path(name), kills=given.kills, seed=given.seed)
    for line in _told(outcome):
        print(line)
    return 1 if outcome.different else 0


if __name__ == "__main__":
    sys.exit(main())
