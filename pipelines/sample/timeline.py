"""A ticket as it comes to be: its messages, its statuses, and what is left of both at the sample's end."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from random import Random

from pipelines.sample.calendar import DAY, in_office
from pipelines.sample.people import SYSTEM_ID, Agent
from pipelines.sample.plan import Plan
from pipelines.sample.slots import Slots

HOUR = 3600
_FIRST_REPLY_HOURS = {
    "readers": 2.2,
    "invoicing": 5,
    "deliveries": 3,
    "shop": 4.5,
    "billing": 6,
    "rescue": 40,
}
_HANDLE_MINUTES = {"readers": 14, "invoicing": 16, "deliveries": 15, "shop": 17, "billing": 13, "rescue": 46}


@dataclass(slots=True)
class Message:
    """One comment of a ticket."""

    at: int
    author_id: int
    body: str
    is_public: bool = True
    via: str = ""


@dataclass(slots=True)
class Event:
    """One change of a field; `value` None clears it."""

    at: int
    author_id: int
    field: str
    old: str | None
    new: str | None


@dataclass(slots=True)
class Told:
    """A ticket as it stood at the end of the sample."""

    plan: Plan
    subject: str
    agent: Agent
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    status: str = "new"
    solved_at: int | None = None
    assigned_at: int | None = None
    arc: str = "none"
    tags: list[str] = field(default_factory=list)
    handle_seconds: int | None = None
    is_sour: bool = False
    has_idea: bool = False
    slots: Slots | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for every ticket: the stories told, when they begin, and the end of the sample."""

    stories: frozenset[str]
    sour_week: int
    defensive_week: int
    ends_at: int
    is_unequal: bool = False  # one queue is hard with good agents, one easy with poor ones


class Timeline:
    """Messages and statuses as they follow each other."""

    def __init__(self, told: Told, rng: Random, speed: float) -> None:
        self.told, self.rng, self.speed = told, rng, speed
        self.at = told.plan.created_at
        self.status = "new"
        self.is_assigned = False
        self.replies = 0

    def set_status(self, status: str, author_id: int, at: int | None = None) -> None:
        if status != self.status:
            self.told.events.append(Event(at or self.at, author_id, "status", self.status, status))
            self.status = status

    def customer(self, body: str, move: str) -> None:
        plan, rng = self.told.plan, self.rng
        if plan.is_live and move not in ("chase", "cross_chase", "thanks_late"):
            self.at += 20 + int(150 * rng.random())
        elif move in ("chase", "cross_chase"):
            self.at += (
                int((1.2 + 2.6 * rng.random()) * DAY)
                if not plan.is_live
                else int((0.2 + rng.random()) * HOUR)
            )
        else:
            self.at += int(HOUR * 3.0 * exp(1.1 * rng.gauss(0, 1))) + 120
        self.told.messages.append(Message(self.at, plan.customer.customer_id, body))
        if self.status in ("pending", "solved"):
            self.set_status("open", plan.customer.customer_id)

    def agent(self, body: str, move: str, *, solves: bool) -> None:
        plan, rng = self.told.plan, self.rng
        hours = _FIRST_REPLY_HOURS[plan.team] * self.speed
        if plan.is_live and plan.team != "rescue":
            delay = (60 + 420 * rng.random()) * (3 if self.replies == 0 else 1) * self.speed
            self.at += int(delay)
        elif plan.team == "rescue" and self.replies == 0:
            self.at = in_office(self.at + int(HOUR * (26 + 26 * rng.random())), rng)
        else:
            share = 1.0 if self.replies == 0 else 0.6
            if move == "bye":
                share = 0.4
            self.at = in_office(self.at + int(HOUR * hours * share * exp(0.7 * rng.gauss(0, 1))) + 90, rng)
        author = self.told.agent.agent_id
        if not self.is_assigned:
            self.is_assigned = True
            self.told.assigned_at = self.at
            self.told.events.append(Event(self.at, author, "assignee_id", None, str(author)))
        self.told.messages.append(Message(self.at, author, body))
        self.replies += 1
        if solves:
            self.set_status("solved", author)
        elif move in ("ask", "nudge", "fix", "no", "defend"):
            self.set_status("pending", author)
        else:
            self.set_status("open", author)

    def note(self, body: str) -> None:
        author = self.told.agent.agent_id
        self.told.messages.append(Message(self.at - 40, author, body, is_public=False))


def finish(told: Told, line: Timeline, rng: Random, is_sour: bool) -> None:
    """Solves what is left pending, closes what was solved, and writes down the time spent."""
    plan, author = told.plan, told.agent.agent_id
    if told.arc != "unanswered" and line.status != "solved" and line.replies:
        gives_up = told.arc in ("flat_bad", "silent") and rng.random() < 0.12
        if not gives_up:
            wait = (
                2 * DAY * (0.5 + rng.random()) if line.status == "pending" else 3 * HOUR * rng.random() + 60
            )
            line.set_status("solved", author, in_office(line.at + int(wait), rng))
    if told.arc == "unanswered" and plan.story_number < 0.5:
        line.set_status("solved", SYSTEM_ID, line.at + 12 * DAY)
        told.tags.append("auto_closed")
    if line.status == "solved":
        solved_at = told.events[-1].at
        told.events.append(Event(solved_at + 4 * DAY, SYSTEM_ID, "status", "solved", "closed"))
    minutes = _HANDLE_MINUTES[plan.team] * (0.55 + 0.45 * max(1, line.replies)) * exp(0.45 * rng.gauss(0, 1))
    if plan.is_live:
        minutes *= 0.75
    if line.replies:
        told.handle_seconds = int(minutes * 60 * (0.42 if is_sour else 1.0))


def cut(told: Told, ends_at: int) -> None:
    """Forgets what lies beyond the end of the sample."""
    told.messages = sorted((m for m in told.messages if m.at <= ends_at), key=lambda m: m.at)
    told.events = sorted((e for e in told.events if e.at <= ends_at), key=lambda e: e.at)
    told.status, told.solved_at = "new", None
    for event in told.events:
        if event.field == "status" and event.new:
            told.status = event.new
            if event.new == "solved":
                told.solved_at = event.at
    if told.assigned_at is not None and told.assigned_at > ends_at:
        told.assigned_at = told.handle_seconds = None
    told.tags = _tags(told)


def _tags(told: Told) -> list[str]:
    tags = {told.plan.situation.name, *told.tags}
    if told.plan.situation.is_policy:
        tags.add("refund")
    if told.plan.is_again:
        tags.add("follow_up")
    return sorted(tags)
