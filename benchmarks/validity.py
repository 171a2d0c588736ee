"""How well the signals hear, on rows that others labelled: `python -m benchmarks.validity DIR [--json] [--write]`.

Reads DIR/<task>/*.jsonl.gz, one JSON object a line with `id`, `label` and either `speaker` and `text` or `messages`,
and runs the project's own signals on them. One threshold for all data sets; a null counts as 0 or negative in every
figure, with the coverage beside it. Nothing here is learnt from the rows. With --write the figures go to
data/validity.json, which the glossary and the README show beside each signal.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks import committed
from metrics.validity import TABLE

Row = dict[str, Any]
Measure = Callable[[Path], list[Row]]
FIGURES = ("n", "precision", "recall", "f1", "macro_f1", "accuracy", "auc", "spearman", "coverage")


def tasks() -> dict[str, tuple[Measure, ...]]:
    """What measures each task: `TASKS` of every module benchmarks/validity_*.py, in the order of their names."""
    found: dict[str, list[Measure]] = defaultdict(list)
    for info in pkgutil.iter_modules(benchmarks.__path__):
        if info.name.startswith("validity_"):
            module = importlib.import_module(f"benchmarks.{info.name}")
            for task, functions in module.TASKS.items():
                found[task] += functions
    return {task: tuple(functions) for task, functions in found.items()}


def measured(folder: Path, only: Sequence[str] | None = None) -> list[Row]:
    """Every figure of every task in the folder that a signal of ours answers."""
    rows: list[Row] = []
    for task, functions in tasks().items():
        if only and task not in only:
            continue
        for path in sorted((folder / task).glob("*.jsonl.gz")):
            for function in functions:
                rows.extend(function(path))
    return rows


def main() -> int:
    """Print one table per task, or with --json a list of objects."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path, metavar="DIR")
    options.add_argument("--json", action="store_true")
    options.add_argument("--write", action="store_true", help="write data/validity.json")
    options.add_argument("--only", metavar="TASK", nargs="+", help="only these tasks")
    given = options.parse_args()
    if not given.folder.is_dir():
        print(f"{given.folder} is not a folder. Fix: python -m benchmarks.validity DIR", file=sys.stderr)
        return 1
    rows = measured(given.folder, given.only)
    unheard = sorted(p.name for p in given.folder.iterdir() if p.is_dir() and p.name not in tasks())
    if given.write:
        return _write(rows, given.only)
    for row in rows:
        row.pop("draws", None)
    if given.json:
        print(json.dumps(rows, indent=1))
        return 0
    for task in tasks():
        _print(task, [row for row in rows if row["task"] == task])
    if unheard:
        print(f"No signal of ours answers: {', '.join(unheard)}")
    return 0


def _write(rows: list[Row], only: Sequence[str] | None) -> int:
    """Write the committed table. A row of ours that names no measure is refused: nobody could look it up."""
    nameless = sorted(
        {f"{row['task']}, {row['label']}" for row in rows if row["method"] == "ours" and not row["measure"]}
    )
    if nameless:
        print(f"Rows without a measure: {'; '.join(nameless)}. Fix: give them measure=NAME", file=sys.stderr)
        return 1
    committed.write(TABLE, committed.table(rows, date.today()), only or tasks())
    print(TABLE)
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
