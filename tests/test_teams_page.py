"""The page of teams: its words are true of the numbers, its story is told, and an incident is left out and comes back."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics import incidents, pseudonyms
from metrics.contrast.similar import similar
from metrics.totals import Scope
from pipelines.ingest import ingest
from pipelines.sample import generate
from tests.conftest import PROJECT, once, shared_base
from tests.stores import EVIL, fill
from tests.test_stories import _store as without_story
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.store import Store

PAGE = PROJECT / "dashboard" / "pages" / "teams.py"


def page_of(monkeypatch, root: Path, name: str = "main", **query: str) -> AppTest:
    monkeypatch.setenv("HEARD_STORE", str(root))
    monkeypatch.setenv("HEARD_STORE_NAME", name)
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def words(app: AppTest) -> str:
    """The words of the page, without its markup."""
    assert not app.exception
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html(app))).split())


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("teams")
    fill(root, "main")
    return root


def test_the_team_that_sours_is_told_in_words(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said = words(page_of(monkeypatch, demo_store.folder.parent, "demo"))
    assert re.search(r"The gap is widest in Deliveries: \w+ of 6 teams by CSAT, last by mood shift", said)
    assert re.search(r"Mood shift, beyond noise: Deliveries.* worse;", said)


def test_where_no_team_sours_the_page_does_not_tell_of_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = words(page_of(monkeypatch, without_story(tmp_path_factory, "sour_team").folder.parent))
    assert "widest in Deliveries" not in said
    assert not re.search(r"beyond noise: [^;]*Deliveries[^;]* worse", said)


def test_a_hard_queue_with_good_agents_turns_over_among_similar_conversations(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """As they are the easy queue looks better; among conversations of the same topic and mood the hard queue's agents do."""

    def make(folder: Path) -> None:
        (folder / "export").mkdir()
        generate(folder / "export", tickets=1500, queues="hard-and-easy")
        ingest([folder / "export"], store=Store(folder, "main"), settings=Settings())

    store = Store(once(shared_base(tmp_path_factory) / "queues", make), "main")
    with store.reading() as version:
        told = similar(version, ["mood_after_answer", "left_better"], Scope(), "team", ("mood", "topic"))
    for one in told:
        rows = {row["group"]: row for row in one.frame.to_dicts()}
        hard, easy = rows["Readers & Payments"], rows["Online Shop"]
        assert hard["raw"] < easy["raw"]
        assert hard["similar"] > easy["similar"]
        assert hard["change"] > 0 > easy["change"]


@pytest.mark.parametrize(
    "query",
    [
        {"group": "Language"}, {"group": "Week"}, {"group": "Tag"}, {"group": "Hour of arrival"}, {"group": "Who answered"},
        {"group": "Channel"}, {"group": "Topic"}, {"group": EVIL}, {"group": "Agent"}, {"team": "Billing"}, {"score": "NPS", "talk": "Longest wait"},
        {"score": "nothing", "talk": EVIL}, {"from": "2020-01-01", "to": "2020-01-02"}, {"from": "2026-11-14", "to": "2026-11-14"},
        {"talk": "Handle time"}, {"score": "First reply time"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_asked_the_page_answers(
    query: dict[str, str], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = words(page_of(monkeypatch, small, **query))
    assert "Where is the gap widest" in said
    assert "nan" not in said.lower().split() and "None" not in said
    if query.get("group") == "Language":
        assert "Languages are not ranked" in said
    if query.get("from") == "2020-01-01":
        assert "No conversations match these filters." in said
    if query.get("group") == "Agent":
        assert "Agent 1" not in said, "agents are off until they are switched on"


def test_hostile_names_stay_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "main", count=120, hostile=True)
    for group in ("Team", "Tag", "Channel"):
        body = html(page_of(monkeypatch, tmp_path, group=group))
        assert "&lt;img src=" in body and "<img" not in body and "<script" not in body


def test_one_conversation_and_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "one", "main", count=1)
    assert "Fewer than two teams" in words(page_of(monkeypatch, tmp_path / "one", period="52 weeks"))
    assert "Bring your own export" in words(page_of(monkeypatch, tmp_path / "none"))


def test_small_groups_stand_as_conversations(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = words(page_of(monkeypatch, small, **{"from": "2026-10-28", "to": "2026-11-15"}))
    assert "too few" in said


def test_agents_stand_under_names_that_are_not_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "main")
    settings = tmp_path / "heard.toml"
    settings.write_text("[display]\nagents = true\n")
    monkeypatch.setenv("HEARD_SETTINGS", str(settings))
    said = html(page_of(monkeypatch, tmp_path, group="Agent"))
    secret = pseudonyms.key(tmp_path / "main")
    codes = {pseudonyms.pseudonym(f"Agent {number}", secret) for number in range(4)}
    assert set(re.findall(r"Agent [0-9A-F]{5}", said)) == codes
    assert not re.search(r"Agent(\+|%20| )[0-3]\b", said)
    assert "Agents are not ranked" in said
    href = re.search(r'conversations\?([^"]*agent_code=[^"]*)"', said)
    assert href and "agent=" not in href[1]


def test_an_incident_is_left_out_said_and_counted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "main")
    app = page_of(monkeypatch, tmp_path)
    before = words(app)
    app.selectbox(key="incident_tag").select("tag")
    app.date_input(key="incident_first").set_value("2026-10-01")
    app.date_input(key="incident_last").set_value("2026-10-20")
    app.text_input(key="incident_why").input("The mailing <b>went wrong</b>")
    next(one for one in app.button if one.label == "Leave it out").click().run()
    after = words(app)
    assert "Left out: conversations that came in from 1 October 2026 to 20 October 2026, tag tag" in after
    assert "The mailing <b>went wrong</b>" in after and "Set by" in after
    assert counts(after) != counts(before)
    assert "without=incidents" in html(app)
    (entry,) = Ledger(tmp_path / "main").entries(incidents.KIND).values()
    assert entry.who and entry.fields
    app.button(key=f"bring back {entry.subject}").click().run()
    assert counts(words(app)) == counts(before) and "Counted again" in words(app)
    app.button(key="undo incident").click().run()
    assert counts(words(app)) == counts(after)


def counts(said: str) -> list[str]:
    return re.findall(r"n ([\d,]+)", said)
