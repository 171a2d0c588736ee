"""Cues: the words a signal listens for, matched all at once and located only where they occur."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import re2

from metrics.text import learnt
from metrics.text.anchors import Anchors, anchors, is_common

Speaker = Literal["customer", "agent", "both"]
_Match = Callable[[bytes], list[int] | None]

# The automaton is built while it reads, at most this many bytes of it; RE2's own default of 8 MB is too small for
# some hundred cues and would then be rebuilt over and over.
_AUTOMATON_BYTES = 256 << 20
# What the patterns of one automaton cost at most. A pattern costs 1, and _GAP more for each place where words may vary in
# number: what an automaton learns there grows with the product of such patterns, not with their sum.
_TOGETHER = 60
_GAP = 4
_GAPS = re.compile(r"\{\d+,\d+\}|\\w\+|\\S\+|\[\^[^\]]*\][*+{]")
# Each of these is one code point for another, so that offsets stay where they are.
_SAME = (("\u2019", "'"), ("\u2018", "'"), ("\u02bc", "'"), ("\u00a0", " "), ("\x0b", " "), ("\u017f", "s"))
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
    """One phrase or pattern that a signal listens for, or a whole sentence by its words.

    `name` is the phrase or the pattern as the lexicon states it; `pattern` is its RE2 form over folded text, spelled out.
    Where `learnt` names a column of metrics/text/learnt.py there is no pattern: the cue is every sentence that scores
    `least` or more there, and in one that scores less than `doubted` the shipped cues of the same kind count for nothing.
    """

    lexicon: str
    kind: str
    name: str
    pattern: str
    is_phrase: bool
    weight: float
    speaker: Speaker
    note: str
    learnt: str = ""
    least: float = 0.0
    doubted: float = -math.inf
    is_own: bool = False  # added in heard.toml


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


def options() -> Any:
    """How RE2 compiles a cue."""
    options = re2.Options()
    options.max_mem = _AUTOMATON_BYTES
    options.log_errors = False
    return options


class CueSet:
    """Many cues compiled into automata: says which occur in one pass, and where on the hits only.

    A cue that is learnt is found by the words of a text, and its span is all of it.

    Linear in the length of the text whatever the cues are. Which cues occur is RE2's answer; Python's `re` only
    locates them, on folded text, and where it finds none RE2 locates them too. All phrases are one automaton. The patterns
    are many small ones, since a single one of all took ten times as long over new texts, and each is asked only
    about texts that hold one of its anchors (metrics/text/anchors.py).
    """

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = tuple(cues)
        self._spans: dict[int, re.Pattern[str]] = {}  # compiled when first found: most never are
        self._learnt = [place for place, cue in enumerate(self.cues) if cue.learnt]
        phrases = [place for place, cue in enumerate(self.cues) if cue.is_phrase]
        needed = {
            place: anchors(cue.pattern)
            for place, cue in enumerate(self.cues)
            if not cue.is_phrase and not cue.learnt
        }
        self._sets: list[tuple[_Match, list[int]]] = []
        """How each automaton is asked, and where its cues stand among all."""
        self._always = 0
        """The automata that are asked about every text, one bit each."""
        opens: dict[str, int] = {}
        for places in [phrases, *self._parts(needed)] if phrases else self._parts(needed):
            bit = 1 << len(self._sets)
            self._sets.append((_automaton([_re2_pattern(self.cues[place]) for place in places]), places))
            for place in places:
                pieces = needed.get(place)
                if pieces is None:
                    self._always |= bit
                for piece in pieces or ():
                    opens[piece] = opens.get(piece, 0) | bit
        self._anchors = _automaton([re.escape(piece) for piece in opens])
        self._opens = list(opens.values())
        """The automata that each anchor opens."""

    def _parts(self, needed: dict[int, Anchors | None]) -> list[list[int]]:
        """These cues in groups that cost _TOGETHER at most: without anchors, with common ones, then by their anchors."""
        order = sorted(needed, key=lambda place: _rarity(needed[place]))
        parts: list[list[int]] = []
        spent, is_open = 0, None
        for place in order:
            cost = 1 + _GAP * len(_GAPS.findall(self.cues[place].pattern))
            if spent + cost > _TOGETHER or is_open != (needed[place] is None):
                parts.append([])
                spent, is_open = 0, needed[place] is None
            parts[-1].append(place)
            spent += cost
        return parts

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
        asked: list[list[int]] = [[] for _ in self._sets]  # the texts that each automaton is asked about
        for number, text in enumerate(encoded):
            bits = self._always
            for anchor in self._anchors(text) or ():
                bits |= self._opens[anchor]
            while bits:
                lowest = bits & -bits
                asked[lowest.bit_length() - 1].append(number)
                bits ^= lowest
        for (match, places), numbers in zip(self._sets, asked, strict=True):
            for number in numbers:
                if matched := match(encoded[number]):
                    found[number] += [places[one] for one in matched]
        if self._learnt:
            scores = learnt.scores(folded, {self.cues[place].learnt for place in self._learnt})
            for place in self._learnt:
                cue, score = self.cues[place], scores[self.cues[place].learnt]
                for number in np.flatnonzero(score < cue.doubted).tolist():
                    if found[number]:
                        found[number] = [one for one in found[number] if not self._is_doubtable(one, cue)]
                for number in np.flatnonzero(score >= cue.least).tolist():
                    found[number].append(place)
        for own in found:
            own.sort()
        return found

    def _is_doubtable(self, place: int, learnt: Cue) -> bool:
        """Whether a cue is a shipped one of the kind that was learnt."""
        cue = self.cues[place]
        return (cue.lexicon, cue.kind) == (learnt.lexicon, learnt.kind) and not (cue.is_own or cue.learnt)

    def _locate(self, cue: int, folded: str) -> list[tuple[int, int]]:
        if self.cues[cue].learnt:
            return [(len(folded) - len(folded.lstrip()), len(folded.rstrip()))]
        if cue not in self._spans:
            self._spans[cue] = _compiled(self.cues[cue])
        spans = [match.span() for match in self._spans[cue].finditer(folded) if match.end() > match.start()]
        if spans:
            return spans
        expression = re2.compile(_re2_pattern(self.cues[cue]), options=options())
        matches = expression.finditer(_SURROGATE.sub("?", folded))
        return [match.span() for match in matches if match.end() > match.start()]


def _automaton(patterns: Sequence[str]) -> _Match:
    """How to ask which of these patterns a text holds."""
    automaton = re2.Set.SearchSet(options())
    for pattern in patterns:
        automaton.Add(pattern)
    automaton.Compile()
    # Not by way of Set.Match, which would take as long again for a text as short as a sentence.
    return automaton._set.Match  # type: ignore[no-any-return]


def _rarity(pieces: Anchors | None) -> tuple[bool, bool, list[str]]:
    """Patterns with like anchors stand together: what opens one of them often opens all."""
    return (pieces is not None, pieces is not None and not is_common(pieces), sorted(pieces or ()))


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


def is_word(letter: str) -> bool:
    """Whether a letter is one of a word, of ASCII."""
    return letter.isascii() and (letter.isalnum() or letter == "_")
