"""A view is a page with its filters under a name: saved, opened from any page, removed and brought back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics import entered
from tests.conftest import PROJECT
from tests.stores import fill
from tests.test_dashboard import shown
from warehouse.ledger import Ledger
from warehouse.rights import Rights, Role, to_environment
from warehouse.store import Store

PAGE = PROJECT / "dashboard" / "pages" / "scores.py"
NAME = "Billing <b>by week</b>"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    fill(tmp_path, "main", count=60)
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")
    return AppTest.from_file(str(PAGE), default_timeout=30)


def test_a_view_is_saved_with_its_filters_removed_and_brought_back(page: AppTest, tmp_path: Path) -> None:
    page.query_params["period"] = "52 weeks"
    page.run()
    page.text_input(key="view_name").set_value(NAME).run()
    page.button(key="save_view").click().run()
    with Store(tmp_path, "main").reading() as version:
        (view,) = entered.standing(version, "view").values()
    assert view.fields is not None
    assert view.fields["query"] == {"period": "52 weeks"}
    assert "period=52+weeks" in shown(page)
    assert "<b>by week" not in shown(page)
    page.button(key=f"remove view {NAME}").click().run()
    assert Ledger(tmp_path / "main").entries("view") == {}
    page.button(key="undo view").click().run()
    assert list(Ledger(tmp_path / "main").entries("view")) == [NAME]
    assert not page.exception


def test_who_may_set_nothing_sees_the_views_of_their_own_pages_only(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path / "main")
    ledger.keep("view", "Home", {"page": "", "query": {}}, "ann")
    ledger.keep("view", "Trust", {"page": "trust", "query": {}}, "ann")
    for name, value in to_environment(Rights(Role.READER)).items():
        monkeypatch.setenv(name, value)
    page.run()
    assert ">Home</a>" in shown(page)
    assert ">Trust" not in shown(page)
    assert not [one for one in page.button if one.key == "save_view"]
