"""Lexicons: the files that say what signals listen for.

A lexicon is a file data/lexicons/<name>.toml:

    about = "Sentences in which a customer asks for a change."    # required, one sentence

    [[cue]]
    kind = "request"                          # required: the group that the signal reads
    phrases = ["would be nice if", "please add"]
    weight = 1.0                              # optional, default 1.0
    speaker = "customer"                      # optional: customer, agent or both (default both)
    note = "why this is a cue"                # required

    [[cue]]
    kind = "request"
    patterns = ["(?:could|can) you (?:guys )?(?:please )?(?:add|support)"]
    weight = 0.6
    note = "..."

phrases  Literal words, case-insensitive, whole words, any white space between two words; straight and curly
         apostrophes are the same.
patterns RE2 syntax (no look-around, no back-references), case-insensitive, found anywhere: write \\b where a
         word must begin or end. One space in a pattern is one space in the text. <kin> stands for the list of words
         of that name in data/lexicons/words.toml, which may name others in turn.

A table gives at least one phrase or pattern, and may give both; each of them becomes one Cue. One with neither may name
what is heard by all the words of a sentence: learnt = "leaving", a column of metrics/text/learnt.py, and least = 1.5, the
score from which on a sentence counts; in one that scores less than doubted = 2.0 the other cues of the kind do not, nor those
of the kinds in doubts = ["hint"] ("*" is every kind). Word characters and word boundaries are those of ASCII.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

import re2

from metrics.text import learnt
from metrics.text.cues import Cue, Speaker, fold, is_word, options
from warehouse.errors import Declaration

WORDS: Final = Path(__file__).resolve().parents[2] / "data" / "lexicons" / "words.toml"
_NAMED = re.compile(
    r"(?<!\(\?)(?<!\(\?P)(?<!\\)<([a-z]+)>"
)  # not the name of a group, (?P<name>, nor a sign that is meant
_CUE_KEYS = {
    "kind",
    "phrases",
    "patterns",
    "weight",
    "speaker",
    "note",
    "learnt",
    "least",
    "doubted",
    "doubts",
}


def phrase_pattern(phrase: str) -> str:
    """The RE2 pattern of a literal phrase: whole words, any white space between them."""
    words = fold(phrase).split()
    body = r"\s+".join(re.escape(word) for word in words)
    first, last = words[0][0], words[-1][-1]
    return ("\\b" if is_word(first) else "") + body + ("\\b" if is_word(last) else "")


@cache
def words() -> dict[str, str]:
    """The lists of words that patterns can name, each as a pattern."""
    with WORDS.open("rb") as file:
        return dict(tomllib.load(file)["words"])


def _spelled_out(path: Path, where: str, pattern: str) -> str:
    """The pattern with each list of words that it names in full."""

    def one(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in words():
            raise Declaration(
                f"{path.name}, {where}: there is no list of words called {name!r}.",
                fix=f"use {', '.join(sorted(words()))}, or write \\< for the sign itself",
            )
        return _NAMED.sub(one, words()[name])

    return _NAMED.sub(one, pattern)


def load_lexicon(path: Path, *, is_trusted: bool = False) -> tuple[Cue, ...]:
    """The cues of a lexicon file, in its order.

    A trusted file's patterns are not tried one by one: those that ship are tried by a test, and to compile some two
    thousand takes seconds in every process. Raises Declaration, naming the file, the cue and what to do, where the file is not as this module describes.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Declaration(f"{path.name} is not a TOML file: {error}.", fix=f"correct {path}") from error
    _refuse_unknown(path, "the file", table, {"about", "cue"})
    if not isinstance(table.get("about"), str) or not table["about"].strip():
        raise Declaration(
            f"{path.name} does not say what it is about.", fix='add about = "one sentence" at the top'
        )
    blocks = table.get("cue")
    if not isinstance(blocks, list) or not blocks:
        raise Declaration(f"{path.name} holds no cue.", fix="add a [[cue]] table with kind, phrases and note")
    cues: list[Cue] = []
    for number, block in enumerate(blocks, start=1):
        cues += cues_of(path, path.stem, f"cue {number}", block, is_trusted=is_trusted)
    return tuple(cues)


def cues_of(
    path: Path, lexicon: str, where: str, block: dict[str, Any], *, is_trusted: bool = False
) -> list[Cue]:
    """The cues of one [[cue]] table, for this lexicon. Raises Declaration as `load_lexicon` does."""
    _refuse_unknown(path, where, block, _CUE_KEYS)
    for key in ("kind", "note"):
        if not isinstance(block.get(key), str) or not block[key].strip():
            raise Declaration(f"{path.name}, {where}: {key} is missing.", fix=f'add {key} = "..." to it')
    weight, speaker = block.get("weight", 1.0), block.get("speaker", "both")
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise Declaration(f"{path.name}, {where}: the weight {weight!r} is not a number.", fix="weight = 1.0")
    if speaker not in get_args(Speaker):
        raise Declaration(
            f"{path.name}, {where}: nobody speaks as {speaker!r}.",
            fix='speaker = "customer", "agent" or "both"',
        )
    own = Cue(lexicon=lexicon, kind=block["kind"], name="", pattern="", is_phrase=False, weight=float(weight),
              speaker=speaker, note=block["note"])  # fmt: skip
    if "learnt" in block:
        return [_learnt(path, where, block, own)]
    found: list[tuple[str, str, bool]] = []
    for text in _texts(path, where, block, "phrases"):
        found.append((text, phrase_pattern(text), True))
    for text in _texts(path, where, block, "patterns"):
        pattern = _spelled_out(path, where, text)
        if not is_trusted:
            _check_pattern(path, where, pattern)
        found.append((text, pattern, False))
    if not found:
        raise Declaration(
            f"{path.name}, {where} has neither phrases nor patterns.", fix='add phrases = ["..."] to it'
        )
    return [
        replace(own, name=name, pattern=pattern, is_phrase=is_phrase) for name, pattern, is_phrase in found
    ]


def _learnt(path: Path, where: str, block: dict[str, Any], own: Cue) -> Cue:
    column = block["learnt"]
    bounds: dict[str, float] = {}
    known = [name for columns in learnt.COLUMNS.values() for name in columns]
    if column not in known:
        raise Declaration(
            f"{path.name}, {where}: nothing was learnt of {column!r}.", fix=f"use {', '.join(known)}"
        )
    for bound, usual in (("least", None), ("doubted", -math.inf)):
        value = block.get(bound, usual)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Declaration(
                f"{path.name}, {where}: {bound} is missing or not a number.", fix=f"{bound} = 1.5"
            )
        bounds[bound] = float(value)
    doubts = (own.kind, *_texts(path, where, block, "doubts"))
    return replace(
        own,
        name=f"learnt {column}",
        learnt=column,
        least=bounds["least"],
        doubted=bounds["doubted"],
        doubts=doubts,
    )


def _texts(path: Path, where: str, block: dict[str, Any], key: str) -> list[str]:
    texts = block.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
        raise Declaration(
            f"{path.name}, {where}: {key} is not a list of texts.", fix=f'{key} = ["...", "..."]'
        )
    return texts


def _refuse_unknown(path: Path, where: str, table: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise Declaration(
            f"{path.name}, {where}: unknown key {unknown[0]!r}.", fix=f"use {', '.join(sorted(known))}"
        )


def _check_pattern(path: Path, where: str, pattern: str) -> None:
    """Refuse a pattern that RE2 or Python cannot read, or that matches nothing at all."""
    try:
        compiled = re2.compile(f"(?i){pattern}", options=options())
        re.compile(pattern, re.IGNORECASE | re.ASCII)
    except (re2.error, re.error) as error:
        problem = error.args[0] if error.args else "invalid"
        problem = problem.decode() if isinstance(problem, bytes) else problem
        raise Declaration(
            f"{path.name}, {where}: the pattern {pattern!r} cannot be read: {problem}.",
            fix="write it in RE2 syntax, without look-around and back-references",
        ) from error
    if compiled.search("") is not None:
        raise Declaration(f"{path.name}, {where}: the pattern {pattern!r} also matches nothing at all.",
                          fix="ask for at least one character")  # fmt: skip
