"""Who wrote, what counts, how long it took, on which day: the tables that every measure stands on."""

from __future__ import annotations

import random

import pytest

from metrics import facts, registry
from metrics.facts.build import build
from metrics.measure import Column, Derived, Metric
from tests.desk import Desk, at, row
from warehouse.errors import BadInput, BadSettings, Declaration
from warehouse.settings import Organisation, Settings
from warehouse.store import connect, create_tables


def waits(version, ticket_id):
    sql = "SELECT is_first, end_kind, is_open, round(calendar_minutes, 3) FROM reply_waits WHERE ticket_id = ? ORDER BY wait_number"
    return version.query(sql, [ticket_id]).rows()


def turns(version, ticket_id):
    return version.query("SELECT turn, role FROM turns WHERE ticket_id = ? ORDER BY turn", [ticket_id]).rows()


# Who wrote


def test_a_stated_role_wins_then_the_requester_then_what_people_say():
    desk = Desk()
    desk.ticket("1", customer="c1")
    desk.say("1", 0, "c1")
    desk.say("1", 1, "a1")
    desk.say("1", 2, "a1", author_role="bot")
    desk.say("1", 3, "bot")
    version = desk.done()
    roles = version.query("SELECT role FROM turns ORDER BY created_at")["role"].to_list()
    assert roles == ["customer", "agent", "bot", "bot"]
    assert turns(version, "1")[:2] == [(0, "customer"), (1, "agent")]


def test_staff_who_ask_for_themselves_are_the_customer_of_their_ticket():
    desk = Desk()
    desk.ticket("1", customer="a2")
    desk.say("1", 0, "a2")
    desk.say("1", 30, "a1")
    version = desk.done()
    assert turns(version, "1") == [(0, "customer"), (1, "agent")]
    assert row(version, "tickets_clean", "1")["is_outbound"] is False
    assert waits(version, "1") == [(True, "reply", False, 30.0)]


def test_without_people_the_assignee_is_an_agent_and_a_stranger_is_nobody():
    desk = Desk()
    desk.rows["people"].clear()
    desk.ticket("1", agent_id="a9", opened_by_id=None)
    desk.say("1", 0, "c1")
    desk.say("1", 5, "stranger")
    desk.say("1", 9, "a9")
    version = desk.done()
    assert turns(version, "1") == [(0, "customer"), (1, "agent"), (None, None)]
    assert waits(version, "1") == [(True, "reply", False, 9.0)]


def test_notes_bots_automatic_and_forwarded_words_are_no_turns():
    desk = Desk()
    desk.ticket("1")
    desk.say("1", 0, "c1")
    desk.note("1", 1)
    desk.say("1", 2, "bot")
    desk.say("1", 3, "a1", kind="auto_reply")
    desk.say("1", 4, "a1", kind="forward")
    desk.say("1", 60, "a1")
    version = desk.done()
    assert [turn for turn, _ in turns(version, "1")] == [0, 1, None, None, None, None]
    assert waits(version, "1") == [(True, "reply", False, 60.0)]


def test_words_of_the_same_second_stand_in_the_order_of_the_file():
    desk = Desk()
    desk.ticket("1")
    for place, (who, position) in enumerate((("a1", 2), ("c1", 1), ("a2", 3))):
        desk.say("1", 5, who, position=position, message_id=str(100 - place))
    version = desk.done()
    found = version.query("SELECT message_id FROM turns ORDER BY turn")["message_id"].to_list()
    assert found == ["99", "100", "98"]


def test_without_a_place_in_the_file_ids_are_ordered_as_numbers():
    desk = Desk()
    desk.ticket("1")
    for message_id in ("100", "99"):
        desk.say("1", 5, "c1", position=None, message_id=message_id)
    found = desk.done().query("SELECT message_id FROM turns ORDER BY turn")["message_id"].to_list()
    assert found == ["99", "100"]


# What counts


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ({"merged_into": "2"}, "merged"),
        ({"merged_into": ""}, "merged"),
        ({"is_spam": True}, "spam"),
        ({"is_deleted": True}, "deleted"),
        ({"status": "deleted"}, "deleted"),
        ({"is_test": True}, "test"),
    ],
)
def test_left_out_tickets_are_in_no_fact_and_say_why(flags, reason):
    desk = Desk()
    desk.ticket("1", **flags)
    desk.ticket("2")
    for ticket_id in ("1", "2"):
        desk.say(ticket_id, 0, "c1")
        desk.say(ticket_id, 9, "a1")
        desk.rate(f"r{ticket_id}", 5, ticket_id, answered=20, comment="fine")
        desk.say(ticket_id, 20, "c1", kind="survey", message_id=f"rating:r{ticket_id}")
    version = desk.done()
    assert row(version, "tickets_clean", "1")["left_out"] == reason
    for table in ("ticket_facts", "wait_facts", "survey_facts", "turns"):
        assert set(version.query(f"SELECT ticket_id FROM {table}")["ticket_id"]) == {"2"}


def test_a_ticket_that_was_deleted_and_recovered_counts():
    desk = Desk()
    desk.ticket("1", status="solved")
    desk.say("1", 0, "c1")
    for minute, status in ((0, "new"), (5, "deleted"), (9, "open"), (20, "solved")):
        desk.status("1", minute, status)
    version = desk.done()
    facts_row = row(version, "ticket_facts", "1")
    assert (facts_row["resolution_minutes"], facts_row["is_reopened"]) == (20.0, False)


def test_messages_whose_ticket_is_not_there_are_kept_and_not_counted():
    desk = Desk()
    desk.say("gone", 0, "c1")
    version = desk.done()
    assert version.query("SELECT count(*) AS n FROM messages").item() == 1
    assert version.query("SELECT count(*) AS n FROM turns").item() == 0


# Who opened


def test_a_ticket_that_an_agent_opened_in_public_is_outbound():
    desk = Desk()
    desk.ticket("1", opened_by_id="a1")
    desk.say("1", 0, "a1")
    desk.say("1", 60, "c1")
    desk.say("1", 90, "a1")
    version = desk.done()
    assert row(version, "tickets_clean", "1")["is_outbound"] is True
    assert waits(version, "1") == [(False, "reply", False, 30.0)]


def test_a_call_written_down_in_a_private_note_is_the_customers_request():
    desk = Desk()
    desk.ticket("1", opened_by_id="a1")
    desk.note("1", 0)
    desk.say("1", 20, "a1")
    version = desk.done()
    assert row(version, "tickets_clean", "1")["is_outbound"] is False
    assert waits(version, "1") == [(True, "reply", False, 20.0)]


def test_without_an_opener_the_first_words_tell():
    desk = Desk()
    desk.ticket("1", opened_by_id=None)
    desk.say("1", 0, "a1")
    desk.ticket("2", opened_by_id=None)
    desk.say("2", 15, "a1")
    version = desk.done()
    assert row(version, "tickets_clean", "1")["is_outbound"] is True
    assert row(version, "tickets_clean", "2")["is_outbound"] is False, (
        "the customer's own words are not in the file"
    )
    assert waits(version, "2") == [(True, "reply", False, 15.0)]


# How long a customer waited


def test_a_reply_in_the_second_of_the_opening_is_none():
    desk = Desk()
    desk.ticket("1")
    desk.say("1", 0, "c1")
    desk.say("1", 0, "a1")
    desk.say("1", 20, "a1")
    assert waits(desk.done(), "1") == [(True, "reply", False, 20.0)]


def test_whoever_was_never_answered_still_waits_even_when_the_ticket_was_solved():
    desk = Desk(as_of=500)
    desk.ticket("1", status="open")
    desk.ticket("2", 100, status="solved", solved_at=at(200))
    for ticket_id, minute in (("1", 0), ("2", 100)):
        desk.say(ticket_id, minute, "c1")
        desk.note(ticket_id, minute + 5)
    version = desk.done()
    assert waits(version, "1") == [(True, "open", True, 500.0)]
    assert waits(version, "2") == [(True, "open", True, 400.0)]
    assert row(version, "ticket_facts", "1")["longest_wait_minutes"] == 500.0
    assert row(version, "ticket_facts", "2")["longest_wait_minutes"] == 100.0, "until it was solved"


def test_a_run_of_messages_waits_once_from_its_first():
    desk = Desk()
    desk.ticket("1", status="pending")
    for minute, who in ((0, "c1"), (5, "c1"), (30, "a1"), (50, "c1"), (55, "c1"), (110, "a2")):
        desk.say("1", minute, who)
    assert waits(desk.done(), "1") == [(True, "reply", False, 30.0), (False, "reply", False, 60.0)]


def test_thanks_after_the_answer_is_no_wait_once_the_ticket_is_solved():
    desk = Desk()
    desk.ticket("1", status="solved")
    for minute, who in ((0, "c1"), (30, "a1"), (50, "c1")):
        desk.say("1", minute, who)
    desk.status("1", 0, "new")
    desk.status("1", 60, "solved", "new")
    version = desk.done()
    assert waits(version, "1") == [(True, "reply", False, 30.0), (False, "solved", False, None)]
    assert row(version, "ticket_facts", "1")["longest_wait_minutes"] == 30.0


def test_who_comes_back_after_a_solve_waits_from_then_on():
    desk = Desk()
    desk.ticket("1", status="open")
    for minute, who in ((0, "c1"), (30, "a1"), (50, "c1"), (5000, "c1"), (5020, "a1")):
        desk.say("1", minute, who)
    for minute, new in ((0, "new"), (60, "solved"), (5000, "open")):
        desk.status("1", minute, new)
    found = waits(desk.done(), "1")
    assert found == [
        (True, "reply", False, 30.0),
        (False, "solved", False, None),
        (False, "reply", False, 20.0),
    ]


@pytest.mark.parametrize(
    ("status", "end_kind", "minutes"), [("open", "open", 450.0), (None, "unknown", None)]
)
def test_a_last_message_waits_only_where_the_ticket_is_known_to_be_unsolved(status, end_kind, minutes):
    desk = Desk(as_of=500)
    desk.ticket("1", status=status)
    for minute, who in ((0, "c1"), (30, "a1"), (50, "c1")):
        desk.say("1", minute, who)
    assert waits(desk.done(), "1")[1] == (False, end_kind, end_kind == "open", minutes)


def test_a_ticket_without_messages_has_no_wait():
    desk = Desk()
    desk.ticket("1", status="open")
    version = desk.done()
    assert waits(version, "1") == []
    assert row(version, "ticket_facts", "1")["longest_wait_minutes"] is None


# Statuses and ends


def test_status_spans_begin_with_the_state_before_the_first_event_and_end_as_of():
    desk = Desk(as_of=100)
    desk.ticket("1", status="open")
    desk.status("1", 10, "open", old="new")
    desk.status("1", 15, "open", old="open")
    desk.status("1", 40, "on-hold", old="open")
    spans = desk.done().query(
        "SELECT status, date_diff('minute', started_at, ended_at), is_open FROM status_spans ORDER BY started_at"
    )
    assert spans.rows() == [("new", 10, False), ("open", 30, False), ("hold", 60, True)]


def test_the_end_of_a_conversation():
    desk = Desk()
    desk.ticket("solved", status="closed", closed_at=at(900))
    desk.status("solved", 300, "solved")
    desk.status("solved", 800, "closed")
    desk.ticket("again", status="open")
    desk.status("again", 300, "solved")
    desk.status("again", 400, "open")
    desk.ticket("never", status="closed", closed_at=at(900))
    desk.ticket("silent", status="open")
    for ticket_id in ("solved", "again", "never"):
        desk.say(ticket_id, 0, "c1")
        desk.say(ticket_id, 700, "a1")
        desk.note(ticket_id, 850)
    version = desk.done()
    ends = {
        name: row(version, "ticket_facts", name)["ended_at"]
        for name in ("solved", "again", "never", "silent")
    }
    assert ends == {"solved": at(300), "again": at(700), "never": at(900), "silent": None}
    solved = {name: row(version, "ticket_facts", name)["resolution_minutes"] for name in ends}
    assert solved == {"solved": 300.0, "again": 300.0, "never": 900.0, "silent": None}


# Surveys


def test_an_nps_answer_finds_its_customer_by_address_and_stands_beside_their_latest_ticket():
    desk = Desk()
    desk.ticket("old", 0, customer="c1", customer_email="Ann@Example.com", team="Billing")
    desk.ticket("new", 100, customer="c1", customer_email="ann@example.com", team="Shipping")
    desk.rate(
        "n1",
        9,
        kind="nps",
        scale_min=0.0,
        scale_max=10.0,
        source="survey",
        answered=200,
        customer_email="ANN@example.com",
    )
    desk.rate(
        "n2",
        3,
        kind="nps",
        scale_min=0.0,
        scale_max=10.0,
        source="survey",
        answered=100_000,
        customer_email="ann@example.com",
    )
    version = desk.done()
    found = version.query(
        "SELECT rating_id, customer_id, team, ticket_id, joined_by FROM survey_facts ORDER BY rating_id"
    )
    assert found.rows() == [("n1", "c1", "Shipping", None, "customer"), ("n2", "c1", None, None, None)]


def test_a_survey_comment_belongs_to_the_ticket_it_names_else_to_itself():
    desk = Desk()
    desk.ticket("1")
    desk.say("1", 0, "c1")
    desk.rate("r1", 5, "1", source="survey", answered=10)
    desk.rate("r2", 5, source="survey", answered=10)
    desk.say("1", 10, None, "named", source="survey", message_id="rating:r1", kind="survey")
    desk.say("survey:r2", 10, None, "alone", source="survey", message_id="rating:r2", kind="survey")
    found = desk.done().query(
        "SELECT source, ticket_id, turn, role, text FROM turns WHERE kind = 'survey' ORDER BY text"
    )
    assert found.rows() == [
        ("survey", "survey:r2", None, "customer", "alone"),
        ("desk", "1", None, "customer", "named"),
    ]


# Days


def test_days_are_the_organisations_also_when_the_clock_changes():
    # 29 March 2026 has 23 hours in Berlin: 22:30 UTC is 00:30 of the next day, the day before it was 23:30.
    desk = Desk(zone="Europe/Berlin")
    for ticket_id, minutes in (("before", 26 * 1440 + 810), ("after", 27 * 1440 + 810)):
        desk.ticket(ticket_id, minutes)
    version = desk.done()
    assert str(row(version, "ticket_facts", "before")["created_at"])[:16] == "2026-03-28 22:30"
    days = [str(row(version, "ticket_facts", name)["created_on"]) for name in ("before", "after")]
    assert days == ["2026-03-28", "2026-03-30"]


def test_the_setting_goes_before_the_exports_zone():
    desk = Desk(zone="Europe/Berlin")
    desk.ticket("1", 870)  # 23:30 UTC
    settings = Settings(organisation=Organisation(zone="America/New_York"))
    assert str(row(desk.done(), "ticket_facts", "1")["created_on"]) == "2026-03-03"
    assert str(row(desk.done(settings), "ticket_facts", "1")["created_on"]) == "2026-03-02"


def test_an_unknown_zone_or_as_of_is_told_and_never_the_clock():
    connection = connect()
    create_tables(connection)
    assert facts.as_of(connection).year == 1970, "no data, no instant"
    connection.execute(
        "INSERT INTO events (source, ticket_id, event_id, \"at\") VALUES ('x', '1', '1', '2020-05-01 10:00:00+00')"
    )
    assert facts.as_of(connection).isoformat() == "2020-05-01T10:00:00+00:00"
    connection.execute("INSERT INTO meta VALUES ('as_of', 'yesterday'), ('zone', 'Mars/Base')")
    with pytest.raises(BadInput, match="yesterday"):
        facts.as_of(connection)
    with pytest.raises(BadSettings, match="Mars/Base"):
        facts.zone_name(connection, Settings())


# Building


def _derived(name, uses, facts_sql):
    column = Column(name=f"{name}_column", title="", unit="count", total=None, better="neither", about="")
    return Derived(name=name, title="", question="", rule="", leaves_out="", columns=(column,), grain="ticket",
                   dated_by="ended_at", facts=facts_sql, uses=frozenset(uses))  # fmt: skip


def test_derived_measures_are_built_after_what_they_use_in_any_order():
    desk = Desk()
    desk.ticket("1")
    version = desk.done()
    base = Metric(name="base", title="", question="", rule="", leaves_out="", grain="ticket", dated_by="created_at",
                  columns=(Column(name="ones", title="", unit="count", total=None, better="neither", about=""),),
                  facts="SELECT source, ticket_id, 1 AS ones FROM tickets_clean")  # fmt: skip
    twice = _derived(
        "twice", {"ones"}, "SELECT source, ticket_id, 2 * ones AS twice_column FROM ticket_facts"
    )
    over = _derived(
        "over",
        {"twice_column"},
        "SELECT source, ticket_id, twice_column + {settings.display.too_few} AS over_column FROM ticket_facts",
    )
    build(version.connection, Settings(), [over, twice, base])
    assert row(version, "ticket_facts", "1")["over_column"] == 32
    with pytest.raises(Declaration, match="ones"):
        build(version.connection, Settings(), [twice])


def test_a_measure_whose_sql_lacks_a_column_is_refused():
    version = Desk().done()
    broken = _derived("broken", set(), "SELECT source, ticket_id FROM ticket_facts")
    with pytest.raises(Declaration, match="broken_column"):
        build(version.connection, Settings(), [broken])
    unknown = _derived(
        "unknown",
        set(),
        "SELECT source, ticket_id, {settings.display.nothing} AS unknown_column FROM ticket_facts",
    )
    with pytest.raises(Declaration, match="setting"):
        build(version.connection, Settings(), [unknown])


def test_resolving_and_building_again_changes_nothing():
    desk = Desk()
    desk.ticket("1", status="open", tags=["a", "b"])
    desk.say("1", 0, "c1")
    desk.say("1", 9, "a1")
    version = desk.done()
    tables = ("tickets_clean", "turns", "reply_waits", "ticket_facts", "wait_facts")
    before = [version.query(f"SELECT * FROM {table} ORDER BY ALL").rows() for table in tables]
    facts.resolve(version.connection, Settings())
    facts.build(version.connection, Settings(), [m for m in registry.discover() if isinstance(m, Metric)])
    assert [version.query(f"SELECT * FROM {table} ORDER BY ALL").rows() for table in tables] == before


def test_the_order_of_rows_changes_nothing():
    desk = Desk(as_of=5000)
    for number in range(12):
        ticket_id = f"{number}"
        desk.ticket(
            ticket_id,
            number,
            customer=f"c{number % 5}",
            status="open" if number % 3 else "solved",
            customer_email="x@y.example",
        )
        for minute, who in (
            (number, f"c{number % 5}"),
            (number + 9, "a1"),
            (number + 9, f"c{number % 5}"),
            (number + 40, "a2"),
        ):
            desk.say(ticket_id, minute, who)
        for minute, new in (
            (number, "new"),
            (number + 9, "open"),
            (number + 9, "solved"),
            (number + 40, "open"),
        ):
            desk.status(ticket_id, minute, new)
        desk.rate(
            f"r{number}",
            number % 5 + 1,
            ticket_id if number % 2 else None,
            answered=50,
            customer_email="X@y.example",
        )
    tables = (
        "tickets_clean",
        "turn_index",
        "status_spans",
        "reply_waits",
        "surveys",
        "ticket_facts",
        "wait_facts",
        "survey_facts",
    )

    def everything():
        version = desk.done()
        return {table: version.query(f"SELECT * FROM {table} ORDER BY ALL").rows() for table in tables}

    before = everything()
    for table, rows in desk.rows.items():
        random.Random(table).shuffle(rows)
    assert everything() == before


def test_no_data_gives_empty_facts():
    version = Desk().done()
    for table in ("ticket_facts", "wait_facts", "survey_facts", "suggestion_facts"):
        assert version.query(f"SELECT count(*) AS n FROM {table}").item() == 0


# What can not be known


def test_a_ticket_that_a_stranger_wrote_in_is_not_said_to_wait_or_to_be_unanswered():
    """Without the list of people nobody can tell whether these words were ours: not measured, not a wait of weeks."""
    desk = Desk()
    desk.ticket("1", status="solved")
    desk.say("1", 0, "c1")
    desk.say("1", 30, "somebody")
    desk.ticket("2", customer="c2", status="open")
    desk.say("2", 0, "c2")
    version = desk.done()
    assert waits(version, "1") == [(True, "unknown", False, None)]
    assert row(version, "wait_facts", "1")["is_first_reply_open"] is None
    assert row(version, "ticket_facts", "1")["is_one_touch"] is None
    assert row(version, "wait_facts", "2")["is_first_reply_open"] is True


def test_what_happened_after_the_as_of_instant_has_not_happened():
    desk = Desk(as_of=60)
    desk.ticket("1", status="solved", solved_at=at(200))
    desk.say("1", 0, "c1")
    desk.say("1", 120, "a1")
    desk.ticket("2", 90, customer="c2", status="open")
    desk.say("2", 90, "c2")
    version = desk.done()
    assert waits(version, "1") == [(True, "open", True, 60.0)]
    assert waits(version, "2") == []


def test_comments_of_two_survey_tools_that_use_the_same_ids_stay_two():
    desk = Desk()
    desk.ticket("1")
    desk.say("1", 0, "c1", "Hello")
    for source, text in (("one", "Good."), ("two", "Bad.")):
        desk.rate("nps:1", 9, "1", kind="nps", scale_min=0.0, scale_max=10.0, answered=5, source=source)
        desk.say("1", 5, "c1", text, kind="survey", source=source, message_id="rating:nps:1")
    version = desk.done()
    found = version.query("SELECT message_id, text FROM turns WHERE kind = 'survey' ORDER BY text").rows()
    assert found == [("rating:nps:1@two", "Bad."), ("rating:nps:1@one", "Good.")]
