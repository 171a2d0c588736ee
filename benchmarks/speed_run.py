"""The whole run, export file to published store, against DuckDB merely loading that file into a table.

`python -m benchmarks.speed_run [--tickets 1000000] [--export FOLDER]` prints these rows alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pipelines.sample import generate
from warehouse.settings import PROJECT
from warehouse.store import connect

Row = dict[str, Any]

_LOAD = """
CREATE OR REPLACE TABLE loaded AS SELECT * FROM read_json($files, format = 'newline_delimited', maximum_object_size = 67108864,
columns = {id: 'BIGINT', subject: 'VARCHAR', status: 'VARCHAR', created_at: 'VARCHAR', updated_at: 'VARCHAR',
requester_id: 'BIGINT', group_id: 'BIGINT', via: 'JSON', tags: 'VARCHAR[]', satisfaction_rating: 'JSON',
comments: 'STRUCT(id BIGINT, author_id BIGINT, public BOOLEAN, body VARCHAR, created_at VARCHAR)[]'})
"""


@dataclass(frozen=True)
class _Run:
    seconds: float
    cpu_seconds: float  # of all its processes
    peak_bytes: int


def run_rows(tickets: int, made: Path | None = None) -> list[Row]:
    """Four rows: the run, the same export again, one ticket in a hundred changed, and the memory of all processes.

    `made` is a folder that holds such an export already.
    """
    with tempfile.TemporaryDirectory(prefix="heard-bench-") as name:
        folder = Path(name)
        export = made or folder / "export"
        if made is None:
            generate(export, tickets=tickets)
        files = sorted(str(path) for path in export.glob("tickets*.ndjson.gz"))
        load = _timed_load(folder, files)
        first = _heard(folder, "ingest", str(export))
        read_seconds = _timed_read(export)
        again = _heard(folder, "ingest", str(export))
        changed = _change(export, folder / "changed")
        partly = _heard(folder, "ingest", str(changed))
    about = f"{tickets:,} sample tickets"
    return [
        _row("whole run, export file to published store", first, load, "DuckDB loading the file", about),
        _row("re-run on the unchanged export", again, read_seconds, "reading the export", about),
        _row("re-run with 1 % of the tickets changed", partly, read_seconds, "reading the export", about),
        {
            "what": "memory of all processes at the peak",
            "value": round(first.peak_bytes / 2**20),
            "unit": "MB",
            "about": about,
        },
    ]


def _row(what: str, run: _Run, baseline: float, baseline_is: str, about: str) -> Row:
    return {
        "what": what,
        "value": round(run.seconds / baseline, 2),
        "unit": f"x {baseline_is}",
        "seconds": round(run.seconds, 2),
        "cpu_seconds": round(run.cpu_seconds, 2),
        "baseline_seconds": round(baseline, 2),
        "about": about,
    }


def _timed_load(folder: Path, files: Sequence[str]) -> float:
    connection = connect(folder / "loaded.duckdb")
    started = time.perf_counter()
    connection.execute(_LOAD, {"files": list(files)})
    connection.close()
    return time.perf_counter() - started


def _timed_read(export: Path) -> float:
    """Reading every file of the export from end to end, unpacked, by the reader that the pipeline uses."""
    import gzip

    started = time.perf_counter()
    for path in sorted(export.iterdir()):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            while stream.read(1 << 20):
                pass
    return time.perf_counter() - started


def _heard(folder: Path, *arguments: str) -> _Run:
    """Run `heard` in a process of its own; its seconds and the peak of its memory with all its children's."""
    environment = {**os.environ, "HEARD_STORE": str(folder / "store")}
    started, spent = time.perf_counter(), _spent()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    peak = [0]
    watcher = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(errors.decode(errors="replace"))
    return _Run(seconds, _spent() - spent, peak[0])


def _spent() -> float:
    """Processor seconds of the processes that were started here and have ended, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def watch(pid: int, peak: list[int]) -> None:
    """Keep the most memory, in bytes, that a process and all below it had together, until it ends.

    Where the system tells it, pages that several of them share (the code of libraries) count once.
    """
    while True:
        try:
            top = psutil.Process(pid)
            total = 0
            for process in [top, *top.children(recursive=True)]:
                try:
                    total += _held(process)
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
        except psutil.NoSuchProcess:
            return
        peak[0] = max(peak[0], total)
        time.sleep(0.1)


def _held(process: psutil.Process) -> int:
    """The memory of a process: its own pages, and its share of those that others use too."""
    every = process.memory_full_info()
    return int(getattr(every, "pss", every.rss))


def _change(export: Path, out: Path) -> Path:
    """The same export with a later update and a new subject in one ticket of a hundred."""
    import gzip
    import shutil

    out.mkdir()
    for path in sorted(export.iterdir()):
        if not path.name.startswith("tickets"):
            shutil.copyfile(path, out / path.name)
            continue
        with (
            gzip.open(path, "rt", encoding="utf-8") as stream,
            gzip.open(out / path.name, "wt", encoding="utf-8", compresslevel=1) as fresh,
        ):
            for number, line in enumerate(stream):
                if number % 100 == 0:
                    ticket = json.loads(line)
                    ticket["subject"] = f"{ticket['subject']} (changed)"
                    ticket["updated_at"] = "2027-01-01T00:00:00Z"
                    line = json.dumps(ticket) + "\n"
                fresh.write(line)
    return out


def main() -> int:
    """Print the rows as JSON."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--tickets", type=int, default=100_000)
    options.add_argument("--export", type=Path, help="a folder with an export of that many tickets")
    given = options.parse_args()
    print(json.dumps(run_rows(given.tickets, given.export), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
