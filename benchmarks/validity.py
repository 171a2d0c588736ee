"""How well the signals hear, on rows that others labelled: `python -m benchmarks.validity DIR [--json]`.

Reads DIR/<task>/*.jsonl.gz, one JSON object a line with `id`, `label` and either `speaker` and `text` or `messages`,
and runs the project's own signals on them. One threshold for all data sets; a null counts as 0 or negative in every
figure, with the coverage beside it. Nothing here is learnt from the rows.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import validity_mood, validity_signals

Row = dict[str, Any]
TASKS: dict[str, tuple[Callable[[Path], list[Row]], ...]] = {
    "sentiment": (validity_mood.sentiment_rows,),
    "shift": (validity_mood.shift_rows,),
    "satisfaction": (validity_mood.satisfaction_rows,),
    "suggestion": (validity_signals.suggestion_rows,),
    "recommend": (validity_signals.recommend_rows,),
    "support_threads": (validity_mood.thread_rows, validity_signals.thread_rows),
    "support_tickets": (validity_mood.ticket_rows, validity_signals.ticket_rows),
}
FIGURES = ("n", "precision", "recall", "f1", "macro_f1", "accuracy", "auc", "spearman", "coverage")


def measured(folder: Path) -> list[Row]:
    """Every figure of every task in the folder that a signal of ours answers."""
    rows: list[Row] = []
    for task, functions in TASKS.items():
        for path in sorted((folder / task).glob("*.jsonl.gz")):
            for function in functions:
                rows.extend(function(path))
    return rows


def main() -> int:
    """Print one table per task, or with --json a list of objects."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path, metavar="DIR")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    if not given.folder.is_dir():
        print(f"{given.folder} is not a folder. Fix: python -m benchmarks.validity DIR", file=sys.stderr)
        return 1
    rows = measured(given.folder)
    unheard = sorted(p.name for p in given.folder.iterdir() if p.is_dir() and p.name not in TASKS)
    if given.json:
        print(json.dumps(rows, indent=1))
        return 0
    for task in TASKS:
        _print(task, [row for row in rows if row["task"] == task])
    if unheard:
        print(f"No signal of ours answers: {', '.join(unheard)}")
    return 0


def _print(task: str, rows: list[Row]) -> None:
    if not rows:
        return
    print(f"\n{task}")
    header = ["dataset", "label", "output", "method", *FIGURES]
    lines = [header] + [
        [str(row.get(key, "")) if key in header[:4] else _figure(row.get(key)) for key in header]
        for row in rows
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _figure(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
