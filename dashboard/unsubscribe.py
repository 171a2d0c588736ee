"""Where the links in digests lead that say "stop it": a page with one button, and what mail programs call by themselves.

Looking at the page changes nothing, since mail filters open every link; only a POST does (RFC 8058).
"""

from __future__ import annotations

import html
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from warehouse.errors import HeardError
from warehouse.settings import load_settings
from warehouse.store import Store
from warehouse.unsubscribed import Unsubscribed

_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Weekly digest</title>'
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"></head>'
    '<body style="font:16px Arial,sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem">{}</body></html>'
)
_BUTTON = (
    '<form method="post"><button style="font:inherit;padding:.6rem 1rem">Send no more digests</button></form>'
)


def unsubscribe(request: Request) -> Response:
    """Asks whether an address shall get no more digests; a POST is the yes. Without the address's token it says nothing."""
    address = request.query_params.get("address", "")
    listed = _list(request.query_params.get("store", ""))
    if listed is None or not listed.is_ours(address, request.query_params.get("token", "")):
        return _say("<p>This link is not valid.</p>", 404)
    if request.method != "POST":
        return _say(f"<h1>Weekly digest</h1><p>For {html.escape(address)}.</p>{_BUTTON}")
    listed.add(address, datetime.now(UTC), "a link in the mail")
    return _say(f"<p>{html.escape(address)} gets no more digests.</p>")


def _list(name: str) -> Unsubscribed | None:
    """The list of a store that is there; nobody makes one by asking."""
    try:
        folder = Store(load_settings().store_root, name).folder
    except HeardError:
        return None
    return Unsubscribed(folder) if (folder / "ledger.sqlite").exists() else None


def _say(words: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(words), status, {"Cache-Control": "no-store"})
