"""A model of the organisation's own ratings: words and figures of a ticket to the chance that its customer is satisfied.

A logistic regression on the words of the customer (TF-IDF) and on figures of the ticket. Five folds, in which no customer
stands on both sides, give every rated ticket a score by a model that has not seen its customer; what turns a score into a
chance (a logistic curve of two numbers) is learnt from the other folds. All figures are made of these chances. The same
rows give the same model.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

FOLDS: Final = 5
PLACES: Final = 2**15  # of words; more words share places
BINS: Final = 10
MOST_AT_ONCE: Final = 4  # models that are fitted side by side, each on its own copy of the rows
_STRENGTH = 1.0
_SEED = 0

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bin:
    """Rated tickets with chances alike: how many, their mean chance, and the share of them that was satisfied."""

    count: int
    predicted: float
    observed: float


@dataclass(frozen=True)
class Figures:
    """How well the model does on customers it has not seen.

    auc with its 95 % interval (whole customers drawn again), brier (mean squared error of the chances; less is better)
    beside that of always saying the satisfied share, and the curve of reliability.
    """

    count_rated: int
    count_customers: int
    share_satisfied: float
    auc: float
    auc_low: float
    auc_high: float
    brier: float
    brier_always: float
    curve: tuple[Bin, ...]


class Model:
    """The fitted model, ready to give chances."""

    def __init__(self, words: Any, scale: tuple[Numbers, Numbers], fitted: Any, curve: Any) -> None:
        self._words, self._scale, self._fitted, self._curve = words, scale, fitted, curve

    def chances(self, texts: Sequence[str], figures: Numbers) -> Numbers:
        """The chance of each ticket, 0 to 1."""
        scores = self._fitted.decision_function(_beside(self._words.transform(texts), figures, self._scale))
        return np.asarray(self._curve.predict_proba(scores[:, None])[:, 1], np.float64)


def folds(customers: Sequence[str]) -> npt.NDArray[np.int64]:
    """The fold of each ticket, 0 to 4: all of one customer in the same."""
    from sklearn.model_selection import GroupKFold

    fold = np.zeros(len(customers), np.int64)
    place = np.arange(len(customers))
    for number, (_, held_out) in enumerate(GroupKFold(FOLDS).split(place, groups=list(customers))):
        fold[held_out] = number
    return fold


def can_be_tried(satisfied: Flags, customers: Sequence[str]) -> bool:
    """Whether both answers stand in any four of the five folds, so that the fifth can be tried."""
    fold = folds(customers)
    return all(
        satisfied[fold != number].any() and not satisfied[fold != number].all() for number in range(FOLDS)
    )


def fit(
    texts: Sequence[str], figures: Numbers, satisfied: Flags, customers: Sequence[str]
) -> tuple[Model, Figures]:
    """The model of rated tickets and how well it does.

    figures: a row a ticket, NaN where a figure is not measured. Only for rows that `can_be_tried`.
    """
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.pipeline import make_pipeline

    words = make_pipeline(
        HashingVectorizer(
            n_features=PLACES, norm=None, alternate_sign=False, token_pattern=r"(?u)\b[^\W\d_][\w']+\b"
        ),
        TfidfTransformer(sublinear_tf=True),
    )
    counted = words.fit_transform(texts)
    scale = scale_of(figures)
    rows = _beside(counted, figures, scale)
    fold = folds(customers)
    tried = [own for number in range(FOLDS) if (own := fold == number).any()]
    nobody = np.zeros(len(fold), np.bool_)
    # The solver holds no lock of Python's: the whole model and those of the folds are fitted side by side.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_AT_ONCE)) as beside:
        whole, *held_out = beside.map(lambda own: _fitted(rows[~own], satisfied[~own]), [nobody, *tried])
    scores = np.zeros(len(fold))
    for own, fitted in zip(tried, held_out, strict=True):
        scores[own] = fitted.decision_function(rows[own])
    chances = np.zeros(len(fold))
    for number in range(FOLDS):
        own = fold == number
        if own.any():
            curve = _bent(scores[~own, None], satisfied[~own])
            chances[own] = curve.predict_proba(scores[own, None])[:, 1]
    model = Model(words, scale, whole, _bent(scores[:, None], satisfied))
    return model, _figures(chances, satisfied, customers)


def _fitted(rows: Any, satisfied: Flags) -> Any:
    from sklearn.linear_model import LogisticRegression

    # liblinear: its time grows with the words that are there, not with the places kept for them.
    model = LogisticRegression(C=_STRENGTH, solver="liblinear", random_state=_SEED, max_iter=300, tol=1e-4)
    return model.fit(rows, satisfied)


def _bent(scores: Any, satisfied: Flags) -> Any:
    """The curve from a score to a chance."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=_STRENGTH, max_iter=300, tol=1e-4).fit(scores, satisfied)


def scale_of(figures: Numbers) -> tuple[Numbers, Numbers]:
    """The mean and spread of each figure where it is measured."""
    is_known = ~np.isnan(figures)
    count = np.maximum(is_known.sum(axis=0), 1)
    mean = np.where(is_known, figures, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(is_known, figures - mean, 0.0) ** 2).sum(axis=0) / count)
    return mean, np.where(spread > 0, spread, 1.0)


def scaled(figures: Numbers, scale: tuple[Numbers, Numbers]) -> Numbers:
    """The figures, each scaled and 0 where it is not measured, and beside them whether each is (1 or 0)."""
    is_known = ~np.isnan(figures)
    near = np.where(is_known, np.clip((figures - scale[0]) / scale[1], -3.0, 3.0), 0.0)
    return np.hstack([near, is_known])


def _beside(words: Any, figures: Numbers, scale: tuple[Numbers, Numbers]) -> Any:
    """The words with the scaled figures beside them."""
    from scipy import sparse

    return sparse.hstack([words, sparse.csr_matrix(scaled(figures, scale))]).tocsr()


def _figures(chances: Numbers, satisfied: Flags, customers: Sequence[str]) -> Figures:
    _, group = np.unique(np.asarray(customers), return_inverse=True)
    count_groups = int(group.max()) + 1
    _, place = np.unique(chances, return_inverse=True)
    draw = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(200):
        weight = np.bincount(draw.integers(0, count_groups, count_groups), minlength=count_groups)[group]
        if weight[satisfied].sum() and weight[~satisfied].sum():
            drawn.append(_auc(place, satisfied, weight))
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    share = float(satisfied.mean())
    return Figures(
        count_rated=len(chances), count_customers=count_groups, share_satisfied=share,
        auc=_auc(place, satisfied, np.ones(len(chances), np.int64)), auc_low=low, auc_high=high,
        brier=float(np.mean((chances - satisfied) ** 2)), brier_always=share * (1 - share),
        curve=_curve(chances, satisfied),
    )  # fmt: skip


def _auc(place: npt.NDArray[np.intp], satisfied: Flags, weight: npt.NDArray[np.int64]) -> float:
    """The share of pairs of a satisfied and another ticket in which the satisfied one has the higher chance; a tie is half.

    place: the place of each ticket's chance among the different chances; weight: how often it counts.
    """
    good = np.bincount(place, weights=np.where(satisfied, weight, 0))
    other = np.bincount(place, weights=np.where(satisfied, 0, weight))
    below = np.cumsum(other) - other
    return float((good * (below + other / 2)).sum() / (good.sum() * other.sum()))


def _curve(chances: Numbers, satisfied: Flags) -> tuple[Bin, ...]:
    """Bins of as many tickets each, from the lowest chances up."""
    order = np.argsort(chances, kind="stable")
    return tuple(
        Bin(len(own), float(chances[own].mean()), float(satisfied[own].mean()))
        for own in np.array_split(order, BINS)
        if len(own)
    )
