"""A real Chromium before a real server: one server a store and session, and no request may leave the host."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import PROJECT, missing
from tests.stores import fill

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"light": (1440, 900), "dark": (1440, 900), "phone": (390, 844)}
QUIET = (
    "() => document.querySelector('.h') && document.querySelector('[data-test-script-state=notRunning]')"
    " && !document.querySelector('[data-stale=true]') && !document.querySelector('[data-testid=stSkeleton]')"
)
START_SECONDS = 90


OpenPage = Callable[..., Any]


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address, and the folder and name of the store it shows."""

    base: str
    root: Path
    store: str


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        missing("browser", "no Chromium on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Start the dashboard over a store called so, once a session; the store is filled by the caller or empty."""
    servers: dict[str, Server] = {}
    processes: list[subprocess.Popen[bytes]] = []
    root = tmp_path_factory.mktemp("stores")

    def start(name: str) -> Server:
        if name not in servers:
            port = _free_port()
            environment = {**os.environ, "HEARD_STORE": str(root), "HEARD_STORE_NAME": name}
            log = (root / f"{name}.log").open("wb")
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
                    cwd=PROJECT, env=environment, stdout=log, stderr=log,
                )
            )  # fmt: skip
            _wait_for(f"http://127.0.0.1:{port}/api/health", processes[-1])
            servers[name] = Server(f"http://127.0.0.1:{port}", root, name)
        return servers[name]

    start.root = root  # type: ignore[attr-defined]
    yield start
    for process in processes:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def main(chromium: Any, serve: Any) -> Server:
    """The dashboard over an ordinary store."""
    fill(serve.root, "main")
    return serve("main")


@pytest.fixture(scope="session")
def hostile(chromium: Any, serve: Any) -> Server:
    """The dashboard over a store whose every text is hostile."""
    fill(serve.root, "hostile", count=200, hostile=True)
    return serve("hostile")


@pytest.fixture(autouse=True)
def outside() -> Iterator[list[str]]:
    """Every request that tried to leave the host; none may."""
    requests: list[str] = []
    yield requests
    assert requests == []


@pytest.fixture(scope="session")
def contexts(chromium: Any) -> Iterator[Callable[[str], Any]]:
    """A browser context a mode, kept for the session so that scripts are fetched once."""
    known: dict[str, Any] = {}

    def context(mode: str) -> Any:
        if mode not in known:
            width, height = SIZES[mode]
            known[mode] = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if mode == "dark" else "light",
            )
        return known[mode]

    yield context
    for one in known.values():
        one.close()


@pytest.fixture
def open_page(contexts: Callable[[str], Any], outside: list[str]) -> Iterator[OpenPage]:
    """Open an address and wait until it is drawn: open_page(server, path, mode)."""
    pages = []

    def open_it(server: Server, path: str = "/", mode: str = "light") -> Any:
        page = contexts(mode).new_page()
        pages.append(page)
        page.on("request", lambda request: _note(request.url, outside))
        page.on("dialog", lambda dialog: (outside.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.goto(server.base + path)
        settle(page)
        return page

    yield open_it
    for page in pages:
        page.close()


def settle(page: Any) -> None:
    """Wait until the page's run is over and its charts are drawn."""
    page.wait_for_function(QUIET, timeout=30_000)
    page.wait_for_timeout(150)
    page.wait_for_function(QUIET, timeout=30_000)
    if page.locator("[data-testid=stPlotlyChart]").count():
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=30_000)


def _note(url: str, outside: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.hostname not in ("127.0.0.1", "localhost"):
        outside.append(url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the dashboard ended at start"
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the dashboard did not answer within {START_SECONDS} seconds")
