"""Effort: the facts of made to repeat, stalemate, what broke and closed while waiting, and customers who come back."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from metrics.function.solved import came_back as came_back_module
from metrics.function.solved.came_back import about_the_same, came_back
from metrics.function.solved.closed_while_waiting import closed_while_waiting
from metrics.function.solved.made_to_repeat import made_to_repeat
from metrics.function.solved.stalemate import stalemate
from metrics.function.solved.what_broke import KINDS, what_broke
from metrics.measure import Signal
from metrics.text.asked_again import names_same
from tests.desk import Desk
from tests.talks import talks
from warehouse import store
from warehouse.settings import Settings
from warehouse.store import Version, query

DAY = 24 * 60
LEAKS = "The kettle that I bought in May leaks at the handle."


def folded(signal: Signal, *talk: str, status: str = "solved", answered_by: str = "human") -> dict[str, Any]:
    """The facts of one talk; empty where the signal gives it no row."""
    heard = talks(talk, status=status)
    speakers = heard.messages["speaker"].to_list()
    counts = {f"count_{who}_turns": pl.lit(speakers.count(who)) for who in ("customer", "agent")}
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "evidence", signal.judge(heard))
        known = heard.tickets.select("source", "ticket_id", "is_readable").with_columns(**counts)
        store.insert(connection, "heard", known)
        connection.execute(
            "CREATE TABLE tickets_clean AS SELECT source, ticket_id, $status AS status, $by AS answered_by FROM heard",
            {"status": status, "by": answered_by},
        )
        rows = store.query(connection, signal.facts).to_dicts()
        return rows[0] if rows else {}
    finally:
        connection.close()


def test_who_was_asked_again_was_made_to_repeat_and_the_message_that_had_it_is_named() -> None:
    talk = ("customer: My order number is 7741-2093.", "agent: What is your order number?")
    found = folded(made_to_repeat, *talk)
    assert (found["is_made_to_repeat"], found["has_chased"], found["is_asked_again"]) == (True, False, True)
    evidence = made_to_repeat.judge(talks(talk))
    assert evidence.select("message_id", "refers_to_message").rows() == [("t1/2", "t1/1")]


def test_without_a_reply_nobody_could_ask_again() -> None:
    found = folded(made_to_repeat, "customer: My order number is 7741-2093.")
    assert found["is_asked_again"] is None
    assert found["is_made_to_repeat"] is False


@pytest.mark.parametrize("signal", [made_to_repeat, stalemate, what_broke, closed_while_waiting])
def test_a_language_we_do_not_read_is_not_measured(signal: Signal) -> None:
    said = "customer: Guten Tag, meine Rechnung ist falsch und ich warte seit drei Wochen auf eine Antwort von Ihnen."
    assert folded(signal, said, "agent: Wir melden uns bald.", said, "agent: Wir melden uns bald.") == {}


@pytest.mark.parametrize(
    ("asked", "told", "is_same"),
    [
        ("your order number", "My order number is 7741-2093.", True),
        ("your order number", "7741-2093", True),
        ("your client number", "Customer no 5512-88", True),
        ("your passport number", "My order number is 7741-2093.", False),
        ("your order number", "We moved in 2019-2020 and the boiler was new then.", False),
    ],
)
def test_a_number_is_the_one_asked_for_by_its_name(asked: str, told: str, is_same: bool) -> None:
    assert names_same(asked, told) is is_same


def test_a_short_talk_can_not_stand_still() -> None:
    assert folded(stalemate, "customer: The tap drips.", "agent: Turn it.", "customer: Thanks.") == {}
    talk = ("customer: The tap drips.", "agent: Turn it.", "customer: Which way?", "agent: Left.")
    assert folded(stalemate, *talk)["is_stalemate"] is False


def test_what_broke_names_each_kind_once() -> None:
    found = folded(
        what_broke, "customer: The dryer stopped working. You charged me twice. It stopped working again."
    )
    broke = {kind.name: found[f"broke_by_{kind.name}"] for kind in KINDS}
    assert [name for name, is_named in broke.items() if is_named] == ["wrong_charge", "fault"]
    assert found["has_named_break"] is True
    evidence = what_broke.judge(talks(["customer: The dryer stopped working. The app stopped working."]))
    assert evidence.height == 1


def test_only_tickets_that_are_over_and_that_people_could_answer_can_be_closed_on_somebody() -> None:
    talk = ("customer: The tap drips.", "agent: Turn it.", "customer: Which way?")
    assert folded(closed_while_waiting, *talk)["is_closed_while_waiting"] is True
    assert folded(closed_while_waiting, *talk, status="open") == {}
    assert folded(closed_while_waiting, *talk, answered_by="bot") == {}


def again(second: str, *, days: float = 3, customer: str | None = "c1", as_of: float = 60) -> Version:
    """A ticket that was solved on the first day, and another one so many days later."""
    desk = Desk(as_of=as_of * DAY)
    desk.ticket("1", customer=customer, status="solved", subject="Kettle")
    desk.say("1", 0, "c1", LEAKS, author_role="customer")
    desk.say("1", 30, "a1", "We send you another one.")
    desk.status("1", 60, "solved", "open")
    desk.ticket("2", days * DAY, customer=customer, status="open", subject="Kettle")
    desk.say("2", days * DAY, "c1", f"Hello again. {second}", author_role="customer")
    version = desk.done()
    version.connection.execute(
        "INSERT INTO heard BY NAME SELECT source, ticket_id, true AS is_readable, 1 AS count_customer_turns,"
        " 1 AS count_agent_turns FROM tickets"
    )
    came_back_module.prepare(version.connection, Settings())
    return version


def has_come_back(version: Version) -> bool | None:
    sql = came_back.facts.format(settings=Settings())
    rows = {row["ticket_id"]: row for row in query(version.connection, sql).to_dicts()}
    return rows["1"]["has_come_back"]


def test_who_writes_again_about_the_same_thing_came_back_and_the_later_ticket_says_so() -> None:
    version = again("The new kettle leaks at the handle as well.")
    assert has_come_back(version) is True
    (row,) = query(version.connection, "SELECT * FROM evidence WHERE measure = 'came_back'").to_dicts()
    assert (row["ticket_id"], row["refers_to_ticket"]) == ("2", "1")
    text = query(
        version.connection, "SELECT text FROM messages WHERE message_id = ?", [row["message_id"]]
    ).item()
    assert text[row["start"] : row["end"]] == "The new kettle leaks at the handle as well."
    came_back_module.prepare(version.connection, Settings())
    assert query(version.connection, "SELECT count(*) FROM evidence").item() == 1


def test_another_thing_or_too_late_is_no_coming_back() -> None:
    assert has_come_back(again("Do you sell gift cards for Easter?")) is False
    assert has_come_back(again("The new kettle leaks at the handle as well.", days=20)) is False


def test_a_customer_that_is_not_known_and_days_that_have_not_passed_are_not_measured() -> None:
    assert has_come_back(again("The new kettle leaks at the handle as well.", customer=None)) is None
    assert has_come_back(again("The new kettle leaks at the handle as well.", as_of=10)) is None


def test_a_few_shared_words_are_not_the_same_thing() -> None:
    pairs = pl.DataFrame(
        {
            "first_text": ["My parcel to Leeds is late", LEAKS],
            "later_text": ["My parcel was lovely, can I order the chair in green", LEAKS],
        }
    )
    assert about_the_same(pairs)["first_text"].to_list() == [LEAKS]
