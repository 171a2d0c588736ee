"""The form measures on small helpdesks whose figures can be counted by hand."""

from __future__ import annotations

import pytest

from metrics import registry
from metrics.measure import Metric
from metrics.totals import Scope, totals
from tests.desk import Desk, at, row
from warehouse.settings import Csat, Settings

FORM = ("csat", "nps", "response_rate", "first_reply_time", "resolution_time", "handle_time", "reopen_rate", "one_touch_rate",
        "next_reply_time", "total_reply_time", "requester_wait", "solve_time", "agent_work", "agent_wait", "on_hold", "sla_attainment",
        "ticket_count", "longest_wait")  # fmt: skip


def total(version, column, scope=None):
    """value, n and n_possible of a column."""
    found = totals(version, [column], scope or Scope()).row(0, named=True)
    return found["value"], found["n"], found["n_possible"]


@pytest.mark.parametrize("name", FORM)
def test_every_measure_states_its_question_rule_exclusions_and_how_to_get_it(name):
    measure, main = registry.find(name)
    assert isinstance(measure, Metric)
    assert measure.question.endswith("?")
    assert measure.rule.endswith(".")
    assert measure.leaves_out.endswith(".")
    assert measure.needs
    assert measure.unlock.endswith(".") or name == "ticket_count"
    assert main.total is not None


# CSAT


def rated(*scores, **more):
    desk = Desk()
    for number, score in enumerate(scores):
        desk.ticket(f"{number}", customer=f"c{number}")
        desk.rate(
            f"r{number}",
            score,
            f"{number}",
            **({"answered": 10} if score is not None else {"asked": 10}),
            **more,
        )
    return desk


def test_four_and_five_of_five_satisfy_and_a_three_stays_among_the_answers():
    assert total(rated(5, 4, 3, 1, None).done(), "csat") == (0.5, 4, 5)


def test_the_part_of_the_scale_is_a_setting():
    settings = Settings(csat=Csat(positive_from_share=0.5))
    assert total(rated(5, 4, 3, 1).done(settings), "csat")[0] == 0.75
    assert total(rated(5, 8, 7, scale_min=0.0, scale_max=10.0).done(), "csat")[0] == pytest.approx(1 / 3)


def test_the_vendors_own_good_and_bad_go_before_any_scale():
    desk = rated(1, 0)
    desk.rows["ratings"][0]["is_positive"] = True
    desk.rows["ratings"][1]["is_positive"] = False
    assert total(desk.done(), "csat") == (0.5, 2, 2)


def test_of_a_ticket_rated_twice_the_latest_answer_counts():
    desk = Desk()
    desk.ticket("1")
    desk.rate("r1", 5, "1", answered=10)
    desk.rate("r2", 1, "1", answered=20)
    desk.rate("r3", None, "1", asked=30)
    version = desk.done()
    assert total(version, "csat") == (0.0, 1, 1)
    assert row(version, "ticket_facts", "1")["answered_at"] == at(20)


def test_an_answer_without_a_date_counts_when_its_conversation_ended():
    """An export that states only a ticket's present rating gives no date; without one, CSAT fell out of every period."""
    desk = Desk()
    desk.ticket("1", status="solved", solved_at=at(60))
    desk.say("1", 0, "c1")
    desk.rate("r1", 5, "1")
    day = Scope(date_from=at(60).date(), date_to=at(60).date())
    assert total(desk.done(), "csat", day) == (1.0, 1, 1)


def test_a_ticket_without_an_answer_is_not_measured_and_not_a_zero():
    version = rated(None, None).done()
    assert row(version, "ticket_facts", "0")["is_satisfied"] is None
    assert total(version, "csat") == (None, 0, 2)


def test_nobody_is_asked_on_a_ticket_that_an_agent_opened():
    desk = rated(5)
    desk.ticket("out", opened_by_id="a1")
    desk.say("out", 0, "a1")
    assert total(desk.done(), "csat") == (1.0, 1, 1)


# NPS and response rate


def test_nps_is_promoters_minus_detractors():
    desk = rated(10, 9, 9, 8, 7, 6, 0, None, kind="nps", scale_min=0.0, scale_max=10.0)
    value, n, possible = total(desk.done(), "nps")
    assert (round(value, 6), n, possible) == (round(100 / 7, 6), 7, 8)


def test_an_nps_answer_on_another_scale_is_not_measured():
    assert total(rated(5, 4, kind="nps").done(), "nps") == (None, 0, 2)


def test_response_rate_counts_those_asked_of_the_same_kind_and_filter():
    desk = rated(5, 4, None, None)
    desk.rows["tickets"][0]["team"] = desk.rows["tickets"][2]["team"] = "Billing"
    for number in range(3):
        desk.rate(f"n{number}", 9 if number else None, kind="nps", scale_min=0.0, scale_max=10.0, asked=5)
    version = desk.done()
    assert total(version, "is_csat_answered") == (0.5, 4, 4)
    assert total(version, "is_nps_answered") == (pytest.approx(2 / 3), 3, 3)
    assert total(version, "is_survey_answered") == (pytest.approx(4 / 7), 7, 7)
    assert total(version, "is_csat_answered", Scope(where={"team": ("Billing",)})) == (0.5, 2, 2)


def test_response_rate_is_not_known_where_only_answers_are_in_the_file():
    assert total(rated(5, 4).done(), "response_rate") == (None, 0, 2)


def test_a_request_that_was_answered_is_one_survey():
    desk = Desk()
    desk.ticket("1")
    desk.rate("offered", None, "1", asked=5)
    desk.rate("good", 5, "1", answered=10)
    desk.ticket("2")
    desk.rate("silent", None, "2", asked=5)
    assert total(desk.done(), "response_rate") == (0.5, 2, 2)


# Time


def test_first_reply_time_takes_in_those_who_still_wait():
    desk = Desk(as_of=1000)
    for number, reply in enumerate((10, 20, 30, None, None)):
        desk.ticket(f"{number}", customer=f"c{number}", status="open")
        desk.say(f"{number}", 0, f"c{number}")
        if reply:
            desk.say(f"{number}", reply, "a1")
    version = desk.done()
    found = totals(version, ["first_reply_time"], Scope()).to_dicts()[0]
    assert (found["value"], found["n"], found["count_open"]) == (30.0, 5, 2), (
        "without the two who wait it would be 20"
    )
    assert total(version, "is_first_reply_open") == (0.4, 5, 5)


def test_first_reply_time_is_not_told_where_most_still_wait():
    desk = Desk(as_of=1000)
    for number in range(3):
        desk.ticket(f"{number}", customer=f"c{number}", status="open")
        desk.say(f"{number}", 0, f"c{number}")
    desk.say("0", 10, "a1")
    found = totals(desk.done(), ["first_reply_minutes"], Scope()).to_dicts()[0]
    assert (found["value"], found["n"], found["count_open"]) == (None, 3, 2)


def test_resolution_time_is_to_the_last_solve():
    desk = Desk()
    desk.ticket("1", status="solved")
    for minute, new in ((0, "new"), (60, "solved"), (100, "open"), (300, "solved"), (900, "closed")):
        desk.status("1", minute, new)
    desk.ticket("2", status="solved", solved_at=at(100))
    desk.ticket("3", status="open")
    assert total(desk.done(), "resolution_time") == (200.0, 2, 3)


def test_a_solve_before_the_creation_is_not_a_length_of_time():
    desk = Desk()
    desk.ticket("1", 100, status="solved", solved_at=at(50))
    assert total(desk.done(), "resolution_time") == (None, 0, 1)


def test_first_resolution_is_to_the_first_solve():
    desk = Desk()
    desk.ticket("1", status="solved")
    for minute, new in ((0, "new"), (60, "solved"), (100, "open"), (300, "solved"), (900, "closed")):
        desk.status("1", minute, new)
    desk.ticket("2", status="closed", closed_at=at(100))
    version = desk.done()
    told = {name: row(version, "ticket_facts", name) for name in "12"}
    assert (told["1"]["first_resolution_minutes"], told["1"]["resolution_minutes"]) == (60, 300)
    assert (told["2"]["first_resolution_minutes"], told["2"]["resolution_minutes"]) == (100, 100)
    assert told["1"]["resolution_business_minutes"] is None


def office(desk):
    """Open from nine to ten on working days; the desk starts on a Monday at nine."""
    hours = [f"{day * 1440 + 540}-{day * 1440 + 600}" for day in range(5)]
    desk.rows["schedules"] = [{"source": "desk", "schedule_id": "1", "zone": "UTC", "hours": hours}]
    return desk


def test_speed_is_told_in_calendar_and_in_business_time():
    desk = office(Desk())
    desk.ticket("1", status="solved")
    for minute, who in ((0, "c1"), (1440, "a1"), (1450, "c1"), (2900, "a1")):
        desk.say("1", minute, who)
    for minute, new in ((0, "new"), (30, "open"), (1440, "solved"), (1500, "open"), (2900, "solved")):
        desk.status("1", minute, new)
    version = desk.done()
    columns = {
        "first_reply": (1440, 60),
        "next_reply": (1450, 50 + 20),
        "total_reply": (1440 + 1450, 60 + 50 + 20),
        "first_resolution": (1440, 60),
        "resolution": (2900, 60 + 60 + 20),
        "agent_work": (1440 + 1400, 60 + 20),
    }
    for name, (calendar, business) in columns.items():
        assert total(version, f"{name}_minutes")[0] == calendar, name
        assert total(version, f"{name}_business_minutes")[0] == pytest.approx(business), name
    told = row(version, "ticket_facts", "1")
    assert (told["new_minutes"], told["new_business_minutes"]) == (30, 30)
    assert (told["open_minutes"], told["open_business_minutes"]) == (1410 + 1400, 30 + 20)


def test_next_reply_time_counts_every_later_run_in_the_period_in_which_it_began():
    desk = Desk(as_of=10_000)
    desk.ticket("1", status="open")
    for minute, who in (
        (0, "c1"),
        (10, "a1"),
        (20, "c1"),
        (25, "c1"),
        (50, "a1"),
        (3000, "c1"),
        (3100, "a1"),
        (9000, "c1"),
    ):
        desk.say("1", minute, who)
    desk.ticket("2", status="solved", solved_at=at(300), customer="c2")
    for minute, who in ((0, "c2"), (10, "a1"), (100, "c2")):
        desk.say("2", minute, who)
    version = desk.done()
    found = totals(version, ["next_reply_time"], Scope()).row(0, named=True)
    assert (found["value"], found["n"], found["count_open"]) == (100.0, 3, 1), (
        "no reply was due before the solve"
    )
    first_day = at(0).date()
    assert total(version, "next_reply_minutes", Scope(first_day, first_day)) == (30.0, 1, 1)
    assert total(version, "is_next_reply_open") == (pytest.approx(1 / 3), 3, 3)


def test_total_reply_time_leaves_out_what_nobody_answered_and_what_agents_opened():
    desk = Desk()
    for name, said in {
        "answered": ((0, "c1"), (10, "a1"), (20, "c1"), (50, "a1"), (60, "c1")),
        "silent": ((0, "c1"), (10, "c1")),
        "outbound": ((0, "a1"), (10, "a1"), (20, "c1"), (25, "a1")),
    }.items():
        desk.ticket(name, status="open", opened_by_id="a1" if name == "outbound" else "c1")
        for minute, who in said:
            desk.say(name, minute, who)
    version = desk.done()
    told = {
        name: row(version, "ticket_facts", name)["total_reply_minutes"]
        for name in ("answered", "silent", "outbound")
    }
    assert told == {"answered": 40.0, "silent": None, "outbound": 5.0}


def test_times_in_a_status_add_up_and_a_deleted_time_counts_nowhere():
    desk = Desk(as_of=1000)
    desk.ticket("1", status="solved")
    statuses = (
        (0, "new"),
        (10, "open"),
        (30, "pending"),
        (60, "on-hold"),
        (100, "deleted"),
        (150, "open"),
        (200, "solved"),
    )
    for minute, new in statuses:
        desk.status("1", minute, new)
    desk.ticket("2", status="solved", solved_at=at(500))
    version = desk.done()
    told = row(version, "ticket_facts", "1")
    assert told["requester_wait_minutes"] == 10 + 20 + 40 + 50
    assert told["agent_work_minutes"] == 10 + 20 + 50
    assert told["agent_wait_minutes"] == 30
    assert (told["on_hold_minutes"], told["is_held"]) == (40, True)
    assert told["solve_minutes"] == 10 + 20 + 30 + 40 + 50
    assert row(version, "ticket_facts", "2")["requester_wait_minutes"] is None, (
        "without status events nothing is known"
    )
    assert total(version, "requester_wait") == (120.0, 1, 2)


def test_unfinished_tickets_stand_in_the_waits_with_their_time_so_far():
    desk = Desk(as_of=1000)
    for name, solved in (("1", 100), ("2", 200), ("3", None)):
        desk.ticket(name, customer=name, status="solved" if solved else "open")
        desk.status(name, 0, "open")
        if solved:
            desk.status(name, solved, "solved")
    version = desk.done()
    found = totals(version, ["requester_wait"], Scope()).row(0, named=True)
    assert (found["value"], found["n"], found["count_open"]) == (200.0, 3, 1), (
        "without the open one it would be 150"
    )
    assert row(version, "ticket_facts", "3")["requester_wait_minutes"] == 1000


def test_what_happens_after_the_as_of_instant_has_not_happened_in_the_waits():
    desk = office(Desk(as_of=50))
    desk.ticket("1", status="solved")
    desk.status("1", 0, "open")
    desk.status("1", 500, "solved")
    told = row(desk.done(), "ticket_facts", "1")
    assert (told["requester_wait_minutes"], told["requester_wait_business_minutes"]) == (50, 50)
    assert told["is_requester_wait_open"] is True


# Effort


def test_handle_time_is_the_exports_own_and_the_estimate_stands_apart():
    desk = Desk()
    desk.ticket("1", handle_seconds=90.0)
    desk.say("1", 0, "c1", "x" * 1200)
    desk.say("1", 5, "a1", "x" * 400)
    desk.say("1", 9, "c1", "x" * 1200)  # after the last reply: nobody had to read it to reply
    desk.ticket("2")
    desk.say("2", 0, "c1", "x" * 9000)
    desk.say("2", 5, "a1", "x" * 9000)  # a pasted log counts as 5,000 letters
    desk.ticket("3")
    desk.say("3", 0, "c1")
    version = desk.done()
    told = [(row(version, "ticket_facts", name)["handle_minutes"], row(version, "ticket_facts", name)["handle_minutes_estimated"])
            for name in "123"]  # fmt: skip
    assert told == [(1.5, pytest.approx(3.0)), (None, pytest.approx(5000 / 200 + 5000 / 1200)), (None, None)]
    assert "estimated" in registry.find("handle_minutes_estimated")[1].title


def test_reopen_rate_counts_who_came_back_also_while_still_open():
    desk = Desk()
    stories = {
        "once": ("new", "solved", "closed"),
        "still open": ("new", "solved", "open"),
        "twice": ("new", "solved", "open", "solved", "pending", "solved"),
        "never solved": ("new", "open"),
        "deleted": ("new", "solved", "deleted", "open"),
    }
    for name, statuses in stories.items():
        desk.ticket(name, status="open")
        for minute, new in enumerate(statuses):
            desk.status(name, minute, new)
    desk.ticket("no events", status="solved", solved_at=at(5))
    version = desk.done()
    counts = {name: row(version, "ticket_facts", name)["count_reopens"] for name in [*stories, "no events"]}
    assert counts == {
        "once": 0,
        "still open": 1,
        "twice": 2,
        "never solved": None,
        "deleted": 0,
        "no events": None,
    }
    assert total(version, "reopen_rate") == (0.5, 4, 5)


def test_one_touch_is_one_public_reply_on_a_solved_ticket_that_a_customer_opened():
    desk = Desk()
    for name, status, replies in (
        ("one", "solved", 1),
        ("two", "closed", 2),
        ("none", "solved", 0),
        ("open", "open", 1),
    ):
        desk.ticket(name, status=status)
        desk.say(name, 0, "c1")
        desk.note(name, 1)
        for reply in range(replies):
            desk.say(name, 10 + reply, "a1")
    desk.ticket("out", status="solved", opened_by_id="a1")
    desk.say("out", 0, "a1")
    desk.ticket("no words", status="solved")
    version = desk.done()
    told = {
        name: row(version, "ticket_facts", name)["is_one_touch"]
        for name in ("one", "two", "none", "open", "out", "no words")
    }
    assert told == {"one": True, "two": False, "none": False, "open": None, "out": None, "no words": None}
    assert total(version, "one_touch_rate") == (pytest.approx(1 / 3), 3, 4)


def test_ticket_count_counts_in_the_period_of_creation():
    desk = Desk()
    for number, minute in enumerate((0, 10, 1440)):
        desk.ticket(f"{number}", minute)
    version = desk.done()
    assert total(version, "ticket_count")[0] == 3
    first_day = at(0).date()
    assert total(version, "ticket_count", Scope(first_day, first_day))[0] == 2
