"""VADER's four numbers, bit-equal to vaderSentiment 3.3.2 on every text and many times as fast.

What each quirk of the original is worth is written at its place in metrics/text/vader_rules.py; none is mended here.
What support talk needs beyond it is done in metrics/text/polarity.py.

How it is fast: every token becomes one byte that stands for all that the rules can know about it (its valence,
whether it boosts, negates, is one of the words the rules name, is in capitals). Some dozens of texts are then one
short string of bytes, and what the rules ask is asked of all of it at once, by few calls into C. What a token is worth
depends on nothing but the three tokens before it (but for idioms and "no"): that is remembered.
Both memories are bounded, and all of it is linear in the length of the texts.

The sum of a text's valences is the interpreter's own `sum`, as in the original: on Python 3.12 and later it is
compensated, and both give other last digits there than on 3.11 (5 of 20,000 texts). On one interpreter they agree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from heapq import heappop, heappush
from itertools import accumulate
from math import sqrt
from operator import getitem
from typing import Final, NamedTuple

from metrics.text.vader_codes import (
    BYTES,
    END,
    OUTSIDE,
    UPPER,
    Codes,
    Contexts,
    alike_before,
    beyond_three_before,
    one_of,
)
from metrics.text.vader_rules import in_context, rules, valence, word

__all__ = ["Scores", "compounds", "score_all", "scores", "valence", "valences", "word"]

_TEXTS_AT_ONCE: Final = 64
# A float this large has no decimals: adding it and taking it off again rounds to the nearest whole number.
_NO_DECIMALS: Final = 1.5 * 2.0**52
_END_BYTE: Final = END.encode()

Scores = tuple[float, float, float, float]


class _Engine(NamedTuple):
    """What reads texts: made on first use, with the memories inside."""

    feeling: bytes  # the bytes of tokens with feeling
    weigh: Callable[[Sequence[str]], tuple[list[bytes], list[list[float]]]]
    louder: tuple[str, ...]  # emojis with a "!" in their name, once for each


@cache
def _engine() -> _Engine:
    codes = Codes()
    code, tokens = codes.__getitem__, codes.tokens
    context = Contexts(tokens).__getitem__
    buts = codes.of("but")
    # Tables for bytes.translate: what to put for each byte, or what to leave out.
    alike = alike_before(tokens)
    lowered = bytes(number % UPPER for number in BYTES)
    upper = bytes(BYTES[UPPER:])
    feeling = codes.meant(lambda token: token.valence is not None)
    unfeeling = bytes(set(BYTES).difference(feeling))
    unfeeling_tokens = unfeeling.replace(_END_BYTE, b"")
    find_before = re.compile(one_of(bytes({*feeling.translate(alike)})) + b"(?<=(...).)", re.DOTALL).findall
    telling, is_special = beyond_three_before(codes)
    untelling = bytes(set(BYTES).difference(telling, buts))

    def weigh(texts: Sequence[str]) -> tuple[list[bytes], list[list[float]]]:
        """Each text's tokens as bytes, and the valence of each token with feeling, in order, after all rules."""
        joined = f" {END} ".join(texts)
        if joined.count(END) >= len(texts):
            # A text has that character itself: another that is as plain does as well.
            joined = f" {END} ".join([text.replace(END, "\1") for text in texts])
        # Capitals stand out where some tokens are in capitals and some are not; elsewhere they are as good as none.
        parts = [
            part if part.isascii() or part.translate(None, upper) else part.translate(lowered)
            for part in "".join(map(code, joined.split())).encode("latin-1").split(_END_BYTE)
        ]
        whole = OUTSIDE + OUTSIDE.join(parts) + OUTSIDE
        centres = whole.translate(None, unfeeling)
        if not centres:
            return parts, [[] for _ in parts]
        values = list(map(getitem, map(context, find_before(whole.translate(alike))), centres))
        counts = list(map(len, whole.translate(None, unfeeling_tokens)[3:-3].split(OUTSIDE)))
        found = [values[end - count : end] for count, end in zip(counts, accumulate(counts), strict=True)]
        told = {*whole.translate(None, untelling)}
        if told:
            mend(whole, parts, found, told)
        return parts, found

    def mend(whole: bytes, parts: list[bytes], found: list[list[float]], told: set[int]) -> None:
        """Put right what depends on more than the three tokens before: in the texts with one of the bytes told."""
        ends = list(accumulate([len(part) + len(OUTSIDE) for part in parts]))  # of each text in the whole
        special = [at for at in _places(whole, told.difference(buts)) if is_special(whole, at)]
        # From two tokens before an idiom's telling word to three after its last one.
        near = {at + step for at in special for step in range(-2, 6)}
        for number in {bisect_right(ends, at) for at in special}:
            begin = ends[number] - len(parts[number])
            places = [at for at, each in enumerate(parts[number], begin) if each in feeling]
            found[number] = [
                in_full(whole[at - 3 : at + 3]) if at in near else value
                for at, value in zip(places, found[number], strict=True)
            ]
        first_but: dict[int, int] = {}
        for at in _places(whole, told.intersection(buts)):
            number = bisect_right(ends, at)
            first_but[number] = min(at, first_but.get(number, at))
        for number, at in first_but.items():
            before = whole[ends[number] - len(parts[number]) : at]
            found[number] = _weigh_but(found[number], len(before.translate(None, unfeeling)))

    def in_full(around: bytes) -> float:
        """The valence of the fourth of six tokens, asking for the two after it too."""
        return in_context([tokens[each] for each in around], stands_out=True)

    louder = tuple(sign for sign, name in rules().emojis.items() for _ in range(name.count("!")))
    return _Engine(feeling, weigh, louder)


def _places(whole: bytes, codes: Iterable[int]) -> Iterator[int]:
    """Where any of a few rare bytes stands: to look for each alone is much faster than for all in one pass."""
    for code in codes:
        at = whole.find(code)
        while at >= 0:
            yield at
            at = whole.find(code, at + 1)


def _score(texts: Sequence[str]) -> list[Scores]:
    """The four numbers of a few texts."""
    engine = _engine()
    parts, worth = engine.weigh(texts)
    joined = "".join(texts)
    louder = [sign for sign in engine.louder if sign in joined]
    shares: list[float] = []  # three for each text: negative, neutral, positive
    moods: list[float] = []
    for text, part, found in zip(texts, parts, worth, strict=True):
        if not found:
            shares += (0.0, 1.0 if part else 0.0, 0.0)
            moods.append(0.0)
            continue
        positive = negative = 0.0
        neutral = len(part)
        for value in found:
            if value > 0:
                positive += value + 1
                neutral -= 1
            elif value < 0:
                negative -= value - 1
                neutral -= 1
        feeling_sum = sum(found)
        # Exclamation marks count up to four, question marks from two on; two emojis have a "!" in their name.
        exclamations, questions = text.count("!"), text.count("?")
        for sign in louder:
            exclamations += text.count(sign)
        if exclamations or questions > 1:
            emphasis = exclamations * 0.292 if exclamations < 4 else 4 * 0.292
            if questions > 1:
                emphasis += questions * 0.18 if questions <= 3 else 0.96
            if positive > negative:
                positive += emphasis
            elif positive < negative:
                negative += emphasis
            if feeling_sum > 0:
                feeling_sum += emphasis
            elif feeling_sum < 0:
                feeling_sum -= emphasis
        total = positive + negative + neutral
        shares += (negative / total, neutral / total, positive / total)
        moods.append(feeling_sum / sqrt(feeling_sum * feeling_sum + 15))
    shares = _rounded(shares, 3)
    return list(zip(shares[::3], shares[1::3], shares[2::3], _rounded(moods, 4), strict=True))


def _rounded(numbers: Sequence[float], digits: int) -> list[float]:
    """What `round(number, digits)` gives for each; left to it near the middle of two and next to nothing only.

    That is a third of the time: elsewhere scaling cannot have moved a number to the other side of a middle.
    """
    scale = 10.0**digits
    return [
        number
        and (
            nearest / scale
            if (nearest := (scaled := number * scale) + _NO_DECIMALS - _NO_DECIMALS)
            and -0.499 < scaled - nearest < 0.499
            else round(number, digits)
        )
        for number in numbers
    ]


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


def score_all(texts: Sequence[str]) -> list[Scores]:
    """VADER's neg, neu, pos (shares of the words, three decimals) and compound (-1 to 1, four decimals) of each text.

    Bit-equal to `SentimentIntensityAnalyzer().polarity_scores` of vaderSentiment 3.3.2 on the same interpreter.
    A text without a token gives four zeros; one without feeling (0.0, 1.0, 0.0, 0.0). Hutto and Gilbert 2014.
    """
    results: list[Scores] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        results += _score(texts[start : start + _TEXTS_AT_ONCE])
    return results


def scores(text: str) -> Scores:
    """The same of one text. Many texts take half the time by `score_all`."""
    return _score((text,))[0]


def compounds(texts: Sequence[str]) -> list[float]:
    """VADER's compound of each text, -1 to 1; 0.0 where it has no feeling. Equal to `scores(text)[3]`."""
    return [each[3] for each in score_all(texts)]


def valences(text: str) -> list[float]:
    """What each token of a text is worth after all of VADER's rules: one number a token, 0.0 for most.

    Tokens are what stands between white space, with each emoji spelled out as the words of its name.
    """
    engine = _engine()
    (part,), (found,) = engine.weigh((text,))
    values = iter(found)
    return [next(values) if number in engine.feeling else 0.0 for number in part]
