"""What each source makes available: loaded from its own sample, and written as the table in docs/sources.md.

HEARD_GOLDEN=write writes the page anew, to be read in the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import fuzz
from metrics import registry
from metrics.measure import Capability
from pipelines.guides import briefly, enabled, measurable
from pipelines.loads import already_loaded
from pipelines.sources.source import Source, discover
from tests.conftest import PROJECT
from tests.loading import load
from warehouse.settings import Organisation, Settings
from warehouse.store import Store

PAGE = PROJECT / "docs" / "sources.md"
OURS = Settings(organisation=Organisation(domains=fuzz.DOMAINS))
READERS = [source for source in discover() if fuzz.files(source)]
NOTE = "<!-- Made by a test from what each source's sample brings: HEARD_GOLDEN=write pytest tests/test_available.py -->\n\n"
ABOUT = """# What each export can tell

Each row is what came of loading that source's sample files, all of them together; a file alone brings less
(`heard guide SYSTEM`, or *Exports* in the dashboard). A measure that is not available is left out, never counted as 0.
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """The capabilities that each source's sample brings, by the source's name."""
    return {source.name: _brought(source, tmp_path_factory.mktemp(source.name)) for source in READERS}


def _brought(source: Source, folder: Path) -> tuple[str, ...]:
    store = Store(folder)
    load(store, fuzz.GOLDEN / source.name, settings=OURS)
    return already_loaded(store).capabilities


@pytest.mark.parametrize("source", READERS, ids=lambda source: source.name)
def test_a_guide_promises_what_its_sample_brings(source: Source, found: dict[str, tuple[str, ...]]) -> None:
    """No more, or a person exports for nothing; no less, or they look for it elsewhere."""
    if source.name in ("tables", "twcs"):
        assert set(found[source.name]) <= {str(one) for one in Capability}
        return
    assert set(found[source.name]) == set(enabled(source))


def test_the_page_of_sources_says_what_loading_showed(found: dict[str, tuple[str, ...]]) -> None:
    page = NOTE + ABOUT + "\n" + "\n".join(_table(found)) + "\n"
    if os.environ.get("HEARD_GOLDEN") == "write":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def _table(found: dict[str, tuple[str, ...]]) -> list[str]:
    """A row a source, in the order of their titles: what it brings, what is measurable from it and what is not."""
    titles = [measure.title for measure in registry.discover() if measure.wing != "contrast"]
    lines = ["| source | brings | available | not available |", "|---|---|---|---|"]
    for source in sorted(READERS, key=lambda source: source.title.casefold()):
        there = set(measurable(found[source.name]))
        parts = (
            [one.replace("_", " ") for one in found[source.name]],
            briefly([title for title in titles if title in there]),
            briefly([title for title in titles if title not in there]),
        )
        lines.append(f"| {source.title} | {' | '.join(', '.join(part) or 'none' for part in parts)} |")
    return lines
