"""Salesforce's data export, read into the canonical tables."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipelines.sources import salesforce
from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "salesforce"
FIRST = "500Ab000001aaaA"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("salesforce")
    with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(SAMPLE.iterdir(), reverse=True):
            archive.write(file, file.name)
    store = Store(folder / "store")
    load(store, folder / "export.zip")
    return store


def test_the_zip_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "salesforce.json", tables(whole))


def test_a_folder_gives_the_same_as_the_zip(tmp_path: Path, whole: Store) -> None:
    store = Store(tmp_path)
    load(store, SAMPLE)
    assert tables(store) == tables(whole)


def test_ids_are_the_first_fifteen_letters_and_differ_by_case(whole: Store) -> None:
    found = {row["ticket_id"] for row in rows(whole, "SELECT ticket_id FROM tickets")}
    assert {FIRST, "500Ab000001AaaA"} <= found and all(len(one) == 15 for one in found)
    assert rows(whole, f"SELECT count(*) AS n FROM messages WHERE ticket_id = '{FIRST}'") == [{"n": 4}]


def test_open_and_closed_by_the_cases_own_mark(whole: Store) -> None:
    found = rows(whole, "SELECT status_raw, status FROM tickets ORDER BY created_at")
    assert [tuple(row.values()) for row in found] == [
        ("Closed", "closed"),
        ("Waiting for parts", "open"),
        ("Closed", "closed"),
        ("Solved elsewhere", "closed"),
    ]


def test_the_first_e_mail_is_not_heard_again_as_the_description(whole: Store) -> None:
    found = rows(
        whole,
        f"SELECT message_id, author_role, kind FROM messages WHERE ticket_id = '{FIRST}' ORDER BY created_at",
    )
    assert [tuple(row.values()) for row in found] == [
        ("02sAb000001hhhH", "customer", "message"),
        ("02sAb000001iiiI", "agent", "message"),
        ("00aAb000001mmmM", None, "note"),
        ("00aAb000001nnnN", None, "message"),
    ]
    described = rows(whole, "SELECT ticket_id FROM messages WHERE message_id = 'description' ORDER BY 1")
    assert [row["ticket_id"] for row in described] == [
        "500Ab000001AaaA",
        "500Ab000001bbbB",
        "500Ab000001gggG",
    ]


def test_owners_are_agents_or_queues(whole: Store) -> None:
    found = rows(whole, "SELECT agent_id, team_id FROM tickets ORDER BY created_at LIMIT 2")
    assert found == [
        {"agent_id": "005Ab000001eeeE", "team_id": None},
        {"agent_id": None, "team_id": "00GAb000001fffF"},
    ]
    assert [row["name"] for row in rows(whole, "SELECT name FROM teams")] == ["Heating queue"]


def test_the_history_speaks_of_owners_once_and_of_statuses_by_meaning(whole: Store) -> None:
    found = rows(whole, 'SELECT field, old, new FROM events ORDER BY "at", field')
    assert [tuple(row.values()) for row in found] == [
        ("agent", None, "005Ab000001eeeE"),
        ("team", "00GAb000001fffF", None),
        ("status", "new", "open"),
        ("status", "open", "closed"),
    ]


def test_a_merged_case_names_its_winner(whole: Store) -> None:
    found = rows(whole, "SELECT merged_into, is_deleted FROM tickets WHERE ticket_id = '500Ab000001bbbB'")
    assert found == [{"merged_into": FIRST, "is_deleted": False}]


def test_roles_by_licence_and_accounts_in_western_letters(whole: Store) -> None:
    found = rows(whole, "SELECT person_id, role FROM people ORDER BY person_id")
    assert [row["role"] for row in found] == ["customer", "agent", "customer", "bot"]
    assert rows(whole, "SELECT name, value FROM accounts") == [{"name": "Café Brand", "value": None}]


def test_what_is_not_used_and_what_is_wrong_are_told(tmp_path: Path) -> None:
    summary = load(Store(tmp_path), SAMPLE)
    notes = " ".join(note for file in summary.files for note in file.notes)
    assert "task: an object that is not used" in notes
    assert "drafts and deleted e-mails, left out: 1" in notes
    assert "e-mails that belong to no case, left out: 1" in notes
    refused = [reason for file in summary.files for _, _, reason, _ in file.refused]
    assert len(refused) == 1 and "rounded by a spreadsheet" in refused[0]


def test_it_says_that_it_was_built_from_documentation() -> None:
    assert salesforce.SOURCE.guide is not None and salesforce.SOURCE.guide.is_from_documentation


def test_a_connectors_tables_are_refused_with_what_to_do(tmp_path: Path) -> None:
    files = sorted(shared("exports/salesforce/fivetran-seeds").iterdir())
    assert files
    for file in files:
        with pytest.raises(BadInput, match="a connector wrote") as error:
            load(Store(tmp_path), file)
        assert "heard guide" in str(error.value)
