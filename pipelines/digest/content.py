"""What stands in a digest, as plain data: all forms say the same because they read the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from metrics.measure import Better, Unit


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
class Number:
    """A figure of the ledger as a number, in the unit of its column (a share from 0 to 1, minutes, −100 to 100 for net).

    change is against the week before, null where that can not be told. weekly: ISO week and value, up to 13, null where not
    measured. target and verdict: what the organisation wants of it, and whether that is met; null without a target.
    """

    column: str
    measure: str
    unit: Unit
    better: Better
    value: float
    low: float | None
    high: float | None
    n: int
    coverage: float | None
    change: float | None
    is_beyond_noise: bool | None
    is_final: bool
    weekly: tuple[tuple[str, float | None], ...] = ()
    target: float | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Cell:
    """One figure of the ledger in words: the value, the change with its verdict, and what it stands on.

    `number` is null where words stand in the figure's place; `url` leads to the conversations behind it.
    """

    title: str
    value: str
    change: str
    basis: str
    bar: Bar | None = None
    is_told: bool = True  # false where words stand in the figure's place: too few, not measured
    target: str = ""
    url: str | None = None
    number: Number | None = None


@dataclass(frozen=True)
class Row:
    """One question asked twice of a week: what the scores say and what the conversations show."""

    question: str
    scores: tuple[Cell, ...]
    conversations: tuple[Cell, ...]


@dataclass(frozen=True)
class Line:
    """A sentence with the place in the dashboard that it leads to; url is None where nothing lies behind it for this reader.

    `why` stands before it in small words, `about` behind it.
    """

    text: str
    url: str | None = None
    why: str = ""
    about: str = ""


@dataclass(frozen=True)
class Quote:
    """A customer's words, masked, with why they were chosen and the way to the conversation.

    then: what was said after them, each with what it is: a sign of the answer, how it ended. text is empty where only that is.
    """

    why: str
    text: str
    about: str
    url: str | None
    then: tuple[tuple[str, str], ...] = ()


Key = Literal[
    "moved", "looks_fine", "saves", "worth", "ideas", "promises", "calls", "money", "read", "missing"
]  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One part beside the ledger: its finding as a title, a sentence, what it lists, and the rule by which that was chosen."""

    key: Key
    title: str
    lead: str = ""
    items: tuple[Line | Quote, ...] = ()
    rule: str = ""
    url: str | None = None  # all of it in the dashboard


@dataclass(frozen=True)
class Digest:
    """One ISO week against the one before; nothing in it depends on when it was made.

    role and teams say whose rights it was built with, as_of for which instant the data stand. coverage is what it stands on,
    caveats what to doubt this week.
    """

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
    sections: tuple[Section, ...]
    coverage: tuple[str, ...]
    caveats: tuple[str, ...]
    url: str
    role: str = "analyst"
    teams: tuple[str, ...] = ()
    as_of: str = ""

    def section(self, key: Key) -> Section | None:
        """The section of that key; null where this week, or this reader, has none."""
        return next((one for one in self.sections if one.key == key), None)

    @property
    def first(self) -> tuple[Section, ...]:
        """What stands above the ledger: what moved."""
        return tuple(one for one in self.sections if one.key == "moved")

    @property
    def below(self) -> tuple[Section, ...]:
        """What stands below the ledger."""
        return tuple(one for one in self.sections if one.key != "moved")

    @property
    def has_figures(self) -> bool:
        """Whether the ledger tells any figure: a table of what is not told says nothing that the caveats do not."""
        return any(cell.is_told for row in self.rows for cell in (*row.scores, *row.conversations))

    @property
    def preheader(self) -> str:
        """What a list of mails shows behind the subject: what stands behind the answer, then what moved."""
        moved = self.section("moved")
        return ". ".join(part.rstrip(".") for part in (self.more, moved.title if moved else "") if part) + "."

    @property
    def audience(self) -> str:
        """For whom it was built, in words; empty for whoever sees everything."""
        return f"For {_listed(self.teams)}" if self.teams else _FOR.get(self.role, "")


_FOR: Final = {"director": "For the director", "finance": "For finance", "reader": "For everyone"}


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
