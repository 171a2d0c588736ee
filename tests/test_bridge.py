"""The bridge from the helpdesk's own figure to ours: its steps add up, and known differences leave no remainder."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest

from metrics.contrast.bridge import Bridge, Typed, bridge, typed
from metrics.contrast.recount_rows import recount
from metrics.totals import Scope, totals
from tests.desk import START, Desk, at
from warehouse.errors import HeardError
from warehouse.hours import Schedule
from warehouse.settings import Settings
from warehouse.store import Version

MARCH = Scope(date(2026, 3, 9), date(2026, 3, 29))
ANGELES = ZoneInfo("America/Los_Angeles")
A_DAY = 24 * 60
BRANDS = ("North", "South", "East")


@dataclass(frozen=True)
class Kept:
    """What the synthetic helpdesk knows of a ticket; times in minutes from the desk's start."""

    created: float
    solved: float
    replied: float
    brand: str
    left_out: bool
    ratings: tuple[tuple[float, int], ...]  # when, score of 5


def helpdesk(seed: int = 5, count: int = 600) -> list[Kept]:
    """Tickets of seven weeks whose dates, scales, brands and second thoughts all matter."""
    chance = random.Random(seed)
    tickets = []
    for _ in range(count):
        created = chance.uniform(0, 49 * A_DAY)
        replied = created + chance.expovariate(1 / 500)
        solved = replied + chance.expovariate(1 / (3 * A_DAY))
        rated = tuple(
            (solved + A_DAY * (1 + place) + chance.uniform(0, A_DAY), chance.choice((1, 2, 3, 3, 4, 5, 5)))
            for place in range(chance.choice((0, 1, 1, 2)))
        )
        tickets.append(Kept(created, solved, replied, chance.choice(BRANDS), chance.random() < 0.1, rated))
    return tickets


def store(tickets: Iterable[Kept], settings: Settings | None = None, kind: str = "csat") -> Version:
    desk = Desk(as_of=80 * A_DAY)
    for number, one in enumerate(tickets):
        name = str(number)
        merged = {"merged_into": "0"} if one.left_out else {}
        desk.ticket(name, one.created, customer=f"c{number}", brand=one.brand, status="closed",
                    solved_at=at(one.solved), **merged)  # fmt: skip
        desk.say(name, one.created, f"c{number}")
        desk.say(name, one.replied, "a1")
        desk.status(name, one.solved, "solved", "open")
        for place, (when, score) in enumerate(one.ratings):
            more = {"kind": "nps", "scale_min": 0.0, "scale_max": 10.0} if kind == "nps" else {}
            desk.rate(
                f"{number}-{place}", float(score * (2 if kind == "nps" else 1)), name, answered=when, **more
            )
        if one.left_out:
            stated = {"source": "desk", "ticket_id": name, "name": "first_reply"}
            desk.rows["vendor_metrics"].append(stated | {"calendar_minutes": one.replied - one.created})
    return desk.done(settings)  # fmt: skip


@cache
def usual() -> Version:
    """The store of the usual helpdesk, made once."""
    return store(helpdesk())


def within(minutes: float, zone: ZoneInfo | None = None) -> bool:
    """Whether an instant lies in the days of the report."""
    day = (START + timedelta(minutes=minutes)).astimezone(zone or ZoneInfo("UTC")).date()
    return date(2026, 3, 9) <= day <= date(2026, 3, 29)


def adds_up(found: Bridge) -> bool:
    steps = sum(step.change for step in found.steps)
    return abs(found.typed.value + found.rounding + found.remainder + steps - found.ours) < 1e-9


def test_by_our_rules_the_recount_is_the_measure_itself() -> None:
    for kind, column, score in (
        ("csat", "is_satisfied", "csat"),
        ("nps", "nps_net", "nps"),
        ("csat", "first_reply_minutes", "first_reply"),
    ):
        version = usual() if kind == "csat" else store(helpdesk(), kind=kind)
        for scope in (MARCH, Scope(MARCH.date_from, MARCH.date_to, {"brand": ("South",)})):
            rows = recount(version, score, scope, "UTC")  # type: ignore[arg-type]
            told = totals(version, [column], scope).row(0, named=True)
            assert rows.counted(rows.ours) == pytest.approx((told["value"], told["n"]))  # fmt: skip


def test_a_report_that_differs_in_every_rule_at_once_is_explained_wholly() -> None:
    """By the day of creation, 3 counts as good, the first rating, merged ones too, one brand, days of Los Angeles."""
    tickets = helpdesk()
    counted = [one.ratings[0][1] for one in tickets
               if one.ratings and one.brand == "South" and within(one.created, ANGELES)]  # fmt: skip
    value = sum(score >= 3 for score in counted) / len(counted)
    found = bridge(usual(), typed("csat", f"{100 * value:.4f} %", len(counted)), MARCH, "UTC")
    assert found is not None and found.remainder == 0 and found.is_explained and adds_up(found)
    assert {step.rule for step in found.steps} == {"dated_by", "scale", "which", "kept", "brand", "zone"}
    assert [step.rule for step in found.steps] == ["dated_by", "scale", "which", "kept", "brand", "zone"]
    assert found.steps[-1].value == found.ours and found.n_theirs == len(counted)


def test_a_report_of_nps_that_differs_in_every_rule_is_explained_wholly() -> None:
    """By the day of creation, 8 to 10 minus 0 to 5, the first answer, merged ones too, one brand, days of Los Angeles."""
    tickets = helpdesk(9)
    counted = [2 * one.ratings[0][1] for one in tickets
               if one.ratings and one.brand == "East" and within(one.created, ANGELES)]  # fmt: skip
    value = 100 * sum((score >= 8) - (score <= 5) for score in counted) / len(counted)
    found = bridge(store(tickets, kind="nps"), typed("nps", f"{value:.4f}", len(counted)), MARCH, "UTC")
    assert found is not None and found.remainder == 0 and adds_up(found)
    assert {"dated_by", "scale", "brand", "zone"} <= {
        step.rule for step in found.steps
    } and found.n_theirs == len(counted)


def open_minutes(start: float, end: float) -> float:
    """Minutes of both within 9 to 17 on every day, counted slowly."""
    first, last = (START + timedelta(minutes=value) for value in (start, end))
    day, total = first.date(), 0.0
    while day <= last.date():
        opens = datetime.combine(day, datetime.min.time(), START.tzinfo) + timedelta(hours=9)
        total += max(0.0, (min(last, opens + timedelta(hours=8)) - max(first, opens)).total_seconds() / 60)
        day += timedelta(days=1)
    return total


def test_first_replies_in_business_hours_by_other_days_and_their_mean_are_explained_wholly() -> None:
    """By the day solved, business hours, the mean, one brand, days of Los Angeles."""
    daily = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "09:00-17:00"
    )
    settings = Settings(schedules=(Schedule(name="desk", zone="UTC", **daily),))
    tickets = helpdesk(11)
    counted = [open_minutes(one.created, one.replied) for one in tickets
               if one.brand == "North" and not one.left_out and within(one.solved, ANGELES)]  # fmt: skip
    value = mean(counted)
    found = bridge(
        store(tickets, settings), typed("first_reply", f"{value:.4f} min", len(counted)), MARCH, "UTC"
    )
    assert found is not None and found.remainder == 0 and adds_up(found)
    assert {step.rule for step in found.steps} == {"dated_by", "brand", "zone", "hours", "middle"}


def test_left_out_tickets_count_in_first_replies_by_what_the_helpdesk_states() -> None:
    tickets = helpdesk(12)
    counted = [one.replied - one.created for one in tickets if within(one.created)]
    told = typed("first_reply", f"{median(counted):.4f} min", len(counted))
    found = bridge(store(tickets), told, MARCH, "UTC")
    assert found is not None and found.is_explained and adds_up(found)
    assert "kept" in {step.rule for step in found.steps}


def test_among_many_replies_the_search_draws_and_the_answer_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more than are compared, the nearest of the drawn ones are counted again over all."""
    monkeypatch.setattr("metrics.contrast.bridge.DRAWN", 100)
    tickets = helpdesk(13)
    counted = [one.replied - one.created for one in tickets if within(one.solved) and not one.left_out]
    told = typed("first_reply", f"{mean(counted):.4f} min", len(counted))
    found = bridge(store(tickets), told, MARCH, "UTC")
    assert found is not None and found.is_explained and adds_up(found)
    assert [step.rule for step in found.steps] == ["dated_by", "middle"]


def test_a_figure_that_no_rule_gives_keeps_its_remainder() -> None:
    found = bridge(usual(), typed("csat", "99.97"), MARCH, "UTC")
    assert found is not None and found.remainder != 0 and found.count_fitting == 0 and adds_up(found)
    assert found.rounding == 0 and not found.is_explained


def test_our_own_figure_needs_no_rule() -> None:
    version = usual()
    ours = totals(version, ["is_satisfied"], MARCH).row(0, named=True)
    found = bridge(version, typed("csat", f"{100 * ours['value']:.1f}", ours["n"]), MARCH, "UTC")
    assert found is not None and found.steps == () and found.remainder == 0 and adds_up(found)
    assert abs(found.rounding) <= 0.0005


def test_a_rule_that_the_reader_knows_is_not_searched() -> None:
    version = usual()
    told = typed("csat", "60")
    free = bridge(version, told, MARCH, "UTC")
    held = bridge(version, told, MARCH, "UTC", {"which": "first", "brand": "brand:South", "nothing": "x"})
    assert free is not None and held is not None and held.count_tried < free.count_tried
    assert {"which", "brand"} <= {step.rule for step in held.steps} and adds_up(held)


def test_without_a_rating_there_is_no_bridge() -> None:
    unrated = [Kept(one.created, one.solved, one.replied, one.brand, False, ()) for one in helpdesk(1, 20)]
    assert bridge(store(unrated), typed("csat", "94"), MARCH, "UTC") is None


@pytest.mark.parametrize(
    ("score", "text", "value", "half"),
    [
        ("csat", "94", 0.94, 0.005), ("csat", "94.2 %", 0.942, 0.0005), ("csat", "94,25%", 0.9425, 0.00005),
        ("csat", "0.94", 0.94, 0.005), ("csat", "1", 0.01, 0.005), ("nps", "+31", 31, 0.5), ("nps", "\u22124.5", -4.5, 0.05),
        ("first_reply", "84", 84, 0.5), ("first_reply", "1.4 h", 84, 3), ("first_reply", "2 h 5 min", 125, 0.5),
        ("first_reply", "1:24", 84, 0.5), ("first_reply", "2 days", 2880, 720),
    ],
)  # fmt: skip
def test_a_figure_is_read_as_it_is_typed(score: str, text: str, value: float, half: float) -> None:
    assert typed(score, text) == Typed(score, pytest.approx(value), pytest.approx(half))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("score", "text"),
    [("csat", "good"), ("csat", "940"), ("csat", "=1+1"), ("nps", "101"), ("nps", "5 %"), ("first_reply", "-3"),
     ("first_reply", "3 weeks"), ("csat", "9" * 40), ("csat", "\u0663\u0663")],
)  # fmt: skip
def test_what_is_no_figure_is_refused_with_an_example(score: str, text: str) -> None:
    with pytest.raises(HeardError) as refused:
        typed(score, text)  # type: ignore[arg-type]
    assert refused.value.fix and "like" in refused.value.fix


def test_a_filter_that_no_report_has_is_refused() -> None:
    scope = Scope(MARCH.date_from, MARCH.date_to, {"left_worse": ("true",)})
    with pytest.raises(HeardError):
        recount(usual(), "csat", scope, "UTC")
