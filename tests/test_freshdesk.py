"""Freshdesk's JSON, read into the canonical tables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.ingest import ingest
from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.settings import Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "freshdesk"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("freshdesk"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "freshdesk.json", tables(whole))


def test_a_status_of_the_teams_own_counts_by_its_settings_and_never_by_guess(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, status, status_raw FROM tickets ORDER BY ticket_id")
    told = {row["ticket_id"]: (row["status"], row["status_raw"]) for row in found}
    assert told["4102"] == ("pending", "With the courier")
    assert told["4108"] == ("hold", "Waiting on Third Party")
    assert told["4107"] == (None, "9")
    assert told["4101"] == ("closed", "Closed")


def test_the_description_is_the_first_message_and_roles_follow_the_direction(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT message_id, author_role, kind, is_public FROM messages WHERE ticket_id = '4101' "
        "ORDER BY created_at, position",
    )
    assert [tuple(row.values()) for row in found] == [
        ("description", "customer", "message", True),
        ("88000000001", "bot", "auto_reply", True),
        ("88000000002", "agent", "message", True),
        ("88000000003", "agent", "note", False),
        ("88000000004", "customer", "message", True),
        ("88000000005", "agent", "message", True),
        ("rating:77000000301", "customer", "survey", True),
    ]


def test_an_outbound_email_begins_with_the_agent(whole: Store) -> None:
    (first,) = rows(whole, "SELECT author_role, author_id FROM messages WHERE ticket_id = '4103'")
    (ticket,) = rows(whole, "SELECT opened_by_id, channel FROM tickets WHERE ticket_id = '4103'")
    assert first == {"author_role": "agent", "author_id": "77000000401"}
    assert ticket == {"opened_by_id": "77000000401", "channel": "outbound_email"}


def test_survey_words_are_heard_once_and_stand_without_a_score_where_no_rating_came(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, message_id, text FROM messages WHERE kind = 'survey' ORDER BY 1")
    assert [(row["ticket_id"], row["text"]) for row in found] == [
        ("4101", "Quick and friendly."),
        ("4106", "Nobody came."),
    ]
    (lone,) = rows(whole, "SELECT kind, score, comment FROM ratings WHERE ticket_id = '4106'")
    assert lone == {"kind": None, "score": None, "comment": "Nobody came."}


@pytest.mark.parametrize("is_rating_first", [True, False])
def test_survey_words_are_heard_once_in_any_order_of_files(tmp_path: Path, is_rating_first: bool) -> None:
    store = Store(tmp_path)
    names = ["satisfaction_ratings.json", "conversations.json"]
    for name in names if is_rating_first else names[::-1]:
        load(store, SAMPLE / name)
    found = rows(store, "SELECT message_id FROM messages WHERE kind = 'survey' AND ticket_id = '4101'")
    assert found == [{"message_id": "rating:77000000301"}]


def test_the_main_question_is_the_satisfaction_and_others_stand_beside_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    ingest([SAMPLE], store=store, settings=Settings())
    found = rows(
        store,
        "SELECT rating_id, score, is_satisfied, is_latest FROM surveys WHERE kind = 'csat' ORDER BY rating_id",
    )
    assert [tuple(row.values()) for row in found] == [
        ("77000000301", 103.0, True, True),
        ("77000000301:question_77000000041", -103.0, False, False),
        ("77000000302", 100.0, False, True),
    ]
    facts = rows(store, "SELECT ticket_id, is_satisfied FROM ticket_facts WHERE is_satisfied IS NOT NULL")
    assert {row["ticket_id"]: row["is_satisfied"] for row in facts} == {"4101": True, "4107": False}


def test_a_ticket_that_is_open_again_is_not_solved(whole: Store) -> None:
    assert rows(whole, "SELECT solved_at, closed_at FROM tickets WHERE ticket_id = '4106'") == [
        {"solved_at": None, "closed_at": None}
    ]


def test_business_hours_are_minutes_from_monday_in_an_iana_zone(whole: Store) -> None:
    found = rows(whole, "SELECT name, zone, hours FROM schedules ORDER BY schedule_id")
    assert found[0]["zone"] == "Asia/Magadan" and found[0]["hours"][:2] == ["480-1020", "1920-2460"]
    assert found[1] == {"name": "Kettles", "zone": "America/New_York", "hours": ["7200-8640", "9390-9420"]}
    assert rows(whole, "SELECT ticket_id, schedule_id FROM ticket_schedules") == [
        {"ticket_id": "4101", "schedule_id": "77000000091"}
    ]


def test_what_never_counts_says_why(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id FROM tickets WHERE is_spam OR is_deleted ORDER BY 1")
    assert [row["ticket_id"] for row in found] == ["4104", "4105"]


def test_ticket_fields_may_come_in_a_file_of_their_own_or_in_the_same_page(
    tmp_path: Path, whole: Store
) -> None:
    page = {
        "tickets": [
            json.loads(line) for line in (SAMPLE / "tickets.ndjson").read_text(encoding="utf-8").splitlines()
        ],
        "fields": json.loads((SAMPLE / "ticket_fields.json").read_text(encoding="utf-8")),
    }
    (tmp_path / "page.json").write_text(json.dumps(page), encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, tmp_path / "page.json")
    same = "SELECT ticket_id, status, status_raw, channel FROM tickets ORDER BY ticket_id"
    assert rows(store, same) == rows(whole, same)


def test_a_wrong_code_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    ratings = json.loads((SAMPLE / "satisfaction_ratings.json").read_text(encoding="utf-8"))
    ratings[0]["ratings"] = {"default_question": 7}
    (tmp_path / "ratings.json").write_text(json.dumps(ratings), encoding="utf-8")
    store = Store(tmp_path / "store")
    summary = load(store, tmp_path / "ratings.json")
    assert summary.total("count_refused") == 1
    assert [row["rating_id"] for row in rows(store, "SELECT rating_id FROM ratings")] == ["77000000302"]


def test_a_file_of_what_is_not_used_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="roles are not used"):
        load(Store(tmp_path), SAMPLE / "roles.json")


PASSED_OVER = ("role", "solution_")


def test_every_shared_sample_loads_or_says_that_it_is_not_used(tmp_path: Path) -> None:
    for file in sorted(shared("exports/freshdesk").rglob("*.*son")):
        if file.name.startswith(PASSED_OVER):
            with pytest.raises(BadInput, match="are not used"):
                load(Store(tmp_path / file.stem), file)
        else:
            summary = load(Store(tmp_path / file.stem), file)
            assert summary.total("count_read") and not summary.total("count_refused"), file.name


def test_the_shared_samples_load_together(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    shutil.copytree(shared("exports/freshdesk/airbyte"), folder)
    store = Store(tmp_path / "store")
    load(store, folder)
    assert rows(store, "SELECT count(*) AS n FROM ratings WHERE ticket_id = '23'") == [{"n": 4}]
    assert rows(store, "SELECT zone FROM schedules") == [{"zone": "Asia/Magadan"}]
