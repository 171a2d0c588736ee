"""Every page over data that lack something: words that say why, never an exception and never an empty page."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.places import PLACES, Place
from pipelines.ingest import ingest
from tests.conftest import PROJECT
from tests.made_weeks import Talk, publish
from tests.test_dashboard import shown
from warehouse.runs import ACT, LastRun, note
from warehouse.settings import Settings
from warehouse.store import Store

GOLDEN = PROJECT / "tests" / "golden"
LAST = date(2026, 11, 13)


def _talks(**told: object) -> Callable[[Path], object]:
    talks = [
        Talk(day=LAST - timedelta(days=number % 60), rated=number % 2 == 0, **told) for number in range(40)
    ]  # type: ignore[arg-type]
    return lambda root: publish(root, talks)


def _loaded(sample: str) -> Callable[[Path], object]:
    return lambda root: ingest([GOLDEN / sample], store=Store(root, "main"), settings=Settings())


STATES: dict[str, Callable[[Path], object]] = {
    "one ticket": lambda root: publish(root, [Talk(day=LAST, rated=True)]),
    "no ratings": _loaded("twcs"),
    "no messages": _loaded("zendesk_csv"),
    "surveys only": _loaded("delighted"),
    "one team": _talks(),
    "a language that can not be read": _talks(readable=False),
    "nobody wrote after the answer": _talks(after=None),
}


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The words of a page over the store main below tmp_path, opened with these filters."""
    monkeypatch.setenv("HEARD_STORE", str(tmp_path))
    monkeypatch.setenv("HEARD_STORE_NAME", "main")

    def open_it(place: Place, **query: str) -> str:
        page = AppTest.from_file(
            str(PROJECT / "dashboard" / "pages" / f"{place.file}.py"), default_timeout=60
        )
        for name, value in query.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, f"{place.file}: {page.exception[0].value}"
        html = shown(page)
        assert "met a fault of ours" not in html, place.file
        return " ".join(unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)).split())

    return open_it


@pytest.mark.parametrize("state", list(STATES))
def test_every_page_says_something_of_data_that_lack_something(
    state: str, tmp_path: Path, opened: Callable[..., str]
) -> None:
    STATES[state](tmp_path)
    for place in PLACES:
        if place.file == "digest" and state not in ("one ticket", "surveys only"):
            continue  # it starts processes of seconds each; what it says of little data is tested with it
        words = opened(place)
        assert len(words) > 120, f"{place.file}: {words}"
        leaked = re.search(r"[a-z0-9,(·=] (None|nan|inf)(?![\w-])(?! of)", words)
        assert not leaked, f"{place.file} says {words[max(0, leaked.start() - 40) : leaked.end() + 20]}"


def test_every_page_says_so_where_nothing_matches(tmp_path: Path, opened: Callable[..., str]) -> None:
    STATES["one team"](tmp_path)
    for place in PLACES:
        words = opened(place, **{"from": "2020-01-01", "to": "2020-01-31"})
        assert len(words) > 80, f"{place.file}: {words}"


def test_every_page_of_an_empty_store_says_what_to_do(tmp_path: Path, opened: Callable[..., str]) -> None:
    for place in PLACES:
        words = opened(place)
        assert re.search("Load an export|Bring an export|heard", words) and len(words) > 60, (
            f"{place.file}: {words}"
        )


def test_figures_stand_while_newer_data_are_being_loaded(tmp_path: Path, opened: Callable[..., str]) -> None:
    STATES["one team"](tmp_path)
    store = Store(tmp_path, "main")
    draft = store.begin()
    words = opened(PLACES[0])
    assert "newer data are being loaded" in words
    draft.discard()
    assert "newer data are being loaded" not in opened(PLACES[0])


def test_what_a_killed_run_left_behind_is_no_loading(tmp_path: Path, opened: Callable[..., str]) -> None:
    STATES["one ticket"](tmp_path)
    (tmp_path / "main" / "heard-x.duckdb.partial").touch()
    assert "being loaded" not in opened(PLACES[0])
    with (tmp_path / "main" / "lock").open() as lock:  # and looking took no lock away
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_failed_run_is_told_beside_the_figures_from_before_it(
    tmp_path: Path, opened: Callable[..., str]
) -> None:
    STATES["one team"](tmp_path)
    at = datetime(2026, 11, 16, 6, tzinfo=UTC)
    note(tmp_path / "main", LastRun(at, at + timedelta(minutes=3), ACT, 1))
    words = opened(PLACES[0])
    assert "the last run, of 16 November, 06:03, failed" in words
    assert "Do the good scores hold up" in words
