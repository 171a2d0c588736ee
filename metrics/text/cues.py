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
from metrics.text.anchors import anchors
from metrics.text.gate import Gate

Speaker = Literal["customer", "agent", "both"]
EVERY_KIND = "*"  # among the kinds that a learnt cue doubts: all of its lexicon
_Match = Callable[[bytes], list[int] | None]

# The automaton is built while it reads, at most this many bytes of it; RE2's own default of 8 MB is too small for
# some hundred cues and would then be rebuilt over and over.
_AUTOMATON_BYTES = 256 << 20
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
    `least` or more there, and in one that scores less than `doubted` the shipped cues of the kinds that it `doubts` count for nothing.
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
    doubts: tuple[str, ...] = ()
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
    """Many cues, compiled: says which occur in one pass, and where on the hits only.

    A cue that is learnt is found by the words of a text, and its span is all of it.

    Linear in the length of the text whatever the cues are. Which cues occur is RE2's answer; Python's `re` only
    locates them, on folded text, and where it finds none RE2 locates them too. All phrases are one automaton. Each pattern
    is one of its own, made when a text first may hold it (metrics/text/gate.py): together they would take ten times as long over new texts,
    and a sentence may hold some twenty of four thousand.
    """

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = tuple(cues)
        self._spans: dict[int, re.Pattern[str]] = {}  # compiled when first found: most never are
        self._learnt = [place for place, cue in enumerate(self.cues) if cue.learnt]
        phrases = [place for place, cue in enumerate(self.cues) if cue.is_phrase]
        ways = {
            place: anchors(cue.pattern)
            for place, cue in enumerate(self.cues)
            if not cue.is_phrase and not cue.learnt
        }
        anywhere = [place for place, own in ways.items() if not own]
        self._always = [(self._automaton(places), places) for places in (phrases, anywhere) if places]
        """What every text is asked for, and where the cues of each stand among all."""
        self._gated = [place for place, own in ways.items() if own]
        self._gate = Gate([ways[place] for place in self._gated], options())
        self._alone: dict[int, _Match] = {}
        """The automata of patterns that some text may have held."""

    def _automaton(self, places: Sequence[int]) -> _Match:
        """How to ask which of these cues a text holds."""
        automaton = re2.Set.SearchSet(options())
        for place in places:
            automaton.Add(_re2_pattern(self.cues[place]))
        automaton.Compile()
        # Not by way of Set.Match, which would take as long again for a text as short as a sentence.
        return automaton._set.Match  # type: ignore[no-any-return]

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
        for match, places in self._always:
            for number, text in enumerate(encoded):
                if matched := match(text):
                    found[number] += [places[one] for one in matched]
        for pattern, numbers in self._gate.open(encoded):
            place = self._gated[pattern]
            if place not in self._alone:
                self._alone[place] = self._automaton([place])
            match = self._alone[place]
            for number in numbers:
                if match(encoded[number]):
                    found[number].append(place)
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
        """Whether a cue is a shipped one of a kind that what was learnt doubts."""
        cue = self.cues[place]
        return (
            cue.lexicon == learnt.lexicon
            and (cue.kind in learnt.doubts or EVERY_KIND in learnt.doubts)
            and not (cue.is_own or cue.learnt)
        )

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
