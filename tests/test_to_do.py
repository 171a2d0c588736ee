"""What is to be done is proposed from conversations; what people set of it stays, and what is closed makes room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics import entered
from metrics.contrast import at_risk, to_do
from metrics.contrast.to_do import Item, ToDo
from metrics.totals import Scope, totals
from tests.conftest import PROJECT
from tests.test_dashboard import shown
from warehouse.errors import NotAllowed
from warehouse.rights import Rights, Role
from warehouse.store import Store, Version

PAGE = PROJECT / "dashboard" / "pages" / "to_do.py"
SCOPE = Scope(date_from=date(2026, 8, 17), date_to=date(2026, 11, 15))


@pytest.fixture
def version(demo_store: Store, tmp_path: Path) -> Iterator[Version]:
    """A copy of the sample, in which a test may write."""
    shutil.copytree(demo_store.folder, tmp_path / "demo")
    with Store(tmp_path, "demo").reading() as version:
        yield version


def lists(version: Version) -> dict[str, ToDo]:
    return {one.task: one for one in to_do.to_do(version, SCOPE)}


def keep(version: Version, item: Item, **fields: str) -> None:
    told = {"status": "open", "owner": "", "outcome": "", **fields}
    to_do.set_item(version, item, who="ann", **told)  # type: ignore[arg-type]


def test_each_list_counts_what_its_figures_count(version: Version) -> None:
    found = lists(version)
    assert found["call"].count_all == at_risk.summary(version, SCOPE).count_at_risk
    unheard = totals(version, ["is_unheard"], SCOPE).row(0, named=True)
    assert found["answer"].count_all == round(unheard["value"] * unheard["n"])
    assert len(found["read"].items) == 5


def test_what_is_done_makes_room_and_is_kept_with_its_outcome(version: Version) -> None:
    before = lists(version)["call"]
    keep(version, before.items[0], status="done", owner="bo", outcome="Called, renews in March")
    after = lists(version)["call"]
    assert after.items[:4] == before.items[1:]
    assert after.count_all == before.count_all - 1
    (closed,) = after.closed
    assert (closed.owner, closed.outcome, closed.status) == ("bo", "Called, renews in March", "done")
    assert closed.set_by is not None
    assert entered.undo(version, closed.set_by, "ann")
    assert lists(version)["call"].items == before.items


def test_a_long_list_is_worked_off_to_its_end(version: Version) -> None:
    """Only the first sixty were looked through once: when all of these were done, a list of a hundred said that it was empty."""
    before = lists(version)["call"].count_all
    assert before > to_do.LOOKED_THROUGH + 5
    for item in to_do.to_do(version, SCOPE, to_do.LOOKED_THROUGH)[0].items:
        keep(version, item, status="done")
    after = lists(version)["call"]
    assert after.count_all == before - to_do.LOOKED_THROUGH
    assert len(after.items) == 5


def test_an_owner_stands_beside_what_is_still_open(version: Version) -> None:
    item = lists(version)["answer"].items[0]
    keep(version, item, status="under way", owner="bo")
    assert replace(lists(version)["answer"].items[0], set_by=None) == replace(
        item, status="under way", owner="bo"
    )


def test_who_may_not_open_a_list_is_not_shown_it(demo_store: Store) -> None:
    with demo_store.reading(Rights(Role.READER)) as version:
        assert to_do.to_do(version, SCOPE) == ()
        item = Item("call", "call x 1", "Somebody", "", "customers", {})
        with pytest.raises(NotAllowed):
            keep(version, item, status="done")


def test_a_task_is_closed_on_the_page_and_opened_again(
    version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "demo")
    item = lists(version)["call"].items[0]
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert f"{lists(version)['call'].count_all:,} customers to call" in shown(page)
    page.selectbox(key=f"status {item.subject}").set_value("done")
    page.button(key=f"keep {item.subject}").click().run()
    assert [one.subject for one in lists(version)["call"].closed] == [item.subject]
    page.button(key="undo last task").click().run()
    assert lists(version)["call"].closed == ()
    assert not page.exception
