"""Freshdesk's table of tickets, read into the canonical tables and joined with its JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "freshdesk_csv" / "tickets.csv"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("freshdesk_csv"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(table: Store) -> None:
    golden(GOLDEN / "freshdesk_csv.json", tables(table))


def test_columns_in_hours_hold_clock_text_or_numbers(table: Store) -> None:
    found = rows(
        table,
        "SELECT ticket_id, name, calendar_minutes, business_minutes FROM vendor_metrics "
        "WHERE name IN ('first_reply', 'full_resolution') ORDER BY ALL",
    )
    assert [tuple(row.values()) for row in found] == [
        ("4101", "first_reply", 45.0, 45.0),
        ("4101", "full_resolution", None, 210.0),
        ("4106", "first_reply", 60.0, 90.0),
        ("4106", "full_resolution", None, 1625.5),
    ]


def test_what_nobody_tracked_or_rated_is_null(table: Store) -> None:
    assert rows(table, "SELECT ticket_id, handle_seconds FROM tickets WHERE handle_seconds IS NOT NULL") == [
        {"ticket_id": "4101", "handle_seconds": 4800.0}
    ]
    assert rows(table, "SELECT ticket_id, score, is_positive FROM ratings") == [
        {"ticket_id": "4101", "score": 103.0, "is_positive": True}
    ]


def test_a_label_of_the_teams_own_is_told_and_not_guessed(tmp_path: Path) -> None:
    summary = load(Store(tmp_path), SAMPLE)
    notes = " ".join(note for file in summary.files for note in file.notes)
    assert "Splendid" in notes and "times without a zone were read as UTC" in notes
    assert summary.total("count_refused") == 2


def test_times_are_placed_in_the_organisations_zone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, SAMPLE, settings=Settings(organisation=Organisation(zone="America/New_York")))
    (ticket,) = rows(store, "SELECT created_at FROM tickets WHERE ticket_id = '4101'")
    assert ticket["created_at"].isoformat() == "2026-03-02T14:00:00+00:00"


def test_the_table_and_the_json_are_the_same_tickets_and_one_rating(tmp_path: Path) -> None:
    store = Store(tmp_path)
    load(store, SAMPLE)
    load(store, GOLDEN / "freshdesk")
    assert rows(store, "SELECT DISTINCT source FROM tickets") == [{"source": "freshdesk"}]
    found = rows(store, "SELECT rating_id, score FROM ratings WHERE ticket_id = '4101' ORDER BY 1")
    assert [row["rating_id"] for row in found] == ["77000000301", "77000000301:question_77000000041"]
    (ticket,) = rows(
        store, "SELECT team, team_id, agent, agent_id, priority FROM tickets WHERE ticket_id = '4101'"
    )
    assert ticket == {
        "team": "Kettles",
        "team_id": "77000000011",
        "agent": "Noor Abel",
        "agent_id": "77000000401",
        "priority": "high",
    }


def test_the_header_alone_is_recognised_and_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no record"):
        load(Store(tmp_path), shared("exports/freshdesk/csv_export/header.csv"))
