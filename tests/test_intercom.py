"""Intercom's conversations and tickets, read into the canonical tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "intercom"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("intercom"))
    load(store, SAMPLE)
    return store


def _one(tmp_path: Path, **changes: object) -> Store:
    """A store with one closed conversation that a customer began, changed as stated."""
    record = {
        "type": "conversation",
        "id": "1",
        "created_at": 1772442000,
        "updated_at": 1772449200,
        "state": "closed",
        "source": {
            "type": "email",
            "id": "2",
            "delivered_as": "customer_initiated",
            "body": "<p>Hello</p>",
            "author": {"type": "user", "id": "u1"},
        },
        **changes,
    }
    path = tmp_path / "conversation.json"
    path.write_text(json.dumps(record))
    store = Store(tmp_path / "store")
    load(store, path)
    return store


def _parts(*parts: tuple[str, int, str]) -> dict[str, object]:
    """Parts as (part_type, seconds after creation, type of author)."""
    return {
        "conversation_parts": [
            {
                "type": "conversation_part",
                "id": str(100 + number),
                "part_type": kind,
                "body": "<p>Well</p>" if kind == "comment" else None,
                "created_at": 1772442000 + after,
                "author": {"type": author, "id": f"{author}1"},
            }
            for number, (kind, after, author) in enumerate(parts)
        ]
    }


def _statuses(store: Store) -> list[tuple[str, str]]:
    found = rows(store, "SELECT old, new FROM events WHERE field = 'status' ORDER BY \"at\", position")
    return [(row["old"], row["new"]) for row in found]


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "intercom.json", tables(whole))


def test_the_first_message_is_the_source(whole: Store) -> None:
    found = rows(whole, "SELECT message_id, text FROM messages WHERE ticket_id = '9101' ORDER BY created_at")
    assert found[0] == {
        "message_id": "source:77001",
        "text": "My lamp flickers. Can you send a new one?",
    }


def test_a_campaign_that_nobody_answered_is_no_ticket_and_is_listed(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    summary = load(store, SAMPLE)
    assert rows(store, "SELECT ticket_id FROM tickets WHERE ticket_id IN ('9102', '9108')") == []
    assert any(note.endswith("left out: 1 (9102)") for file in summary.files for note in file.notes)


def test_a_campaign_that_was_answered_begins_with_a_machines_words(whole: Store) -> None:
    found = rows(
        whole, "SELECT author_role FROM messages WHERE ticket_id = '9103' ORDER BY created_at, position"
    )
    assert [row["author_role"] for row in found] == ["bot", "customer", "agent"]


def test_an_ai_agents_answer_is_told_from_a_teammates(whole: Store) -> None:
    assert rows(whole, "SELECT author_role FROM messages WHERE message_id = '8402'") == [
        {"author_role": "ai"}
    ]


def test_a_rating_is_asked_when_created_and_an_unanswered_one_stays_without_a_score(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, score, asked_at < answered_at AS is_later FROM ratings ORDER BY 1")
    assert found == [
        {"ticket_id": "9101", "score": 4.0, "is_later": True},
        {"ticket_id": "9104", "score": None, "is_later": None},
    ]


def test_an_opinion_of_an_ai_is_no_rating(whole: Store) -> None:
    found = rows(whole, "SELECT name, value FROM vendor_metrics WHERE ticket_id = '9104' ORDER BY 1")
    assert found == [{"name": "ai_agent_rating", "value": 5.0}, {"name": "cx_score", "value": 2.0}]


def test_intercoms_own_times_are_business_minutes(whole: Store) -> None:
    (found,) = rows(
        whole,
        "SELECT calendar_minutes, business_minutes FROM vendor_metrics WHERE ticket_id = '9101' AND name = 'first_reply'",
    )
    assert found == {"calendar_minutes": None, "business_minutes": 30.0}


def test_a_customer_who_writes_into_a_closed_conversation_opens_it(tmp_path: Path) -> None:
    parts = _parts(("close", 60, "admin"), ("comment", 120, "user"), ("close", 180, "admin"))
    store = _one(tmp_path, conversation_parts=parts)
    assert _statuses(store) == [("open", "solved"), ("solved", "open"), ("open", "solved")]


def test_a_last_word_does_not_open_a_conversation_that_stays_closed(tmp_path: Path) -> None:
    store = _one(tmp_path, conversation_parts=_parts(("close", 60, "admin"), ("comment", 120, "user")))
    assert _statuses(store) == [("open", "solved")]


def test_an_opening_that_a_part_states_is_counted_once(tmp_path: Path) -> None:
    parts = _parts(("snoozed", 60, "admin"), ("comment", 120, "user"), ("open", 120, "bot"))
    store = _one(tmp_path, state="open", conversation_parts=parts)
    assert _statuses(store) == [("open", "hold"), ("hold", "open")]


@pytest.mark.parametrize("held", [None, 612])
def test_a_conversation_without_all_of_its_parts_tells_of_no_wait(held: int | None, tmp_path: Path) -> None:
    """Answered, and the answers are not in the file: the first message alone would look as if nobody had."""
    changes: dict[str, object] = {"statistics": {"first_admin_reply_at": 1772443000}}
    if held:
        changes["conversation_parts"] = _parts(("comment", 9000, "admin")) | {"total_count": held}
    store = _one(tmp_path, **changes)
    assert rows(store, "SELECT ticket_id, status FROM tickets") == [{"ticket_id": "1", "status": "solved"}]
    assert rows(store, "SELECT * FROM messages") == []


def test_parts_beside_their_conversation_are_read(tmp_path: Path) -> None:
    part = {
        "type": "conversation_part",
        "id": 1,
        "conversation_id": "9109",
        "part_type": "comment",
        "body": "<p>It comes tomorrow.</p>",
        "created_at": 1772701200,
        "author": {"type": "admin", "id": "501"},
    }
    (tmp_path / "parts.ndjson").write_text(json.dumps(part) + "\n")
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "listed.json", tmp_path / "parts.ndjson")
    assert rows(
        store, "SELECT message_id, author_role FROM messages WHERE ticket_id = '9109' ORDER BY 1"
    ) == [
        {"message_id": "1", "author_role": "agent"},
        {"message_id": "source:71001", "author_role": "customer"},
    ]


def test_a_wrong_date_costs_its_record_only(tmp_path: Path) -> None:
    lines = (SAMPLE / "conversations.ndjson").read_text().splitlines()
    broken = json.loads(lines[0])
    broken["conversation_parts"]["conversation_parts"][0]["created_at"] = "soon"
    (tmp_path / "some.ndjson").write_text("\n".join([json.dumps(broken), *lines[1:7]]))
    store = Store(tmp_path / "store")
    summary = load(store, tmp_path / "some.ndjson")
    assert summary.total("count_refused") == 1
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 5}]


def test_published_examples_are_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    folder = shared("exports/intercom/openapi-2.14")
    summary = load(store, folder / "conversation_example.json", folder / "ticket_example.json")
    assert summary.total("count_refused") == 0
    found = rows(store, "SELECT status, agent_id FROM tickets")
    assert len(found) == 1 and found[0]["status"] == "open"
    assert rows(store, "SELECT count(*) AS n FROM messages WHERE author_role = 'ai'") == [{"n": 2}]


@pytest.mark.parametrize("name", ["response_examples.json", "schemas_excerpt.json"])
def test_what_is_no_export_is_refused_with_advice(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load(Store(tmp_path), shared(f"exports/intercom/openapi-2.14/{name}"))
    assert refused.value.fix
