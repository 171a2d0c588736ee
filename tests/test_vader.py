"""VADER's numbers: bit-equal to vaderSentiment 3.3.2, linear, and bounded in memory."""

from __future__ import annotations

import csv
import gzip
import math
import os
import time
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from metrics.text import vader, vader_codes, vader_rules
from tests.conftest import shared
from warehouse.errors import HeardError

ORIGINAL = SentimentIntensityAnalyzer()

_NAMED_WORDS = "no or nor so this never without doubt at least very kind of sort just enough but a the"
_NAMED = _NAMED_WORDS.split()
_PHRASES = [
    word for phrase in (*SPECIAL_CASES, "kind of", "sort of", "just enough") for word in phrase.split()
]
_FEELING = [
    "good",
    "bad",
    "great",
    "hate",
    "love",
    "terrible",
    "okay",
    "lol",
    "problem",
    ":)",
    ":(",
    ":D",
    "<3",
    "xD",
    "wow!",
    "ok.",
]
_ODD = [
    "\u212aind",
    "I",
    "12",
    "A1",
    "\0",
    "\0\0bad",
    "n't",
    "isn\u2019t",
    "isn't",
    "don't!",
    "--",
    "...",
    "!",
    "?",
    "???",
    "!!!!!",
    "no!",
    "\u0130",
    "\u00df",
]
_EMOJI = [
    "\U0001f600",
    "\U0001f625",
    "\U0001f622",
    "\u2764",
    "\u2764\ufe0f",
    "\U0001f199",
    "\U0001f51b",
    "\U0001f44d\U0001f3fd",
    "\U0001f494",
]
_WORDS = [*_NAMED, *_PHRASES, *_FEELING, *_ODD, *_EMOJI, *sorted(BOOSTER_DICT), *NEGATE]
_SPACES = [" ", " ", " ", "  ", "\t", "\n", "\u00a0", "\u2003", "\x1c", "\x85", ""]


def _original(text: str) -> tuple[float, ...]:
    found = ORIGINAL.polarity_scores(text)
    return tuple(found[name] for name in ("neg", "neu", "pos", "compound"))


def _case(word: str, how: int) -> str:
    return (word, word, word.upper(), word.capitalize(), word.lower())[how]


_TOKEN = st.builds(_case, st.sampled_from(_WORDS), st.integers(0, 4))
_TEXT = st.lists(st.tuples(_TOKEN, st.sampled_from(_SPACES)), max_size=30).map(
    lambda parts: "".join(word + space for word, space in parts)
)


@settings(max_examples=600, deadline=None)
@given(_TEXT)
def test_equal_on_strings_of_rule_words(text: str) -> None:
    assert vader.scores(text) == _original(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(_TEXT, max_size=8))
def test_many_texts_are_scored_like_each_alone(texts: list[str]) -> None:
    """Texts read together keep apart: their neighbours, idioms, capitals and emphasis are their own."""
    assert vader.score_all(texts) == [_original(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_equal_on_any_text(text: str) -> None:
    assert vader.scores(text) == _original(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "!", "not so very good", "NOT good at ALL", "never so bad", "without a doubt excellent", "kind of great",
        "it was so this good", "least bad", "at least good", "the least kind one", "no good", "no or yes or fine love",
        "good good but good good", "great 1.5 but bad, great but great", "love\U0001f60dlove", "\U0001f625", "GOOD 12", "GOOD BAD",
        "it is the bomb", "what a bad ass car", "yeah right thanks", "bus stop is a nice place", "really? really?? why????",
    ],
)  # fmt: skip
def test_equal_where_a_rule_has_a_quirk(text: str) -> None:
    assert vader.scores(text) == _original(text)


def test_equal_where_halving_makes_values_equal() -> None:
    """The original scales the first equal value: found by two words one of which is worth twice the other."""
    words = {
        value: word for word, value in vader_rules.rules().lexicon.items() if word.isalpha() and len(word) > 3
    }
    pairs = [(words[value * 2], word) for value, word in words.items() if value * 2 in words]
    assert pairs
    for double, single in pairs:
        for text in (f"{double} x x x {single} but x", f"x but {single} x x x {double} x {double}"):
            assert vader.scores(text) == _original(text)


def test_every_word_of_the_lexicon_alone_is_equal() -> None:
    for word in vader_rules.rules().lexicon:
        assert vader.scores(word) == _original(word)
        assert vader.scores(f"it is not {word} x") == _original(f"it is not {word} x")


def _texts(folder: str) -> Iterator[str]:
    for path in sorted(shared(folder).rglob("*.jsonl.gz")):
        with gzip.open(path) as lines:
            for row in map(orjson.loads, lines):
                yield from (each.get("text") or "" for each in (row, *row.get("messages", ())))


def test_equal_on_real_texts() -> None:
    """A fortieth of the measuring data; all of it (a minute) where HEARD_REQUIRE asks for that data."""
    step = 1 if "shared" in os.environ.get("HEARD_REQUIRE", "") else 40
    with gzip.open(shared("real/twcs_sample.csv.gz"), "rt", encoding="utf-8", newline="") as rows:
        texts = {row["text"] or "" for row in csv.DictReader(rows)}
    chosen = sorted({*texts, *_texts("labelled")})[::step]
    assert len(chosen) > 2_500
    theirs = [_original(text) for text in chosen]
    ours = vader.score_all(chosen)
    # By their spelling: that tells -0.0 from 0.0 too.
    assert [text for text, a, b in zip(chosen, ours, theirs, strict=True) if repr(a) != repr(b)] == []
    alone = slice(None, None, 20)
    assert list(map(vader.scores, chosen[alone])) == ours[alone]


@pytest.mark.parametrize("digits", [3, 4])
def test_rounding_is_that_of_the_interpreter(digits: int) -> None:
    scale = 10.0**digits
    ties = [(number + 0.5) / scale for number in range(-int(scale), int(scale))]
    numbers = [near for tie in ties for near in (tie, math.nextafter(tie, 2), tie + 0.3 / scale)]
    numbers += [0.0, -0.0, 1e-17, -1e-17, 1.0, -1.0]
    assert repr(vader._rounded(numbers, digits)) == repr([round(number, digits) for number in numbers])


def test_texts_keep_apart_and_in_order() -> None:
    texts = [
        "not", "good", "", "GREAT", "no", "love", "kiss of", "death", "great but", "bad", "\0", "great \0 bad", " ", "\U0001f199 good",
        "good!", "yeah", "right", "never so", "nice?? !!", "kiss of death it is", "\0 not", "fine",
    ] * 7  # fmt: skip
    assert vader.score_all(texts) == [_original(text) for text in texts]
    assert vader.score_all([]) == []


def test_compounds_and_valences_agree_with_scores() -> None:
    texts = ["This is good.", "This is NOT good, but fine!", "", "nothing here"]
    assert vader.compounds(texts) == [vader.scores(text)[3] for text in texts]
    assert vader.valences("this is not good") == [0.0, 0.0, 0.0, pytest.approx(1.9 * -0.74)]
    assert len(vader.valences("nice \U0001f600 day")) == 4  # the emoji is two words: grinning face
    assert vader.valence("Good,") == 1.9
    assert vader.valence("table") == 0.0


@pytest.mark.parametrize("joiner", [" good x ", " bad but good ", " great \U0001f625 "])
def test_time_is_linear_in_length(joiner: str) -> None:
    def seconds(count: int) -> float:
        text = joiner * count
        start = time.process_time()
        vader.scores(text)
        return time.process_time() - start

    short = min(seconds(2_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(3)) < 20 * max(short, 0.001) * 8


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vader_codes, "_MOST_TOKENS", 100)
    monkeypatch.setattr(vader_codes, "_MOST_CONTEXTS", 50)
    codes = vader_codes.Codes()
    for number in range(1_000):
        codes[f"word{number}"]
    codes["x" * 10_000]
    assert len(codes) <= 100
    assert max(map(len, codes)) < 100
    assert codes[vader_codes.END] == vader_codes.END
    contexts = vader_codes.Contexts(codes.tokens)
    for number in range(200):
        contexts[bytes([number, 0, 0])]
    assert len(contexts) <= 50


def test_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    vader_rules.rules.cache_clear()
    monkeypatch.setattr(vader_rules, "VERSION", "3.3.1")
    try:
        with pytest.raises(HeardError, match=r"3\.3\.1") as caught:
            vader_rules.rules()
        assert caught.value.fix
    finally:
        vader_rules.rules.cache_clear()
