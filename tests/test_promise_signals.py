"""Promises and what became of them, waits announced, wishes to leave, words of leaving and friends: facts, nulls, deadlines."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks import validity_promises
from metrics.function.trust.exit_wish import exit_wish
from metrics.function.trust.leaving import leaving
from metrics.function.trust.promise import promise
from metrics.function.trust.referred import referred
from metrics.function.trust.wait_announced import wait_announced
from metrics.measure import Conversations, Signal
from metrics.text.deadlines import named
from tests.conftest import shared
from tests.talks import START, talks
from warehouse import store

ALL = (promise, wait_announced, exit_wish, leaving, referred)
WEDNESDAY = datetime(2026, 3, 4, 14, tzinfo=UTC)


def folded(signal: Signal, heard: Conversations) -> dict[str, dict[str, Any]]:
    """The facts of each ticket."""
    counts = heard.messages.group_by("source", "ticket_id").agg(
        count_customer_turns=(pl.col("speaker") == "customer").sum().cast(pl.Int64),
        count_agent_turns=(pl.col("speaker") == "agent").sum().cast(pl.Int64),
    )
    rows = heard.tickets.select("source", "ticket_id", "is_readable").join(
        counts, on=["source", "ticket_id"], how="left"
    )
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "evidence", signal.judge(heard))
        store.insert(connection, "heard", rows)
        return {row["ticket_id"]: row for row in store.query(connection, signal.facts).to_dicts()}
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("We will refund you within 5 days.", (2026, 3, 10, 6)),
        ("You will have it in 3-5 working days.", (2026, 3, 12, 6)),
        ("I'll call you tomorrow.", (2026, 3, 6, 6)),
        ("You'll have it by Friday.", (2026, 3, 7, 6)),
        ("I write again next Monday.", (2026, 3, 10, 6)),
        ("By Wednesday you will have it.", (2026, 3, 5, 6)),
        ("We come on Wednesday.", (2026, 3, 12, 6)),
        ("Someone will ring you within the hour.", (2026, 3, 4, 15)),
        ("I'll be back in 2 hours.", (2026, 3, 4, 16)),
        ("It is done by the end of the week.", (2026, 3, 9, 6)),
        ("It is done by the 20th.", (2026, 3, 21, 6)),
        ("It arrives on 2 April.", (2026, 4, 3, 6)),
        ("We answer within a month.", (2026, 4, 4, 6)),
    ],
)
def test_a_deadline_becomes_an_instant(text: str, last: tuple[int, int, int, int]) -> None:
    time = named(text)
    assert time is not None
    assert time.until(WEDNESDAY) == datetime(*last, tzinfo=UTC)
    assert WEDNESDAY <= time.due(WEDNESDAY) <= time.until(WEDNESDAY)


@pytest.mark.parametrize(
    "text",
    [
        "We will call you soon.",
        "Your 30-day trial is over.",
        "Have a nice day.",
        "It was sent three days ago.",
        "I spoke to her last Friday.",
    ],
)
def test_some_words_of_time_name_no_deadline(text: str) -> None:
    assert named(text) is None


def test_the_time_after_the_promise_counts_and_a_leap_day_that_is_not_there_names_none() -> None:
    text = "I spoke to the shop yesterday and will call you by Friday"
    assert named(text, text.index("will")) == named(text)
    assert named("on 31 February") is None or named("on 31 February").until(WEDNESDAY) is not None  # type: ignore[union-attr]


def test_promises_are_counted_and_their_fate_is_shared_among_those_that_are_known() -> None:
    asked = "customer: My fee is wrong and my line is dead."
    heard = talks(
        [asked, "agent: I'll refund the fee today.", "customer (+4 h): Thank you, the refund has arrived."],
        [asked, "agent: Someone will call you within the hour.", "customer (+5 h): Nobody called me."],
        [asked, "agent: I'll refund the fee today.", "customer (+4 h): The refund has arrived.",
         "agent: Someone will call you within the hour.", "customer (+5 h): Nobody called me."],
        [asked, "agent: You will have the money by Friday."],
        [asked, "agent: Please press the red button."],
        [asked],
    )  # fmt: skip
    facts = folded(promise, heard)
    names = ("count_promises", "share_promises_kept", "share_promises_late", "share_promises_broken")
    assert {ticket: tuple(row[name] for name in names) for ticket, row in facts.items()} == {
        "t1": (1, 1, 0, 0),
        "t2": (1, 0, 0, 1),
        "t3": (2, 0.5, 0, 0.5),
        "t4": (1, None, None, None),  # not yet due when the conversation ended
        "t5": (0, None, None, None),
    }  # without an agent nobody could promise


def test_what_became_of_a_promise_refers_to_it_and_the_promise_bears_its_hours() -> None:
    heard = talks(
        ["customer: Hm?", "agent: I will call you within 3 hours.", "customer (+5 h): Nobody called me."]
    )
    rows = {row["kind"]: row for row in promise.judge(heard).to_dicts()}
    assert rows["made"]["value"] == 3
    assert rows["made"]["refers_to_message"] is None
    assert rows["broken"]["value"] == 5
    assert rows["broken"]["refers_to_message"] == rows["made"]["message_id"]


def test_a_reply_that_only_thanks_is_no_news_and_a_message_without_a_time_breaks_nothing() -> None:
    heard = talks(
        ["customer: Hm?", "agent: I will call you within 3 hours.", "customer: Ok.", "agent: You're welcome!"]
    )
    assert promise.judge(heard)["kind"].to_list() == ["made"]
    timeless = Conversations(
        tickets=heard.tickets,
        messages=heard.messages.with_columns(
            created_at=pl.lit(None, dtype=heard.messages.schema["created_at"])
        ),
        sentences=heard.sentences,
        hits=heard.hits,
    )
    assert promise.judge(timeless)["kind"].to_list() == ["made"]
    assert wait_announced.judge(timeless).is_empty()


def test_long_waits_after_the_first_answer_are_announced_or_silent_and_without_one_nothing_is_measured() -> (
    None
):
    start = ["customer: The heating is cold.", "agent: The repair may take up to five days."]
    heard = talks(
        [*start, "customer: Please repair it.", "agent (+3 d): It is repaired."],
        [*start, "customer: Please repair it.", "agent (+8 d): Sorry, it is not repaired yet.",
         "customer: Please repair it now.", "agent (+3 d): It is repaired."],
        [*start, "customer: Please repair it.", "agent (+3 h): It is repaired."],
    )  # fmt: skip
    facts = folded(wait_announced, heard)
    assert set(facts) == {"t1", "t2"}
    assert (facts["t1"]["share_long_waits_announced"], facts["t1"]["count_silent_long_waits"]) == (1, 0)
    assert (facts["t2"]["share_long_waits_announced"], facts["t2"]["count_silent_long_waits"]) == (0.5, 1)
    assert wait_announced.judge(heard).filter(pl.col("kind") == "announced")["value"].to_list()[0] == 72


def test_exits_are_honoured_argued_with_or_ignored_and_unanswered_ones_have_no_share() -> None:
    wish = "customer: Please cancel my subscription."
    heard = talks(
        [wish, "agent: I have cancelled it."],
        [
            wish,
            "agent: Are you sure? We can offer you a discount.",
            "customer: Please cancel my contract.",
            "agent: I have cancelled it.",
        ],
        [wish],
        ["customer: Where is my parcel?", "agent: It is on its way."],
    )
    names = ("has_exit_wish", "share_exits_honoured", "share_exits_argued", "share_exits_ignored")
    facts = {ticket: tuple(row[name] for name in names) for ticket, row in folded(exit_wish, heard).items()}
    assert facts == {
        "t1": (True, 1, 0, 0),
        "t2": (True, 0.5, 0.5, 0),
        "t3": (True, None, None, None),
        "t4": (False, None, None, None),
    }


def test_words_of_leaving_and_of_friends_are_false_where_they_were_not_said() -> None:
    heard = talks(
        ["customer: I am switching to another provider, and I have written to the ombudsman."],
        ["customer: A friend recommended you to me. I will tell all my colleagues about you."],
    )
    left = folded(leaving, heard)
    names = ("has_words_of_leaving", "has_words_of_warning", "has_words_of_going_public")
    assert [left[ticket][name] for ticket in ("t1", "t2") for name in names] == [
        True,
        False,
        True,
        False,
        False,
        False,
    ]
    friends = folded(referred, heard)
    assert [friends[ticket][name] for ticket in ("t1", "t2") for name in ("is_referred_by_others", "has_told_others_well")] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("signal", ALL, ids=lambda signal: signal.name)
def test_what_can_not_be_read_is_not_measured(signal: Signal) -> None:
    german = "customer: Ich möchte meinen Vertrag kündigen, denn seit drei Wochen ruft mich niemand zurück und nichts geht."
    assert folded(signal, talks([german, "agent: Wir rufen Sie morgen an."])) == {}


@pytest.mark.parametrize("signal", ALL, ids=lambda signal: signal.name)
def test_a_batch_changes_nothing(signal: Signal) -> None:
    one = [
        "customer: Please cancel my contract.",
        "agent: I will call you tomorrow.",
        "customer (+3 d): Nobody called me, I am leaving you.",
    ]
    two = [
        "customer: A friend sent me. Where is it?",
        "agent: You will have it by Friday.",
        "customer (+1 d): It arrived.",
    ]
    both = signal.judge(talks(one, two))
    assert both.filter(pl.col("ticket_id") == "t1").equals(signal.judge(talks(one)))
    assert START.tzinfo is UTC


def test_validity_reads_rows_with_and_without_these_labels(tmp_path: Path) -> None:
    messages = [
        {"speaker": "customer", "text": "Please cancel my contract.", "at": "2026-03-02T09:00:00Z"},
        {"speaker": "agent", "text": "I will call you within 3 hours.", "at": "2026-03-02T10:00:00Z"},
        {"speaker": "customer", "text": "Nobody called me.", "at": "2026-03-02T18:00:00Z"},
    ]
    none: dict[str, list[int]] = {"yes": [], "disputed": []}
    labels = ("promise", "exit_wish", "leaving", "warning_others", "public")
    turns = {**dict.fromkeys(labels, none), "promise": {"yes": [1], "disputed": []}}
    row = {
        "messages": messages,
        "turns": turns,
        "details": {"promise.kept": {"1": "broken"}, "exit_wish.handled": {"0": None}},
    }
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row).encode()))
    table = {(row["label"], row["method"]): row for row in validity_promises.ticket_rows(path)}
    assert table["promise", "ours"]["f1"] == 1
    assert table["promise.kept", "ours"]["accuracy"] == 1
    assert ("friend", "ours") not in table  # the rows do not have it
    assert ("exit_wish.handled", "ours") not in table  # nor a value of it


def test_promises_wishes_and_words_of_leaving_agree_with_the_labels() -> None:
    tickets = validity_promises.ticket_rows(shared("labelled/support_tickets/written-tickets.jsonl.gz"))
    figures = {row["label"]: row for row in tickets if row["method"] == "ours"}
    assert figures["promise"]["f1"] >= 0.65
    assert figures["promise.kept"]["accuracy"] >= 0.7
    assert figures["exit_wish"]["f1"] >= 0.65
    threads = validity_promises.thread_rows(shared("labelled/support_threads/twcs-threads.jsonl.gz"))
    assert next(row for row in threads if row["method"] == "ours")["f1"] >= 0.65


def test_who_still_hopes_has_not_got_it() -> None:
    """Read as kept once: "still hoping you bring it back" holds words of coming, and says that nothing came."""
    heard = talks(
        [
            "customer: My parcel went back to the depot.",
            "agent: We will send it again by Friday.",
            "customer (+9 d): Still hoping it has arrived back with you and comes again soon.",
        ]
    )
    assert "kept" not in promise.judge(heard)["kind"].to_list()
