"""Text as a digest shows it: on one line, without signs that can not be seen, with numbers kept beside what they count."""

from __future__ import annotations

import re

# What turns the order of reading round, or can not be seen, could make a sentence read as another.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def as_shown(text: str) -> str:
    """Text on one line without signs that can not be seen."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def as_figures(text: str) -> str:
    """Our own words with their numbers kept on one line with what they count."""
    return re.sub(
        r"(?<=\d) (?=%|pts|h\b|min\b|s\b|days?\b)|(?<=n) (?==)|(?<==) (?=\d)", "\u00a0", as_shown(text)
    )
