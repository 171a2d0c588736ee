"""What a source is: one declared object a module that recognises its files and reads them into canonical rows."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from metrics.measure import Capability
from pipelines.sources._delimited import Dialect
from pipelines.sources._files import Member
from warehouse.errors import BadInput, Declaration

Row = dict[str, Any]
Kind = Literal["json", "text", "workbook", "parquet", "mail"]

# Beside the canonical tables a reader may give these, which later rows are resolved with.
NAMES = "names"  # kind, id, name: a brand's name, the custom field that holds handle time
THREAD = (
    "thread"  # in NAMES: a message's id, and the earlier one whose thread it belongs to (pipelines.threads)
)
STATED_TIMES = "stated_times"  # ticket_id, solved_at, first_assigned_at, stated_at, from metric sets
# kind, id, place, value: a piece of a ticket or of a schedule that lies in a record or a file of its own.
PARTS = "parts"
TAG = "tag"  # of a ticket: place is the tag
WINNER = "merged_into"  # of a ticket: value is the ticket that it was merged into
POLICY = "sla_policy"  # of a ticket: place is the instant from which it applies, value its name
SCORE_COMMENT = (
    "score_comment"  # of a ticket: place is the instant of the score, value what was written with it
)
HOLIDAY = "holiday"  # of a schedule: place is the day or days, as in schedules.holidays
HISTORY = "history:"  # begins the id of an event that its file gives none


@dataclass(frozen=True)
class Sample:
    """The beginning of a member, as much as recognising needs."""

    member: Member
    kind: Kind
    record: Any = None  # json: the first record that could be read
    header: tuple[str, ...] = ()  # the column names as the file has them; of JSON, the first record's keys
    dialect: Dialect | None = None  # text: how the table is written


@dataclass(frozen=True)
class Options:
    """What the user said about the files: a column mapping, a date format, the name of the source."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    source_name: str | None = None
    known: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (kind, id) -> name, of this source
    zone: str = "UTC"  # of times that state none
    domains: tuple[str, ...] = ()  # which addresses are the organisation's own
    kept: Callable[[list[str]], dict[str, str] | None] = lambda header: None  # the mapping kept for a header
    is_one_by_one: bool = (
        False  # give each record as an item of its own, also where many could be read together
    )

    def with_known(self, known: Mapping[tuple[str, str], str]) -> Options:
        """The same with the names that earlier records gave."""
        return replace(self, known=known)


@dataclass(frozen=True)
class Item:
    """One thing read: rows for tables, or the reason why a record was refused (with its raw text)."""

    line: int | None
    rows: list[tuple[str, Row]] = field(default_factory=list)
    reason: str | None = None
    raw: str = ""
    size: int = 0  # bytes of input, about
    note: str | None = None  # something recognised and passed over on purpose
    exported_at: Any = None  # the export's own stamp
    # Whole columns of tables beside the rows: by table and column, every value already of the column's type.
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Export:
    """One file that a person can get out of the system: how, what it makes measurable, and what it lacks."""

    name: str
    how: str  # where to click or which call, in a sentence or two
    enables: tuple[Capability, ...]
    lacks: str = ""  # what it does not hold, and which file has it


@dataclass(frozen=True, kw_only=True)
class Guide:
    """How a person gets their data out of the system: `heard guide SYSTEM`."""

    plan: str  # which plan or right it takes
    exports: tuple[Export, ...]  # the best first
    notes: tuple[str, ...] = ()  # what surprises people
    is_from_documentation: bool = False  # built from the vendor's documentation, never tried on a real export


@dataclass(frozen=True, kw_only=True)
class Source:
    """A system or shape of file. `recognise` gives the order to read in (small numbers first), or None.

    `read` yields Items and raises BadInput only where the whole file can not be read. `version` is part of what a
    load is remembered by: raise it when a file should be read again.
    """

    name: str
    title: str
    about: str
    recognise: Callable[[Sample, Options], int | None]
    read: Callable[[Sample, Options], Iterator[Item]]
    version: int = 1
    is_declared: bool = (
        False  # a table: mapping, date form and zone matter, and --source names where it comes from
    )
    needs_domains: bool = False  # roles are told by the organisation's own domains
    claims: int = 50  # asked in this order; the more particular first
    keeps_name: bool = (
        False  # --source says whose ids a declared table holds, and its rows stay the table's own
    )
    system: str = ""  # whose rows these are, where several sources read one system's files; empty: the name
    guide: Guide | None = None
    # A declared table: canonical column to the file's column as it is understood, and every canonical name there is.
    columns: Callable[[Sample, Options], dict[str, str]] | None = None
    canonical: tuple[str, ...] = ()

    @property
    def stands_for(self) -> str:
        """The name that rows bear in the column `source`."""
        return self.system or self.name


@cache
def discover() -> tuple[Source, ...]:
    """Every source, the more particular first. Raises Declaration unless each module declares one, named after it.

    Modules whose name starts with _ are helpers of a source.
    """
    package = importlib.import_module("pipelines.sources")
    found: list[Source] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name.startswith("_") or info.name == "source":
            continue
        module = importlib.import_module(f"pipelines.sources.{info.name}")
        declared = [value for value in vars(module).values() if isinstance(value, Source)]
        if len(declared) != 1 or declared[0].name != info.name:
            names = ", ".join(source.name for source in declared) or "none"
            raise Declaration(
                f"pipelines.sources.{info.name} must declare one source named {info.name!r}; it declares {names}.",
                fix=f"SOURCE = Source(name={info.name!r}, ...)",
            )
        found.extend(declared)
    return tuple(sorted(found, key=lambda source: (source.claims, source.name)))


def find(name: str) -> Source:
    """The source of that name. Raises BadInput that names them all."""
    for source in discover():
        if source.name == name:
            return source
    known = ", ".join(source.name for source in discover())
    raise BadInput(f"There is no source called {name!r}.", fix=f"use one of {known}")
