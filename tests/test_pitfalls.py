"""What goes wrong with exports, one story each, that no other file of tests tells."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipelines.ingest import ingest
from tests.loading import load, rows
from warehouse.settings import Settings
from warehouse.store import Store

USERS = {"users": [{"id": 1, "role": "end-user", "name": "C"}, {"id": 9, "role": "agent", "name": "A"}]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def ticket(number: int, **more: Any) -> dict[str, Any]:
    """A Zendesk ticket of customer 1 that agent 9 answered after half an hour."""
    return {
        "id": number, "subject": f"Ticket {number}", "status": "open", "requester_id": 1, "submitter_id": 1,
        "assignee_id": 9, "group_id": None, "via": {"channel": "email"}, "tags": [], "is_public": True,
        "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T10:00:00Z",
        "comments": [
            {"id": number * 10, "author_id": 1, "public": True, "body": "Where is my parcel, please?", "created_at": "2026-03-02T09:00:00Z", "attachments": [{"id": 1}, {"id": 2}]},
            {"id": number * 10 + 1, "author_id": 9, "public": True, "body": "It arrives tomorrow.", "created_at": "2026-03-02T09:30:00Z"},
        ],
    } | more  # fmt: skip


def written(folder: Path, name: str, records: list[dict[str, Any]]) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def heard(store: Store, *paths: Path) -> Any:
    """Load with facts and signals."""
    return ingest(list(paths), store=store, settings=Settings())


def test_a_ticket_over_a_megabyte_comes_without_its_comments_and_has_no_reply_time(
    tmp_path: Path, store: Store
) -> None:
    """Zendesk leaves the comments of large tickets out. Such a ticket is counted and said; it never waits for ever."""
    large = {key: value for key, value in ticket(1).items() if key != "comments"}
    users = written(tmp_path, "users.ndjson", USERS["users"])
    summary = heard(store, written(tmp_path, "tickets.ndjson", [large, ticket(2)]), users)
    assert summary.count_tickets_without_messages == 1
    assert "1 tickets came without messages." in summary.lines()
    assert rows(store, "SELECT count(*) AS n FROM ticket_facts") == [{"n": 2}]
    assert rows(store, "SELECT ticket_id, first_reply_minutes FROM wait_facts WHERE is_first") == [
        {"ticket_id": "2", "first_reply_minutes": 30.0}
    ]
    assert rows(store, "SELECT ticket_id FROM heard") == [{"ticket_id": "2"}]


def test_a_follow_up_is_a_ticket_of_its_own(tmp_path: Path, store: Store) -> None:
    """The ticket that a closed one was followed up by is neither merged nor a reopening."""
    follow_up = ticket(2, via={"channel": "web", "source": {"from": {"ticket_id": 1}, "rel": "follow_up"}})
    closed = ticket(1, status="closed", followup_ids=[2])
    load(store, written(tmp_path, "tickets.ndjson", [closed, follow_up]))
    assert rows(store, "SELECT ticket_id, merged_into FROM tickets ORDER BY ticket_id") == [
        {"ticket_id": "1", "merged_into": None},
        {"ticket_id": "2", "merged_into": None},
    ]


def test_the_pieces_of_an_export_may_overlap_and_lie_in_their_zip_in_any_order(
    tmp_path: Path, store: Store
) -> None:
    """The second piece was written later and knows the ticket solved; it lies first in the archive."""
    older = json.dumps(ticket(1)) + "\n" + json.dumps(ticket(2)) + "\n"
    newer = json.dumps(ticket(1, status="solved", updated_at="2026-03-05T10:00:00Z")) + "\n"
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export_2026_03_31_77_10", newer)
        archive.writestr("export_2026_03_31_77_2", older)
    load(store, path)
    assert rows(store, "SELECT ticket_id, status FROM tickets ORDER BY ticket_id") == [
        {"ticket_id": "1", "status": "solved"},
        {"ticket_id": "2", "status": "open"},
    ]
    assert rows(store, "SELECT count(*) AS n FROM messages") == [{"n": 4}]


def test_messages_of_one_second_stand_in_the_order_of_their_ids(tmp_path: Path, store: Store) -> None:
    """A macro answers in the second of the question, and the file lists it first."""
    same = "2026-03-02T09:00:00Z"
    comments = [
        {"id": 12, "author_id": 9, "public": True, "body": "We have it.", "created_at": same},
        {"id": 11, "author_id": 1, "public": True, "body": "Hello, one question.", "created_at": same},
    ]
    users = written(tmp_path, "users.ndjson", USERS["users"])
    heard(store, written(tmp_path, "tickets.ndjson", [ticket(1, comments=comments)]), users)
    found = rows(store, "SELECT role FROM turns WHERE turn IS NOT NULL ORDER BY turn")
    assert [row["role"] for row in found] == ["customer", "agent"]


def test_an_agent_who_asks_is_the_customer_of_their_own_ticket(tmp_path: Path, store: Store) -> None:
    """Staff write to support too; their words are no reply to themselves."""
    own = ticket(1, requester_id=9, submitter_id=9, assignee_id=8)
    own["comments"][0]["author_id"], own["comments"][1]["author_id"] = 9, 8
    users = [*USERS["users"], {"id": 8, "role": "agent", "name": "B"}]
    heard(store, written(tmp_path, "tickets.ndjson", [own]), written(tmp_path, "users.ndjson", users))
    found = rows(store, "SELECT role FROM turns WHERE turn IS NOT NULL ORDER BY turn")
    assert [row["role"] for row in found] == ["customer", "agent"]
    assert rows(store, "SELECT first_reply_minutes AS m FROM wait_facts WHERE is_first") == [{"m": 30.0}]


def test_attachments_are_counted_and_nothing_more(tmp_path: Path, store: Store) -> None:
    load(store, written(tmp_path, "tickets.ndjson", [ticket(1)]))
    assert rows(store, "SELECT count_attachments AS n FROM messages ORDER BY message_id") == [
        {"n": 2},
        {"n": 0},
    ]


def test_each_load_keeps_the_instant_its_export_stands_for(tmp_path: Path, store: Store) -> None:
    """A page of the incremental export states its end; a later file without a stamp does not move it."""
    page = tmp_path / "page.json"
    page.write_text(
        json.dumps({"tickets": [ticket(1)], "count": 1, "end_time": 1772532000}), encoding="utf-8"
    )
    load(store, page)
    load(store, written(tmp_path, "more.ndjson", [ticket(2)]))
    found = rows(store, "SELECT file, as_of IS NOT NULL AS is_stated FROM loads ORDER BY file")
    assert found == [{"file": "more.ndjson", "is_stated": False}, {"file": "page.json", "is_stated": True}]
    assert rows(store, "SELECT value FROM meta WHERE key = 'as_of'")[0]["value"].startswith("2026-03-03")
