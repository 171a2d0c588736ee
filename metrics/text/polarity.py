"""Polarity: how a customer's sentence feels, from -1 to 1, with what a general word list misreads in support talk.

A sentence's polarity is tanh(base + cues):

base   (VADER's compound + twice a linear model of words and pairs of words) / 2, both without formulas such as
       "please" or "kind regards" (kind formula in data/lexicons/support_mood.toml), and nearer to 0 by 0.06. A positive
       base counts for nothing beside an unsolved fact, a failure, a wait, a repetition or sarcasm, and for six tenths
       where no thanks, praise or relief is said: in support, good words are mostly names of things and manners. A
       negative base counts for nothing beside relief: it names the problem that is gone.
cues   the sum of the weights of the kinds of data/lexicons/support_mood.toml that occur in it.

The model is a ridge regression on the VADER paper's ground truth, benchmarks/train_polarity.py; it has learnt from
nothing else. 0.0 is a sentence without anything to go by; a text's mood is the mean over its sentences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from metrics.text.cues import CueSet, is_negated, load_lexicon
from metrics.text.vader import compounds
from metrics.text.word_model import WordModel

DEAD_ZONE: Final = 0.10  # a mean polarity nearer to 0 than this is neutral where three answers are asked for
_DATA = Path(__file__).resolve().parents[2] / "data" / "lexicons"
WEIGHTS: Final = _DATA / "polarity.tsv.gz"
LEXICON: Final = _DATA / "support_mood.toml"

MODEL_SHARE: Final = 2.0  # the model's answers are about half as wide as VADER's
FAINT: Final = 0.06  # taken off a base on either side: that little is no feeling
UNSAID_SHARE: Final = 0.6  # of a positive base without a word of thanks, praise or relief
_OPEN = frozenset({"unsolved", "failure", "wait", "repeat", "sarcasm"})
_PLEASED = frozenset({"thanks", "praise", "relief", "agreement"})
FORMULA: Final = "formula"
RELIEF: Final = "relief"
_DENIABLE = frozenset({"praise", "relief", "agreement"})
_NONE: Final[tuple[float, frozenset[str]]] = (0.0, frozenset())


@cache
def model() -> WordModel:
    """The linear model that ships."""
    return WordModel(WEIGHTS)


@cache
def _cues() -> tuple[CueSet, CueSet, CueSet]:
    """All cues, the formulas, and those that may be denied."""
    cues = load_lexicon(LEXICON)
    return (
        CueSet(cues),
        CueSet([cue for cue in cues if cue.kind == FORMULA]),
        CueSet([cue for cue in cues if cue.kind in _DENIABLE]),
    )


def _without_formulas(texts: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """The texts without their formulas, and the cues that occur in what is left."""
    every, formulas, _ = _cues()
    bare, hits = list(texts), every.which(texts)
    is_formula = [cue.kind == FORMULA for cue in every.cues]
    rows = [row for row, own in enumerate(hits) if any(is_formula[cue] for cue in own)]
    cuts: list[list[tuple[int, int]]] = [[] for _ in rows]
    found = formulas.find([texts[row] for row in rows])
    for place, start, end in zip(found.text, found.start, found.end, strict=True):
        cuts[place].append((start, end))
    for row, spans in zip(rows, cuts, strict=True):
        bare[row] = _cut(texts[row], spans)
    for row, again in zip(rows, every.which([bare[row] for row in rows]), strict=True):
        hits[row] = again
    return bare, hits


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    parts, place = [], 0
    for start, end in sorted(spans):
        parts.append(text[place:start])
        place = max(place, end)
    return "".join([*parts, text[place:]])


def _felt(texts: Sequence[str], found_cues: Sequence[list[int]]) -> list[tuple[float, frozenset[str]]]:
    """For each text the sum of the weights of its cues and their kinds, denied praise and relief left out."""
    every, _, deniable = _cues()
    kinds = [cue.kind for cue in every.cues]
    weights = [cue.weight for cue in every.cues]
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
                unsure.append(row)
    found = deniable.find([texts[row] for row in unsure])
    said: dict[int, set[int]] = {}
    for row, cue, start in zip(found.text, found.cue, found.start, strict=True):
        if not is_negated(texts[unsure[row]], start):
            said.setdefault(unsure[row], set()).add(cue)
    for row, cues in said.items():
        total, own = results[row]
        chosen = [deniable.cues[cue] for cue in sorted(cues)]
        results[row] = (total + sum(cue.weight for cue in chosen), own | {cue.kind for cue in chosen})
    return results


def polarities(texts: Sequence[str]) -> list[float]:
    """The polarity of each sentence, -1 to 1; 0.0 where there is nothing to go by.

    The same sentence has the same polarity in any batch. Linear in the length of the texts.
    """
    bare, found = _without_formulas(texts)
    return [
        _combine(compound, modelled, total, kinds)
        for compound, modelled, (total, kinds) in zip(
            compounds(bare), model().scores(bare), _felt(bare, found), strict=True
        )
    ]


def _combine(compound: float, modelled: float, cues: float, kinds: frozenset[str]) -> float:
    base = (compound + MODEL_SHARE * modelled) / 2
    base = math.copysign(max(abs(base) - FAINT, 0.0), base)
    if base > 0:
        if not kinds.isdisjoint(_OPEN):
            base = 0.0
        elif kinds.isdisjoint(_PLEASED):
            base *= UNSAID_SHARE
    elif RELIEF in kinds and kinds.isdisjoint(_OPEN):
        base = 0.0
    return math.tanh(base + cues)
