"""Zammad's JSON, read into the canonical tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "zammad"
NOT_USED = {"ticket_article_id", "time_unit"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("zammad"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "zammad.json", tables(whole))


def test_states_by_their_type_and_unknown_ones_stay_unknown(whole: Store) -> None:
    found = rows(
        whole, "SELECT ticket_id, status, status_raw, merged_into, is_deleted FROM tickets ORDER BY ticket_id"
    )
    assert [tuple(row.values()) for row in found] == [
        ("11", "closed", "closed", None, False),
        ("12", "new", "new", None, False),
        ("13", "closed", "merged", "", False),
        ("14", "deleted", "removed", None, True),
        ("15", "pending", "in the workshop", None, False),
        ("16", None, "77", None, False),
    ]


def test_the_system_user_owns_nothing(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, agent_id FROM tickets WHERE ticket_id IN ('11', '12') ORDER BY 1")
    assert [row["agent_id"] for row in found] == ["4", None]


def test_the_last_close_is_when_it_was_solved(whole: Store) -> None:
    (ticket,) = rows(whole, "SELECT closed_at FROM tickets WHERE ticket_id = '11'")
    assert ticket["closed_at"].day == 3
    (figure,) = rows(
        whole, "SELECT * FROM vendor_metrics WHERE name = 'first_resolution' AND ticket_id = '11'"
    )
    assert (figure["calendar_minutes"], figure["business_minutes"]) == (180.0, 180.0)


def test_senders_internal_notes_auto_replies_and_words_taken_down_for_the_customer(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT message_id, author_role, author_id, is_public, kind FROM messages ORDER BY message_id::INT",
    )
    assert [tuple(row.values()) for row in found] == [
        ("101", "customer", "9", True, "message"),
        ("102", "system", None, True, "message"),
        ("103", "agent", "4", True, "message"),
        ("104", "agent", "4", False, "note"),
        ("105", "customer", "9", True, "auto_reply"),
        ("106", "customer", "9", True, "message"),
        ("107", "customer", "10", True, "message"),
    ]


def test_the_signature_marker_ends_the_message(whole: Store) -> None:
    found = rows(whole, "SELECT text FROM messages WHERE message_id IN ('101', '103') ORDER BY message_id")
    assert not any(word in row["text"] for row in found for word in ("Fenn", "Kindly"))
    assert "jams after ten beans" in found[0]["text"]


def test_the_history_gives_status_and_owner(whole: Store) -> None:
    found = rows(whole, "SELECT field, old, new FROM events ORDER BY position")
    assert [tuple(row.values()) for row in found] == [
        ("agent", None, "4"),
        ("status", "new", "open"),
        ("status", "open", "closed"),
        ("status", "closed", "pending"),
        ("status", "pending", "closed"),
    ]


def test_expanded_tickets_need_no_states(tmp_path: Path) -> None:
    ticket = json.loads((SAMPLE / "tickets.json").read_text(encoding="utf-8"))[0]
    ticket |= {"state": "closed", "priority": "3 high", "group": "Grinders", "owner": "jon@desk.example"}
    (tmp_path / "expanded.json").write_text(json.dumps([ticket]), encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, tmp_path / "expanded.json")
    assert rows(store, "SELECT status, priority, team FROM tickets") == [
        {"status": "closed", "priority": "3 high", "team": "Grinders"}
    ]


def test_tickets_without_their_states_say_what_to_load(tmp_path: Path) -> None:
    summary = load(Store(tmp_path), SAMPLE / "tickets.json")
    assert any("expand=true" in note for file in summary.files for note in file.notes)


def test_the_documentations_samples_are_refused_with_what_to_do(tmp_path: Path) -> None:
    files = sorted(shared("exports/zammad/docs").iterdir())
    assert files
    for file in files:
        with pytest.raises(BadInput) as error:
            load(Store(tmp_path), file)
        assert error.value.fix, file.name
        if file.read_text(encoding="utf-8").startswith("# HTTP"):
            assert "the file begins with" in error.value.fix or "export" in error.value.fix, file.name


def test_the_documentations_samples_load_once_they_are_json(tmp_path: Path) -> None:
    """Without the line above and the elisions they are what the API gives."""
    loaded = 0
    for file in sorted(shared("exports/zammad/docs").iterdir()):
        text = re.sub(r",\s*\.\.\.\s*", "", re.sub(r"^#.*\n", "", file.read_text(encoding="utf-8")))
        try:
            value = json.loads(text)
        except ValueError:
            continue
        first = value[0] if isinstance(value, list) and value else value
        if (
            not isinstance(first, dict)
            or not {"id", "created_at"} <= first.keys()
            or first.keys() >= NOT_USED
        ):
            continue
        path = tmp_path / f"{file.name.split('.')[0]}.json"
        path.write_text(text, encoding="utf-8")
        store = Store(tmp_path / f"{path.stem}_store")
        summary = load(store, path)
        assert summary.total("count_refused") == 0 and summary.total("count_read"), file.name
        loaded += 1
    assert loaded >= 8
