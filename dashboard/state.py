"""What a page run works on: one version of the data, the settings, and what was computed before."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import streamlit as st

from metrics import reviews
from metrics.reading import meta
from warehouse.rights import Rights, from_environment
from warehouse.settings import Settings, load_settings, zone
from warehouse.store import Reader, Store, Version

T = TypeVar("T")
DEMO = "demo"


@dataclass(frozen=True)
class Data:
    """One version of the data for the length of a page run, with what every page says about it."""

    version: Version
    settings: Settings
    store_name: str
    meta: dict[str, str]
    reviewed: str = ""  # changes whenever a person's review changes what lists show

    @property
    def rights(self) -> Rights:
        """What whoever reads this page may see."""
        return self.version.rights

    @property
    def is_demo(self) -> bool:
        """Whether these are made-up data."""
        return self.store_name == DEMO

    @property
    def zone(self) -> str:
        """The time zone of days and weeks."""
        return self.meta.get("zone") or "UTC"

    @property
    def as_of(self) -> datetime:
        """The instant that the data is as of, in its zone."""
        return datetime.fromisoformat(self.meta["as_of"]).astimezone(zone(self.zone))

    @property
    def as_of_date(self) -> date:
        """The last day of the data."""
        return self.as_of.date()

    def remember(self, what: str, key: object, compute: Callable[[], T]) -> T:
        """The result of `compute`, computed once for this version, these settings, the reviews so far and this key."""
        full_key = (
            self.store_name, self.version.name, repr(self.rights), repr(self.settings), self.reviewed, what, repr(key),
        )  # fmt: skip
        return cast(T, _remembered(full_key, compute))


def rights() -> Rights:
    """What whoever reads may see: the role that the server was started with."""
    return from_environment()


def open_data() -> Data:
    """The live version of the store to show. Raises NoData before the first load, BadSettings, HeardError."""
    settings = load_settings()
    root = settings.store_root
    name = store_name(root)
    version = _reader(str(root), name, rights()).version()
    about = _remembered((name, version.name, "meta"), lambda: meta(version))
    return Data(version, settings, name, about, reviews.state(version))


def store_name(root: Path) -> str:
    """$HEARD_STORE_NAME, else main where it holds data, else demo."""
    chosen = os.environ.get("HEARD_STORE_NAME")
    if chosen:
        return chosen
    main = Store(root, "main")
    return "main" if main.current() or not Store(root, DEMO).current() else DEMO


@st.cache_resource(max_entries=8)
def _reader(root: str, name: str, rights: Rights) -> Reader:
    return Reader(Store(Path(root), name), rights)


@st.cache_data(max_entries=400, show_spinner=False)
def _remembered(key: tuple[str, ...], _compute: Callable[[], Any]) -> Any:
    return _compute()
