"""The figures of the validity tables: plain functions over labels and scores, each with its edge case stated."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from scipy.stats import rankdata


def load(path: Path) -> list[dict[str, Any]]:
    """The rows of a labelled file: one JSON object a line, gzip'd where the name ends in .gz."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [orjson.loads(line) for line in raw.splitlines() if line.strip()]


def auc(labels: Sequence[int], scores: Sequence[float]) -> float:
    """The chance that a positive row (label above 0) scores above a negative one; ties count half.

    NaN where one of the two kinds is missing.
    """
    positive = np.asarray(labels) > 0
    count_positive, count_negative = int(positive.sum()), int((~positive).sum())
    if count_positive == 0 or count_negative == 0:
        return float("nan")
    ranks = rankdata(np.asarray(scores, dtype=float))
    above = float(ranks[positive].sum()) - count_positive * (count_positive + 1) / 2
    return above / (count_positive * count_negative)


def spearman(x: Sequence[float], y: Sequence[float]) -> float:
    """Spearman's rank correlation with ties given their mean rank; 0.0 where one side is constant."""
    if len(x) < 2:
        return float("nan")
    ranks_x, ranks_y = rankdata(np.asarray(x, dtype=float)), rankdata(np.asarray(y, dtype=float))
    ranks_x, ranks_y = ranks_x - ranks_x.mean(), ranks_y - ranks_y.mean()
    scale = float(np.sqrt((ranks_x**2).sum() * (ranks_y**2).sum()))
    return float((ranks_x * ranks_y).sum()) / scale if scale > 0 else 0.0


def accuracy(labels: Sequence[int], predicted: Sequence[int]) -> float:
    """The share of rows whose prediction equals the label."""
    return (
        sum(a == b for a, b in zip(labels, predicted, strict=True)) / len(labels) if labels else float("nan")
    )


def prf(labels: Sequence[int], predicted: Sequence[int]) -> dict[str, float]:
    """Precision, recall and F1 of the positive class (above 0); each 0.0 where its denominator is empty."""
    pairs = [(label > 0, guess > 0) for label, guess in zip(labels, predicted, strict=True)]
    hit = sum(label and guess for label, guess in pairs)
    count_label, count_guess = sum(label for label, _ in pairs), sum(guess for _, guess in pairs)
    return {
        "precision": hit / count_guess if count_guess else 0.0,
        "recall": hit / count_label if count_label else 0.0,
        "f1": 2 * hit / (count_guess + count_label) if count_guess + count_label else 0.0,
    }


def macro_f1(labels: Sequence[int], predicted: Sequence[int]) -> float:
    """The plain mean of each label's F1, over the labels that occur in the data."""
    classes = sorted(set(labels))
    each = [prf([int(x == c) for x in labels], [int(x == c) for x in predicted])["f1"] for c in classes]
    return sum(each) / len(each) if each else float("nan")


def bootstrap(
    figure: Callable[[Sequence[Any], Sequence[Any]], float],
    labels: Sequence[Any],
    scores: Sequence[Any],
    *,
    count: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """The 95 % percentile interval of a figure, rows drawn again with replacement."""
    draw = np.random.default_rng(seed)
    label_array, score_array = np.asarray(labels), np.asarray(scores)
    values = []
    for _ in range(count):
        rows = draw.integers(0, len(label_array), len(label_array))
        values.append(figure(label_array[rows].tolist(), score_array[rows].tolist()))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
