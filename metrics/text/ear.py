"""Ears: what one speaker's texts say, each distinct sentence cut and heard once.

Support talk repeats itself: greetings, sign-offs, answers from stock. What was heard of a sentence is remembered from
batch to batch, as rows of numbers, and looked up. The memory is bounded: when it is full, what was met but once is
forgotten, which changes nothing but the time.

Texts are looked up piece by piece, cut where a mark and a space or a line's end stand. Nearly always a sentence ends
there whatever stands around it; where `sentences.split` has to see more, the pieces that may belong together are
looked up as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.text.code import is_code
from metrics.text.cues import CueSet, is_negated
from metrics.text.polarity import NO_FEELING, feelings, in_context
from metrics.text.runs import Flags, Integers, Numbers, Runs
from metrics.text.sentences import (
    ends_plainly,
    flags,
    may_be_wrapped,
    may_go_on,
    split,
    starts_plainly,
)

# What is known of a sentence: the flags of sentences.flags, whether it is code, and the last three of a polarity.Feeling.
_MARKS = (
    "is_question",
    "is_quoted",
    "is_conditional",
    "is_code",
    "is_ironic",
    "is_short_praise",
    "is_unsolved",
)
_IS_CODE = _MARKS.index("is_code")

_IS_LINE, _ENDS, _STARTS, _IS_LONG, _GOES_ON = (1 << bit for bit in range(5))  # marks of a piece

MOST_REMEMBERED: Final = 30_000  # pieces of one speaker; twice as many save no time that could be measured
MOST_CHARACTERS: Final = 10_000_000  # of all these pieces


class Heard(NamedTuple):
    """What some texts say: one row a sentence, and one row a cue found in one of them, both in order.

    Code, commands and lines of logs are left out; of a text that is nothing else the first stays, without feeling.
    sentences: row (of its text), sentence (its number there), start, end, text, polarity, plain_polarity, is_question, is_quoted,
    is_conditional, is_ironic. hits: place (of its sentence among these), cue (its number), offset, length, is_negated.
    """

    sentences: pl.DataFrame
    hits: pl.DataFrame


class _Pieces:
    """What is known of each piece of text, by its number: its sentences, and whether pieces belong together."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.count_characters = 0
        self.sentences = Runs("start", "end", "sentence")
        self.marks: npt.NDArray[np.uint8] = np.empty(0, np.uint8)
        self.uses: Integers = np.empty(0, np.int64)  # how often each was met

    def joined(self, piece: Integers) -> Flags:
        """For each of these pieces but the last whether the next may belong to the same sentence."""
        mark = self.marks[piece]
        is_line = (mark & _IS_LINE) > 0
        is_open = ~(is_line[:-1] | (((mark[:-1] & _ENDS) > 0) & ((mark[1:] & _STARTS) > 0)))
        # A line is as long as all of it that belongs together.
        is_long = (mark & _IS_LONG) > 0
        is_long[1:] |= is_line[1:] & is_open
        return np.asarray(is_open | (is_long[:-1] & ((mark[1:] & _GOES_ON) > 0)))


def _last(numbers: Numbers, count: int) -> list[str]:
    """The texts that were met last."""
    return list(islice(reversed(numbers), count))[::-1]


def _mark(piece: str) -> int:
    """The marks of a piece."""
    mark = _STARTS * starts_plainly(piece) + _GOES_ON * may_go_on(piece)
    if piece.endswith("\n"):
        return mark + _IS_LINE + _IS_LONG * may_be_wrapped(piece)
    return mark + _ENDS * ends_plainly(piece)


def _cuts(whole: str) -> tuple[Integers, Integers]:
    """Where the pieces of a text begin and end: after a mark that a space follows, and after a line's end."""
    letters = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
    is_mark = (letters == ord(".")) | (letters == ord("!")) | (letters == ord("?"))
    is_cut = letters == ord("\n")
    is_cut[:-1] |= is_mark[:-1] & (letters[1:] == ord(" "))
    last = np.flatnonzero(is_cut) + 1
    return np.concatenate([[0], last[:-1]]), last


class Ear:
    """Listens to the texts of one speaker for some cues, and where `is_feeling` for how each sentence feels.

    Where it is not, every polarity is null.
    """

    def __init__(self, cues: CueSet, *, is_feeling: bool) -> None:
        self.cues = cues
        self._is_feeling = is_feeling
        self._forget()

    def _forget(self) -> None:
        self._pieces = _Pieces()
        self._sentences = Numbers()
        self._texts: list[str] = []  # of the sentences, by number
        self._flags: Flags = np.empty((0, len(_MARKS)), np.bool_)
        self._polarity: npt.NDArray[np.float64] = np.empty(0, np.float64)
        self._plain: npt.NDArray[np.float64] = np.empty(0, np.float64)
        self._hits = Runs("cue", "offset", "length", "is_negated")

    @property
    def count_remembered(self) -> int:
        """How many pieces of text are remembered now."""
        return len(self._pieces.uses)

    def _is_full(self, share: float) -> bool:
        known = self._pieces
        return len(known.uses) > MOST_REMEMBERED * share or known.count_characters > MOST_CHARACTERS * share

    def _forget_the_rare(self) -> None:
        """Forget the pieces that were met but once since the last time, and their sentences; at least half of all."""
        known = self._pieces
        kept = np.flatnonzero(known.uses > 1)
        most = MOST_REMEMBERED // 2
        if len(kept) > most:
            kept = np.sort(kept[np.argsort(-known.uses[kept], kind="stable")[:most]])
        texts = list(known.numbers)
        known.numbers = Numbers((texts[number], place) for place, number in enumerate(kept.tolist()))
        known.count_characters = sum(map(len, known.numbers))
        known.marks, known.uses = known.marks[kept], np.ones(len(kept), np.int64)
        known.sentences.keep(kept)
        is_kept = np.zeros(len(self._texts), np.bool_)
        is_kept[known.sentences.columns["sentence"]] = True
        known.sentences.columns["sentence"] = (np.cumsum(is_kept) - 1)[known.sentences.columns["sentence"]]
        kept = np.flatnonzero(is_kept)
        self._texts = [self._texts[number] for number in kept.tolist()]
        self._sentences = Numbers((text, place) for place, text in enumerate(self._texts))
        self._flags = self._flags[kept]
        self._polarity, self._plain = self._polarity[kept], self._plain[kept]
        self._hits.keep(kept)
        if self._is_full(0.5):
            self._forget()

    def hear(self, texts: Sequence[str]) -> Heard:
        """The sentences of the texts and the cues in them: the same whatever was heard before."""
        if self._is_full(1):
            self._forget_the_rare()
        row, begin, number = self._looked_up(texts)
        self._pieces.uses += np.bincount(number, minlength=len(self._pieces.uses))
        owner, said = self._pieces.sentences.of(number)
        self._hear_new()
        spoken = self._spoken(row[owner], said["sentence"])
        owner = owner[spoken]
        row, begin, sentence = row[owner], begin[owner], said["sentence"][spoken]
        start, end = begin + said["start"][spoken], begin + said["end"][spoken]
        is_met = np.zeros(len(self._texts), np.bool_)
        is_met[sentence] = True
        met = np.flatnonzero(is_met)
        words = pl.Series([self._texts[number] for number in met.tolist()], dtype=pl.String())
        mark = self._flags[sentence]
        polarity, is_ironic = in_context(self._polarity[sentence], mark[:, _IS_CODE + 1 :], row)
        is_first = np.diff(row, prepend=-1) != 0
        place = np.arange(len(row))
        sentences = pl.DataFrame(
            {
                "row": row,
                "sentence": place - np.maximum.accumulate(np.where(is_first, place, 0)),
                "start": start,
                "end": end,
                "text": words.gather((np.cumsum(is_met) - 1)[sentence]),
                "polarity": pl.Series(polarity, nan_to_null=True),
                "plain_polarity": pl.Series(self._plain[sentence], nan_to_null=True),
                "is_question": mark[:, 0],
                "is_quoted": mark[:, 1],
                "is_conditional": mark[:, 2],
                "is_ironic": is_ironic,
            }
        )
        owner, hits = self._hits.of(sentence)
        hits["is_negated"] = hits["is_negated"].astype(np.bool_)
        return Heard(sentences, pl.DataFrame({"place": owner, **hits}))

    def _spoken(self, row: Integers, sentence: Integers) -> Integers:
        """The places of sentences that somebody said: all but code, and the first of a text that is nothing else."""
        is_code = self._flags[sentence, _IS_CODE]
        if not is_code.any():
            return np.arange(len(sentence))
        has_words = np.zeros(row[-1] + 1, np.bool_)
        has_words[row[~is_code]] = True
        is_first = np.diff(row, prepend=-1) != 0
        return np.flatnonzero(~is_code | (is_first & ~has_words[row]))

    def _looked_up(self, texts: Sequence[str]) -> tuple[Integers, Integers, Integers]:
        """The pieces of the texts: each one's text, where it begins there, and its number."""
        whole = "\n".join([*texts, ""])
        first, last = _cuts(whole)
        known = self._pieces
        pieces = [whole[start:end] for start, end in zip(first.tolist(), last.tolist(), strict=True)]
        piece = np.fromiter(map(known.numbers.__getitem__, pieces), np.int64, len(pieces))
        self._cut_new()
        length = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        text_first = np.cumsum(length) - length
        row = np.searchsorted(text_first, first, side="right") - 1
        is_joined = known.joined(piece) & (row[:-1] == row[1:])
        if is_joined.any():
            start = np.flatnonzero(np.concatenate([[True], ~is_joined]))
            end = np.append(start[1:], len(piece)) - 1
            many = np.flatnonzero(end > start)
            first, row, joined = first[start], row[start], piece[start]
            joined[many] = [
                known.numbers[whole[begin:stop]]
                for begin, stop in zip(first[many].tolist(), last[end[many]].tolist(), strict=True)
            ]
            piece = joined
            self._cut_new()
        return row, first - text_first[row], piece

    def _cut_new(self) -> None:
        """Cut the pieces that were met for the first time into sentences."""
        known = self._pieces
        new = _last(known.numbers, len(known.numbers) - len(known.marks))
        if not new:
            return
        counts: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        sentences: list[int] = []
        for piece in new:
            spans = split(piece)
            counts.append(len(spans))
            for start, end in spans:
                starts.append(start)
                ends.append(end)
                sentences.append(self._sentences[piece[start:end]])
        known.sentences.add(counts, start=starts, end=ends, sentence=sentences)
        known.marks = np.concatenate([known.marks, np.array(list(map(_mark, new)), np.uint8)])
        known.uses = np.concatenate([known.uses, np.zeros(len(new), np.int64)])
        known.count_characters += sum(map(len, new))

    def _hear_new(self) -> None:
        """Hear the sentences that were met for the first time."""
        new = _last(self._sentences, len(self._sentences) - len(self._texts))
        if not new:
            return
        self._texts += new
        coded = [is_code(text) for text in new]
        said = ["" if is_own else text for text, is_own in zip(new, coded, strict=True)]
        felt = feelings(said) if self._is_feeling else [NO_FEELING] * len(new)
        marks = [
            (*flags(text), is_own, *feeling[2:])
            for text, is_own, feeling in zip(said, coded, felt, strict=True)
        ]
        self._flags = np.concatenate([self._flags, np.array(marks, np.bool_)])
        unfelt = [np.nan] * len(new)
        own = [feeling.polarity for feeling in felt] if self._is_feeling else unfelt
        plain = [feeling.plain for feeling in felt] if self._is_feeling else unfelt
        self._polarity = np.concatenate([self._polarity, own])
        self._plain = np.concatenate([self._plain, plain])
        found = self.cues.find(said)
        self._hits.add(
            np.bincount(np.asarray(found.text, np.int64), minlength=len(new)),
            cue=found.cue,
            offset=found.start,
            length=[end - start for start, end in zip(found.start, found.end, strict=True)],
            is_negated=[
                is_negated(new[text], start) for text, start in zip(found.text, found.start, strict=True)
            ],
        )
