"""A linear model of words: the sum of the weights of a text's words and pairs of words, over the text's length.

Many texts at once, as arrays: they are read as one row of words, each word is a number, and so is each term:

word         its own number
denied word  a word with a negation among the four words before it, in the same sentence
pair         two neighbours

A term adds its rarity times its weight; the sum is divided by the square root of (prior + the squared rarities of
the terms that the model knows), so that one known word alone does not decide. benchmarks/train_polarity.py makes
the weights with the same functions.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

PRIOR: Final = 30.0
DENIED: Final = "not_"  # how the weights file marks a denied word; no word holds an underscore
_SCOPE = 4  # words after a negation
_TEXTS_AT_ONCE = 20_000
_MOST_CODES, _LONGEST_CODE = 1 << 17, 40  # of unknown words that are remembered

# Lower-case words, stops, emoticons, emoji, numbers, and the mark that parts one text from the next.
_TOKEN = re.compile(
    r"[a-z][a-z']*|[.!?]+|[:;=8]['-]?[()dp/\\|]|[\U0001f300-\U0001faff\u2600-\u27bf]|[0-9]+|\x00"
)
_APART = "\x00"
_NOT_WORDS = re.compile(r"https?://\S+|@\w+")
_NEGATIONS = frozenset(
    ["not", "no", "never", "nobody", "nothing", "none", "cannot", "without", "neither", "nor"]
)

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


def tokens(texts: Sequence[str]) -> list[str]:
    """The words, stops and signs of all texts in a row, a NUL after each text; links and @names are left out."""
    low = "".join([text.replace(_APART, " ") + " " + _APART for text in texts]).lower()
    if not low.isascii():
        low = low.replace("\u2019", "'")
    return _TOKEN.findall(_NOT_WORDS.sub(" ", low))


def rarity(count: Numbers, size: int) -> Numbers:
    """The weight of terms that `count` of `size` texts hold: the root of the usual inverse frequency."""
    return np.asarray(np.sqrt(np.log((1 + size) / (1 + count)) + 1))


class _Codes(dict[str, int]):
    """Words by number; 0 to 4 stand for all words that have none of their own."""

    WORD, NEGATION, STOP, APART, NUMBER = range(5)

    def __missing__(self, word: str) -> int:
        if word.isdigit():
            code = self.NUMBER
        elif word[0] in ".!?":
            code = self.STOP
        else:
            code = self.NEGATION if _is_negation(word) else self.WORD
        if len(self) < _MOST_CODES and len(word) < _LONGEST_CODE:
            self[word] = code
        return code


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


class Terms(NamedTuple):
    """The terms of many texts in one row: each one's number, and the position of the text that holds it."""

    number: Integers
    text: Integers


class Vocabulary:
    """The words that are told apart, and the numbers of the terms made of them."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = ["", "", "", "", "0", *words]
        self._codes = _Codes({word: code for code, word in enumerate(words, start=5)})
        self._codes[_APART] = _Codes.APART
        self._is_negation = np.array([_is_negation(word) for word in self.words])
        self._is_stop = np.array([word.startswith(("!", "?")) for word in self.words])
        self._is_negation[_Codes.NEGATION] = True
        self._is_stop[[_Codes.STOP, _Codes.APART]] = True

    def terms(self, texts: Sequence[str]) -> Terms:
        """All terms of the texts, each as often as it occurs, unknown ones too."""
        found = tokens(texts)
        own = np.fromiter(map(self._codes.__getitem__, found), dtype=np.int64, count=len(found))
        place = np.arange(len(own))
        is_negation = self._is_negation[own]
        negation = np.maximum.accumulate(np.where(is_negation, place, -_SCOPE - 1))
        stop = np.maximum.accumulate(np.where(self._is_stop[own], place, -_SCOPE - 1))
        is_denied = ~is_negation & (negation > stop) & (place - negation <= _SCOPE)
        size, ends = len(self.words), own == _Codes.APART
        text = np.cumsum(ends) - ends
        pairs = (own[:-1] + 2) * size + own[1:]
        return Terms(np.concatenate([own + size * is_denied, pairs]), np.concatenate([text, text[:-1]]))

    def number(self, name: str) -> int:
        """The number of a term by its name in the weights file."""
        size = len(self.words)
        first, blank, second = name.partition(" ")
        if blank:
            return (self._codes[first] + 2) * size + self._codes[second]
        denied = first.removeprefix(DENIED)
        return self._codes[denied] + size * (denied != first)

    def name(self, number: int) -> str | None:
        """The name of a term, the other way round; None where a part of it is no word of the vocabulary."""
        size = len(self.words)
        first, second = divmod(number, size)
        parts = [second] if first < 2 else [first - 2, second]
        if any(part < _Codes.NUMBER for part in parts):
            return None
        return DENIED * (first == 1) + " ".join(self.words[part] for part in parts)


class WordModel:
    """The weights of a file, ready to score texts.

    The file: gzip'd text; first line "# <count of texts>", what it is, and the names of its columns, where it has several;
    then term, count of texts, and a weight for each column, all by tabs.
    """

    def __init__(self, path: Path) -> None:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
        size, _, *columns = lines[0].removeprefix("# ").split("\t")
        self.columns = tuple(columns) or ("",)
        names: list[str] = []
        numbers = np.empty(
            (len(lines) - 1, 1 + len(self.columns))
        )  # row by row: as texts they would fill 30 MB
        for place, line in enumerate(lines[1:]):
            name, *row = line.split("\t")
            names.append(name)
            numbers[place] = [float(number) for number in row]
        words = {word.removeprefix(DENIED) for name in names for word in name.split(" ")} - {"0"}
        self.vocabulary = Vocabulary(sorted(words))
        terms = np.array([self.vocabulary.number(name) for name in names])
        order = np.argsort(terms)
        own = rarity(numbers[order, 0], int(size))
        self._numbers = terms[order]
        self._adds, self._length = np.ascontiguousarray((own[:, None] * numbers[order, 1:]).T), own * own

    def scores(self, texts: Sequence[str]) -> list[float]:
        """One score a text, about -1 to 1; 0.0 where the model knows no term of it. For a file of one column."""
        (column,) = self.table(texts).T
        return list(column.tolist())

    def table(self, texts: Sequence[str]) -> Numbers:
        """A row for each text, with a score for each column."""
        parts = [
            self._table(texts[start : start + _TEXTS_AT_ONCE])
            for start in range(0, len(texts), _TEXTS_AT_ONCE)
        ]
        return np.concatenate([np.empty((0, len(self.columns))), *parts])

    def _table(self, texts: Sequence[str]) -> Numbers:
        terms = self.vocabulary.terms(texts)
        place = np.minimum(np.searchsorted(self._numbers, terms.number), len(self._numbers) - 1)
        known = self._numbers[place] == terms.number
        place, text = place[known], terms.text[known]
        length = np.sqrt(np.bincount(text, weights=self._length[place], minlength=len(texts)) + PRIOR)
        adds = [np.bincount(text, weights=weight[place], minlength=len(texts)) for weight in self._adds]
        return np.asarray(np.stack(adds, axis=1) / length[:, None])


def write_weights(
    path: Path,
    about: str,
    size: int,
    rows: Sequence[tuple[str, int, Sequence[float]]],
    columns: Sequence[str] = (),
) -> None:
    """Write a weights file from (term, count of texts, weights); the same rows give the same bytes."""
    lines = [
        "\t".join([f"# {size}", about, *columns]),
        *(
            "\t".join([name, str(count), *(f"{weight:.3f}" for weight in weights)])
            for name, count, weights in sorted(rows)
        ),
    ]
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), compresslevel=9, mtime=0))
