"""Ways of writing: what turns the same sentence into somebody's own."""

from __future__ import annotations

import re
from random import Random

from pipelines.sample.stock import family

_SENTENCE_START = re.compile(r"(^|[.!?]\s+|\n\s*)([a-z])")
_CAPITALISED = re.compile(r"\b(?:[A-Z][a-z']+|A|I(?:'[a-z]+)?)\b")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]+")
_SPACES = re.compile(r" {2,}")
_WORD = re.compile(r"\b[a-z]{5,}\b")
_NEAR = {
    "a": "s", "e": "r", "i": "o", "o": "p", "t": "y", "n": "m", "s": "d", "r": "t", "l": "k", "h": "j", "c": "v",
    "d": "f", "u": "i", "m": "n", "p": "o", "g": "h", "y": "t", "b": "v", "w": "e", "k": "l", "v": "b",
}  # fmt: skip
_TEXTY = tuple(
    (re.compile(rf"\b{word}\b"), short)
    for word, short in (
        ("you", "u"), ("your", "ur"), ("please", "pls"), ("because", "cos"), ("tomorrow", "tmrw"), ("thanks", "thx"),
        ("are", "r"), ("people", "ppl"), ("message", "msg"), ("about", "abt"), ("with", "w"), ("know", "kno"),
        ("going to", "gonna"), ("without", "w/o"), ("minutes", "mins"), ("and", "n"), ("to", "2"),
    )
)  # fmt: skip
_PLAIN_FORMS = tuple(
    (re.compile(rf"\b{short}\b"), long)
    for short, long in (
        ("can't", "cannot"), ("won't", "will not"), ("don't", "do not"), ("doesn't", "does not"),
        ("didn't", "did not"), ("isn't", "is not"), ("wasn't", "was not"), ("haven't", "have not"),
        ("hasn't", "has not"), ("couldn't", "could not"), ("I've", "I have"), ("I'm", "I am"), ("I'd", "I would"),
        ("I'll", "I will"), ("it's", "it is"), ("It's", "It is"), ("we've", "we have"), ("We've", "We have"),
        ("That's", "That is"), ("that's", "that is"), ("you've", "you have"), ("You've", "You have"),
    )
)  # fmt: skip
_FOREIGN_FORMS = tuple(
    (re.compile(form), said)
    for form, said in (
        (r"\bI have been\b", "I am since"), (r"\bCould you\b", "Can you please"), (r"\bCan you\b", "Please can you"),
        (r"\bI would like\b", "I want kindly"), (r"\bhow do I\b", "how I can"), (r"\bHow do I\b", "How I can"),
        (r"\bwent out\b", "was gone out"), (r"\bhas not\b", "did not"), (r"\bHow does\b", "How it does"),
        (r"\bis there\b", "there is"), (r"\bmuch\b", "very much"), (r"\bstill\b", "until now"),
    )
)  # fmt: skip
_ARTICLE = re.compile(r"\b(?:the|a|an) ")


def sentence_case(text: str) -> str:
    """Capital letters where sentences begin."""
    return _SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)


def with_typos(text: str, rate: float, rng: Random) -> str:
    """A share `rate` of the words mistyped: swapped, dropped, doubled or neighbouring letters."""
    spots = list(_WORD.finditer(text))
    wanted = rate * len(spots) * 2
    count = int(wanted) + (rng.random() < wanted % 1)
    for match in sorted(
        (spots[int(rng.random() * len(spots))] for _ in range(count)), key=lambda m: -m.start()
    ):
        word = text[match.start() : match.end()]
        at = 1 + int(rng.random() * (len(word) - 2))
        turn = rng.random()
        if turn < 0.35:
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif turn < 0.6:
            word = word[:at] + word[at + 1 :]
        elif turn < 0.8:
            word = word[:at] + word[at] + word[at:]
        else:
            word = word[:at] + _NEAR.get(word[at], word[at]) + word[at + 1 :]
        text = text[: match.start()] + word + text[match.end() :]
    return text


def _lower(text: str, rng: Random) -> str:
    text = _CAPITALISED.sub(lambda match: match[0].lower(), text)
    if rng.random() < 0.5:
        text = text.replace("'", "")
    if rng.random() < 0.6:
        if rng.random() < 0.4:
            text = text.replace(". ", (" ", ", ", " - ", "... ")[int(rng.random() * 4)])
        text = text.removesuffix(".")
    return text


def _texty(text: str, rng: Random) -> str:
    text = _lower(text, rng)
    for pattern, short in _TEXTY:
        if rng.random() < 0.55:
            text = pattern.sub(short, text)
    return text


def _formal(text: str) -> str:
    for pattern, long in _PLAIN_FORMS:
        text = pattern.sub(long, text)
    return text


def _foreign(text: str, rng: Random) -> str:
    text = _formal(text)
    for pattern, said in _FOREIGN_FORMS:
        if rng.random() < 0.7:
            text = pattern.sub(said, text)
    return _ARTICLE.sub(lambda match: "" if rng.random() < 0.35 else match[0], text)


def _loud(text: str, rng: Random) -> str:
    """One sentence in capitals."""
    found = [match for match in _SENTENCE.finditer(text) if 12 < len(match[0]) < 90]
    if not found:
        return text
    match = found[int(rng.random() * len(found))]
    end = match[0].upper()
    if end.endswith("."):
        end = end.rstrip(".") + ("!", "!!", "!!!", ".")[int(rng.random() * 4)]
    return text[: match.start()] + end + text[match.end() :]


def _with_emoji(text: str, mood: str, rng: Random) -> str:
    signs = family("extras")["emoji"].get(mood, "🙂").split()
    sign = signs[int(rng.random() * len(signs))]
    return f"{text} {sign * (1 + (rng.random() < 0.2))}"


def in_voice(
    text: str, voice: str, mood: str, typos: float, rng: Random, *, is_careless: bool = False
) -> str:
    """The text as somebody with this voice types it in this mood; careless: small letters stay small."""
    text = _SPACES.sub(" ", text.strip())
    if not is_careless:
        text = sentence_case(text)
    if voice == "lower":
        text = _lower(text, rng)
    elif voice == "texty":
        text = _texty(text, rng)
    elif voice == "formal":
        text = _formal(text)
    elif voice == "foreign":
        text = _foreign(text, rng)
    if (mood == "furious" and rng.random() < 0.3) or (mood == "annoyed" and rng.random() < 0.05):
        text = _loud(text, rng)
    if typos and voice not in ("formal",):
        text = with_typos(text, typos, rng)
    if voice == "emoji" or rng.random() < 0.02:
        text = _with_emoji(text, mood, rng)
    return text
