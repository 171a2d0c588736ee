"""Tokens as bytes, and what a token is worth among such bytes: the memories that make metrics/text/vader.py fast."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import Final

from metrics.text.vader_rules import NAMED_BEFORE, Token, in_context, phrases, rules, token_of

UPPER: Final = 128  # added to a token's byte where it is in capitals: "no capitals" is `isascii`
BYTES: Final = range(2 * UPPER)
END: Final = "\0"  # a token that no text has; its byte is 0
OUTSIDE: Final = b"\0\0\0"  # between texts, so that every token has three before it and two after it

_LONGEST_TOKEN, _MOST_TOKENS, _MOST_CONTEXTS = 40, 1 << 17, 1 << 11
_PUNCTUATION = string.punctuation


class Codes(dict[str, str]):
    """From a token, as it stands between white space, to its character below 256: one byte in latin-1.

    A token with an emoji has more than one: those of the words of the emoji's name.
    """

    def __init__(self) -> None:
        super().__init__({END: END})
        known = rules()
        words = {*known.lexicon, *known.boosters, *known.negations, *known.named, "n't", ""}
        kinds = {low: token_of(low, False) for low in words}
        numbers = {kind: number for number, kind in enumerate(sorted(set(kinds.values()), key=repr), start=1)}
        if len(numbers) >= UPPER:
            raise AssertionError("more kinds of tokens than bytes")
        self.tokens: list[Token | None] = [None] * len(BYTES)
        for kind, number in numbers.items():
            self.tokens[number], self.tokens[number + UPPER] = kind, kind._replace(is_upper=True)
        self._pairs = {low: (chr(numbers[kind]), chr(numbers[kind] + UPPER)) for low, kind in kinds.items()}
        self._plain, self._denying = self._pairs[""], self._pairs["n't"]
        self._has_no_emoji = frozenset(known.emojis).isdisjoint

    def __missing__(self, raw: str) -> str:
        if raw.isascii() or self._has_no_emoji(raw):
            bare = raw.strip(_PUNCTUATION)
            if len(bare) <= 2:
                bare = raw
            low = bare.lower()
            pairs = self._pairs
            if low in pairs:
                code = pairs[low][bare.isupper()]
            elif "n't" in low:
                code = self._denying[bare.isupper()]
            else:
                code = self._plain[bare.isupper()]
        else:
            code = "".join(map(self.__getitem__, _spell_out(raw).split()))
        if len(raw) <= _LONGEST_TOKEN:
            if len(self) >= _MOST_TOKENS:
                self.clear()
                self[END] = END
            self[raw] = code
        return code

    def of(self, name: str) -> bytes:
        """The two bytes of a word: as it is and in capitals."""
        return "".join(self._pairs[name]).encode("latin-1")

    def meant(self, is_meant: Callable[[Token], bool]) -> bytes:
        """The bytes whose tokens are meant."""
        return bytes(code for code in BYTES if (token := self.tokens[code]) is not None and is_meant(token))


def _spell_out(text: str) -> str:
    """The text with each emoji replaced by its name: a space before it, none after it."""
    emojis = rules().emojis
    return "".join(f" {emojis[letter]}" if letter in emojis else letter for letter in text)


class _Worth(dict[int, float]):
    """From the byte of a token with feeling to what it is worth after the three bytes given, and before nothing."""

    def __init__(self, tokens: Sequence[Token | None], before: bytes) -> None:
        super().__init__()
        self._tokens, self._before = tokens, before

    def __missing__(self, code: int) -> float:
        around = [self._tokens[other] for other in (*self._before, code, 0, 0)]
        value = self[code] = in_context(around, stands_out=True)
        return value


class Contexts(dict[bytes, _Worth]):
    """From the three bytes before a token to what it is worth there, for each token with feeling."""

    def __init__(self, tokens: Sequence[Token | None]) -> None:
        super().__init__()
        self._tokens = tokens

    def __missing__(self, before: bytes) -> _Worth:
        if len(self) >= _MOST_CONTEXTS:
            self.clear()
        worth = self[before] = _Worth(self._tokens, before)
        return worth


def alike_before(tokens: Sequence[Token | None]) -> bytes:
    """A table from each byte to the first whose token is the same in what the rules ask of a token before another.

    That is little (how much feeling it carries, for one, is never asked), so there are few contexts to work out.
    """
    first: dict[object, int] = {}
    alike = bytearray()
    for code, token in enumerate(tokens):
        asked: object = None
        if token is not None:
            name = token.name if token.name in NAMED_BEFORE else ""
            is_loud = token.is_upper and token.boost != 0
            asked = (token.valence is None, token.boost, token.is_negation, name, is_loud)
        alike.append(first.setdefault(asked, code))
    return bytes(alike)


def one_of(codes: bytes) -> bytes:
    """A regular expression's class of these bytes."""
    return b"[" + re.escape(codes) + b"]"


def beyond_three_before(codes: Codes) -> tuple[bytes, Callable[[bytes, int], object]]:
    """Where a token's worth depends on more than the three before it: in idioms, and in "no" before feeling.

    Each has a telling word. Gives the bytes of those words, and what tells whether one at a place is meant.
    """
    feeling = codes.meant(lambda token: token.valence is not None)
    telling = {"no"}
    patterns = [one_of(codes.of("no")) + one_of(feeling)]
    for phrase in phrases():
        names = phrase.split()
        longest = max(names, key=len)
        telling.add(longest)
        parts = [one_of(codes.of(name)) for name in names]
        end = names.index(longest)
        behind = b"(?<=%b)" % b"".join(parts[:end]) if end else b""
        patterns.append(behind + b"".join(parts[end:]))
    return b"".join(map(codes.of, sorted(telling))), re.compile(b"|".join(patterns)).match
