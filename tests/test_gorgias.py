"""Gorgias' tickets, messages, surveys and events, read into the canonical tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loading import golden, load, rows, tables
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "gorgias"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("gorgias"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "gorgias.json", tables(whole))


def test_who_wrote_a_rule_an_agent_a_customer(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT author_role, is_public FROM messages WHERE ticket_id = '801' AND kind <> 'survey' ORDER BY position",
    )
    assert [tuple(row.values()) for row in found] == [
        ("customer", True),
        ("bot", True),
        ("agent", False),
        ("agent", True),
    ]


def test_a_customer_and_a_user_of_the_same_number_are_two_people(whole: Store) -> None:
    found = rows(whole, "SELECT person_id, role FROM people WHERE person_id LIKE '%12' ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [("12", "agent"), ("customer:12", "customer")]


def test_a_message_that_failed_is_listed_and_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    summary = load(store, SAMPLE / "tickets.ndjson")
    assert summary.files[0].notes == ["messages that could not be sent, left out: 1 (5)"]
    assert rows(store, "SELECT * FROM messages WHERE message_id = '5'") == []


def test_a_snoozed_ticket_is_on_hold_and_not_solved(whole: Store) -> None:
    assert rows(whole, "SELECT status, solved_at FROM tickets WHERE ticket_id = '802'") == [
        {"status": "hold", "solved_at": None}
    ]


def test_spam_and_trashed_tickets_say_so(whole: Store) -> None:
    found = rows(
        whole, "SELECT ticket_id, is_spam, is_deleted FROM tickets WHERE is_spam OR is_deleted ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [("804", True, False), ("805", False, True)]


def test_times_without_a_zone_are_utc(whole: Store) -> None:
    (found,) = rows(whole, "SELECT created_at FROM tickets WHERE ticket_id = '801'")
    assert found["created_at"].isoformat() == "2026-03-02T09:00:00.120000+00:00"


def test_a_survey_stated_twice_is_one_and_one_that_waits_to_be_sent_is_none(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, score, asked_at IS NOT NULL AS is_asked FROM ratings ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [("801", 4.0, True), ("806", None, True)]


def test_an_event_embedded_and_listed_is_one_event(whole: Store) -> None:
    found = rows(whole, "SELECT new FROM events WHERE ticket_id = '801' AND field = 'status' ORDER BY \"at\"")
    assert [row["new"] for row in found] == ["solved", "open", "solved"]


def test_a_score_off_the_scale_costs_its_survey_only(tmp_path: Path) -> None:
    page = json.loads((SAMPLE / "surveys.json").read_text())
    page["data"][0]["score"] = 7
    (tmp_path / "surveys.json").write_text(json.dumps(page))
    store = Store(tmp_path / "store")
    summary = load(store, tmp_path / "surveys.json")
    assert summary.total("count_refused") == 1
    assert rows(store, "SELECT ticket_id FROM ratings") == [{"ticket_id": "806"}]
