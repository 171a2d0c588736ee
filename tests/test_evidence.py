"""Evidence first: every span stands, word for word, in the file that it came from."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from metrics import registry
from metrics.text.sentences import split
from tests.conftest import PROJECT, shared
from warehouse.store import Store, Version

SPANS = """
SELECT evidence.ticket_id, evidence.message_id, measure, evidence.kind, start, "end", turns.text, evidence.refers_to_message
FROM evidence LEFT JOIN turns USING (source, ticket_id, message_id)
"""


class _Words(HTMLParser):
    """The words of an HTML body, by the standard library alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _letters(text: str) -> str:
    """The letters and digits alone: white space and invisible characters are not what evidence is about."""
    return re.sub(r"[\W_]+", "", text)


def _extracted(body: str) -> set[str]:
    words = _Words()
    words.feed(body)
    words.close()
    return {_letters(html.unescape(body)), _letters("".join(words.parts))}


def _sample_bodies() -> dict[str, set[str]]:
    bodies: dict[str, set[str]] = {}
    for path in sorted((PROJECT / "data" / "sample").glob("tickets*.ndjson.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                ticket = json.loads(line)
                for comment in ticket["comments"]:
                    stated = [comment.get(key) or "" for key in ("body", "plain_body", "html_body")]
                    bodies[str(comment["id"])] = set().union(*map(_extracted, stated))
                rating = ticket.get("satisfaction_rating") or {}
                bodies[f"csat {ticket['id']}"] = _extracted(rating.get("comment") or "")
    with (PROJECT / "data" / "sample" / "nps.csv").open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            bodies[f"nps {number}"] = set().union(*(_extracted(value or "") for value in row.values()))
    return bodies


def _twcs_bodies(path: Path) -> dict[str, set[str]]:
    with gzip.open(path, "rb") as packed:
        text = packed.read().decode("utf-8", errors="replace")
    bodies: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if row.get("tweet_id"):  # a broken row may bear the id of a whole one
            bodies.setdefault(row["tweet_id"], set()).update(_extracted(row["text"] or ""))
    return bodies


def _check(version: Version, bodies: dict[str, set[str]]) -> int:
    """Every span is found, and is at most a sentence. Returns how many were looked at."""
    surveys = set().union(*(found for key, found in bodies.items() if not key.isdigit()))
    problems: list[str] = []
    count = 0
    for row in version.query(SPANS).iter_rows(named=True):
        count += 1
        text = row["text"]
        if text is None:
            problems.append(f"{row['measure']} {row['kind']}: no message {row['message_id']}")
            continue
        words = text[row["start"] : row["end"]]
        sources = surveys if row["message_id"].startswith("rating:") else bodies.get(row["message_id"], set())
        if not words.strip() or not any(_letters(words) in source for source in sources):
            problems.append(
                f"{row['measure']} {row['kind']}: {words!r} is not in the file ({row['message_id']})"
            )
        if not any(start <= row["start"] and row["end"] <= end for start, end in split(text)):
            problems.append(f"{row['measure']} {row['kind']}: {words!r} is more than a sentence")
        if "\n\n" in words or len(words) > 600:
            problems.append(f"{row['measure']} {row['kind']}: {words!r} is too long")
    assert problems[:5] == []
    return count


def _measures(version: Version) -> Iterator[str]:
    yield from version.query("SELECT DISTINCT measure FROM evidence")["measure"]


def test_every_span_of_the_sample_stands_in_its_files(demo_store: Store) -> None:
    with demo_store.reading() as version:
        assert _check(version, _sample_bodies()) > 5_000
        found, hearing = (
            set(_measures(version)),
            {one.name for one in (*registry.signals(), *registry.across())},
        )
        assert found <= hearing
        assert {
            "sentiment_shift",
            "would_recommend",
            "unheard_suggestion",
            "promise",
            "ending",
            "empathy",
        } <= found


def test_every_span_of_the_real_conversations_stands_in_their_file(twcs_store: Store) -> None:
    with twcs_store.reading() as version:
        assert _check(version, _twcs_bodies(shared("real/twcs_sample.csv.gz"))) > 2_000


@pytest.mark.parametrize("fixture", ["demo_store", "twcs_store"])
def test_the_value_is_derived_from_the_evidence(fixture: str, request: pytest.FixtureRequest) -> None:
    """Recomputed here from the evidence alone, the mood on arrival is the one in the facts."""
    store: Store = request.getfixturevalue(fixture)
    with store.reading() as version:
        off = version.query(
            "SELECT count(*) AS n FROM ticket_facts LEFT JOIN (SELECT source, ticket_id, avg(value) AS mood FROM evidence "
            "WHERE measure = 'sentiment_shift' AND kind = 'arrival' GROUP BY ALL) USING (source, ticket_id) "
            "WHERE abs(coalesce(mood, 9) - coalesce(mood_on_arrival, 9)) > 1e-6"
        )
        assert off.item() == 0


def test_what_could_not_be_read_is_not_measured(demo_store: Store) -> None:
    with demo_store.reading() as version:
        counts = version.query(
            "SELECT count(*) AS n, count(mood_on_arrival) AS moods, count(said_would_recommend) AS said FROM ticket_facts "
            "SEMI JOIN (SELECT * FROM heard WHERE NOT is_readable) USING (source, ticket_id)"
        ).row(0, named=True)
        assert counts["n"] > 20
        assert (counts["moods"], counts["said"]) == (0, 0)
