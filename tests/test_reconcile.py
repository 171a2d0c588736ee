"""Our figures beside the helpdesk's: what is the same, and the named reason of what is not."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from metrics.reconcile import NOT_LOADED, SAME, THEIRS, UNEXPLAINED, differences, reasons, summed_up
from pipelines.ingest import ingest
from pipelines.reconcile import stated_in
from tests.desk import Desk
from warehouse.errors import NoData
from warehouse.settings import Settings
from warehouse.store import Store


def theirs(**figures: dict[str, float | None]) -> pl.DataFrame:
    """The helpdesk's figures: name -> ticket -> calendar minutes (or the value of a count)."""
    rows = []
    for name, tickets in figures.items():
        for ticket_id, value in tickets.items():
            kind = "value" if name.startswith(("count_", "csat")) else "calendar_minutes"
            rows.append({"source": "desk", "ticket_id": ticket_id, "name": name, kind: value})
    return pl.DataFrame(rows, schema=THEIRS)


def whys(desk: Desk, given: pl.DataFrame) -> dict[str, str]:
    """The reason given for each ticket."""
    found = differences(desk.done(), given)
    return dict(found.select("ticket_id", "why").rows())


def answered(desk: Desk, ticket_id: str, minutes: float = 30, **more: object) -> None:
    """A ticket whose customer writes at once and is answered after so many minutes."""
    desk.ticket(ticket_id, status="open", **more)  # type: ignore[arg-type]
    desk.say(ticket_id, 0, "c1")
    desk.say(ticket_id, minutes, "a1")


def test_a_minute_is_no_difference_and_a_ticket_that_is_not_here_is_said() -> None:
    desk = Desk()
    answered(desk, "1", 30.4)
    given = theirs(first_reply={"1": 30, "elsewhere": 5})
    assert whys(desk, given) == {"1": SAME, "elsewhere": NOT_LOADED}


def test_first_replies_that_are_none_by_our_rule_are_named() -> None:
    """Bots, notes, merged tickets, tickets that an agent opened, and those that nobody has answered."""
    desk = Desk()
    answered(desk, "bot", 50)
    desk.say("bot", 2, "bot")
    answered(desk, "note", 60)
    desk.note("note", 7)
    answered(desk, "merged", 30, merged_into="bot")
    desk.ticket("ours", customer="c1", opened_by_id="a1")
    desk.say("ours", 0, "a1")
    desk.say("ours", 10, "c1")
    desk.say("ours", 20, "a1")
    desk.ticket("waiting")
    desk.say("waiting", 0, "c1")
    answered(desk, "zone", 130)
    answered(desk, "riddle", 77)
    given = theirs(
        first_reply={"bot": 2, "note": 7, "merged": 30, "ours": 20, "waiting": 15, "zone": 10, "riddle": 20}
    )
    assert whys(desk, given) == {
        "bot": "their reply is a bot's or a rule's",
        "note": "their reply is a private note",
        "merged": "left out here: merged",
        "ours": "an agent opened the ticket, so that nobody waited for a first reply",
        "waiting": "nobody has replied yet by our rule",
        "zone": "their times are in another zone",
        "riddle": UNEXPLAINED,
    }


def test_reopens_that_are_counted_as_solves_minus_one_are_named() -> None:
    desk = Desk()
    for ticket_id in ("again", "right"):
        answered(desk, ticket_id)
        desk.status(ticket_id, 40, "solved", old="open")
        desk.status(ticket_id, 50, "open", old="solved")
    given = theirs(count_reopens={"again": 0, "right": 1})
    assert whys(desk, given) == {
        "again": "theirs counts solves minus one: reopened and not solved again",
        "right": SAME,
    }


def test_a_first_solve_or_whole_hours_explain_a_resolution() -> None:
    desk = Desk()
    answered(desk, "1")
    desk.status("1", 100, "solved", old="open")
    desk.status("1", 200, "open", old="solved")
    desk.status("1", 400, "solved", old="open")
    given = theirs(full_resolution={"1": 100}, resolution_in_whole_hours={"1": 360})
    found = differences(desk.done(), given)
    assert dict(found.select("figure", "why").filter(pl.col("figure").str.contains("esolution")).rows()) == {
        "Full resolution time": "theirs is the first solve, ours the last",
        "Resolution time, whole hours": "theirs is rounded to whole hours",
    }


def test_a_first_rating_is_told_from_the_latest() -> None:
    desk = Desk()
    answered(desk, "1")
    desk.rate("first", 1.0, "1", scale_min=0.0, scale_max=1.0, is_positive=True, answered=500)
    desk.rate("latest", 0.0, "1", scale_min=0.0, scale_max=1.0, is_positive=False, answered=600)
    assert whys(desk, theirs(csat={"1": 1.0})) == {"1": "theirs is the first rating, ours the latest"}


def test_what_is_summed_up_counts_every_ticket_once() -> None:
    desk = Desk()
    for number in range(4):
        answered(desk, str(number), 30)
    found = differences(desk.done(), theirs(first_reply={"0": 30, "1": 30, "2": 2, "3": 3}))
    assert summed_up(found).select("n", "n_same", "median_ours").row(0) == (4, 2, 30.0)
    assert reasons(found).select("n", "examples").rows() == [(2, ["2", "3"])]


def test_an_export_that_states_figures_is_held_against_the_store_without_being_loaded(tmp_path: Path) -> None:
    """The metrics of a ticket in a file of their own, against the ticket that is loaded."""
    ticket = {
        "id": 7, "subject": "s", "status": "open", "requester_id": 1, "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T10:00:00Z", "via": {"channel": "email"},
        "comments": [
            {"id": 1, "author_id": 1, "public": True, "body": "Hello there.", "created_at": "2026-03-02T09:00:00Z"},
            {"id": 2, "author_id": 9, "public": True, "body": "Here you are.", "created_at": "2026-03-02T09:30:00Z"},
        ],
    }  # fmt: skip
    (tmp_path / "tickets.ndjson").write_text(json.dumps(ticket) + "\n", encoding="utf-8")
    user = {"id": 9, "role": "agent", "name": "N"}
    (tmp_path / "users.ndjson").write_text(json.dumps(user) + "\n", encoding="utf-8")
    metrics = tmp_path / "metrics.json"
    metrics.write_text(
        json.dumps(
            {"ticket_metrics": [{"ticket_id": 7, "reply_time_in_minutes": {"calendar": 30, "business": 12}}]}
        ),
        encoding="utf-8",
    )
    store = Store(tmp_path / "store")
    ingest([tmp_path / "tickets.ndjson", tmp_path / "users.ndjson"], store=store, settings=Settings())
    found = stated_in(metrics, store=store, settings=Settings(), progress=lambda *_: None)
    with store.reading() as version:
        rows = differences(version, found)
        assert version.query("SELECT count(*) AS n FROM vendor_metrics").item() == 0
    assert rows.select("hours", "theirs", "ours", "why").rows() == [
        ("calendar", 30.0, 30.0, SAME),
        ("business", 12.0, None, "no schedule of business hours is known here"),
    ]


def test_a_file_without_figures_says_what_to_export(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text("ticket_id,subject,status\n1,One,open\n", encoding="utf-8")
    with pytest.raises(NoData, match=r"states no figures of the helpdesk's own"):
        stated_in(file, store=Store(tmp_path / "store"), settings=Settings(), progress=lambda *_: None)
