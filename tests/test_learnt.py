"""What is heard by all the words of a sentence, beside the patterns."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from benchmarks import train_learnt
from metrics.text import learnt
from metrics.text.cues import Cue, CueSet
from metrics.text.lexicon_files import load_lexicon
from metrics.text.lexicons import lexicon_names, shipped
from metrics.text.word_model import WordModel
from warehouse.errors import Declaration

WISH = next(cue for cue in shipped("exit_wish") if cue.learnt)
# A pattern that also finds the weather.
OUT = dataclasses.replace(WISH, name="out", pattern=r"\bout\b", learnt="", least=0.0, doubted=float("-inf"))


def kinds(cues: list[Cue], text: str) -> list[tuple[str, str]]:
    """The name of each cue found in a text, and the piece of text it stands for."""
    found = CueSet(cues).find([text])
    return [
        (cues[cue].name, text[start:end])
        for cue, start, end in zip(found.cue, found.start, found.end, strict=True)
    ]


@pytest.mark.parametrize("name", [name for name in lexicon_names() if any(c.learnt for c in shipped(name))])
def test_a_lexicon_that_names_what_was_learnt_says_why_and_from_where_on(name: str) -> None:
    for cue in shipped(name):
        if cue.learnt:
            assert cue.speaker in learnt.COLUMNS and cue.learnt in learnt.COLUMNS[cue.speaker]
            assert cue.least > cue.doubted and cue.note


def test_a_sentence_counts_whole_where_its_words_say_it_together() -> None:
    text = "  Please take me off the plan and put the money back on my card. "
    assert kinds([WISH], text) == [("learnt exit_wish", text.strip())]
    assert kinds([WISH], "The plan shows the money on my card.") == []
    assert kinds([WISH], "") == []


def test_a_pattern_counts_for_nothing_where_the_words_around_it_speak_of_something_else() -> None:
    assert kinds([OUT, WISH], "I want out of this contract, please cancel it and refund me.")[0][0] == "out"
    weather = "The sun came out while the page was loading."
    assert kinds([OUT], weather) == [("out", "out")]
    assert kinds([OUT, WISH], weather) == []


def test_what_was_learnt_doubts_the_kinds_that_it_names_and_no_others() -> None:
    weather = "The sun came out while the page was loading."
    other = dataclasses.replace(OUT, kind="other")
    assert kinds([other, WISH], weather) == [("out", "out")]
    assert kinds([other, dataclasses.replace(WISH, doubts=("other",))], weather) == []


def test_a_cue_of_ones_own_counts_whatever_was_learnt() -> None:
    own = dataclasses.replace(OUT, is_own=True)
    assert kinds([own, WISH], "The sun came out while the page was loading.") == [("out", "out")]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('learnt = "weather"\nleast = 1.0', "nothing was learnt of 'weather'"),
        ('learnt = "leaving"', "least is missing"),
        ('learnt = "leaving"\nleast = true', "least is missing or not a number"),
        ('learnt = "leaving"\nleast = 1.0\ndoubted = "x"', "doubted is missing or not a number"),
        ('learnt = "leaving"\nleast = 1.0\ndoubted = 0.5\ndoubts = "hint"', "doubts is not a list of texts"),
    ],
)
def test_a_column_or_bound_that_is_not_there_is_refused(tmp_path: Path, lines: str, says: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\n{lines}\n', encoding="utf-8")
    with pytest.raises(Declaration, match=says):
        load_lexicon(path)


@pytest.mark.parametrize("speaker", learnt.COLUMNS)
def test_the_weights_come_from_the_sentences_in_this_project(speaker: str, tmp_path: Path) -> None:
    made = tmp_path / "weights.tsv.gz"
    train_learnt.trained(train_learnt.sentences(speaker), speaker, made)
    new, old = WordModel(made), WordModel(learnt.WEIGHTS[speaker])
    assert new.columns == old.columns == learnt.COLUMNS[speaker]
    texts = ["I want my money back.", "Would be great to export the list.", "I will ring you on Friday."]
    # Another machine's arithmetic may round the last decimal the other way.
    assert abs(new.table(texts) - old.table(texts)).max() < 0.02
    assert learnt.WEIGHTS[speaker].stat().st_size < 1_200_000
