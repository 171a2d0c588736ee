"""Takes the pictures of the dashboard that stand in docs/pictures: every page of the demo, light, dark and on a phone.

`python -m docs.pictures [--store FOLDER] [--only PAGE...]`; needs a Chromium on the PATH. The store is a folder that holds
the demo store; without one the sample is loaded into a temporary one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from dashboard.places import PLACES, Place
from warehouse.settings import PROJECT

FOLDER: Final = PROJECT / "docs" / "pictures"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
MODES: Final = {"light": (1440, 900), "dark": (1440, 900), "phone": (390, 844)}
TALLEST: Final = 5_000  # pixels of a page that are kept
COLOURS: Final = 64  # are enough for two hues and grey
QUIET: Final = "[data-test-script-state=notRunning]"


def main() -> int:
    """Take them; exit code 1 where there is no browser."""
    options = _options()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        print("There is no Chromium on the PATH.\n  Fix: sudo apt install chromium", file=sys.stderr)
        return 1
    wanted = [place for place in PLACES if not options.only or place.file in options.only]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        root = options.store or Path(made)
        if options.store is None:
            subprocess.run([sys.executable, "-m", "pipelines.cli", "demo", "--no-serve"], check=True, cwd=PROJECT,
                           env={**os.environ, "HEARD_STORE": str(root)})  # fmt: skip
        with _server(root) as address:
            _take(wanted, address, browser)
    _write_index()
    return 0


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--store", type=Path, help="folder that holds the demo store")
    options.add_argument("--only", nargs="*", metavar="PAGE", help="files of dashboard/pages without .py")
    return options.parse_args()


@contextmanager
def _server(root: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "HEARD_STORE": str(root), "HEARD_STORE_NAME": "demo"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/api/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def _take(wanted: list[Place], address: str, browser: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for mode, (width, height) in MODES.items():
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if mode == "dark" else "light",
            )
            page = context.new_page()
            for place in wanted:
                page.set_viewport_size({"width": width, "height": height})
                page.goto(f"{address}/{place.url}")
                _wait(page)
                content = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
                page.set_viewport_size({"width": width, "height": min(int(content) + 40, TALLEST)})
                _wait(page)
                _save(page.screenshot(), FOLDER / f"{place.file}-{mode}.png")
                print(f"{place.file} {mode}", flush=True)
            context.close()
        chromium.close()


def _wait(page: Any) -> None:
    """Until the page has drawn all of it: its script is done, and charts had a moment."""
    page.wait_for_selector(".h h1", timeout=120_000)
    page.wait_for_timeout(1_000)
    page.wait_for_selector(QUIET, timeout=120_000)
    page.wait_for_timeout(1_000)


def _save(picture: bytes, path: Path) -> None:
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _write_index() -> None:
    lines = [
        "# Pictures\n",
        "The demo, page by page, as `python -m docs.pictures` took it: light, dark and on a phone.\n",
    ]
    for place in PLACES:
        shots = [
            f"[{mode}]({place.file}-{mode}.png)"
            for mode in MODES
            if (FOLDER / f"{place.file}-{mode}.png").exists()
        ]
        if shots:
            lines.append(f"- {place.title}: {', '.join(shots)}")
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
