"""What everybody would have answered, by augmented inverse-probability weighting: plain arrays in, an estimate out.

Two models look at the same things known of every row: one gives the chance that it answers, one the answer that it would
give. The estimate is the mean of the answers that the second expects, set right by what those who did answer said
otherwise, each weighted by one over the chance to answer (Robins, Rotnitzky and Zhao 1994). It is right when either model
is, so long as who answers depends on nothing but what the models see. Both are fitted on other customers than those whom
they are asked about (cross-fitting; Chernozhukov and others 2018), five folds, no customer in two. The interval is that of
the influence function, with the rows of one customer taken together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from metrics.intervals import CONFIDENCE
from metrics.prediction import FOLDS, Flags, Numbers

LEAST_CHANCE: Final = 0.02  # a chance to answer below this is taken as this: one row then stands for fifty
_STRENGTH: Final = 0.1  # of the fit against the pull of every slope to zero
_SEED: Final = 0  # of the folds


@dataclass(frozen=True)
class Mean:
    """A mean over all rows with its 95 % interval, rows of one customer taken together (null for one customer)."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Augmented:
    """The estimate and what it stands on.

    share_thin: rows whose chance to answer is below LEAST_CHANCE. effective: as how many answers of equal weight the
    weighted ones count. auc_response: in which share of pairs the model puts one who answered above one who did not, on
    customers it has not seen.
    """

    mean: Mean
    count: int
    count_answered: int
    count_customers: int
    share_thin: float
    effective: float
    auc_response: float


def augmented(
    seen: Numbers, answered: Flags, answers: Sequence[tuple[float, Flags]], customers: npt.NDArray[Any]
) -> Augmented:
    """The mean answer of all rows.

    seen: a row a conversation, scaled, nothing missing. answers: the parts that an answer is the sum of, each its weight
    and where it holds, read where `answered` alone: [(1, satisfied)], or [(1, promoter), (-1, detractor)]. Whole customers
    stand in one of the five folds. Answers of both kinds must stand in any four folds for every part.
    """
    _, groups = np.unique(customers, return_inverse=True)
    fold = folds(groups)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # of scikit-learn

    chance = np.empty(len(seen))
    guess = np.zeros(len(seen))
    with threadpool_limits(
        1, "blas"
    ):  # so small a model is fitted no sooner by several threads, which wait busily
        for number in range(FOLDS):
            own = fold == number
            if not own.any():
                continue
            chance[own] = _chances(seen[~own], answered[~own], seen[own])
            known = ~own & answered
            for weight, holds in answers:
                guess[own] += weight * _chances(seen[known], holds[known], seen[own])
    given = np.zeros(len(seen))
    for weight, holds in answers:
        given += np.where(answered & holds, weight, 0.0)
    weights = 1 / np.maximum(chance[answered], LEAST_CHANCE)
    return Augmented(
        mean=clustered_mean(influence(given, answered, np.maximum(chance, LEAST_CHANCE), guess), groups),
        count=len(seen),
        count_answered=int(answered.sum()),
        count_customers=int(groups.max()) + 1,
        share_thin=float(np.mean(chance < LEAST_CHANCE)),
        effective=float(weights.sum() ** 2 / (weights**2).sum()),
        auc_response=_auc(answered, chance),
    )


def folds(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The fold of each row, 0 to 4, by the number of its customer: customers are dealt out at random, by a fixed seed."""
    count = int(groups.max()) + 1 if len(groups) else 0
    return (np.random.default_rng(_SEED).permutation(count) % FOLDS)[groups]


def can_be_tried(holds: Flags, among: Flags, customers: npt.NDArray[Any]) -> bool:
    """Whether, among some rows, something both holds and does not in any four of the five folds."""
    _, groups = np.unique(customers, return_inverse=True)
    fold = folds(groups)
    others = [among & (fold != number) for number in range(FOLDS)]
    return all(holds[one].any() and not holds[one].all() for one in others)


def influence(given: Numbers, answered: Flags, chance: Numbers, guess: Numbers) -> Numbers:
    """What each row adds to the estimate: its guess, and where it answered the rest of its answer over its chance.

    Their mean is the estimate; their spread is its error.
    """
    return guess + np.where(answered, (given - guess) / chance, 0.0)


def clustered_mean(values: Numbers, groups: npt.NDArray[np.int64]) -> Mean:
    """The mean of rows with a 95 % interval in which the rows of one group (numbered from 0) are taken together.

    The sandwich error with G / (G - 1) for G groups, and Student's t with G - 1 degrees of freedom.
    """
    value = float(values.mean())
    sums = np.bincount(groups, values - value)
    count = len(sums)
    if count < 2:
        return Mean(value, None, None)
    error = float(np.sqrt((sums**2).sum() * count / (count - 1))) / len(values)
    half = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2)) * error
    return Mean(value, value - half, value + half)


def _chances(seen: Numbers, holds: Flags, asked: Numbers) -> Numbers:
    """The chance that something holds, learnt from rows of which it is known; the plain share where all agree."""
    if holds.all() or not holds.any():
        return np.full(len(asked), float(holds.mean()) if len(holds) else 0.0)
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_STRENGTH, solver="newton-cholesky", max_iter=100)
    return np.asarray(model.fit(seen, holds).predict_proba(asked)[:, 1], np.float64)


def _auc(holds: Flags, scores: Numbers) -> float:
    """The share of pairs in which a row that holds stands above one that does not; ties count half."""
    from scipy.stats import rankdata

    count = int(holds.sum())
    if count in (0, len(holds)):
        return 0.5
    ranks = rankdata(scores)[holds].sum()
    return float((ranks - count * (count + 1) / 2) / (count * (len(holds) - count)))
