"""What stands in a digest, as plain data: the two renderings say the same because they read the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A bar that encodes the printed number: whole percents of the scale's length, left to right.

    A share starts at the left end; a net score or a mood starts at the middle, which is its zero.
    """

    before: int
    filled: int

    @property
    def after(self) -> int:
        """What is left of the scale."""
        return 100 - self.before - self.filled


@dataclass(frozen=True)
class Cell:
    """One figure of the ledger in words: the value, the change with its verdict, and what it stands on."""

    title: str
    value: str
    change: str
    basis: str
    bar: Bar | None = None
    is_told: bool = True  # false where words stand in the figure's place: too few, not measured


@dataclass(frozen=True)
class Row:
    """One question asked twice of a week: what the scores say and what the conversations show."""

    question: str
    scores: tuple[Cell, ...]
    conversations: tuple[Cell, ...]


@dataclass(frozen=True)
class Line:
    """A sentence with the place in the dashboard that it leads to; url is None where nothing lies behind it."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Quote:
    """A customer's words, masked, with why they were chosen and the way to the conversation."""

    why: str
    text: str
    about: str
    url: str | None


@dataclass(frozen=True)
class Digest:
    """One ISO week against the one before; nothing in it depends on when it was made."""

    week: str
    dates: str
    organisation: str
    is_demo: bool
    subject: str
    answer: str
    more: str
    basis: str
    rows: tuple[Row, ...]
    scales: str
    findings: tuple[Line, ...]
    findings_rule: str
    quotes: tuple[Quote, ...]
    quotes_rule: str
    ideas: tuple[Quote, ...]
    ideas_summary: str
    coverage: tuple[str, ...]
    caveats: tuple[str, ...]
    url: str
