"""Each story planted in the sample is found, and is not found where it is switched off."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from metrics import idea_board
from metrics.contrast.difference import difference, estimate
from metrics.ideas import ideas
from metrics.totals import Scope, totals
from pipelines.ingest import ingest
from pipelines.sample import STORIES, Expectation, Story, generate
from tests.conftest import once, shared_base
from warehouse.settings import Settings
from warehouse.store import Store, Version

END = date(2026, 11, 15)


def _store(factory: pytest.TempPathFactory, without: str) -> Store:
    """The sample without one story, loaded and heard."""

    def make(folder: Path) -> None:
        export = folder / "export"
        export.mkdir()
        generate(export, tickets=2800, without=(without,))
        ingest([export], store=Store(folder, "main"), settings=Settings())

    return Store(once(shared_base(factory) / f"without_{without}", make), "main")


def _is_found(version: Version, expected: Expectation) -> bool:
    """Whether what the story says shows beyond noise, in the direction that it says."""
    where = {name: (value,) for name, value in expected.where if name != "words"}
    start = END - timedelta(weeks=expected.weeks) + timedelta(days=1)
    if expected.change == "reaches":
        return _count(version, expected, Scope(start, END, where)) >= (expected.at_least or 0)
    now = estimate(_row(version, expected.column, Scope(start, END, where)))
    if expected.change in ("rises", "falls"):
        other = estimate(_row(version, expected.column, Scope(None, start - timedelta(days=1), where)))
    else:
        (name, values), *_ = where.items()
        everyone = version.query(f"SELECT DISTINCT {name} FROM ticket_facts ORDER BY 1")[name].to_list()
        others = tuple(one for one in everyone if one not in values)
        other = estimate(_row(version, expected.column, Scope(start, END, {**where, name: others})))
    found = difference(now, other)
    assert found is not None, "too little is measured to say anything"
    return found.low > 0 if expected.change in ("rises", "above") else found.high < 0


def _row(version: Version, column: str, scope: Scope) -> dict[str, object]:
    return totals(version, [column], scope).row(0, named=True)


def _count(version: Version, expected: Expectation, scope: Scope) -> float:
    words = dict(expected.where).get("words")
    if words is None:
        row = totals(version, [expected.column], scope).row(0, named=True)
        return round((row["value"] or 0) * row["n"])
    quotes = ideas(version, scope, limit=5000)["quote"].to_list()
    return sum(bool(re.search(words, quote, re.IGNORECASE)) for quote in quotes)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_story_is_found(story: Story, demo_store: Store) -> None:
    with demo_store.reading() as version:
        missed = [expected for expected in story.expects if not _is_found(version, expected)]
    assert missed == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_story_is_not_found_where_it_is_switched_off(
    story: Story, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with _store(tmp_path_factory, story.name).reading() as version:
        looked_for = [expected for expected in story.expects if not expected.holds_without]
        found = [expected for expected in looked_for if _is_found(version, expected)]
    assert found == []


def _themes(store: Store) -> set[str]:
    with store.reading() as version:
        return set(idea_board.board(version).names)


def test_what_the_unanswered_idea_is_about_names_a_theme(
    demo_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert {"accountant", "bookkeeper"} <= _themes(demo_store)
    assert not {"accountant", "bookkeeper"} & _themes(_store(tmp_path_factory, "unanswered_idea"))
