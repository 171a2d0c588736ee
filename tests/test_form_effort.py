"""The form measures of effort and of who answered, on small helpdesks whose figures can be counted by hand."""

from __future__ import annotations

import pytest

from metrics import left_out
from metrics.totals import Scope, totals
from pipelines.status import left_out_lines
from tests.desk import Desk, at, row
from warehouse.errors import NoData
from warehouse.settings import FirstContact, Settings

DAY = 1440


def total(version, column):
    """value, n and n_possible of a column."""
    found = totals(version, [column], Scope()).row(0, named=True)
    return found["value"], found["n"], found["n_possible"]


def told(version, column, *tickets):
    return [row(version, "ticket_facts", ticket)[column] for ticket in tickets]


def asked_and_answered(desk, ticket, *replies, status="solved", **more):
    """A ticket that its customer opened, with replies of an agent at these minutes."""
    desk.ticket(ticket, status=status, **more)
    desk.say(ticket, 0, "c1")
    for minute in replies:
        desk.say(ticket, minute, "a1")


# Touches and replies


def test_touches_are_one_whole():
    desk = Desk()
    for name, count in (("none", 0), ("one", 1), ("two", 2), ("five", 5)):
        asked_and_answered(desk, name, *range(10, 10 + count))
    version = desk.done()
    for column in ("is_no_touch", "is_one_touch", "is_two_touch", "is_multi_touch"):
        assert total(version, column) == (0.25, 4, 4)
    assert told(version, "is_multi_touch", "none", "five") == [False, True]


def test_replies_are_counted_where_a_customer_asked_and_it_is_solved():
    desk = Desk()
    asked_and_answered(desk, "one", 10)
    asked_and_answered(desk, "three", 10, 20, 30)
    desk.say("three", 25, "c1")
    desk.note("three", 26)
    asked_and_answered(desk, "open", 10, 20, 30, 40, status="open")
    desk.ticket("out", status="solved", opened_by_id="a1")
    desk.say("out", 0, "a1")
    version = desk.done()
    assert total(version, "replies_per_ticket") == (2.0, 2, 2)
    assert total(version, "count_customer_messages") == (1.5, 2, 2)
    assert total(version, "count_notes") == (0.5, 2, 2)


# First contact resolution


def first_contact(settings=None):
    desk = Desk(as_of=30 * DAY)
    stories = {
        "once": (10, [(10, "solved")]),
        "again in time": (10, [(10, "solved"), (2 * DAY, "open"), (3 * DAY, "solved")]),
        "again later": (10, [(10, "solved"), (20 * DAY, "open")]),
        "young": (10, [(28 * DAY, "solved")]),
        "never": (10, [(5, "open")]),
    }
    for name, (reply, statuses) in stories.items():
        asked_and_answered(desk, name, reply, status=statuses[-1][1])
        for minute, new in statuses:
            desk.status(name, minute, new, "new" if minute == statuses[0][0] else None)
    asked_and_answered(desk, "two replies", 10, 20)
    desk.status("two replies", 30, "solved", "new")
    asked_and_answered(desk, "reply after", 10)
    desk.status("reply after", 30, "solved", "new")
    desk.say("reply after", 2 * DAY, "a1")
    asked_and_answered(desk, "no history", 10, solved_at=at(10))
    return desk.done(settings)


def test_first_contact_is_one_reply_and_seven_days_of_quiet():
    version = first_contact()
    yes = told(version, "is_first_contact_resolution", "once", "again later")
    no = told(version, "is_first_contact_resolution", "again in time", "two replies", "reply after")
    assert (yes, no) == ([True, True], [False, False, False])
    assert total(version, "first_contact_resolution") == (0.4, 5, 7)


def test_first_contact_is_not_told_before_the_days_have_passed():
    """A young ticket that was not opened again yet is no success yet, and one that was is no failure among them."""
    version = first_contact()
    assert told(version, "is_first_contact_resolution", "young", "no history", "never") == [None, None, None]


def test_the_days_of_first_contact_are_a_setting():
    version = first_contact(Settings(first_contact=FirstContact(within_days=1)))
    assert told(version, "is_first_contact_resolution", "again in time", "young") == [True, True]
    version = first_contact(Settings(first_contact=FirstContact(within_days=25)))
    assert told(version, "is_first_contact_resolution", "again later") == [False]


# Hands


def handed():
    desk = Desk(as_of=1000)
    for name in ("kept", "passed", "back", "nobody's", "dropped"):
        desk.ticket(name, status="open", agent_id=None if name in ("nobody's", "dropped") else "a1")
        desk.say(name, 0, "c1")
        desk.status(name, 1, "open", "new")
    desk.assign("kept", 10, "a1")
    desk.assign("passed", 10, "a1")
    desk.assign("passed", 20, None, "a1")
    desk.assign("passed", 50, "a2")
    desk.assign("back", 0, "a1")
    desk.assign("back", 5, "a2", "a1")
    desk.assign("back", 6, "a2", "a2")
    desk.assign("back", 9, "a1", "a2")
    desk.assign("dropped", 10, "a1")
    desk.assign("dropped", 40, None, "a1")
    for minute, team in ((0, "north"), (5, "north"), (9, "south")):
        desk.change("team", "back", minute, team)
    desk.say("passed", 15, "a1")
    desk.note("passed", 60, "a2")
    return desk


def test_a_handoff_is_a_change_of_hands_also_through_nobodys():
    version = handed().done()
    tickets = ("kept", "passed", "back", "nobody's", "dropped")
    assert told(version, "count_handoffs", *tickets) == [0, 1, 2, 0, 0]
    assert total(version, "is_handed_over") == (0.4, 5, 5)
    assert told(version, "count_agents_writing", "kept", "passed") == [0, 2], "a private note is writing"


def test_stations_count_who_gets_it_back_and_not_who_keeps_it():
    version = handed().done()
    assert told(version, "count_agent_stations", "kept", "passed", "back", "nobody's") == [1, 2, 3, 0]
    assert told(version, "count_unique_agents", "kept", "passed", "back", "nobody's") == [1, 2, 2, 0]
    assert told(version, "count_team_stations", "back", "kept") == [2, 0]


def test_hands_are_not_told_without_a_history():
    desk = handed()
    desk.ticket("other", source="elsewhere", agent_id="a9", status="open")
    desk.ticket("unfollowed", agent_id="a1", status="open")
    version = desk.done()
    for column in ("count_handoffs", "count_agent_stations", "unassigned_minutes", "count_agents_writing"):
        assert told(version, column, "other", "unfollowed") == [None, None], column


def test_who_wrote_is_not_known_where_an_agents_words_name_nobody():
    desk = Desk()
    asked_and_answered(desk, "1", 10)
    desk.say("1", 20, None, author_role="agent")
    assert told(desk.done(), "count_agents_writing", "1") == [None]


def test_unassigned_time_is_all_time_with_nobody_and_still_runs_where_nobody_has_it():
    version = handed().done()
    assert told(version, "unassigned_minutes", "kept", "passed", "back") == [10, 10 + 30, 0]
    assert told(version, "unassigned_minutes", "nobody's", "dropped") == [1000, 10 + 960]
    assert total(version, "is_unassigned_now") == (0.4, 5, 5)
    found = totals(version, ["unassigned_minutes"], Scope()).row(0, named=True)
    assert (found["value"], found["count_open"]) == (40.0, 2)


def test_unassigned_time_ends_with_the_solve():
    desk = Desk(as_of=1000)
    desk.ticket("1", status="solved")
    desk.status("1", 100, "solved", "new")
    desk.assign("1", 30, "a1")
    desk.assign("1", 100, None, "a1")
    version = desk.done()
    assert told(version, "unassigned_minutes", "1") == [30]
    assert told(version, "is_unassigned_now", "1") == [False]
    assert told(version, "first_assignment_to_resolution_minutes", "1") == [70]


def test_from_assignment_to_resolution():
    desk = Desk()
    for name, solved in (("1", 100), ("before", 5), ("open", None)):
        desk.ticket(name, status="solved" if solved else "open", solved_at=solved and at(solved))
        desk.assign(name, 10, "a1")
        desk.assign(name, 40, "a2", "a1")
    version = desk.done()
    names = ("first_assignment_to_resolution_minutes", "last_assignment_to_resolution_minutes")
    assert [told(version, name, "1", "before", "open") for name in names] == [
        [90, None, None],
        [60, None, None],
    ]


# Who answered, and what is left out


def desk_with_bots():
    desk = Desk(as_of=1000)
    desk.person("helper", "ai")
    for name, writers in {
        "human": ("c1", "a1"),
        "bot": ("c1", "bot"),
        "ai": ("c1", "bot", "helper"),
        "both": ("c1", "helper", "a1"),
        "nobody": ("c1",),
        "greeted": ("bot", "c1", "a1"),
        "greeted only": ("bot", "c1"),
    }.items():
        desk.ticket(name, status="solved")
        for minute, who in enumerate(writers):
            desk.say(name, minute, who)
    desk.ticket("receipt", status="open")
    desk.say("receipt", 0, "c1")
    desk.say("receipt", 1, "bot", kind="auto_reply")
    desk.ticket("out", status="solved", opened_by_id="a1")
    desk.say("out", 0, "a1")
    desk.ticket("waits", status="open")
    desk.say("waits", 0, "c1")
    desk.say("waits", 1, "bot")
    return desk


def test_who_answered_is_one_whole():
    version = desk_with_bots().done()
    shares = {
        name: total(version, f"is_answered_by_{name}") for name in ("human", "bot", "ai", "both", "nobody")
    }
    assert {name: round(value * 9) for name, (value, _, _) in shares.items()} == {
        "human": 2, "bot": 2, "ai": 1, "both": 1, "nobody": 3,
    }  # fmt: skip
    assert {(n, possible) for _, n, possible in shares.values()} == {(9, 9)}, "an agent opened the tenth"


def test_what_a_bot_solved_alone_is_in_no_figure_of_humans():
    version = desk_with_bots().done()
    assert told(version, "is_solved_by_bot", "bot", "ai", "waits", "nobody") == [True, True, False, False]
    for column in ("is_one_touch", "count_replies_to_solve", "is_first_contact_resolution"):
        assert told(version, column, "bot", "ai") == [None, None]
    waits = version.query("SELECT ticket_id FROM reply_waits WHERE is_first AND is_open ORDER BY ticket_id")
    assert waits["ticket_id"].to_list() == ["greeted only", "nobody", "receipt", "waits"]


def test_what_is_left_out_is_counted_and_listed():
    desk = desk_with_bots()
    desk.ticket("second", 5, merged_into="human", subject="Again: my order")
    desk.ticket("third", 7, merged_into="")
    desk.ticket("junk", is_spam=True, is_deleted=True)
    desk.ticket("try", is_test=True)
    version = desk.done()
    counted = {reason: n for reason, n, _, _ in left_out.by_reason(version).rows()}
    assert counted == {
        "merged": 2, "deleted": 1, "test": 1, "opened by an agent": 1, "solved by a bot": 2,
    }  # fmt: skip
    assert left_out.tickets(version)["ticket_id"].to_list() == ["junk", "third", "second", "try"]
    assert left_out.tickets(version, "solved by a bot")["ticket_id"].to_list() == ["ai", "bot"]
    assert left_out.tickets(version, "merged", limit=1)["merged_into"].to_list() == [None]
    with pytest.raises(NoData, match="lost"):
        left_out.tickets(version, "lost")
    lines = list(left_out_lines(version))
    assert '  desk second, created 2026-03-02, into human "Again: my order"' in lines
    assert total(version, "ticket_count")[0] == 10.0


# Scores


def test_ease_is_turned_to_one_direction_and_one_scale():
    desk = Desk()
    for number, (score, low, high, is_better) in enumerate(
        ((7, 1, 7, True), (1, 1, 7, False), (3, 1, 5, False), (9, 1, 7, True), (5, 1, 7, None))
    ):
        desk.rate(
            f"r{number}",
            score,
            kind="ces",
            scale_min=low,
            scale_max=high,
            is_higher_better=is_better,
            answered=10,
        )
    desk.rate("silent", None, kind="ces", asked=5)
    version = desk.done()
    found = version.query("SELECT rating_id, ces_ease FROM survey_facts ORDER BY rating_id")[
        "ces_ease"
    ].to_list()
    assert found == [7, 7, 4, None, None, None], (
        "beyond its scale, of unknown direction and not answered: not measured"
    )
    assert total(version, "ces") == (6.0, 3, 6)


def test_changes_of_a_rating_are_told_in_the_order_of_time():
    desk = Desk()
    for ticket, scores in {
        "kept": (5, 4),
        "spoilt": (5, 1),
        "mended": (1, 5),
        "both": (5, 2, 5),
        "once": (1,),
    }.items():
        desk.ticket(ticket)
        for place, score in reversed(list(enumerate(scores))):
            desk.rate(f"{ticket}{9 - place}", score, ticket, answered=10 * (place + 1))
    desk.ticket("silent")
    version = desk.done()
    tickets = ("kept", "spoilt", "mended", "both", "once", "silent")
    assert told(version, "is_rated_again", *tickets) == [True, True, True, True, False, None]
    assert told(version, "is_good_to_bad", *tickets) == [False, True, False, True, False, None]
    assert told(version, "is_bad_to_good", *tickets) == [False, False, True, True, False, None]
    assert total(version, "rated_again") == (0.8, 5, 5)
