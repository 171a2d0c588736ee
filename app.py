"""The dashboard as a web application: `dashboard/main.py` with our fonts, a health address and security headers.

Started by `heard serve`, or by `streamlit run app.py`.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from streamlit.runtime.pages_manager import PagesManager

from dashboard.headers import SecurityHeaders
from dashboard.page import say_fault
from dashboard.unsubscribe import unsubscribe

PROJECT = Path(__file__).resolve().parent
# Navigation is declared in dashboard/main.py. Until its first run Streamlit would take the folder dashboard/pages for
# one, so that a link into a page that is the first to be opened after a start would come without our navigation.
PagesManager.uses_pages_directory = False


async def health(_request: Request) -> Response:
    """Whether the server answers; for whatever watches over it."""
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def warm(_app: st.App) -> AsyncIterator[None]:
    """Import what the pages need while nobody waits for it yet."""
    threading.Thread(target=import_module, args=("dashboard.warm",), daemon=True).start()
    yield


app = st.App(
    PROJECT / "dashboard" / "main.py",
    routes=[
        Route("/api/health", health),
        Route("/unsubscribe", unsubscribe, methods=["GET", "POST"]),
        Mount("/fonts", StaticFiles(directory=PROJECT / "data" / "fonts")),
    ],
    middleware=[Middleware(SecurityHeaders)],
    lifespan=warm,
    on_script_error=say_fault,
)
