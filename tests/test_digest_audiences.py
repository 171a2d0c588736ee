"""A digest is built with its reader's rights: each role gets its own parts, and nothing of what it may not see."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from metrics.contrast import assumptions
from metrics.contrast.ranges import Range
from pipelines.digest.build import build
from pipelines.digest.content import Digest, Line, Quote
from pipelines.digest.forms import form
from pipelines.digest.listed import FINE_RULE
from tests.made_weeks import Talk, publish
from warehouse.errors import NoData
from warehouse.rights import Area, Rights, Role
from warehouse.settings import Settings
from warehouse.store import Store

WEEK = "2026-W47"
SECRET = "Only Billing wrote this, reach me at jo@doe.example."
LEAD = Rights(Role.LEAD, ("Orders",))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two teams in two weeks; support's monthly cost is typed."""
    folder = tmp_path_factory.mktemp("audiences")
    talks = [
        Talk(day=day, team=team, rated=True, arrival=0.4, after=-0.6 if team == "Billing" else 0.4)
        for day in (date(2026, 11, 10), date(2026, 11, 18))
        for team in ("Billing", "Orders")
        for _ in range(40)
    ]
    talks += [
        Talk(day=date(2026, 11, 19), team="Billing", stance="warn", words_after=SECRET),
        Talk(day=date(2026, 11, 19), team="Orders", idea="no_reply", words_idea="Orders would love a map."),
        Talk(day=date(2026, 11, 19), team="Orders", arrival=-0.8, after=0.9, words_after="Orders was kind, thank you!"),
    ]  # fmt: skip
    version = publish(folder, talks, as_of="2026-11-23T00:00:00+00:00")
    assumptions.keep(version, "monthly_spend", Range(9000.0, 10000.0, 12000.0), "Ada")
    version.connection.close()
    return folder


def built(root: Path, rights: Rights) -> Digest:
    with Store(root, "main").reading(rights) as version:
        return build(version, WEEK, Settings())


def keys(digest: Digest) -> set[str]:
    return {one.key for one in digest.sections}


def pages(digest: Digest) -> set[str]:
    """The pages that a digest leads to."""
    urls = [digest.url, *(one.url for one in digest.sections)]
    urls += [item.url for one in digest.sections for item in one.items]
    urls += [cell.url for row in digest.rows for cell in (*row.scores, *row.conversations)]
    return {urlsplit(url).path.strip("/") for url in urls if url}


def test_a_director_gets_every_part(root: Path) -> None:
    digest = built(root, Rights(Role.DIRECTOR))
    assert {"moved", "looks_fine", "saves", "ideas", "calls", "money"} <= keys(digest)
    assert digest.audience == "For the director"
    calls = digest.section("calls")
    assert calls is not None and calls.title == "1 customer to call"
    assert [(item.text, item.why) for item in calls.items] == [("customer-160", "Would warn others")]


def test_finance_gets_money_in_figures_and_nobodys_words(root: Path) -> None:
    digest = built(root, Rights(Role.FINANCE))
    money = digest.section("money")
    assert money is not None and money.items and "EUR" in money.title
    assert not [item for one in digest.sections for item in one.items if isinstance(item, Quote)]
    assert "calls" not in keys(digest) and "saves" not in keys(digest)
    assert pages(digest) <= {"", "money"}
    assert "Only Billing wrote" not in form(digest, "json").decode()
    ideas = digest.section("ideas")
    assert ideas is not None and ideas.lead == "The one idea in this week's conversations was not answered."
    fine = digest.section("looks_fine")
    assert (
        fine is not None
        and fine.lead == "Of 83 that look fine and could be judged."
        and fine.rule == FINE_RULE
    )


def test_money_is_a_range_of_what_was_typed(root: Path) -> None:
    money = built(root, Rights(Role.FINANCE)).section("money")
    assert money is not None
    # 83 conversations in 7 of 30.44 days of a month.
    low, high = (amount * 7 / (365.25 / 12) / 83 for amount in (9000, 12000))
    each = next(item for item in money.items if isinstance(item, Line) and item.text.startswith("A conversation"))  # fmt: skip
    assert f"EUR {low:.1f} to {high:.1f}" in each.text


def test_a_lead_gets_their_own_team_alone(root: Path) -> None:
    digest = built(root, LEAD)
    text = form(digest, "json").decode()
    assert digest.basis == "42 conversations" and digest.audience == "For Orders"
    assert "Billing" not in text and "money" not in keys(digest)
    assert "team=Orders" in digest.url
    assert "Orders would love a map." in text and "Orders was kind, thank you!" in text


def test_a_reader_gets_masked_words_and_no_way_to_conversations(root: Path) -> None:
    digest = built(root, Rights(Role.READER))
    text = form(digest, "json").decode()
    assert "reach me at [e-mail]." in text and "jo@doe.example" not in text
    assert pages(digest) == {""} and not {"calls", "money", "saves"} & keys(digest)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.FINANCE, Role.READER, Role.ANALYST])
def test_nobody_is_led_where_they_may_not_go_and_all_get_the_same_figures(root: Path, role: Role) -> None:
    rights = Rights(role)
    digest = built(root, rights)
    areas = {"": Area.HOME, "conversations": Area.CONVERSATIONS, "ideas": Area.IDEAS, "customers": Area.CUSTOMERS, "money": Area.MONEY}  # fmt: skip
    assert all(rights.may(areas[page]) for page in pages(digest))
    assert "jo@doe.example" not in form(digest, "json").decode()
    whole = built(root, Rights())
    assert [row.question for row in digest.rows] == [row.question for row in whole.rows]
    assert [cell.value for row in digest.rows for cell in row.conversations] == [
        cell.value for row in whole.rows for cell in row.conversations
    ]


def test_a_team_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(NoData, match="no conversations of Nobody"):
        built(root, Rights(Role.LEAD, ("Nobody",)))
