"""Acknowledgement: the words with which an agent shows that an idea was received."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from metrics.measure import Conversations
from metrics.text.once import once
from metrics.text.said import hits_of
from metrics.text.suggestions import SENTENCE

LEXICON: Final = "suggestion_heard"
# How many content words of the suggestion the agent's sentence must repeat, by kind of cue: thanks for an idea or
# passing it on speak for themselves, "you're right" may be about anything, "would like" may be said of every errand.
SHARED_WORDS: Final = {"thanked": 0, "passed_on": 0, "answered": 0, "agreed": 1, "receiving": 2}

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_STEM: Final = 5  # letters compared, so that "filter", "filters" and "filtering" are one word
# Words that say nothing of what the idea is about.
_EMPTY_WORDS: Final = (
    "the and for you your our are was were this that these those with have has had not but can could would will should "
    "may might must shall what when where which who why how from they them their there here then than just also very "
    "much more most some any all one two get got make made let lets like love want need please thank thanks hello dear "
    "sorry help team know see use used using way able about into out over only even ever never still really way its it's "
    "been being does did done don doesn isn won else because since while too now today day time people customer "
    "customers account order idea ideas suggestion suggestions feedback add adding added feature features option "
    "options support service issue look"
)
_EMPTY: Final = frozenset(_EMPTY_WORDS.split())


def content_words(text: str) -> frozenset[str]:
    """The first letters of the words of a text that say what it is about."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(word[:_STEM] for word in words if word not in _EMPTY)


@once
def acknowledgements(conversations: Conversations) -> pl.DataFrame:
    """Every place where an agent may acknowledge an idea, in order: message, turn, sentence, span, kind, sentence text.

    Which of them acknowledge a given suggestion is for `acknowledges` to say. Quoted words and denials ("not possible
    yet") count too: a reasoned no shows that the idea was received.
    """
    return (
        hits_of(conversations, LEXICON)
        .filter(pl.col("speaker") == "agent")
        .sort("source", "ticket_id", "turn", "start", "end")
        .select(*SENTENCE, "turn", "start", "end", "cue_kind", "sentence_text")
    )


def acknowledges(cue_kind: str, sentence: str, suggestion: str) -> bool:
    """Whether a cue of this kind in an agent's sentence takes up this suggestion."""
    needed = SHARED_WORDS[cue_kind]
    return needed == 0 or len(content_words(sentence) & content_words(suggestion)) >= needed
