"""The pages "Looks fine, isn't" and "Do our scores tell": their words, their rule, their edge states, the stories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from metrics import wording
from metrics.contrast import against_score, foretells, looks_fine_rule
from metrics.contrast.against_score import LENSES
from metrics.totals import Scope, facts_sql, totals
from tests.conftest import PROJECT
from tests.made_weeks import Talk, publish
from tests.stores import EVIL, fill
from tests.test_contrast import MONDAY, many
from tests.test_stories import END, _store
from warehouse.errors import HeardError, NotAllowed
from warehouse.ledger import Ledger
from warehouse.rights import Rights, Role
from warehouse.settings import LooksFine, Settings
from warehouse.store import Store

PAGES = PROJECT / "dashboard" / "pages"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    st.cache_data.clear()
    yield
    st.cache_resource.clear()


def opened(
    page: str, root: Path, monkeypatch: pytest.MonkeyPatch, name: str = "main", **query: str
) -> AppTest:
    """A page over a store, run once."""
    monkeypatch.setenv("HEARD_STORE", str(root))
    monkeypatch.setenv("HEARD_STORE_NAME", name)
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """What the page says, without its markup."""
    html = "\n".join(element.proto.body for element in app.get("html"))
    said = unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))
    return re.sub(r" ([.,;:)])", r"\1", " ".join(said.split()))


def copied(store: Store, to: Path) -> Path:
    """A store that a test may write into, beside the one it is copied from."""
    folder = to / store.folder.name
    folder.mkdir(parents=True)
    for file in store.folder.iterdir():
        if file.suffix in (".duckdb", "") and file.name != "lock":
            (folder / file.name).symlink_to(file) if file.suffix else (folder / file.name).write_bytes(
                file.read_bytes()
            )
    return to


# The stories


def test_the_stories_are_told_in_words(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said = words(opened("looks_fine", demo_store.folder.parent, monkeypatch, "demo"))
    assert re.search(r"rated good left worse or unhappy; the team Deliveries is [\d.]+ times as common", said)
    assert re.search(r"are better than their score; the team Data Rescue is [\d.]+ times as common", said)


def test_the_sour_team_is_not_told_where_it_is_switched_off(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _store(tmp_path_factory, "sour_team").folder.parent
    assert "team Deliveries is" not in words(opened("looks_fine", root, monkeypatch))


def test_the_loved_team_is_not_told_where_it_is_switched_off(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _store(tmp_path_factory, "slow_loved").folder.parent
    assert "team Data Rescue is" not in words(opened("looks_fine", root, monkeypatch))


# The words against the numbers


def test_the_answer_says_the_rates(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    root = demo_store.folder.parent
    said = words(
        opened("looks_fine", root, monkeypatch, "demo", **{"from": "2026-08-17", "to": "2026-11-15"})
    )
    with demo_store.reading() as version:
        scope = Scope(END.replace(month=8, day=17), END)
        rates = {
            lens: against_score.rate(version, against_score.rows(scope, lens, LooksFine())) for lens in LENSES
        }
        row = totals(version, ["looks_fine_isnt"], scope).row(0, named=True)
    fine = rates["every score"].share
    assert (fine.value, fine.low, fine.high, fine.n) == pytest.approx(
        (row["value"], row["low"], row["high"], row["n"])
    )
    for rate in rates.values():
        assert (
            f"{wording.say(rate.share.value, 'share')} ({wording.say_interval(rate.share.low, rate.share.high, 'share')})"
            in said
        )
    assert f"{fine.n:,} conversations look fine by every score" in said


def test_the_scores_answer_names_the_best_and_those_no_better_than_chance(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = words(opened("predict", demo_store.folder.parent, monkeypatch, "demo"))
    with demo_store.reading() as version:
        scope = Scope(END.replace(month=8, day=17), END)
        found = foretells.foretold(version, scope, foretells.WELL["well"])
    best = found.compared[0]
    assert best.tells == "tells" and best.low is not None and best.low > 0.5
    assert (
        f"{best.title} tells best which conversations went well: {best.auc:.2f} ({best.low:.2f} to {best.high:.2f}, n {best.n:,})"
        in said
    )
    answer = said[said.index("tells best") : said.index(" of which it is known")]
    chance = [one for one in found.compared if one.tells == "chance"]
    assert chance and f"{chance[0].auc:.2f}" in answer and "no better than chance" in answer
    assert all(one.chance is None or one.chance > 0.003 for one in chance)
    tells = sum(one.tells == "tells" for one in found.compared)
    assert f"{tells} of {len(found.compared)} scores" in said


def test_another_definition_and_a_curve_are_chosen_by_the_address(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(
        "predict", demo_store.folder.parent, monkeypatch, "demo", well="Left better", curve="handle_minutes"
    )
    assert "Handle time: of 100 pairs" in words(app)
    assert "beyond what noise makes of it" in words(app)
    odd = opened(
        "predict", demo_store.folder.parent, monkeypatch, "demo", well=EVIL, curve="'; DROP TABLE turns"
    )
    assert "of 100 pairs" in words(odd)


def test_a_number_leads_to_as_many_conversations(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    root = demo_store.folder.parent
    count = re.search(
        r"Deliveries team .*? (\d+) of \d+", words(opened("looks_fine", root, monkeypatch, "demo"))
    )
    assert count
    listed = words(opened("looks_fine", root, monkeypatch, "demo", team="Deliveries", list="rated_good"))
    assert f"{count[1]} rated good left worse or unhappy" in listed


# The rule


def test_an_edit_holds_at_once_everywhere_and_is_undone(
    demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copied(demo_store, tmp_path)
    app = opened("looks_fine", root, monkeypatch, "demo")
    before = words(app)
    assert "the rule as shipped" in before
    wait = next(one for one in app.number_input if one.label.startswith("Waited longer"))
    wait.set_value(8.0)
    next(one for one in app.button if one.label == "Set the rule").click()
    app.run()
    assert not app.exception
    edited = words(app)
    assert "they waited longer than 8 h for an answer" in edited and "Set by " in edited
    counts = [re.search(r"period|and ([\d,]+) are not", text)[1] for text in (before, edited)]  # type: ignore[index]
    assert int(counts[1]) > int(counts[0])
    home = words(opened("form_and_function", root, monkeypatch, "demo"))
    assert f"{counts[1]} conversations look fine and aren't" in home
    listed = words(opened("conversations", root, monkeypatch, "demo", column="looks_fine_isnt", answer="yes"))
    assert f"{counts[1]} conversations" in listed
    next(one for one in app.button if one.label == "As shipped").click()
    app.run()
    assert f"and {counts[0]} are not" in words(app)
    next(one for one in app.button if one.label == "Undo the last change").click()
    app.run()
    assert f"and {counts[1]} are not" in words(app)
    told = Ledger(root / "demo").history(looks_fine_rule.KIND, looks_fine_rule.SUBJECT)
    assert len(told) == 3 and all(one.who for one in told)


def test_stated_anew_with_the_same_thresholds_nothing_changes(demo_store: Store) -> None:
    """The rule at reading time is the rule at building time, sign by sign."""
    same = (("first_reply_within_hours", 24.0), ("unhappy_below", -0.15), ("longest_wait_hours", 48.0))
    names = "source, ticket_id, is_looking_fine, is_red_mood, is_red_wait, is_red_warning, is_red_idea, looks_fine_isnt"
    with demo_store.reading() as version:
        sql = facts_sql(Scope(rules=same), "ticket")
        found = version.query(f"SELECT {names} FROM {sql} EXCEPT SELECT {names} FROM ticket_facts")
        assert found.height == 0
        assert (
            version.query(f"SELECT count(*) AS n FROM {sql}")["n"][0]
            == version.query("SELECT count(*) AS n FROM ticket_facts")["n"][0]
        )


@pytest.mark.parametrize(
    "changed",
    [
        LooksFine(first_reply_within_hours=0.25),
        LooksFine(unhappy_below=0.3),
        LooksFine(longest_wait_hours=1.0),
    ],
)
def test_stated_anew_is_what_building_with_it_gives(tmp_path: Path, changed: LooksFine) -> None:
    talks = [
        Talk(day=MONDAY, rated=True, after=0.2, idea="passed_over"), Talk(day=MONDAY, after=-0.6, later_wait_minutes=90),
        Talk(day=MONDAY, first_reply_minutes=10), Talk(day=MONDAY, after=None, idea="no_reply"), Talk(day=MONDAY, stance="warn"),
        Talk(day=MONDAY, is_reopened=True), Talk(day=MONDAY, status="open"), Talk(day=MONDAY, readable=False),
    ]  # fmt: skip
    shipped = publish(tmp_path / "a", talks)
    built = publish(tmp_path / "b", talks, Settings(looks_fine=changed))
    assert shipped.folder is not None
    looks_fine_rule.edit(shipped, changed, "ann")
    rules = looks_fine_rule.rules(shipped, Settings())
    sql = "SELECT is_looking_fine, is_red_mood, is_red_wait, looks_fine_isnt FROM {} ORDER BY ticket_id::INT"
    assert (
        shipped.query(sql.format(facts_sql(Scope(rules=rules), "ticket"))).rows()
        == built.query(sql.format("ticket_facts")).rows()
    )


def test_a_threshold_out_of_bounds_is_refused_and_so_is_who_may_set_nothing(tmp_path: Path) -> None:
    version = publish(tmp_path, many(1))
    with pytest.raises(HeardError, match="out of bounds"):
        looks_fine_rule.edit(version, LooksFine(unhappy_below=3), "ann")
    with pytest.raises(NotAllowed):
        looks_fine_rule.edit(replace(version, rights=Rights(Role.READER)), LooksFine(), "ann")
    assert looks_fine_rule.history(version) == []


# Edge states


@pytest.mark.parametrize("page", ["looks_fine", "predict"])
@pytest.mark.parametrize(
    "talks",
    [
        many(1),
        many(1, rated=True, after=-0.6, stance="warn"),
        many(40),
        many(40, readable=False),
        many(40, after=None),
        many(40, status="open"),
        many(20, rated=True, after=-0.6) + many(20, rated=True, after=0.6, arrival=-0.6),
        many(40, rated=False, after=0.6, arrival=-0.6),
    ],
    ids=[
        "one",
        "one that isn't",
        "no ratings",
        "unreadable",
        "nothing after",
        "open",
        "all rated",
        "all bad",
    ],
)
def test_edge_states_say_why_and_never_fail(
    page: str, talks: list[Talk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, talks)
    said = words(opened(page, tmp_path, monkeypatch))
    assert "could not be shown" not in said and "fault of ours" not in said
    assert len(said.split()) > 20


@pytest.mark.parametrize("page", ["looks_fine", "predict"])
def test_no_data_and_all_filtered_out(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = words(opened(page, tmp_path, monkeypatch, "fresh"))
    assert "heard ingest PATH" in empty
    publish(tmp_path, many(40))
    nothing = words(opened(page, tmp_path, monkeypatch, **{"from": "2020-01-01", "to": "2020-01-31"}))
    assert "Show 52 weeks" in nothing


@pytest.mark.parametrize("page", ["looks_fine", "predict"])
def test_hostile_names_stay_words(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "hostile", hostile=True)
    app = opened(page, tmp_path, monkeypatch, "hostile")
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert "<script>window" not in html and 'onerror="' not in html
