"""A store with a week to send, and those who receive it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.digest import stored
from tests.conftest import once, shared_base
from tests.delivery.readers import HOSTILE, MONDAY, RIGHTS, WEEK
from tests.made_weeks import Talk, publish
from tests.posts import PASSWORD, USER, Authority, Post, Receiver, authority, mail_server, receiver
from warehouse.settings import Settings
from warehouse.store import Store


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two weeks, with what readers get of the last kept already; made once for all, to be copied."""
    return once(shared_base(tmp_path_factory) / "sent", _make)


def _make(root: Path) -> None:
    talks = [
        Talk(
            day=day, team=team, rated=True, arrival=-0.4, after=-0.8, stance="warn",
            words_after=f"Never again. {HOSTILE}", idea="passed_over", words_idea=f"It would help. {HOSTILE}",
        )
        for day in (MONDAY - timedelta(days=7), MONDAY)
        for team in ("Orders", "Bills\nBcc: all@example.com <!here>")
        for _ in range(20)
    ]  # fmt: skip
    publish(root, talks, as_of="2025-11-24T00:00:00+00:00").connection.close()
    stored.stored(Store(root), WEEK, RIGHTS, Settings())


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Store:
    shutil.copytree(made, tmp_path / "store")
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def post(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setenv("HEARD_SMTP_USER", USER)
    monkeypatch.setenv("HEARD_SMTP_PASSWORD", PASSWORD)
    with mail_server(trusted) as served:
        yield served


@pytest.fixture(scope="module")
def hooks() -> Iterator[Receiver]:
    with receiver() as served:
        yield served
