"""Validity of the moods: sentiment of single texts, shift of conversations, and what moods say of satisfaction.

Texts are scored by sentence and averaged; conversations go the way of the pipeline (heard, judged, folded into
facts). What was not measured counts as 0. The figures: `auc` is of negative against the rest where a label is a mood
(better against the rest where it is a shift), `macro_f1` and `accuracy` of three answers by the one dead zone that
the project ships, `spearman` with ties corrected, `coverage` the share of rows that were measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.figures import accuracy, auc, load, macro_f1, spearman
from benchmarks.labelled import facts, heard
from benchmarks.train_polarity import SOURCES, labelled_rows, trained
from metrics.function.trust.sentiment_shift import SAME_ZONE, sentiment_shift
from metrics.text.polarity import DEAD_ZONE, polarities
from metrics.text.sentences import split
from metrics.text.vader import compounds
from metrics.text.word_model import WordModel, write_weights

Row = dict[str, Any]
Scores = Sequence[float | None]
MEASURE = sentiment_shift.name
VADER_ZONE = 0.05  # of VADER's makers
TRAINED_ON = frozenset({"vader-amazon", "vader-movie", "vader-nyt", "vader-tweets"})


def text_moods(texts: Sequence[str], score: Callable[[Sequence[str]], list[float]] = polarities) -> Scores:
    """The mean over its sentences of each text; None where it has none."""
    parts = [[text[start:end] for start, end in split(text)] for text in texts]
    moods = iter(score([sentence for sentences in parts for sentence in sentences]))
    return [fmean([next(moods) for _ in sentences]) if sentences else None for sentences in parts]


def sentiment_rows(path: Path) -> list[Row]:
    """Single texts labelled -1, 0, 1: by polarity, by plain VADER over sentences, and always the same answer."""
    rows = load(path)
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    if _name(path) not in TRAINED_ON:
        return _text_rows("sentiment", path, texts, labels, "sentiment")
    words = _without(path)
    found = _text_rows(
        "sentiment", path, texts, labels, "sentiment", lambda sentences: polarities(sentences, words)
    )
    found[0]["note"] = (
        "by a model of words that has learnt from the other files alone; the one that ships has learnt from this too"
    )
    return found


def _without(path: Path) -> WordModel:
    """The model of words as it would be had this file not been there."""
    others = [name for name in SOURCES if f"vader-{name}" != _name(path)]
    labelled = labelled_rows(path.parent.parent, others)
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.tsv.gz"
        write_weights(weights, "without one source", len(labelled), trained(labelled))
        return WordModel(weights)


def shift_rows(path: Path) -> list[Row]:
    """Conversations labelled with how far the customer's feeling moved: by `mood_shift` of sentiment_shift."""
    rows = load(path)
    return _shift_rows("shift", path, rows, [float(row["label"]) for row in rows])


def satisfaction_rows(path: Path) -> list[Row]:
    """Conversations rated 1 to 5: by the mood after our answer."""
    rows = load(path)
    found = facts(heard(rows), [sentiment_shift], len(rows))
    moods = [row.get("mood_after_answer") for row in found]
    labels = [float(row["label"]) for row in rows]
    plain = text_moods(["\n".join(_said(row)) for row in rows], compounds)
    common = {
        "task": "satisfaction",
        "dataset": _name(path),
        "label": "rating above 3",
        "output": "stated",
        "measure": MEASURE,
        "main": "spearman",
    }
    return [
        {**common, "method": method, "n": len(rows), **_rank([x > 3 for x in labels], labels, scores)}
        for method, scores in (("ours", moods), ("vader", plain), ("trivial", [0.0] * len(rows)))
    ]


def thread_rows(path: Path) -> list[Row]:
    """Threads labelled with the mood at their start and end, -2 to 2."""
    rows = [
        row for row in load(path) if row.get("mood_start") is not None and row.get("mood_end") is not None
    ]
    if not rows:
        return []
    customers = [_said(row) for row in rows]
    starts, ends = [row["mood_start"] for row in rows], [row["mood_end"] for row in rows]
    two = [row for row, said in zip(rows, customers, strict=True) if len(said) > 1]
    return [
        *_text_rows("support_threads", path, [said[0] for said in customers], starts, "mood_start"),
        *_text_rows("support_threads", path, [said[-1] for said in customers], ends, "mood_end"),
        *_shift_rows("support_threads", path, two, [row["mood_end"] - row["mood_start"] for row in two]),
    ]


def ticket_rows(path: Path) -> list[Row]:
    """Tickets labelled with the mood of each of the customer's turns, -2 to 2."""
    rows = [row for row in load(path) if row.get("mood")]
    texts, moods, moved, labels = [], [], [], []
    for row in rows:
        own = sorted((int(turn), mood) for turn, mood in row["mood"].items())
        texts += [row["messages"][turn]["text"] for turn, _ in own]
        moods += [mood for _, mood in own]
        if len(own) > 1:
            moved.append(row)
            labels.append(own[-1][1] - own[0][1])
    if not texts:
        return []
    return [
        *_text_rows("support_tickets", path, texts, moods, "mood"),
        *_shift_rows("support_tickets", path, moved, labels),
    ]


def _text_rows(
    task: str,
    path: Path,
    texts: Sequence[str],
    moods: Sequence[float],
    label: str,
    score: Callable[[Sequence[str]], list[float]] = polarities,
) -> list[Row]:
    signs = [_sign(mood, 0.0) for mood in moods]
    majority = max(sorted(set(signs)), key=signs.count)
    common = {"task": task, "dataset": _name(path), "label": label, "output": "stated", "measure": MEASURE}
    return [
        {**common, "method": method, "n": len(texts), **_three(signs, scores, zone),
         **_rank([sign < 0 for sign in signs], moods, scores, is_downward=True)}
        for method, scores, zone in (
            ("ours", text_moods(texts, score), DEAD_ZONE),
            ("vader", text_moods(texts, compounds), VADER_ZONE),
            ("trivial", [float(majority)] * len(texts), 0.5),
        )
    ]  # fmt: skip


def _shift_rows(task: str, path: Path, rows: Sequence[Row], labels: Sequence[float]) -> list[Row]:
    if not rows:
        return []
    signs = [_sign(label, 0.0) for label in labels]
    majority = max(sorted(set(signs)), key=signs.count)
    ours = [row.get("mood_shift") for row in facts(heard(rows), [sentiment_shift], len(rows))]
    common = {
        "task": task,
        "dataset": _name(path),
        "label": "shift",
        "output": "stated",
        "measure": MEASURE,
        "main": "spearman",
    }
    return [
        {**common, "method": method, "n": len(rows), **_three(signs, scores, zone),
         **_rank([sign > 0 for sign in signs], labels, scores)}
        for method, scores, zone in (
            ("ours", ours, SAME_ZONE),
            ("vader", _vader_shift(rows), VADER_ZONE),
            ("trivial", [float(majority)] * len(rows), 0.5),
        )
    ]  # fmt: skip


def _vader_shift(rows: Sequence[Row]) -> Scores:
    """Half of the last third of the customer's messages minus the first third, by plain VADER on whole messages."""
    shifts: list[float | None] = []
    for row in rows:
        moods = compounds(_said(row))
        part = -(-len(moods) // 3)
        shifts.append((fmean(moods[-part:]) - fmean(moods[:part])) / 2 if len(moods) > 1 else None)
    return shifts


def _three(signs: Sequence[int], scores: Scores, zone: float) -> Row:
    answers = [_sign(score or 0.0, zone) for score in scores]
    return {"accuracy": accuracy(signs, answers), "macro_f1": macro_f1(signs, answers)}


def _rank(
    positive: Sequence[bool], labels: Sequence[float], scores: Scores, is_downward: bool = False
) -> Row:
    known = [score or 0.0 for score in scores]
    direction = -1.0 if is_downward else 1.0
    flags, directed = [int(one) for one in positive], [direction * score for score in known]
    return {
        "auc": auc(flags, directed),
        "spearman": spearman(labels, known),
        "draws": {"auc": (flags, directed), "spearman": (labels, known)},
        "coverage": sum(score is not None for score in scores) / len(scores) if scores else 0.0,
    }


def _said(row: Row) -> list[str]:
    return [message["text"] for message in row["messages"] if message["speaker"] == "customer"]


def _sign(value: float, zone: float) -> int:
    return (value > zone) - (value < -zone)


def _name(path: Path) -> str:
    return path.name.split(".")[0]


TASKS = {
    "sentiment": (sentiment_rows,),
    "shift": (shift_rows,),
    "satisfaction": (satisfaction_rows,),
    "support_threads": (thread_rows,),
    "support_tickets": (ticket_rows,),
}
