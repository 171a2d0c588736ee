"""Cues: what a lexicon file may say, equal answers to Python's `re`, exact code point spans, negation."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.text.cues import Cue, CueSet, fold, is_negated
from metrics.text.lexicon_files import load_lexicon
from warehouse.errors import Declaration

GOOD = """
about = "Wishes."
[[cue]]
kind = "request"
phrases = ["would be nice if", "don't forget", "C++"]
note = "asks"
[[cue]]
kind = "order"
patterns = ["(?:could|can) you (?:please )?(?:add|support)", "\\\\bI\\\\s+wish\\\\b"]
weight = 0.5
speaker = "customer"
note = "asks politely"
"""


def _lexicon(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "wishes.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def cues(tmp_path: Path) -> tuple[Cue, ...]:
    return load_lexicon(_lexicon(tmp_path, GOOD))


def test_a_lexicon_becomes_one_cue_a_phrase_or_pattern(cues: tuple[Cue, ...]) -> None:
    assert [cue.name for cue in cues][:2] == ["would be nice if", "don't forget"]
    assert {cue.lexicon for cue in cues} == {"wishes"}
    assert (cues[0].weight, cues[0].speaker, cues[0].kind) == (1.0, "both", "request")
    assert (cues[3].weight, cues[3].speaker, cues[3].kind) == (0.5, "customer", "order")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("It WOULD be\n  nice if it worked", ["WOULD be\n  nice if"]),
        ("\U0001f600\U0001f600 Don\u2019t forget me", ["Don\u2019t forget"]),
        ("we use C++, C++ and c", ["C++", "C++"]),
        ("Could you please add it? can you add it", ["Could you please add", "can you add"]),
        ("\u0130\u0130 i wish, I  WISH", ["i wish", "I  WISH"]),
        ("would be nicer if; dont forget", []),
        ("half \ud800 of a pair, I wish", ["I wish"]),
        ("", []),
    ],
)
def test_spans_are_code_points_into_the_text(cues: tuple[Cue, ...], text: str, spans: list[str]) -> None:
    hits = CueSet(cues).find([text])
    assert sorted(text[start:end] for start, end in zip(hits.start, hits.end, strict=True)) == sorted(spans)
    assert set(hits.text) <= {0}


def test_hits_name_their_text_and_cue(cues: tuple[Cue, ...]) -> None:
    hits = CueSet(cues).find(["nothing", "I wish", "can you add, I wish"])
    assert [(text, cues[cue].kind) for text, cue in zip(hits.text, hits.cue, strict=True)] == [
        (1, "order"), (2, "order"), (2, "order"),
    ]  # fmt: skip
    assert len(hits) == 3
    assert len(CueSet([]).find(["anything"])) == 0


_FUZZ_WORDS = "would be nice if don't forget don\u2019t could can you please add support i wish C++ \u00e9t\u00e9 \U0001f600 not , . I"
_WORDS = st.sampled_from(_FUZZ_WORDS.split())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_WORDS, st.sampled_from([" ", "  ", "\n", "", "\u00a0"])), max_size=20))
def test_flags_equal_python_re(parts: list[tuple[str, str]]) -> None:
    cues, automaton = _FUZZ
    text = "".join(word + space for word, space in parts)
    expected = [
        n for n, cue in enumerate(cues) if re.search(cue.pattern, fold(text), re.IGNORECASE | re.ASCII)
    ]
    assert automaton.which([text]) == [expected]
    assert sorted(set(automaton.find([text]).cue)) == expected


def _fuzz() -> tuple[tuple[Cue, ...], CueSet]:
    def cue(pattern: str) -> Cue:
        return Cue(
            lexicon="x",
            kind="k",
            name=pattern,
            pattern=pattern,
            is_phrase=False,
            weight=1,
            speaker="both",
            note="n",
        )

    patterns = [
        r"\bnice\b",
        r"(?:could|can) you\s+(?:please )?add",
        r"\bi\s+wish\b",
        r"don't\s+\w+",
        r"not\W+.{0,10}add",
        r"\bC\+\+",
    ]
    made = tuple(map(cue, patterns))
    return made, CueSet(made)


_FUZZ = _fuzz()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("about = ", "not a TOML file"),
        ("x = 1", "unknown key 'x'"),
        ('about = "a"', "holds no cue"),
        ('[[cue]]\nkind = "k"\nphrases = ["a"]\nnote = "n"', "what it is about"),
        ('about = "a"\n[[cue]]\nkind = "k"\nphrases = ["a"]', "note is missing"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"', "neither phrases nor patterns"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\nphrases = "a"', "not a list of texts"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\nphrases = ["a"]\nweight = "1"', "not a number"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\nphrases = ["a"]\nspeaker = "bot"', "speaks as 'bot'"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\nphrases = ["a"]\nwight = 1', "unknown key 'wight'"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\npatterns = ["(a"]', "cannot be read"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\npatterns = ["(?=a)b"]', "cannot be read"),
        ('about = "a"\n[[cue]]\nkind = "k"\nnote = "n"\npatterns = ["a*"]', "matches nothing at all"),
    ],
)
def test_a_wrong_lexicon_is_refused_with_its_place_and_a_fix(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Declaration, match=re.escape(says)) as caught:
        load_lexicon(_lexicon(tmp_path, text))
    assert "wishes.toml" in caught.value.what
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("I would not recommend you", "recommend", True),
        ("I can\u2019t recommend you", "recommend", True),
        ("never again would I recommend", "recommend", True),
        ("without any good reason", "good", True),
        ("no longer a good place", "good", True),
        ("I recommend you", "recommend", False),
        ("It did not work, I recommend", "recommend", False),
        ("not bad but good", "good", False),
        ("not only good", "good", False),
        ("It is not what I had been told last week by good people", "good", False),
    ],
)
def test_negation_reaches_four_words_inside_the_clause(text: str, word: str, expected: bool) -> None:
    assert is_negated(text, text.index(word)) is expected


def test_a_long_text_takes_linear_time(cues: tuple[Cue, ...]) -> None:
    automaton = CueSet(cues)
    start = time.process_time()
    assert len(automaton.find(["could you please " * 100_000])) == 0
    assert time.process_time() - start < 5


@given(st.text(max_size=60))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_a_pattern_can_name_a_list_of_words(tmp_path: Path) -> None:
    text = r"""
about = "x."
[[cue]]
kind = "k"
patterns = ['\bmy +<kin> +told +me', '\<kin>']
note = "n"
"""
    named, sign = load_lexicon(_lexicon(tmp_path, text))
    assert named.name == r"\bmy +<kin> +told +me"
    hits = CueSet([named, sign]).find(["My sister told me", "My <kin> told me", "my parcel told me"])
    assert list(zip(hits.text, hits.cue, strict=True)) == [(0, 0), (1, 1)]


def test_a_list_of_words_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    text = 'about = "x."\n[[cue]]\nkind = "k"\npatterns = ["my <kim>"]\nnote = "n"\n'
    with pytest.raises(Declaration, match="no list of words called 'kim'") as refused:
        load_lexicon(_lexicon(tmp_path, text))
    assert "kin" in refused.value.fix
