"""Help Scout's conversations, threads and ratings, read into the canonical tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "helpscout"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("helpscout"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "helpscout.json", tables(whole))


def test_what_was_never_sent_is_listed_and_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    summary = load(store, SAMPLE / "conversations.json")
    (file,) = summary.files
    assert file.notes == [
        "threads that were never sent or are hidden, left out: 1 (70032)",
        "drafts of conversations, left out: 1 (5005)",
    ]
    assert rows(store, "SELECT * FROM messages WHERE message_id = '70032'") == []
    assert rows(store, "SELECT * FROM tickets WHERE ticket_id = '5005'") == []


def test_a_customer_and_a_user_of_the_same_number_are_two_people(whole: Store) -> None:
    found = rows(whole, "SELECT person_id, role FROM people WHERE person_id LIKE '%3101' ORDER BY 1")
    assert found == [
        {"person_id": "3101", "role": "agent"},
        {"person_id": "customer:3101", "role": "customer"},
    ]


def test_statuses_and_assignees_come_from_the_threads_in_their_order(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT field, old, new FROM events WHERE ticket_id = '5001' ORDER BY field DESC, \"at\", position",
    )
    assert [tuple(row.values()) for row in found] == [
        ("status", "open", "solved"),
        ("status", "solved", "open"),
        ("status", "open", "solved"),
        ("agent", None, "3101"),
        ("agent", "3101", "3102"),
    ]


def test_a_page_of_threads_says_in_its_address_whose_they_are(whole: Store) -> None:
    found = rows(
        whole, "SELECT message_id, author_role FROM messages WHERE ticket_id = '5007' ORDER BY created_at"
    )
    assert [tuple(row.values()) for row in found] == [("70050", "customer"), ("70051", "agent")]


def test_a_workflows_message_is_a_machines(whole: Store) -> None:
    assert rows(whole, "SELECT author_role FROM messages WHERE message_id = '70031'") == [
        {"author_role": "bot"}
    ]


def test_spam_and_merged_conversations_say_so(whole: Store) -> None:
    found = rows(
        whole, "SELECT ticket_id, merged_into FROM tickets WHERE is_spam OR merged_into <> '' ORDER BY 1"
    )
    assert found == [
        {"ticket_id": "5002", "merged_into": None},
        {"ticket_id": "5006", "merged_into": "5004"},
    ]


def test_a_rating_of_a_thread_is_one_whether_from_the_api_or_the_report(whole: Store) -> None:
    (only,) = rows(whole, "SELECT * FROM ratings WHERE ticket_id = '5001'")
    assert (only["score"], only["scale_max"], only["is_positive"]) == (2.0, 3.0, False)
    assert only["answered_at"].isoformat() == "2026-03-04T08:00:00+00:00"


def test_an_unknown_word_for_a_rating_is_refused(tmp_path: Path) -> None:
    record = json.loads((SAMPLE / "rating.json").read_text())
    lines = [json.dumps({**record, "rating": word}) for word in ("great", "\U0001f600")]
    (tmp_path / "ratings.ndjson").write_text("\n".join(lines))
    summary = load(Store(tmp_path / "store"), tmp_path / "ratings.ndjson")
    assert summary.total("count_refused") == 1


def test_the_documented_rating_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, shared("exports/helpscout/docs/rating.json"))
    assert rows(store, "SELECT rating_id, ticket_id, is_positive FROM ratings") == [
        {"rating_id": "thread:10", "ticket_id": "123", "is_positive": True}
    ]


@pytest.mark.parametrize("name", ["Thread", "Conversation", "Customer", "Chat"])
def test_program_text_is_refused_with_advice(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load(Store(tmp_path), shared(f"exports/helpscout/helpscout-api-php/{name}Payloads.php.txt"))
    assert refused.value.fix
