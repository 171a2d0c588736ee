"""Real receivers for the tests of delivery: a mail server with TLS and a password, and an HTTP server, both told how to behave."""

from __future__ import annotations

import asyncio
import email
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "digest", "quiet-river"


@dataclass(frozen=True)
class Authority:
    """An authority of our own: its certificate, and the certificate and key of a server on this machine."""

    ca: Path
    server: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context


def authority(folder: Path) -> Authority:
    now = datetime.now(UTC)

    def make(name: str, signer: Any = None) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer, by = (signer[0].subject, signer[1]) if signer else (subject, key)
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
            )
        )
        if signer:
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        else:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            made = made.add_extension(usage, critical=True)
        return made.sign(by, hashes.SHA256()), key

    root = make("Test authority")
    certificate, key = make("localhost", root)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(root[0].public_bytes(pem))
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(pem))
    return Authority(folder / "ca.pem", folder / "server.pem")


@dataclass
class Post:
    """What a mail server took, and how it behaves to whom: by the part of the address before the @.

    refuse, later (at RCPT), full, busy (at the end of the message), drop (in the middle of it), gone (it took the message,
    and the line goes dead before it says so), slow (it says so too late).
    """

    port: int
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    behaves: dict[str, str] = field(default_factory=dict)
    steps: int = 0
    before_answer: Callable[[str], None] = lambda address: None
    moved: threading.Condition = field(default_factory=threading.Condition)

    def how(self, address: str) -> str:
        return self.behaves.get(address, address.partition("@")[0])

    def to(self, address: str) -> list[EmailMessage]:
        return [_parsed(content) for to, content in self.taken if to == address]

    def step(self) -> None:
        with self.moved:
            self.steps += 1
            self.moved.notify_all()

    def wait_for(self, steps: int, seconds: float) -> bool:
        with self.moved:
            return self.moved.wait_for(lambda: self.steps >= steps, seconds)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.step()
        if self.how(address) == "refuse":
            return "550 5.1.1 no such mailbox"
        if self.how(address) == "later":
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.step()
        address = envelope.rcpt_tos[0]
        how = self.how(address)
        if how == "full":
            return "552 5.3.4 too large"
        if how == "busy":
            return "452 4.3.1 no room now"
        if how == "hang":
            await asyncio.sleep(3)
            return "451 4.4.0 too late"
        self.taken.append((address, bytes(envelope.content or b"")))
        self.step()
        self.before_answer(address)
        if how == "gone":
            server.transport.abort()
        if how == "slow":
            await asyncio.sleep(3)
        return "250 OK"


class _Dropping(SMTP):
    """Closes the line in the middle of the message of whoever is to be dropped."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.how(self.envelope.rcpt_tos[0]) == "drop":
            await self.push("354 go on")
            await self._reader.read(100)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


@contextmanager
def mail_server(made: Authority, *, security: str = "starttls") -> Iterator[Post]:
    """A mail server that wants TLS ("tls": from the first byte) and the password; "none": neither."""
    post = Post(_free_port())

    def knows(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        is_known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_known, handled=False)

    wants: dict[str, Any] = {"auth_required": True, "authenticator": knows}
    if security == "starttls":
        wants |= {"tls_context": made.context(), "require_starttls": True}
    if security == "tls":
        wants |= {"auth_require_tls": False}  # aiosmtpd knows no other TLS than STARTTLS
    if security == "none":
        wants = {}

    class Served(Controller):
        def factory(self) -> SMTP:
            return _Dropping(self.handler, **self.SMTP_kwargs)

    served = Served(
        post, "127.0.0.1", post.port, ssl_context=made.context() if security == "tls" else None, **wants
    )
    served.start()
    try:
        yield post
    finally:
        served.stop(no_assert=True)


@dataclass
class Receiver:
    """What a webhook got, by path; how it answers stands in the path: /ok, /500, /429, /hang, /drop."""

    port: int
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://localhost:{self.port}{path}"

    def at(self, path: str) -> list[dict[str, Any]]:
        return [body for where, body in self.got if where == path]


@contextmanager
def receiver(made: Authority | None = None) -> Iterator[Receiver]:
    """An HTTP server on this machine, over TLS where an authority is given."""
    known = Receiver(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            how = self.path.strip("/").split("/")[-1]
            if how == "hang":
                threading.Event().wait(3)
                return
            if how == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status = int(how) if how.isdecimal() else 200
            if 200 <= status < 300:
                known.got.append((self.path, json.loads(body)))
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "7200")
            if status == 302:
                self.send_header("Location", "/ok")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_arguments: Any) -> None: ...

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    server.daemon_threads = True
    if made:
        server.socket = made.context().wrap_socket(server.socket, server_side=True)
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


def _parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
