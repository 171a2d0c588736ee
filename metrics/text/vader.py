"""VADER's four numbers, bit-equal to vaderSentiment 3.3.2 on every text and many times as fast.

What each quirk of the original is worth is written at its place below; none is mended here. What support talk
needs beyond it is done in metrics/text/polarity.py.

How it is fast: every token becomes one character that stands for all that the rules can know about it (its
valence, whether it boosts, negates, is one of the words the rules name, is in capitals). A message is then a short
string of such characters, one search finds the tokens with feeling, and what a token is worth depends on nothing
but the three characters before it, the two after it and whether capitals stand out: that is remembered.
Both memories are bounded, and all of it is linear in the length of the text.

The sum of a text's valences is the interpreter's own `sum`, as in the original: on Python 3.12 and later it is
compensated, and both give other last digits there than on 3.11 (5 of 20,000 texts). On one interpreter they agree.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from heapq import heappop, heappush
from math import sqrt
from typing import NamedTuple

from metrics.text.vader_rules import (
    NAMED_AFTER,
    NAMED_BEFORE,
    Token,
    in_context,
    phrases,
    rules,
    token_of,
    valence,
    word,
)

__all__ = ["Scores", "compounds", "scores", "valence", "valences", "word"]

_LONGEST_TOKEN, _MOST_TOKENS, _MOST_CONTEXTS = 40, 1 << 17, 1 << 17
_PUNCTUATION = string.punctuation
_BEFORE, _AFTER = "\0\0\0", "\0\0"  # stand outside the text, so that every token has neighbours

Scores = tuple[float, float, float, float]


class _Codes(dict[str, str]):
    """From what stands between white space to its characters: one, or one a word where an emoji is spelled out.

    Characters of tokens in capitals are 128 and above, those of the others below, so that "no capitals" is
    `isascii`; 0 stands outside the text.
    """

    def __init__(self) -> None:
        super().__init__()
        known = rules()
        words = {*known.lexicon, *known.boosters, *known.negations, *known.named, "n't", "\0"}
        kinds = sorted({token_of(low, False) for low in words}, key=repr)
        if len(kinds) > 127:
            raise AssertionError("more kinds of tokens than characters")
        character = {kind: chr(number) for number, kind in enumerate(kinds, start=1)}
        self.pairs = {low: _pair(character[token_of(low, False)]) for low in words}
        self.plain, self.denying = self.pairs["\0"], self.pairs["n't"]
        self.tokens: dict[str, Token | None] = {"\0": None}
        for kind, letter in character.items():
            lower, upper = _pair(letter)
            self.tokens |= {lower: kind, upper: kind._replace(is_upper=True)}
        self.emojis = known.emojis.keys()

    def __missing__(self, raw: str) -> str:
        if raw.isascii() or self.emojis.isdisjoint(raw):
            bare = raw.strip(_PUNCTUATION)
            if len(bare) <= 2:
                bare = raw
            low = bare.lower()
            pair = self.pairs.get(low)
            if pair is None:
                pair = self.denying if "n't" in low else self.plain
            codes = pair[bare.isupper()]
        else:
            codes = "".join(map(self._character, _spell_out(raw).split()))
        if len(raw) <= _LONGEST_TOKEN:
            if len(self) >= _MOST_TOKENS:
                self.clear()
            self[raw] = codes
        return codes

    def _character(self, token: str) -> str:
        bare = word(token)
        low = bare.lower()
        pair = self.pairs.get(low) or (self.denying if "n't" in low else self.plain)
        return pair[bare.isupper()]

    def characters(self, is_meant: Callable[[Token], bool]) -> str:
        """A regular expression's class of the characters whose tokens are meant."""
        return (
            "[" + re.escape("".join(c for c, token in self.tokens.items() if token and is_meant(token))) + "]"
        )


def _pair(letter: str) -> tuple[str, str]:
    """A token's character as it is and in capitals."""
    return letter, chr(ord(letter) + 128)


def _spell_out(text: str) -> str:
    """The text with each emoji replaced by its name: a space before it, none after it."""
    emojis = rules().emojis
    return "".join(f" {emojis[letter]}" if letter in emojis else letter for letter in text)


class _Contexts(dict[tuple[str, str], float]):
    """What a token is worth after all rules, by the characters around it.

    Of its neighbours the rules see little: how much feeling a neighbour carries, for one, is never asked, and most
    names only matter in an idiom. Neighbours that are alike in what is asked share a character, so that few contexts
    have to be worked out.
    """

    def __init__(self, codes: _Codes, stands_out: bool) -> None:
        super().__init__()
        self.tokens, self.stands_out = codes.tokens, stands_out
        self.alike_before = _alike(codes.tokens, NAMED_BEFORE)
        self.alike_after = _alike(codes.tokens, NAMED_AFTER)
        idioms = (
            "".join(f"[{re.escape(''.join(codes.pairs[word]))}]" for word in i.split()) for i in phrases()
        )
        self.has_idiom = re.compile("|".join(idioms)).search
        self.worked_out: dict[str, float] = {}

    def __missing__(self, key: tuple[str, str]) -> float:
        before, after = key
        around = before + after
        if not self.has_idiom(around):
            around = (
                before[:3].translate(self.alike_before)
                + before[3]
                + after[0].translate(self.alike_after)
                + "\0"
            )
        value = self.worked_out.get(around)
        if value is None:
            value = in_context([self.tokens[character] for character in around], self.stands_out)
            if len(self.worked_out) >= _MOST_CONTEXTS:
                self.worked_out.clear()
            self.worked_out[around] = value
        if len(self) >= _MOST_CONTEXTS:
            self.clear()
        self[key] = value
        return value


def _alike(tokens: dict[str, Token | None], named: frozenset[str]) -> dict[int, str]:
    """From each character to the first whose token is the same in what the rules ask of a neighbour."""
    first: dict[object, str] = {}
    alike = {}
    for character, token in tokens.items():
        asked: object = None
        if token is not None:
            name = token.name if token.name in named else ""
            is_loud = token.is_upper and token.boost != 0
            asked = (token.valence is None, token.boost, token.is_negation, name, is_loud)
        alike[ord(character)] = first.setdefault(asked, character)
    return alike


class _Engine(NamedTuple):
    """What scores texts: made on first use, with the memories inside."""

    code: Callable[[str], str]
    worth: Callable[[str], list[float]]
    scores: Callable[[str], Scores]
    find_feeling: Callable[[str], Iterator[re.Match[str]]]


@cache
def _engine() -> _Engine:
    """Two functions with everything they need bound to them: most of a short text's time is looking up names."""
    codes = _Codes()
    code = codes.__getitem__
    feeling = re.compile(codes.characters(lambda token: token.valence is not None))
    # Every token with feeling, with the three tokens before it and the two after it.
    find_around = re.compile(f"{feeling.pattern}(?<=(....))(?=(..))", re.DOTALL).findall
    find_plain = re.compile("[\x01-\x7f]").search
    level, standing_out = (_Contexts(codes, flag).__getitem__ for flag in (False, True))
    but, upper_but = codes.pairs["but"]
    louder = tuple(sign for sign, name in rules().emojis.items() for _ in range(name.count("!")))

    def worth(characters: str) -> list[float]:
        """The valence of each token with feeling, in order, after all rules."""
        around = find_around(f"{_BEFORE}{characters}{_AFTER}")
        if not around:
            return around
        if characters.isascii() or not find_plain(characters):
            found = list(map(level, around))
        else:  # capitals stand out where some tokens are in capitals and some are not
            found = list(map(standing_out, around))
        if but in characters or upper_but in characters:
            first_but = min(
                place for place in (characters.find(but), characters.find(upper_but)) if place >= 0
            )
            return _weigh_but(found, len(feeling.findall(characters, 0, first_but)))
        return found

    def scores(text: str) -> Scores:
        characters = "".join(map(code, text.split()))
        found = worth(characters)
        if not found:
            return (0.0, 1.0, 0.0, 0.0) if characters else (0.0, 0.0, 0.0, 0.0)
        positive = negative = 0.0
        neutral = len(characters)
        for value in found:
            if value > 0:
                positive += value + 1
                neutral -= 1
            elif value < 0:
                negative -= value - 1
                neutral -= 1
        # Exclamation marks count up to four, question marks from two on; two emojis have a "!" in their name.
        exclamations, questions = text.count("!"), text.count("?")
        if not text.isascii():
            for sign in louder:
                exclamations += text.count(sign)
        emphasis = exclamations * 0.292 if exclamations < 4 else 4 * 0.292
        if questions > 1:
            emphasis += questions * 0.18 if questions <= 3 else 0.96
        if positive > negative:
            positive += emphasis
        elif positive < negative:
            negative += emphasis
        total = positive + negative + neutral
        feeling_sum = sum(found)
        if feeling_sum > 0:
            feeling_sum += emphasis
        elif feeling_sum < 0:
            feeling_sum -= emphasis
        return (
            round(negative / total, 3),
            round(neutral / total, 3),
            round(positive / total, 3),
            round(feeling_sum / sqrt(feeling_sum * feeling_sum + 15), 4),
        )

    return _Engine(code, worth, scores, feeling.finditer)


def _weigh_but(worth: list[float], count_before: int) -> list[float]:
    """Halve what stands before the first "but" and raise what follows by half."""
    scaled = [value * 0.5 for value in worth[:count_before]] + [value * 1.5 for value in worth[count_before:]]
    return scaled if set(scaled).isdisjoint(worth) else _scale_first_equal(worth, count_before)


def _scale_first_equal(worth: list[float], count_before: int) -> list[float]:
    """Halve what stands before the "but" and raise what follows by half, the way the original does.

    It looks each value up by its first occurrence: where an earlier value has become equal by scaling, that one is
    scaled again and the later one is not.
    """
    worth = list(worth)
    waiting: dict[float, list[int]] = {}
    for number, value in enumerate(worth):
        waiting.setdefault(value, []).append(number)
    for number in range(len(worth)):
        value = worth[number]
        if value == 0:
            continue
        first = heappop(waiting[value])
        worth[first] = value * (0.5 if first < count_before else 1.5)
        heappush(waiting.setdefault(worth[first], []), first)
    return worth


def scores(text: str) -> Scores:
    """VADER's neg, neu, pos (shares of the words, three decimals) and compound (-1 to 1, four decimals) of a text.

    Bit-equal to `SentimentIntensityAnalyzer().polarity_scores` of vaderSentiment 3.3.2 on the same interpreter.
    A text without a token gives four zeros; one without feeling (0.0, 1.0, 0.0, 0.0). Hutto and Gilbert 2014.
    """
    return _engine().scores(text)


def compounds(texts: Sequence[str]) -> list[float]:
    """VADER's compound of each text, -1 to 1; 0.0 where it has no feeling. Equal to `scores(text)[3]`."""
    return [each[3] for each in map(_engine().scores, texts)]


def valences(text: str) -> list[float]:
    """What each token of a text is worth after all of VADER's rules: one number a token, 0.0 for most.

    Tokens are what stands between white space, with each emoji spelled out as the words of its name.
    """
    engine = _engine()
    codes = "".join(map(engine.code, text.split()))
    found = [0.0] * len(codes)
    for match, value in zip(engine.find_feeling(codes), engine.worth(codes), strict=True):
        found[match.start()] = value
    return found
