"""Speed of hearing: sentiment against vaderSentiment, all cues in one pass against looping `re` over them."""

from __future__ import annotations

import gzip
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from metrics.text import vader
from metrics.text.clean import clean
from metrics.text.cues import CueSet, fold
from metrics.text.hear import cue_set, lexicon_names
from pipelines.sample import generate

Row = dict[str, Any]
_ROUNDS = 5
_MOST_FOR_BASELINE = 2_000  # texts that the slow side is given; the ratio is taken on these same texts


def texts(count: int, seed: int = 1) -> list[str]:
    """Distinct messages of a generated sample export, cleaned, in random order; as many as there are up to `count`."""
    found: dict[str, None] = {}
    with tempfile.TemporaryDirectory(prefix="heard-bench-") as name:
        generate(Path(name), tickets=max(500, count // 2))
        for path in sorted(Path(name).glob("tickets*.ndjson.gz")):
            found |= dict.fromkeys(_messages(path))
    chosen = [text for text in found if text]
    random.Random(seed).shuffle(chosen)
    return chosen[:count]


def _messages(path: Path) -> list[str]:
    with gzip.open(path, "rb") as lines:
        return [
            clean(comment["body"]).text
            for line in lines
            for comment in orjson.loads(line).get("comments", [])
        ]


def sentiment_row(texts: Sequence[str]) -> Row:
    """Sentiment, one core: how many times vaderSentiment's speed, and on how many texts any of the numbers differ."""
    analyzer = SentimentIntensityAnalyzer()
    chosen = list(texts[:_MOST_FOR_BASELINE])

    def baseline() -> list[tuple[float, ...]]:
        return [
            tuple(analyzer.polarity_scores(text)[key] for key in ("neg", "neu", "pos", "compound"))
            for text in chosen
        ]

    def ours() -> list[tuple[float, ...]]:
        return [vader.scores(text) for text in chosen]

    differing = sum(a != b for a, b in zip(baseline(), ours(), strict=True))
    ratio, baseline_seconds, seconds = _ratio(baseline, ours)
    return {
        "what": "sentiment, bit-equal to vaderSentiment 3.3.2, one core",
        "value": round(ratio, 1),
        "unit": "times vaderSentiment's speed",
        "baseline": "vaderSentiment 3.3.2",
        "baseline_seconds": round(baseline_seconds, 4),
        "seconds": round(seconds, 4),
        "texts": len(chosen),
        "words_per_text": round(statistics.mean(len(text.split()) for text in chosen), 1),
        "texts_that_differ": differing,
    }


def cues_row(texts: Sequence[str]) -> Row:
    """Which cues of every lexicon occur: how many times the speed of looping `re` over them, with equal answers."""
    cues = cue_set(lexicon_names())
    chosen = list(texts[: _MOST_FOR_BASELINE // 4])
    flags = re.IGNORECASE | re.ASCII
    patterns = [re.compile(cue.pattern, flags) for cue in cues.cues]

    def baseline() -> list[list[int]]:
        return [
            [number for number, pattern in enumerate(patterns) if pattern.search(text)]
            for text in map(fold, chosen)
        ]

    def ours() -> list[list[int]]:
        return cues.which(chosen)

    differing = sum(a != b for a, b in zip(baseline(), ours(), strict=True))
    ratio, baseline_seconds, seconds = _ratio(baseline, ours)
    return {
        "what": "all cues, one pass, one core",
        "value": round(ratio, 1),
        "unit": "times the speed of looping re",
        "baseline": f"re over {len(patterns)} patterns",
        "baseline_seconds": round(baseline_seconds, 4),
        "seconds": round(seconds, 4),
        "texts": len(chosen),
        "texts_that_differ": differing,
        "with_spans": round(baseline_seconds / _spans_seconds(cues, chosen), 1),
    }


def _spans_seconds(cues: CueSet, chosen: list[str]) -> float:
    return statistics.median(_seconds(lambda: cues.find(chosen)) for _ in range(_ROUNDS))


def _ratio(baseline: Callable[[], object], ours: Callable[[], object]) -> tuple[float, float, float]:
    """The median ratio of interleaved rounds, and the median seconds of both."""
    pairs = [(_seconds(baseline), _seconds(ours)) for _ in range(_ROUNDS)]
    ratio = statistics.median(slow / fast for slow, fast in pairs)
    return ratio, statistics.median(slow for slow, _ in pairs), statistics.median(fast for _, fast in pairs)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
