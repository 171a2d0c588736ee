"""What a measure is: one declared, frozen object that states its rule, its columns and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import polars as pl

from warehouse.settings import Settings
from warehouse.store import Connection

Grain = Literal["ticket", "wait", "survey", "suggestion", "sla", "day"]
Unit = Literal["share", "net", "mood", "minutes", "count"]
Total = Literal["share", "net", "mean", "median", "waiting_median", "sum", "per_day", "stock_median"]
Better = Literal["higher", "lower", "neither"]
Goal = Literal["solved", "trust", "heard"]
Wing = Literal["form", "function", "contrast"]

GRAIN_KEYS: dict[Grain, tuple[str, ...]] = {
    "ticket": ("source", "ticket_id"),
    "wait": ("source", "ticket_id", "wait_number"),
    "survey": ("source", "rating_id"),
    "suggestion": ("source", "suggestion_id"),
    "sla": ("source", "ticket_id", "sla_id"),
    "day": ("source", "ticket_id", "day"),  # a ticket on each day at whose end it was unsolved
}


class Capability(StrEnum):
    """What a load brought with it; a measure that lacks what it needs is not available, never 0."""

    TICKETS = "tickets"
    MESSAGES = "messages"
    STATUS_EVENTS = "status_events"
    SOLVED_TIMES = "solved_times"
    CSAT = "csat"
    NPS = "nps"
    CES = "ces"
    ASKED = "asked"  # surveys that were sent and not answered are in the file
    HANDLE_TIME = "handle_time"
    AGENT_EVENTS = "agent_events"  # who had the ticket when: changes of agent or team
    SCHEDULES = "schedules"  # business hours, from the export or from heard.toml
    SLA = "sla"
    ACCOUNT_VALUE = "account_value"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One named figure of a measure, as it stands in the fact table of its grain.

    `total` says how it is summed up: share of true values (Wilson interval), net of -1/0/1 (promoters minus
    detractors), mean (t interval), median (order statistics), waiting_median (median of waits of which some are
    still open, named by `open_column`; Kaplan-Meier), sum. Of a stock, whose rows are tickets on days: per_day (rows
    divided by the days of the group) and stock_median (median of the rows), both without an interval, since tomorrow's
    rows are today's again. None: the column has no total of its own.
    """

    name: str
    title: str
    unit: Unit
    total: Total | None
    better: Better
    about: str
    open_column: str | None = None
    sql_type: str = "DOUBLE"
    evidence: tuple[
        str, ...
    ] = ()  # the kinds of evidence that speak for it, the most telling first; none: any kind


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What every measure states about itself. `facts` is SQL that gives the grain's key and the columns.

    A null in a column means not measured. `dated_by` names the instant that puts a row into a period:
    created_at, first_solved_at, solved_at (last), ended_at (last solved or closed, else last public message),
    answered_at, asked_at, started_at (of a wait), decided_at (a promise met or breached), day.
    """

    name: str
    title: str
    question: str  # what a person asks with it
    rule: str  # how it is counted, in a sentence or two
    leaves_out: str  # the rows it leaves out
    columns: tuple[Column, ...]
    grain: Grain
    dated_by: str
    facts: str
    needs: frozenset[Capability] = frozenset({Capability.TICKETS})
    unlock: str = ""  # what to export to get it
    version: int = 1
    ripens: str = ""  # the fact column with the instant at which a yes became known: before it stood as a no
    final_after_days: str = ""  # where that is stated and not learnt from the data; settings are filled in
    # Run before `facts` where SQL alone can not give the rows: writes evidence of this measure or temporary tables.
    prepare: Callable[[Connection, Settings], None] | None = None
    wing: Wing = "form"

    def rule_with(self, settings: Settings) -> str:
        """The rule with the thresholds that are in force."""
        return self.rule.format(settings=settings)

    @property
    def main(self) -> Column:
        """The column that stands for the measure where only one figure is shown."""
        return self.columns[0]


@dataclass(frozen=True, kw_only=True)
class Metric(Measure):
    """A form measure: SQL over tickets_clean, status_spans, status_minutes, reply_waits, sla_clocks, surveys."""


@dataclass(frozen=True)
class Conversations:
    """Whole conversations as every signal hears them: four frames that share source and ticket_id.

    tickets: source, ticket_id, status, created_at, ended_at, is_readable.
    messages: source, ticket_id, message_id, turn, speaker (customer | agent), kind (message | survey), text,
        created_at; only what counts as a turn, in order of time; survey comments have a null turn.
    sentences: source, ticket_id, message_id, turn, speaker, kind, sentence, start, end, text, polarity
        (-1 to 1; customers' only, else null), plain_polarity (by words alone), is_question, is_quoted, is_conditional, is_ironic (customers' only).
    hits: source, ticket_id, message_id, turn, speaker, kind, sentence, lexicon, cue_kind, weight, start, end, text,
        is_negated, and of the sentence around it is_question, is_quoted, is_conditional, is_ironic, sentence_start,
        sentence_end, sentence_text.
    Starts and ends are code points into the message's text. Each conversation stands together, and in it messages,
    sentences and hits in the order in which they were said.
    """

    tickets: pl.DataFrame
    messages: pl.DataFrame
    sentences: pl.DataFrame
    hits: pl.DataFrame
    # What signals found in these frames and others ask for too: metrics.text.once.
    known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True)
class Kind:
    """One kind of evidence: its name, its words on the screen, and whether it is one of many that stand back there."""

    name: str
    words: str
    is_quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Function(Measure):
    """What every function measure states about itself; nearly all are facts of a ticket, read from its messages."""

    goal: Goal
    opportunity: str  # where it could have been; none is null, opportunity without a cue is 0
    # What it counts are agents' turns: experimental until checked on the user's own reviews.
    is_about_agents: bool = False
    kinds: tuple[Kind, ...] = ()
    nearest: tuple[str, str] | None = None  # task and label of the validity table nearest to what users load
    validity_note: str = ""  # where it does badly, and what it was labelled by, in words
    grain: Grain = "ticket"
    dated_by: str = "ended_at"
    needs: frozenset[Capability] = frozenset({Capability.TICKETS, Capability.MESSAGES})
    unlock: str = "Export the tickets with their comments."
    wing: Wing = "function"


@dataclass(frozen=True, kw_only=True)
class Signal(Function):
    """A function measure: `judge` hears conversations and gives evidence; `facts` folds that evidence.

    `judge` is pure: the same conversations give the same evidence, in any batch and on any machine. `facts` reads
    `evidence` and `heard` only. Cues lie in data/lexicons/<name>.toml.
    """

    heard_from: Literal["customer", "agent", "both"]
    judge: Callable[[Conversations], pl.DataFrame]
    lexicons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Across(Function):
    """A function measure that needs other conversations too: near copies, contacts that come back, themes.

    `facts` reads turns, tickets_clean, evidence and heard; `prepare` writes what SQL alone can not find. Both run anew
    after each scoring, over all conversations.
    """


@dataclass(frozen=True, kw_only=True)
class Derived(Measure):
    """A measure computed from named columns of other measures, after these are in the fact tables."""

    uses: frozenset[str]
    goal: Goal | None = None
    wing: Wing = "contrast"
    # Gives the facts anew by thresholds that people changed since they were built: SQL of facts into SQL of facts.
    restated: Callable[[str, Mapping[str, float]], str] | None = None
