"""VADER's word lists and what a word is worth among its neighbours: the rules behind metrics/text/vader.py.

The rules are those of vaderSentiment 3.3.2 to the last quirk; each quirk is said where it stands.
"""

from __future__ import annotations

import hashlib
import string
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import Final, NamedTuple

from warehouse.errors import HeardError

VERSION: Final = "3.3.2"
_FILES: Final = {  # the data of that release, by content
    "vader_lexicon.txt": "1ec9c6e9ee19aade328f8beb393a6afa71a5bb3acf7d3cc22d4ef568df374bf5",
    "emoji_utf8_lexicon.txt": "b8d54223ae1ce22a3e12c1f745316b71678c328eb5f5d3063a842f37cfbe2823",
}
_CAPITALS, _DENIED = 0.733, -0.74  # what capitals add, and what a negation multiplies by
_NAMED_WORDS = "no or nor least at very never so this without doubt kind sort of just enough but"


# The names that a rule asks for one by one, before and after a token; all others only matter within `phrases`.
NAMED_BEFORE: Final = frozenset(
    {"no", "or", "nor", "least", "at", "very", "never", "so", "this", "without", "doubt"}
)
NAMED_AFTER: Final = frozenset({"of"})


class Token(NamedTuple):
    """All that the rules know of a token."""

    valence: float | None  # of the lexicon
    boost: float
    is_negation: bool
    name: str  # where a rule names the word
    is_upper: bool


class Rules(NamedTuple):
    lexicon: dict[str, float]
    emojis: dict[str, str]
    boosters: dict[str, float]
    negations: frozenset[str]
    idioms: dict[str, float]
    named: frozenset[str]


@cache
def rules() -> Rules:
    """The lexicon and the lists of the installed vaderSentiment, checked against the release we are equal to."""
    spec = util.find_spec("vaderSentiment")
    if spec is None or not spec.submodule_search_locations:
        raise HeardError("vaderSentiment is not installed.", fix=f"pip install vaderSentiment=={VERSION}")
    folder = Path(next(iter(spec.submodule_search_locations)))
    texts = {}
    version = metadata.version("vaderSentiment")
    for name, expected in _FILES.items():
        raw = (folder / name).read_bytes()
        if hashlib.sha256(raw).hexdigest() != expected or version != VERSION:
            raise HeardError(
                f"The installed vaderSentiment is not release {VERSION} ({name} differs).",
                fix=f"pip install --force-reinstall vaderSentiment=={VERSION}",
            )
        texts[name] = raw.decode("utf-8")
    from vaderSentiment import vaderSentiment

    # A word that stands twice in the lexicon has its last valence; keys with capitals never match a lowered token.
    entries = [
        line.strip().split("\t")[:2] for line in texts["vader_lexicon.txt"].rstrip("\n").split("\n") if line
    ]
    signs = [
        line.strip().split("\t")[:2] for line in texts["emoji_utf8_lexicon.txt"].rstrip("\n").split("\n")
    ]
    idioms = dict(vaderSentiment.SPECIAL_CASES)
    return Rules(
        lexicon={entry: float(number) for entry, number in entries},
        emojis={sign: words for sign, words in signs if len(sign) == 1},  # longer ones never match
        boosters=dict(vaderSentiment.BOOSTER_DICT),
        negations=frozenset(vaderSentiment.NEGATE),
        idioms=idioms,
        named=frozenset(_NAMED_WORDS.split()).union(*(idiom.split() for idiom in idioms)),
    )


def phrases() -> tuple[str, ...]:
    """Idioms and boosters of more than one word that can be met: all their words are named."""
    known = rules()
    return tuple(
        phrase
        for phrase in (*known.idioms, *known.boosters)
        if " " in phrase and known.named.issuperset(phrase.split())
    )


def word(token: str) -> str:
    """The token without ASCII punctuation at its ends; unchanged where two or fewer characters would remain."""
    bare = token.strip(string.punctuation)
    return bare if len(bare) > 2 else token


def valence(token: str) -> float:
    """The lexicon's valence of one token, about -4 to 4, before any rule; 0.0 where the lexicon has none."""
    return rules().lexicon.get(word(token).lower(), 0.0)


def token_of(low: str, is_upper: bool) -> Token:
    """What the rules know of a word in lower case."""
    known = rules()
    return Token(
        valence=known.lexicon.get(low),
        boost=known.boosters.get(low, 0.0),
        is_negation=low in known.negations or "n't" in low,
        name=low if low in known.named else "",
        is_upper=is_upper,
    )


def in_context(around: list[Token | None], stands_out: bool) -> float:
    """The valence of a token of the lexicon after every rule but the one on "but".

    `around`: the three tokens before it, itself, the two after it; None outside the text. `stands_out`: some tokens
    of the text are in capitals and some are not.
    """
    third, second, first, token, after, _ = around
    before = (first, second, third)
    if token is None or (token.name == "kind" and is_named(after, "of")):
        return 0.0
    value = base = token.valence or 0.0
    if token.name == "no" and after is not None and after.valence is not None:
        value = 0.0  # it denies the word after it instead of counting itself
    if (
        is_named(first, "no")
        or is_named(second, "no")
        or (is_named(third, "no") and (is_named(first, "or") or is_named(first, "nor")))
    ):
        value = base * _DENIED
    if token.is_upper and stands_out:
        value = value + _CAPITALS if value > 0 else value - _CAPITALS
    for distance, other in enumerate(before):
        if other is None or other.valence is not None:
            continue
        value += _boost(other, value, stands_out) * (1.0, 0.95, 0.9)[distance]
        value = _negate(value, distance, before)
        if distance == 2:
            value = _idioms(value, around)
    if is_named(first, "least") and not (is_named(second, "at") or is_named(second, "very")):
        value *= _DENIED
    return value


def is_named(token: Token | None, name: str) -> bool:
    return token is not None and token.name == name


def _boost(booster: Token, value: float, stands_out: bool) -> float:
    """What a booster or dampener before a word adds to its valence."""
    boost = booster.boost
    if boost and value < 0:
        boost = -boost
    if boost and booster.is_upper and stands_out:
        boost = boost + _CAPITALS if value > 0 else boost - _CAPITALS
    return boost


def _negate(value: float, distance: int, before: tuple[Token | None, Token | None, Token | None]) -> float:
    """The valence after the token at that distance may have denied it (0: the one right before)."""
    first, second, third = before
    first_is_so = is_named(first, "so") or is_named(first, "this")
    if distance == 1:
        if is_named(second, "never") and first_is_so:
            return value * 1.25
        if is_named(second, "without") and is_named(first, "doubt"):
            return value
    if distance == 2:
        # The original's `and` binds before its `or`: "so" or "this" right before is enough, without a "never".
        if (is_named(third, "never") and (is_named(second, "so") or is_named(second, "this"))) or first_is_so:
            return value * 1.25
        if is_named(third, "without") and (is_named(second, "doubt") or is_named(first, "doubt")):
            return value
    denier = before[distance]
    return value * _DENIED if denier is not None and denier.is_negation else value


def _idioms(value: float, around: list[Token | None]) -> float:
    """The valence after special idioms and two-word dampeners; only looked for with three tokens before."""
    known = rules()
    three, two, one, zero, next_one, next_two = (token.name if token else "" for token in around)
    for idiom in (
        f"{one} {zero}", f"{two} {one} {zero}", f"{two} {one}", f"{three} {two} {one}", f"{three} {two}"
    ):  # fmt: skip
        if idiom in known.idioms:
            value = known.idioms[idiom]
            break
    value = known.idioms.get(f"{zero} {next_one}", value)
    value = known.idioms.get(f"{zero} {next_one} {next_two}", value)
    for pair in (f"{three} {two}", f"{two} {one}"):
        value += known.boosters.get(pair, 0.0)
    return value
