"""Zendesk's tables of a warehouse, and the same tickets through them and through the JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from metrics.facts.grains import TABLES as FACTS
from pipelines.identify import identify
from pipelines.ingest import ingest
from pipelines.sources.source import Options
from tests.conftest import shared
from tests.loading import golden, load, nothing, rows, tables
from warehouse.settings import Settings
from warehouse.store import Store, query

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "fivetran_zendesk"
IDS = (
    "event_id",
    "sla_id",
    "rating_id",
)  # of changes and scores, which have ids of their own in the JSON alone
AS_OF = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("fivetran"))
    load(store, SAMPLE)
    return store


def test_the_sample_gives_the_golden_tables(whole: Store) -> None:
    golden(GOLDEN / "fivetran_zendesk.json", tables(whole))


def test_every_table_is_recognised_and_refused_rows_say_why(whole: Store) -> None:
    for path in sorted(SAMPLE.iterdir()):
        (job,) = identify(path, Options(), is_named=True).jobs
        assert job.source.name == "fivetran_zendesk", path.name
    found = rows(whole, "SELECT file, reason FROM rejects ORDER BY file")
    assert [(row["file"], row["reason"]) for row in found] == [
        ("schedule.csv", "a schedule in the time zone 'Middle of Nowhere', which is not known"),
        ("ticket_field_history.csv", "'sixty minutes' is no target of a service level"),
    ]


def test_what_lies_in_tables_of_its_own_comes_to_its_ticket(whole: Store) -> None:
    found = rows(whole, "SELECT ticket_id, tags, merged_into, brand FROM tickets ORDER BY ticket_id")
    assert [tuple(row.values()) for row in found] == [
        ("2101", ["invoice", "seats"], None, "Lantern"),
        ("2102", ["closed_by_merge"], "2101", "Lantern"),
        ("2103", [], None, "Lantern"),
        ("2104", [], None, "Lantern"),
    ]


def test_a_history_without_old_values_gets_them_in_the_order_of_time(whole: Store) -> None:
    found = rows(
        whole, "SELECT old, new FROM events WHERE field = 'agent' AND ticket_id = '2101' ORDER BY \"at\""
    )
    assert [tuple(row.values()) for row in found] == [(None, "6001"), ("6001", "6002"), ("6002", "6001")]


def test_targets_carry_their_policy_and_may_be_taken_away(whole: Store) -> None:
    found = rows(
        whole, 'SELECT metric, target_minutes, is_business, policy FROM sla_targets ORDER BY metric, "at"'
    )
    assert [tuple(row.values()) for row in found] == [
        ("agent_work", 480.0, False, "Standard"),
        ("agent_work", None, None, "Standard"),
        ("first_reply", 240.0, True, "Standard"),
        ("first_reply", 60.0, True, "Standard"),
    ]


def test_hours_begin_on_monday_and_what_wraps_is_split(whole: Store) -> None:
    found = rows(whole, "SELECT schedule_id, zone, hours, holidays FROM schedules ORDER BY schedule_id")
    assert [tuple(row.values()) for row in found] == [
        ("31", "Europe/London", ["540-1020", "1980-2460"], ["2026-04-03/2026-04-06", "2026-12-25"]),
        ("32", "America/New_York", ["0-60", "10020-10080"], None),
    ]


def test_the_comment_of_a_score_is_that_of_its_own_instant(whole: Store) -> None:
    found = rows(whole, "SELECT score, comment FROM ratings WHERE score IS NOT NULL ORDER BY answered_at")
    assert [tuple(row.values()) for row in found] == [(0.0, None), (1.0, "Sorted out after all.")]


def test_the_tables_in_any_order_one_by_one_and_twice_give_the_same(whole: Store, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    files = sorted(
        (path for path in SAMPLE.iterdir() if path.stem != "sla_policy_metric_history"), reverse=True
    )
    for start in range(4):
        load(store, *files[start::4])
    assert tables(store) == tables(whole)
    moved = tmp_path / "again.csv"
    moved.write_text((SAMPLE / "ticket_field_history.csv").read_text() + "\n")
    load(store, moved)
    assert tables(store) == tables(whole)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """The peer's tickets as JSON and as tables. The JSON lacks names of groups and organisations and which ticket
    follows which schedule, so these three tables stand beside it."""
    native, warehouse = shared("peer/native"), shared("peer/fivetran")
    beside = [warehouse / f"{name}_data.csv" for name in ("group", "organization", "ticket_schedule")]
    made = []
    for name, paths in {"native": [native, *beside], "warehouse": [warehouse]}.items():
        store = Store(tmp_path_factory.mktemp(name))
        ingest(paths, store=store, settings=Settings(), as_of=AS_OF)
        made.append(store)
    return made[0], made[1]


def _rows_of(store: Store, table: str) -> pl.DataFrame:
    """The table in one order, without the ids that a history without ids can not have."""
    with store.reading() as version:
        found = query(version.connection, f"SELECT * FROM {table}")
    kept = [name for name in found.columns if name not in IDS]
    lists = [pl.col(name).list.join("|") for name in kept if found[name].dtype == pl.List(pl.String)]
    return found.select(kept).with_columns(lists).sort(kept)


@pytest.mark.parametrize(
    "table",
    [*FACTS.values(), "status_spans", "reply_waits", "sla_targets", "ticket_schedules", "teams", "people"],
)
def test_the_same_tickets_either_way_give_identical_facts(both: tuple[Store, Store], table: str) -> None:
    native, warehouse = (_rows_of(store, table) for store in both)
    assert native.columns == warehouse.columns
    assert native.height == warehouse.height
    for name in native.columns:
        assert native[name].equals(warehouse[name], null_equal=True), name


def test_both_together_count_no_change_twice(both: tuple[Store, Store], tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for folder in ("fivetran", "native"):
        ingest([shared(f"peer/{folder}")], store=store, settings=Settings(), as_of=AS_OF, after_merge=nothing)
    for table in ("events", "sla_targets", "ratings"):
        counted = f"SELECT count(*) AS n FROM {table}"
        assert rows(store, counted) == rows(both[0], counted), table
    said = "SELECT count(*) AS n FROM messages WHERE kind <> 'survey'"
    assert rows(store, said) == rows(both[0], said)


def test_the_seeds_are_read(tmp_path: Path) -> None:
    """Rows of a real account, every table of them known."""
    folder = shared("exports/zendesk/fivetran-seeds")
    store = Store(tmp_path / "store")
    summary = load(store, folder)
    refused = rows(store, "SELECT file, count(*) AS n FROM rejects GROUP BY file")
    assert refused == []
    assert not summary.passed
    assert rows(store, "SELECT count(*) > 5 AS is_there FROM tickets") == [{"is_there": True}]
