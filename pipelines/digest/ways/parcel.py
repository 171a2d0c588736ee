"""What a way of sending is given, and the three ways in which it can end other than well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.recipients import Mail, Recipient

# Called just before the other side may have the whole message; what comes after it can not be taken back.
HandOver = Callable[[], None]


@dataclass(frozen=True)
class Stored:
    """One week as one audience gets it. is_notice: it says why there is no digest, and has no files to attach.

    missing: the endings of files that could not be made.
    """

    week: str
    audience: str
    subject: str
    html: str
    text: str
    files: tuple[Path, ...]
    chat: Mapping[str, str]
    content_hash: str
    is_notice: bool
    missing: tuple[str, ...] = ()

    def file(self, ending: str) -> Path | None:
        """The file with that ending; null where there is none."""
        return next((path for path in self.files if path.name == f"heard-{self.week}.{ending}"), None)


@dataclass(frozen=True)
class Parcel:
    """One digest for one recipient. unsubscribe_url: where they say that they want no more, empty where nobody hears it."""

    recipient: Recipient
    content: Stored
    store: str
    now: datetime
    mail: Mail
    organisation: str = ""
    unsubscribe_url: str = ""
    is_test: bool = False


class NotSentError(Exception):
    """It did not go out, that is certain."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Later(NotSentError):
    """It did not go out now; another try may do better. wait: how long the other side asked us to wait, if it did."""

    def __init__(self, why: str, *, wait: timedelta | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Refused(NotSentError):
    """It did not go out, and will not without a person."""


class Unknown(Exception):
    """It was handed over and no answer came: sent or not, nobody can tell."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
