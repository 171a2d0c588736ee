"""The signals of Heard folded into facts: shares, nulls, and how conversations with bots ended."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from metrics.function.heard.concreteness import concreteness
from metrics.function.heard.contained_by_bot import contained_by_bot
from metrics.function.heard.mirroring import mirroring
from metrics.function.heard.questions import questions
from metrics.measure import Signal
from metrics.text.questions import asked
from tests.talks import talks
from warehouse import store
from warehouse.schema import HEARD

UNREADABLE = (
    "Guten Tag, ich habe den Vertrag schon vor vielen Wochen gekündigt und bekomme trotzdem noch Rechnungen."
)


def folded(signal: Signal, *said: list[str]) -> dict[str, dict[str, Any]]:
    """The facts of each talk (t1, t2, ...) that the signal gives a row for."""
    heard = talks(*said)
    turns = heard.messages.group_by("source", "ticket_id").agg(
        (pl.col("speaker") == "customer").sum().cast(pl.Int64).alias("count_customer_turns"),
        (pl.col("speaker") == "agent").sum().cast(pl.Int64).alias("count_agent_turns"),
    )
    tickets = heard.tickets.join(turns, on=["source", "ticket_id"], how="left")
    connection = store.connect()
    try:
        store.create_tables(connection)
        known = [name for name in HEARD if name in tickets.columns]
        store.insert(connection, "heard", tickets.select(known))
        store.insert(connection, "evidence", signal.judge(heard))
        return {row["ticket_id"]: row for row in store.query(connection, signal.facts).to_dicts()}
    finally:
        connection.close()


def test_what_was_given_back_is_told_from_what_was_not() -> None:
    facts = folded(
        mirroring,
        [
            "customer: I rang five times and nobody knew about the leak.",
            "agent: You rang five times and you must be fed up by now.",
            "customer: Yes, exactly!",
        ],
        ["customer: I rang five times.", "agent: The plumber comes at noon."],
        ["customer: I rang five times."],
    )
    assert facts["t1"]["is_feeling_named"] is True
    assert facts["t1"]["is_confirmed_understood"] is True
    assert facts["t1"]["is_worst_named"] is False
    assert facts["t2"]["is_point_given_back"] is False
    assert "t3" not in facts  # nobody answered


def test_what_cannot_be_read_is_in_no_fact() -> None:
    for signal in (mirroring, questions, concreteness):
        assert not folded(signal, [f"customer: {UNREADABLE}", "agent: What is your order number?"])


def test_evidence_of_mirroring_refers_to_what_it_answers() -> None:
    heard = talks(
        [
            "customer: My line is dead.",
            "customer: And I work from home.",
            "agent: So you work from home without a line.",
        ]
    )
    rows = mirroring.judge(heard).to_dicts()
    assert [(row["kind"], row["refers_to_message"]) for row in rows] == [("mirroring", "t1/2")]


def test_open_among_the_questions_is_null_where_nothing_was_asked() -> None:
    facts = folded(
        questions,
        ["customer: It broke.", "agent: What happened before that? Was it hot? Is it yours?"],
        ["customer: It broke.", "agent: A new one leaves today."],
    )
    assert facts["t1"]["open_share_of_questions"] == pytest.approx(1 / 3)
    assert facts["t2"]["open_share_of_questions"] is None
    assert facts["t2"]["has_open_question"] is False


def test_what_surveys_ask_is_told_by_the_same_rule() -> None:
    assert asked(
        [
            "What could we have done better?",
            "How likely are you to recommend us, on a scale of 0 to 10?",
            "Was your problem solved?",
            "Tell us more about your visit",
            "Your visit on Monday",
        ]
    ) == ["open", "closed", "closed", "open", None]


def test_shares_of_sentences_are_averaged_over_replies() -> None:
    facts = folded(
        concreteness,
        [
            "customer: Where is it?",
            "agent: We are looking into this matter. The van comes at 9:30 on Friday.",
            "customer: Which van?",
            "agent: The blue van left Leeds at 7:15 today.",
        ],
        ["customer: Where is it?", "agent: We all wish you a very good time."],
        ["customer: Where is it?", "agent: Hello!"],
    )
    assert facts["t1"]["concrete_share_of_sentences"] == pytest.approx(0.75)
    assert facts["t1"]["vague_share_of_sentences"] == pytest.approx(0.25)
    assert facts["t2"]["concrete_share_of_sentences"] == 0
    assert "t3" not in facts


Told = list[tuple[str, str]]  # role and words
BOT_TALKS: dict[str, tuple[str, Told]] = {
    "thanked": (
        "bot",
        [("customer", "How do I reset it?"), ("bot", "Hold the key."), ("customer", "That worked, thanks!")],
    ),
    "silent": ("ai", [("customer", "How do I reset it?"), ("ai", "Hold the key.")]),
    "asked": ("bot", [("customer", "I want to speak to a human."), ("bot", "Hold the key.")]),
    "both": ("both", [("customer", "Agent please!"), ("bot", "One moment."), ("agent", "Here I am.")]),
    "human": ("human", [("customer", "How do I reset it?"), ("agent", "Hold the key.")]),
}


def test_how_conversations_with_a_bot_ended() -> None:
    facts = _bots()
    assert {name: facts[name]["is_contained_by_bot"] for name in BOT_TALKS} == {
        "thanked": True, "silent": True, "asked": True, "both": False, "human": None,
    }  # fmt: skip
    ends = ("is_contained_and_confirmed", "is_contained_and_silent", "is_contained_asking_for_human")
    assert [facts["thanked"][end] for end in ends] == [True, False, False]
    assert [facts["silent"][end] for end in ends] == [False, True, False]
    assert [facts["asked"][end] for end in ends] == [False, False, True]
    assert [facts["both"][end] for end in ends] == [None, None, None]
    assert facts["both"]["has_asked_for_human"] is True
    assert facts["human"]["has_asked_for_human"] is False


def _bots() -> dict[str, dict[str, Any]]:
    """The facts of BOT_TALKS, by name: the machine's words have a place and no turn."""
    customers = {
        name: [f"customer: {text}" for role, text in told if role == "customer"]
        for name, (_, told) in BOT_TALKS.items()
    }
    heard = talks(*customers.values())
    names = {f"t{number}": name for number, name in enumerate(customers, start=1)}
    index, tickets = [], []
    for ticket, name in names.items():
        answered_by, told = BOT_TALKS[name]
        tickets.append({"source": "desk", "ticket_id": ticket, "answered_by": answered_by})
        count = 0
        for place, (role, _) in enumerate(told, start=1):
            count += role == "customer"
            message = f"{ticket}/{count}" if role == "customer" else f"{ticket}/m{place}"
            index.append(
                {"source": "desk", "ticket_id": ticket, "message_id": message, "role": role, "place": place}
            )
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "heard", heard.tickets.select("source", "ticket_id", "is_readable"))
        store.insert(connection, "evidence", contained_by_bot.judge(heard))
        connection.register("said", pl.DataFrame(index).to_arrow())
        connection.register("opened", pl.DataFrame(tickets).to_arrow())
        connection.execute(
            "CREATE TABLE turn_index AS SELECT *, true AS is_public, 'message' AS kind FROM said"
        )
        connection.execute(
            "CREATE TABLE tickets_clean AS SELECT *, false AS is_outbound, NULL::VARCHAR AS left_out FROM opened"
        )
        rows = store.query(connection, contained_by_bot.facts).to_dicts()
        return {names[row["ticket_id"]]: row for row in rows}
    finally:
        connection.close()
