"""One POST to a webhook whose address is a secret: it stands in the environment and in no message of ours."""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import closing
from datetime import timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from pipelines.digest.shown import as_shown
from pipelines.digest.ways.parcel import HandOver, Later, Refused, Unknown
from warehouse.recipients import LOCAL
from warehouse.secrets import secret

TIMEOUT_SECONDS: Final = 30.0
_MOST_READ: Final = 2_000  # of an answer; its first words are kept with a refusal
# What stands between us and the receiver gave up on it: the receiver may have taken it all the same.
_GATEWAY_TIMEOUT: Final = 504
_TOO_MANY: Final = 429
_TIMED_OUT: Final = 408


def post(variable: str, body: bytes, hand_over: HandOver, *, timeout: float = TIMEOUT_SECONDS) -> None:
    """Post JSON to the address that an environment variable holds. Raises Later, Refused, or Unknown.

    Redirects are not followed. An answer of 5xx, 408 or 429 is tried again later, other refusals are not; no answer at
    all, or that of a gateway which did not wait for it, is unknown.
    """
    address = _address(variable)
    connection = _connection(address, timeout)
    with closing(connection):
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise Later(f"The certificate of {address.hostname} is not trusted.") from error
        except (OSError, http.client.HTTPException) as error:
            raise Later(f"{address.hostname} can not be reached: {_say(error)}.") from error
        hand_over()
        try:
            path = f"{address.path or '/'}{f'?{address.query}' if address.query else ''}"
            connection.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8"})
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Unknown(f"{address.hostname} did not answer ({_say(error)}).") from error
        _judge(answer, str(address.hostname))


def _judge(answer: http.client.HTTPResponse, host: str) -> None:
    if 200 <= answer.status < 300:
        return
    try:
        said = as_shown(answer.read(_MOST_READ).decode(errors="replace"))[:100]
    except (OSError, http.client.HTTPException):
        said = ""
    words = f"{host} said {answer.status}{f': {said}' if said else ''}."
    if answer.status == _GATEWAY_TIMEOUT:
        raise Unknown(words)
    if answer.status >= 500 or answer.status in (_TOO_MANY, _TIMED_OUT):
        asked = answer.getheader("Retry-After", "")
        raise Later(words, wait=timedelta(seconds=min(int(asked), 86_400)) if asked.isdecimal() else None)
    raise Refused(words)


def _address(variable: str) -> SplitResult:
    text = secret(variable).strip()
    if not text:
        raise Later(f"${variable} is not set: it holds the webhook's address.")
    try:
        address = urlsplit(text)
        is_local = address.hostname in LOCAL
        _ = address.port
    except ValueError as error:
        raise Later(f"${variable} holds no address of a webhook.") from error
    is_safe = address.scheme == "https" or (address.scheme == "http" and is_local)
    if not address.hostname or not is_safe or not text.isprintable() or " " in text:
        raise Later(f"${variable} must hold an address that begins with https://.")
    return address


def _connection(address: SplitResult, timeout: float) -> http.client.HTTPConnection:
    host = str(address.hostname)
    if address.scheme == "http":
        return http.client.HTTPConnection(host, address.port, timeout=timeout)
    context = ssl.create_default_context()
    proxy = getproxies().get("https", "")
    if proxy and not proxy_bypass(host):
        by = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        connection = http.client.HTTPSConnection(str(by.hostname), by.port, timeout=timeout, context=context)
        connection.set_tunnel(host, address.port or 443)
        return connection
    return http.client.HTTPSConnection(host, address.port, timeout=timeout, context=context)


def _say(error: Exception) -> str:
    if isinstance(error, TimeoutError | socket.timeout):
        return "timed out"
    return as_shown(getattr(error, "strerror", None) or type(error).__name__)
