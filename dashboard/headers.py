"""Security headers on every answer: the page may load, run and call nothing but its own server."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

# Streamlit's index page holds one inline line, `window.prerenderReady = false`; no other inline script may run.
PRERENDER: Final = "\n      window.prerenderReady = false\n    "
PRERENDER_HASH: Final = f"'sha256-{b64encode(sha256(PRERENDER.encode()).digest()).decode()}'"

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' {PRERENDER_HASH}",
        "style-src 'self' 'unsafe-inline'",  # Streamlit writes its styles while it runs
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",  # covers the web socket to the same host
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)

HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)


class SecurityHeaders:
    """ASGI middleware that adds HEADERS to every HTTP answer."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass the request on and put the headers on what comes back."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, send_with_headers)
