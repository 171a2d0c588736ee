"""heard.toml into frozen dataclasses. Every key is optional; an unknown key is refused with "did you mean"."""

from __future__ import annotations

import dataclasses
import os
import tomllib
import typing
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from warehouse import hours, recipients
from warehouse.errors import BadSettings
from warehouse.hours import Schedule
from warehouse.recipients import Mail, Recipient

PROJECT = Path(__file__).resolve().parent.parent


@cache
def zone_names() -> frozenset[str]:
    """The IANA time zones that are known here; looked up on the disk once a process."""
    return frozenset(available_timezones())


@dataclass(frozen=True)
class Organisation:
    """Who is measured. `zone` is the IANA time zone of days and weeks; empty: the export's own, else UTC.

    `domains` are those that your own team writes mail from; they tell agents from customers in a mailbox.
    """

    name: str = ""
    zone: str = ""
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoreSettings:
    """Where the data lie and how much memory DuckDB may take."""

    folder: str = "data/store"
    memory_limit: str = "1GB"


@dataclass(frozen=True)
class Csat:
    """From which answer on a customer counts as satisfied."""

    positive_from_share: float = 0.75  # of the way up the scale: 4 and 5 on 1 to 5


@dataclass(frozen=True)
class FirstContact:
    """How long a ticket must stay solved to be solved at first contact."""

    within_days: int = 7


@dataclass(frozen=True)
class Backlog:
    """For how many days up to the as-of instant the backlog is kept by day."""

    keep_days: int = 200  # the last 13 weeks beside the 13 before them


@dataclass(frozen=True)
class LooksFine:
    """When a conversation looks fine by its scores, and which signs say that it is not."""

    first_reply_within_hours: float = 24.0
    unhappy_below: float = -0.15  # mood after our answer
    longest_wait_hours: float = 48.0


@dataclass(frozen=True)
class Trust:
    """Where a mood counts as unhappy, as neutral at least, and as pleased."""

    unhappy_below: float = -0.15  # mood on arrival
    neutral_from: float = -0.10  # mood after our answer: the dead zone of measured noise
    pleased_above: float = 0.15  # mood after our answer


@dataclass(frozen=True)
class CameBack:
    """Within how many days after it was solved another ticket about the same thing counts as coming back."""

    within_days: int = 14


@dataclass(frozen=True)
class ContactReasons:
    """How many themes customers' first messages are told by. A higher `edition` has them found anew."""

    themes: int = 16
    edition: int = 1


@dataclass(frozen=True)
class GoneQuiet:
    """When a regular customer who left unhappy counts as gone quiet."""

    least_conversations: int = 4  # fewer give no rhythm
    unhappy_below: float = -0.05  # mood of the last heard words
    times_their_rhythm: float = 3.0
    least_days_silent: int = 21


@dataclass(frozen=True)
class Display:
    """What the pages show."""

    too_few: int = 30  # under this many we show the conversations, not a rate
    agents: bool = False  # views by agent are off until switched on
    loading: bool = True  # the Data page may load files; switch it off where others can open the dashboard


@dataclass(frozen=True)
class Reviews:
    """Checking the readings on your own data."""

    reviewer: str = ""  # who is named with a review; empty: $HEARD_REVIEWER, else the user of this computer
    least: int = 100  # reviews drawn at random before a rate is corrected for reading errors


@dataclass(frozen=True)
class Digest:
    """The weekly digest. `base_url` is the dashboard's address as its readers reach it.

    A week's digest is due on the `weekday` after it ended, at `hour` (0 to 23) in the organisation's zone.
    Where that week's export has not arrived it waits `wait_for_export_hours` and then goes out saying so.
    """

    base_url: str = "http://127.0.0.1:8501"
    weekday: str = "monday"
    hour: int = 7
    wait_for_export_hours: int = 24


@dataclass(frozen=True)
class Run:
    """What `heard run` works on. Relative folders are below the settings file, else below the project.

    A file in `inbox` is loaded once it has not changed for `settle_seconds`.
    """

    inbox: str = "data/inbox"
    settle_seconds: int = 30
    log: str = "data/log"


@dataclass(frozen=True)
class OwnCue:
    """Words of your own that a signal listens for, beside those that ship; `heard lexicon list` names lexicons and kinds.

    `phrases` and `patterns` are written as in data/lexicons/*.toml, `speaker` is customer, agent or both, and `note` says
    why it is a cue. `without` switches shipped phrases or patterns of this lexicon and kind off.
    `heard lexicon try "phrase"` shows what a cue would hit before you add it.
    """

    lexicon: str = ""
    kind: str = ""
    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    weight: float = 1.0
    speaker: str = "both"
    note: str = ""
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """All settings, with the file they came from (None: all defaults)."""

    organisation: Organisation = field(default_factory=Organisation)
    store: StoreSettings = field(default_factory=StoreSettings)
    csat: Csat = field(default_factory=Csat)
    first_contact: FirstContact = field(default_factory=FirstContact)
    backlog: Backlog = field(default_factory=Backlog)
    looks_fine: LooksFine = field(default_factory=LooksFine)
    trust: Trust = field(default_factory=Trust)
    came_back: CameBack = field(default_factory=CameBack)
    contact_reasons: ContactReasons = field(default_factory=ContactReasons)
    gone_quiet: GoneQuiet = field(default_factory=GoneQuiet)
    display: Display = field(default_factory=Display)
    reviews: Reviews = field(default_factory=Reviews)
    digest: Digest = field(default_factory=Digest)
    mail: Mail = field(default_factory=Mail)
    recipients: tuple[Recipient, ...] = ()
    run: Run = field(default_factory=Run)
    schedules: tuple[Schedule, ...] = ()
    cues: tuple[OwnCue, ...] = ()
    file: Path | None = None

    @property
    def store_root(self) -> Path:
        """The folder of the stores; a relative one is below the settings file, else below the project."""
        return self.folder(self.store.folder)

    def folder(self, named: str) -> Path:
        """A folder that the settings name; a relative one is below the settings file, else below the project."""
        return ((self.file.parent if self.file else PROJECT) / named).resolve()


def load_settings(path: Path | None = None) -> Settings:
    """Settings from `path`, else $HEARD_SETTINGS, else heard.toml in the working folder, else the defaults.

    $HEARD_STORE names another folder for the stores. Raises BadSettings on a file that can not be read, an
    unknown key, a wrong type or an unknown time zone.
    """
    chosen = path or (
        Path(os.environ["HEARD_SETTINGS"]) if "HEARD_SETTINGS" in os.environ else Path("heard.toml")
    )
    settings = Settings()
    if chosen.exists():
        settings = _from_file(chosen)
    elif path or "HEARD_SETTINGS" in os.environ:
        raise BadSettings(
            f"The settings file {chosen} is not there.", fix="name a file that exists, or leave it out"
        )
    if folder := os.environ.get("HEARD_STORE"):
        store = dataclasses.replace(settings.store, folder=str(Path(folder).resolve()))
        settings = dataclasses.replace(settings, store=store)
    for name in (settings.organisation.zone, *(schedule.zone for schedule in settings.schedules)):
        if name and name not in zone_names():
            near = get_close_matches(name, sorted(zone_names()), n=1)
            raise BadSettings(
                f"{name!r} is not a time zone.",
                fix=f"zone = {near[0]!r}" if near else "use an IANA name such as Europe/Berlin",
            )
    hours.check(settings.schedules)
    recipients.check(settings.recipients, settings.mail)
    _check_digest(settings.digest)
    return settings


def _check_digest(digest: Digest) -> None:
    if digest.weekday not in hours.DAYS:
        raise BadSettings(
            f"digest.weekday is {digest.weekday!r}, which is no day.",
            fix=f"use one of {', '.join(hours.DAYS)}",
        )
    if not 0 <= digest.hour <= 23:
        raise BadSettings(f"digest.hour is {digest.hour}, which is no hour.", fix="use 0 to 23")
    # Longer, and the next week would be due before this one has gone out.
    if not 0 <= digest.wait_for_export_hours <= 144:
        raise BadSettings(
            f"digest.wait_for_export_hours is {digest.wait_for_export_hours}.", fix="use 0 to 144 (six days)"
        )


def _from_file(path: Path) -> Settings:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(
            f"{path} can not be read: {error}", fix="mend that line; see docs/settings.md"
        ) from error
    sections = {f.name: f for f in dataclasses.fields(Settings) if f.name != "file"}
    values: dict[str, Any] = {"file": path.resolve()}
    hints = typing.get_type_hints(Settings)
    for name, content in raw.items():
        if name not in sections:
            raise _unknown(path, name, sections)
        listed = typing.get_args(hints[name])
        values[name] = (
            _sections(path, name, listed[0], content)
            if listed
            else _section(path, name, hints[name], content)
        )
    return Settings(**values)


def _sections(path: Path, section: str, kind: type[Any], content: Any) -> tuple[Any, ...]:
    """An array of tables, [[section]]."""
    if not isinstance(content, list):
        raise BadSettings(
            f"{path}: {section} must be a list of tables.",
            fix=f"write [[{section}]] above each, with two brackets",
        )
    return tuple(_section(path, section, kind, one) for one in content)


def _section(path: Path, section: str, kind: type[Any], content: Any) -> Any:
    if not isinstance(content, dict):
        raise BadSettings(
            f"{path}: {section} must be a table.", fix=f"write [{section}] on a line of its own"
        )
    hints = typing.get_type_hints(kind)
    content = dict(content)
    for key, value in content.items():
        if key not in hints:
            raise _unknown(path, f"{section}.{key}", [f"{section}.{known}" for known in hints])
        wanted = hints[key]
        if typing.get_args(wanted):
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise BadSettings(
                    f"{path}: {section}.{key} is {value!r}; it must be a list of texts.",
                    fix=f'{key} = ["...", "..."]',
                )
            content[key] = tuple(value)
            continue
        fits = isinstance(value, (int, float)) if wanted is float else isinstance(value, wanted)
        if not fits or (isinstance(value, bool) and wanted is not bool):
            raise BadSettings(
                f"{path}: {section}.{key} is {value!r}; it must be {wanted.__name__}.", fix="mend that line"
            )
    return kind(**content)


def _unknown(path: Path, key: str, known: typing.Iterable[str]) -> BadSettings:
    near = get_close_matches(key, list(known), n=1)
    fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
    return BadSettings(f"{path} has an unknown key {key}.", fix=fix)


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; empty is UTC."""
    return ZoneInfo(name or "UTC")
