"""How agents speak: the facts of empathy, apologies, defensiveness, limits and ownership, and when they are null."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from metrics.function.trust.apology import apology
from metrics.function.trust.blocked import blocked
from metrics.function.trust.defensiveness import defensiveness, scores
from metrics.function.trust.empathy import empathy
from metrics.function.trust.ownership import ownership
from metrics.measure import Conversations, Signal
from metrics.text.apologies import apologies
from metrics.text.hear import hear
from tests.talks import talks
from warehouse import store
from warehouse.schema import EVIDENCE

SIGNALS = (empathy, apology, defensiveness, blocked, ownership)
ANGRY = "customer: I am furious, the line has been dead for a week."
ASKING = "customer: Where do I find the invoice of March?"


def facts(signal: Signal, *lines: str) -> dict[str, Any]:
    """The columns of a talk's ticket; empty where it has no row."""
    conversations = talks(lines)
    turns = [
        pl.col("speaker").eq(speaker).sum().alias(f"count_{speaker}_turns")
        for speaker in ("customer", "agent")
    ]
    counts = conversations.messages.group_by("source", "ticket_id").agg(turns)
    tickets = conversations.tickets.select("source", "ticket_id", "is_readable").join(
        counts.cast({"count_customer_turns": pl.Int64, "count_agent_turns": pl.Int64}),
        on=["source", "ticket_id"],
        how="left",
    )
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "evidence", signal.judge(conversations))
        store.insert(connection, "heard", tickets)
        return next(iter(store.query(connection, signal.facts).to_dicts()), {})
    finally:
        connection.close()


def kinds(signal: Signal, *lines: str) -> list[str]:
    return signal.judge(talks(lines))["kind"].to_list()


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_without_a_reply_nothing_is_measured(signal: Signal) -> None:
    assert facts(signal, ANGRY) == {}


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_nothing_said_gives_no_evidence_of_the_right_shape(signal: Signal) -> None:
    nothing = hear(
        pl.DataFrame(
            schema={"source": pl.String, "ticket_id": pl.String, "status": pl.String,
                    "created_at": pl.Datetime("us", "UTC"), "ended_at": pl.Datetime("us", "UTC")}
        ),
        pl.DataFrame(
            schema={"source": pl.String, "ticket_id": pl.String, "message_id": pl.String, "turn": pl.Int64,
                    "speaker": pl.String, "kind": pl.String, "text": pl.String,
                    "created_at": pl.Datetime("us", "UTC")}
        ),
    )  # fmt: skip
    evidence = signal.judge(nothing)
    assert evidence.is_empty()
    assert evidence.schema == EVIDENCE


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_another_language_is_not_judged(signal: Signal) -> None:
    talk = (
        "customer: Ich bin w\u00fctend, meine Leitung ist seit einer Woche tot und niemand ruft mich zur\u00fcck.",
        "agent: Das tut uns sehr leid, wir verstehen Ihren \u00c4rger und k\u00fcmmern uns noch heute darum.",
    )
    assert kinds(signal, *talk) == []
    assert facts(signal, *talk) == {}


def test_a_calm_errand_needs_no_empathy_and_gives_no_figure() -> None:
    assert facts(empathy, ASKING, "agent: Under Billing, on the left.") == {}


def test_emotion_passed_over_is_nought_and_not_null() -> None:
    found = facts(empathy, ANGRY, "agent: Please send us your customer number.")
    assert found["empathy_share"] == 0
    assert found["has_empathy"] is False


def test_warm_words_where_no_emotion_was_read_are_shown_and_change_no_figure() -> None:
    talk = (ASKING, "agent: I understand how frustrating a hidden menu is. It is under Billing.")
    assert kinds(empathy, *talk) == ["warmth"]
    assert facts(empathy, *talk) == {}


def test_each_message_that_shows_emotion_is_asked_for_its_own_answer() -> None:
    found = facts(
        empathy,
        ANGRY,
        "agent: I understand how frustrating a dead line is.",
        "customer: And now the bill is wrong too, I am fed up.",
        "agent: Please send us a copy of the bill.",
    )
    assert found["empathy_share"] == pytest.approx(0.5)
    assert found["has_empathy"] is True


def test_two_messages_before_one_reply_are_one_opportunity_and_the_last_stands_for_both() -> None:
    evidence = empathy.judge(
        talks([ANGRY, "customer: I am desperate.", "agent: That must be awful, {name}."])
    )
    shown = evidence.filter(pl.col("kind") == "emotion_shown")
    assert shown["message_id"].to_list() == ["t1/2"]
    assert evidence.filter(pl.col("kind") == "empathy")["refers_to_message"].to_list() == ["t1/2"]


def test_what_passed_over_says_is_neither_greeting_nor_formula() -> None:
    heard = talks(
        [ANGRY, "agent: Good morning!\nSorry for the inconvenience.\nWhat is your customer number?"]
    )
    row = empathy.judge(heard).filter(pl.col("kind") == "passed_over").row(0, named=True)
    text = dict(heard.messages.select("message_id", "text").iter_rows())[row["message_id"]]
    assert text[row["start"] : row["end"]] == "What is your customer number?"


def test_an_apology_is_specific_bare_or_none() -> None:
    specific = facts(apology, ANGRY, "agent: I'm sorry that we cut your line by mistake.")
    bare = facts(apology, ANGRY, "agent: Sorry for any inconvenience.")
    none = facts(apology, ANGRY, "agent: We have reset the line.")
    assert [found["is_apology_specific"] for found in (specific, bare, none)] == [True, False, None]
    assert [found["has_apology"] for found in (specific, bare, none)] == [True, True, False]


@pytest.mark.parametrize(
    ("sentence", "is_specific"),
    [
        ("I'm sorry your parcel went to the wrong house.", True),
        ("Apologies for the late reply.", True),
        ("Sorry, our driver damaged the box.", True),
        ("That was our mistake and I apologise.", True),
        ("Sorry about the Wi-Fi!", True),
        ("Sorry about that, could you send the order number?", False),
        ("We are sorry to hear this, Maria.", False),
        ("Our apologies for any trouble caused, please restart the router.", False),
        ("I apologise if this was sent to the wrong address.", False),
        ("Please accept our sincere apologies for the inconvenience this may have caused you.", False),
    ],
)
def test_where_the_formula_ends(sentence: str, is_specific: bool) -> None:
    found = apologies(talks([ANGRY, f"agent: {sentence}"]))
    assert found["is_specific"].to_list() == [is_specific]


def test_a_reply_that_grants_the_point_is_not_defensive() -> None:
    rule = "agent: As per our policy the fee stays."
    assert facts(defensiveness, ANGRY, rule)["has_defensive_reply"] is True
    granted = (
        "agent: You're right, the letter was unclear. As per our policy the fee stays, but I take it off."
    )
    assert facts(defensiveness, ANGRY, granted)["has_defensive_reply"] is False


def test_a_weak_cue_counts_only_beside_another() -> None:
    assert kinds(defensiveness, ANGRY, "agent: We are seeing a high volume of calls.") == []
    assert (
        kinds(defensiveness, ANGRY, "agent: Please bear in mind that we have a high volume of calls.") != []
    )


def test_making_it_small_has_a_column_of_its_own() -> None:
    found = facts(defensiveness, ANGRY, "agent: It is only a minor glitch.")
    assert (found["has_defensive_reply"], found["has_minimising_reply"]) == (True, True)
    found = facts(defensiveness, ANGRY, "agent: You should have read the contract.")
    assert (found["has_defensive_reply"], found["has_minimising_reply"]) == (True, False)


def test_a_quarrel_scores_above_a_polite_answer() -> None:
    heard = talks(
        [ASKING, "agent: You clearly did not read it, stop this nonsense. You are wrong and you know it."],
        [ASKING, "agent: It is under Billing, on the left. The invoice of March is the second one."],
    )
    score = dict(scores(heard).select("ticket_id", "score").iter_rows())
    assert score["t1"] > 1 > score["t2"]


def test_each_limit_has_a_column() -> None:
    found = facts(
        blocked,
        ANGRY,
        "agent: I am not authorised to lift the block.\nI have to check with my manager.",
        ASKING,
        "agent: I am transferring you to the billing team.",
    )
    assert found["is_blocked"] is True
    assert (found["is_not_authorised"], found["is_asked_inside"]) == (True, True)
    assert (found["is_not_known"], found["is_transferred"]) == (False, True)
    free = facts(blocked, ANGRY, "agent: The block is lifted now.")
    assert set(free.values()) >= {False}
    assert free["is_blocked"] is False


def test_ownership_is_one_persons() -> None:
    assert facts(ownership, ANGRY, "agent: I'll stay on it until your line is back.")["has_ownership"] is True
    assert facts(ownership, ANGRY, "agent: The technical team will call you.")["has_ownership"] is False


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_the_order_and_the_company_of_other_conversations_change_nothing(signal: Signal) -> None:
    lines = [
        ANGRY,
        "agent: Sorry for the delay. I understand how annoying it is, but I have to check with my manager.",
        "customer: I am fed up.",
        "agent: You should have told us. Leave it with me.",
    ]
    alone = signal.judge(talks(lines))
    both: Conversations = talks(lines, [ASKING, "agent: Under Billing."])
    assert signal.judge(both).filter(pl.col("ticket_id") == "t1").equals(alone)
