"""Sentiment shift: the mood on arrival, after our answer and between, always from evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from benchmarks.validity_mood import shift_rows
from metrics.function.trust.sentiment_shift import NEUTRAL, SAME_ZONE, judge, sentiment_shift
from metrics.measure import Conversations
from metrics.text.hear import hear
from metrics.text.polarity import DEAD_ZONE
from metrics.text.sentences import split
from tests.conftest import shared
from warehouse import store
from warehouse.schema import EVIDENCE

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANGRY = "My router has been broken for two weeks. Nobody answers and I am fed up."
ANSWER = "We found the fault in your line and an engineer repaired it this morning."
RECEIPT = (
    "Thank you for contacting us. We have received your message and will get back to you within two days."
)
PLEASED = "It works again, thank you so much! You were very helpful."

Said = tuple[str, str]  # speaker and text


def heard(talks: dict[str, list[Said]], survey: dict[str, str] | None = None) -> Conversations:
    """Conversations of these talks, by ticket id; `survey` adds comments, which have no turn."""
    rows: list[dict[str, Any]] = [
        {
            "source": "test", "ticket_id": ticket, "message_id": f"{ticket}/{turn}", "turn": turn,
            "speaker": speaker, "kind": "message", "text": text, "created_at": START + timedelta(hours=turn),
        }
        for ticket, talk in talks.items()
        for turn, (speaker, text) in enumerate(talk, start=1)
    ]  # fmt: skip
    rows += [
        {
            "source": "test", "ticket_id": ticket, "message_id": f"{ticket}/comment", "turn": None,
            "speaker": "customer", "kind": "survey", "text": text, "created_at": START + timedelta(days=9),
        }
        for ticket, text in (survey or {}).items()
    ]  # fmt: skip
    messages = pl.DataFrame(rows, schema_overrides={"turn": pl.Int64})
    tickets = (
        messages.select("source", "ticket_id")
        .unique(maintain_order=True)
        .with_columns(status=pl.lit("solved"), created_at=pl.lit(START), ended_at=pl.lit(START))
    )
    return hear(tickets, messages, sentiment_shift.lexicons)


def folded(conversations: Conversations, evidence: pl.DataFrame | None = None) -> dict[str, dict[str, Any]]:
    """The facts of each ticket, from this evidence or from what the signal finds."""
    connection = store.connect()
    try:
        store.create_tables(connection)
        store.insert(connection, "evidence", judge(conversations) if evidence is None else evidence)
        store.insert(connection, "heard", conversations.tickets.select("source", "ticket_id", "is_readable"))
        return {row["ticket_id"]: row for row in store.query(connection, sentiment_shift.facts).to_dicts()}
    finally:
        connection.close()


def facts(*talk: Said) -> dict[str, Any]:
    return folded(heard({"t": list(talk)})).get("t", {})


def kinds(evidence: pl.DataFrame, kind: str) -> pl.DataFrame:
    return evidence.filter(pl.col("kind") == kind)


def test_a_customer_who_came_angry_and_ends_pleased_left_better() -> None:
    found = facts(("customer", ANGRY), ("agent", ANSWER), ("customer", PLEASED))
    assert found["mood_on_arrival"] < -DEAD_ZONE
    assert found["mood_after_answer"] > DEAD_ZONE
    # Two sentences on either side, and the neutral ones counted in with them.
    moved = (found["mood_after_answer"] - found["mood_on_arrival"]) / 2
    assert found["mood_shift"] == pytest.approx(moved * 2 / (2 + NEUTRAL), abs=1e-6)
    assert (found["left_better"], found["left_same"], found["left_worse"]) == (True, False, False)
    assert found["is_heard_after_last_answer"] is True


def test_a_customer_who_came_calm_and_ends_angry_left_worse() -> None:
    found = facts(
        ("customer", "Where can I change my address?"),
        ("agent", "You have to write a letter to our head office."),
        ("customer", "That is ridiculous. I have already told you three times, close my account."),
    )
    assert (found["left_better"], found["left_same"], found["left_worse"]) == (False, False, True)


def test_less_bad_is_better() -> None:
    found = facts(
        ("customer", "This is the worst company ever. I am furious and fed up with your lies."),
        ("agent", ANSWER),
        ("customer", "I see. The light is on."),
    )
    assert found["mood_after_answer"] < DEAD_ZONE
    assert found["left_better"] is True


def test_a_message_without_feeling_is_neutral_and_not_unmeasured() -> None:
    found = facts(
        ("customer", "My customer number is 4821."),
        ("agent", "The invoice went out on the third of March."),
        ("customer", "The number of the second contract is 991."),
    )
    assert abs(found["mood_on_arrival"]) <= DEAD_ZONE
    assert abs(found["mood_after_answer"]) <= DEAD_ZONE
    assert found["left_same"] is True


@pytest.mark.parametrize("agent", [RECEIPT, "Hi Anna,", "How can I help you today?", "Please wait a moment."])
def test_a_receipt_or_greeting_is_no_answer(agent: str) -> None:
    found = facts(("customer", ANGRY), ("agent", agent), ("customer", "It is the router in the hall."))
    assert found["mood_on_arrival"] is not None
    for column in ("mood_after_answer", "mood_shift", "left_better", "left_same", "left_worse"):
        assert found[column] is None
    assert found["is_heard_after_last_answer"] is None


def test_what_follows_a_receipt_still_belongs_to_the_arrival() -> None:
    conversations = heard(
        {
            "t": [
                ("customer", ANGRY),
                ("agent", RECEIPT),
                ("customer", "Still no internet."),
                ("agent", ANSWER),
                ("customer", PLEASED),
            ]
        }
    )
    assert set(kinds(judge(conversations), "arrival")["message_id"]) == {"t/1", "t/3"}
    assert set(kinds(judge(conversations), "after_answer")["message_id"]) == {"t/5"}


def test_without_a_word_after_the_answer_the_shift_is_not_measured() -> None:
    found = facts(("customer", ANGRY), ("agent", ANSWER))
    assert found["mood_on_arrival"] < -DEAD_ZONE
    assert found["mood_shift"] is None
    assert found["left_same"] is None
    assert found["is_heard_after_last_answer"] is False


def test_an_answer_after_the_last_word_shows() -> None:
    talk = [("customer", ANGRY), ("agent", ANSWER), ("customer", PLEASED)]
    assert facts(*talk)["is_heard_after_last_answer"] is True
    assert facts(*talk, ("agent", "You're welcome!"))["is_heard_after_last_answer"] is True
    assert (
        facts(*talk, ("agent", "We will also send a new router to you."))["is_heard_after_last_answer"]
        is False
    )


def test_an_agent_who_writes_first_has_not_answered_yet() -> None:
    conversations = heard(
        {"t": [("agent", ANSWER), ("customer", ANGRY), ("agent", ANSWER), ("customer", PLEASED)]}
    )
    evidence = judge(conversations)
    assert set(kinds(evidence, "arrival")["message_id"]) == {"t/2"}
    assert set(kinds(evidence, "last_answer")["message_id"]) == {"t/3"}


def test_the_last_third_stands_for_how_they_left() -> None:
    later = [
        ("customer", f"Sentence number {word} of my story.") for word in ("two", "three", "four", "five")
    ]
    conversations = heard({"t": [("customer", ANGRY), ("agent", ANSWER), *later]})
    evidence = judge(conversations)
    assert set(kinds(evidence, "after_answer")["message_id"]) == {"t/5", "t/6"}
    assert set(kinds(evidence, "between")["message_id"]) == {"t/3", "t/4"}
    assert set(kinds(evidence, "after_answer")["refers_to_message"]) == {"t/2"}


def test_survey_comments_are_no_turns() -> None:
    talk = {"t": [("customer", ANGRY), ("agent", ANSWER), ("customer", "I see it.")]}
    plain, rated = (
        heard(talk),
        heard(talk, survey={"t": "Fantastic, wonderful, you are the best!", "survey:9": PLEASED}),
    )
    assert judge(plain).equals(judge(rated))
    assert "survey:9" not in folded(rated)


def test_a_language_that_can_not_be_read_is_not_measured() -> None:
    german = "Seit zwei Wochen geht mein Anschluss nicht und niemand meldet sich bei mir, das ist wirklich unmöglich."
    conversations = heard(
        {"de": [("customer", german), ("agent", ANSWER), ("customer", german)], "en": [("customer", ANGRY)]}
    )
    assert set(judge(conversations)["ticket_id"]) == {"en"}
    assert set(folded(conversations)) == {"en"}


def test_spans_are_sentences_and_carry_the_values_that_make_the_moods() -> None:
    talk = [("customer", ANGRY), ("agent", f"Hi Anna,\n{ANSWER}"), ("customer", f"Aha 🙂.\n{PLEASED}")]
    conversations = heard({"t": list(talk)})
    evidence = judge(conversations)
    assert dict(evidence.schema) == dict(EVIDENCE)
    for row in evidence.to_dicts():
        text = talk[int(row["message_id"].split("/")[1]) - 1][1]
        assert (row["start"], row["end"]) in split(text)
    found = folded(conversations)["t"]
    assert found["mood_on_arrival"] == pytest.approx(kinds(evidence, "arrival")["value"].mean(), abs=1e-6)
    assert found["mood_after_answer"] == pytest.approx(
        kinds(evidence, "after_answer")["value"].mean(), abs=1e-6
    )
    (answer,) = kinds(evidence, "last_answer").to_dicts()
    assert talk[1][1][answer["start"] : answer["end"]] == ANSWER
    assert answer["value"] is None


def test_the_figures_come_from_the_evidence_alone() -> None:
    conversations = heard({"t": [("customer", ANGRY), ("agent", ANSWER), ("customer", PLEASED)]})
    evidence = judge(conversations)
    turned = evidence.with_columns(value=-pl.col("value"))
    assert folded(conversations, turned)["t"]["left_worse"] is True
    assert folded(conversations, evidence.filter(pl.col("kind") == "arrival"))["t"]["mood_shift"] is None
    assert folded(conversations, evidence.clear()) == {}


def test_the_turning_point_is_the_turn_that_moved_most_and_its_most_telling_sentence() -> None:
    conversations = heard(
        {
            "t": [
                ("customer", "I have a question."),
                ("agent", ANSWER),
                ("customer", f"I read that. {ANGRY}"),
            ]
        }
    )
    (point,) = kinds(judge(conversations), "turning_point").to_dicts()
    text = f"I read that. {ANGRY}"
    assert point["message_id"] == "t/3"
    assert point["refers_to_message"] == "t/1"
    assert text[point["start"] : point["end"]] in ANGRY
    assert point["value"] < -SAME_ZONE


def test_a_level_conversation_has_no_turning_point() -> None:
    talk = [("customer", "My number is 12."), ("agent", ANSWER), ("customer", "My other number is 13.")]
    assert kinds(judge(heard({"t": talk})), "turning_point").is_empty()


def test_order_and_company_change_nothing() -> None:
    talks: dict[str, list[Said]] = {
        "a": [("customer", ANGRY), ("agent", ANSWER), ("customer", PLEASED), ("customer", "Bye.")],
        "b": [("customer", "Where is my order?"), ("agent", ANSWER), ("customer", "It is broken.")],
        "c": [("customer", PLEASED)],
    }
    together = judge(heard(talks))
    turned = judge(heard(dict(reversed(talks.items()))))
    apart = pl.concat([judge(heard({name: talk})) for name, talk in talks.items()])
    assert together.equals(turned)
    assert together.equals(apart.sort("source", "ticket_id", "kind", "message_id", "start"))


def test_nothing_heard_gives_no_evidence() -> None:
    empty = heard({"t": [("agent", ANSWER)]})
    assert judge(empty).is_empty()
    assert folded(empty) == {}


def words_heard(*talk: Said) -> list[list[str]]:
    """The sentences that count for the mood of each customer turn."""
    evidence = judge(heard({"t": list(talk)})).filter(
        pl.col("kind").is_in(["arrival", "between", "after_answer"])
    )
    rows = evidence.sort("message_id", "start").to_dicts()
    return [
        [text[row["start"] : row["end"]] for row in rows if row["message_id"] == f"t/{turn}"]
        for turn, (speaker, text) in enumerate(talk, start=1)
        if speaker == "customer"
    ]


def test_greetings_sign_offs_names_and_signatures_are_not_heard() -> None:
    first = "Hi there,\n\nThe router is broken.\n\nThanks,\nAnna Miller\nSent from my iPhone"
    reply = "Hello Tom,\nIt works again.\nHave a nice day.\nKind regards\nAnna"
    assert words_heard(("customer", first), ("agent", ANSWER), ("customer", reply)) == [
        ["The router is broken."],
        ["It works again."],
    ]


def test_thanks_are_a_formula_before_our_answer_and_gratitude_after_it() -> None:
    assert words_heard(
        ("customer", "Where is my order? Thank you."),
        ("agent", ANSWER),
        ("customer", "I see it now. Thank you so much!"),
        ("customer", "Thanks,\nAnna"),
        ("customer", "It stopped again.\nThanks,\nAnna"),
    ) == [
        ["Where is my order?"],
        ["I see it now.", "Thank you so much!"],
        ["Thanks,"],
        ["It stopped again."],
    ]


def test_a_message_of_manners_alone_is_neutral() -> None:
    conversations = heard({"t": [("customer", "Hello there"), ("customer", "Cheers"), ("agent", ANSWER)]})
    arrival = kinds(judge(conversations), "arrival")
    assert arrival["message_id"].to_list() == ["t/1", "t/2"]
    assert arrival["value"].to_list() == [0.0, 0.0]


def test_words_with_a_feeling_are_heard_where_manners_stand() -> None:
    assert words_heard(
        ("customer", "Hi, my order is lost.\nStill nothing.\nUnbelievable"),
        ("agent", ANSWER),
        ("customer", "Thanks for nothing"),
    ) == [["Hi, my order is lost.", "Still nothing.", "Unbelievable"], ["Thanks for nothing"]]


def test_shift_of_labelled_chats_is_better_than_nothing() -> None:
    ours, _, trivial = shift_rows(shared("labelled/shift/esconv-failed.jsonl.gz"))
    assert ours["spearman"] > 0.15
    assert ours["coverage"] > 0.9
    assert trivial["spearman"] == 0.0
