"""Finding the conversations behind a number, reading one, and the ideas in them."""

from __future__ import annotations

from datetime import date

import pytest

from metrics import conversations, ideas, registry, totals
from metrics.conversations import Sought
from metrics.coverage import coverage
from metrics.quotes import quotes
from metrics.totals import Scope
from tests.stores import fill
from warehouse.errors import NoData
from warehouse.store import Store, Version

EVERYTHING = Scope(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    """A published store of 250 conversations in five sorts."""
    root = tmp_path_factory.mktemp("store")
    fill(root, "main")
    return Store(root, "main").open_version()


@pytest.mark.parametrize(
    "column",
    [
        "left_worse",
        "left_better",
        "said_would_recommend",
        "would_warn_others",
        "is_satisfied",
        "looks_fine_isnt",
    ],
)
def test_the_list_behind_a_share_is_as_long_as_the_share_says(version: Version, column: str) -> None:
    """Yes and no make up the n of the share, and yes makes up its value."""
    row = totals.totals(version, [column], EVERYTHING).to_dicts()[0]
    yes = conversations.count(version, EVERYTHING, Sought(column, "yes"))
    no = conversations.count(version, EVERYTHING, Sought(column, "no"))
    assert yes > 0
    assert yes + no == row["n"] == conversations.count(version, EVERYTHING, Sought(column))
    assert yes / row["n"] == pytest.approx(row["value"])


def test_a_scope_is_dated_and_filtered_as_the_total_is(version: Version) -> None:
    """Team and days cut the list and the total alike."""
    scope = Scope(date(2026, 10, 1), date(2026, 10, 31), {"team": ("Billing",)})
    for column in ("is_satisfied", "mood_shift"):
        row = totals.totals(version, [column], scope).to_dicts()[0]
        assert conversations.count(version, scope, Sought(column)) == row["n"] > 0
    found = conversations.find(version, scope, Sought("mood_shift"), limit=500)
    assert set(found["team"]) == {"Billing"}
    assert min(found["dated_on"]) >= date(2026, 10, 1) and max(found["dated_on"]) <= date(2026, 10, 31)


def test_numbers_come_worst_first(version: Version) -> None:
    """Where more is better the lowest value comes first."""
    values = conversations.find(version, EVERYTHING, Sought("mood_shift"), limit=500)["value"].to_list()
    assert values == sorted(values)


def test_pages_of_a_list_hold_each_conversation_once(version: Version) -> None:
    """Offsets cut the list without overlap, and every page knows the whole length."""
    pages = [conversations.find(version, EVERYTHING, limit=100, offset=offset) for offset in (0, 100, 200)]
    ids = [ticket_id for page in pages for ticket_id in page["ticket_id"]]
    assert len(ids) == len(set(ids)) == 250
    assert {count for page in pages for count in page["count_all"]} == {250}


def test_words_are_looked_for_as_words(version: Version) -> None:
    """Any case, no pattern: signs of a pattern are only signs."""
    assert conversations.count(version, EVERYTHING, Sought(text="DARK MODE")) == 50
    for nothing in ("dark%mode", "dark_mode", "'; DROP TABLE turns; --"):
        assert conversations.count(version, EVERYTHING, Sought(text=nothing)) == 0


def test_an_unknown_dimension_never_reaches_the_query(version: Version) -> None:
    """Names come from a fixed list."""
    with pytest.raises(ValueError, match="not a dimension"):
        conversations.find(version, Scope(where={"team = team --": ("x",)}))
    with pytest.raises(ValueError, match="not a dimension"):
        conversations.values(version, "1; DROP TABLE turns")
    with pytest.raises(NoData):
        conversations.find(version, EVERYTHING, Sought("1 = 1"))


def test_the_quote_speaks_for_the_number(version: Version) -> None:
    """A list by a signal quotes that signal's evidence; a list of everything quotes something of each."""
    found = conversations.find(version, EVERYTHING, Sought("would_warn_others", "yes"), limit=10)
    assert set(found["quote_measure"]) == {"would_recommend"}
    assert all("stay away" in quote for quote in found["quote"])
    assert conversations.find(version, EVERYTHING, limit=100)["quote"].null_count() == 0


def test_neighbours_follow_the_list(version: Version) -> None:
    """Previous and next are the rows before and after; one that is not listed has none."""
    sought = Sought("left_worse", "yes")
    rows = conversations.find(version, EVERYTHING, sought, limit=500).select("source", "ticket_id").rows()
    middle = conversations.place(version, EVERYTHING, sought, *rows[1])
    assert (middle.number, middle.count) == (2, len(rows))
    assert (middle.previous, middle.following) == (rows[0], rows[2])
    assert conversations.place(version, EVERYTHING, sought, *rows[0]).previous is None
    assert conversations.place(version, EVERYTHING, sought, *rows[-1]).following is None
    absent = conversations.place(version, EVERYTHING, sought, "desk", "1000")
    assert (absent.number, absent.previous, absent.following) == (None, None, None)


def test_a_reading_holds_each_span_as_it_stands_in_its_message(version: Version) -> None:
    """Every span of evidence of every conversation of a page is the words between its ends."""
    for source, ticket_id in (
        conversations.find(version, EVERYTHING, limit=40).select("source", "ticket_id").rows()
    ):
        reading = conversations.read(version, ticket_id, source)
        assert [turn.turn for turn in reading.turns] == [0, 1, 2]
        for turn in reading.turns:
            for span in turn.spans:
                assert span.quote == turn.text[span.start : span.end] != ""


def test_a_reading_says_what_became_of_an_idea(version: Version) -> None:
    """The idea and the reply that passed over it are marked, in words."""
    row = ideas.ideas(version, EVERYTHING, "passed_over", limit=1).to_dicts()[0]
    words = [span.words for span in conversations.read(version, row["ticket_id"]).spans]
    assert "idea, passed over" in words and "passed over the idea" in words


def test_what_was_measured_of_a_conversation_is_said(version: Version) -> None:
    """The figures of a reading are those of its facts, null ones left out."""
    found = conversations.find(version, EVERYTHING, Sought("left_worse", "yes"), limit=1).to_dicts()[0]
    said = {column: words for column, _, words in conversations.read(version, found["ticket_id"]).figures}
    assert said["left_worse"] == "yes" and said["left_better"] == "no"
    assert "is_reopened" not in said  # without status events nobody knows


def test_a_survey_comment_is_a_conversation_of_its_own(version: Version) -> None:
    """It is found by its words, read by its id, and its score stands above it."""
    found = conversations.find(
        version, EVERYTHING, Sought("nps_net", text="weekend support"), limit=1
    ).to_dicts()[0]
    assert found["ticket_id"].startswith("survey:")
    reading = conversations.read(version, found["ticket_id"], found["source"])
    assert [turn.kind for turn in reading.turns] == ["survey"]
    assert [survey.kind for survey in reading.surveys] == ["nps"]


def test_a_survey_that_nobody_answered_is_not_a_score(version: Version) -> None:
    """Asked and not answered stays asked, beside the one that was answered."""
    answered = {
        survey.is_answered
        for ticket_id in ("1000", "1001")
        for survey in conversations.read(version, ticket_id).surveys
        if survey.kind == "csat"
    }
    assert answered == {False, True}


def test_a_conversation_that_is_not_there_is_said(version: Version) -> None:
    """No traceback, but what to do."""
    with pytest.raises(NoData, match="no conversation"):
        conversations.read(version, "nowhere")
    with pytest.raises(NoData, match="no conversation"):
        conversations.read(version, "1000", "another")


def test_ideas_and_their_counts_agree(version: Version) -> None:
    """Each fate lists as many ideas as it counts, and the quotes are the customers' words."""
    counts = ideas.counts(version, EVERYTHING)
    assert counts["survey"] > 0 and counts["passed_over"] > 0
    for fate, count in counts.items():
        rows = ideas.ideas(version, EVERYTHING, fate, limit=500)
        assert rows.height == count
        assert set(rows["fate"]) <= {fate}
    assert ideas.ideas(version, EVERYTHING, limit=1)["count_all"][0] == sum(counts.values())
    passed = ideas.ideas(version, EVERYTHING, "passed_over", limit=1).to_dicts()[0]
    assert "dark mode" in passed["quote"] and passed["reply"]
    assert ideas.ideas(version, EVERYTHING, text="weekend support", limit=500).height == counts["survey"]


def test_coverage_adds_up(version: Version) -> None:
    """Readable, another language and nothing written make up all."""
    read = coverage(version, EVERYTHING)
    assert read.count == read.count_readable + read.count_other_language + read.count_nothing_written == 250


def test_every_total_can_be_looked_behind(version: Version) -> None:
    """Whatever a page may show as a number, the conversations behind it can be listed."""
    for measure in registry.discover():
        for column in measure.columns:
            if column.total is not None:
                found = conversations.find(version, EVERYTHING, Sought(column.name), limit=3)
                assert quotes(version, found.select("source", "ticket_id").rows(), column.name) is not None
