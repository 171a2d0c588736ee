"""What each ticket is about, before anybody says a word: the same whichever stories are told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from pipelines.sample import queues
from pipelines.sample.arcs import mood_at_arrival
from pipelines.sample.calendar import DAY, Arrival, arrivals, in_office
from pipelines.sample.people import Agent, Customer, agents, customer, mix
from pipelines.sample.stock import TEAMS, Situation, situations

CHANNELS = ("email", "web", "chat", "native_messaging")
_CHANNEL_AT = (0.44, 0.66, 0.84)
_TEAM_AT = (0.18, 0.34, 0.575, 0.72, 0.88)
_FIRST_TICKET = 10_000
_MERGED = 0.006
_SPAM = 0.016
_OUTBOUND = 0.034


@dataclass(frozen=True, slots=True)
class Plan:
    """One ticket to be. `kind`: talk, spam, outbound (opened by an agent) or duplicate (merged into the one before)."""

    arrival: Arrival
    seed: int
    ticket_id: int
    created_at: int
    customer_number: int
    customer: Customer
    team: str
    situation: Situation
    agent: Agent
    channel: str
    language: str
    kind: str
    mood: str
    arc_number: float
    story_number: float
    idea_number: float
    is_again: bool

    @property
    def is_live(self) -> bool:
        """Whether it is a chat or messaging conversation, in which people wait for each other."""
        return self.channel in ("chat", "native_messaging")


def count_customers(tickets: int) -> int:
    """How many customers write now and then; the regulars come after them."""
    return max(3, int(tickets * 0.46))


def plans(tickets: int, seed: int, weeks: int, ends_on: date, *, is_unequal: bool = False) -> Iterator[Plan]:
    """All tickets to be, in order of arrival; `is_unequal` where one queue is hard and one easy."""
    recent: deque[Plan] = deque(maxlen=400)
    customers = count_customers(tickets)
    rng = Random()
    before: Plan | None = None
    for arrival in arrivals(tickets, seed, weeks, ends_on):
        ticket_seed = mix(seed, 1_000_003 * (arrival.number + 1))
        rng.seed(ticket_seed)
        plan = _plan(arrival, ticket_seed, seed, customers, recent, before, rng, is_unequal)
        if plan.kind == "talk" and arrival.regular is None:
            before = plan
            recent.append(plan)
        yield plan


def _plan(
    arrival: Arrival,
    ticket_seed: int,
    seed: int,
    customers: int,
    recent: deque[Plan],
    before: Plan | None,
    rng: Random,
    is_unequal: bool,
) -> Plan:
    kind_number, team_number, situation_number = rng.random(), rng.random(), rng.random()
    channel_number, mood_number = rng.random(), rng.random()
    number = int(customers * rng.random() ** 1.35)
    again_number, agent_number, came_number = rng.random(), rng.random(), rng.random()
    kind = "talk"
    if arrival.regular is not None:
        number = customers + arrival.regular
        team = TEAMS[(0, 1, 3)[int(3 * team_number)]]
    else:
        team = TEAMS[sum(team_number >= edge for edge in _TEAM_AT)]
        if kind_number < _MERGED and before is not None:
            kind = "duplicate"
        elif kind_number < _SPAM:
            kind = "spam"
        elif kind_number < _OUTBOUND:
            kind = "outbound"
    person = customer(seed, number)
    known = (queues.matter(team, came_number) if is_unequal else None) or situations(team)
    cases = known[int(situation_number * len(known))]
    situation = cases[int(situation_number * len(known) % 1 * len(cases))]
    is_again = False
    if kind == "talk" and arrival.regular is None and again_number < 0.055 and recent:
        earlier = recent[int(came_number * len(recent))]
        if 2 * DAY < arrival.created_at - earlier.created_at < 21 * DAY:
            number, person, team, situation = (
                earlier.customer_number, earlier.customer, earlier.team, earlier.situation,
            )  # fmt: skip
            is_again = True
    channel = CHANNELS[sum(channel_number >= edge for edge in _CHANNEL_AT)]
    if team == "rescue" and channel == "chat":
        channel = "email"
    if kind in ("spam", "outbound"):
        channel = "email"
    if kind == "duplicate" and before is not None:
        number, person, team, situation = (
            before.customer_number, before.customer, before.team, before.situation,
        )  # fmt: skip
        channel = "web"
    created_at = arrival.created_at
    if channel == "chat" and rng.random() < 0.9:
        created_at = _in_chat_hours(created_at, rng)
    people = agents(team)
    return Plan(
        arrival=arrival,
        seed=ticket_seed if kind != "duplicate" or before is None else before.seed,
        ticket_id=_FIRST_TICKET + arrival.number,
        created_at=created_at,
        customer_number=number,
        customer=person,
        team=team,
        situation=situation,
        agent=people[int(agent_number * len(people))],
        channel=channel,
        language=person.language if kind in ("talk", "duplicate") and arrival.regular is None else "en",
        kind=kind,
        mood=before.mood
        if kind == "duplicate" and before is not None
        else mood_at_arrival(team, mood_number, queues.moods(situation, team) if is_unequal else None),
        arc_number=rng.random(),
        story_number=rng.random(),
        idea_number=rng.random(),
        is_again=is_again,
    )


def _in_chat_hours(at: int, rng: Random) -> int:
    """The chat is staffed by day: an arrival at night is moved into the same day's hours."""
    day = at - at % DAY
    return at if in_office(at, rng) == at else day + 9 * 3600 + int(rng.random() * 8 * 3600)
