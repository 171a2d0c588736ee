"""Endings, what customers came for, outcome questions and moved topics: facts, nulls and references."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from metrics.function.solved.ending import ending
from metrics.function.solved.got_it import got_it
from metrics.function.solved.outcome_question import outcome_question
from metrics.function.solved.topic_moved import topic_moved
from metrics.measure import Conversations, Signal
from metrics.text.endings import endings
from tests.talks import talks
from warehouse import store
from warehouse.schema import EVIDENCE

RECEIPT = "agent: Thank you for contacting us. We have received your message."
DEAD = "customer: My line is dead, when will it be up?"
FRAUD = "customer: Can you take this fraudulent charge off?"
CHANCES = "customer: I appealed against the fine. What are my chances?"


def folded(conversations: Conversations, signal: Signal) -> dict[str, dict[str, Any]]:
    """The facts of each ticket from what the signal finds."""
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "evidence", signal.judge(conversations))
        store.insert(connection, "heard", conversations.tickets.select("source", "ticket_id", "is_readable"))
        return {row["ticket_id"]: row for row in store.query(connection, signal.facts).to_dicts()}
    finally:
        connection.close()


def facts(signal: Signal, *talk: str) -> dict[str, Any]:
    return folded(talks(talk), signal).get("t1", {})


def said(signal: Signal, kind: str, *talk: str) -> list[str]:
    heard = talks(talk)
    texts = dict(heard.messages.select("message_id", "text").iter_rows())
    rows = signal.judge(heard).filter(pl.col("kind") == kind).to_dicts()
    return [texts[row["message_id"]][row["start"] : row["end"]] for row in rows]


ENDED = ("is_ended_confirmed", "is_ended_next_step", "is_ended_open", "is_ended_unknown")


@pytest.mark.parametrize(
    ("last", "column"),
    [
        ("customer: It works again, thank you.", "is_ended_confirmed"),
        ("agent: Please send us a photo of the meter.", "is_ended_next_step"),
        ("customer: It is still not working.", "is_ended_open"),
    ],
)
def test_a_conversation_ends_in_one_way_only(last: str, column: str) -> None:
    found = facts(
        ending, "customer: The meter shows nothing.", "agent: The meter was read this morning.", last
    )
    assert [name for name in ENDED if found[name]] == [column]


def test_silence_after_a_bare_answer_is_not_known() -> None:
    found = facts(ending, "customer: Do you sell gift cards?", "agent: The shops sell gift cards all year.")
    assert [name for name in ENDED if found[name]] == ["is_ended_unknown"]
    assert said(ending, "answer", "customer: Hi", "agent: The shops sell gift cards all year.") == [
        "The shops sell gift cards all year."
    ]


def test_no_answer_is_no_opportunity() -> None:
    assert facts(ending, "customer: Do you sell gift cards?") == {}
    assert facts(ending, "customer: Do you sell gift cards?", RECEIPT) == {}
    assert facts(ending, "customer: Vendez-vous des cartes cadeaux dans vos magasins cette semaine ?",
                 "agent: Oui, nous vendons des cartes cadeaux dans tous nos magasins.") == {}  # fmt: skip


def test_what_is_said_last_counts() -> None:
    reopened = facts(
        ending,
        "customer: The radio is silent.",
        "agent: The fuse was replaced this morning.",
        "customer: It works now, thanks!",
        "agent: Glad to hear that it plays again.",
        "customer: It stopped again and nobody answers the phone.",
    )
    assert reopened["is_ended_open"] is True
    helped = facts(
        ending,
        "customer: The radio is silent.",
        "agent: The fuse was replaced this morning.",
        "customer: Still silent, this is ridiculous.",
        "agent: I have booked a technician for Friday.",
    )
    assert helped["is_ended_next_step"] is True


def test_one_row_a_conversation_and_exact_evidence() -> None:
    heard = talks(
        ["customer: The radio is silent.", "agent: The fuse was replaced this morning.", "customer: Works now."],
        ["customer: The radio is silent."],
        ["agent: How was your visit to the shop?", "customer: Fine.", "agent: The shop will be pleased to read it."],
    )  # fmt: skip
    rows = endings(heard)
    assert rows["ticket_id"].to_list() == ["t1", "t3"]
    for signal in (ending, got_it, outcome_question, topic_moved):
        assert signal.judge(heard).schema == EVIDENCE
    nobody = talks(["agent: The shop is open."])
    for signal in (ending, got_it, outcome_question, topic_moved):
        assert signal.judge(nobody).is_empty()
        assert folded(nobody, signal) == {}


def test_what_they_came_for_stands_beside_whether_they_got_it() -> None:
    talk = (
        "customer: I want to cancel my subscription.",
        "agent: The subscription ended with this message.",
        "customer: Perfect, thank you.",
    )
    found = facts(got_it, *talk)
    assert (found["is_got_it"], found["is_got_it_under_way"], found["is_got_it_missed"]) == (
        True,
        False,
        False,
    )
    assert found["is_come_for_way_out"] is True
    assert found["is_come_for_fix"] is False
    row = got_it.judge(talks(talk)).filter(pl.col("kind") == "got").to_dicts()[0]
    assert (row["message_id"], row["refers_to_message"]) == ("t1/3", "t1/1")


def test_whether_they_got_it_is_null_where_the_ending_is_not_known() -> None:
    found = facts(got_it, "customer: I want to cancel my subscription.")
    assert found["is_come_for_way_out"] is True
    assert found["is_got_it"] is None
    untold = facts(
        got_it, "customer: Good morning.", "agent: The shop opens at nine.", "customer: Wonderful."
    )
    assert untold["is_got_it"] is True
    assert untold["is_come_for_fix"] is None


@pytest.mark.parametrize(
    ("question", "outcome", "process"),
    [
        (
            DEAD,
            "agent: You will be back online by 6 pm today.",
            "agent: We have passed this to the network team and will keep you posted.",
        ),
        (
            FRAUD,
            "agent: I have removed it and the money is on your account.",
            "agent: An investigation takes 60 to 90 days, then you receive a letter.",
        ),
        (
            CHANCES,
            "agent: Most likely you will get half of it back.",
            "agent: Every appeal is reviewed by the relevant department in due course.",
        ),
    ],
)
def test_an_outcome_is_told_from_process(question: str, outcome: str, process: str) -> None:
    found = facts(outcome_question, question, outcome)
    assert found["has_outcome_question"] is True
    assert (found["answered_with_outcome_share"], found["answered_with_process_share"]) == (1, 0)
    found = facts(outcome_question, question, process)
    assert (found["answered_with_outcome_share"], found["answered_with_process_share"]) == (0, 1)
    found = facts(outcome_question, question)
    assert found["outcome_unanswered_share"] == 1


def test_answers_count_for_the_question_before_them() -> None:
    found = facts(
        outcome_question,
        DEAD,
        "agent: Please restart the box and tell us what you see.",
        "customer: The light is red. Will I get a refund for the week?",
        "agent: Yes, seven days are on the next bill.",
    )
    assert found["answered_with_outcome_share"] == 0.5
    assert found["answered_with_process_share"] == 0.5
    assert found["outcome_unanswered_share"] == 0


def test_no_outcome_question_is_no_opportunity_for_an_answer() -> None:
    found = facts(outcome_question, "customer: The shower drips.", "agent: A plumber comes on Friday.")
    assert found["has_outcome_question"] is False
    assert found["answered_with_outcome_share"] is None


def test_a_topic_needs_enough_words_on_both_sides() -> None:
    short = facts(
        topic_moved, "customer: The tap drips.", "agent: A plumber is on his way.", "customer: Thanks."
    )
    assert short == {}
    root = facts(
        topic_moved,
        "customer: The tap drips.",
        "agent: The cause is a worn seal in the tap.",
        "customer: That explains it.",
    )
    assert root["is_root_agreed"] is True
    assert root["is_topic_moved"] is None
    assert root["new_words_share"] is None
