"""A large document that is one list is read piece by piece, and gives what it gives as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import _json
from pipelines.sources._files import Member
from warehouse.errors import BadInput

USERS = [
    {"id": number, "name": f"user {number} ☃", "note": "},\n{ ]}" * (number % 3)} for number in range(1_700)
]


def _document(path: Path, users: list[Any], ends: str = "\n]}\n") -> Member:
    path.write_text('{"users": [\n' + ",\n".join(map(json.dumps, users)) + ends, encoding="utf-8")
    return Member(path)


@pytest.fixture
def small_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document over 4 kB counts as large."""
    monkeypatch.setattr(_json, "HEAD_BYTES", 4096)


def _users(values: list[Any]) -> list[Any]:
    return [user for page in values for user in page["users"]]


@pytest.mark.parametrize("ends", ["\n]}\n", "\n]}", "\n]\n}\n", "\r\n] }"])
def test_pages_are_the_document(tmp_path: Path, small_head: None, ends: str) -> None:
    member = _document(tmp_path / "users.json", USERS, ends)
    pages = list(_json.records(member))
    assert len(pages) == 4 and [page.line for page in pages] == [2, 502, 1002, 1502]
    assert _users([page.value for page in pages]) == USERS
    blocks = [block.value(place) for block in _json.blocks(member) for place in range(len(block))]
    assert _users(blocks) == USERS


@pytest.mark.parametrize(
    "ends", ['\n], "end_time": 1}', '\n],\n"groups": []}', ",\n1]}", ",\n[]]}", "}\n]}"], ids=range(5)
)
def test_anything_else_is_read_whole(tmp_path: Path, small_head: None, ends: str) -> None:
    member = _document(tmp_path / "users.json", USERS, ends)
    text = (tmp_path / "users.json").read_bytes()
    try:
        whole = json.loads(text)
    except ValueError:
        with pytest.raises(BadInput, match="can not be read"):
            list(_json.records(member))
        return
    (record,) = _json.records(member)
    assert record.line == 1 and record.value == whole


@pytest.mark.parametrize("ends", ["", ",\n]}", "\n]", "\n]}\n{}", ',\n{"id": ]}\n]}'], ids=range(5))
def test_a_document_that_is_cut_off_or_broken_is_refused(tmp_path: Path, small_head: None, ends: str) -> None:
    member = _document(tmp_path / "users.json", USERS, ends)
    for read in (_json.records, _json.blocks):
        with pytest.raises(BadInput, match="can not be read"):
            list(read(member))
