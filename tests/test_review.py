"""Reviews: what a person marks wrong is gone from every list, comes back when taken back, and outlives another scoring."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from metrics import conversations, idea_board, ideas, review_figures, review_queue, reviews
from metrics import reading as readings
from metrics.conversations import Sought
from metrics.quotes import quotes
from metrics.review_queue import Unit
from metrics.reviews import Place
from metrics.totals import Scope, totals
from pipelines import cli, score
from pipelines.digest import voices
from pipelines.export import frame_of
from tests.conftest import PROJECT
from tests.stores import fill
from warehouse.errors import Answered, HeardError
from warehouse.ledger import Ledger, reviewer
from warehouse.settings import Settings
from warehouse.store import Store, Version

SCRIPT = PROJECT / "dashboard" / "main.py"
WARNING = "I will tell everyone I know to stay away from you."
IDEA = "It would be great if you could add a dark mode to the app."
WARNS = Sought("would_warn_others", "yes")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of sixty conversations, twelve of which warn and twelve of which hold an idea in a ticket."""
    fill(tmp_path, "main", count=60)
    return Store(tmp_path, "main")


def _first_warning(version: Version) -> Place:
    row = conversations.find(version, Scope(), WARNS).row(0, named=True)
    (place,) = reviews.evidence_for(version, "would_warn_others", row["source"], row["ticket_id"])
    return place


def _exported(version: Version) -> set[tuple[str, str, str]]:
    return set(frame_of("evidence", version).select("measure", "ticket_id", "words").rows())


def test_a_sentence_marked_wrong_is_gone_from_every_list_at_once(store: Store) -> None:
    """List, place, quote, ticket view and export: without another scoring; the rate stays as it was read."""
    with store.reading() as version:
        before = totals(version, ["would_warn_others"], Scope()).row(0, named=True)
        place = _first_warning(version)
        key = (place.source, place.ticket_id)
        assert conversations.count(version, Scope(), WARNS) == 12
        act = reviews.mark(version, "Ada", "wrong", [place], note="they warn of the parcel")
        listed = conversations.find(version, Scope(), WARNS)
        assert listed.height == conversations.count(version, Scope(), WARNS) == 11
        assert place.ticket_id not in listed["ticket_id"].to_list()
        assert conversations.place(version, Scope(), WARNS, *key).number is None
        assert quotes(version, [key], "would_warn_others")[key].kind is None
        assert ("would_recommend", place.ticket_id, WARNING) not in _exported(version)
        found = readings.read(version, place.ticket_id)
        assert "would_recommend" not in {span.measure for span in found.spans}
        (gone,) = found.withdrawn
        assert gone.quote == WARNING and gone.mark is not None
        assert (gone.mark.who, gone.mark.verdict, gone.mark.act) == ("Ada", "wrong", act)
        assert totals(version, ["would_warn_others"], Scope()).row(0, named=True) == before


def _words_of_ideas(version: Version) -> set[str]:
    return {word for words in idea_board.board(version).ideas["words"] for word in words}


def test_an_idea_marked_wrong_is_gone_from_ideas_words_and_digest(store: Store) -> None:
    """Neither the list with its count nor the digest's quotes hold it; what was counted stays counted."""
    with store.reading() as version:
        everything = ideas.ideas(version, Scope(), limit=200)
        counted = ideas.counts(version, Scope())
        first = everything.filter(pl.col("quote") == IDEA).row(0, named=True)
        places = reviews.evidence_for(version, "is_unheard", first["source"], first["ticket_id"])
        reviews.mark(version, "Ada", "wrong", places)
        left = ideas.ideas(version, Scope(), limit=200)
        assert left.height == everything.height - 1 and left["count_all"][0] == everything["count_all"][0] - 1
        assert first["ticket_id"] not in left["ticket_id"].to_list()
        assert ideas.counts(version, Scope()) == counted
        assert "dark" in _words_of_ideas(version)
        for row in left.filter(pl.col("quote") == IDEA).to_dicts():
            reviews.mark(
                version,
                "Ada",
                "wrong",
                reviews.evidence_for(version, "is_unheard", row["source"], row["ticket_id"]),
            )
        assert "dark" not in _words_of_ideas(version)
        assert not [
            q for q in voices.ideas_unanswered(version, Scope(), "http://here")[0] if "dark mode" in q.text
        ]


def test_the_digest_quotes_nothing_that_was_marked_wrong(store: Store) -> None:
    """The quotes worth reading pass to the next conversation, and with none left to nobody."""
    with store.reading() as version:
        for _ in range(12):
            told = [
                one
                for one in voices.worth_reading(version, Scope(), "http://here")
                if one.why == "Would warn others"
            ]
            assert [one.text for one in told] == [WARNING]
            reviews.mark(version, "Ada", "wrong", [_first_warning(version)])
        assert WARNING not in [one.text for one in voices.worth_reading(version, Scope(), "http://here")]


def test_taking_back_brings_it_back_and_keeps_the_history(store: Store) -> None:
    """The ledger knows who said what and who took it back; a later right speaks louder than an earlier wrong."""
    with store.reading() as version:
        place = _first_warning(version)
        act = reviews.mark(version, "Ada", "wrong", [place])
        assert reviews.take_back(version, act, "Bo") == 1
        assert reviews.take_back(version, act, "Bo") == 0
        assert conversations.count(version, Scope(), WARNS) == 12
        ledger = Ledger(store.folder)
        assert ledger.reviews() == []
        (kept,) = ledger.reviews(with_history=True)
        assert (kept["who"], kept["withdrawn_by"], kept["verdict"]) == ("Ada", "Bo", "wrong") and kept[
            "withdrawn_at"
        ]
        reviews.mark(version, "Ada", "wrong", [place])
        assert conversations.count(version, Scope(), WARNS) == 11
        reviews.mark(version, "Bo", "right", [place])
        assert conversations.count(version, Scope(), WARNS) == 12


def test_a_review_outlives_another_scoring(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another fingerprint everything is heard anew, and what was marked wrong stays out."""
    with store.reading() as version:
        place = _first_warning(version)
        reviews.mark(version, "Ada", "wrong", [place])
        name = version.name
    monkeypatch.setattr(score, "fingerprint", lambda *_: "another")
    draft = store.begin()
    score.refresh(draft.connection, Settings())
    assert draft.connection.execute("SELECT DISTINCT fingerprint FROM heard").fetchall() == [("another",)]
    draft.publish()
    with store.reading() as version:
        assert version.name != name
        assert conversations.count(version, Scope(), WARNS) == 11
        assert ("would_recommend", place.ticket_id, WARNING) not in _exported(version)


def test_a_sentence_is_known_by_its_words_wherever_they_stand() -> None:
    """Another offset, white space or case is the same sentence; a span inside it names it; other words do not."""
    text = "Hello there. I will warn my friends about you. Bye."
    start = text.index("I will")
    whole = reviews.sentence_hash(text, start, start + len("I will warn my friends about you."))
    assert reviews.sentence_hash(text, start + 7, start + 11) == whole
    moved = "Good morning!\n\nI will  warn my\tfriends about you."
    assert reviews.sentence_hash(moved, moved.index("warn"), moved.index("warn") + 4) == whole
    assert reviews.sentence_hash(text, 0, 5) != whole


def test_what_was_missed_stands_in_the_ticket_view(store: Store) -> None:
    """A sentence that a person adds is shown with their word, and adds nothing to any rate."""
    with store.reading() as version:
        found = readings.read(version, "1000")
        turn = next(turn for turn in found.turns if turn.role == "customer")
        end = turn.text.index(".") + 1
        place = Place(found.source, "1000", turn.message_id, "would_recommend", None, 0, end)
        before = totals(version, ["would_warn_others"], Scope())
        act = reviews.mark(version, "Ada", "missed", [place])
        (span,) = [span for span in readings.read(version, "1000").spans if span.kind == "missed"]
        assert span.quote == turn.text[:end] and span.words.startswith("missed: ")
        assert totals(version, ["would_warn_others"], Scope()).equals(before)
        reviews.take_back(version, act, "Ada")
        assert "missed" not in {span.kind for span in readings.read(version, "1000").spans}


def test_the_draw_is_random_the_same_again_and_free_of_the_order_of_rows(store: Store) -> None:
    """Flagged and unflagged apart, in an order that has nothing to do with ids, each unit once."""
    with store.reading() as version:
        drawn = review_queue.draw(version, "would_warn_others")
        assert drawn == review_queue.draw(version, "would_warn_others")
        assert (len(drawn["flagged"]), len(drawn["unflagged"])) == (12, 48)
        ids = [unit.unit for unit in drawn["unflagged"]]
        assert len(set(ids)) == 48 and ids != sorted(ids)
        assert {unit.stratum_size for unit in drawn["flagged"]} == {12}
        assert ids != [unit.unit for unit in review_queue.draw(version, "said_would_recommend")["unflagged"]]


def _check(version: Version, column: str, count: int, truth: set[str]) -> None:
    """Answer the queue; `truth` are the conversations in which the thing truly is."""
    for _ in range(count):
        answers = review_queue.answered(version).get(column, {})
        checked = review_queue.checked(version, column, Settings(), answers)
        unit = review_queue.next_unit(review_queue.draw(version, column), checked, answers.keys())
        assert unit is not None
        is_there = unit.ticket_id in truth
        said = (
            "right"
            if is_there == (unit.stratum == "flagged")
            else "wrong"
            if unit.stratum == "flagged"
            else "missed"
        )
        review_queue.answer(version, "Ada", unit, said)  # type: ignore[arg-type]


def test_a_rate_is_corrected_from_the_random_sample_alone(store: Store) -> None:
    """Precision and what was missed of those drawn; below the least number of reviews the rate is not corrected."""
    with store.reading() as version:
        flagged = sorted(
            unit.ticket_id for unit in review_queue.draw(version, "would_warn_others")["flagged"]
        )
        truth = set(flagged[3:])
        _check(version, "would_warn_others", 30, truth)
        (row,) = review_figures.rows(version, Settings(), ["would_warn_others"])
        assert row["corrected"] is None and row["missing"] == 30
        assert review_figures.in_words(row) == "Not checked on your data: 30 reviewed so far, 30 more needed."
        _check(version, "would_warn_others", 30, truth)
        (row,) = review_figures.rows(version, Settings(), ["would_warn_others"])
        assert (row["reviewed_flagged"], row["reviewed_unflagged"], row["missing"]) == (12, 48, 0)
        assert row["share_flagged"] == pytest.approx(0.75) and row["share_unflagged"] == 0
        assert row["value"] == pytest.approx(0.2) and row["corrected"] == pytest.approx(0.15)
        assert row["corrected_low"] < 0.15 < row["corrected_high"]
        assert row["recall"] == 1
        assert review_figures.precision(version, Settings())("would_recommend") == pytest.approx(0.75)
        assert conversations.count(version, Scope(), WARNS) == 9
        by_team = review_figures.with_corrected(
            version, totals(version, ["would_warn_others", "csat"], Scope(), ["team"]), Settings()
        )
        assert by_team.filter(pl.col("column") == "is_satisfied")["corrected"].null_count() == 3
        assert by_team.filter(pl.col("column") == "would_warn_others")["corrected"].null_count() == 0


def test_marks_outside_the_queue_correct_no_rate(store: Store) -> None:
    """What a reader happens to come upon is no random sample."""
    with store.reading() as version:
        reviews.mark(version, "Ada", "wrong", [_first_warning(version)])
        assert review_queue.answered(version) == {}
        (row,) = review_figures.rows(version, Settings(), ["would_warn_others"])
        assert row["reviewed"] == 0 and row["corrected"] is None


def test_a_review_stands_for_its_stratum_where_it_is_read_anew(store: Store) -> None:
    """A conversation that was drawn unflagged and is flagged now weighs as many as its own draw stood for."""
    with store.reading() as version:
        drawn = review_queue.draw(version, "would_warn_others")
        for unit in (*drawn["flagged"][:4], *drawn["unflagged"][:4]):
            review_queue.answer(version, "Ada", unit, "right")
        moved = drawn["unflagged"][0]
        others = drawn["flagged"][4]
        answers = dict(review_queue.answered(version)["would_warn_others"])
        answers[(others.source, others.unit)] = answers.pop((moved.source, moved.unit))
        checked = review_queue.checked(version, "would_warn_others", Settings(), answers)
        assert (checked.flagged.reviewed, checked.unflagged.reviewed) == (5, 3)
        assert checked.flagged.share == pytest.approx(4 * 12 / 4 / (4 * 12 / 4 + 48 / 4))
        assert checked.flagged.n < 5


def test_an_answer_that_does_not_fit_is_refused(store: Store) -> None:
    """What was not flagged can not be wrong, what was flagged not missed; nothing is answered twice; no sentence is none."""
    with store.reading() as version:
        drawn = review_queue.draw(version, "would_warn_others")
        for unit, verdict in ((drawn["flagged"][0], "missed"), (drawn["unflagged"][0], "wrong")):
            with pytest.raises(HeardError):
                review_queue.answer(version, "Ada", unit, verdict)  # type: ignore[arg-type]
        with pytest.raises(HeardError):
            reviews.mark(
                version, "Ada", "wrong", [Place("desk", "1002", "m2-2", "would_recommend", "warn", 0, 9999)]
            )
        with pytest.raises(HeardError):
            reviews.mark(version, "Ada", "wrong", [])
        act = review_queue.answer(version, "Ada", drawn["flagged"][0], "right")
        with pytest.raises(Answered):
            review_queue.answer(version, "Bo", drawn["flagged"][0], "wrong")
        assert len(Ledger(store.folder).reviews()) == 1
        reviews.take_back(version, act, "Ada")
        review_queue.answer(version, "Bo", drawn["flagged"][0], "wrong")


def test_who_reviews_is_set_or_the_user_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting, then the environment, then the operating system."""
    from dataclasses import replace

    from warehouse.settings import Reviews

    monkeypatch.setenv("HEARD_REVIEWER", "Bo")
    assert reviewer(replace(Settings(), reviews=Reviews(reviewer="Ada"))) == "Ada"
    assert reviewer(Settings()) == "Bo"
    monkeypatch.delenv("HEARD_REVIEWER")
    assert reviewer(Settings())


def test_only_one_place_hands_out_evidence_for_lists() -> None:
    """Whoever lists sentences reads `standing`; only what makes facts, keeps the table or shows the marks reads all evidence."""
    allowed = {
        "metrics/reviews.py",
        "metrics/reading.py",
        "pipelines/status.py",
        "pipelines/ingest.py",
        "pipelines/score.py",
        "pipelines/lexicon.py",  # counts which signals hear a cue; lists none of their sentences
    }
    facts = ("metrics/function/", "metrics/facts/", "metrics/form/")
    reads = re.compile(r"\b(?:FROM|JOIN)\s+evidence\b")
    for folder in ("metrics", "pipelines", "dashboard"):
        for path in (PROJECT / folder).rglob("*.py"):
            name = path.relative_to(PROJECT).as_posix()
            if name not in allowed and not name.startswith(facts):
                assert not reads.search(path.read_text(encoding="utf-8")), (
                    f"{name} reads evidence past the reviews"
                )


def test_the_command_marks_prints_and_takes_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """heard review: mark, figures, file and undo; measure prints what is not checked."""
    monkeypatch.setenv("HEARD_STORE", str(store.folder.parent))
    monkeypatch.setenv("HEARD_REVIEWER", "Ada")
    assert (
        cli.main(
            [
                "review",
                "mark",
                "--ticket",
                "1002",
                "--measure",
                "would_recommend",
                "--verdict",
                "wrong",
                "--json",
            ]
        )
        == 0
    )
    act = json.loads(capsys.readouterr().out)["act"]
    with store.reading() as version:
        assert conversations.count(version, Scope(), WARNS) == 11
        unit = review_queue.draw(version, "would_warn_others")["unflagged"][0]
        review_queue.answer(version, "Ada", unit, "right")
    assert cli.main(["review", "--json"]) == 0
    figures = {row["column"]: row for row in json.loads(capsys.readouterr().out)}
    assert figures["would_warn_others"]["reviewed"] == 1
    assert cli.main(["measure", "would_recommend"]) == 0
    assert "not checked on your data (1 review" in capsys.readouterr().out
    out = tmp_path / "reviews.csv"
    assert cli.main(["review", "--export", str(out)]) == 0
    assert set(pl.read_csv(out)["verdict"]) == {"right", "wrong"}
    assert cli.main(["review", "undo", "--act", act]) == 0
    with store.reading() as version:
        assert conversations.count(version, Scope(), WARNS) == 12
    for wrong in (
        ["mark"],
        ["undo"],
        ["undo", "--act", act],
        ["mark", "--ticket", "1000", "--measure", "would_recommend", "--verdict", "wrong"],
    ):
        assert cli.main(["review", *wrong]) == 1
    assert "heard review" in capsys.readouterr().err


@pytest.fixture
def app(store: Store, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard over the store, run once."""
    monkeypatch.setenv("HEARD_STORE", str(store.folder.parent))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    monkeypatch.setenv("HEARD_REVIEWER", "Ada <b>Byron</b>")
    return AppTest.from_file(str(SCRIPT), default_timeout=30).run()


def _shown(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_the_page_asks_keeps_skips_and_takes_back(app: AppTest, store: Store) -> None:
    """Each answer brings the next conversation; undo brings the last one back."""
    app.query_params["column"] = "would_warn_others"
    app.switch_page("pages/review.py").run()
    assert not app.exception
    html = _shown(app)
    assert (
        "Said they&#x27;d warn others: yes. Is that right?" in html and "Not checked on your data yet" in html
    )
    assert app.button(key="say_missed").disabled and app.button(key="say_undo").disabled
    app.button(key="say_wrong").click().run()
    assert not app.exception
    assert (
        "Said they&#x27;d warn others: no. Is that right?" in _shown(app)
        and app.button(key="say_wrong").disabled
    )
    app.button(key="say_skip").click().run()
    app.button(key="say_right").click().run()
    ledger = Ledger(store.folder)
    assert [(row["verdict"], row["stratum"]) for row in ledger.reviews()] == [
        ("wrong", "flagged"), ("wrong", None), ("right", "unflagged"),
    ]  # fmt: skip
    assert "1 flagged, 1 not flagged; 58 more until its rate is corrected" in _shown(app)
    app.button(key="say_undo").click().run()
    app.button(key="say_undo").click().run()
    assert ledger.reviews() == [] and len(ledger.reviews(with_history=True)) == 3


def test_a_conversation_is_marked_where_it_is_read(app: AppTest, store: Store) -> None:
    """Wrong strikes the sentence out with who said so, and undo brings it back; the name is shown as text."""
    app.query_params["c"] = "1002"
    app.switch_page("pages/conversations.py").run()
    wrong = next(one for one in app.button if one.key.startswith("wrong ") and "would_recommend" in one.key)
    wrong.click().run()
    assert not app.exception
    html = _shown(app)
    assert "Marked wrong: in no list" in html and "marked wrong by Ada &lt;b&gt;Byron&lt;/b&gt; on" in html
    with store.reading() as version:
        assert conversations.count(version, Scope(), WARNS) == 11
    next(one for one in app.button if one.key.startswith("undo ")).click().run()
    assert "Marked wrong" not in _shown(app)
    app.button(key="mark_missed").click().run()
    assert not app.exception and "missed: " in _shown(app)


def test_the_lists_of_the_dashboard_forget_at_once(app: AppTest, store: Store) -> None:
    """What was computed before the review is not shown after it."""
    app.query_params["column"], app.query_params["answer"] = "would_warn_others", "yes"
    app.switch_page("pages/conversations.py").run()
    assert "<strong>12 conversations</strong>" in _shown(app)
    with store.reading() as version:
        reviews.mark(version, "Ada", "wrong", [_first_warning(version)])
    app.run()
    assert "<strong>11 conversations</strong>" in _shown(app)
    assert "1 more was marked wrong by a person and is not listed" in _shown(app)


def test_a_unit_of_an_idea_is_that_idea_alone(store: Store) -> None:
    """Of two ideas in a conversation only the one that was asked about is taken out."""
    with store.reading() as version:
        unit: Unit = review_queue.draw(version, "is_unheard")["flagged"][0]
        (place,) = review_queue.sentences_of(version, unit)
        assert f"{place.ticket_id}/{place.message_id}:{place.start}" == unit.unit
