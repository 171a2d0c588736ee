"""Who is at risk and why, who came back, who has gone quiet: on conversations of which the answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics import goodwill, many_quotes, reviews, spreadsheet
from metrics.contrast import at_risk, holders, one_holder, risk_rule, saves, silence
from metrics.contrast.holders import Who
from metrics.totals import Scope
from pipelines import score
from tests.stores import EVIL, SCRIPTS
from warehouse.errors import NoData
from warehouse.rights import Rights, Role
from warehouse.schema import conform
from warehouse.settings import Settings
from warehouse.store import Store, Version, insert

AS_OF = datetime(2026, 11, 15, 12, tzinfo=UTC)
LEAVES = (
    ("customer", "Hello, the invoice is wrong again."),
    ("agent", "The invoice is correct according to our records."),
    ("customer", "I am cancelling my subscription and moving to another provider."),
)
# Customer, days before the end, what was said.
TALKS: tuple[tuple[str, int, tuple[tuple[str, str], ...]], ...] = (
    ("leaver", 30, LEAVES),
    ("turned", 40, LEAVES),
    ("turned", 10, SCRIPTS["better"]),
    ("again", 40, SCRIPTS["better"]),
    ("again", 10, LEAVES),
    ("warner", 20, SCRIPTS["warns"]),
    ("sour", 50, SCRIPTS["worse"]),
    ("sour", 12, SCRIPTS["worse"]),
    ("once", 12, SCRIPTS["worse"]),
    ("idea", 15, SCRIPTS["idea"]),
    ("renewing", 15, SCRIPTS["idea"]),
    ("gone", 25, LEAVES),
    ("=EVIL()", 5, LEAVES),
)
ACCOUNTS = {
    # customer: value, tier, renewal in days, left days ago
    "leaver": (500.0, "Gold", 300, None),
    "warner": (9000.0, "Silver", 300, None),
    "renewing": (50.0, "Gold", 60, None),
    "once": (70.0, "Gold", 20, None),
    "gone": (700.0, "Gold", None, 3),
}


def fill(root: Path, talks: tuple[tuple[str, int, tuple[tuple[str, str], ...]], ...] = TALKS) -> Store:
    """A store of these talks, with accounts named after their customers."""
    draft = Store(root, "main").begin()
    tickets, messages = list[dict[str, Any]](), list[dict[str, Any]]()
    for number, (who, days, script) in enumerate(talks):
        opened = AS_OF - timedelta(days=days)
        key = {"source": "desk", "ticket_id": f"t{number}"}
        tickets.append(
            {
                **key, "subject": f"About {who}", "status": "solved", "channel": "email", "team": "Billing" if number % 2 else "Shipping",
                "customer_id": who, "account_id": f"acc-{who}", "customer_email": f"{number}@example.com",
                "created_at": opened, "solved_at": opened + timedelta(hours=9), "updated_at": opened + timedelta(hours=9),
            }
        )  # fmt: skip
        for place, (role, words) in enumerate(script):
            messages.append(
                {
                    **key, "message_id": f"m{number}-{place}", "position": place, "author_role": role, "is_public": True,
                    "created_at": opened + timedelta(hours=3 * place), "kind": "message", "text": words, "body": words,
                }
            )  # fmt: skip
    accounts = [
        {
            "source": "desk", "account_id": f"acc-{who}", "name": f"{who} Ltd", "value": value, "currency": "EUR", "tier": tier,
            "renewal_at": None if renewal is None else AS_OF + timedelta(days=renewal),
            "churned_at": None if left is None else AS_OF - timedelta(days=left),
        }
        for who, (value, tier, renewal, left) in ACCOUNTS.items()
    ]  # fmt: skip
    people = [{"source": "desk", "person_id": "warner", "role": "customer", "name": f"Wanda {EVIL}"}]
    for table, rows in {
        "tickets": tickets,
        "messages": messages,
        "accounts": accounts,
        "people": people,
    }.items():
        insert(draft.connection, table, conform(pl.DataFrame(rows, infer_schema_length=None), table))
    draft.connection.execute(
        "INSERT OR REPLACE INTO meta VALUES ('as_of', ?), ('zone', 'UTC')", [AS_OF.isoformat()]
    )
    score.refresh(draft.connection, Settings())
    draft.connection.execute("INSERT OR REPLACE INTO meta VALUES ('as_of', ?)", [AS_OF.isoformat()])
    draft.publish()
    return Store(root, "main")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The talks above, loaded and heard."""
    return fill(tmp_path_factory.mktemp("customers"))


@pytest.fixture
def version(store: Store) -> Iterator[Version]:
    """The store, open for reading."""
    with store.reading() as opened:
        yield opened


def names(rows: pl.DataFrame) -> list[str]:
    """The ids of a list, in its order."""
    return rows["id"].to_list()


def test_the_rule_finds_who_said_so_and_leaves_out_whom_a_later_conversation_turned(version: Version) -> None:
    """Turned and gone are not at risk; an idea alone is not enough, with a renewal it is; once worse is not twice."""
    rows = at_risk.at_risk(version, Scope())
    assert set(names(rows)) == {"leaver", "again", "warner", "sour", "renewing", "=EVIL()"}
    found = {row["id"]: [one.name for one in at_risk.given(row)] for row in rows.to_dicts()}
    assert found["leaver"] == ["leaving"] and "worse" in found["sour"] and "warning" in found["warner"]
    assert found["renewing"] == ["idea"]
    [renewing] = rows.filter(pl.col("id") == "renewing").to_dicts()
    assert renewing["is_renewing"] and renewing["count_reasons"] == 2


def test_what_is_worth_most_comes_first_and_the_summary_agrees(version: Version) -> None:
    """Known values first, highest first; the counts are those of the list; who left is counted apart."""
    rows = at_risk.at_risk(version, Scope())
    assert names(rows)[:3] == ["warner", "leaver", "renewing"]
    found = at_risk.summary(version, Scope())
    assert found.count == 10 and found.count_at_risk == rows.height and found.count_left == 1
    for one in risk_rule.reasons(version):
        assert found.count_by_reason[one.name] == rows[f"{one.name}_ticket"].count()
    [worth] = found.worth
    assert (worth.currency, worth.count, worth.value) == ("EUR", 4, 9620.0)
    assert (worth.count_at_risk, worth.value_at_risk) == (3, 9550.0)


def test_accounts_tell_the_same_as_their_customers(version: Version) -> None:
    """By account: the same holders here, under their accounts' names."""
    rows = at_risk.at_risk(version, Scope(), "account")
    assert set(names(rows)) == {f"acc-{one}" for one in names(at_risk.at_risk(version, Scope()))}
    assert rows["name"][0] == "warner Ltd"


def test_filters_and_pages_of_the_list(version: Version) -> None:
    """Tier, renewal window, limit and offset; a filter counts for all figures of the summary."""
    gold = Who("Gold")
    assert names(at_risk.at_risk(version, Scope(), who=gold)) == ["leaver", "renewing"]
    assert at_risk.summary(version, Scope(), who=gold).count == 4
    assert names(at_risk.at_risk(version, Scope(), who=Who(renewal_days=90))) == ["renewing"]
    whole = names(at_risk.at_risk(version, Scope()))
    assert names(at_risk.at_risk(version, Scope(), limit=2, offset=1)) == whole[1:3]
    assert at_risk.at_risk(version, Scope(), limit=1)["count_all"][0] == len(whole)
    assert holders.tiers(version) == ["Gold", "Silver"] and all(holders.known(version).values())


def test_each_reason_has_its_sentence_and_the_download_holds_no_formula(version: Version) -> None:
    """The sentence that was said; a name that a spreadsheet would run stands behind an apostrophe."""
    rows = at_risk.at_risk(version, Scope())
    quotes = at_risk.sentences(version, rows)
    said = {
        (source, ticket): quote.text for (source, ticket, name), quote in quotes.items() if name == "leaving"
    }
    assert any("moving to another provider" in (text or "") for text in said.values())
    assert len(quotes) == sum(len(at_risk.given(row)) for row in rows.to_dicts())
    table = spreadsheet.csv(at_risk.for_download(version, rows)).decode()
    assert "'=EVIL()" in table and ",=EVIL()" not in table and table.count("\n") > rows.height


def test_a_sentence_marked_wrong_is_no_reason_any_more(tmp_path: Path) -> None:
    """What a person corrected is gone at once, from the list and from its sentences."""
    store = fill(tmp_path, (("leaver", 30, LEAVES),))
    with store.reading() as version:
        assert names(at_risk.at_risk(version, Scope())) == ["leaver"]
        places = reviews.evidence_for(version, "has_words_of_leaving", "desk", "t0")
        reviews.mark(version, "Ada", "wrong", places)
        assert at_risk.at_risk(version, Scope()).height == 0
        assert many_quotes.said(version, [("desk", "t0", "has_words_of_leaving")]) == {}


def test_an_experimental_signal_is_no_reason_until_it_is_checked(version: Version) -> None:
    """Promises wait for a check, and the rule says so."""
    assert "promise" not in [one.name for one in risk_rule.reasons(version)]
    assert "Not used until its signal is checked on your data: a promise was broken" in risk_rule.rule_text(
        version
    )


def test_nothing_and_nobody(version: Version) -> None:
    """A scope without conversations has nobody at risk, nothing at stake and nothing that was said."""
    empty = Scope(date_from=date(2030, 1, 1))
    rows = at_risk.at_risk(version, empty)
    found = at_risk.summary(version, empty)
    assert rows.height == 0 and found.count == 0 and found.count_at_risk == 0 and found.worth == ()
    assert at_risk.sentences(version, rows) == {} and at_risk.for_download(version, rows).height == 0
    assert saves.saves(version, empty).height == 0 and silence.gone_quiet(version, empty).height == 0
    assert saves.leader(version, empty, 1) is None


def test_a_course_sums_up_and_says_what_moved_it(version: Version) -> None:
    """One customer in time: facts of the account, steps, running sum, the sentence of each step."""
    about = one_holder.about(version, "customer", "turned")
    assert (about.source, about.name, about.count_conversations, about.value) == ("desk", "turned", 2, None)
    rows = one_holder.tickets(version, "customer", "desk", "turned")
    assert rows["goodwill_step"].to_list() == [-1, 1] and rows["goodwill"].to_list() == [-1, 0]
    assert rows["moved_by"].to_list() == ["has_words_of_leaving", "left_better"]
    said = one_holder.moving_sentences(version, rows)
    assert set(said) == {("desk", "t1"), ("desk", "t2")}
    account = one_holder.about(version, "account", "acc-warner")
    assert (account.name, account.value, account.tier, account.count_customers) == (
        "warner Ltd",
        9000.0,
        "Silver",
        1,
    )
    courses = goodwill.courses(version, Scope(), "account", [("desk", "acc-turned"), ("desk", "acc-again")])
    assert courses.group_by("id").agg(pl.col("goodwill").last()).sort("id").rows() == [
        ("acc-again", 0),
        ("acc-turned", 0),
    ]
    with pytest.raises(NoData):
        one_holder.about(version, "customer", "nobody")


def test_best_saves_show_how_it_began_and_ended(version: Version) -> None:
    """Who came angry and ended pleased, with words of both, and nothing of the customer's between."""
    rows = saves.saves(version, Scope())
    assert set(rows["customer_id"]) == {"turned", "again"}
    for said in saves.words(version, rows).values():
        assert said.began and said.ended and said.began.text != said.ended.text
        assert all("happy" not in text for _, text in said.between)


def test_saves_are_the_same_however_many_ends_are_read_at_a_time(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first ends are read, and then more: those in between must not be lost, nor their number."""
    rows = saves.saves(version, Scope())
    monkeypatch.setattr(saves, "LOOKED_AT", 1)
    assert saves.saves(version, Scope()).equals(rows)
    assert (
        saves.saves(version, Scope(), limit=1).equals(rows.head(1))
        and saves.saves(version, Scope(), limit=0).height == 0
    )


def test_a_role_without_customers_is_refused(store: Store) -> None:
    """The queries check, not the page alone."""
    from warehouse.errors import NotAllowed

    with store.reading(Rights(Role.READER)) as version:
        for ask in (
            lambda: at_risk.at_risk(version, Scope()),
            lambda: at_risk.summary(version, Scope()),
            lambda: saves.saves(version, Scope()),
            lambda: silence.gone_quiet(version, Scope()),
            lambda: one_holder.about(version, "customer", "leaver"),
        ):
            with pytest.raises(NotAllowed):
                ask()
