"""Polarity: how a customer's sentence feels, from -1 to 1, with what a general word list misreads in support talk.

A sentence's polarity is tanh(intensity * (base + cues)):

base       (VADER's compound + twice a linear model of words and pairs of words) / 2, both without set phrases, and
           nearer to 0 by 0.06. A positive base counts for nothing beside an unsolved fact, a failure, a wait, a
           repetition, sarcasm, giving up, disappointment or a good time that is over, and for six tenths where no
           thanks, praise or relief is said: in support, good words are mostly names of things and manners. A negative
           base counts for nothing beside relief: it names the problem that is gone.
cues       the sum of the weights of the cues of data/lexicons/support_mood.toml that occur in it. Set phrases (kinds
           formula, delight, eased, fed_up and let_down) are read whole: what they hold counts once, with their weight.
           Praise and relief count where they are not denied, relief where it is not wished for or asked about either.
intensity  1.3 where words are shouted, in capitals or with a row of exclamation marks, else 1.

The model is a ridge regression on the VADER paper's ground truth, benchmarks/train_polarity.py; it has learnt from
nothing else. 0.0 is a sentence without anything to go by; a text's mood is the mean over its sentences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from metrics.text.cues import Cue, CueSet, is_negated, load_lexicon
from metrics.text.vader import compounds
from metrics.text.word_model import WordModel

DEAD_ZONE: Final = 0.10  # a mean polarity nearer to 0 than this is neutral where three answers are asked for
_DATA = Path(__file__).resolve().parents[2] / "data" / "lexicons"
WEIGHTS: Final = _DATA / "polarity.tsv.gz"
LEXICON: Final = _DATA / "support_mood.toml"

MODEL_SHARE: Final = 2.0  # the model's answers are about half as wide as VADER's
FAINT: Final = 0.06  # taken off a base on either side: that little is no feeling
UNSAID_SHARE: Final = 0.6  # of a positive base without a word of thanks, praise or relief
_OPEN = frozenset({"unsolved", "failure", "wait", "repeat", "sarcasm", "fed_up", "let_down", "spoiled"})
_PLEASED = frozenset({"thanks", "praise", "relief", "agreement", "delight", "eased"})
_SOLVED = frozenset({"relief", "eased"})
# Set phrases are read whole: cut out, so that no word in them counts again, and their weight is added.
_WHOLE = frozenset({"formula", "delight", "eased", "fed_up", "let_down"})
_DENIABLE = frozenset({"praise", "relief", "agreement"})
_DENIABLE_WHOLE = frozenset({"delight", "eased"})
SPOILED: Final = "spoiled"  # good words of a time that is over
_CLAUSE: Final = 80  # characters before and after relief that are looked at
SHOUTED_SHARE: Final = 1.3  # of the whole where words are shouted
_SHOUT = re.compile(r"\b[A-Z]{3,}\b(?:[ ,!]+[A-Z]{2,}\b)+")

# Relief that is wished for, promised, denied or asked about is none: what may stand before it in its clause.
_UNREAL = re.compile(
    r"\b(?:until|till|unless|if|whether|once|before|wants?|wanted|needs?|needed|wish|hop(?:e|ed|ing)|please|will|won't|would|"
    r"should|could|can you|get|getting|expect\w*|wait\w*|supposed|said|says|told|tell|claim\w*|assur\w+|promis\w+|thought|"
    r"pretend\w*|apparently|supposedly|when (?:will|is|can|are)|let me know when|how|why|never|not)\b|n't\b",
    re.IGNORECASE,
)
_NEW_CLAUSE = re.compile(r"[.;:!?\u2026]|\b(?:but|though|although|so|now)\b", re.IGNORECASE)
_ASKED = re.compile(r"^[^,.;:!]*\?")

Felt = tuple[float, frozenset[str]]  # the sum of the weights of a text's cues, and their kinds
_NONE: Final[Felt] = (0.0, frozenset())


@cache
def model() -> WordModel:
    """The linear model that ships."""
    return WordModel(WEIGHTS)


class _Ears(NamedTuple):
    """The cues, compiled: all, those that are read whole, and those that may be denied."""

    every: CueSet
    whole: CueSet
    deniable: CueSet
    kinds: list[str]
    weights: list[float]


@cache
def _ears() -> _Ears:
    cues = load_lexicon(LEXICON)
    return _Ears(
        CueSet(cues),
        CueSet([cue for cue in cues if cue.kind in _WHOLE]),
        CueSet([cue for cue in cues if cue.kind in _DENIABLE]),
        [cue.kind for cue in cues],
        [cue.weight for cue in cues],
    )


def _read_whole(texts: Sequence[str]) -> tuple[list[str], list[list[int]], dict[int, Felt]]:
    """The texts without their set phrases, the cues that occur in what is left, and what the phrases weigh."""
    ears = _ears()
    bare, hits = list(texts), ears.every.which(texts)
    whole = frozenset(number for number, kind in enumerate(ears.kinds) if kind in _WHOLE)
    rows = [row for row, own in enumerate(hits) if not whole.isdisjoint(own)]
    found = ears.whole.find([texts[row] for row in rows])
    spans: list[list[tuple[int, int, int]]] = [[] for _ in rows]
    for place, start, end, cue in zip(found.text, found.start, found.end, found.cue, strict=True):
        spans[place].append((start, -end, cue))
    felt: dict[int, Felt] = {}
    for row, own_spans in zip(rows, spans, strict=True):
        bare[row], felt[row] = _cut(texts[row], own_spans, ears.whole.cues)
    for row, again in zip(rows, ears.every.which([bare[row] for row in rows]), strict=True):
        hits[row] = [cue for cue in again if cue not in whole]
    return bare, hits, felt


def _cut(text: str, spans: list[tuple[int, int, int]], cues: Sequence[Cue]) -> tuple[str, Felt]:
    """A text without the phrases at these places (start, -end, cue), and what they weigh; of two that overlap the first."""
    parts, place, total, kinds = [], 0, 0.0, set()
    for start, negative_end, number in sorted(spans):
        if start < place:
            continue
        cue = cues[number]
        parts.append(text[place:start])
        place = -negative_end
        if cue.kind not in _DENIABLE_WHOLE or _is_real(cue.kind, text, start, place):
            total += cue.weight
            kinds.add(cue.kind)
    return "".join([*parts, text[place:]]), (total, frozenset(kinds))


def _is_real(kind: str, text: str, start: int, end: int) -> bool:
    """Whether praise or relief at this place is said as a fact: not denied, and relief not wished for or asked about."""
    if is_negated(text, start):
        return False
    if kind not in _SOLVED:
        return True
    clause = _NEW_CLAUSE.split(text[max(0, start - _CLAUSE) : start])[-1]
    return _UNREAL.search(clause) is None and _ASKED.match(text[end : end + _CLAUSE]) is None


def _felt(texts: Sequence[str], found_cues: Sequence[list[int]]) -> list[Felt]:
    """For each text the sum of the weights of its cues and their kinds, denied praise and relief left out."""
    ears = _ears()
    kinds, weights = ears.kinds, ears.weights
    results = [_NONE] * len(texts)
    unsure: list[int] = []
    for row, hits in enumerate(found_cues):
        if hits:
            own = frozenset([kinds[hit] for hit in hits])
            if own.isdisjoint(_DENIABLE):
                results[row] = (sum([weights[hit] for hit in hits]), own)
            else:
                firm = [hit for hit in hits if kinds[hit] not in _DENIABLE]
                results[row] = (sum([weights[hit] for hit in firm]), own - _DENIABLE)
                if SPOILED not in own:
                    unsure.append(row)
    found = ears.deniable.find([texts[row] for row in unsure])
    said: dict[int, set[int]] = {}
    for row, cue, start, end in zip(found.text, found.cue, found.start, found.end, strict=True):
        if _is_real(ears.deniable.cues[cue].kind, texts[unsure[row]], start, end):
            said.setdefault(unsure[row], set()).add(cue)
    for row, cues in said.items():
        total, own = results[row]
        chosen = [ears.deniable.cues[cue] for cue in sorted(cues)]
        results[row] = (total + sum(cue.weight for cue in chosen), own | {cue.kind for cue in chosen})
    return results


def polarities(texts: Sequence[str]) -> list[float]:
    """The polarity of each sentence, -1 to 1; 0.0 where there is nothing to go by.

    The same sentence has the same polarity in any batch. Linear in the length of the texts.
    """
    bare, found, whole = _read_whole(texts)
    felt = _felt(bare, found)
    for row, (total, kinds) in whole.items():
        cues, own = felt[row]
        felt[row] = (cues + total, own | kinds)
    return [
        _combine(compound, modelled, cues, kinds, _intensity(text))
        for text, compound, modelled, (cues, kinds) in zip(
            texts, compounds(bare), model().scores(bare), felt, strict=True
        )
    ]


def _intensity(text: str) -> float:
    """How much more a text means by words in capitals next to each other, or by a row of exclamation marks."""
    is_shouted = "!!" in text or (not text[1:].islower() and _SHOUT.search(text) is not None)
    return SHOUTED_SHARE if is_shouted else 1.0


def _combine(compound: float, modelled: float, cues: float, kinds: frozenset[str], intensity: float) -> float:
    base = (compound + MODEL_SHARE * modelled) / 2
    base = math.copysign(max(abs(base) - FAINT, 0.0), base)
    if base > 0:
        if not kinds.isdisjoint(_OPEN):
            base = 0.0
        elif kinds.isdisjoint(_PLEASED):
            base *= UNSAID_SHARE
    elif not kinds.isdisjoint(_SOLVED) and kinds.isdisjoint(_OPEN):
        base = 0.0
    return math.tanh(intensity * (base + cues))
