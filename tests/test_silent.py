"""Whom the survey does not hear: rates, lists and the page, over real stores."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.contrast import hearing
from metrics.contrast.bounds import Bounds, tipping
from metrics.contrast.difference import Estimate
from metrics.contrast.everybody import FIGURES, Everybody, everybody
from metrics.contrast.silent import silence
from metrics.contrast.surveyed import surveys
from metrics.contrast.without_a_word import EVERY, without_a_word
from metrics.measure import Derived
from metrics.registry import find
from metrics.totals import Scope, totals
from tests.conftest import PROJECT
from tests.stores import fill
from tests.test_stories import END, _store
from warehouse.errors import NotAllowed
from warehouse.rights import Rights, Role
from warehouse.settings import Settings
from warehouse.store import Store

SCRIPT = PROJECT / "dashboard" / "main.py"
YEAR = Scope(END - timedelta(weeks=52), END)
QUARTER = Scope(END - timedelta(weeks=13) + timedelta(days=1), END)


def shown(app: AppTest) -> str:
    """Every HTML of the page in one, its texts as they are read."""
    return unescape("\n".join(element.proto.body for element in app.get("html"))).replace("\u00a0", " ")


def opened(store: Store, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    """The page over a store."""
    monkeypatch.setenv("HEARD_STORE", str(store.folder.parent))
    monkeypatch.setenv("HEARD_STORE_NAME", store.folder.name)
    app = AppTest.from_file(str(SCRIPT.parent / "pages" / "silent.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_the_same_surveys_stand_above_and_below_every_line(demo_store: Store) -> None:
    """Rates by ending, mood and who answered add up to all who were asked, and the rate is that of the totals."""
    with demo_store.reading() as version:
        for scope in (YEAR, QUARTER, Scope(QUARTER.date_from, END, {"team": ("Deliveries",)})):
            found = silence(version, scope, "csat", Settings())
            official = totals(version, ["is_csat_answered"], scope).row(0, named=True)
            assert (found.rate.value, found.rate.n) == (pytest.approx(official["value"]), official["n"])
            assert (found.rate.low, found.rate.high) == (
                pytest.approx(official["low"], abs=1e-6),
                pytest.approx(official["high"], abs=1e-6),
            )
            for family in {rate.sort.family for rate in found.rates} - {"What they said"}:
                here = [rate for rate in found.rates if rate.sort.family == family]
                assert sum(rate.answered.n for rate in here) == found.bounds.count_asked
                assert sum(rate.count_answered for rate in here) == found.bounds.count_answered
            assert found.histogram["count_answered"].sum() == found.mood_answered.n
            assert found.histogram["count_silent"].sum() == found.mood_silent.n
            assert found.histogram["share_silent"].sum() == pytest.approx(1.0)


def test_nps_is_the_totals_own_with_its_bounds(demo_store: Store) -> None:
    with demo_store.reading() as version:
        found = silence(version, Scope(), "nps", Settings())
        official = totals(version, ["nps_net"], Scope()).row(0, named=True)
        assert found.figure == Estimate(
            pytest.approx(official["value"]), pytest.approx(official["low"]), pytest.approx(official["high"]), official["n"]
        )  # fmt: skip
        assert found.bounds.value == pytest.approx(official["value"])
        assert surveys(version) == ("csat", "nps")


def test_what_a_survey_says_is_no_sign_of_who_answers(demo_store: Store) -> None:
    """No figure that the model sees, and no row of the table, reads the comment of a survey or a rating."""
    forbidden = {"csat", "nps", "ces", "response_rate", "rated_again", "leaving", "would_recommend", "referred",
                 "unheard_suggestion", "ideas_voiced", "predicted", "looks_fine"}  # fmt: skip
    for name in FIGURES:
        measure = find(name)[0]
        assert measure.name not in forbidden
        assert not (isinstance(measure, Derived) and "is_satisfied" in measure.uses)
    with demo_store.reading() as version:
        found = {rate.sort.key: rate for rate in silence(version, YEAR, "csat", Settings()).rates}
        warned = version.query(
            "SELECT count(*) AS n FROM survey_facts s JOIN ticket_facts t ON t.source = s.ticket_source AND t.ticket_id = s.ticket_id"
            " WHERE s.is_csat_answered IS NOT NULL AND t.would_warn_others AND s.asked_on >= ?",
            [YEAR.date_from],
        ).item()
        assert 0 < found["warned"].answered.n <= warned


def test_the_estimate_stands_on_the_sample(demo_store: Store) -> None:
    """Those who answered left in a better mood: the model puts everybody below them, within the bounds, and alike each time."""
    with demo_store.reading() as version:
        found = everybody(version, YEAR, "csat", Settings())
        bounds = silence(version, YEAR, "csat", Settings()).bounds
        assert found.value is not None and found.plain is not None
        assert found.low is not None and found.high is not None
        assert bounds.lowest is not None and bounds.highest is not None
        assert bounds.lowest < found.low < found.value < found.high < bounds.highest
        assert found.value < found.plain
        assert found.found is not None and found.found.auc_response > 0.55
        assert found == everybody(version, YEAR, "csat", Settings())
        few = everybody(version, Scope(END - timedelta(days=20), END), "csat", Settings())
        assert few.value is None and "it takes 200" in few.why


def test_who_left_without_a_word_is_listed_with_a_sentence(demo_store: Store) -> None:
    with demo_store.reading() as version:
        found = silence(version, QUARTER, "csat", Settings())
        rows = without_a_word(version, QUARTER, "csat", "unhappy", Settings(), limit=500)
        assert rows.height == rows["count_all"][0] == found.count_unhappy
        assert rows["quote"].null_count() == 0
        for rate in found.rates:
            listed = without_a_word(version, QUARTER, "csat", rate.sort.key, Settings(), limit=1)
            count = int(listed["count_all"][0]) if listed.height else 0
            assert count == rate.answered.n - rate.count_answered
        every = without_a_word(version, QUARTER, "csat", EVERY, Settings(), limit=1)
        assert every["count_all"][0] == found.bounds.count_silent
        assert without_a_word(version, QUARTER, "csat", "'; DROP", Settings()).height == 0


def test_only_roles_with_the_page_may_ask(demo_store: Store) -> None:
    with demo_store.reading(Rights(Role.READER)) as version, pytest.raises(NotAllowed):
        silence(version, QUARTER, "csat", Settings())
    with demo_store.reading(Rights(Role.FINANCE)) as version:
        assert silence(version, QUARTER, "csat", Settings()).bounds.count_asked


@pytest.mark.parametrize(
    ("worse", "better", "words"),
    [
        (Estimate(0.2, 0.15, 0.26, 200), Estimate(0.4, 0.35, 0.45, 300), "Of those who left worse 20 % answered, of those who left better 40 %"),
        (Estimate(0.39, 0.3, 0.48, 100), Estimate(0.4, 0.35, 0.45, 300), "No difference beyond noise: of those who left worse 39 %"),
        (Estimate(0.2, 0.05, 0.4, 12), Estimate(0.4, 0.35, 0.45, 300), "How often customers answered"),
    ],
)  # fmt: skip
def test_titles_are_true_in_every_case(worse: Estimate, better: Estimate, words: str) -> None:
    from metrics.contrast.silent import Rate
    from metrics.contrast.surveyed import SORTS

    sorts = {sort.key: sort for sort in SORTS}
    rates = (Rate(sorts["worse"], worse, 0), Rate(sorts["better"], better, 0))
    assert words in hearing.who_answers(rates, 30)


def test_the_tipping_point_and_the_moods_in_words() -> None:
    half = Bounds("share", 100, 60, 50)
    said = hearing.tipping_point(half, tipping(half, 0.8), "csat")
    assert (
        said == "The CSAT of everybody is under 80 % if fewer than 30 of the 40 silent (75 %) are satisfied"
    )
    assert "at least 40 %" in hearing.tipping_point(half, tipping(half, 0.4), "csat")
    assert "is under 95 %" in hearing.tipping_point(half, tipping(half, 0.95), "csat")
    net = Bounds("net", 100, 50, 10)
    assert hearing.tipping_point(net, tipping(net, 0), "nps").endswith("that of the silent is below −20.0")
    full = Bounds("share", 10, 10, 9)
    assert "Everybody answered" in hearing.tipping_point(full, tipping(full, 0.8), "csat")
    high, low = Estimate(0.2, 0.15, 0.25, 100), Estimate(-0.1, -0.15, -0.05, 100)
    assert "lower mood" in hearing.moods(high, low) and "better mood" in hearing.moods(low, high)
    assert "within noise" in hearing.moods(high, high)
    off = Everybody(None, None, None, None, "Off: x", 0)
    assert "can not be estimated" in hearing.estimate(off, "csat", "share")


def test_the_page_answers_and_leads_to_the_silent(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(demo_store, monkeypatch)
    assert not app.exception
    html = shown(app)
    for words in ("Whom does the survey not hear?", "were never answered", "Those who answered give a CSAT of", "left worse",
                  "is under 80 % if fewer than", "A model puts the CSAT of everybody at", "An estimate, not a measurement",
                  "who answers depends only on what we can see", "it fails, and its interval with it", "did not answer the survey",
                  "lower mood than those who answered", "column=is_csat_answered&answer=no", "The same as a table"):  # fmt: skip
        assert words in html, words
    counted = re.search(r"Of ([\d,]+) satisfaction surveys sent in the last 13 weeks, ([\d,]+)", html)
    assert counted
    with demo_store.reading() as version:
        bounds = silence(version, QUARTER, "csat", Settings()).bounds
    assert counted[1] == f"{bounds.count_asked:,}" and counted[2] == f"{bounds.count_silent:,}"


def test_target_survey_and_list_are_in_the_address(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(demo_store, monkeypatch, target="90", of="How they left: Worse")
    assert not app.exception
    html = shown(app)
    assert "is under 90 % if fewer than" in html and "target=90" in html
    assert html.index("did not answer the survey") < html.index("is under 90 % if fewer")
    app = opened(demo_store, monkeypatch, survey="Recommendation (NPS)", nps_target="10")
    assert not app.exception
    html = shown(app)
    assert (
        "recommendation surveys sent" in html
        and "The NPS of everybody is under +10 if that of the silent is below" in html
    )
    app = opened(demo_store, monkeypatch, target="9000", survey="<b>x</b>", of="nothing", period="never")
    assert not app.exception
    assert "satisfaction surveys sent in the last 13 weeks" in shown(app)


def test_who_has_gone_quiet_is_said_and_not_without_the_story(
    demo_store: Store, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for store in (demo_store, _store(tmp_path_factory, "gone_quiet")):
        html = shown(opened(store, monkeypatch, period="26 weeks"))
        said = re.search(
            r"<h2>(None|[\d,]+) of ([\d,]+) regular customers whose last conversation ended", html
        )
        assert said, "the title of the section"
        counts.append(0 if said[1] == "None" else int(said[1].replace(",", "")))
        if counts[-1]:
            assert "column=is_gone_quiet&answer=yes&c=" in html
    assert counts[0] >= 20 > counts[1]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("silent")
    fill(root, "hostile", count=60, hostile=True)
    fill(root, "one", count=1)
    return root


def _changed(root: Path, name: str, new: str, sql: str) -> Store:
    """A store like another after a change of its ratings or messages, heard anew."""
    import shutil

    from pipelines import score

    shutil.copytree(root / name, root / new)
    draft = Store(root, new).begin()
    draft.connection.execute(sql)
    score.refresh(draft.connection, Settings())
    draft.publish()
    return Store(root, new)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM ratings", "No survey is in these data"),
        ("DELETE FROM ratings WHERE score IS NULL OR kind = 'nps'", "who was asked is not in these data"),
        ("UPDATE ratings SET score = NULL, answered_at = NULL", "Nobody answered"),
        ("DELETE FROM messages", "Too few moods could be followed"),
        ("UPDATE tickets SET team = 'One team'", "were never answered"),
    ],
)
def test_the_edge_states_say_why(small: Path, monkeypatch: pytest.MonkeyPatch, sql: str, words: str) -> None:
    name = f"changed{abs(hash(sql)) % 10**6}"
    app = opened(_changed(small, "hostile", name, sql), monkeypatch, period="52 weeks")
    assert not app.exception
    html = shown(app)
    assert words in html
    assert "This page met a fault" not in html and "This could not be shown" not in html


def test_one_ticket_and_nothing_in_the_period(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(Store(small, "one"), monkeypatch, period="52 weeks")
    assert not app.exception and "Of 1 satisfaction" in shown(app)
    app = opened(Store(small, "one"), monkeypatch, **{"from": "2020-01-01", "to": "2020-01-31"})
    assert not app.exception and "Nobody was asked by this survey" in shown(app)


def test_an_own_target_is_where_the_page_starts(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from metrics.contrast.targets import set_target

    store = Store(small, "hostile")
    with store.reading() as version:
        set_target(version, "is_satisfied", 0.72, date(2026, 1, 1), "Ada")
    html = shown(opened(store, monkeypatch, period="52 weeks"))
    assert "72 %" in html


def test_hostile_words_stay_words(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(Store(small, "hostile"), monkeypatch, period="52 weeks")
    raw = "\n".join(element.proto.body for element in app.get("html"))
    assert "<script" not in raw and "<img" not in raw and "onerror" in raw
