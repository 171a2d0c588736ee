"""Chatwoot's conversations, messages and ratings, and its CSAT report, read into the canonical tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "chatwoot"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("chatwoot"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "chatwoot.json", tables(whole))


def test_who_wrote_is_told_by_the_sender(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT ticket_id, author_role, author_id FROM messages WHERE ticket_id IN ('42', '43') "
        "AND kind = 'message' ORDER BY created_at, position",
    )
    assert [tuple(row.values()) for row in found] == [
        ("42", "customer", "contact:8"),
        ("42", "ai", "bot:7"),
        ("42", "bot", "bot:3"),
        ("43", "customer", "contact:9"),
        ("43", "agent", "7"),
        ("43", "agent", None),
        ("43", "bot", None),
    ]


def test_lines_of_activity_are_status_changes_and_no_messages(whole: Store) -> None:
    found = rows(whole, "SELECT new FROM events WHERE ticket_id = '41' AND field = 'status' ORDER BY \"at\"")
    assert [row["new"] for row in found] == ["solved", "open", "hold", "open", "solved"]
    assert rows(whole, "SELECT * FROM messages WHERE message_id = '9007'") == []


def test_the_same_words_assign_an_agent_or_a_team_by_whose_name_it_is(whole: Store) -> None:
    found = rows(whole, "SELECT event_id, new FROM events WHERE event_id IN ('9003:team', '9004:agent')")
    assert {row["event_id"]: row["new"] for row in found} == {"9003:team": "1", "9004:agent": "7"}


def test_what_an_activity_tells_in_another_language_is_listed(tmp_path: Path) -> None:
    summary = load(Store(tmp_path), SAMPLE / "messages_43.ndjson")
    assert summary.files[0].notes == [
        "assignments to a name that is no agent or team we know (load both): 1 (9200)",
        "lines of activity that are not understood (English is): 1 (9202)",
    ]


def test_a_rating_stated_three_times_is_one_rating(whole: Store) -> None:
    (only,) = rows(whole, "SELECT * FROM ratings WHERE ticket_id = '41'")
    assert (only["score"], only["comment"], only["agent_id"]) == (4.0, "quick", "7")
    assert only["asked_at"] < only["answered_at"]


def test_the_survey_message_alone_gives_its_answer(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, SAMPLE / "messages_41.json")
    assert rows(store, "SELECT score, answered_at FROM ratings") == [{"score": 4.0, "answered_at": None}]
    assert rows(store, "SELECT * FROM messages WHERE message_id = '9008'") == []


def test_an_unanswered_survey_has_no_score(whole: Store) -> None:
    assert rows(
        whole, "SELECT score, asked_at IS NOT NULL AS is_asked FROM ratings WHERE ticket_id = '42'"
    ) == [{"score": None, "is_asked": True}]


def test_the_report_is_known_in_another_language_and_its_last_line_is_no_row(tmp_path: Path) -> None:
    store = Store(tmp_path)
    summary = load(store, SAMPLE / "bewertungen.csv")
    assert summary.files[0].notes == ["the report is about 2026-03-01 to 2026-03-31"]
    assert summary.total("count_refused") == 0
    assert rows(store, "SELECT ticket_id, score, agent_id FROM ratings ORDER BY 1") == [
        {"ticket_id": "41", "score": 4.0, "agent_id": "Nora Feld"},
        {"ticket_id": "45", "score": 2.0, "agent_id": None},
    ]


def test_a_wrong_row_of_the_report_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (SAMPLE / "bewertungen.csv").read_text().replace(",2,", ",9,")
    (tmp_path / "csat.csv").write_text(text)
    store = Store(tmp_path / "store")
    summary = load(store, tmp_path / "csat.csv")
    assert [refused[2] for refused in summary.files[0].refused] == ["the rating 9 lies outside 1 to 5"]
    assert rows(store, "SELECT count(*) AS n FROM ratings") == [{"n": 1}]


def test_no_first_reply_is_nothing_and_not_1970(whole: Store) -> None:
    assert rows(whole, "SELECT ticket_id FROM vendor_metrics WHERE name = 'first_reply'") == [
        {"ticket_id": "41"}
    ]


def test_a_time_of_zero_business_hours_is_not_known(whole: Store) -> None:
    assert rows(
        whole, "SELECT calendar_minutes, business_minutes FROM vendor_metrics WHERE name = 'full_resolution'"
    ) == [{"calendar_minutes": 30.0, "business_minutes": None}]


def test_an_hour_long_line_of_activity_is_read_at_once(tmp_path: Path) -> None:
    record = json.loads((SAMPLE / "messages_43.ndjson").read_text().splitlines()[0])
    (tmp_path / "long.ndjson").write_text(
        json.dumps({**record, "content": "Assigned to " + "x via y by " * 50_000})
    )
    summary = load(Store(tmp_path / "store"), tmp_path / "long.ndjson", SAMPLE / "messages_42.json")
    assert summary.total("count_refused") == 0


def test_constructed_payloads_are_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    summary = load(store, shared("exports/chatwoot"))
    assert summary.total("count_refused") == 0
    (ticket,) = rows(store, "SELECT ticket_id, status, team_id FROM tickets")
    assert ticket == {"ticket_id": "42", "status": "solved", "team_id": "1"}
    (rating,) = rows(store, "SELECT score, comment FROM ratings")
    assert rating == {"score": 5.0, "comment": "great"}
    found = rows(
        store, "SELECT author_role, is_public FROM messages WHERE kind <> 'survey' ORDER BY created_at"
    )
    assert [tuple(row.values()) for row in found] == [
        ("customer", True),
        ("agent", False),
        ("agent", True),
    ]


def test_the_last_message_alone_tells_of_no_wait(tmp_path: Path) -> None:
    """The list of conversations holds the last message of each; as the only one it would be the first reply."""
    store = Store(tmp_path)
    load(store, shared("exports/chatwoot/conversation.constructed.json"))
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 1}]
    assert rows(store, "SELECT * FROM messages") == []
