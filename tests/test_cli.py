"""The command line as a person uses it: real processes, real stores."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines import export
from pipelines.cli import parser
from pipelines.terminal import visible
from tests.conftest import PROJECT, shared
from warehouse.errors import HeardError
from warehouse.store import Store


def heard(*arguments: str | Path, store: Path, code: int = 0) -> str:
    """What `heard` prints; fails with its words where the exit code is another."""
    result = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "HEARD_STORE": str(store)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


def _root(store: Store) -> Path:
    return store.folder.parent


def test_every_verb_has_help() -> None:
    said = parser().format_help()
    for name, action in parser()._subparsers._group_actions[0].choices.items():  # type: ignore[union-attr]
        assert name in said and f"heard {name}" in action.format_help()
        assert action.description
        for option in action._actions:
            assert option.help or option.metavar or option.choices or option.type


def test_real_conversations_from_export_to_marked_sentence(tmp_path: Path) -> None:
    printed = heard("ingest", shared("real/twcs_sample.csv.gz"), store=tmp_path)
    assert "Published" in printed
    assert "2 refused" in printed
    names = ["sentiment_shift", "would_recommend", "unheard_suggestion", "first_reply_time"]
    rows = json.loads(heard("measure", *names, "--format", "json", store=tmp_path))
    assert {row["measure"] for row in rows} == set(names)
    hours = [row for row in rows if "business" in row["column"]]
    assert [row["value"] for row in hours] == [None], "no schedule is known, so no business minutes are"
    for row in rows:
        if row in hours:
            continue
        assert row["n"] > 0
        assert 0 < row["coverage"] <= 1
        assert row["low"] <= row["value"] <= row["high"]
    with Store(tmp_path).reading() as version:
        ticket = version.query(
            "SELECT ticket_id FROM evidence WHERE measure = 'unheard_suggestion' AND kind = 'found' ORDER BY ALL LIMIT 1"
        ).item()
    marked = heard("read", ticket, store=tmp_path)
    assert "[[" in marked
    assert "Evidence:" in marked


def test_the_sample_twice_merges_nothing_and_says_so(demo_store: Store) -> None:
    before = demo_store.current()
    printed = heard("ingest", "data/sample", "--store", "demo", store=_root(demo_store))
    assert "othing new" in printed
    assert demo_store.current() == before


def test_measures_by_team_add_up(demo_store: Store) -> None:
    by_team = json.loads(
        heard(
            "measure",
            "count_tickets",
            "--by",
            "team",
            "--store",
            "demo",
            "--format",
            "json",
            store=_root(demo_store),
        )
    )
    whole = json.loads(
        heard("measure", "count_tickets", "--store", "demo", "--format", "json", store=_root(demo_store))
    )
    assert sum(row["value"] for row in by_team) == whole[0]["value"]
    assert len(by_team) == 6
    one = by_team[0]["team"]
    alone = json.loads(
        heard(
            "measure",
            "count_tickets",
            "--where",
            f"team={one}",
            "--store",
            "demo",
            "--format",
            "json",
            store=_root(demo_store),
        )
    )
    assert alone[0]["value"] == by_team[0]["value"]


def test_demo_data_say_so_wherever_they_are_printed(demo_store: Store, tmp_path: Path) -> None:
    root = _root(demo_store)
    assert "Demo data" in heard("measure", "csat", "--store", "demo", store=root)
    assert "demo" in heard("measure", "csat", "--store", "demo", "--format", "csv", store=root)
    heard("export", "facts", "--store", "demo", "--out", tmp_path / "facts.parquet", store=root)
    facts = pl.read_parquet(tmp_path / "facts.parquet")
    assert facts["store"].unique().to_list() == ["demo"]
    assert not {"ticket_number", "customer_number"} & set(facts.columns)  # of one version alone
    heard("digest", "--week", "2026-W46", "--store", "demo", "--out", tmp_path, store=root)
    for path in (tmp_path / "heard-2026-W46.html", tmp_path / "heard-2026-W46.md"):
        assert "Demo data" in path.read_text(encoding="utf-8")


def test_the_same_week_twice_gives_the_same_bytes(demo_store: Store, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        heard(
            "digest",
            "--week",
            "2026-W45",
            "--store",
            "demo",
            "--out",
            tmp_path / folder,
            store=_root(demo_store),
        )
    for ending in ("html", "md"):
        first, second = (
            (tmp_path / folder / f"heard-2026-W45.{ending}").read_bytes() for folder in ("one", "two")
        )
        assert first == second


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("measure", "csta", "--store", "demo"), "did you mean csat"),
        (("measure", "--store", "demo"), "heard measure --list"),
        (("measure", "csat", "--by", "moon", "--store", "demo"), "team"),
        (("measure", "csat", "--where", "team", "--store", "demo"), "--where name=value"),
        (("measure", "csat", "--where", "team=Moon", "--store", "demo"), "Deliveries"),
        (("read", "no-such-ticket", "--store", "demo"), "no conversation"),
        (("digest", "--week", "2026-W99", "--store", "demo"), "2026-W99"),
        (("export", "facts", "--out", "facts.doc", "--store", "demo"), ".parquet"),
        (("ingest", "no/such/file", "--store", "demo"), "no/such/file"),
        (("status", "--store", "empty"), "heard ingest"),
        (("rollback", "--store", "empty"), "no version"),
        (("ingest", "README.md", "--as-of", "yesterday", "--store", "demo"), "--as-of"),
        (("sample", "--out", "x", "--without", "no_story"), "sour_team"),
    ],
)
def test_a_mistake_is_answered_with_what_to_type(
    demo_store: Store, arguments: tuple[str, ...], words: str
) -> None:
    said = heard(*arguments, store=_root(demo_store), code=1)
    assert words in said
    assert "Traceback" not in said


def test_doctor_finds_a_loaded_store_well(demo_store: Store) -> None:
    assert "MEND" not in heard("doctor", "--store", "demo", store=_root(demo_store))


def test_status_says_what_is_loaded_and_left_out(demo_store: Store) -> None:
    said = heard("status", "--store", "demo", store=_root(demo_store))
    assert "Left out: " in said
    assert "nps.csv" in said


HOSTILE = ['=HYPERLINK("http://example.com")', "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "plain", "\r=1"]


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    frame = pl.DataFrame({"words": HOSTILE, "number": [-1.5] * len(HOSTILE)})
    export.write(frame, tmp_path / "out.xlsx", store="main")
    export.write(frame, tmp_path / "out.csv", store="main")
    export.write(frame, tmp_path / "out.parquet", store="main")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        for row, said in zip(csv.DictReader(lines), HOSTILE, strict=True):
            assert row["words"] == (said if said == "plain" else "'" + said)
            assert row["number"] == "-1.5"
    assert pl.read_parquet(tmp_path / "out.parquet")["words"].to_list() == HOSTILE


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(HeardError, match="folder"):
        export.write(pl.DataFrame({"a": [1]}), tmp_path / "none" / "out.csv", store="main")
    with pytest.raises(HeardError, match="which kind"):
        export.write(pl.DataFrame({"a": [1]}), tmp_path / "out.doc", store="main")
    assert list(tmp_path.iterdir()) == []


def test_ticket_text_has_no_power_over_the_terminal() -> None:
    assert visible("\x1b[2Jgone\u202eabc\x07 ok\n") == "<U+001B>[2Jgone<U+202E>abc<U+0007> ok\n"
