"""Files that are broken, hostile or not exports: a clear error or a reject, and the live data as it was."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.sources import _files
from tests.conftest import PROJECT
from tests.loading import load, rows, tables
from warehouse.errors import BadInput, HeardError
from warehouse.store import Store

COMMENT = {"id": 11, "author_id": 7, "public": True, "body": "Hello", "created_at": "2026-03-02T08:00:00Z"}
TICKET = {
    "id": 1,
    "status": "open",
    "requester_id": 7,
    "via": {"channel": "web"},
    "created_at": "2026-03-02T08:00:00Z",
    "updated_at": "2026-03-02T08:00:00Z",
    "comments": [COMMENT],
}


def _ticket(number: int, **changes: object) -> dict[str, object]:
    comment = {**COMMENT, "id": number * 100}
    return {**TICKET, "id": number, "comments": [comment], **changes}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that serves one ticket."""
    found = Store(tmp_path / "store")
    (tmp_path / "good.ndjson").write_text(json.dumps(TICKET))
    load(found, tmp_path / "good.ndjson")
    return found


def _zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _truncated(path: Path) -> None:
    lines = "\n".join(json.dumps(_ticket(number)) for number in range(2, 3_000))
    path.write_bytes(gzip.compress(lines.encode())[:-2_000])


def _zeros(path: Path) -> None:
    _zip(path, {"tickets.ndjson": b"0" * (100 * 2**20)})


def _locked(path: Path) -> None:
    _zip(path, {"tickets.ndjson": b"{}"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))


def _broken_zip(path: Path) -> None:
    _zip(path, {"tickets.ndjson": json.dumps(_ticket(2)).encode() * 500})
    path.write_bytes(path.read_bytes()[:-30])


def _wrong_checksum(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("tickets.ndjson", json.dumps(_ticket(2)))
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Jello"))


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.csv": (lambda path: path.write_bytes(b""), "empty"),
    "blank.ndjson": (lambda path: path.write_bytes(b"\n \n"), "empty"),
    "picture.png": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0"), "no kind of file"),
    "letter.txt": (
        lambda path: path.write_text("Dear all,\nthis is a letter.\n"),
        "no kind of file|no column",
    ),
    "other.json": (lambda path: path.write_text('{"colour": "red"}'), "no source recognises"),
    "cut.json": (lambda path: path.write_text('{"tickets": [{"id": 1, "sta'), "can not be read|no source"),
    "deep.json": (lambda path: path.write_text("[" * 100_000 + "]" * 100_000), "can not be read"),
    "tickets.ndjson.gz": (_truncated, "damaged or cut off"),
    "bomb.zip": (_zeros, "times its size"),
    "locked.zip": (_locked, "password"),
    "broken.zip": (_broken_zip, "damaged"),
    "checksum.zip": (_wrong_checksum, "damaged"),
    "nothing.zip": (lambda path: _zip(path, {}), "holds nothing|damaged"),
    "broken.xlsx": (lambda path: _zip(path, {"xl/workbook.xml": b"<no"}), "no workbook"),
    "broken.parquet": (lambda path: path.write_bytes(b"PAR1 is how it begins"), "no Parquet"),
    "utf16.json": (lambda path: path.write_bytes(json.dumps(TICKET).encode("utf-16")), "UTF-16|no kind"),
    "numbers.csv": (lambda path: path.write_text("a,b\n1,2\n3,4\n"), "no column for the ticket id"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_can_not_be_read_is_refused_and_nothing_changes(
    name: str, tmp_path: Path, store: Store
) -> None:
    make, words = REFUSED[name]
    make(tmp_path / name)
    before, live = tables(store), store.current()
    with pytest.raises(BadInput, match=words) as error:
        load(store, tmp_path / name)
    assert error.value.fix
    assert store.current() == live and tables(store) == before
    assert not list(store.folder.glob("*.partial*"))


def test_one_bad_file_of_several_publishes_nothing(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.ndjson").write_text(json.dumps(_ticket(2)))
    _truncated(folder / "b.ndjson.gz")
    live = store.current()
    with pytest.raises(BadInput, match="damaged"):
        load(store, folder)
    assert store.current() == live


def test_an_unknown_file_in_a_folder_is_passed_over_and_said(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "export"
    (folder / ".git").mkdir(parents=True)
    (folder / "a.ndjson").write_text(json.dumps(_ticket(2)))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (folder / "README.md").write_text("about")
    (folder / ".hidden").write_text("{")
    (folder / "outside").symlink_to(tmp_path / "good.ndjson")
    summary = load(store, folder)
    passed = dict(summary.passed)
    assert passed.keys() == {"picture.png", "README.md", ".hidden", "outside"}
    assert "link" in passed["outside"]
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 2}]


def test_a_path_that_is_not_there(tmp_path: Path, store: Store) -> None:
    with pytest.raises(BadInput, match="is not there"):
        load(store, tmp_path / "nowhere")


def test_broken_lines_are_kept_with_their_reason(tmp_path: Path, store: Store) -> None:
    deep = "[" * 2_000 + "]" * 2_000
    lines = [
        json.dumps(_ticket(2)),
        '{"id": 3, "status"',
        "not json at all",
        json.dumps(_ticket(3)),
        '{"id": 4, "x": ' + deep + "}",
        '["a", "list"]',
        '{"id": 5, "status": "open", "requester_id": 7, "subject": "half an emoji \\ud83d"}',
    ]
    (tmp_path / "t.ndjson").write_bytes("\n".join(lines).encode() + b'\n{"id": 6, "subject": "\xff"}\n')
    summary = load(store, tmp_path / "t.ndjson")
    found = rows(store, "SELECT line, reason, raw FROM rejects ORDER BY line")
    assert [row["line"] for row in found] == [2, 3, 5, 6, 8]
    assert all(row["reason"] and len(row["raw"]) <= 500 for row in found)
    assert summary.files[0].count_refused == 5
    assert [row["ticket_id"] for row in rows(store, "SELECT ticket_id FROM tickets ORDER BY 1")] == [
        "1",
        "2",
        "3",
        "5",
    ]


def test_a_broken_first_line_costs_that_line(tmp_path: Path, store: Store) -> None:
    lines = ['{"id": 9, "sta', *(json.dumps(_ticket(number)) for number in (2, 3))]
    (tmp_path / "t.ndjson").write_text("\n".join(lines))
    summary = load(store, tmp_path / "t.ndjson")
    assert summary.files[0].count_refused == 1
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 3}]


@pytest.mark.parametrize(
    ("broken", "lines"),
    [
        ('2,"an open quote,open', [3]),
        ("2,too,many,cells,open", [3]),
        ("2", [3]),
        ('2,"a "loose" quote",open', [3]),
        ('2,one "inch" is fine,open', []),
    ],
)
def test_one_malformed_row_costs_one_row(broken: str, lines: list[int], tmp_path: Path, store: Store) -> None:
    text = f'ticket_id,subject,status\n1,first,open\n{broken}\n3,"over\ntwo lines",open\n4,fourth,open\n'
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    load(store, tmp_path / "t.csv")
    assert [row["line"] for row in rows(store, "SELECT line FROM rejects ORDER BY line")] == lines
    there = [
        row["ticket_id"]
        for row in rows(store, "SELECT ticket_id FROM tickets WHERE source = 'tables' ORDER BY 1")
    ]
    assert there == (["1", "3", "4"] if lines else ["1", "2", "3", "4"])


def test_ids_that_a_spreadsheet_rounded(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.csv").write_text("ticket_id,subject,status\n1.03006E+13,a,open\n7,b,open\n")
    load(store, tmp_path / "t.csv")
    (only,) = rows(store, "SELECT line, reason FROM rejects")
    assert only["line"] == 2 and "rounded by a spreadsheet" in only["reason"]
    (tmp_path / "u.csv").write_text("ticket_id,subject,status\n1.03006E+13,a,open\n1.03007E+13,b,open\n")
    with pytest.raises(BadInput, match="rounded by a spreadsheet"):
        load(store, tmp_path / "u.csv")


def test_a_ticket_without_messages_and_messages_without_a_ticket(tmp_path: Path, store: Store) -> None:
    comment = {
        "ticket_id": 99,
        "id": 1,
        "author_id": 7,
        "public": True,
        "body": "alone",
        "created_at": "2026-03-02T08:00:00Z",
    }
    (tmp_path / "comments.ndjson").write_text(json.dumps(comment))
    (tmp_path / "t.ndjson").write_text(json.dumps(_ticket(2, comments=[])))
    summary = load(store, tmp_path / "comments.ndjson", tmp_path / "t.ndjson")
    assert (summary.count_waiting_messages, summary.count_tickets_without_messages) == (1, 1)


def test_a_message_of_five_megabytes_and_any_script(tmp_path: Path, store: Store) -> None:
    bodies = [
        "long " * (1 << 20),
        "👩‍👩‍👧‍👦 שלום مرحبا \u202eright to left",
        "nul \x00 and \x1b[31m red",
        "'; DROP TABLE tickets; --",
    ]
    comments = [{**COMMENT, "id": place, "body": body} for place, body in enumerate(bodies, start=1)]
    (tmp_path / "t.ndjson").write_text(json.dumps(_ticket(2, comments=comments)))
    load(store, tmp_path / "t.ndjson")
    found = rows(store, "SELECT body FROM messages WHERE ticket_id = '2' ORDER BY position")
    assert [row["body"] for row in found] == bodies


def test_names_inside_a_zip_are_never_paths(tmp_path: Path, store: Store) -> None:
    _zip(
        tmp_path / "e.zip",
        {
            "../../evil.ndjson": json.dumps(_ticket(2)).encode(),
            "/etc/evil.ndjson": json.dumps(_ticket(3)).encode(),
        },
    )
    before = set(tmp_path.parent.rglob("*evil*"))
    load(store, tmp_path / "e.zip")
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 3}]
    assert set(tmp_path.parent.rglob("*evil*")) == before == set()


def test_too_many_members_and_too_much_unpacked(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _zip(
        tmp_path / "e.zip",
        {f"{number}.json": json.dumps(_ticket(number)).encode() for number in range(1, 12)},
    )
    monkeypatch.setattr(_files, "MAX_MEMBERS", 10)
    with pytest.raises(BadInput, match="holds 11 files"):
        load(store, tmp_path / "e.zip")
    monkeypatch.undo()
    monkeypatch.setattr(_files, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(BadInput, match="would unpack"):
        load(store, tmp_path / "e.zip")


def test_a_gzip_bomb_stops_while_it_is_read(tmp_path: Path, store: Store) -> None:
    line = json.dumps(_ticket(2)) + "\n"
    with gzip.open(tmp_path / "t.ndjson.gz", "wb", compresslevel=9) as file:
        for _ in range(80):
            file.write((line + " " * (1 << 20)).encode())
    with pytest.raises(BadInput, match="times its size"):
        load(store, tmp_path / "t.ndjson.gz")


def test_field_of_a_wrong_type_is_no_fault(tmp_path: Path, store: Store) -> None:
    odd = _ticket(
        2, subject=["a"], via="web", tags="x", comments=[None, 5, {"id": 1, "public": "yes", "via": []}]
    )
    odd |= {"satisfaction_rating": 5, "metric_set": [], "custom_fields": {}, "organization_id": {}}
    strange = _ticket(3, created_at="yesterday")
    (tmp_path / "t.ndjson").write_text(
        "\n".join(map(json.dumps, [odd, strange, _ticket(4), _ticket(5, tags=[[]])]))
    )
    load(store, tmp_path / "t.ndjson")
    reasons = [row["reason"] for row in rows(store, "SELECT reason FROM rejects ORDER BY line")]
    assert "organization id" in reasons[0] and "created_at" in reasons[1]
    assert [row["ticket_id"] for row in rows(store, "SELECT ticket_id FROM tickets ORDER BY 1")] == [
        "1",
        "4",
        "5",
    ]


_CHILD = """
import sys
from pathlib import Path
from pipelines.ingest import ingest
from warehouse.settings import Settings
from warehouse.store import Store

def tell(stage, done, total):
    print(stage, done, flush=True)

ingest([Path(sys.argv[2])], store=Store(Path(sys.argv[1])), settings=Settings(), progress=tell,
       after_merge=lambda *_: tell("hearing", 0, 0))
"""


@pytest.mark.parametrize("stage", ["reading", "merging", "cleaning", "hearing"])
def test_killed_at_any_point_the_last_version_is_served(stage: str, tmp_path: Path, store: Store) -> None:
    before, live = tables(store), store.current()
    file = tmp_path / "t.ndjson"
    file.write_text("\n".join(json.dumps(_ticket(number)) for number in range(2, 4_000)))
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", _CHILD, str(store.folder.parent), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout
        for line in child.stdout:
            if line.startswith(stage):
                child.send_signal(signal.SIGKILL)
                break
        child.wait(timeout=30)
    assert child.returncode == -signal.SIGKILL
    assert store.current() == live and tables(store) == before
    load(store, file)
    assert rows(store, "SELECT count(*) AS n FROM tickets") == [{"n": 3_999}]
    assert not list(store.folder.glob("*.partial*"))


def test_a_second_writer_is_told_so(tmp_path: Path, store: Store) -> None:
    (tmp_path / "t.ndjson").write_text(json.dumps(_ticket(2)))
    draft = store.begin()
    try:
        with pytest.raises(HeardError, match="Another run"):
            load(store, tmp_path / "t.ndjson")
    finally:
        draft.discard()
    time.sleep(0)
    assert load(store, tmp_path / "t.ndjson").published
