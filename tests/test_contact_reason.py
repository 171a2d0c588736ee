"""Contact reasons: themes found in what customers write, the same from week to week, and figures split by them."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import polars as pl
import pytest

from metrics.function.solved import contact_reason as reasons
from metrics.function.solved.contact_reason import ELSE, contact_reason
from metrics.text import themes
from tests.conftest import PROJECT
from tests.desk import Desk
from warehouse.settings import ContactReasons, Settings
from warehouse.store import Version, query

TOPICS = (
    "My parcel is lost and the courier shows no tracking",
    "The invoice has the wrong vat number on the second page",
    "The printer jams and every label comes out crooked",
    "My password expired and the login page is blank",
)
OTHERS = ("kind", "late", "blue", "green", "tired", "happy", "north", "south")
SETTINGS = replace(Settings(), contact_reasons=ContactReasons(themes=4))


def text(number: int) -> str:
    return f"{TOPICS[number % 4]} {OTHERS[number % 8]}"


def desk(count: int, *, seed: int = 0) -> Version:
    """So many tickets about the four topics, in an order of the seed's; the last is about nothing of the kind."""
    made = Desk()
    numbers = list(range(count))
    random.Random(seed).shuffle(numbers)
    for number in numbers:
        made.ticket(f"t{number:04}", number, customer=f"c{number}")
        made.say(f"t{number:04}", number, f"c{number}", text(number), message_id=f"m{number}")
    made.ticket("odd", 1, customer="c0")
    made.say("odd", 1, "c0", "Unrelated musings concerning weather balloons", message_id="odd")
    version = made.done()
    hear(version)
    return version


def hear(version: Version) -> None:
    version.connection.execute(
        "INSERT INTO heard BY NAME SELECT source, ticket_id, true AS is_readable, 1 AS count_customer_turns FROM tickets"
        " ANTI JOIN heard USING (source, ticket_id)"
    )


def told(version: Version) -> dict[str, str | None]:
    return dict(query(version.connection, "SELECT ticket_id, contact_reason FROM heard").rows())


def test_conversations_about_one_thing_have_one_reason_named_by_its_words() -> None:
    version = desk(240)
    reasons.prepare(version.connection, SETTINGS)
    found = told(version)
    by_topic = [
        {found[f"t{number:04}"] for number in range(240) if number % 4 == topic} for topic in range(4)
    ]
    assert all(len(names) == 1 for names in by_topic)
    names = [str(names.pop()) for names in by_topic]
    assert len(set(names)) == 4
    assert all(
        word in topic.lower() for name, topic in zip(names, TOPICS, strict=True) for word in name.split()
    )
    assert found["odd"] == ELSE


def test_the_same_conversations_in_another_order_have_the_same_reasons() -> None:
    first, second = desk(240), desk(240, seed=7)
    for version in (first, second):
        reasons.prepare(version.connection, SETTINGS)
    assert told(first) == told(second)


def test_themes_stay_when_more_comes_and_are_found_anew_when_asked() -> None:
    version = desk(240)
    reasons.prepare(version.connection, SETTINGS)
    before = told(version)
    version.connection.execute("UPDATE heard SET contact_reason = NULL WHERE ticket_id = 't0001'")
    reasons.prepare(version.connection, SETTINGS)
    assert told(version) == before
    version.connection.execute("UPDATE themes SET name = 'our own name' WHERE theme = 0")
    anew = replace(SETTINGS, contact_reasons=ContactReasons(themes=4, edition=2))
    reasons.prepare(version.connection, anew)
    names = query(version.connection, "SELECT name FROM themes")["name"].to_list()
    assert "our own name" in names and len(set(names)) == 4


def test_the_evidence_is_a_word_of_the_message() -> None:
    version = desk(240)
    reasons.prepare(version.connection, SETTINGS)
    rows = query(
        version.connection,
        "SELECT e.*, m.text FROM evidence e JOIN messages m USING (source, ticket_id, message_id)",
    ).to_dicts()
    assert len(rows) == 240
    assert {row["text"][row["start"] : row["end"]] for row in rows} <= {
        word for topic in TOPICS for word in topic.split()
    }


def test_few_conversations_have_no_reason() -> None:
    version = desk(40)
    reasons.prepare(version.connection, SETTINGS)
    assert set(told(version).values()) == {None}
    facts = query(version.connection, contact_reason.facts)
    assert facts["has_contact_reason"].null_count() == facts.height


@pytest.mark.parametrize("said", ["", "ok", "???", "a b c"])
def test_texts_without_words_are_close_to_nothing(said: str) -> None:
    found = themes.fit(pl.DataFrame({"text": [text(number) for number in range(240)]}), 4)
    assert themes.nearest(pl.DataFrame({"text": [said]}), found).rows() == [(None, None)]


def test_a_word_is_found_at_its_place_also_where_letters_are_odd() -> None:
    texts = pl.Series(["Export: the PORT is shut", "\u0130stanbul \u2013 caf\u00e9 port", "none"])
    found = themes.where(texts, pl.Series(["port", "port", "port"])).rows()
    assert found[0] == (12, 16)
    assert found[2] == (None, None)
    for said, (start, end) in zip(texts, found, strict=True):
        assert start is None or said[start:end].lower() == "port"


def test_naming_measures_does_not_wait_for_scikit_learn() -> None:
    code = "import sys; from metrics import registry; registry.discover(); print('sklearn' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
