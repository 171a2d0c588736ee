"""Train what metrics/text/learnt.py hears by the words of a sentence: `python -m benchmarks.train_learnt`.

Reads benchmarks/said/*.jsonl.gz, sentences written for this project and labelled by their writers, and for customers the messages of
benchmarks/moods too, of which nobody said what else they hold. For each label a logistic regression on words and pairs of words. The same files
give the same weights file. `--check` prints how well each writer's sentences are told by what was learnt from all the others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from benchmarks.figures import auc, load
from benchmarks.train_polarity import counted, weighted
from benchmarks.train_support import messages
from metrics.text.learnt import COLUMNS, WEIGHTS
from metrics.text.word_model import WordModel, write_weights
from warehouse.settings import PROJECT

SAID: Final = PROJECT / "benchmarks" / "said"
FEWEST: Final = 3  # a term is kept where so many sentences hold it
STRENGTH: Final = 20.0  # the inverse of the penalty
# A sentence that its writer judged for another label may carry this one too, and one of the moods may carry anything.
WEIGHT_OF_OTHERS, WEIGHT_OF_MOODS = 0.3, 0.2
DOUBTED: Final = -1.0  # those score no more than this in a first round, or are left out of the second
ABOUT: Final = "what sentences say by their words, by benchmarks/train_learnt.py"


class Sentence(NamedTuple):
    """A sentence: what it carries, for which labels it was judged, and by which writer."""

    text: str
    labels: frozenset[str]
    judged: frozenset[str]
    writer: str


def sentences(speaker: str) -> list[Sentence]:
    """The sentences of a speaker, of all writers."""
    return [
        Sentence(
            row["text"], frozenset(row["labels"]), frozenset(row["judged"] or COLUMNS[speaker]), path.name
        )
        for path in sorted(SAID.glob("*.jsonl.gz"))
        for row in load(path)
        if row["speaker"] == speaker
    ]


def trained(said: Sequence[Sentence], speaker: str, out: Path) -> int:
    """Write the models learnt from these sentences of a speaker; how many terms they weigh."""
    every = messages().values() if speaker == "customer" else ()
    moods = [text for own in every for message in own for text, _ in message["sentences"]]
    names, count, plain = counted([*(one.text for one in said), *moods], fewest=FEWEST)
    constant = sparse.csr_matrix(np.ones((plain.shape[0], 1)))
    features = sparse.hstack([weighted(plain, count), constant]).tocsr()
    weights = np.array([_column(features, said, label)[:-1] for label in COLUMNS[speaker]]).T
    rows = list(zip(names, count.tolist(), weights.tolist(), strict=True))
    write_weights(out, ABOUT, plain.shape[0], rows, COLUMNS[speaker])
    return len(names)


def _column(features: Any, said: Sequence[Sentence], label: str) -> Any:
    """The weight of each term for a label, and of the constant."""
    rest = features.shape[0] - len(said)
    carries = np.array([label in one.labels for one in said] + [False] * rest)
    is_judged = np.array([label in one.judged for one in said] + [False] * rest)
    weight = np.array(
        [1.0 if label in one.judged or not one.labels else WEIGHT_OF_OTHERS for one in said]
        + [WEIGHT_OF_MOODS] * rest
    )
    first = _fitted(features, carries, weight)
    return _fitted(features, carries, np.where(~is_judged & (features @ first > DOUBTED), 0.0, weight))


def _fitted(features: Any, carries: Any, weight: Any) -> Any:
    """The weights of a logistic regression in which those that carry the label count as much as all others."""
    used = np.flatnonzero(weight > 0)
    own = weight[used]
    share = own[~carries[used]].sum() / own[carries[used]].sum()
    model = LogisticRegression(C=STRENGTH, solver="liblinear", fit_intercept=False)
    return model.fit(features[used], carries[used], np.where(carries[used], own * share, own)).coef_[0]


def check(speaker: str, out: Path) -> None:
    """Print, writer by writer and label by label, the AUC of what was learnt from the others."""
    every = sentences(speaker)
    for writer in dict.fromkeys(one.writer for one in every):
        trained([one for one in every if one.writer != writer], speaker, out)
        own = [one for one in every if one.writer == writer]
        table = WordModel(out).table([one.text for one in own])
        figures = []
        for place, label in enumerate(COLUMNS[speaker]):
            judged = [number for number, one in enumerate(own) if label in one.judged]
            gold = [int(label in own[number].labels) for number in judged]
            if 0 < sum(gold) < len(gold):
                figures.append(f"{label} {auc(gold, table[judged, place].tolist()):.2f} of {sum(gold)}")
        print(f"{writer}: {', '.join(figures)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="print each writer's figures by models of the others"
    )
    given = parser.parse_args()
    for speaker, out in WEIGHTS.items():
        if given.check:
            with tempfile.TemporaryDirectory() as folder:
                check(speaker, Path(folder) / out.name)
            continue
        said = sentences(speaker)
        count = trained(said, speaker, out)
        print(f"{out.name}: {count:,} terms of {len(said):,} sentences, {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
