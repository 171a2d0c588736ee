"""Train the word weights of support talk in metrics/text/polarity.py: `python -m benchmarks.train_support`.

Reads benchmarks/moods/*.jsonl.gz, customers' messages written for this project and labelled sentence by sentence. A ridge
regression of each sentence's mood on words and pairs of words. The same files give the same weights file. `--check`
prints how well each writer's messages are told by what was learnt from all the others instead.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, Final, NamedTuple

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import Ridge

from benchmarks.figures import auc, load, spearman
from benchmarks.train_polarity import PENALTY, SOURCE_CONSTANT, counted, weighted
from metrics.text.polarity import SUPPORT_WEIGHTS
from metrics.text.word_model import WordModel, write_weights
from warehouse.settings import PROJECT

MOODS: Final = PROJECT / "benchmarks" / "moods"
STRONGEST: Final = 2  # a mood is -2 to 2
FEWEST: Final = 3  # a term is kept where so many writers use it, so that nobody's own topics count
ABOUT: Final = "word weights of support talk, by benchmarks/train_support.py"

Message = dict[str, Any]  # mood, and sentences: pairs of text and mood


def messages() -> dict[str, list[Message]]:
    """Each writer's messages, by the name of the file."""
    return {path.name: load(path) for path in sorted(MOODS.glob("*.jsonl.gz"))}


class Model(NamedTuple):
    """What was learnt: of how many sentences, what neutral ones score, and each term, how many hold it and its weight."""

    size: int
    neutral: float
    rows: list[tuple[str, int, list[float]]]


def trained(writers: Sequence[Sequence[Message]]) -> Model:
    """The model learnt from the messages of these writers."""
    sentences = [sentence for own in writers for message in own for sentence in message["sentences"]]
    writer = np.repeat(
        np.arange(len(writers)), [sum(len(message["sentences"]) for message in own) for own in writers]
    )
    names, count, plain = counted([text for text, _ in sentences], fewest=FEWEST)
    users = sum(np.diff(plain[writer == number].tocsc().indptr) > 0 for number in range(len(writers)))
    # How loud a sentence is counts by itself.
    is_word = np.array([not name.startswith("!") for name in names])
    kept = np.flatnonzero((users >= FEWEST) & is_word)
    names, count, plain = [names[place] for place in kept], count[kept], plain[:, kept]
    moods = np.array([mood / STRONGEST for _, mood in sentences])
    # The usual mood of the messages enters no word's weight.
    usual = sparse.csr_matrix(np.full((len(moods), 1), SOURCE_CONSTANT))
    features = sparse.hstack([weighted(plain, count), usual]).tocsr()
    model = Ridge(alpha=PENALTY, fit_intercept=False, solver="sparse_cg", tol=1e-8, max_iter=5000)
    weights = model.fit(features, moods).coef_[:-1]
    neutral = float((features[moods == 0][:, :-1] @ weights).mean())
    return Model(
        len(sentences), neutral, list(zip(names, count.tolist(), weights[:, None].tolist(), strict=True))
    )


def check(out: Path) -> None:
    """Print the AUC of negative messages and Spearman of the mood, writer by writer, each by a model of the others."""
    every = messages()
    for name, own in every.items():
        model = trained([their for other, their in every.items() if other != name])
        write_weights(out, ABOUT, model.size, model.rows)
        words = WordModel(out)
        scores = [fmean(words.scores([text for text, _ in message["sentences"]])) for message in own]
        moods = [message["mood"] for message in own]
        negative = auc([int(mood < 0) for mood in moods], [-score for score in scores])
        print(f"{name}: AUC of negative {negative:.3f}, Spearman {spearman(scores, moods):.3f}, n {len(own)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="print each writer's figures by a model of the others"
    )
    parser.add_argument("--out", type=Path, default=SUPPORT_WEIGHTS, help="where to write the weights")
    given = parser.parse_args()
    if given.check:
        check(given.out.with_suffix(".check"))
        return
    model = trained(list(messages().values()))
    write_weights(given.out, ABOUT, model.size, model.rows)
    print(
        f"{given.out.name}: {len(model.rows):,} terms of {model.size:,} sentences, neutral ones score {model.neutral:.3f}, "
        f"{given.out.stat().st_size:,} bytes"
    )


if __name__ == "__main__":
    main()
