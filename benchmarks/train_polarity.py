"""Train the word weights of metrics/text/polarity.py: `python -m benchmarks.train_polarity DIR`.

DIR holds the ground truth of the VADER paper, sentiment/vader-{amazon,movie,nyt,tweets}.jsonl.gz: 23,690 sentences,
each rated by 20 people from -4 to 4 (MIT licence). Nothing else is read. A ridge regression of the mean rating on
words and pairs of words, with one constant a source so that no source's average enters a word's weight. The same
files give the same weights file. `--check` prints rank correlations instead: five folds, and each source left out.

Chosen by these figures and by the aggregate figures on support text, see DECISIONS.md: pairs of words, negated
words apart, terms seen three times or more, half the usual weight of rarity.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from benchmarks.figures import load, spearman
from metrics.text.polarity import WEIGHTS
from metrics.text.word_model import PRIOR, Vocabulary, rarity, tokens, write_weights

SOURCES = ("amazon", "movie", "nyt", "tweets")
NO_FEELING = ("0", "not_0")  # a number alone
FEWEST = 3  # a term is kept where so many sentences hold it
PENALTY = 1.0
SOURCE_CONSTANT = 3.0  # the column of a source: large, so that the penalty hardly touches it
ABOUT = "word weights from the VADER paper's ground truth (MIT), by benchmarks/train_polarity.py"


def counted(texts: list[str], fewest: int = FEWEST) -> tuple[list[str], Any, Any]:
    """The terms that so many texts hold, how many do, and how often each (column) occurs in each text (row)."""
    vocabulary = Vocabulary(
        sorted({word for word in tokens(texts) if word[0] not in ".\0" and not word.isdigit()})
    )
    found = vocabulary.terms(texts)
    numbers, column = np.unique(found.number, return_inverse=True)
    plain = sparse.csr_matrix((np.ones(len(column)), (found.text, column)), shape=(len(texts), len(numbers)))
    count = np.asarray((plain > 0).sum(axis=0)).ravel()
    names = [vocabulary.name(int(number)) for number in numbers]
    kept = [i for i, name in enumerate(names) if name not in (None, *NO_FEELING) and count[i] >= fewest]
    return [names[i] or "" for i in kept], count[kept], plain[:, kept].tocsr()


def weighted(plain: Any, count: Any) -> Any:
    """The features of the model: each occurrence's rarity, over the length of the text."""
    own = rarity(count.astype(float), plain.shape[0])
    length = np.sqrt(plain @ (own * own) + PRIOR)
    return (sparse.diags(1.0 / length) @ plain @ sparse.diags(own)).tocsr()


def fit(features: Any, ratings: Any, sources: Any) -> Any:
    """The weight of each term."""
    constants = np.array([[SOURCE_CONSTANT * (source == name) for name in SOURCES] for source in sources])
    both = sparse.hstack([features, sparse.csr_matrix(constants)]).tocsr()
    model = Ridge(alpha=PENALTY, fit_intercept=False, solver="sparse_cg", tol=1e-8, max_iter=5000)
    return model.fit(both, ratings).coef_[: features.shape[1]]


def check(features: Any, ratings: Any, sources: Any) -> None:
    """Print Spearman by source, for five folds and with that source left out of the training."""
    folded = np.zeros(len(ratings))
    for train, test in KFold(5, shuffle=True, random_state=0).split(ratings):
        folded[test] = features[test] @ fit(features[train], ratings[train], sources[train])
    for name in SOURCES:
        own = sources == name
        apart = features[own] @ fit(features[~own], ratings[~own], sources[~own])
        print(
            f"{name}: five folds {spearman(folded[own], ratings[own]):.3f}, "
            f"left out {spearman(apart, ratings[own]):.3f}"
        )


def labelled_rows(folder: Path, sources: Sequence[str]) -> list[tuple[dict[str, Any], str]]:
    """The rows of these sources with the name of each one's."""
    return [(row, name) for name in sources for row in load(folder / f"sentiment/vader-{name}.jsonl.gz")]


def _features(labelled: Sequence[tuple[dict[str, Any], str]]) -> tuple[list[str], Any, Any, Any, Any]:
    """The terms, how many texts hold each, the features, the ratings and the sources."""
    names, count, plain = counted([row["text"] for row, _ in labelled])
    ratings = np.array([row["rating"] / 4 for row, _ in labelled])
    sources = np.array([name for _, name in labelled])
    return names, count, weighted(plain, count), ratings, sources


def trained(labelled: Sequence[tuple[dict[str, Any], str]]) -> list[tuple[str, int, list[float]]]:
    """The model learnt from these rows: each term, how many of them hold it, and its weight."""
    names, count, features, ratings, sources = _features(labelled)
    return list(zip(names, count.tolist(), fit(features, ratings, sources)[:, None].tolist(), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder that holds sentiment/vader-*.jsonl.gz")
    parser.add_argument("--check", action="store_true", help="print cross-validated figures, write nothing")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where to write the weights")
    given = parser.parse_args()
    labelled = labelled_rows(given.folder, SOURCES)
    if given.check:
        check(*_features(labelled)[2:])
        return
    rows = trained(labelled)
    write_weights(given.out, ABOUT, len(labelled), rows)
    print(f"{given.out.name}: {len(rows):,} terms, {given.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
