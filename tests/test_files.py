"""What a file holds besides itself: every sheet of a workbook, folders of mail, zips that are not what they say."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.identify import identify
from pipelines.sources import _delimited, _files
from pipelines.sources.source import Options
from tests.loading import load, rows
from warehouse.errors import BadInput, BadSettings
from warehouse.settings import load_settings
from warehouse.store import Store

TICKETS = [["ticket_id", "subject", "status"], ["1", "Seat", "open"], ["2", "Export", "solved"]]
MESSAGES = [
    ["ticket_id", "message_id", "role", "sent_at", "body"],
    ["1", "m1", "customer", "2026-03-02", "Hello?"],
]


def _workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = xlsxwriter.Workbook(path)
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(lines):
            sheet.write_row(number, 0, cells)
    book.close()
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_every_sheet_that_something_recognises_is_read_and_the_others_are_named(
    tmp_path: Path, store: Store
) -> None:
    notes = [["about", "this file"], ["made", "by hand"]]
    path = _workbook(
        tmp_path / "desk.xlsx", {"About": notes, "Tickets": TICKETS, "Words": MESSAGES, "Empty": []}
    )
    summary = load(store, path)
    assert rows(
        store, "SELECT (SELECT count(*) FROM tickets) AS t, (SELECT count(*) FROM messages) AS m"
    ) == [{"t": 2, "m": 1}]
    assert [name for name, _ in summary.passed] == ["desk.xlsx > About"]
    assert any("Not read: desk.xlsx > About" in line for line in summary.lines())


def test_what_is_refused_in_a_sheet_names_it(tmp_path: Path, store: Store) -> None:
    wrong = [*TICKETS, ["1.03006E+13", "Lost", "open"]]
    load(store, _workbook(tmp_path / "desk.xlsx", {"Tickets": wrong, "Words": MESSAGES}))
    (only,) = rows(store, "SELECT file, line FROM rejects")
    assert "Tickets" in only["file"] and only["line"] == 4


def test_a_workbook_inside_a_zip_is_read_and_a_zip_inside_a_zip_is_not(tmp_path: Path, store: Store) -> None:
    book = _workbook(tmp_path / "desk.xlsx", {"Tickets": TICKETS}).read_bytes()
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("tickets.csv", "ticket_id,subject,status\n9,x,open\n")
    for name, content in (("good.zip", book), ("nested.zip", inner.getvalue())):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("export", content)
    load(store, tmp_path / "good.zip")
    with pytest.raises(BadInput, match="zip inside a zip") as error:
        load(store, tmp_path / "nested.zip")
    assert "name the folder" in str(error.value)
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 2}]


def test_a_zip_whose_places_are_not_there_is_damaged(tmp_path: Path, store: Store) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("tickets.json", json.dumps({"tickets": []}))
    content = bytearray((tmp_path / "t.zip").read_bytes())
    place = content.index(b"PK\x01\x02") + 42
    content[place : place + 4] = b"\xf0\xff\xff\x7f"
    (tmp_path / "t.zip").write_bytes(bytes(content))
    with pytest.raises(BadInput, match="damaged or cut off"):
        load(store, tmp_path / "t.zip")


def test_a_table_of_endless_columns_is_refused_at_once(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("ticket_id,subject" + "," * (_delimited.MAX_COLUMNS + 5) + "\n1,a\n")
    with pytest.raises(BadInput, match="columns; 10,000 is the limit"):
        load(store, tmp_path / "t.csv")


def test_a_mail_that_was_read_meanwhile_is_the_same_mail(tmp_path: Path) -> None:
    folder = tmp_path / "Inbox"
    for part in ("cur", "new", ".Trash/cur", ".Trash/new", ".Sent/cur", ".Sent/new"):
        (folder / part).mkdir(parents=True)
    (folder / "new" / "1.host").write_text("From: a@b.example\nDate: x\n\nhello\n")
    (folder / ".Sent" / "cur" / "2.host:2,S").write_text("From: b@b.example\nDate: x\n\nbye\n")
    (folder / ".Trash" / "cur" / "3.host:2,S").write_text("From: c@b.example\nDate: x\n\ngone\n")
    before = _files.fingerprint(folder)
    (folder / "new" / "1.host").rename(folder / "cur" / "1.host:2,S")
    assert _files.fingerprint(folder) == before
    found, passed = _files.find([tmp_path])
    assert [path.name for path in found] == ["Inbox"] and not passed
    (job,) = identify(folder, Options(), is_named=True).jobs
    assert job.source.name == "mailbox" and _files.size_of(folder) < 100


def test_the_own_domains_are_a_list(tmp_path: Path) -> None:
    path = tmp_path / "heard.toml"
    path.write_text('[organisation]\ndomains = ["example.com", "help.example"]\n')
    assert load_settings(path).organisation.domains == ("example.com", "help.example")
    path.write_text('[organisation]\ndomains = "example.com"\n')
    with pytest.raises(BadSettings, match="list of texts"):
        load_settings(path)
