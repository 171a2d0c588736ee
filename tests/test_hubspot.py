"""HubSpot's objects and tables, read into the canonical tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.loading import golden, load, rows, tables
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "hubspot"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("hubspot"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "hubspot.json", tables(whole))


def test_stages_mean_what_their_pipeline_says_and_else_nothing(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, status, status_raw FROM tickets ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [
        ("7001", "closed", "Lamp lit"),
        ("7002", "open", "In the lab"),
        ("7003", None, "123456"),
        ("7004", "new", "New"),
        ("7101", "pending", "Waiting on contact (Support)"),
        ("7102", "closed", "Lamp lit (Support)"),
        ("7103", None, "Somewhere"),
    ]


def test_times_are_iso_or_milliseconds_in_text(whole: Store) -> None:
    found = rows(whole, "SELECT created_at, updated_at, closed_at FROM tickets WHERE ticket_id = '7002'")
    assert [str(value) for value in found[0].values()] == [
        "2026-03-02 09:00:00+00:00",
        "2026-03-03 09:00:00+00:00",
        "None",
    ]


def test_roles_by_actor_and_nothing_of_what_only_changed(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT message_id, author_role, author_id, kind FROM messages WHERE ticket_id = '7001' "
        "AND kind <> 'survey' ORDER BY created_at",
    )
    assert [tuple(row.values()) for row in found] == [
        ("m1", "customer", "801", "message"),
        ("m2", "bot", "1", "message"),
        ("m3", "agent", "51", "message"),
        ("m4", "agent", "51", "note"),
        ("m6", "customer", "lex@customer.example", "message"),
    ]


def test_e_mails_and_notes_on_their_tickets_and_the_description_of_a_form(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT message_id, author_role, is_public FROM messages WHERE ticket_id = '7002' "
        "AND kind <> 'survey' ORDER BY created_at",
    )
    assert [tuple(row.values()) for row in found] == [
        ("description", "customer", True),
        ("4001", "agent", True),
        ("4002", "customer", True),
        ("4004", "agent", False),
    ]


def test_the_history_of_properties_gives_events_in_order(whole: Store) -> None:
    found = rows(whole, 'SELECT field, old, new FROM events ORDER BY field, "at"')
    assert [tuple(row.values()) for row in found] == [
        ("agent", None, None),
        ("agent", None, "51"),
        ("status", None, "new"),
        ("status", "new", "open"),
        ("status", "open", "closed"),
    ]


def test_surveys_by_kind_with_hubspots_own_sign_for_csat(whole: Store) -> None:
    found = rows(
        whole, "SELECT rating_id, score, scale_max, is_positive, is_higher_better FROM ratings ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("ces:515", 6.0, 7.0, None, True),
        ("csat:512", 2.0, None, True, None),
        ("csat:513", 1.0, None, False, None),
        ("csat:517", 4.0, None, None, None),
        ("nps:514", 9.0, 10.0, None, None),
    ]


def test_what_is_left_out_and_refused_is_told(tmp_path: Path) -> None:
    summary = load(Store(tmp_path), SAMPLE)
    notes = " ".join(note for file in summary.files for note in file.notes)
    for told in ("conversations without a ticket", "not sent", "custom surveys", "without a response group"):
        assert told in notes, told
    assert "calls and meetings are not used" in notes
    assert [reason for file in summary.files for _, _, reason, _ in file.refused] == [
        "the NPS score 11 lies outside 0 to 10"
    ]


def test_the_table_alone_gives_tickets_with_their_descriptions(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "table.csv", tmp_path / "table.csv")
    store = Store(tmp_path / "store")
    load(store, tmp_path / "table.csv")
    found = rows(
        store,
        "SELECT ticket_id, customer_id, account_id, agent, calendar_minutes FROM tickets "
        "LEFT JOIN vendor_metrics USING (source, ticket_id) ORDER BY 1",
    )
    assert [tuple(row.values()) for row in found] == [
        ("7101", "801", "901", "Ada Moor", None),
        ("7102", "802", None, "Ada Moor", 1530.0),
        ("7103", None, None, None, None),
    ]
    assert rows(store, "SELECT count(*) AS n FROM messages WHERE author_role = 'customer'") == [{"n": 2}]
