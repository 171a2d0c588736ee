"""Front's analytics exports and API objects, read into the canonical tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loading import golden, load, rows, tables
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "front"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("front"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "front.json", tables(whole))


def test_segments_of_a_conversation_are_one_ticket(whole: Store) -> None:
    assert rows(whole, "SELECT count(*) AS n FROM tickets WHERE ticket_id = 'cnv_e5'") == [{"n": 1}]


def test_a_message_in_a_page_and_in_an_event_is_one_message(whole: Store) -> None:
    assert rows(whole, "SELECT text FROM messages WHERE message_id = 'msg_1'") == [{"text": "My lamp hums."}]


def test_a_message_that_comes_in_opens_an_archived_conversation(whole: Store) -> None:
    found = rows(
        whole, "SELECT new FROM events WHERE ticket_id = 'cnv_a1' AND field = 'status' ORDER BY \"at\""
    )
    assert [row["new"] for row in found] == ["open", "solved", "open", "solved"]


def test_what_nobody_wrote_is_a_machines_and_a_comment_is_private(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT message_id, author_role, is_public FROM messages WHERE message_id IN ('msg_2', 'com_1', 'msg_52') "
        "ORDER BY 1",
    )
    assert [tuple(row.values()) for row in found] == [
        ("com_1", "agent", False),
        ("msg_2", "bot", True),
        ("msg_52", "bot", True),
    ]


def test_drafts_are_listed_and_left_out(whole: Store, tmp_path: Path) -> None:
    summary = load(Store(tmp_path), SAMPLE / "messages.json")
    assert summary.files[0].notes == ["drafts of messages, left out: 1 (msg_6)"]
    assert rows(whole, "SELECT * FROM messages WHERE message_id = 'msg_6'") == []


def test_the_beginning_of_a_text_is_not_read_as_the_text(whole: Store) -> None:
    found = rows(whole, "SELECT body FROM messages WHERE ticket_id = 'cnv_e5' AND kind <> 'survey'")
    assert found == [{"body": None}] * 3


def test_a_text_from_the_api_stays_when_the_export_comes_later(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    page = json.loads((SAMPLE / "messages.json").read_text())
    (one,) = [message for message in page["_results"] if message["id"] == "msg_1"]
    one = {
        **one,
        "id": "msg_51",
        "_links": {"related": {"conversation": "https://x.example/conversations/cnv_e5"}},
    }
    (tmp_path / "message.json").write_text(json.dumps(one))
    load(store, tmp_path / "message.json")
    load(store, SAMPLE / "messages.csv")
    assert rows(store, "SELECT text FROM messages WHERE message_id = 'msg_51'") == [{"text": "My lamp hums."}]


def test_a_survey_answer_is_a_rating_and_one_off_the_scale_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    summary = load(store, SAMPLE / "activities.csv")
    assert rows(store, "SELECT score, comment FROM ratings") == [{"score": 5.0, "comment": "Lovely."}]
    assert [refused[2] for refused in summary.files[0].refused] == ["the survey rating 9 lies outside 1 to 5"]


def test_spam_and_deleted_conversations_say_so(whole: Store) -> None:
    assert rows(
        whole, "SELECT ticket_id, is_spam, is_deleted FROM tickets WHERE is_spam OR is_deleted ORDER BY 1"
    ) == [
        {"ticket_id": "cnv_c3", "is_spam": True, "is_deleted": False},
        {"ticket_id": "cnv_d4", "is_spam": False, "is_deleted": True},
    ]


def test_events_alone_give_the_conversation_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, SAMPLE / "events.ndjson")
    assert rows(store, "SELECT ticket_id, status FROM tickets") == [{"ticket_id": "cnv_b2", "status": "open"}]
