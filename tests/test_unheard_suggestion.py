"""Suggestions: what counts as one, whether it was heard, and the words that show it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from benchmarks import validity_signals
from metrics.function.heard.unheard_suggestion import unheard_suggestion
from metrics.measure import Conversations
from metrics.text.hear import hear
from metrics.text.suggestions import THRESHOLD, opens_clause, scores
from tests.conftest import shared
from warehouse.schema import EVIDENCE, HEARD, INSTANT
from warehouse.store import Store, insert

IDEA = "It would be great if the overview could be sorted by date."


def conversation(*said: tuple[str, str], ticket: str = "t1", survey: str | None = None) -> Conversations:
    """A conversation of (speaker, text) turns, with a survey comment at its end where one is given."""
    rows = [
        {"ticket_id": ticket, "message_id": f"{ticket}-{turn}", "turn": turn, "speaker": who, "kind": "message", "text": text}
        for turn, (who, text) in enumerate(said)
    ]  # fmt: skip
    if survey is not None:
        rows.append(
            {"ticket_id": ticket, "message_id": f"{ticket}-s", "turn": None, "speaker": "customer", "kind": "survey",
             "text": survey}
        )  # fmt: skip
    messages = pl.DataFrame(
        rows,
        schema={"ticket_id": pl.String, "message_id": pl.String, "turn": pl.Int64, "speaker": pl.String,
                "kind": pl.String, "text": pl.String},
    ).with_columns(source=pl.lit("desk"), created_at=pl.lit(None, dtype=INSTANT))  # fmt: skip
    unknown = pl.lit(None, dtype=INSTANT)
    tickets = pl.DataFrame({"ticket_id": [ticket]}).with_columns(
        source=pl.lit("desk"), status=pl.lit("open"), created_at=unknown, ended_at=unknown
    )
    return hear(tickets, messages, unheard_suggestion.lexicons)


def judged(heard: Conversations) -> list[tuple[str, str]]:
    """The evidence as (kind, words), with the words cut out of the messages by its spans."""
    texts = dict(heard.messages.select("message_id", "text").iter_rows())
    return [
        (row["kind"], texts[row["message_id"]][row["start"] : row["end"]])
        for row in unheard_suggestion.judge(heard).iter_rows(named=True)
    ]


def is_suggestion(text: str) -> bool:
    return any(kind == "found" for kind, _ in judged(conversation(("customer", text))))


@pytest.mark.parametrize(
    "text",
    [
        "Please add a dark theme to the portal, my eyes hurt at night.",
        "You should let people pause a subscription instead of cancelling it.",
        "It would be so much easier if I could download all invoices at once.",
        "I wish there was a way to filter the list by country.",
        "Why not put the opening hours on the first page?",
        "Hi team, allow us to change the delivery day ourselves.",
        "Could you make the font a bit larger in the next version?",
        "Just a thought: an email the evening before would help people plan.",
        "Maybe add a reminder before the trial ends?",
        "If you told customers about the works in advance, nobody would have to call.",
        "My suggestion is to send the code by email as well.",
        "Please don't remove the old export, half of our office depends on it.",
    ],
)
def test_a_proposed_change_is_a_suggestion(text: str) -> None:
    assert is_suggestion(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can you please check my order, it has not arrived yet.",
        "How do I change the language of the app?",
        "Where should I send the parcel back to?",
        "Please help me, I can not log in since this morning.",
        "My invoice is wrong and I want my money back.",
        "The app crashes whenever I open the second page.",
        "Thank you so much for the quick answer, that was very kind.",
        "I would like to cancel my subscription at the end of the month.",
        "I called twice and waited for forty minutes each time.",
        "Could you tell me when the technician will arrive?",
        "Should I restart the router again?",
        "I wish you a nice weekend and all the best.",
    ],
)
def test_an_errand_a_question_or_a_complaint_is_none(text: str) -> None:
    assert not is_suggestion(text)


def test_words_of_others_are_none() -> None:
    assert not is_suggestion('The agent told me "you should add a second card to the account" and hung up.')


def test_a_verb_is_an_order_only_where_it_opens_a_clause() -> None:
    assert is_suggestion("Add a search field to the archive.")
    assert not is_suggestion("Whenever we add a search word the archive comes up empty.")
    assert opens_clause("Hi @desk, please ") and opens_clause("1. ") and opens_clause("")
    assert opens_clause("The list is long, so please ")
    assert not opens_clause("whenever we ") and not opens_clause("the button \u201c")


def test_the_span_is_the_sentence_and_its_score_the_value() -> None:
    text = "Hello there 👋. " + IDEA + " Thanks!"
    heard = conversation(("customer", text))
    evidence = unheard_suggestion.judge(heard)
    assert evidence.schema == EVIDENCE
    assert evidence.height == 1
    row = evidence.row(0, named=True)
    assert text[row["start"] : row["end"]] == IDEA
    assert row["value"] >= THRESHOLD
    assert row["value"] == scores(heard).filter(pl.col("text") == IDEA)["score"].item()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("Hi Ann, thank you for the suggestion! Have a nice day.", "thank you for the suggestion"),
        ("That is a great idea, we like it.", "great idea"),
        ("I have passed this on to the product team today.", "passed this on"),
        ("Good news: that is already planned for the spring.", "is already planned"),
        ("It already exists: press the arrow beside the title.", "It already exists"),
        (
            "Sorting is not possible at the moment because the list is made at night.",
            "not possible at the moment",
        ),
        ("So you would like the overview sorted by date instead.", "you would like"),
    ],
)
def test_a_reply_that_takes_it_up_is_heard_with_its_words(reply: str, words: str) -> None:
    heard = conversation(("customer", IDEA), ("agent", reply))
    assert [kind for kind, _ in judged(heard)] == ["found", "heard"]
    assert words.lower() in reply.lower()
    assert judged(heard)[1][1].lower() in words.lower() or words.lower() in judged(heard)[1][1].lower()
    answer = unheard_suggestion.judge(heard).filter(pl.col("kind") == "heard").row(0, named=True)
    assert (answer["message_id"], answer["refers_to_message"]) == ("t1-1", "t1-0")


@pytest.mark.parametrize(
    "reply",
    [
        "Sorry to hear that. Please send us a direct message.",
        "Thank you for contacting us, we are looking at your case.",
        "Please DM us your account number so that we can help.",
        "Your refund was paid out this morning.",
    ],
)
def test_a_reply_about_something_else_passes_over(reply: str) -> None:
    heard = conversation(("customer", IDEA), ("agent", "Hi Ann,\n\n" + reply))
    assert [kind for kind, _ in judged(heard)] == ["found", "passed_over"]
    assert judged(heard)[1][1] in reply


def test_a_later_reply_still_hears_it_and_an_earlier_one_does_not() -> None:
    later = conversation(("customer", IDEA), ("agent", "Which browser is this?"), ("customer", "Firefox."),
                         ("agent", "Thanks for your feedback, I have told the team."))  # fmt: skip
    assert ("heard", "Thanks for your feedback") in judged(later)
    earlier = conversation(("agent", "Great idea, thanks for the suggestion!"), ("customer", IDEA))
    assert [kind for kind, _ in judged(earlier)] == ["found"]


def test_restating_needs_words_of_the_suggestion() -> None:
    about_it = conversation(
        ("customer", IDEA), ("agent", "You would like the overview to be ordered by date.")
    )
    assert "heard" in dict(judged(about_it))
    errand = conversation(("customer", IDEA), ("agent", "You would like a new password, it is on its way."))
    assert "heard" not in dict(judged(errand))


def test_two_suggestions_of_one_message_share_one_answer() -> None:
    text = IDEA + " And please add a button that prints it."
    heard = conversation(("customer", text), ("agent", "Thanks for your suggestions!"))
    assert [kind for kind, _ in judged(heard)] == ["found", "found", "heard"]


def test_a_language_that_can_not_be_read_is_left_out() -> None:
    german = (
        "Bitte fügen Sie eine Suche hinzu, denn ich finde meine alten Rechnungen leider nicht mehr wieder."
    )
    assert judged(conversation(("customer", german))) == []


def facts(tmp_path: Path, *parts: Conversations) -> dict[str, tuple[object, ...]]:
    """What the declared SQL makes of the evidence, by the suggestion's message."""
    evidence = pl.concat([unheard_suggestion.judge(part) for part in parts])
    keys = pl.concat([part.tickets.select("source", "ticket_id", "is_readable") for part in parts])
    rows = keys.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in HEARD.items() if name not in keys.columns
    ).select(list(HEARD))
    draft = Store(tmp_path).begin()
    try:
        insert(draft.connection, "evidence", evidence)
        insert(draft.connection, "heard", rows)
        found = draft.connection.execute(
            "SELECT message_id, suggestion_id, is_unheard, is_passed_over, is_without_reply"
            f" FROM ({unheard_suggestion.facts})"
        ).fetchall()
    finally:
        draft.discard()
    assert len({row[1] for row in found}) == len(found)
    return {row[0]: tuple(row[2:]) for row in found}


def test_one_fact_a_suggestion_with_its_fate(tmp_path: Path) -> None:
    parts = (
        conversation(("customer", IDEA), ("agent", "Thanks for the idea!"), ticket="heard"),
        conversation(
            ("customer", IDEA), ("agent", "Please restart the app and log in again."), ticket="passed"
        ),
        conversation(("customer", IDEA), ticket="alone"),
        conversation(("customer", "All is well now, bye."), ("agent", "Great."), ticket="rated", survey=IDEA),
        conversation(("customer", "My parcel is late."), ticket="none"),
    )
    assert facts(tmp_path, *parts) == {
        "heard-0": (False, False, False),
        "passed-0": (True, True, False),
        "alone-0": (True, False, True),
        "rated-s": (None, None, None),
    }


def test_the_same_in_any_batch() -> None:
    first = (("customer", IDEA), ("agent", "Thanks for the idea!"))
    second = (("customer", "Please add a search."), ("agent", "Your parcel is on its way."))
    alone = pl.concat(
        [unheard_suggestion.judge(conversation(*first, ticket="a")), unheard_suggestion.judge(conversation(*second, ticket="b"))]
    )  # fmt: skip
    one, other = conversation(*first, ticket="a"), conversation(*second, ticket="b")
    together = Conversations(
        tickets=pl.concat([other.tickets, one.tickets]),
        messages=pl.concat([other.messages, one.messages]),
        sentences=pl.concat([other.sentences, one.sentences]),
        hits=pl.concat([other.hits, one.hits]),
    )
    order = ["ticket_id", "message_id", "start"]
    assert unheard_suggestion.judge(together).sort(order).equals(alone.sort(order))


def test_nothing_said_gives_nothing() -> None:
    empty = conversation(("customer", "  "))
    assert unheard_suggestion.judge(empty).schema == EVIDENCE
    assert unheard_suggestion.judge(empty).is_empty()


def write(folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / "mine.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    return path


def test_validity_reads_any_folder_in_the_format(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": "a", "label": 1, "speaker": "customer", "text": "Please add a search to the archive."},
        {"id": "b", "label": 0, "speaker": "customer", "text": "The archive was empty this morning."},
        {"id": "c", "label": 1, "messages": [{"speaker": "agent", "text": "Anything else?"},
                                             {"speaker": "customer", "text": "The archive has no search."}]},
        {"id": "d", "label": 1, "speaker": "customer",
         "text": "Bitte fügen Sie eine Suche hinzu, denn ich finde meine alten Rechnungen leider nicht mehr wieder."},
    ]  # fmt: skip
    ours, trivial = validity_signals.suggestion_rows(write(tmp_path, rows))
    assert (ours["method"], ours["n"], ours["precision"], ours["coverage"]) == ("ours", 4, 1.0, 0.75)
    assert ours["recall"] == pytest.approx(1 / 3)
    assert (trivial["method"], trivial["recall"], trivial["precision"]) == ("trivial", 1.0, 0.75)


def figure(path: Path, label: str, name: str) -> float:
    rows = (
        validity_signals.thread_rows(path)
        if "threads" in str(path)
        else validity_signals.suggestion_rows(path)
    )
    return float(next(row[name] for row in rows if row["label"] == label and row["method"] == "ours"))


def test_one_threshold_reaches_every_labelled_set() -> None:
    assert figure(shared("labelled/suggestion/semeval-a-trial.jsonl.gz"), "suggestion", "f1") >= 0.77
    assert figure(shared("labelled/suggestion/semeval-a-train.jsonl.gz"), "suggestion", "f1") >= 0.71
    threads = shared("labelled/support_threads/twcs-threads.jsonl.gz")
    assert figure(threads, "suggestion", "precision") >= 0.75
    assert figure(threads, "suggestion heard", "accuracy") >= 0.8


@pytest.mark.parametrize(
    "opening",
    [
        "Dear customer, thank you for contacting Halden Support.",
        "I'm sorry to hear this!",
        "Hello Ann, I am Tom from Billing.",
        "@118 Here to help!",
    ],
)
def test_what_passed_over_is_what_the_reply_says_not_its_courtesies(opening: str) -> None:
    said = "Hello Ann, your refund was paid out this morning."
    heard = conversation(("customer", IDEA), ("agent", f"{opening} {said} Anything else?"))
    assert judged(heard)[1] == ("passed_over", said)
    alone = conversation(("customer", IDEA), ("agent", opening))
    assert judged(alone)[1][0] == "passed_over"
