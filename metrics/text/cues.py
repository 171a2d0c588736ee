"""Cues: the words a signal listens for, matched all at once and located only where they occur.

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
         word must begin or end. One space in a pattern is one space in the text.

A table gives at least one phrase or pattern, and may give both; each of them becomes one Cue. Word characters
and word boundaries are those of ASCII.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import re2

from warehouse.errors import Declaration

Speaker = Literal["customer", "agent", "both"]

# The automaton is built while it reads, at most this many bytes of it; RE2's own default of 8 MB is too small for
# some hundred cues and would then be rebuilt over and over.
_AUTOMATON_BYTES = 256 << 20
_TOGETHER = 15  # patterns of one automaton; 30 take a third more memory over new texts and save no time there
_CUE_KEYS = {"kind", "phrases", "patterns", "weight", "speaker", "note"}
# Each of these is one code point for another, so that offsets stay where they are.
_SAME = (("\u2019", "'"), ("\u2018", "'"), ("\u02bc", "'"), ("\u00a0", " "), ("\x0b", " "))
_SURROGATE = re.compile("[\ud800-\udfff]")

_NEGATOR = re.compile(
    r"\b(?:not|no|never|without|neither|nor|none|nobody|nothing|cannot|hardly|barely|scarcely|rarely|seldom|"
    r"far from|no longer|not any more|(?:ai|are|ca|could|did|does|do|had|has|have|is|might|must|need|ought|sha|should|was|"
    r"were|wo|would)n'?t)\b",
    re.ASCII,
)
# Where a negation stops: punctuation, a line's end, or a word that starts another thought.
_CLAUSE = re.compile(r"[.,;:!?\n()]|\b(?:but|although|though|however|because|which)\b", re.ASCII)
# "not only slow" and "no doubt" do not deny what follows.
_FALSE_NEGATION = re.compile(
    r"\b(?:not only|not just|no doubt|no wonder|no problem|why (?:not|don'?t|can'?t)|no idea)\b", re.ASCII
)
# A word without which there is no negation; most of what stands before a cue holds none.
_MAY_NEGATE = re.compile(_NEGATOR.pattern.replace("far from", "far"), re.ASCII)
_NEGATION_WORDS = 4
_NEGATION_CHARACTERS = 60


@dataclass(frozen=True, kw_only=True)
class Cue:
    """One phrase or pattern that a signal listens for.

    `name` is the phrase or the pattern as the lexicon states it; `pattern` is its RE2 form over folded text.
    """

    lexicon: str
    kind: str
    name: str
    pattern: str
    is_phrase: bool
    weight: float
    speaker: Speaker
    note: str


@dataclass(frozen=True)
class Hits:
    """Where cues were found: one row a span, in columns of equal length, in order of text, cue and place.

    `text` and `cue` are positions in what was given; `start` and `end` are code points into the text.
    """

    text: list[int]
    cue: list[int]
    start: list[int]
    end: list[int]

    def __len__(self) -> int:
        return len(self.text)


def fold(text: str) -> str:
    """The text as cues are matched on it: lower case, straight apostrophes, plain spaces; as many code points."""
    low = text.lower()
    if text.isascii():
        return low.replace("\x0b", " ")
    if len(low) != len(text):  # a few capitals become two letters in lower case: keep those as they are
        low = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    for odd, plain in _SAME:
        low = low.replace(odd, plain)
    return low


def phrase_pattern(phrase: str) -> str:
    """The RE2 pattern of a literal phrase: whole words, any white space between them."""
    words = fold(phrase).split()
    body = r"\s+".join(re.escape(word) for word in words)
    first, last = words[0][0], words[-1][-1]
    return ("\\b" if _is_word(first) else "") + body + ("\\b" if _is_word(last) else "")


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
    found: list[tuple[str, str, bool]] = []
    for text in _texts(path, where, block, "phrases"):
        found.append((text, phrase_pattern(text), True))
    for text in _texts(path, where, block, "patterns"):
        if not is_trusted:
            _check_pattern(path, where, text)
        found.append((text, text, False))
    if not found:
        raise Declaration(
            f"{path.name}, {where} has neither phrases nor patterns.", fix='add phrases = ["..."] to it'
        )
    return [
        Cue(lexicon=lexicon, kind=block["kind"], name=name, pattern=pattern, is_phrase=is_phrase,
            weight=float(weight), speaker=speaker, note=block["note"])
        for name, pattern, is_phrase in found
    ]  # fmt: skip


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
        compiled = re2.compile(f"(?i){pattern}", options=_options())
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


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _AUTOMATON_BYTES
    options.log_errors = False
    return options


class CueSet:
    """Many cues compiled into automata: says which occur in one pass, and where on the hits only.

    Linear in the length of the text whatever the cues are. Which cues occur is RE2's answer; Python's `re` only
    locates them, on folded text, and where it finds none RE2 locates them too. All phrases are one
    automaton, and each few patterns another: what an automaton of patterns learns from a text grows with their number, so
    that a single one took ten times as long over new texts as forty small ones, and more memory.
    """

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = tuple(cues)
        self._spans: dict[int, re.Pattern[str]] = {}  # compiled when first found: most never are
        self._sets: list[tuple[Callable[[bytes], list[int] | None], list[int]]] = []
        """How each automaton is asked, and where its cues stand among all."""
        phrases = [place for place, cue in enumerate(self.cues) if cue.is_phrase]
        patterns = [place for place, cue in enumerate(self.cues) if not cue.is_phrase]
        parts = [patterns[first : first + _TOGETHER] for first in range(0, len(patterns), _TOGETHER)]
        for places in [phrases, *parts] if phrases else parts:
            automaton = re2.Set.SearchSet(_options())
            for place in places:
                automaton.Add(_re2_pattern(self.cues[place]))
            automaton.Compile()
            # Not by way of Set.Match, which would take as long again for a text as short as a sentence.
            self._sets.append((automaton._set.Match, places))

    def which(self, texts: Sequence[str]) -> list[list[int]]:
        """For each text the positions of the cues that occur in it, ascending."""
        return self._which([fold(text) for text in texts])

    def find(self, texts: Sequence[str]) -> Hits:
        """Every span of every cue: all occurrences of one cue that do not overlap each other."""
        hits = Hits([], [], [], [])
        folded = [fold(text) for text in texts]
        for number, cues in enumerate(self._which(folded)):
            for cue in cues:
                for start, end in self._locate(cue, folded[number]):
                    hits.text.append(number)
                    hits.cue.append(cue)
                    hits.start.append(start)
                    hits.end.append(end)
        return hits

    def _which(self, folded: Sequence[str]) -> list[list[int]]:
        try:
            encoded = [text.encode() for text in folded]
        except UnicodeEncodeError:  # half of a surrogate pair, which no encoding can hold
            encoded = [_SURROGATE.sub("?", text).encode() for text in folded]
        found: list[list[int]] = [[] for _ in encoded]
        for match, places in self._sets:
            for own, text in zip(found, encoded, strict=True):
                if matched := match(text):
                    own += [places[number] for number in matched]
        for own in found:
            own.sort()
        return found

    def _locate(self, cue: int, folded: str) -> list[tuple[int, int]]:
        if cue not in self._spans:
            self._spans[cue] = _compiled(self.cues[cue])
        spans = [match.span() for match in self._spans[cue].finditer(folded) if match.end() > match.start()]
        if spans:
            return spans
        expression = re2.compile(_re2_pattern(self.cues[cue]), options=_options())
        matches = expression.finditer(_SURROGATE.sub("?", folded))
        return [match.span() for match in matches if match.end() > match.start()]


def _re2_pattern(cue: Cue) -> str:
    return cue.pattern if cue.is_phrase else f"(?i){cue.pattern}"


def _compiled(cue: Cue) -> re.Pattern[str]:
    """The cue for Python's `re`, on folded text; without capitals of its own it need not ignore case, and is faster."""
    has_capitals = not cue.is_phrase and any(map(str.isupper, re.sub(r"\\.", "", cue.pattern)))
    return re.compile(cue.pattern, re.ASCII | re.IGNORECASE if has_capitals else re.ASCII)


def is_negated(text: str, start: int) -> bool:
    """Whether what begins at `start` is denied: a negation among the four words before it, in the same clause."""
    before = fold(text[max(0, start - _NEGATION_CHARACTERS) : start])
    if _MAY_NEGATE.search(before) is None:
        return False
    clause_start = max((stop.end() for stop in _CLAUSE.finditer(before)), default=0)
    near = " ".join(_FALSE_NEGATION.sub(" ", before[clause_start:]).split()[-_NEGATION_WORDS:])
    return _NEGATOR.search(near) is not None


def _is_word(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")
