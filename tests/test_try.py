"""`heard try`: any export in one page to forward, and nothing kept of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipelines.cli import main
from tests.conftest import PROJECT, shared
from tests.stores import EVIL

HOSTILE = (
    "ticket_id,subject,status,team,created_at,solved_at,author_role,message_created_at,body\n"
    + "".join(
        f'{n},"{words}",solved,"{words}",2026-03-{n:02}T10:00:00Z,2026-03-{n:02}T18:00:00Z,{role},2026-03-{n:02}T{hour}:00:00Z,"{text} {words}"\n'
        for n in range(1, 20)
        for role, hour, text in (
            ("customer", 10, "Hello. The parcel arrived broken and I am sad, write to me at jo@example.com."),
            ("agent", 11, "We can not change that, it is correct according to our records."),
            ("customer", 12, "This is horrible. I will tell everyone I know to stay away from you."),
        )
        for words in [EVIL.replace('"', '""')]
    )
)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary folders; the real store would lie beside it."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("HEARD_STORE", str(tmp_path / "store"))
    return folder


def told(path: Path) -> str:
    """The words of a report."""
    tree = LexborHTMLParser(path.read_text(encoding="utf-8"))
    assert tree.body is not None
    return " ".join(tree.body.text(separator=" ").split())


def is_self_contained(path: Path) -> bool:
    """Whether a page runs nothing and asks nobody for anything."""
    text = path.read_text(encoding="utf-8")
    tree = LexborHTMLParser(text)
    acting = tree.css("script, img, link, iframe, object, embed, form, base, audio, video, a[href]")
    return not acting and "@import" not in text and not re.search(r"url\(", text)


def test_an_export_with_ratings_becomes_one_page(tmp_path: Path, scratch: Path) -> None:
    out = tmp_path / "out.html"
    assert main(["try", str(PROJECT / "data" / "sample"), "--out", str(out)]) == 0
    words = told(out)
    assert words.startswith("Demo data: a made-up company.")
    answer = LexborHTMLParser(out.read_text()).css_first("h1").text()
    assert re.search(r"Customers tick \d+\s% satisfied; of those who did, \d+\s% left worse", answer)
    for part in (
        "Scores say", "Conversations show", "What could be read", "look fine and aren't", "Ideas nobody answered",
        "What to doubt", "How each figure is counted", "On data that others labelled", "How to go on", "heard ingest ",
    ):  # fmt: skip
        assert part in words
    assert "this week" not in words
    assert "Not told: CSAT" not in words
    assert is_self_contained(out)
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "store").exists()


def test_real_conversations_without_ratings_say_what_lacks(tmp_path: Path, scratch: Path) -> None:
    out = tmp_path / "out.html"
    assert main(["try", str(shared("real/twcs_sample.csv.gz")), "--out", str(out)]) == 0
    words = told(out)
    assert "No conversation was rated, so there is no score to compare with." in words
    assert "Not told: CSAT Export the satisfaction ratings" in words
    assert "conversations look fine and aren't can not be told" in words.lower()
    assert list(scratch.iterdir()) == []


def test_tickets_without_messages_say_what_to_export(tmp_path: Path, scratch: Path) -> None:
    export = tmp_path / "bare.csv"
    export.write_text("ticket_id,status,created_at,solved_at\n1,solved,2026-03-02T10:00Z,2026-03-02T12:00Z\n")
    out = tmp_path / "out.html"
    assert main(["try", str(export), "--out", str(out)]) == 0
    assert "All that conversations show" in told(out)
    assert "Export the tickets with their messages (comments)." in told(out)
    assert list(scratch.iterdir()) == []


def test_hostile_text_stays_text_and_personal_data_is_masked(tmp_path: Path, scratch: Path) -> None:
    export = tmp_path / "<img src=x onerror=hurt()>.csv"
    export.write_text(HOSTILE)
    out = tmp_path / "out.html"
    assert main(["try", str(export), "--out", str(out)]) == 0
    assert is_self_contained(out)
    assert "I will tell everyone I know" in told(out)
    assert "jo@example.com" not in out.read_text()
    assert "<img src=x onerror=hurt()>.csv" in told(out)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.csv", b"", "can be read"), ("b.bin", b"\x00\x01\x02" * 99, "can be read"), (None, b"", "c.csv")],
)
def test_what_can_not_be_read_is_refused_in_words(
    tmp_path: Path, scratch: Path, capsys: pytest.CaptureFixture[str], name: str | None, content: bytes, said: str
) -> None:  # fmt: skip
    export = tmp_path / (name or "c.csv")
    if name:
        export.write_bytes(content)
    assert main(["try", str(export), "--out", str(tmp_path / "out.html")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.html").exists()
    assert list(scratch.iterdir()) == []


def test_a_report_is_never_written_over_an_export(tmp_path: Path, scratch: Path) -> None:
    export = tmp_path / "a.csv"
    export.write_text(HOSTILE)
    assert main(["try", str(export), "--out", str(export)]) == 1
    assert main(["try", str(export), "--out", str(tmp_path / "nowhere" / "a.html")]) == 1
    assert export.read_text() == HOSTILE
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    arguments: Sequence[str] = ["try", str(PROJECT / "data" / "sample"), "--out", str(tmp_path / "out.html")]
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments], cwd=PROJECT, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(scratch), "HEARD_STORE": str(tmp_path / "store")},
    )  # fmt: skip
    while process.poll() is None and not list(scratch.glob("heard-try-*/*/*")):
        time.sleep(0.05)
    process.send_signal(how)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped" in complaint
    assert list(scratch.glob("heard-*")) == []
    assert not (tmp_path / "out.html").exists()
    assert not (tmp_path / "store").exists()
