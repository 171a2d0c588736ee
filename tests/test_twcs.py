"""The public tweets: threads of replies as tickets, roles by `inbound`, broken rows kept apart."""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path

from pipelines.ingest import ingest
from tests.conftest import shared
from tests.loading import load, rows, tables
from warehouse.settings import Settings
from warehouse.store import Store

HEADER = [
    "",
    "tweet_id",
    "author_id",
    "inbound",
    "created_at",
    "text",
    "response_tweet_id",
    "in_response_to_tweet_id",
]
TWEETS = [
    ["0", "10", "7001", "True", "Tue Oct 31 22:00:00 +0000 2017", "@lantern my lamp hums", "11,12", ""],
    ["1", "11", "lantern", "False", "Tue Oct 31 22:05:00 +0000 2017", "@7001 Since when?", "13", "10.0"],
    ["2", "12", "7002", "True", "Tue Oct 31 22:06:00 +0000 2017", "@7001 mine too", "", "10.0"],
    ["3", "13", "7001", "True", "Tue Oct 31 22:07:00 +0000 2017", "Since Monday 🙁", "", "11.0"],
    [
        "4",
        "30",
        "harbour",
        "False",
        "Wed Nov 01 08:00:00 +0000 2017",
        "@7003 Boats leave at nine.",
        "",
        "29.0",
    ],
    ["5", "31", "7004", "True", "Wed Nov 01 08:01:00 +0000 2017", "@7003 thanks for asking", "", "29.0"],
    ["6", "40", "7005", "True", "Wed Nov 01 09:00:00 +0000 2017", 'a line, "quoted"\nand another', "", ""],
]


def _write(path: Path, tweets: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *tweets])
    return path


def test_threads_are_connected_replies(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    load(store, _write(tmp_path / "t.csv", TWEETS))
    found = rows(
        store, "SELECT ticket_id, customer_id, brand, opened_by_id FROM tickets ORDER BY ticket_id::BIGINT"
    )
    assert [tuple(row.values()) for row in found] == [
        ("10", "7001", "lantern", "7001"),
        ("30", "7004", "harbour", "harbour"),  # both answer a tweet that is not in the file
        ("40", "7005", None, "7005"),
    ]
    said = rows(
        store, "SELECT message_id, author_role FROM messages WHERE ticket_id = '10' ORDER BY created_at"
    )
    assert [tuple(row.values()) for row in said] == [
        ("10", "customer"),
        ("11", "agent"),
        ("12", "customer"),
        ("13", "customer"),
    ]


def test_who_joins_in_is_not_the_customer(tmp_path: Path) -> None:
    """A stranger's "mine too" stood as the customer's mood, and as their wait for an answer."""
    store = Store(tmp_path / "store")
    ingest([_write(tmp_path / "t.csv", TWEETS)], store=store, settings=Settings())
    said = rows(store, "SELECT message_id, role, turn FROM turn_index WHERE ticket_id = '10' ORDER BY place")
    assert [tuple(row.values()) for row in said] == [
        ("10", "customer", 0),
        ("11", "agent", 1),
        ("12", "bystander", None),
        ("13", "customer", 2),
    ]
    answered = "SELECT answered_by FROM tickets_clean WHERE ticket_id = '10'"
    assert rows(store, answered) == [{"answered_by": "human"}]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    load(one, _write(tmp_path / "t.csv", TWEETS))
    load(other, _write(tmp_path / "u.csv", random.Random(3).sample(TWEETS, len(TWEETS))))
    assert tables(one) == tables(other)


def test_a_row_broken_by_a_line_break_goes_to_rejects(tmp_path: Path) -> None:
    path = _write(tmp_path / "t.csv", TWEETS)
    path.write_text(path.read_text().replace("Since when?", "Since\nwhen?"))
    store = Store(tmp_path / "store")
    summary = load(store, path)
    found = rows(store, "SELECT file, line, reason, raw FROM rejects ORDER BY line")
    assert [row["line"] for row in found] == [3, 4]
    assert found[0]["file"] == "t.csv" and "cells" in found[0]["reason"] and "Since" in found[0]["raw"]
    assert summary.files[0].count_refused == 2
    assert rows(store, "SELECT count(*) AS n FROM messages") == [{"n": 6}]


def test_a_reference_that_is_no_number_refuses_the_row(tmp_path: Path) -> None:
    broken = ["9", "50", "7006", "True", "Wed Nov 01 09:00:00 +0000 2017", "hello", "abc", ""]
    store = Store(tmp_path / "store")
    summary = load(store, _write(tmp_path / "t.csv", [*TWEETS, broken]))
    assert summary.files[0].count_refused == 1
    assert rows(store, "SELECT count(*) AS n FROM messages") == [{"n": 7}]


def test_the_public_sample_as_it_comes(tmp_path: Path) -> None:
    path = shared("real/twcs_sample.csv.gz")
    store = Store(tmp_path / "store")
    summary = load(store, path)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        whole = [
            record
            for record in csv.DictReader(file)
            if record["inbound"] in ("True", "False") and record["text"]
        ]
    counts = rows(store, "SELECT count(*) AS n FROM messages")[0]["n"]
    assert 4_995 <= counts <= len(whole)
    bodies = {row["message_id"]: row["body"] for row in rows(store, "SELECT message_id, body FROM messages")}
    told = {record["tweet_id"]: record["text"] for record in whole if record["tweet_id"] in bodies}
    assert len(told) >= 4_995 and all(bodies[tweet] == text for tweet, text in told.items())
    assert 1 <= summary.total("count_refused") <= 3
