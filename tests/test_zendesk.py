"""Zendesk's JSON in every shape it comes in, read into the canonical tables."""

from __future__ import annotations

import gzip
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipelines.sources._zendesk_schedules import hours_of
from pipelines.sources._zones import NAMES as ZONES
from pipelines.sources._zones import iana
from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "zendesk"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("zendesk"))
    load(store, SAMPLE)
    return store


def _tickets() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / "tickets.ndjson").read_text(encoding="utf-8").splitlines()]


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "zendesk.json", tables(whole))


def test_handle_time_comes_from_the_field_that_the_fields_file_names(whole: Store) -> None:
    assert rows(whole, "SELECT ticket_id, handle_seconds FROM tickets WHERE handle_seconds IS NOT NULL") == [
        {"ticket_id": "1", "handle_seconds": 840.0}
    ]


def test_a_rating_stated_three_times_is_one_rating(whole: Store) -> None:
    (only,) = rows(whole, "SELECT * FROM ratings WHERE ticket_id = '1'")
    assert (only["rating_id"], only["is_positive"], only["comment"]) == ("8801", True, "Quick and kind.")
    assert only["asked_at"] < only["answered_at"]


def test_audits_date_the_rating_that_stands_on_the_ticket(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "tickets.ndjson")
    load(store, SAMPLE / "ticket_audits.ndjson")
    (only,) = rows(store, "SELECT rating_id, asked_at, answered_at FROM ratings WHERE ticket_id = '1'")
    assert only["rating_id"] == "8801"
    assert (only["asked_at"].hour, only["answered_at"].hour) == (9, 10)


def test_offered_and_unanswered_is_kept_without_a_score(whole: Store) -> None:
    found = rows(whole, "SELECT rating_id, score FROM ratings WHERE ticket_id = '2' ORDER BY rating_id")
    assert found == [{"rating_id": "survey:01ABC", "score": 2.0}]
    assert rows(whole, "SELECT score, scale_max FROM ratings WHERE ticket_id = '6'") == [
        {"score": 4.0, "scale_max": 5.0}
    ]


def test_survey_comments_are_messages_of_their_own_kind(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT ticket_id, message_id, author_role, text FROM messages WHERE kind = 'survey' ORDER BY 1",
    )
    assert [(row["ticket_id"], row["message_id"]) for row in found] == [
        ("1", "rating:8801"),
        ("2", "rating:survey:01ABC"),
    ]
    assert all(row["author_role"] == "customer" and row["text"] for row in found)


def test_roles_that_the_file_states(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT message_id, author_role FROM messages WHERE author_role IS NOT NULL AND kind <> 'survey'",
    )
    stated = {row["message_id"]: row["author_role"] for row in found}
    assert stated == {"90012": "system", "90013": "bot", "90022": "system"}


def test_the_description_is_not_a_message(whole: Store) -> None:
    assert rows(whole, "SELECT count(*) AS n FROM messages WHERE ticket_id = '1' AND kind <> 'survey'") == [
        {"n": 4}
    ]
    assert rows(whole, "SELECT count(*) AS n FROM messages WHERE ticket_id = '6'") == [{"n": 0}]


def test_tickets_that_never_count_say_why(whole: Store) -> None:
    found = rows(
        whole,
        "SELECT ticket_id, merged_into, is_deleted, is_test FROM tickets WHERE ticket_id IN ('3','4','5') ORDER BY 1",
    )
    assert [tuple(row.values()) for row in found] == [
        ("3", "1", False, False),
        ("4", None, True, False),
        ("5", None, False, True),
    ]


def test_metric_sets_complete_the_ticket(whole: Store) -> None:
    (ticket,) = rows(whole, "SELECT solved_at, first_assigned_at, brand FROM tickets WHERE ticket_id = '1'")
    assert (
        ticket["solved_at"].hour == 9
        and ticket["first_assigned_at"].minute == 5
        and ticket["brand"] == "Lantern"
    )


def _write_lines(path: Path, records: list[Any]) -> None:
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")


def _write_zip(path: Path, records: list[Any]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in random.Random(7).sample(range(len(records)), len(records)):
            archive.writestr(f"export_2026_03_06_1_{number}.json", json.dumps({"ticket": records[number]}))


SHAPES: dict[str, Callable[[Path, list[dict[str, Any]]], object]] = {
    "lines.ndjson": lambda path, records: _write_lines(path, records),
    "wrapped.ndjson": lambda path, records: _write_lines(path, [{"ticket": record} for record in records]),
    "page.json": lambda path, records: path.write_text(
        json.dumps({"tickets": records, "count": 6, "next_page": None})
    ),
    "pages.ndjson": lambda path, records: _write_lines(
        path, [{"tickets": records[:3]}, {"tickets": records[3:]}]
    ),
    "pretty.json": lambda path, records: path.write_text(json.dumps({"tickets": records}, indent=2)),
    "array.json": lambda path, records: path.write_text(json.dumps(records)),
    "pretty_array.json": lambda path, records: path.write_text(json.dumps(records, indent=1)),
    "lines.ndjson.gz": lambda path, records: path.write_bytes(
        gzip.compress("\n".join(map(json.dumps, records)).encode())
    ),
    "export.zip": lambda path, records: _write_zip(path, records),
    "bom.ndjson": lambda path, records: path.write_bytes(
        b"\xef\xbb\xbf" + "\r\n".join(map(json.dumps, records)).encode()
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_file_gives_the_same_tables(name: str, tmp_path: Path) -> None:
    plain, other = Store(tmp_path / "plain"), Store(tmp_path / "other")
    load(plain, SAMPLE / "tickets.ndjson")
    file = tmp_path / name
    SHAPES[name](file, _tickets())
    summary = load(other, file)
    assert tables(other) == tables(plain)
    assert summary.total("count_refused") == 0


def test_a_single_ticket_document_with_its_comments_beside(tmp_path: Path) -> None:
    ticket = _tickets()[0]
    comments = ticket.pop("comments")
    (tmp_path / "one.json").write_text(json.dumps({"ticket": ticket, "comments": comments}, indent=1))
    store = Store(tmp_path / "store")
    load(store, tmp_path / "one.json")
    assert rows(store, "SELECT count(*) AS n FROM messages WHERE ticket_id = '1' AND kind <> 'survey'") == [
        {"n": 4}
    ]


def test_a_newer_ticket_without_comments_erases_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "tickets.ndjson")
    newer = {**_tickets()[0], "updated_at": "2026-03-09T00:00:00Z", "status": "closed"}
    del newer["comments"]
    _write_lines(tmp_path / "newer.ndjson", [newer])
    load(store, tmp_path / "newer.ndjson")
    assert rows(store, "SELECT status FROM tickets WHERE ticket_id = '1'") == [{"status": "closed"}]
    assert rows(store, "SELECT count(*) AS n FROM messages WHERE ticket_id = '1' AND kind <> 'survey'") == [
        {"n": 4}
    ]


def test_an_older_ticket_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "tickets.ndjson")
    before = tables(store)
    _write_lines(
        tmp_path / "older.ndjson", [{**_tickets()[0], "updated_at": "2026-03-02T08:00:00Z", "status": "new"}]
    )
    summary = load(store, tmp_path / "older.ndjson")
    assert summary.published is None
    assert tables(store) == before


def test_the_same_folder_twice_publishes_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first, second = load(store, SAMPLE), load(store, SAMPLE)
    assert first.published and second.published is None
    assert "Nothing new" in second.lines()[-1]


def test_brand_names_may_come_later(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "tickets.ndjson")
    load(store, SAMPLE / "brands.json")
    assert rows(store, "SELECT DISTINCT brand FROM tickets") == [{"brand": "Lantern"}]


def test_real_api_rows_are_read(tmp_path: Path) -> None:
    folder = shared("exports/zendesk/airbyte")
    store = Store(tmp_path / "store")
    summary = load(store, folder)
    assert summary.total("count_refused") == 0
    assert rows(store, "SELECT count(*) AS n FROM tickets WHERE is_test") == [{"n": 1}]
    assert rows(store, "SELECT count(*) AS n FROM vendor_metrics") != [{"n": 0}]


@pytest.mark.parametrize(
    "name", ["go-zendesk/tickets.json", "go-zendesk/ticket.json", "justeat/testTicket.json"]
)
def test_published_payloads_are_read(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    summary = load(store, shared(f"exports/zendesk/{name}"))
    assert summary.total("count_refused") == 0
    assert rows(store, "SELECT count(*) > 0 AS is_there FROM tickets") == [{"is_there": True}]


def test_the_peer_scenario_is_read_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, shared("peer/native"))
    counts = rows(
        store,
        "SELECT (SELECT count(*) FROM tickets) AS tickets, (SELECT count(*) FROM messages WHERE kind <> 'survey') AS messages, "
        "(SELECT count(*) FROM ratings WHERE score IS NOT NULL) AS answered",
    )
    assert counts == [{"tickets": 262, "messages": 1348, "answered": 63}]


def _rated(score: str, updated_at: str) -> dict[str, Any]:
    times = {"created_at": "2026-03-01T10:00:00Z", "updated_at": updated_at}
    return {"id": 7, "requester_id": 1, "status": "solved", "satisfaction_rating": {"score": score}, **times}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_answer_stated_last_is_the_rating_whichever_file_comes_first(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    """A customer was content, changed their mind and has now been asked anew: what they said last stands."""
    states = [("good", "02"), ("bad", "05"), ("offered", "07")]
    store = Store(tmp_path / "store")
    for place in order:
        score, day = states[place]
        path = tmp_path / f"{place}.ndjson"
        path.write_text(json.dumps(_rated(score, f"2026-03-{day}T10:00:00Z")) + "\n")
        load(store, path)
    assert rows(store, "SELECT score, score_raw, is_positive FROM ratings") == [
        {"score": 0.0, "score_raw": "bad", "is_positive": False}
    ]


def test_a_rating_with_an_id_that_was_changed_is_the_changed_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    rating = {"id": 5, "ticket_id": 7, "requester_id": 1, "created_at": "2026-03-01T10:00:00Z"}
    for place, (score, day) in enumerate([("bad", "04"), ("good", "02")]):
        path = tmp_path / f"satisfaction_ratings-{place}.ndjson"
        path.write_text(json.dumps({**rating, "score": score, "updated_at": f"2026-03-{day}T10:00:00Z"}))
        load(store, path)
    (found,) = rows(store, "SELECT score, score_raw, answered_at FROM ratings")
    assert (found["score"], found["score_raw"], found["answered_at"].day) == (0.0, "bad", 4)


def test_schedules_open_from_monday_and_take_their_holidays_from_wherever_they_lie(whole: Store) -> None:
    found = rows(whole, "SELECT zone, hours, holidays FROM schedules ORDER BY schedule_id")
    assert [tuple(row.values()) for row in found] == [
        ("Europe/London", ["540-1020", "1980-2460"], ["2026-12-25"]),
        ("America/New_York", ["0-60", "7800-8640", "9240-10080"], ["2026-07-04/2026-07-05"]),
    ]


def test_a_schedule_in_a_zone_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    schedules = [
        {"id": place, "name": "Days", "time_zone": zone, "intervals": []}
        for place, zone in enumerate(["Rome", "Rom"])
    ]
    (tmp_path / "schedules.json").write_text(json.dumps({"schedules": schedules}))
    store = Store(tmp_path / "store")
    load(store, tmp_path / "schedules.json")
    assert rows(store, "SELECT zone FROM schedules") == [{"zone": "Europe/Rome"}]
    assert "'Rom', which is not known" in rows(store, "SELECT reason FROM rejects")[0]["reason"]


@pytest.mark.parametrize("interval", [(0, 10081), (60, 60), (-5, 60), ("noon", 900), (None, 900)])
def test_hours_that_are_no_part_of_a_week_are_refused(interval: tuple[Any, Any]) -> None:
    with pytest.raises(BadInput):
        hours_of([interval])


def test_targets_name_their_metric_their_policy_and_may_be_taken_away(whole: Store) -> None:
    found = rows(
        whole, 'SELECT metric, target_minutes, is_business, policy FROM sla_targets ORDER BY "at", event_id'
    )
    assert [tuple(row.values()) for row in found] == [
        ("first_reply", 60.0, True, "Standard"),
        ("periodic_update_time", 300.0, False, "Standard"),
        ("first_reply", None, None, "Gold"),
    ]


def test_audits_say_which_schedule_a_ticket_follows_from_when(whole: Store) -> None:
    found = rows(whole, 'SELECT ticket_id, "at", schedule_id FROM ticket_schedules ORDER BY "at"')
    assert [(row["ticket_id"], row["at"].minute, row["schedule_id"]) for row in found] == [
        ("1", 0, "1"),
        ("1", 20, "2"),
    ]


def test_ticket_events_are_a_history_and_give_the_export_its_stamp(whole: Store) -> None:
    found = rows(whole, "SELECT field, old, new, actor_id FROM events WHERE ticket_id = '2'")
    assert found == [{"field": "status", "old": "open", "new": "pending", "actor_id": "501"}]


def test_a_list_of_deleted_tickets_deletes_and_takes_nothing_else_away(tmp_path: Path) -> None:
    deleted = {"id": 1, "subject": "Ticket 1", "deleted_at": "2026-03-20T12:00:00Z", "previous_state": "open"}
    (tmp_path / "deleted_tickets.json").write_text(json.dumps({"deleted_tickets": [deleted]}))
    store = Store(tmp_path / "store")
    load(store, SAMPLE / "tickets.ndjson")
    load(store, tmp_path / "deleted_tickets.json")
    (found,) = rows(
        store, "SELECT status, is_deleted, agent_id, team_id, channel FROM tickets WHERE ticket_id = '1'"
    )
    assert (found["status"], found["is_deleted"]) == ("deleted", True)
    assert found["agent_id"] and found["team_id"] and found["channel"]


@pytest.mark.parametrize("name", ["statuses_first", "together"])
def test_a_custom_status_stands_for_its_category(tmp_path: Path, name: str) -> None:
    statuses = [{"id": 77, "status_category": "hold", "agent_label": "With the courier"}]
    tickets = [
        {
            "id": 9,
            "requester_id": 3,
            "custom_status_id": 77,
            "via": {},
            "status": None,
            "created_at": "2026-03-02T08:00:00Z",
        }
    ]
    if name == "together":
        (tmp_path / "page.json").write_text(json.dumps({"tickets": tickets, "custom_statuses": statuses}))
    else:
        (tmp_path / "z_custom_statuses.json").write_text(json.dumps({"custom_statuses": statuses}))
        (tmp_path / "a_tickets.json").write_text(json.dumps({"tickets": tickets}))
    store = Store(tmp_path / "store")
    load(store, tmp_path)
    assert rows(store, "SELECT status FROM tickets") == [{"status": "hold"}]


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(GMT+11:00) New Caledonia", "Pacific/Noumea"),
        ("magadan", "Asia/Magadan"),
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("../../etc/passwd", None),
        ("Atlantis", None),
        (None, None),
    ],
)
def test_zones_go_by_their_rails_name_or_their_own(name: str | None, zone: str | None) -> None:
    assert iana(name) == zone


def test_every_zone_of_the_map_is_one() -> None:
    assert len(ZONES) > 150 and {ZoneInfo(zone).key for zone in ZONES.values()} == set(ZONES.values())


@pytest.mark.parametrize(
    "file",
    [
        "go-zendesk/ticket_audits.json",
        "justeat/ticketAuditSingleResult.json",
    ],
)
def test_published_histories_are_read(tmp_path: Path, file: str) -> None:
    store = Store(tmp_path / "store")
    summary = load(store, shared(f"exports/zendesk/{file}"))
    assert summary.total("count_refused") == 0 and summary.total("count_read") > 0


def test_what_is_not_used_is_passed_over_by_name(tmp_path: Path) -> None:
    """A file that holds nothing of use stops nothing where another does."""
    store = Store(tmp_path / "store")
    summary = load(store, shared("exports/zendesk/go-zendesk/ticket_forms.json"), SAMPLE / "groups.json")
    assert "ticket forms are not used yet" in [note for file in summary.files for note in file.notes]


# What is refused, with the beginning of what is said; everything else of the folder loads by itself.
REFUSED = {
    "go-zendesk/ticket_comments.json": "Nothing in ticket_comments.json can be read. Line 1: a comment that does not say",
    "go-zendesk/ticket_fields.json": "The files hold no record",
    "go-zendesk/ticket_forms.json": "The files hold nothing that is used: ticket forms are not used yet",
    "airbyte/ticket_metric_events.ndjson": "The files hold nothing that is used: ticket metric events",
}


def test_every_published_file_loads_or_says_why_not(tmp_path: Path) -> None:
    folder = shared("exports/zendesk")
    for path in sorted(folder.glob("*/*.*json")):
        name = str(path.relative_to(folder))
        store = Store(tmp_path / name.replace("/", "-"))
        if name in REFUSED:
            with pytest.raises(BadInput) as caught:
                load(store, path)
            assert caught.value.what.startswith(REFUSED[name]) and caught.value.fix
        else:
            assert load(store, path).total("count_refused") == 0, name
