"""Scripted replies: copies are found across customers, tailored replies are not, and the evidence is exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from metrics.function.heard.scripted import FACTS, OTHER_CUSTOMERS, prepare
from warehouse import store
from warehouse.settings import Settings

STOCK = "We looked into your case {number} today, {name}. The fee comes off your next bill, see {link} for the date."
OWN = (
    "You wrote that the baby sleeps under the box. So I booked the quiet engineer, he rings before he knocks."
)

Reply = tuple[str, str, str]  # ticket, customer, text


def told(replies: Sequence[Reply]) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]], dict[str, str]]:
    """The evidence, the facts by ticket, and the texts by message."""
    frame = pl.DataFrame(
        [
            {
                "source": "desk", "ticket_id": ticket, "message_id": f"{ticket}/{place}", "role": "agent", "turn": place,
                "customer_id": customer, "text": text,
            }
            for place, (ticket, customer, text) in enumerate(replies, start=1)
        ]
    )  # fmt: skip
    connection = store.connect()
    try:
        store.create_tables(connection)
        connection.register("given", frame.to_arrow())
        connection.execute("CREATE TABLE turns AS SELECT * EXCLUDE (customer_id) FROM given")
        connection.execute("CREATE TABLE turn_index AS SELECT * EXCLUDE (text) FROM turns")
        connection.execute(
            "CREATE TABLE tickets_clean AS SELECT DISTINCT source, ticket_id, customer_id FROM given"
        )
        prepare(connection, Settings())
        prepare(connection, Settings())  # once more adds nothing
        evidence = store.query(connection, "FROM evidence ORDER BY message_id").to_dicts()
        facts = {row["ticket_id"]: row for row in connection.sql(FACTS).pl().to_dicts()}
        return evidence, facts, dict(frame.select("message_id", "text").iter_rows())
    finally:
        connection.close()


def filled(number: int, name: str) -> str:
    return STOCK.format(number=number, name=name, link=f"https://desk.example/{number}")


def copies(count: int) -> list[Reply]:
    names = ("Ana", "Bo", "Chidi", "Dev", "Eun", "Fay")
    return [(f"t{place}", f"c{place}", filled(4000 + place, names[place])) for place in range(count)]


def test_the_same_words_to_others_are_copies_whatever_the_template_fills_in() -> None:
    evidence, facts, texts = told([*copies(OTHER_CUSTOMERS + 1), ("own", "c9", OWN)])
    assert {row["ticket_id"] for row in evidence} == {"t0", "t1", "t2", "t3"}
    assert {row["kind"] for row in evidence} == {"copied"}
    assert {row["value"] for row in evidence} == {float(OTHER_CUSTOMERS)}
    for row in evidence:
        said = texts[row["message_id"]][row["start"] : row["end"]]
        assert said.startswith("The fee comes off your next bill")
        assert said in texts[row["message_id"]]
    assert facts["own"]["has_scripted_reply"] is False
    assert facts["own"]["scripted_share_of_replies"] == 0
    assert facts["t0"]["scripted_share_of_replies"] == 1


def test_few_copies_are_none() -> None:
    evidence, facts, _ = told(copies(OTHER_CUSTOMERS))
    assert not evidence
    assert all(row["has_scripted_reply"] is False for row in facts.values())


def test_the_same_customer_told_again_is_no_copy() -> None:
    again = [(f"t{place}", "c1", filled(place, "Ana")) for place in range(6)]
    assert not told(again)[0]


def test_one_own_line_among_many_is_still_a_copy_and_two_are_not() -> None:
    lines = [f"This is what line {word} of the macro says." for word in ("one", "two", "three", "four")]
    whole = [(f"t{place}", f"c{place}", "\n".join(lines)) for place in range(OTHER_CUSTOMERS)]
    one_own = "\n".join([*lines[:3], "And the part for your red bike came this morning."])
    two_own = "\n".join(
        [*lines[:2], "And the part for your red bike came this morning.", "Ring when you want it fitted."]
    )
    evidence, _, _ = told([*whole, ("one", "c8", one_own), ("two", "c9", two_own)])
    assert "one" in {row["ticket_id"] for row in evidence}
    assert "two" not in {row["ticket_id"] for row in evidence}


def test_formulas_count_without_copies_but_one_does_not() -> None:
    formal = "Thank you for contacting us, {name}. We apologise for any inconvenience caused. Line 4 is down."
    polite = "Thank you for your message. The switch in your street burnt out last night, and a new one goes in at noon."
    evidence, facts, texts = told([("formal", "c1", formal), ("polite", "c2", polite)])
    assert [(row["ticket_id"], row["kind"]) for row in evidence] == [("formal", "formulas")]
    said = texts[evidence[0]["message_id"]][evidence[0]["start"] : evidence[0]["end"]]
    assert said == "We apologise for any inconvenience caused."
    assert facts["polite"]["has_scripted_reply"] is False


def test_a_reply_of_nothing_but_a_greeting_is_not_measured() -> None:
    _, facts, _ = told([("short", "c1", "Hi Ana!\nDone.")])
    assert "short" not in facts


def test_spans_are_code_points() -> None:
    emoji = [(f"t{place}", f"c{place}", f"😀 Héllo!\n{filled(place, 'Ana')}") for place in range(5)]
    evidence, _, texts = told(emoji)
    assert len(evidence) == 5
    for row in evidence:
        assert texts[row["message_id"]][row["start"] : row["end"]].startswith("The fee")
