"""Each role sees its own part: pages and links that are not theirs are gone, and the data refuse what a page would ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import page, places
from metrics import conversations, loaded, quotes, reading
from metrics.conversations import find
from metrics.totals import Scope, totals
from warehouse.errors import BadSettings, NoData, NotAllowed
from warehouse.rights import Area, Rights, Role, from_words, to_environment
from warehouse.store import Store, Version

TEAM = "Deliveries"
OTHER = "Data Rescue"


@pytest.fixture(scope="module")
def lead(demo_store: Store) -> Iterator[Version]:
    with demo_store.reading(Rights(Role.LEAD, (TEAM,))) as version:
        yield version


@pytest.fixture(scope="module")
def whole(demo_store: Store) -> Iterator[Version]:
    with demo_store.reading() as version:
        yield version


def test_a_lead_reads_the_figures_of_their_own_team_only(lead: Version, whole: Version) -> None:
    of_team = totals(whole, ["is_satisfied", "left_worse"], Scope(where={"team": (TEAM,)}))
    assert totals(lead, ["is_satisfied", "left_worse"], Scope()).equals(of_team)
    assert conversations.values(lead, "team") == [TEAM]


def test_a_lead_can_not_ask_for_another_team(lead: Version) -> None:
    assert totals(lead, ["left_worse"], Scope(where={"team": (OTHER,)}))["n"].to_list() in ([], [0])


def test_a_lead_can_not_open_a_conversation_of_another_team(lead: Version, whole: Version) -> None:
    theirs = find(whole, Scope(where={"team": (TEAM,)})).row(0, named=True)
    others = find(whole, Scope(where={"team": (OTHER,)})).row(0, named=True)
    assert reading.read(lead, theirs["ticket_id"], theirs["source"]).ticket_id == theirs["ticket_id"]
    with pytest.raises(NoData):
        reading.read(lead, others["ticket_id"], others["source"])


def test_no_table_shows_a_lead_a_row_of_another_team(lead: Version) -> None:
    """Also the tables that no page asks for today: people, accounts, refused rows."""
    tables = lead.query(
        "SELECT view_name, column_names FROM (SELECT view_name, list(column_name) AS column_names FROM duckdb_views() JOIN duckdb_columns() ON table_name = view_name AND duckdb_columns.database_name = 'memory' WHERE NOT duckdb_views.internal GROUP BY ALL)"
    )
    assert tables.height > 30
    for name, columns in tables.iter_rows():
        if "team" in columns:
            teams = lead.query(f'SELECT DISTINCT team FROM "{name}"')["team"].to_list()
            assert set(teams) <= {TEAM, None}, name
    assert lead.query("SELECT count(*) AS n FROM rejects")["n"][0] == 0
    strangers = lead.query(
        "SELECT count(*) AS n FROM people ANTI JOIN tickets_clean ON person_id = customer_id"
    )
    assert strangers["n"][0] == 0


def test_the_data_of_a_lead_are_locked_like_everybody_s(lead: Version) -> None:
    for statement in (
        "SELECT * FROM read_csv('/etc/passwd')",
        "SET enable_external_access=true",
    ):
        with pytest.raises(Exception, match=r"(?i)permission|disabled|locked"):
            lead.query(statement)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.READER])
def test_who_may_not_read_conversations_is_refused_by_the_data_too(demo_store: Store, role: Role) -> None:
    with demo_store.reading(Rights(role)) as version:
        some = find(version, Scope()).row(0, named=True)
        with pytest.raises(NotAllowed):
            reading.read(version, some["ticket_id"], some["source"])
        with pytest.raises(NotAllowed):
            loaded.rejects(version)


def test_personal_data_in_quotes_is_masked_for_finance(
    tmp_path: Path, whole: Version, demo_store: Store
) -> None:
    key = whole.query(
        "SELECT source, ticket_id FROM turns WHERE role = 'customer' AND regexp_matches(text, '[a-z]@[a-z]') LIMIT 1"
    ).rows()
    if not key:
        key = whole.query("SELECT source, ticket_id FROM turns WHERE role = 'customer' LIMIT 1").rows()
    with demo_store.reading(Rights(Role.FINANCE)) as version:
        said = quotes.quotes(version, key)
    assert all("@" not in (one.text or "") for one in said.values())


def test_every_role_has_home_and_the_glossary() -> None:
    for role in Role:
        rights = Rights(role, (TEAM,) if role is Role.LEAD else ())
        urls = {place.url for place in places.places(rights)}
        assert {"", "glossary"} <= urls
        assert ("conversations" in urls) == rights.may(Area.CONVERSATIONS)


def test_a_link_into_a_page_of_others_is_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(page.st, "html", written.append)
    for name, value in to_environment(Rights(Role.READER)).items():
        monkeypatch.setenv(name, value)
    page.write(
        '<p><a class="said" href="./conversations?c=1">I give <b>up</b>.</a> <a href="./glossary?m=csat">how</a></p>'
    )
    assert written == [
        '<div class="h "><p><span class="said">I give <b>up</b>.</span> <a href="./glossary?m=csat">how</a></p></div>'
    ]


def test_a_role_is_checked_before_anything_is_shown() -> None:
    with pytest.raises(BadSettings, match="no role"):
        from_words("boss")
    with pytest.raises(BadSettings, match="needs a team"):
        from_words("lead")
    with pytest.raises(BadSettings, match="every team"):
        from_words("finance", ["Deliveries"])
