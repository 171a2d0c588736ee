"""A row of the validity table in plain words: what it says, its figures, and what stands beside them.

The words stand for fixed ranges of the figures (the scales below), so that the same figure is always said the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics.validity import Row

FEW: Final = 30  # labelled cases below which a verdict says that they are few
_CATCHES: Final = (
    (0.9, "catches nearly all"),
    (0.65, "catches most"),
    (0.45, "catches half"),
    (0.25, "catches some"),
    (0.000001, "catches few"),
    (0.0, "catches none"),
)
_WRONG: Final = (
    (0.9, "seldom wrong"),
    (0.75, "mostly right"),
    (0.6, "right more often than not"),
    (0.4, "wrong about as often as right"),
    (0.0, "mostly wrong"),
)
_ORDERS: Final = (
    (0.9, "tells them apart very well"),
    (0.8, "tells them apart well"),
    (0.7, "tells them apart fairly"),
    (0.6, "tells them apart roughly"),
    (0.0, "hardly better than chance"),
)
_FOLLOWS: Final = (
    (0.7, "follows the label closely"),
    (0.5, "follows the label"),
    (0.3, "follows the label loosely"),
    (0.1, "follows the label faintly"),
    (-1.0, "does not follow the label"),
)
_NAMES: Final = {"f1": "F1", "auc": "AUC", "spearman": "Spearman", "accuracy": "accuracy"}
_TRIVIAL: Final = {"f1": "the trivial answer", "accuracy": "always the commonest answer"}
_CHANCE: Final = {"auc": 0.5, "spearman": 0.0}


def verdict(row: Row) -> str:
    """What a row says, in plain words: 'catches half, seldom wrong'."""
    value = row.figures[row.main]
    if row.main == "auc":
        return _word(_ORDERS, value)
    if row.main == "spearman":
        return _word(_FOLLOWS, value)
    if row.main == "accuracy":
        usual = row.beside.get("trivial", {}).get("accuracy")
        is_no_better = usual is not None and value <= usual
        return f"right in {_share(value)}" + (", no better than the commonest answer" if is_no_better else "")
    if not row.figures.get("count_found", 1):
        return "finds nothing" + _few(row)
    chance = row.beside.get("trivial", {}).get("precision")  # of calling every one a case: how many there are
    is_no_better = chance is not None and row.figures["precision"] <= chance
    words = f"{_word(_CATCHES, row.figures['recall'])}, {_word(_WRONG, row.figures['precision'])}{_few(row)}"
    return words + (", no better than picking at random" if is_no_better else "")


def figures(row: Row) -> str:
    """The main figure with its interval, and of found and not found the precision and recall."""
    low_high = row.intervals.get(row.main)
    interval = f" [{low_high[0]:.2f}, {low_high[1]:.2f}]" if low_high else ""
    said = f"{_NAMES[row.main]} {row.figures[row.main]:.2f}{interval}"
    if row.main == "f1":
        said += f", precision {row.figures['precision']:.2f}, recall {row.figures['recall']:.2f}"
    return said


def beside(row: Row) -> str:
    """The same figure of the trivial answer, and of plain VADER where it was measured."""
    trivial = row.beside.get("trivial", {}).get(row.main, _CHANCE.get(row.main))
    parts = [] if trivial is None else [f"{_TRIVIAL.get(row.main, 'chance')} {trivial:.2f}"]
    vader = row.beside.get("vader", {}).get(row.main)
    return "; ".join(parts if vader is None else [*parts, f"plain VADER {vader:.2f}"])


def data(row: Row) -> str:
    """Which rows it was measured on: the file, the label and how many."""
    predicted = ", predicted" if row.output == "predicted" else ""
    return f"{row.task}/{row.dataset}, {row.label}{predicted} (n {row.n:,})"


def _few(row: Row) -> str:
    return ", on few examples" if row.figures.get("count_labelled", FEW) < FEW else ""


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _word(scale: Iterable[tuple[float, str]], value: float) -> str:
    return next(word for least, word in scale if value >= least)
