"""Files of a kind that is known and not read are refused with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loading import load, rows
from warehouse.errors import BadInput
from warehouse.store import Store

OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "__properties_version1.0".encode("utf-16-le")
FILES = {
    "tickets.xml": (
        b'<?xml version="1.0"?>\n<helpdesk-tickets><id>1</id>,<a>2</a></helpdesk-tickets>',
        "JSON or CSV",
    ),
    "one.msg": (OUTLOOK, "mbox"),
    "box.pst": (b"!BDN" + b"\0" * 600, "readpst"),
    "export.csv": (b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>", "download"),
    "answer.json": (b'HTTP/1.1 200 OK\n\n{"tickets": []}\n', "begins with"),
    "issue.csv": (b"id,_fivetran_synced,status,subject\n1,2026-01-01,3,Hello\n", "heard guide"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_known_kind_that_is_not_read_says_what_to_do(name: str, tmp_path: Path) -> None:
    content, fix = FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as error:
        load(Store(tmp_path / "store"), tmp_path / name)
    assert fix in str(error.value.fix)


def test_in_a_folder_they_are_passed_over_and_listed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, (content, _) in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "tickets.csv").write_text("ticket_id,subject,status\n1,Hello,open\n", encoding="utf-8")
    store = Store(tmp_path / "store")
    summary = load(store, folder)
    assert {name for name, _ in summary.passed} >= set(FILES)
    assert rows(store, "SELECT ticket_id FROM tickets") == [{"ticket_id": "1"}]


def test_a_cell_that_begins_with_a_bracket_makes_no_table_json(tmp_path: Path) -> None:
    text = 'ticket_id,subject,status,body\n1,Hello,open,"It says\n[error 5]\n{none}"\n'
    (tmp_path / "tickets.csv").write_text(text, encoding="utf-8")
    store = Store(tmp_path / "store")
    load(store, tmp_path / "tickets.csv")
    assert rows(store, "SELECT count(*) AS n FROM messages") == [{"n": 1}]
