"""What people set of ideas: it stands at once in every list, survives another scoring and more data, and is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from metrics import idea_board, idea_status, ideas, spreadsheet
from metrics.idea_board import OUTSIDE, Wanted
from metrics.idea_status import counted, of_theme
from metrics.totals import Scope, totals
from pipelines.digest import voices
from pipelines.ingest import ingest
from tests.conftest import PROJECT
from tests.made_weeks import Talk, publish
from tests.stores import EVIL, fill
from warehouse.errors import HeardError, NotAllowed
from warehouse.ledger import Ledger
from warehouse.rights import Rights, Role
from warehouse.schema import conform
from warehouse.settings import Settings
from warehouse.store import Store, Version, insert

SCRIPT = PROJECT / "dashboard" / "main.py"
EVERYTHING = Scope()
DAY = date(2026, 11, 10)
WORDS = (
    "Please add a login for my accountant.",
    "An accountant login would help.",
    "My accountant needs an invite.",
    "You could open on Saturday.",
)


@pytest.fixture
def version(tmp_path: Path) -> Iterator[Version]:
    """Three customers ask for their accountant, one for something else, one in vain and one was heard."""
    talks = [Talk(day=DAY, idea="passed_over", words_idea=words) for words in WORDS]
    talks.append(Talk(day=DAY, idea="heard", words_idea="An accountant view, please."))
    talks.append(
        Talk(day=DAY, idea="no_reply", words_idea='=HYPERLINK("http://evil.example"), dear accountant')
    )
    yield publish(tmp_path, talks, as_of=datetime(2026, 11, 12, tzinfo=UTC).isoformat())


def _chosen(version: Version, **wanted: str) -> pl.DataFrame:
    return idea_board.chosen(version, idea_board.board(version), EVERYTHING, Wanted(**wanted))


def test_themes_count_customers_and_what_became_of_their_ideas(version: Version) -> None:
    told = idea_board.themes(_chosen(version), idea_board.board(version)).to_dicts()
    assert [
        (row["theme"], row["count_customers"], row["count_unheard"], row["count_heard"]) for row in told
    ] == [
        ("accountant", 5, 4, 1),
        (None, 1, 1, 0),
    ]
    assert told[0]["name"] == "Accountant: login" and told[0]["first_on"] == told[0]["last_on"] == DAY
    assert counted(told[0]["statuses"]) == {"new": 4, "heard": 1} and told[0]["value"] is None


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({}, "new"),
        ({"new": 3, "planned": 37}, "planned"),
        ({"new": 39, "heard": 1}, "new"),
        ({"planned": 2, "done": 2}, "planned"),
        ({"declined": 1}, "declined"),
    ],
)
def test_a_theme_has_the_status_that_most_of_its_ideas_have(counts: dict[str, int], status: str) -> None:
    assert of_theme(counts) == status


def test_a_status_takes_ideas_off_the_lists_at_once_and_leaves_the_rate(version: Version) -> None:
    rate = totals(version, ["is_unheard"], EVERYTHING).row(0, named=True)
    before = voices.ideas_unanswered(version, EVERYTHING, "http://here")[0]
    act = idea_status.set_ideas(version, "ann", "status", _chosen(version, theme="accountant"), "planned")
    board = idea_board.board(version)
    assert idea_board.waiting(_chosen(version), board, DAY)["idea"].to_list() == [WORDS[3]]
    assert _chosen(version, status="planned").height == 5
    assert set(_chosen(version, status="planned")["status_who"]) == {"ann"}
    quotes, said = voices.ideas_unanswered(version, EVERYTHING, "http://here")
    assert len(before) == voices.MOST_IDEAS and [quote.text for quote in quotes] == [WORDS[3]]
    assert "4 of them were taken up since" in said and said.startswith("5 of the 6 ideas")
    assert totals(version, ["is_unheard"], EVERYTHING).row(0, named=True) == rate
    assert idea_status.undo(version, act, "bo") == 5
    assert _chosen(version, status="planned").is_empty() and _chosen(version, became="waiting").height == 5
    assert idea_status.acts(version) == ()


def test_undoing_leaves_alone_what_was_set_since(version: Version) -> None:
    rows = _chosen(version, theme="accountant")
    first = idea_status.set_ideas(version, "ann", "status", rows, "planned")
    idea_status.set_ideas(version, "bo", "status", rows.head(1), "done")
    assert idea_status.undo(version, first, "ann") == 4
    told = _chosen(version).filter(pl.col("status_who").is_not_null())
    assert told["status"].to_list() == ["done"]


def test_merging_splitting_and_moving_are_undone(version: Version) -> None:
    def theme_of(words: str) -> str | None:
        theme: str | None = _chosen(version).filter(pl.col("quote") == words)["theme"][0]
        return theme

    split = idea_status.set_theme(version, "ann", "split", "accountant invite", "invite", origin="accountant")
    assert theme_of(WORDS[2]) == "accountant invite" and theme_of(WORDS[0]) == "accountant"
    merge = idea_status.set_theme(version, "ann", "into", "accountant invite", "accountant")
    assert theme_of(WORDS[2]) == "accountant"
    rows = _chosen(version, theme=OUTSIDE)
    moved = idea_status.set_ideas(version, "ann", "theme", rows, "made:Hours <b>")
    assert (
        theme_of(WORDS[3]) == "made:Hours <b>"
        and idea_board.board(version).names["made:Hours <b>"] == "Hours <b>"
    )
    for act in (moved, merge, split):
        assert idea_status.undo(version, act, "ann") == 1
    assert theme_of(WORDS[2]) == "accountant" and theme_of(WORDS[3]) is None


def test_owner_note_and_name_of_a_theme(version: Version) -> None:
    idea_status.set_theme(version, "ann", "owner", "accountant", "Bo")
    idea_status.set_theme(version, "ann", "note", "accountant", "ask finance")
    idea_status.set_theme(version, "ann", "name", "accountant", "A seat for the accountant")
    board = idea_board.board(version)
    row = idea_board.themes(_chosen(version), board).to_dicts()[0]
    assert (row["owner"], row["note"], row["name"]) == ("Bo", "ask finance", "A seat for the accountant")
    assert board.owners() == ["Bo"] and _chosen(version, owner="Bo").height == 5
    idea_status.set_theme(version, "ann", "owner", "accountant", None)
    assert idea_board.board(version).owners() == []


def test_what_cannot_be_set_is_refused(version: Version) -> None:
    with pytest.raises(HeardError, match="no status"):
        idea_status.set_ideas(version, "ann", "status", _chosen(version), "great")
    with pytest.raises(HeardError, match="itself"):
        idea_status.set_theme(version, "ann", "into", "accountant", "accountant")
    reader = Version(version.name, version.connection, version.folder, Rights(Role.READER))
    with pytest.raises(NotAllowed):
        idea_status.set_theme(reader, "ann", "owner", "accountant", "Bo")
    with pytest.raises(NotAllowed):
        idea_board.board(reader)


def test_files_hold_no_formula(version: Version) -> None:
    board = idea_board.board(version)
    idea_status.set_theme(version, "ann", "owner", "accountant", "@SUM(A1)")
    rows = idea_board.waiting(_chosen(version), idea_board.board(version), date(2026, 11, 12))
    assert rows.height == 5 and set(rows["days_waiting"]) == {2} and board.names
    book = openpyxl.load_workbook(BytesIO(spreadsheet.xlsx(rows, {"Filters": "=1+1"})))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    text = spreadsheet.csv(rows).decode()
    assert "'=HYPERLINK" in text and "'@SUM" in text and ",=" not in text and ",@" not in text


def test_values_are_summed_once_an_account_and_by_currency(tmp_path: Path) -> None:
    """What is not known is not 0; accounts of one currency are summed, each once, whatever they said."""
    store = Store(tmp_path, "main")
    fill(tmp_path, "main", count=60)
    with store.reading() as version:
        every = ideas.every(version)
        told = every.with_columns(
            account=pl.concat_str(pl.lit("a"), pl.int_range(pl.len()) % 3),
            value=pl.when(pl.int_range(pl.len()) % 3 < 2).then(100.0 + pl.int_range(pl.len()) % 3),
            currency=pl.lit("EUR"), theme=pl.lit("mode"), status=pl.lit("new"),
        )  # fmt: skip
        whole = idea_board.Board(told, {"mode": "Mode"}, idea_status.state(version))
        (row,) = idea_board.themes(told, whole).to_dicts()
    assert row["value"] == [{"currency": "EUR", "value": 201.0}]
    assert (row["count_accounts"], row["count_valued"]) == (3, 2)


def test_a_status_survives_another_scoring_and_more_data(tmp_path: Path) -> None:
    fill(tmp_path, "main", count=60)
    store = Store(tmp_path, "main")
    with store.reading() as version:
        first = _chosen(version).head(3)
        idea_status.set_ideas(version, "ann", "status", first, "done")
        named = set(first["suggestion_id"])
    ingest([], store=store, settings=Settings(), rescore=True)
    fill(tmp_path, "main", count=60, first=60)
    with store.reading() as version:
        assert set(_chosen(version, status="done")["suggestion_id"]) == named
        assert _chosen(version).height > 24


def test_a_status_goes_with_the_words_not_with_their_place(tmp_path: Path) -> None:
    """Where a message was stored anew with other words before the idea, the status stands; other words are another idea."""
    fill(tmp_path, "main", count=10)
    store = Store(tmp_path, "main")
    with store.reading() as version:
        row = _chosen(version, became="passed_over").head(1)
        idea_status.set_ideas(version, "ann", "status", row, "planned")
    source, ticket_id, message_id = row.select("source", "ticket_id", "message_id").row(0)
    draft = store.begin()
    frame = draft.connection.sql("SELECT * FROM messages").pl()
    is_it = (pl.col("message_id") == message_id) & (pl.col("ticket_id") == ticket_id)
    moved = frame.with_columns(
        pl.when(is_it)
        .then(pl.lit("Good morning to all of you. ") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("text", "body")
    )
    draft.connection.execute("DELETE FROM messages")
    insert(draft.connection, "messages", conform(moved, "messages"))
    from pipelines import score

    score.refresh(draft.connection, Settings())
    draft.publish()
    with store.reading() as version:
        told = _chosen(version, status="planned")
        assert told["message_id"].to_list() == [message_id] and source == told["source"][0]
        assert told["suggestion_id"][0] != row["suggestion_id"][0]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard over a store of its own."""
    fill(tmp_path, "main", count=60)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    monkeypatch.setenv("HEARD_REVIEWER", "Ada <b>")
    return AppTest.from_file(str(SCRIPT), default_timeout=30)


def _shown(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_a_status_is_set_and_undone_on_the_page(app: AppTest, tmp_path: Path) -> None:
    app.run()
    app.switch_page("pages/ideas.py").run()
    assert not app.exception
    assert "customers said something about" in _shown(app) and "survey comments" in _shown(app)
    select = next(one for one in app.selectbox if one.label == "Status of this idea")
    select.set_value("planned").run()
    assert not app.exception
    (entry,) = Ledger(Store(tmp_path, "main").folder).entries("idea status").values()
    assert (entry.fields or {})["value"] == "planned" and entry.who == "Ada <b>"
    assert "planned, set by Ada &lt;b&gt;" in _shown(app) and "People took up 1 of them since" in _shown(app)
    next(one for one in app.button if one.label == "Undo").click().run()
    assert not app.exception
    assert Ledger(Store(tmp_path, "main").folder).entries("idea status") == {}
    assert "set by" not in _shown(app)


def test_a_theme_is_marked_merged_and_renamed_on_the_page(app: AppTest, tmp_path: Path) -> None:
    app.query_params["theme"] = "dark"
    app.run()
    app.switch_page("pages/ideas.py").run()
    with Store(tmp_path, "main").reading() as version:
        board = idea_board.board(version)
        theme = next(iter(board.names))
    app.query_params["theme"] = theme
    app.run()
    assert not app.exception and "All themes" in _shown(app)
    next(one for one in app.button if one.label == "Planned").click().run()
    next(one for one in app.text_input if one.label == "Name").set_value("A <i>dark</i> mode").run()
    next(one for one in app.text_input if one.label == "Owner of the theme").set_value("Bo").run()
    assert not app.exception
    html = _shown(app)
    assert "A &lt;i&gt;dark&lt;/i&gt; mode" in html and "<i>dark" not in html and "planned" in html
    with Store(tmp_path, "main").reading() as version:
        assert (
            _chosen(version, theme=theme, status="planned").height == _chosen(version, theme=theme).height > 0
        )
        assert _chosen(version, owner="Bo").height > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("theme", EVIL), ("status", "x"), ("became", "'--"), ("owner", EVIL), ("tier", "1"), ("page", "99")],
)
def test_a_bogus_value_in_the_address_is_left_out(app: AppTest, name: str, value: str) -> None:
    app.query_params[name] = value
    app.run()
    app.switch_page("pages/ideas.py").run()
    assert not app.exception
    assert "customers said something about" in _shown(app)


def test_hostile_ideas_stay_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "main", count=60, hostile=True)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    app = AppTest.from_file(str(SCRIPT), default_timeout=30).run()
    app.switch_page("pages/ideas.py").run()
    assert not app.exception
    assert "<script>window" not in _shown(app) and "<img" not in _shown(app)


def test_no_ideas_are_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, [Talk(day=DAY)])
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    app = AppTest.from_file(str(SCRIPT), default_timeout=30).run()
    app.switch_page("pages/ideas.py").run()
    assert not app.exception
    assert "No ideas match these filters." in _shown(app)
