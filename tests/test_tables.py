"""Tables of tickets, messages and survey scores in every format, encoding and way of writing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from tests.loading import golden, load, rows, tables
from warehouse.errors import BadInput
from warehouse.ledger import Ledger
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = GOLDEN / "tables"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def _records(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(records: list[dict[str, Any]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def _workbook(path: Path, records: list[dict[str, Any]]) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Tickets")
        sheet.write_row(0, 0, list(records[0]))
        for number, record in enumerate(records, start=1):
            for place, value in enumerate(record.values()):
                sheet.write_string(number, place, value)


def test_the_sample_gives_the_golden_tables(store: Store) -> None:
    load(store, SAMPLE)
    golden(GOLDEN / "tables.json", tables(store))


def test_messages_wait_for_their_ticket(store: Store) -> None:
    summary = load(store, SAMPLE)
    assert summary.count_waiting_messages == 1
    assert any("wait for their ticket" in line for line in summary.lines())


FORMATS: dict[str, Callable[[Path, list[dict[str, Any]]], object]] = {
    "t.tsv": lambda path, records: path.write_text(_text(records, "\t"), encoding="utf-8"),
    "t.txt": lambda path, records: path.write_text(_text(records, "|"), encoding="utf-8"),
    "semicolon.csv": lambda path, records: path.write_text(_text(records, ";"), encoding="utf-8"),
    "sep.csv": lambda path, records: path.write_text("sep=;\r\n" + _text(records, ";"), encoding="utf-8"),
    "bom.csv": lambda path, records: path.write_text(_text(records), encoding="utf-8-sig"),
    "utf16.csv": lambda path, records: path.write_text(_text(records), encoding="utf-16"),
    "t.ndjson": lambda path, records: path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8"),
    "t.json": lambda path, records: path.write_text(json.dumps(records, indent=1), encoding="utf-8"),
    "t.xlsx": _workbook,
    "t.parquet": lambda path, records: pl.DataFrame(records).write_parquet(path),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_tickets(name: str, tmp_path: Path, store: Store) -> None:
    other = Store(tmp_path / "other")
    load(store, SAMPLE / "tickets.csv")
    FORMATS[name](tmp_path / name, _records("tickets.csv"))
    load(other, tmp_path / name)
    assert tables(other) == tables(store)


@pytest.mark.parametrize("name", ["t.tsv", "utf16.csv", "t.xlsx", "t.parquet", "t.ndjson"])
def test_every_format_gives_the_same_messages(name: str, tmp_path: Path, store: Store) -> None:
    other = Store(tmp_path / "other")
    load(store, SAMPLE / "messages.csv")
    FORMATS[name](tmp_path / name, _records("messages.csv"))
    load(other, tmp_path / name)
    assert tables(other) == tables(store)


def test_windows_text_is_read_and_said_so(tmp_path: Path, store: Store) -> None:
    text = "ticket_id,subject,status\n1,Größe “falsch” – 5 €,open\n" + "".join(
        f"{number},plain words,open\n" for number in range(2, 300)
    )
    (tmp_path / "t.csv").write_bytes(text.encode("cp1252"))
    summary = load(store, tmp_path / "t.csv")
    assert rows(store, "SELECT subject FROM tickets WHERE ticket_id = '1'") == [
        {"subject": "Größe “falsch” – 5 €"}
    ]
    assert "read as cp1252" in summary.files[0].notes


def test_bytes_that_are_not_utf8_after_the_first_megabyte(tmp_path: Path, store: Store) -> None:
    lines = [f"{number},{'plain words ' * 10},open" for number in range(1, 12_000)] + ["12001,Grüße,open"]
    (tmp_path / "t.csv").write_bytes(("ticket_id,subject,status\n" + "\n".join(lines)).encode("cp1252"))
    load(store, tmp_path / "t.csv")
    assert rows(store, "SELECT subject FROM tickets WHERE ticket_id = '12001'") == [{"subject": "Grüße"}]


def test_columns_by_map_are_kept_under_a_name(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("Vorgang,Betreff,Status\nV1,Hallo,open\n", encoding="utf-8")
    (tmp_path / "u.csv").write_text("Vorgang,Betreff,Status\nV2,Servus,open\n", encoding="utf-8")
    (tmp_path / "v.csv").write_text("Vorgang,Betreff,Status\nV3,Moin,open\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no column for the ticket id") as error:
        load(store, tmp_path / "t.csv")
    assert "--map ticket_id=" in str(error.value)
    pairs = {"ticket_id": "Vorgang", "subject": "Betreff"}
    load(store, tmp_path / "t.csv", mapping=pairs, mapping_name="desk")
    assert Ledger(store.folder).mapping("desk") == pairs
    load(store, tmp_path / "u.csv", mapping_name="desk")
    load(store, tmp_path / "v.csv")  # the same header finds it
    assert [row["subject"] for row in rows(store, "SELECT subject FROM tickets ORDER BY ticket_id")] == [
        "Hallo",
        "Servus",
        "Moin",
    ]


def test_another_mapping_reads_the_same_file_again(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("ticket_id,Betreff,Status\nV1,Hallo,open\n", encoding="utf-8")
    load(store, tmp_path / "t.csv")
    load(store, tmp_path / "t.csv", mapping={"subject": "Betreff"})
    assert rows(store, "SELECT subject FROM tickets") == [{"subject": "Hallo"}]


@pytest.mark.parametrize(
    ("pairs", "words"),
    [({"ticket_id": "Nope"}, "no column 'Nope'"), ({"tiket_id": "Vorgang"}, "did you mean ticket_id")],
)
def test_a_wrong_mapping_says_what_to_type(
    pairs: dict[str, str], words: str, tmp_path: Path, store: Store
) -> None:
    (tmp_path / "t.csv").write_text("Vorgang,Betreff\nV1,Hallo\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        load(store, tmp_path / "t.csv", mapping=pairs)
    assert words in str(error.value)


def test_an_unknown_mapping_name_says_so(store: Store) -> None:
    with pytest.raises(BadInput, match="No mapping is kept"):
        load(store, SAMPLE / "tickets.csv", mapping_name="nothing")


def test_a_date_form_must_be_declared(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("ticket_id,subject,created_at\n1,a,03/04/2026 10:15\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        load(store, tmp_path / "t.csv")
    assert "--dates '%d/%m/%Y %H:%M' or '%m/%d/%Y %H:%M'" in str(error.value)
    load(store, tmp_path / "t.csv", date_format="%d/%m/%Y %H:%M")
    (only,) = rows(store, "SELECT created_at FROM tickets")
    assert (only["created_at"].day, only["created_at"].month) == (3, 4)


def test_one_wrong_date_costs_one_row(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text(
        "ticket_id,subject,created_at\n1,a,2026-04-03T10:15:00Z\n2,b,tomorrow\n", encoding="utf-8"
    )
    summary = load(store, tmp_path / "t.csv")
    assert (summary.files[0].count_read, summary.files[0].count_refused) == (1, 1)


def test_times_without_a_zone_are_in_the_organisations_zone(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("ticket_id,subject,created_at\n1,a,2026-07-03 10:15\n", encoding="utf-8")
    summary = load(
        store, tmp_path / "t.csv", settings=Settings(organisation=Organisation(zone="Europe/Berlin"))
    )
    (only,) = rows(store, "SELECT created_at FROM tickets")
    assert only["created_at"].isoformat() == "2026-07-03T08:15:00+00:00"
    assert "times without a zone were read as Europe/Berlin" in summary.files[0].notes


@pytest.mark.parametrize(
    ("text", "delimiter", "seconds"),
    [
        ("12,5", ";", 12.5),
        ("1.234,5", ";", 1234.5),
        ("1,234.5", ",", 1234.5),
        ("1,234", ",", 1234.0),
        ("90", ",", 90.0),
    ],
)
def test_decimal_commas(text: str, delimiter: str, seconds: float, tmp_path: Path, store: Store) -> None:
    record = {"ticket_id": "1", "subject": "a", "handle_seconds": text}
    (tmp_path / "t.csv").write_text(_text([record], delimiter), encoding="utf-8")
    load(store, tmp_path / "t.csv")
    assert rows(store, "SELECT handle_seconds FROM tickets") == [{"handle_seconds": seconds}]


def test_a_number_that_can_be_read_two_ways_is_refused(tmp_path: Path, store: Store) -> None:
    records = [
        {"ticket_id": str(n), "subject": "a", "handle_seconds": s} for n, s in enumerate(["1.234", "5"])
    ]
    (tmp_path / "t.csv").write_text(_text(records, ";"), encoding="utf-8")
    summary = load(store, tmp_path / "t.csv")
    assert "two ways" not in summary.files[0].file and summary.files[0].count_refused == 1


def test_one_file_of_both_with_a_row_a_message(tmp_path: Path, store: Store) -> None:
    records = [
        {"ticket_id": "1", "subject": "Hi", "status": "open", "role": role, "created_at": at, "body": body}
        for role, at, body in [
            ("customer", "2026-03-02T08:00:00Z", "Hello?"),
            ("agent", "2026-03-02T09:00:00Z", "Hello!"),
        ]
    ]
    (tmp_path / "t.csv").write_text(_text(records), encoding="utf-8")
    load(store, tmp_path / "t.csv")
    assert rows(store, "SELECT subject, created_at::VARCHAR AS at FROM tickets") == [
        {"subject": "Hi", "at": "2026-03-02 08:00:00+00"}
    ]
    found = rows(store, "SELECT author_role, text FROM messages ORDER BY created_at")
    assert [tuple(row.values()) for row in found] == [("customer", "Hello?"), ("agent", "Hello!")]


def test_two_columns_of_the_same_name_are_not_chosen_between(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("ticket_id,Created,Created,Subject\n1,2026-01-01,2026-01-02,a\n")
    with pytest.raises(BadInput, match="2 columns called 'Created'"):
        load(store, tmp_path / "t.csv")
    load(store, tmp_path / "t.csv", mapping={"created_at": "Created (2)"})
    (only,) = rows(store, "SELECT created_at FROM tickets")
    assert only["created_at"].day == 2


def test_survey_scores_asked_answered_and_refused(store: Store) -> None:
    summary = load(store, SAMPLE / "nps.csv")
    found = rows(store, "SELECT rating_id, ticket_id, score, answered_at FROM ratings ORDER BY rating_id")
    assert [(row["rating_id"], row["ticket_id"], row["score"]) for row in found] == [
        ("nps:1", "T-1", 9.0),
        ("nps:2", None, 3.0),
        ("nps:3", None, None),
    ]
    assert found[2]["answered_at"] is None
    assert summary.files[0].count_refused == 1
    assert "nps" in summary.capabilities and "asked" in summary.capabilities
    comments = rows(store, "SELECT ticket_id FROM messages WHERE kind = 'survey' ORDER BY 1")
    assert [row["ticket_id"] for row in comments] == ["T-1", "survey:nps:2"]


def test_scores_of_no_stated_kind_ask_for_it(tmp_path: Path, store: Store) -> None:
    (tmp_path / "results.csv").write_text("id,email,score,comment\n1,a@b.example,9,fine\n", encoding="utf-8")
    with pytest.raises(BadInput, match="of which kind") as error:
        load(store, tmp_path / "results.csv")
    assert "--map nps_score=" in str(error.value)
    load(store, tmp_path / "results.csv", mapping={"nps_score": "score"})
    assert rows(store, "SELECT kind, score FROM ratings") == [{"kind": "nps", "score": 9.0}]


def test_scores_by_words_and_by_stated_kind(tmp_path: Path, store: Store) -> None:
    (tmp_path / "results.csv").write_text(
        "id,ticket_id,survey_type,score,comment,created_at\n"
        "1,5,csat,Good,fine,2026-01-01T00:00:00Z\n2,6,ces,6,,2026-01-01T00:00:00Z\n3,7,csat,,,2026-01-02T00:00:00Z\n",
        encoding="utf-8",
    )
    load(store, tmp_path / "results.csv")
    found = rows(
        store, "SELECT rating_id, score, is_positive, asked_at IS NOT NULL AS asked FROM ratings ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("ces:2", 6.0, None, False),
        ("csat:1", 1.0, True, False),
        ("csat:3", None, None, True),
    ]


def test_the_source_of_tables_can_be_named(store: Store) -> None:
    load(store, SAMPLE / "tickets.csv", source_name="oldesk")
    assert rows(store, "SELECT DISTINCT source FROM tickets") == [{"source": "oldesk"}]


def test_times_without_a_zone_are_not_read_a_second_time_in_another(store: Store, tmp_path: Path) -> None:
    """Read so, each message would stand there twice, or half of them at the old time and half at the new one."""
    path = tmp_path / "messages.csv"
    path.write_text("ticket_id,status,sent_at,body\n1,open,2026-03-01 10:00,Hello\n")
    load(store, path)
    berlin = Settings(organisation=Organisation(zone="Europe/Berlin"))
    with pytest.raises(BadInput, match=r"loaded before with its times in UTC.*Europe/Berlin"):
        load(store, path, settings=berlin)
    assert len(rows(store, "SELECT * FROM messages")) == 1
    load(fresh := Store(tmp_path / "fresh"), path, settings=berlin)
    assert [row["created_at"].hour for row in rows(fresh, "SELECT created_at FROM messages")] == [9]


def test_times_with_a_zone_may_be_read_again_after_the_zone_was_set(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text("ticket_id,status,sent_at,body\n1,open,2026-03-01T10:00Z,Hello\n")
    load(store, path)
    load(store, path, settings=Settings(organisation=Organisation(zone="Europe/Berlin")))
    assert [row["created_at"].hour for row in rows(store, "SELECT created_at FROM messages")] == [10]


def test_another_form_of_dates_is_not_laid_over_the_first(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text("ticket_id,status,sent_at,body\n1,open,03/04/2026,Hello\n2,open,05/04/2026,Hello\n")
    load(store, path, date_format="%d/%m/%Y")
    with pytest.raises(BadInput, match="dates as %d/%m/%Y"):
        load(store, path, date_format="%m/%d/%Y")
    assert len(rows(store, "SELECT * FROM messages")) == 2


def test_a_compact_date_stands_in_the_organisations_zone_too(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("ticket_id,status,created_at\n1,open,20260301T100500\n2,open,2026-03-01T10:05:00\n")
    load(store, path, settings=Settings(organisation=Organisation(zone="America/New_York")))
    found = rows(store, "SELECT created_at FROM tickets")
    assert {row["created_at"].isoformat() for row in found} == {"2026-03-01T15:05:00+00:00"}


def test_the_id_of_a_survey_is_not_the_id_of_an_answer(store: Store, tmp_path: Path) -> None:
    """Every row of an export may name the same survey; taken for the answer's own id, one of all would be left."""
    path = tmp_path / "nps.csv"
    path.write_text("survey_id,nps_score,email,answered_at\n" + "".join(
        f"7,{score},c{score}@example.com,2026-03-01\n" for score in range(11)
    ))  # fmt: skip
    load(store, path)
    assert sorted(row["score"] for row in rows(store, "SELECT score FROM ratings")) == list(range(11))


def test_a_repeated_response_id_is_refused_and_not_laid_over_the_first(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "nps.csv"
    path.write_text("response_id,nps_score,answered_at\n1,9,2026-03-01\n1,2,2026-03-02\n2,3,2026-03-02\n")
    summary = load(store, path)
    assert summary.total("count_refused") == 1
    assert sorted(row["score"] for row in rows(store, "SELECT score FROM ratings")) == [3.0, 9.0]


def test_a_score_out_of_ten_is_not_read_on_a_scale_to_five(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "csat.csv"
    path.write_text(
        "csat_score,email,answered_at\n4/10,a@example.com,2026-03-01\n4/5,b@example.com,2026-03-01\n"
    )
    assert load(store, path).total("count_refused") == 1
    assert [row["score_raw"] for row in rows(store, "SELECT score_raw FROM ratings")] == ["4/5"]


def test_rows_that_say_nothing_new_publish_nothing_though_the_ticket_began_with_its_first_message(
    store: Store, tmp_path: Path
) -> None:
    messages, tickets, again = (tmp_path / f"{name}.csv" for name in ("messages", "tickets", "again"))
    messages.write_text("ticket_id,message_id,sent_at,body\n1,1,2026-03-01T10:00Z,Hello\n")
    tickets.write_text("ticket_id,status,created_at\n1,open,2026-03-01T10:05Z\n")
    again.write_text("ticket_id,status,created_at\n\n1,open,2026-03-01T10:05Z\n")
    load(store, messages, tickets)
    assert load(store, again).published is None
