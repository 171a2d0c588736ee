"""The sample: the same bytes each time, rich, in Zendesk's shapes, with stories that can be switched off alone."""

from __future__ import annotations

import csv
import gzip
import json
import re
import tracemalloc
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from pipelines.sample import STORIES, generate
from pipelines.sample.stock import TEAMS, family, situations
from pipelines.sample.voices import with_typos
from warehouse.errors import HeardError

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED = PROJECT / "data" / "sample"
TICKETS = 1000
_QUOTED = re.compile(r"\n\n(?:On \w{3}, |-----Original Message)")


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    files = sorted(
        folder.glob(f"{name}-*.ndjson.gz"), key=lambda path: int(path.name.split("-")[1].split(".")[0])
    )
    return [json.loads(line) for path in files for line in gzip.open(path, "rt", encoding="utf-8")]


def _array(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))[name])


def _nps(folder: Path) -> list[dict[str, str]]:
    with (folder / "nps.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Gives the folder of a small sample without the stories named."""

    @cache
    def make(*without: str) -> Path:
        folder = tmp_path_factory.mktemp("sample")
        generate(folder, tickets=TICKETS, without=without)
        return folder

    return make


def _team_of(folder: Path) -> dict[int, str]:
    return {group["id"]: group["name"] for group in _array(folder, "groups")}


def _customers(folder: Path) -> set[int]:
    return {user["id"] for user in _array(folder, "users") if user["role"] == "end-user"}


def _said(folder: Path, tickets: list[dict[str, Any]]) -> list[str]:
    """What customers typed themselves, without the mails quoted below; spam and merged doubles left out."""
    customers = _customers(folder)
    return [
        _QUOTED.split(comment["body"])[0].strip()
        for ticket in tickets
        if not {"spam", "closed_by_merge"} & set(ticket["tags"])
        for comment in ticket["comments"]
        if comment["author_id"] in customers
    ]


def test_same_seed_gives_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate(tmp_path / name, tickets=120, seed=seed)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    other = (tmp_path / "c" / "tickets-1.ndjson.gz").read_bytes()
    assert other != (tmp_path / "a" / "tickets-1.ndjson.gz").read_bytes()


def test_shipped_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    generate(tmp_path, tickets=2800)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in SHIPPED.iterdir())
    for path in tmp_path.iterdir():
        fresh, shipped = path.read_bytes(), (SHIPPED / path.name).read_bytes()
        assert len(shipped) < 1_000_000, path.name
        if path.suffix == ".gz":
            fresh, shipped = gzip.decompress(fresh), gzip.decompress(shipped)
        assert fresh == shipped, f"{path.name} differs: heard sample --tickets 2800 --out data/sample"


def test_shipped_sample_holds_what_it_promises() -> None:
    tickets = _lines(SHIPPED, "tickets")
    assert len(tickets) == 2800
    teams = Counter(_team_of(SHIPPED)[ticket["group_id"]] for ticket in tickets)
    assert len(teams) == 6
    assert min(teams.values()) > 150
    channels = Counter(ticket["via"]["channel"] for ticket in tickets)
    assert set(channels) == {"email", "web", "chat", "native_messaging"}
    weeks = Counter(date.fromisoformat(ticket["created_at"][:10]).isocalendar()[:2] for ticket in tickets)
    assert len(weeks) == 26
    assert max(weeks) == (2026, 46)
    assert min(weeks.values()) > 50
    stamps = [ticket["updated_at"] for ticket in tickets]
    assert max(stamps) <= "2026-11-15T23:59:59Z"
    scores = Counter(ticket["satisfaction_rating"]["score"] for ticket in tickets)
    answered = scores["good"] + scores["bad"]
    assert 0.2 < answered / (answered + scores["offered"]) < 0.4
    assert scores["unoffered"] > 200
    assert {"new", "open", "pending", "solved", "closed"} <= {ticket["status"] for ticket in tickets}
    nps = _nps(SHIPPED)
    assert sum(bool(row["score"]) for row in nps) > 150
    assert any(row["comment"] for row in nps)
    assert any(not row["ticket_id"] for row in nps)


def test_stock_is_rich() -> None:
    known = {case for team in TEAMS for cases in situations(team) for case in cases}
    assert len({case.name for case in known}) >= 40
    assert len(known) >= 90
    assert all(len(case.leads) * len(case.details) * max(1, len(case.asks)) >= 2 for case in known)
    assert len(family("ideas")["accountant"]["any"]) >= 28


def test_customers_hardly_ever_say_the_same_thing_twice() -> None:
    tickets = _lines(SHIPPED, "tickets")
    said = [text for text in _said(SHIPPED, tickets) if len(text.split()) > 3]
    repeats = len(said) - len(set(said))
    assert repeats / len(said) < 0.03
    openings = [ticket["comments"][0]["body"] for ticket in tickets]
    assert len(set(openings)) / len(openings) > 0.98
    lengths = sorted(len(opening.split()) for opening in openings)
    assert lengths[len(lengths) // 20] < 15
    assert lengths[-len(lengths) // 20] > 70


def test_everything_has_its_own_id(made: Any) -> None:
    folder = made()
    tickets, audits = _lines(folder, "tickets"), _lines(folder, "ticket_audits")
    groups = {
        "ticket": [ticket["id"] for ticket in tickets],
        "comment": [comment["id"] for ticket in tickets for comment in ticket["comments"]],
        "audit": [audit["id"] for audit in audits],
        "event": [event["id"] for audit in audits for event in audit["events"]],
        "user": [user["id"] for user in _array(folder, "users")],
        "organisation": [entry["id"] for entry in _array(folder, "organizations")],
    }
    for name, ids in groups.items():
        assert len(ids) == len(set(ids)), name
        assert all(0 < number < 2**53 for number in ids), name
    assert len(tickets) == TICKETS


def test_tickets_point_at_what_exists_and_are_in_order(made: Any) -> None:
    folder = made()
    users = {user["id"]: user for user in _array(folder, "users")}
    organisations = {entry["id"] for entry in _array(folder, "organizations")}
    fields = json.loads((folder / "ticket_fields.json").read_text())["ticket_fields"]
    assert fields[0]["title"] == "Total time spent (sec)"
    for ticket in _lines(folder, "tickets"):
        assert users[ticket["requester_id"]]["role"] == "end-user"
        assert ticket["assignee_id"] is None or users[ticket["assignee_id"]]["role"] in ("agent", "admin")
        assert ticket["organization_id"] is None or ticket["organization_id"] in organisations
        assert ticket["comments"][0]["created_at"] == ticket["created_at"]
        assert ticket["description"] == ticket["comments"][0]["body"]
        stamps = [comment["created_at"] for comment in ticket["comments"]]
        assert stamps == sorted(stamps)
        assert max(stamps) <= ticket["updated_at"]
        assert all(comment["body"].strip() for comment in ticket["comments"]), ticket["id"]
        assert all(
            comment["author_id"] == -1 or comment["author_id"] in users for comment in ticket["comments"]
        )
        assert not any(re.search(r"[\[\]{}¶]| // ", comment["body"]) for comment in ticket["comments"]), (
            ticket["id"]
        )
        seconds = {field["id"]: field["value"] for field in ticket["custom_fields"]}[fields[0]["id"]]
        assert seconds is None or seconds > 0


def test_audits_tell_the_same_story_as_the_tickets(made: Any) -> None:
    folder = made()
    tickets = {ticket["id"]: ticket for ticket in _lines(folder, "tickets")}
    status: dict[int, str] = {}
    score: dict[int, str] = {}
    for audit in _lines(folder, "ticket_audits"):
        for event in audit["events"]:
            if event["field_name"] == "status":
                assert event.get("previous_value", status.get(audit["ticket_id"])) == status.get(
                    audit["ticket_id"]
                )
                status[audit["ticket_id"]] = event["value"]
            if event["field_name"] == "satisfaction_score":
                score[audit["ticket_id"]] = event["value"]
    assert set(status) == set(tickets)
    for ticket_id, ticket in tickets.items():
        assert status[ticket_id] == ticket["status"], ticket_id
        assert score.get(ticket_id, "unoffered") == ticket["satisfaction_rating"]["score"], ticket_id


def test_conversations_hold_the_oddities_of_real_ones() -> None:
    tickets = _lines(SHIPPED, "tickets")
    text = "\n".join(comment["body"] for ticket in tickets for comment in ticket["comments"])
    assert "---------- Forwarded message" in text
    assert "-----Original Message-----" in text
    assert "\n> " in text
    assert re.search(r"[\u0590-\u06ff]", text)
    assert re.search("[\U0001f600-\U0001f64f]", text)
    assert any("html_body" in comment for ticket in tickets for comment in ticket["comments"])
    assert any(not comment["public"] for ticket in tickets for comment in ticket["comments"])
    tags = Counter(tag for ticket in tickets for tag in ticket["tags"])
    assert all(
        tags[tag] for tag in ("spam", "closed_by_merge", "outreach", "auto_reply", "follow_up", "auto_closed")
    )
    assert any(ticket["metric_set"]["reopens"] for ticket in tickets)
    assert sum(ticket["submitter_id"] != ticket["requester_id"] for ticket in tickets) == tags["outreach"]
    foreign = sum(
        bool(re.search(r"\b(und|nicht|wie|ich|gracias|hola|buenas|está|merci|pas|bjr)\b", t["description"]))
        for t in tickets
    )
    assert 0.015 < foreign / len(tickets) < 0.06


def test_unknown_story_and_too_small_a_sample_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HeardError, match="no story called happy_team") as told:
        generate(tmp_path / "a", tickets=100, without={"happy_team"})
    assert "sour_team" in str(told.value)
    with pytest.raises(HeardError, match="too small"):
        generate(tmp_path / "b", tickets=3)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("story", "may_differ"),
    [
        ("sour_team", lambda ticket, team: team == "Deliveries" and ticket["created_at"] >= "2026-09-07"),
        ("slow_loved", lambda ticket, team: team == "Data Rescue"),
        ("unanswered_idea", lambda ticket, team: True),
        (
            "defensive_policy",
            lambda ticket, team: "refund" in ticket["tags"] and ticket["created_at"] >= "2026-08-31",
        ),
        ("gone_quiet", lambda ticket, team: False),
    ],
)
def test_a_story_switched_off_changes_only_its_own_tickets(made: Any, story: str, may_differ: Any) -> None:
    told, untold = made(), made(story)
    teams = _team_of(told)
    with_story = {ticket["id"]: ticket for ticket in _lines(told, "tickets")}
    without = {ticket["id"]: ticket for ticket in _lines(untold, "tickets")}
    for name in ("users.json", "organizations.json", "groups.json", "ticket_fields.json"):
        assert (told / name).read_bytes() == (untold / name).read_bytes()
    assert set(with_story) <= set(without)
    assert (len(without) > len(with_story)) == (story == "gone_quiet")
    different = [ticket for key, ticket in with_story.items() if ticket != without[key]]
    assert bool(different) == (story != "gone_quiet")
    for ticket in different:
        assert may_differ(ticket, teams[ticket["group_id"]]), ticket["id"]
    if story == "unanswered_idea":
        assert len(different) < 0.09 * len(with_story)
        return
    for key, ticket in with_story.items():
        assert ticket["comments"][0] == without[key]["comments"][0], key
        assert ticket["created_at"] == without[key]["created_at"]


def _handle(tickets: list[dict[str, Any]]) -> float:
    return median(t["custom_fields"][0]["value"] for t in tickets if t["custom_fields"][0]["value"])


def _good(tickets: list[dict[str, Any]]) -> float:
    return mean(
        t["satisfaction_rating"]["score"] == "good" for t in tickets if "id" in t["satisfaction_rating"]
    )


def _before_and_after(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    teams = _team_of(folder)
    own = [ticket for ticket in _lines(folder, "tickets") if teams[ticket["group_id"]] == "Deliveries"]
    return [t for t in own if t["created_at"] < "2026-09-07"], [
        t for t in own if t["created_at"] >= "2026-09-07"
    ]


def test_sour_team_is_faster_and_better_scored_only_when_told(made: Any) -> None:
    early, late = _before_and_after(SHIPPED)
    assert _handle(late) < 0.6 * _handle(early)
    assert _good(late) > _good(early) + 0.08
    early, late = _before_and_after(made("sour_team"))
    assert 0.75 < _handle(late) / _handle(early) < 1.3


def test_idea_is_asked_in_many_words_and_only_when_told(made: Any) -> None:
    told = {ticket["id"]: ticket for ticket in _lines(made(), "tickets")}
    untold = {ticket["id"]: ticket for ticket in _lines(made("unanswered_idea"), "tickets")}
    asked = []
    for key, ticket in told.items():
        if ticket == untold[key]:
            continue
        pairs = zip(ticket["comments"], untold[key]["comments"], strict=True)
        longer = [
            (comment["body"], plain["body"]) for comment, plain in pairs if comment["body"] != plain["body"]
        ]
        assert all(len(said) > len(without) for said, without in longer), key
        asked.append(longer[0][0])
    assert len(asked) > 40
    assert len(set(asked)) == len(asked)
    named = re.compile(r"accountant|bookkeeper|books|tax adviser|read-only", re.IGNORECASE)
    assert sum(bool(named.search(text)) for text in asked) > 0.9 * len(asked)
    comments = [row["comment"] for row in _nps(made())]
    assert sum("accountant" in text or "bookkeeper" in text for text in comments) >= 1
    assert not any("bookkeeper" in row["comment"] for row in _nps(made("unanswered_idea")))


def test_regulars_fall_silent_only_when_told(made: Any) -> None:
    def late_by_customer(folder: Path) -> Counter[int]:
        return Counter(
            t["requester_id"] for t in _lines(folder, "tickets") if t["created_at"] >= "2026-09-28"
        )

    told, untold = late_by_customer(made()), late_by_customer(made("gone_quiet"))
    regulars = [customer for customer, count in untold.items() if count - told[customer] >= 4]
    assert len(regulars) == TICKETS // 200
    assert all(told[customer] == 0 for customer in regulars)


def test_every_story_says_what_should_be_found_and_the_readme_tells_it() -> None:
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert len({story.name for story in STORIES}) == 5
    for story in STORIES:
        assert story.expects
        assert story.title in readme
        assert all(expected.column in readme for expected in story.expects)


def test_memory_stays_flat_however_many_tickets(tmp_path: Path) -> None:
    def peak(tickets: int) -> int:
        tracemalloc.start()
        generate(tmp_path / str(tickets), tickets=tickets)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    small, large = peak(200), peak(800)
    assert large < small + 3_000_000


def test_progress_is_told(tmp_path: Path) -> None:
    steps: list[int] = []
    generate(tmp_path, tickets=620, progress=steps.append)
    assert steps == [500, 120]


def test_typos_touch_letters_only() -> None:
    from random import Random

    text = "the parcel QP5528194 costs £12.50 and nobody answered yesterday"
    mistyped = with_typos(text, 0.5, Random(1))
    assert mistyped != text
    assert re.findall(r"[\d£.]+", mistyped) == re.findall(r"[\d£.]+", text)
