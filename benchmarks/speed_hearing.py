"""What hearing costs: all cues in one pass against looping `re`, the function wing against our own load of the same file.

`python -m benchmarks.speed_hearing [--messages 1000000] [--json]` prints the cues' ratio, the load, the hearing and the facts
of one run in a process of its own with the memory of all its processes, and the seconds of each signal, slowest first.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import speed_text
from benchmarks.speed_run import watch
from metrics import facts, registry
from metrics.measure import Conversations
from metrics.text.hear import cue_set, hear
from pipelines import score
from pipelines.ingest import ingest
from pipelines.sample import generate
from warehouse.settings import PROJECT, Settings
from warehouse.store import Connection, Store

Row = dict[str, Any]
MESSAGES_PER_TICKET = 4  # of a sample export, a little below what it has
_ROUNDS = 3
_LOOPED = 250  # messages that `re` is looped over: thousands of patterns on each, round after round


def rows(messages: int) -> Iterator[Row]:
    """The cues' ratio, the run in its parts, and one row a signal."""
    yield speed_text.cues_row(speed_text.texts(min(messages, _LOOPED)))
    yield speed_text.heard_cues_row(speed_text.messages(max(1, messages // MESSAGES_PER_TICKET)))
    with tempfile.TemporaryDirectory(prefix="heard-bench-") as name:
        folder = Path(name)
        generate(folder / "export", tickets=max(1, messages // MESSAGES_PER_TICKET))
        yield from _run_rows(folder)
        yield from signal_rows(Store(folder / "store"))


def _run_rows(folder: Path) -> Iterator[Row]:
    """Load, hear and fold a sample export in a process of its own, each part timed in the same run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.speed_hearing", "--run", str(folder)],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    peak = [0]
    threading.Thread(target=watch, args=(process.pid, peak), daemon=True).start()
    printed, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("the run failed; its words stand above")
    told = json.loads(printed.splitlines()[-1])
    about = f"{told['messages']:,} messages of {told['conversations']:,} conversations"
    yield {
        "what": "function wing: hearing, every signal and its evidence in the store",
        "value": round(told["hear"] / told["load"], 2),
        "unit": "x our own load of the same file",
        "seconds": round(told["hear"], 2),
        "baseline_seconds": round(told["load"], 2),
        "microseconds_per_message": round(told["hear"] / told["messages"] * 1e6, 1),
        "evidence": told["evidence"],
        "about": about,
    }
    yield {
        "what": "all facts, of form and function",
        "value": round(told["facts"] / told["load"], 2),
        "unit": "x our own load of the same file",
        "seconds": round(told["facts"], 2),
        "about": about,
    }
    yield {
        "what": "memory of all processes at the peak",
        "value": round(peak[0] / 2**20),
        "unit": "MB",
        "about": about,
    }


def run(folder: Path) -> Row:
    """Load the export of a folder into a store beside it and publish; how long each part took."""
    told: Row = {}

    def after_merge(connection: Connection, settings: Settings, _tell: object) -> None:
        told["resolve"] = _seconds(lambda: facts.resolve(connection, settings))
        told["hear"] = _seconds(lambda: score.score(connection))
        told["facts"] = _seconds(lambda: facts.build(connection, settings))

    store = Store(folder / "store")
    whole = _seconds(
        lambda: ingest([folder / "export"], store=store, settings=Settings(), after_merge=after_merge)
    )
    told["load"] = whole - told["hear"] - told["facts"]
    with store.reading() as version:
        told["messages"] = version.query("SELECT count(*) FROM turn_index").item()
        told["conversations"] = version.query("SELECT count(*) FROM heard").item()
        told["evidence"] = version.query("SELECT count(*) FROM evidence").item()
    return told


def signal_rows(store: Store) -> Iterator[Row]:
    """How long one batch of conversations takes to hear, and each signal to judge it, slowest first."""
    tickets, messages = _batch(store)
    wanted = tuple(sorted({name for signal in registry.signals() for name in signal.lexicons}))
    built = _seconds(lambda: [cue_set(wanted, speaker) for speaker in ("customer", "agent")])
    yield {
        "what": "building the automata, once a process",
        "value": round(built, 3),
        "unit": "seconds",
        "about": f"{len(cue_set(wanted).cues):,} cues of {len(wanted)} lexicons",
    }
    heard: list[Conversations] = []
    seconds = {"hearing": _seconds(lambda: heard.append(hear(tickets, messages, wanted)))}
    for signal in registry.signals():
        seconds[signal.name] = min(_seconds(lambda: signal.judge(replace(heard[0]))) for _ in range(_ROUNDS))  # noqa: B023
    whole = sum(seconds.values())
    for name, spent in sorted(seconds.items(), key=lambda pair: -pair[1]):
        yield {
            "what": "hearing, once for all signals" if name == "hearing" else f"judge of {name}",
            "value": round(spent, 3),
            "unit": "seconds",
            "share": f"{100 * spent / whole:.0f} %",
            "about": f"{messages.height:,} messages of {tickets.height:,} conversations, one core",
        }


def _batch(store: Store) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tickets and messages of one batch as the pipeline hears them."""
    with store.reading() as version:
        chosen = f"SELECT source, ticket_id FROM heard ORDER BY hash(ticket_id) LIMIT {score.BATCH}"
        tickets = version.query(
            "SELECT heard.source, heard.ticket_id, status, created_at, ended_at FROM heard"
            f" LEFT JOIN tickets_clean USING (source, ticket_id) WHERE (heard.source, heard.ticket_id) IN ({chosen})"
        )
        messages = version.query(
            "SELECT source, ticket_id, message_id, turn, role AS speaker, kind, coalesce(text, '') AS text, created_at"
            f" FROM turns WHERE (turn IS NOT NULL OR kind = 'survey') AND (source, ticket_id) IN ({chosen})"
        )
    return tickets, messages


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    """Print the rows as a table, or with --json as a list of objects."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--messages", type=int, default=100_000)
    options.add_argument("--json", action="store_true")
    options.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.run:
        print(json.dumps(run(given.run)))
        return 0
    if given.json:
        print(json.dumps(list(rows(given.messages)), indent=1))
        return 0
    for row in rows(given.messages):
        more = ", ".join(
            f"{key} {value}" for key, value in row.items() if key not in ("what", "value", "unit")
        )
        print(f"{row['what']}: {row['value']} {row['unit']} ({more})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
