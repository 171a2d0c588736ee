"""The pieces of words without which a pattern is not looked for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from metrics.text.anchors import anchors
from metrics.text.cues import CueSet, fold
from metrics.text.lexicons import cues_in_force, lexicon_names


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        (r"\bcancel my order\b", {"cancel"}),
        (r"\b(?:lawyer|court|ombuds(?:man|woman))\b", {"lawyer", "court", "ombuds"}),
        (r"\bthe\s+refunds?\b", {"refund"}),
        (r"\bcolou?r\b", {"colo"}),
        (r"(?:never|no) more", {"never", "no"}),  # rarer together than "more"
        (r"\bno(?:thing)? wrong\b", {"wrong"}),
        (r"(?:refund|x?) it", {"it"}),
        (r"ab{0,2}c{2}d", None),
        (r"\x41bc", None),
        (r"\b(?:please\s+)?\w+\b", None),
        (r"\b(?:a|\d+)\b", None),
        (r"[Rr]efund", {"efund"}),
        (r"(?:again\W+){2,}", {"again"}),
        (r"x*", None),
        ("", None),
    ],
)
def test_one_of_the_pieces_is_in_every_text_that_holds_the_pattern(
    pattern: str, pieces: set[str] | None
) -> None:
    assert anchors(pattern) == (None if pieces is None else frozenset(pieces))


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


def test_a_long_s_is_an_s() -> None:
    """RE2 takes it for one where letter case does not matter, and its anchors would not."""
    cues = CueSet([cue for cue in cues_in_force(("exit_wish",)) if not cue.learnt])
    assert cues.which(["Please ca\u017fh refund, plea\u017fe"]) == cues.which(["Please cash refund, please"])
