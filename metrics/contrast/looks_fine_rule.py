"""The thresholds of "looks fine, isn't" that are in force: those of heard.toml, or what a person set on the page since.

What was set is kept with who and when, applies at once to every figure that is read with it (Scope.rules), and can be
undone. The rest of the rule, and the facts as they were built, stay as they are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from metrics import entered
from metrics.contrast.looks_fine import REPLY, UNHAPPY, WAIT
from warehouse.errors import HeardError
from warehouse.ledger import Entry, ledger_in
from warehouse.settings import LooksFine, Settings
from warehouse.store import Version

KIND: Final = "rule"
SUBJECT: Final = "looks_fine"
BOUNDS: Final = {REPLY: (0.25, 720.0), UNHAPPY: (-1.0, 0.5), WAIT: (0.25, 2160.0)}
_WORDS: Final = {REPLY: "hours to the first reply", UNHAPPY: "mood", WAIT: "hours of the longest wait"}


@dataclass(frozen=True)
class InForce:
    """The thresholds in force and who set them; entry is null where they are those of heard.toml."""

    rule: LooksFine
    entry: Entry | None

    @property
    def is_edited(self) -> bool:
        """Whether a person set them on the page."""
        return self.entry is not None


def in_force(version: Version, settings: Settings) -> InForce:
    """The thresholds that hold for this store now."""
    entry = entered.standing(version, KIND).get(SUBJECT)
    if entry is None or entry.fields is None:
        return InForce(settings.looks_fine, None)
    known = {name: float(value) for name, value in entry.fields.items() if name in BOUNDS}
    return InForce(LooksFine(**{**asdict(settings.looks_fine), **known}), entry)


def rules(version: Version, settings: Settings) -> tuple[tuple[str, float], ...]:
    """The thresholds that differ from those of heard.toml, as a scope takes them; empty where none does."""
    found = in_force(version, settings)
    shipped = asdict(settings.looks_fine)
    return tuple((name, value) for name, value in asdict(found.rule).items() if value != shipped[name])


def edit(version: Version, rule: LooksFine, who: str) -> Entry:
    """Set the thresholds from now on. Raises HeardError where one is out of bounds, NotAllowed."""
    for name, value in asdict(rule).items():
        low, high = BOUNDS[name]
        if not low <= value <= high:
            raise HeardError(
                f"{value:g} is out of bounds for the {_WORDS[name]}.", fix=f"from {low:g} to {high:g}"
            )
    return entered.keep(version, KIND, SUBJECT, asdict(rule), who)


def as_shipped(version: Version, who: str) -> Entry:
    """Let the thresholds of heard.toml hold again; the entry can be undone. Raises NotAllowed."""
    return entered.keep(version, KIND, SUBJECT, None, who)


def history(version: Version) -> list[Entry]:
    """Every time that the thresholds were set or given up, the newest first."""
    ledger = ledger_in(version.folder)
    return ledger.history(KIND, SUBJECT) if ledger else []
