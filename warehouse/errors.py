"""One family of errors, one shape: what happened, then what to type."""

from __future__ import annotations


class HeardError(Exception):
    """A mistake or a state that a person can mend: says what happened and what to type.

    The command line and the dashboard show it in the same words, without a traceback. Any other
    exception is a fault of the program and keeps its traceback.
    """

    def __init__(self, what: str, *, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return self.what if self.fix is None else f"{self.what}\n  Fix: {self.fix}"


class BadInput(HeardError):
    """A file or a row that cannot be read as it stands."""


class BadSettings(HeardError):
    """heard.toml holds something we do not understand."""


class StoreBusy(HeardError):
    """Another run is writing to the store."""


class NoData(HeardError):
    """Nothing has been loaded yet, or a ticket or measure is not there."""


class Declaration(HeardError):
    """A measure, source or lexicon is declared wrongly."""


class Answered(HeardError):
    """What was drawn to be reviewed has an answer that stands."""


class NotAllowed(HeardError):
    """A person's role does not include what was asked for."""
