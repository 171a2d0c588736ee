"""Zendesk's table of tickets: recognised, read with its traps, and joined with the JSON of the same tickets."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.identify import identify
from pipelines.sources.source import Options
from tests.conftest import shared
from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "zendesk_csv" / "tickets.csv"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("zendesk_csv"))
    load(store, SAMPLE)
    return store


def _lines() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, lines: list[dict[str, str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(lines)
    return path


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "zendesk_csv.json", tables(whole))


def test_the_row_with_a_rounded_id_is_refused_and_the_rest_is_read(whole: Store) -> None:
    (refused,) = rows(whole, "SELECT reason FROM rejects")
    assert refused["reason"] == "the ticket id 1.03006E+13 was rounded by a spreadsheet"
    assert rows(whole, "SELECT count(*) AS n FROM tickets") == [{"n": 6}]


def test_the_real_header_is_recognised(tmp_path: Path) -> None:
    header = shared("exports/zendesk/csv_export/full_header.csv").read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "export.csv"
    cells = {"Id": "7", "Status": "Open", "Created at": "2026-03-02 09:00"}
    row = ",".join(cells.get(name, "") for name in header.split(","))
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    (job,) = identify(path, Options(), is_named=True).jobs
    assert job.source.name == "zendesk_csv"
    store = Store(tmp_path / "store")
    load(store, path)
    assert rows(store, "SELECT source, ticket_id, status FROM tickets") == [
        {"source": "zendesk", "ticket_id": "7", "status": "open"}
    ]


def test_resolution_time_is_in_hours_and_the_others_in_minutes(whole: Store) -> None:
    found = rows(whole, "SELECT name, calendar_minutes FROM vendor_metrics WHERE ticket_id = '301'")
    stated = {row["name"]: row["calendar_minutes"] for row in found}
    assert (stated["resolution_in_whole_hours"], stated["full_resolution"]) == (2940.0, 2940.0)


@pytest.mark.parametrize(
    ("ticket_id", "score", "scale_max", "raw"),
    [("301", 1.0, 1.0, "good with comment"), ("304", None, None, "offered"), ("305", 2.0, 5.0, "2")],
)
def test_the_three_ways_of_a_satisfaction_score(
    whole: Store, ticket_id: str, score: float | None, scale_max: float | None, raw: str
) -> None:
    found = rows(whole, f"SELECT score, scale_max, score_raw FROM ratings WHERE ticket_id = '{ticket_id}'")
    assert found == [{"score": score, "scale_max": scale_max, "score_raw": raw}]


def test_not_offered_is_no_survey(whole: Store) -> None:
    assert rows(whole, "SELECT count(*) AS n FROM ratings WHERE ticket_id IN ('302', '303')") == [{"n": 0}]


def test_times_are_read_in_the_organisations_zone_and_that_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    summary = load(store, SAMPLE, settings=Settings(organisation=Organisation(zone="Europe/Berlin")))
    assert "times without a zone were read as Europe/Berlin" in summary.files[0].notes
    (found,) = rows(store, "SELECT created_at, updated_at FROM tickets WHERE ticket_id = '302'")
    # Two hours on the clock of which one is left out on the night that summer time begins.
    assert (found["created_at"].hour, found["updated_at"].hour) == (0, 1)


def test_dates_that_a_spreadsheet_turned_round_need_their_form(tmp_path: Path) -> None:
    lines = [
        {**line, "Created at": "05-03-2026 08:00", "Updated at": "06-03-2026 08:00"} for line in _lines()[:1]
    ]
    kept = [
        {key: value for key, value in line.items() if " at" not in key or key[:7] in ("Created", "Updated")}
        for line in lines
    ]
    path = _write(tmp_path / "resaved.csv", kept, ";")
    with pytest.raises(BadInput) as caught:
        load(Store(tmp_path / "store"), path)
    assert "--dates '%d-%m-%Y %H:%M' or '%m-%d-%Y %H:%M'" in caught.value.fix
    store = Store(tmp_path / "other")
    load(store, path, date_format="%d-%m-%Y %H:%M")
    (found,) = rows(store, "SELECT created_at FROM tickets")
    assert (found["created_at"].month, found["created_at"].day) == (3, 5)


def test_a_column_of_rounded_ticket_ids_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "resaved.csv", [{**line, "Id": "1.03006E+13"} for line in _lines()])
    with pytest.raises(BadInput, match="a spreadsheet rounded the column 'Id'"):
        load(Store(tmp_path / "store"), path)


def test_rounded_requester_ids_are_left_out_where_there_is_an_address(tmp_path: Path) -> None:
    lines = [{**line, "Requester id": "3.6E+11"} for line in _lines()[:3]]
    store = Store(tmp_path / "store")
    summary = load(store, _write(tmp_path / "resaved.csv", lines))
    assert "the requester ids were rounded by a spreadsheet (3.6E+11)" in summary.files[0].notes[0]
    found = rows(store, "SELECT customer_id, customer_email FROM tickets WHERE ticket_id = '301'")
    assert found == [{"customer_id": None, "customer_email": "mira@example.com"}]
    alone = [{key: value for key, value in line.items() if key != "Requester email"} for line in lines]
    with pytest.raises(BadInput, match="a spreadsheet rounded the column 'Requester id'"):
        load(Store(tmp_path / "other"), _write(tmp_path / "alone.csv", alone))


def _as_json(**changed: Any) -> dict[str, Any]:
    return {
        "id": 301,
        "via": {"channel": "email"},
        "created_at": "2026-03-02T09:00:41Z",
        "updated_at": "2026-03-04T10:15:09Z",
        "status": "solved",
        "subject": "Invoice shows two seats",
        "priority": "normal",
        "type": "question",
        "requester_id": 360000071001,
        "submitter_id": 360000071001,
        "assignee_id": 9001,
        "group_id": 41,
        "organization_id": 51,
        "tags": ["invoice"],
        "comments": [
            {
                "id": 1,
                "author_id": 360000071001,
                "body": "Two seats?",
                "public": True,
                "created_at": "2026-03-02T09:00:41Z",
            }
        ],
    } | changed


@pytest.mark.parametrize("is_csv_first", [False, True])
def test_a_newer_csv_takes_nothing_away_from_the_json(tmp_path: Path, is_csv_first: bool) -> None:
    line = {**_lines()[0], "Status": "Closed", "Updated at": "2026-03-20 08:00", "Assignee": "Noor Blom"}
    files = [tmp_path / "tickets.ndjson", _write(tmp_path / "newer.csv", [line])]
    files[0].write_text(json.dumps(_as_json()))
    store = Store(tmp_path / "store")
    for path in reversed(files) if is_csv_first else files:
        load(store, path)
    (found,) = rows(store, "SELECT * FROM tickets")
    known = {name: found[name] for name in ("agent_id", "team_id", "opened_by_id", "account_id")}
    assert known == {"agent_id": "9001", "team_id": "41", "opened_by_id": "360000071001", "account_id": "51"}
    assert (found["status"], found["agent"], found["tags"]) == ("closed", "Noor Blom", ["invoice", "seats"])
    assert found["created_at"].second == 41
    assert rows(store, "SELECT count(*) AS n FROM messages WHERE kind <> 'survey'") == [{"n": 1}]


STATES: dict[str, dict[str, Any]] = {
    "assigned": {"updated_at": "2026-03-03T08:00:00Z"},
    "unassigned": {"updated_at": "2026-03-04T08:00:00Z", "assignee_id": None, "priority": None},
    "other_team": {
        "updated_at": "2026-03-06T08:00:00Z",
        "group_id": 42,
        "assignee_id": 9002,
        "status": "open",
    },
}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_the_order_of_json_and_csv_changes_nothing(tmp_path: Path, order: tuple[int, ...]) -> None:
    """A CSV between two states of the ticket: what it does not know comes from the newest that does."""
    files = []
    for name, state in STATES.items():
        files.append(tmp_path / f"{name}.ndjson")
        files[-1].write_text(json.dumps(_as_json(**state)))
    files.append(_write(tmp_path / "t.csv", [{**_lines()[0], "Updated at": "2026-03-05 08:00"}]))
    store = Store(tmp_path / "store")
    for place in order:
        load(store, files[place])
    (found,) = rows(store, "SELECT * FROM tickets")
    assert (found["team_id"], found["agent_id"], found["status"]) == ("42", "9002", "open")
    assert (found["priority"], found["customer_email"]) == ("normal", "mira@example.com")
    assert [mark.split("@")[0] for mark in found["known_at"]] == ["customer_email"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_ticket_taken_from_its_agent_stays_so(tmp_path: Path, order: tuple[int, ...]) -> None:
    """The newest JSON says nobody has it; a still newer table that has no agent ids does not bring one back."""
    files = [tmp_path / "assigned.ndjson", tmp_path / "unassigned.ndjson"]
    for path in files:
        path.write_text(json.dumps(_as_json(**STATES[path.stem])))
    files.append(
        _write(tmp_path / "t.csv", [{**_lines()[0], "Updated at": "2026-03-05 08:00", "Assignee": "-"}])
    )
    store = Store(tmp_path / "store")
    for place in order:
        load(store, files[place])
    (found,) = rows(store, "SELECT agent_id, agent, team_id, priority FROM tickets")
    assert found == {"agent_id": None, "agent": None, "team_id": "41", "priority": "normal"}
    again = load(store, *files)
    assert again.published is None


def test_the_csv_is_no_one_elses_file() -> None:
    (job,) = identify(SAMPLE, Options(), is_named=True).jobs
    assert job.source.name == "zendesk_csv"
    for other in ("tables/tickets.csv", "tables/nps.csv"):
        (job,) = identify(GOLDEN / other, Options(), is_named=True).jobs
        assert job.source.name in ("tables", "surveys")
