"""Speed of hearing: sentiment against vaderSentiment, all cues in one pass against looping `re` over them."""

from __future__ import annotations

import csv
import gzip
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from metrics.text import vader
from metrics.text.clean import clean
from metrics.text.cues import CueSet, Hits, fold
from metrics.text.ear import Ear
from metrics.text.hear import cue_set, lexicon_names
from metrics.text.polarity import polarities
from metrics.text.sentences import flags, split
from pipelines.sample import generate

Row = dict[str, Any]
_ROUNDS = 5
_BATCH = 16_000  # messages
_MOST_FOR_BASELINE = 2_000  # texts that the slow side is given; the ratio is taken on these same texts
_LOOPED = 250  # messages that `re` is looped over where there are too many: thousands of patterns on each


def texts(count: int, seed: int = 1) -> list[str]:
    """Distinct messages of a generated sample export, cleaned, in random order; as many as there are up to `count`."""
    chosen = list(dict.fromkeys(messages(max(500, count // 2))))
    random.Random(seed).shuffle(chosen)
    return chosen[:count]


def messages(tickets: int) -> list[str]:
    """All messages of a generated sample export, cleaned, in its order and with what repeats."""
    with tempfile.TemporaryDirectory(prefix="heard-bench-") as name:
        generate(Path(name), tickets=tickets)
        paths = sorted(Path(name).glob("tickets*.ndjson.gz"))
        return [text for path in paths for text in _messages(path) if text]


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

    def ours() -> list[tuple[float, float, float, float]]:
        return vader.score_all(chosen)

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


def measured_row(folder: Path) -> Row:
    """The same on every distinct text of the measuring data, each scored once by either side, in turns of 2,000."""
    analyzer = SentimentIntensityAnalyzer()
    texts = sorted(set(_measuring_texts(folder)))
    random.Random(1).shuffle(texts)
    differing, slow, fast = 0, 0.0, 0.0
    ratios: list[float] = []
    for start in range(0, len(texts), _MOST_FOR_BASELINE):
        chosen = texts[start : start + _MOST_FOR_BASELINE]
        began = time.perf_counter()
        theirs = [analyzer.polarity_scores(text) for text in chosen]
        between = time.perf_counter()
        ours = vader.score_all(chosen)
        ended = time.perf_counter()
        differing += sum(
            (a["neg"], a["neu"], a["pos"], a["compound"]) != b for a, b in zip(theirs, ours, strict=True)
        )
        slow, fast = slow + between - began, fast + ended - between
        ratios.append((between - began) / (ended - between))
    return {
        "what": "sentiment on every text of the measuring data, each once",
        "value": round(statistics.median(ratios), 1),
        "unit": "times vaderSentiment's speed",
        "baseline_seconds": round(slow, 2),
        "seconds": round(fast, 2),
        "texts": len(texts),
        "texts_that_differ": differing,
    }


def _measuring_texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("labelled/*/*.jsonl.gz")):
        with gzip.open(path, "rb") as lines:
            for row in map(orjson.loads, lines):
                yield from (each.get("text") or "" for each in (row, *row.get("messages", ())))
    for path in sorted(folder.glob("real/*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
            yield from (row["text"] or "" for row in csv.DictReader(rows))


def cues_row(texts: Sequence[str]) -> Row:
    """Which cues of every lexicon occur, those of patterns: how many times the speed of looping `re` over them, with equal answers."""
    cues = CueSet([cue for cue in cue_set(lexicon_names()).cues if not cue.learnt])
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


class _Timed(CueSet):
    """Cues that count the seconds of finding them."""

    seconds = 0.0

    def find(self, texts: Sequence[str]) -> Hits:
        began = time.process_time()
        found = super().find(texts)
        self.seconds += time.process_time() - began
        return found


def heard_cues_row(messages: Sequence[str]) -> Row:
    """All cues with their spans in messages as a run hears them, each sentence once; looping `re` over some of the messages at random."""
    cues = _Timed(cue_set(lexicon_names()).cues)
    ear = Ear(cues, is_feeling=False)
    for start in range(0, len(messages), _BATCH):
        ear.hear(messages[start : start + _BATCH])
    looped = list(map(fold, random.Random(1).sample(messages, min(len(messages), _LOOPED))))
    patterns = [re.compile(cue.pattern, re.IGNORECASE | re.ASCII) for cue in cues.cues if not cue.learnt]
    each = _seconds(lambda: [pattern.search(text) for text in looped for pattern in patterns]) / len(looped)
    return {
        "what": "all cues of a sample export as a run hears it, each sentence once, one core",
        "value": round(each * len(messages) / cues.seconds, 1),
        "unit": "times the speed of looping re over every message",
        "baseline": f"re over {len(patterns)} patterns, {len(looped)} messages at random",
        "baseline_seconds": round(each * len(messages), 1),
        "seconds": round(cues.seconds, 2),
        "texts": len(messages),
        "microseconds_per_message": round(cues.seconds / len(messages) * 1e6, 1),
    }


def hearing_rows(tickets: int, folder: Path | None) -> Iterator[Row]:
    """Sentences, moods and cues of a sample export's messages, and of the measuring data's texts, where these are."""
    yield _hearing_row("hearing a sample export, one core", messages(tickets))
    if folder is not None:
        yield _hearing_row(
            "hearing every text of the measuring data, one core", list(_measuring_texts(folder))
        )


def _hearing_row(what: str, chosen: Sequence[str]) -> Row:
    """How many times the speed of hearing every sentence anew; each side once, in batches, its automata built before."""
    cues = cue_set(lexicon_names(), "customer")
    batches = [chosen[start : start + _BATCH] for start in range(0, len(chosen), _BATCH)]

    def plain(texts: Sequence[str]) -> int:
        parts = [text[start:end] for text in texts for start, end in split(text)]
        polarities(parts)
        for part in parts:
            flags(part)
        return len(cues.find(parts))

    made = Ear(cues, is_feeling=True)
    plain(chosen[:_BATCH])
    slow, fast, differing, sentences = 0.0, 0.0, 0, 0
    for batch in batches:
        began = time.process_time()
        count = plain(batch)
        between = time.process_time()
        heard = made.hear(batch)
        slow, fast = slow + between - began, fast + time.process_time() - between
        differing += abs(count - heard.hits.height)
        sentences += heard.sentences.height
    return {
        "what": what,
        "value": round(slow / fast, 1),
        "unit": "times the speed of hearing every sentence anew",
        "baseline_seconds": round(slow, 2),
        "seconds": round(fast, 2),
        "texts": len(chosen),
        "sentences": sentences,
        "microseconds_per_sentence": round(fast / sentences * 1e6, 1),
        "cues_that_differ": differing,
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
