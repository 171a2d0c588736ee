"""The pieces of words without which a pattern is not looked for."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.text.anchors import anchors
from metrics.text.cues import Cue, CueSet, fold
from metrics.text.lexicons import cues_in_force, lexicon_names


@pytest.mark.parametrize(
    ("pattern", "ways"),
    [
        (r"\bcancel my order\b", [[r"\bcancel my order"]]),
        (r"\b(?:lawyer|court)\b", [[r"\blawyer|\bcourt"]]),
        (r"\b(?:lawyer|ombuds(?:man|woman))\b", [[r"\bombuds", "man|woman"], [r"\blawyer"]]),
        (r"\bthe\s+refunds?\b", [[r"\brefund", r"\bthe"]]),  # the rarer first
        (r"\bcolou?r\b", [[r"\bcolo"]]),
        (r"(?:never|no) more", [["never|no", r"\bmore"]]),
        (r"\bno(?:thing)? wrong\b", [[r"\bwrong", r"\bno"]]),
        (r"(?:refund|x?) it", [[r"\bit"]]),
        (r"\b(?:i|we)'?d\s+(?:\w+\s+)?(?:cancel|leave)", [[r"\bcancel|\bleave"]]),
        (r"\bi\w*ing", [["ing"]]),  # inside of a word
        (r"[,.!-]\s*stop", [[r"\bstop"]]),
        (r"\w?[,.]?stop", [["stop"]]),
        (r"(?:again\W+){2,}", [["again"]]),
        (r"\b(?:x?again)+", [["again"]]),  # the second time behind the first
        (r"[Rr]efund", [["efund"]]),
        (r"ab{0,2}c{2}d", []),
        (r"\x41bc", []),
        (r"\b(?:please\s+)?\w+\b", []),
        (r"\b(?:a|\d+)\b", []),
        (r"x*", []),
        ("", []),
    ],
)
def test_every_text_that_holds_a_pattern_has_a_piece_of_each_set_of_one_way(
    pattern: str, ways: list[list[str]]
) -> None:
    assert anchors(pattern) == [[frozenset(pieces.split("|")) for pieces in way] for way in ways]


def test_no_cue_is_lost_because_it_was_not_looked_for() -> None:
    """Every shipped cue, on every line of the examples, against Python's re in a loop."""
    talks = [
        line.split(": ", 1)[-1]
        for path in sorted((Path(__file__).parent / "signals").glob("*.toml"))
        for examples in tomllib.loads(path.read_text(encoding="utf-8")).values()
        if isinstance(examples, list)
        for example in examples
        for line in example["talk"]
    ]
    lines = list(dict.fromkeys(talks))[::9]
    cues = CueSet([cue for cue in cues_in_force(lexicon_names()) if not cue.learnt])
    spelled = [re.compile(cue.pattern, re.IGNORECASE | re.ASCII) for cue in cues.cues]
    looped = [
        [place for place, pattern in enumerate(spelled) if pattern.search(text)] for text in map(fold, lines)
    ]
    assert sum(map(len, looped)) > len(lines)
    assert cues.which(lines) == looped


CUE = Cue(lexicon="l", kind="k", name="", pattern="", is_phrase=False, weight=1.0, speaker="both", note="n")
_WORD = st.sampled_from(["cancel", "can", "an", "order", "my", "'d", "not", " ", " ", "x"])
_PART = st.one_of(
    _WORD,
    st.sampled_from([r"\b", r"\s+", r"\s*", r"\W", r"\w*", r"\w+", ".", "[,.]", "[,.]?", "[a-c]", "^", "$"]),
)
_PATTERN = st.recursive(
    st.lists(_PART, min_size=1, max_size=4).map("".join),
    lambda inner: st.tuples(
        st.lists(inner, min_size=1, max_size=3).map("|".join),
        st.sampled_from(["", "?", "*", "+", "{0,2}", "{2}"]),
        inner,
    ).map(lambda made: f"(?:{made[0]}){made[1]}{made[2]}"),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(
    patterns=st.lists(_PATTERN, min_size=1, max_size=3),
    texts=st.lists(st.lists(_WORD, max_size=8).map("".join), max_size=5),
)
def test_the_gate_shuts_out_nothing_that_a_text_holds(patterns: list[str], texts: list[str]) -> None:
    cues = CueSet([replace(CUE, name=one, pattern=one) for one in patterns])
    held = [re2.compile(pattern) for pattern in patterns]  # one at a time, whatever the gate says
    looped = [[place for place, one in enumerate(held) if one.search(text)] for text in texts]
    assert cues.which(texts) == looped


def test_a_long_s_is_an_s() -> None:
    """RE2 takes it for one where letter case does not matter, and its anchors would not."""
    cues = CueSet([cue for cue in cues_in_force(("exit_wish",)) if not cue.learnt])
    assert cues.which(["Please ca\u017fh refund, plea\u017fe"]) == cues.which(["Please cash refund, please"])
