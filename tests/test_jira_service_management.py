"""Jira Service Management's CSV of all fields, read into the canonical tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "jira_service_management" / "issues.csv"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("jira"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(table: Store) -> None:
    golden(GOLDEN / "jira_service_management.json", tables(table))


def test_every_comment_column_is_a_message_split_at_the_first_two_marks(table: Store) -> None:
    found = rows(
        table,
        "SELECT author_role, body FROM messages WHERE ticket_id = 'HELP-1' ORDER BY created_at, position",
    )
    assert [tuple(row.values()) for row in found] == [
        ("customer", "It stays black; since Friday."),
        ("agent", "Please hold the power button; ten seconds."),
        ("customer", "That was it, thank you!"),
        ("agent", "Glad to hear it."),
    ]


def test_midnight_and_noon_of_a_twelve_hour_clock(table: Store) -> None:
    (ticket,) = rows(table, "SELECT created_at, updated_at FROM tickets WHERE ticket_id = 'HELP-2'")
    assert (ticket["created_at"].hour, ticket["updated_at"].hour) == (0, 12)


def test_status_by_its_name_else_by_its_category(table: Store) -> None:
    found = rows(table, "SELECT ticket_id, status, status_raw FROM tickets ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [
        ("HELP-1", "solved", "Resolved"),
        ("HELP-2", "pending", "Waiting for customer"),
        ("HELP-3", "open", "Triage"),
        ("HELP-4", "open", "Open"),
        ("HELP-5", "closed", "Closed"),
    ]


def test_what_java_prints_of_an_object_says_nothing(table: Store) -> None:
    found = rows(table, "SELECT ticket_id, account_id FROM tickets ORDER BY 1")
    assert [row["account_id"] for row in found] == ["Lind Carpentry", None, None, None, None]


def test_the_rating_has_its_own_date(table: Store) -> None:
    (only,) = rows(table, "SELECT score, scale_max, answered_at FROM ratings")
    assert (only["score"], only["scale_max"], only["answered_at"].day) == (5.0, 5.0, 3)


def test_a_broken_comment_and_an_odd_score_are_refused_with_their_line_and_cost_no_ticket(
    tmp_path: Path,
) -> None:
    summary = load(Store(tmp_path), SAMPLE)
    refused = [(line, reason) for file in summary.files for _, line, reason, _ in file.refused]
    assert [line for line, _ in refused] == [7, 8]
    assert "date;author;text" in refused[0][1] and "1 to 5" in refused[1][1]
    notes = [note for file in summary.files for note in file.notes]
    assert any("internal" in note for note in notes)


def test_overlapping_pieces_and_numbered_headers_give_the_same_messages(tmp_path: Path, table: Store) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    numbered = text.replace("Comment,Comment,Comment", "Comment,Comment_1,Comment.2", 1)
    (tmp_path / "piece.csv").write_text(numbered, encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, SAMPLE)
    load(store, tmp_path / "piece.csv")
    same = "SELECT message_id, body FROM messages ORDER BY ALL"
    assert rows(store, same) == rows(table, same)


def test_another_form_of_dates_is_asked_for_and_then_read(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8").splitlines()[0]
    row = dict.fromkeys(text.split(","), "")
    row |= {"Issue key": "HELP-9", "Summary": "Dates", "Created": "02/03/2026 09:00"}
    (tmp_path / "other.csv").write_text(f"{text}\n{','.join(row[name] for name in text.split(','))}\n")
    with pytest.raises(BadInput, match="not ISO") as error:
        load(Store(tmp_path / "store"), tmp_path / "other.csv")
    assert "--dates" in str(error.value)
    store = Store(tmp_path / "store")
    zone = Settings(organisation=Organisation(zone="Europe/Berlin"))
    load(store, tmp_path / "other.csv", date_format="%d/%m/%Y %H:%M", settings=zone)
    (ticket,) = rows(store, "SELECT created_at FROM tickets")
    assert ticket["created_at"].isoformat() == "2026-03-02T08:00:00+00:00"


def test_the_shared_excerpt_loads(tmp_path: Path) -> None:
    store = Store(tmp_path)
    summary = load(store, shared("exports/jira_service_management/csv/jira_cloud_excerpt.csv"))
    assert summary.total("count_refused") == 0
    (first, second) = rows(store, "SELECT status, status_raw FROM tickets ORDER BY ticket_id DESC")
    assert first == {"status": "open", "status_raw": "In Progress"} and second["status_raw"] == "To Do"
    assert rows(store, "SELECT count(*) AS n FROM messages") == [{"n": 2}]


def test_a_connectors_tables_are_refused_with_what_to_do(tmp_path: Path) -> None:
    files = sorted(shared("exports/jira_service_management/fivetran-seeds").iterdir())
    assert files
    for file in files:
        with pytest.raises(BadInput, match="a connector wrote") as error:
            load(Store(tmp_path), file)
        assert "heard guide" in str(error.value)
