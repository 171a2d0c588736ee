"""What a sentence says by its words alone: a linear model for each thing, learnt from sentences written for this project.

Patterns find the turns of phrase that somebody thought of. These models weigh every word and pair of words, and so also
find what is said in other words; they are asked for much, since of a thousand sentences a few carry any of it. Each is a column
of data/lexicons/learnt_customer.tsv.gz or learnt_agent.tsv.gz, by who says it, made by benchmarks/train_learnt.py, and a
lexicon's cue with `learnt` names it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from metrics.text.word_model import Numbers, WordModel

_DATA = Path(__file__).resolve().parents[2] / "data" / "lexicons"
WEIGHTS: Final = {speaker: _DATA / f"learnt_{speaker}.tsv.gz" for speaker in ("customer", "agent")}
COLUMNS: Final = {
    "customer": (
        "exit_wish", "leaving", "warning_others", "public", "came", "tell", "suggestions", "outcome_question", "chase", "repeat",
    ),
    "agent": ("empathy", "promise", "ownership", "defensive", "blocked"),
}  # fmt: skip


@cache
def model(speaker: str) -> WordModel:
    """The models that ship of what a speaker says."""
    return WordModel(WEIGHTS[speaker])


def scores(texts: Sequence[str], columns: Collection[str]) -> dict[str, Numbers]:
    """By column how strongly the words of each text speak for it; 0.0 where no word of a text is known."""
    found: dict[str, Numbers] = {}
    for speaker, own in COLUMNS.items():
        if not set(columns).isdisjoint(own):
            found |= dict(zip(own, model(speaker).table(texts).T, strict=True))
    return {column: found[column] for column in columns}
