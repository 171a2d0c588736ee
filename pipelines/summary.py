"""What a load did, in words: a file at a time, in total, and what these data can not tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from metrics import registry


@dataclass
class FileSummary:
    """One file: rows read, merged (new or changed), left out (tickets never counted), refused."""

    file: str
    sha256: str = ""
    reader: str = ""
    count_read: int = 0
    count_merged: int = 0
    count_left_out: int = 0
    count_refused: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, int | None, str, str]] = field(default_factory=list)  # member, line, reason, raw
    notes: list[str] = field(default_factory=list)
    exported_at: datetime | None = None


@dataclass(frozen=True)
class Unavailable:
    """Measures that these data can not give, and what to export to get them."""

    measures: tuple[str, ...]
    unlock: str


@dataclass(frozen=True)
class Summary:
    """What a run did. `published` is the new version's name, or None where nothing was new."""

    files: tuple[FileSummary, ...] = ()
    published: str | None = None
    capabilities: tuple[str, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    unchanged: tuple[str, ...] = ()  # files that were loaded before
    passed: tuple[tuple[str, str], ...] = ()  # not read, and why
    count_waiting_messages: int = 0
    count_tickets_without_messages: int = 0

    @classmethod
    def nothing_new(cls, unchanged: Sequence[str], passed: Sequence[tuple[str, str]]) -> Summary:
        """Every file was loaded before."""
        return cls(unchanged=tuple(unchanged), passed=tuple(passed))

    def with_others(self, unchanged: Sequence[str], passed: Sequence[tuple[str, str]]) -> Summary:
        """The same with the files that were not read."""
        return replace(self, unchanged=tuple(unchanged), passed=tuple(passed))

    def total(self, name: str) -> int:
        """The sum of a count over the files: count_read, count_merged, count_left_out, count_refused."""
        return sum(getattr(file, name) for file in self.files)

    def lines(self) -> list[str]:
        """The summary as text."""
        lines = [line for file in self.files for line in _file_lines(file)]
        if self.unchanged:
            lines.append(f"Loaded before, not read again: {_some(self.unchanged)}")
        lines += [f"Not read: {name} ({reason})" for name, reason in self.passed]
        if self.count_waiting_messages:
            lines.append(
                f"{self.count_waiting_messages:,} messages wait for their ticket and are not heard yet."
            )
        if self.count_tickets_without_messages:
            lines.append(f"{self.count_tickets_without_messages:,} tickets came without messages.")
        if self.published is None:
            return [*lines, "Nothing new: nothing was merged, nothing was published."]
        for one in self.unavailable:
            lines.append(f"Not available from these data: {', '.join(one.measures)}. {one.unlock}".rstrip())
        return [*lines, f"Published {self.published}."]


def _file_lines(file: FileSummary) -> list[str]:
    lines = [
        f"{file.file}: {file.count_read:,} rows read, {file.count_merged:,} merged, "
        f"{file.count_left_out:,} tickets left out, {file.count_refused:,} refused"
    ]
    for member, line, reason, _ in file.refused[:3]:
        lines.append(
            f"    refused: {member}, line {line}: {reason}" if line else f"    refused: {member}: {reason}"
        )
    if file.count_refused > 3:
        lines.append("    all of them: heard status --rejects")
    return [*lines, *(f"    {note}" for note in file.notes)]


def _some(names: Sequence[str], limit: int = 6) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit:,} more" if len(names) > limit else "")


def unavailable(capabilities: Sequence[str]) -> tuple[Unavailable, ...]:
    """The measures whose needs these capabilities do not meet, by what unlocks them."""
    found: dict[str, list[str]] = {}
    for measure in registry.discover():
        if not measure.needs <= set(capabilities):
            found.setdefault(measure.unlock, []).append(measure.name)
    return tuple(Unavailable(tuple(names), unlock) for unlock, names in found.items())
