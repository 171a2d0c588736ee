"""Service levels on small helpdesks: which clock runs until when, which target decides, what is met, breached or undecided."""

from __future__ import annotations

import pytest

from metrics.totals import Scope, totals
from tests.desk import Desk, at
from warehouse.errors import HeardError


def promise(desk, minutes, metric, target, ticket="1", **more):
    """A target that came to apply at that minute."""
    rows = desk.rows["sla_targets"]
    key = {
        "source": desk.source,
        "ticket_id": ticket,
        "event_id": f"s{len(rows)}",
        "at": at(minutes),
        "metric": metric,
    }
    rows.append(key | {"target_minutes": target, "is_business": False, "policy": "Gold"} | more)


def asked(*replies, as_of=10_000, **ticket):
    """A desk with one ticket of a customer and the minutes of our replies."""
    desk = Desk(as_of=as_of)
    desk.ticket("1", **{"status": "open", **ticket})
    desk.say("1", 0, "c1")
    for minute in replies:
        desk.say("1", minute, "a1")
    return desk


def verdicts(version):
    """Of each clock: metric, elapsed minutes, breached, active, when breached in minutes since the start."""
    rows = version.query(
        "SELECT metric, elapsed_minutes, is_breached, is_active, breached_at FROM sla_facts ORDER BY metric, started_at"
    ).rows()
    return [
        (metric, round(elapsed, 6), breached, active, when and (when - at(0)).total_seconds() / 60)
        for metric, elapsed, breached, active, when in rows
    ]


def test_a_reply_at_the_target_meets_it_and_a_moment_later_breaches_it():
    for reply, is_breached, when in ((60, False, None), (60.5, True, 60.0)):
        desk = asked(reply)
        promise(desk, 0, "first_reply", 60.0)
        assert verdicts(desk.done()) == [("first_reply", reply, is_breached, False, when)]


def test_a_clock_that_runs_is_undecided_until_it_is_past_its_target():
    desk = asked(as_of=50)
    promise(desk, 0, "first_reply", 60.0)
    version = desk.done()
    assert verdicts(version) == [("first_reply", 50, None, True, None)]
    found = (
        totals(version, ["is_sla_met", "count_sla_active"], Scope()).select("value", "n", "n_possible").rows()
    )
    assert found == [(None, 0, 0), (1.0, 1, 1)]
    desk = asked(as_of=70)
    promise(desk, 0, "first_reply", 60.0)
    assert verdicts(desk.done()) == [("first_reply", 70, True, False, 60.0)]


def test_a_first_reply_counts_from_creation_also_where_the_policy_came_later():
    desk = asked(100)
    promise(desk, 90, "first_reply", 60.0)
    assert verdicts(desk.done()) == [("first_reply", 100, True, False, 60.0)]


def test_the_target_in_force_when_the_clock_stops_decides_with_the_priority_of_its_day():
    desk = asked(100, priority="low")
    desk.rows["events"] += [
        {
            "source": "desk",
            "ticket_id": "1",
            "event_id": f"p{minute}",
            "at": at(minute),
            "field": "priority",
            "new": new,
        }
        for minute, new in ((0, "normal"), (30, "urgent"), (150, "low"))
    ]
    for minute, target in ((0, 480.0), (30, 60.0), (150, 900.0)):
        promise(desk, minute, "first_reply", target)
    version = desk.done()
    assert version.query("SELECT target_minutes, priority, is_breached FROM sla_facts").rows() == [
        (60.0, "urgent", True)
    ]


def test_a_target_that_was_taken_away_and_one_that_came_after_the_reply_are_none():
    desk = asked(100)
    promise(desk, 0, "first_reply", 60.0)
    promise(desk, 50, "first_reply", None)
    promise(desk, 200, "first_reply", 60.0)
    assert verdicts(desk.done()) == []


def test_a_ticket_solved_without_a_reply_stops_the_clock():
    desk = asked(status="solved")
    desk.status("1", 0, "new")
    desk.status("1", 40, "solved")
    promise(desk, 0, "first_reply", 60.0)
    assert verdicts(desk.done()) == [("first_reply", 40, False, False, None)]


def test_every_later_run_of_the_customer_has_a_clock_of_its_own():
    desk = asked(10, as_of=1000)
    for minute, who in ((20, "c1"), (30, "c1"), (50, "a1"), (100, "c1"), (200, "a1"), (990, "c1")):
        desk.say("1", minute, who)
    promise(desk, 0, "next_reply", 60.0)
    assert verdicts(desk.done()) == [
        ("next_reply", 30, False, False, None),
        ("next_reply", 100, True, False, 160.0),
        ("next_reply", 10, None, True, None),
    ]


def test_waits_count_the_statuses_in_which_the_customer_waited_or_the_ticket_lay_with_agents():
    desk = asked(10, status="solved")
    for minute, new in (
        (0, "new"),
        (30, "open"),
        (60, "pending"),
        (100, "hold"),
        (150, "open"),
        (170, "solved"),
    ):
        desk.status("1", minute, new)
    promise(desk, 0, "requester_wait", 115.0)
    promise(desk, 0, "agent_work", 80.0)
    assert verdicts(desk.done()) == [
        ("agent_work", 80, False, False, None),
        (
            "requester_wait",
            130,
            True,
            False,
            155.0,
        ),  # 60 by minute 60, on from 100: used up five minutes into open
    ]


def test_a_solved_ticket_that_was_opened_again_goes_on():
    desk = asked(10, as_of=300)
    for minute, new in ((0, "open"), (50, "solved"), (250, "open")):
        desk.status("1", minute, new)
    promise(desk, 0, "agent_work", 120.0)
    assert verdicts(desk.done()) == [("agent_work", 100, None, True, None)]


def test_business_hours_count_where_the_policy_says_so_and_the_breach_falls_into_them():
    desk = asked(3 * 1440, as_of=9 * 1440, status="solved")
    desk.rows["schedules"] = [
        {
            "source": "desk",
            "schedule_id": "1",
            "zone": "UTC",
            "hours": [f"{day * 1440 + 540}-{day * 1440 + 600}" for day in range(5)],
        }
    ]
    desk.status("1", 0, "open")
    desk.status("1", 3 * 1440, "solved")
    promise(desk, 0, "first_reply", 90.0, is_business=True)
    promise(desk, 0, "requester_wait", 100.0, is_business=True)
    promise(desk, 0, "agent_work", 240.0, is_business=True)
    assert verdicts(desk.done()) == [
        ("agent_work", 180, False, False, None),
        ("first_reply", 180, True, False, 1440.0 + 30),
        ("requester_wait", 180, True, False, 1440.0 + 40),
    ]


def test_a_breach_after_a_change_of_schedule_falls_into_the_schedule_in_force():
    desk = asked(4 * 1440)
    desk.rows["schedules"] = [
        {"source": "desk", "schedule_id": name, "zone": "UTC", "hours": [f"{d * 1440 + a}-{d * 1440 + b}" for d in range(5)],
         "created_at": at(-1000 + number)}
        for number, (name, a, b) in enumerate((("mornings", 540, 600), ("evenings", 1200, 1260)))
    ]  # fmt: skip
    desk.rows["ticket_schedules"] = [
        {"source": "desk", "ticket_id": "1", "event_id": "e", "at": at(30), "schedule_id": "evenings"}
    ]
    promise(desk, 0, "first_reply", 100.0, is_business=True)
    # Half an hour of the morning, the first evening, ten minutes of the second evening (20:00 is eleven hours after nine).
    assert verdicts(desk.done()) == [("first_reply", 30 + 4 * 60, True, False, 1440.0 + 660 + 10)]


def test_business_hours_without_a_schedule_are_not_measured():
    desk = asked(100)
    promise(desk, 0, "first_reply", 60.0, is_business=True)
    version = desk.done()
    row = version.query("SELECT elapsed_minutes, is_breached, is_active, is_sla_met FROM sla_facts").row(0)
    assert row == (None, None, None, None)
    assert totals(version, ["is_sla_met"], Scope())["n"].item() == 0


def test_tickets_that_agents_opened_merged_ones_and_other_metrics_have_no_clock():
    desk = Desk()
    for name, more in (("out", {"opened_by_id": "a1"}), ("merged", {"merged_into": "x"}), ("other", {})):
        desk.ticket(name, **more)
        desk.say(name, 0, "a1" if name == "out" else "c1")
        promise(desk, 0, "periodic_update" if name == "other" else "first_reply", 60.0, ticket=name)
    assert verdicts(desk.done()) == []


def test_attainment_is_met_among_those_decided_by_metric_and_by_policy():
    desk = Desk(as_of=5_000)
    for number, (reply, policy) in enumerate(
        ((10, "Gold"), (30, "Gold"), (90, "Gold"), (20, "Silver"), (None, "Silver"))
    ):
        desk.ticket(f"{number}", 4_970 if reply is None else 0, status="open", customer=f"c{number}")
        desk.say(f"{number}", 4_970 if reply is None else 0, f"c{number}")
        if reply:
            desk.say(f"{number}", reply, "a1")
        promise(desk, 0 if reply else 4_970, "first_reply", 60.0, ticket=f"{number}", policy=policy)
    version = desk.done()
    found = {row["column"]: row for row in totals(version, ["sla_attainment"], Scope()).to_dicts()}
    assert (found["is_sla_met"]["value"], found["is_sla_met"]["n"]) == (0.75, 4)
    assert (found["is_first_reply_sla_met"]["n"], found["is_first_reply_sla_met"]["n_possible"]) == (4, 4)
    assert (found["is_agent_work_sla_met"]["n"], found["is_agent_work_sla_met"]["n_possible"]) == (0, 0)
    assert found["count_sla_active"]["value"] == 1
    by_policy = totals(version, ["is_sla_met"], Scope(), ["policy"])
    assert by_policy.select("policy", "value").rows() == [("Gold", pytest.approx(2 / 3)), ("Silver", 1.0)]
    assert totals(version, ["is_sla_met"], Scope(where={"policy": ("Silver",)}))["n"].item() == 1
    first_day = at(0).date()
    assert totals(version, ["is_sla_met"], Scope(first_day, first_day))["n"].item() == 4
    with pytest.raises(HeardError, match="policy"):
        totals(version, ["csat"], Scope(), ["policy"])
