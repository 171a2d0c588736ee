"""The committed table of how well the signals hear: rows of benchmarks.validity with intervals and what stands beside them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import auc, bootstrap, spearman

Row = dict[str, Any]
_DRAWS = 1000
_NAMED = ("measured_on", "task", "dataset", "label", "output", "measure", "n", "main")
_FIGURES = (
    "precision", "recall", "f1", "accuracy", "macro_f1", "auc", "spearman", "coverage",
    "count_labelled", "count_found", "count_right",
)  # fmt: skip
_BESIDE = ("trivial", "vader")


def table(rows: Sequence[Row], measured_on: date) -> list[Row]:
    """Our rows as the table holds them; rows of other methods stand beside those of the same label and output."""
    beside: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        if row["method"] in _BESIDE:
            beside.setdefault(_place(row), {}).setdefault(row["method"], _figures(row))
    made = []
    for row in rows:
        if row["method"] == "ours":
            named = {**row, "measured_on": measured_on.isoformat(), "main": main_figure(row)}
            made.append(
                {**{name: named[name] for name in _NAMED}, "figures": _figures(row), "intervals": intervals(row),
                 "beside": beside.get(_place(row), {}), "note": row.get("note", "")}
            )  # fmt: skip
    return sorted(made, key=lambda row: (*_place(row), row["measure"]))


def main_figure(row: Row) -> str:
    """The figure that counts in a row: the one it names, else F1 of found and not, else AUC, else Spearman, else accuracy."""
    if named := row.get("main"):
        return str(named)
    return next(name for name in ("f1", "auc", "spearman", "accuracy") if name in row)


def intervals(row: Row) -> dict[str, list[float]]:
    """95 % intervals by bootstrap of the main figure, and of precision and recall, of which the same draws tell."""
    n = int(row["n"])
    main = main_figure(row)
    if n == 0:
        return {}
    if main == "f1" and "count_right" in row:
        return _of_counts(n, int(row["count_labelled"]), int(row["count_found"]), int(row["count_right"]))
    if main == "accuracy":
        shares = np.random.default_rng(0).binomial(n, row["accuracy"], _DRAWS) / n
        return {"accuracy": _ends(shares)}
    if main in row.get("draws", {}):
        labels, scores = row["draws"][main]
        ends = bootstrap({"auc": auc, "spearman": spearman}[main], labels, scores, count=_DRAWS)
        return {main: [round(end, 4) for end in ends]} if all(map(math.isfinite, ends)) else {}
    return {}


def _of_counts(n: int, labelled: int, found: int, right: int) -> dict[str, list[float]]:
    """Rows drawn again are draws of the four counts; a draw without a figure's denominator says nothing of it."""
    cells = np.array([right, found - right, labelled - right, n - labelled - found + right])
    hit, wrong, missed, _ = np.random.default_rng(0).multinomial(n, cells / n, _DRAWS).T.astype(float)
    figures = {
        "precision": (hit, hit + wrong),
        "recall": (hit, hit + missed),
        "f1": (2 * hit, 2 * hit + wrong + missed),
    }
    return {
        name: _ends(above[below > 0] / below[below > 0])
        for name, (above, below) in figures.items()
        if (below > 0).any()
    }


def _ends(values: Any) -> list[float]:
    return [round(float(end), 4) for end in np.percentile(values, [2.5, 97.5])]


def _figures(row: Row) -> dict[str, float]:
    return {
        name: round(row[name], 4)
        for name in _FIGURES
        if row.get(name) is not None and math.isfinite(row[name])
    }


def _place(row: Row) -> tuple[str, ...]:
    return row["task"], row["dataset"], row["label"], row["output"]


def write(path: Path, rows: Sequence[Row], tasks: Iterable[str]) -> None:
    """Write the table; rows of tasks that were not measured now stay as they were."""
    measured = set(tasks)
    known = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    kept = [row for row in known if row["task"] not in measured]
    whole = sorted([*kept, *rows], key=lambda row: (*_place(row), row["measure"]))
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in whole)
    path.write_text(f'{{"rows": [\n{lines}\n]}}\n', encoding="utf-8")
