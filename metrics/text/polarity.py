"""Polarity: how a customer's sentence feels, from -1 to 1, with what a general word list misreads in support talk.

A sentence's polarity is tanh(intensity * (base + cues + support)):

base       (VADER's compound + twice a linear model of words and pairs of words) / 2, both without set phrases, and
           nearer to 0 by 0.06. A positive base counts for nothing beside an unsolved fact, a failure, a wait, a
           repetition, sarcasm, giving up, disappointment, leaving or a good time that is over, and for seven tenths where no
           thanks, praise or relief is said: in support, good words are mostly names of things and manners. A negative
           base counts for nothing beside relief: it names the problem that is gone.
cues       the sum of the weights of the cues of data/lexicons/support_mood.toml that occur in it. Set phrases (kinds
           formula, delight, eased, fed_up and let_down) are read whole: what they hold counts once, with their weight.
           Praise and relief count where they are not denied, relief where it is not wished for or asked about either.
intensity  1.3 where words are shouted, in capitals or with a row of exclamation marks, else 1.
support    six tenths of what a second linear model of words says, nearer to 0 by 0.06. It has learnt from support messages,
           where what tells the mood is seldom a word of feeling ("fourth", "nobody", "since March", "sorted").

A sentence is ironic where it is dry irony in set words (kind sarcasm), or where praise stands beside an unsolved fact
and no "but" parts them; it is then no better than -0.3. Short praise alone ("Fantastic. Very helpful.") is ironic where
an unsolved fact follows at once in the same text (`in_context`), and as bad then as it sounds good.

The first model is a ridge regression on the VADER paper's ground truth, benchmarks/train_polarity.py, the second one on
messages written for this project, benchmarks/train_support.py; they have learnt from nothing else. 0.0 is a sentence
without anything to go by; a text's mood is the mean over its sentences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics.text.cues import Cue, CueSet, is_negated
from metrics.text.lexicon_files import load_lexicon
from metrics.text.runs import Flags, Integers
from metrics.text.vader import compounds
from metrics.text.word_model import WordModel

Numbers = npt.NDArray[np.float64]

DEAD_ZONE: Final = 0.10  # a mean polarity nearer to 0 than this is neutral where three answers are asked for
_DATA = Path(__file__).resolve().parents[2] / "data" / "lexicons"
WEIGHTS: Final = _DATA / "polarity.tsv.gz"
SUPPORT_WEIGHTS: Final = _DATA / "polarity_support.tsv.gz"
LEXICON: Final = _DATA / "support_mood.toml"

MODEL_SHARE: Final = 2.0  # the model's answers are about half as wide as VADER's
SUPPORT_NEUTRAL: Final = (
    0.06  # the second model says half as much of neutral sentences; with less, level ones look pleased
)
SUPPORT_SHARE: Final = 0.6  # more is better on support talk alone, and worse on reviews and tweets
FAINT: Final = (
    0.06  # taken off a base, and off what the second model says, on either side: that little is no feeling
)
UNSAID_SHARE: Final = 0.7  # of a positive base without a word of thanks, praise or relief
_UNSOLVED = frozenset({"unsolved", "failure"})
_OPEN = _UNSOLVED | {"wait", "repeat", "fed_up", "sarcasm", "doubted", "let_down", "spoiled", "leaving"}
_PRAISED = frozenset({"praise", "delight"})
_MEANT = frozenset({"thanks", "eased", "relief"})  # praise beside these is meant
_PLEASED = frozenset({"thanks", "praise", "relief", "agreement", "delight", "eased", "laughter"})
_SOLVED = frozenset({"relief", "eased"})
# Set phrases are read whole: cut out, so that no word in them counts again, and their weight is added.
_WHOLE = frozenset({"formula", "delight", "eased", "fed_up", "let_down"})
_DENIABLE = frozenset({"praise", "relief", "agreement"})
_DENIABLE_WHOLE = frozenset({"delight", "eased"})
SPOILED: Final = "spoiled"  # good words of a time that is over
_CLAUSE: Final = 80  # characters before and after relief that are looked at
_AUTOMATA: Final = 4  # of patterns
IRONIC: Final = -0.3  # the best that an ironic sentence can be
_SHORT_PRAISE: Final = 40  # code points: longer praise says what it praises
_SPACES = re.compile(" {2,}")
_TURNED = re.compile(
    r"\b(?:but|however|though|although|except|only|just|unfortunately|while|whilst|one (?:more )?thing|other than|apart from|despite|in spite|"
    r"even|with all|during|regardless|managed|not only|appreciate)\b"
    r"|[:;]-?\)",
    re.IGNORECASE,
)
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


class Feeling(NamedTuple):
    """How a sentence feels: its polarity, whether it is ironic, and what the sentences around it may make of it."""

    polarity: float
    plain: float  # by its words alone: the base and set phrases, without what support talk makes of facts
    is_ironic: bool
    is_short_praise: bool  # praise and nothing else
    is_unsolved: bool  # says that something is not solved, without turning to it with a "but"


NO_FEELING: Final = Feeling(0.0, 0.0, False, False, False)

Felt = tuple[float, frozenset[str]]  # the sum of the weights of a text's cues, and their kinds
_NONE: Final[Felt] = (0.0, frozenset())


@cache
def model(weights: Path = WEIGHTS) -> WordModel:
    """A linear model that ships."""
    return WordModel(weights)


class _Ears(NamedTuple):
    """The cues, compiled: all, those that are read whole, and those that may be denied."""

    every: CueSet
    whole: CueSet
    deniable: CueSet
    kinds: list[str]
    weights: list[float]


def _apart(cues: Sequence[Cue]) -> list[Cue]:
    """The cues named so that they are compiled into five automata: one of all patterns takes three times as long to build."""
    return [
        replace(cue, lexicon="phrases" if cue.is_phrase else str(place % _AUTOMATA))
        for place, cue in enumerate(cues)
    ]


@cache
def _ears() -> _Ears:
    cues = load_lexicon(LEXICON, is_trusted=True)
    return _Ears(
        CueSet(_apart(cues)),
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


def polarities(texts: Sequence[str], words: WordModel | None = None) -> list[float]:
    """The polarity of each sentence, -1 to 1; 0.0 where there is nothing to go by.

    `words` is another model than the one that ships. The same sentence has the same polarity in any batch. Linear in the length of the texts.
    """
    return [feeling.polarity for feeling in feelings(texts, words)]


def feelings(texts: Sequence[str], words: WordModel | None = None) -> list[Feeling]:
    """The polarity of each sentence with what irony makes of it and of its neighbours."""
    texts = [_SPACES.sub(" ", text) if "  " in text else text for text in texts]
    bare, found, whole = _read_whole(texts)
    felt = _felt(bare, found)
    for row, (total, kinds) in whole.items():
        cues, own = felt[row]
        felt[row] = (cues + total, own | kinds)
    bases = zip(compounds(bare), (words or model()).scores(bare), strict=True)
    support = model(SUPPORT_WEIGHTS).scores(bare)
    return [
        _feeling(
            text,
            (compound + MODEL_SHARE * modelled) / 2,
            _support(text, support[row]),
            *felt[row],
            whole.get(row, _NONE)[0],
        )
        for row, (text, (compound, modelled)) in enumerate(zip(texts, bases, strict=True))
    ]


def in_context(polarity: Numbers, marks: Flags, text: Integers) -> tuple[Numbers, Flags]:
    """Polarity and irony of sentences in order; `text` is the number of each one's text.

    marks: is_ironic, is_short_praise, is_unsolved of each, as a Feeling has them. Short praise is ironic where what
    follows its row in the same text says that something is unsolved, or is ironic.
    """
    is_ironic, is_short_praise, is_unsolved = marks.T
    if not is_short_praise.any():
        return polarity, is_ironic
    place = np.arange(len(text))
    # The next sentence that is no short praise; past the end where there is none.
    follower = np.minimum.accumulate(np.where(is_short_praise, len(text), place)[::-1])[::-1]
    known = np.minimum(follower, len(text) - 1)
    turned = (
        is_short_praise & (follower < len(text)) & (text[known] == text) & (is_unsolved | is_ironic)[known]
    )
    return np.where(turned, -np.abs(polarity), polarity), is_ironic | turned


def _feeling(
    text: str, base: float, support: float, cues: float, kinds: frozenset[str], phrases: float
) -> Feeling:
    polarity = math.tanh(_intensity(text) * (_combine(base, cues, kinds) + support))
    plain = math.tanh(base + phrases)
    if not kinds:
        return Feeling(polarity, plain, False, False, False)
    is_unsolved = not kinds.isdisjoint(_UNSOLVED)
    is_praise = not kinds.isdisjoint(_PRAISED) and kinds.isdisjoint(_MEANT)
    if "sarcasm" in kinds or (is_unsolved and is_praise and _TURNED.search(text) is None):
        return Feeling(min(polarity, IRONIC), plain, True, False, is_unsolved)
    is_short_praise = (
        is_praise and not is_unsolved and polarity > 0 and len(text) <= _SHORT_PRAISE and "?" not in text
    )
    return Feeling(polarity, plain, False, is_short_praise, is_unsolved and _TURNED.search(text) is None)


def _intensity(text: str) -> float:
    """How much more a text means by words in capitals next to each other, or by a row of exclamation marks."""
    is_shouted = "!!" in text or (not text[1:].islower() and _SHOUT.search(text) is not None)
    return SHOUTED_SHARE if is_shouted else 1.0


def _support(text: str, score: float) -> float:
    """What the model of support talk adds; nothing to a question, nor where it knows no word."""
    is_silent = score == 0.0 or text.endswith("?")
    return 0.0 if is_silent else _without_faint(SUPPORT_SHARE * (score - SUPPORT_NEUTRAL))


def _without_faint(feeling: float) -> float:
    return math.copysign(max(abs(feeling) - FAINT, 0.0), feeling)


def _combine(base: float, cues: float, kinds: frozenset[str]) -> float:
    base = _without_faint(base)
    if base > 0:
        if not kinds.isdisjoint(_OPEN):
            base = 0.0
        elif kinds.isdisjoint(_PLEASED):
            base *= UNSAID_SHARE
    elif not kinds.isdisjoint(_SOLVED) and kinds.isdisjoint(_OPEN):
        base = 0.0
    return base + cues
