"""What holds for every measure that is discovered, whoever adds one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from metrics import registry
from metrics.measure import GRAIN_KEYS, Measure, Signal
from metrics.text.hear import LEXICONS, lexicon_names
from metrics.text.lexicon_files import load_lexicon
from tests.conftest import PROJECT

MEASURES = registry.discover()


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_says_what_it_is(measure: Measure) -> None:
    assert measure.question.endswith("?")
    assert len(measure.rule) > 20
    assert measure.leaves_out
    assert measure.columns
    assert measure.main.total is not None
    for column in measure.columns:
        assert column.title
        assert column.about
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        if column.unit == "minutes":
            assert "minutes" in column.name


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_that_needs_more_than_tickets_says_how_to_get_it(measure: Measure) -> None:
    if len(measure.needs) > 1:
        assert measure.unlock.endswith(".")


@pytest.mark.parametrize("signal", registry.signals(), ids=lambda signal: signal.name)
def test_a_signal_states_its_worth_and_its_cues(signal: Signal) -> None:
    assert signal.opportunity
    for name in signal.lexicons:
        assert load_lexicon(LEXICONS / f"{name}.toml")


@pytest.mark.parametrize(
    "path", [LEXICONS / f"{name}.toml" for name in lexicon_names()], ids=lambda path: path.stem
)
def test_every_pattern_of_every_lexicon_can_be_read(path: Path) -> None:
    """Where they are used they are trusted, since to try them takes seconds."""
    assert load_lexicon(path)


def test_names_of_measures_and_columns_lead_to_them() -> None:
    for measure in MEASURES:
        assert registry.find(measure.name)[0] is measure
        for column in measure.columns:
            assert registry.find(column.name)[1] is column
        assert GRAIN_KEYS[measure.grain]


def test_only_the_store_opens_duckdb() -> None:
    for path in PROJECT.glob("**/*.py"):
        relative = path.relative_to(PROJECT)
        if relative.parts[0] in {".venv", "tests"} or str(relative) == "warehouse/store.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "connect"
            ):
                owner = node.func.value
                assert not (isinstance(owner, ast.Name) and owner.id == "duckdb"), f"{relative} opens DuckDB"


def test_the_app_imports_only_the_dashboard_and_what_serves_it() -> None:
    tree = ast.parse((PROJECT / "app.py").read_text(encoding="utf-8"))
    roots = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert not roots & {"metrics", "pipelines", "duckdb", "polars", "sklearn"}


def test_no_text_of_the_measuring_data_stands_in_the_project() -> None:
    import gzip
    import json

    from tests.conftest import shared

    text = "\n".join(
        path.read_text(encoding="utf-8", errors="ignore").lower()
        for folder in ("data/lexicons", "data/stock", "tests", "docs", "metrics", "pipelines", "dashboard")
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in {".toml", ".py", ".md", ".json", ".ndjson", ".csv", ".txt"}
    )
    words = re.findall(r"\w+", text)
    ours = " ".join(words)
    # Ten words are still a set phrase ("Is there anything else ...?"); eleven are somebody's.
    beginnings = set(zip(*(words[place:] for place in range(11)), strict=False))
    found = []
    for path in sorted(shared("labelled").rglob("*.jsonl.gz")):
        if path.name.startswith("vader-"):
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                texts = [row["text"]] if "text" in row else [message["text"] for message in row["messages"]]
                for theirs in texts:
                    for sentence in re.split(r"(?<=[.!?])\s+|\n", theirs.lower()):
                        said = re.findall(r"\w+", sentence)
                        if tuple(said[:11]) in beginnings and " ".join(said) in ours:
                            found.append((path.name, sentence))
    assert found == []
