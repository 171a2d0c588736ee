"""Mail over SMTP: encrypted, with the server's certificate checked, handed over at one known point."""

from __future__ import annotations

import html
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime
from hashlib import sha256
from mimetypes import guess_type
from typing import Final, cast
from urllib.parse import quote

from pipelines.digest.shown import as_shown
from pipelines.digest.ways.parcel import HandOver, Later, Parcel, Refused, Unknown
from warehouse.recipients import Mail
from warehouse.secrets import secret

LONGEST_SUBJECT: Final = 200
LISTEN_SECONDS: Final = 0.25  # before a message is ended
_LINE_START: Final = re.compile(rb"^\.", re.MULTILINE)
_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown",
}


class _Verbatim(UnstructuredHeader):
    """A header of addresses in angle brackets: a long one stays what it is, where Python would write it in code."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it goes out, one address a line."""
        named = cast(BaseHeader, self)
        return f"{named.name}: {str(named).replace(', ', f',{policy.linesep} ')}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
for _name in ("list-unsubscribe", "message-id"):
    _HEADERS.map_to_type(_name, cast("type[BaseHeader]", _Verbatim))
_POLICY: Final = policy.SMTP.clone(header_factory=_HEADERS)


def send(parcel: Parcel, hand_over: HandOver) -> None:
    """Send the digest. Raises Later, Refused, or Unknown where no answer came to the whole message."""
    content = as_bytes(message(parcel))
    with _server(parcel.mail) as server:
        _expect(server.mail(parcel.mail.sender), 250, is_about_reader=False)
        _expect(server.rcpt(parcel.recipient.to), 250, 251)
        _expect(server.docmd("DATA"), 354)
        # A server has the message with the line that holds a lone dot, and not before.
        server.send(_LINE_START.sub(b"..", content))
        if not _is_listening(server):
            raise Later("The mail server closed the line in the middle of the message.")
        hand_over()
        try:
            server.send(b".\r\n")
            answer = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Unknown(f"The server did not answer to the whole message ({_say(error)}).") from error
        if not 200 <= answer[0] < 600:
            raise Unknown(f"The server's answer to the whole message can not be read ({_said(answer)}).")
        _expect(answer, 250)


def message(parcel: Parcel) -> EmailMessage:
    """The mail: plain text and HTML as alternatives, then the files."""
    content, mail, reader = parcel.content, parcel.mail, parcel.recipient
    made = EmailMessage(policy=_POLICY)
    made["From"] = Address(as_shown(f"Heard {parcel.organisation}"), addr_spec=mail.sender)
    made["To"] = Address(as_shown(reader.name), addr_spec=reader.to)
    made["Subject"] = as_shown(f"{'Test: ' if parcel.is_test else ''}{content.subject}")[:LONGEST_SUBJECT]
    made["Date"] = format_datetime(parcel.now)
    made["Message-ID"] = message_id(parcel)
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    stop_by_mail = f"mailto:{mail.unsubscribe or mail.sender}?subject={quote(f'unsubscribe {reader.to}')}"
    if parcel.unsubscribe_url:
        made["List-Unsubscribe"] = f"<{stop_by_mail}>, <{parcel.unsubscribe_url}>"
        if parcel.unsubscribe_url.startswith("https://"):  # RFC 8058 asks for it
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    else:
        made["List-Unsubscribe"] = f"<{stop_by_mail}>"
    stop = parcel.unsubscribe_url or stop_by_mail
    lacks = ", ".join(kind for kind in reader.attach if kind in content.missing)
    made.set_content(_with_footer_text(content.text, lacks, stop), cte="quoted-printable")
    made.add_alternative(_with_footer(content.html, lacks, stop), subtype="html", cte="quoted-printable")
    for kind in reader.attach:
        path = content.file(kind)
        if path is None:  # a week without an export has nothing to attach
            continue
        main, sub = (_TYPES.get(kind) or guess_type(path.name)[0] or "application/octet-stream").split("/")
        made.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)
    _name_boundaries(made, parcel)
    return made


def as_bytes(made: EmailMessage) -> bytes:
    """A mail as it goes over the wire, its last line ended."""
    content = made.as_bytes()
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def message_id(parcel: Parcel) -> str:
    """The same for a week and a reader however often it is tried, so that mail programs show a second copy as the first."""
    test = f"\n{parcel.now.isoformat()}" if parcel.is_test else ""
    told = f"{parcel.store}\n{parcel.content.week}\n{parcel.recipient.key}{test}"
    domain = parcel.mail.sender.partition("@")[2] or "localhost"
    return f"<heard.{parcel.content.week}.{sha256(told.encode()).hexdigest()[:24]}@{domain}>"


@contextmanager
def _server(mail: Mail) -> Iterator[smtplib.SMTP]:
    """A connection on which mail may be sent; whatever fails on it before the message is handed over fails for now."""
    try:
        context = ssl.create_default_context(cafile=mail.ca_file or None)
    except OSError as error:
        raise Later(f"mail.ca_file can not be read: {error.strerror or error}.") from error
    server: smtplib.SMTP | None = None
    try:
        if mail.security == "tls":
            server = smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_seconds, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)
        server.ehlo()
        if mail.security == "starttls":
            # Raises where the server does not offer it: we never go on in the open.
            server.starttls(context=context)
            server.ehlo()
        _log_in(server, mail)
        yield server
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    except smtplib.SMTPAuthenticationError as error:
        raise Later(
            f"The mail server refuses the user or the password ({_said((error.smtp_code, error.smtp_error))})."
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise Later(
            f"The mail server's certificate is not trusted: {error.verify_message or error.reason}."
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Later(f"The mail server could not be used: {_say(error)}.") from error
    finally:
        if server is not None:
            server.close()


def _is_listening(server: smtplib.SMTP) -> bool:
    """Whether a server that was sent all but the last line is still there and silent.

    One that has gone, or gives an answer before its turn, will not take the message: seen now it is no riddle later.
    """
    line = server.sock
    if line is None:
        return False
    line.settimeout(LISTEN_SECONDS)
    try:
        line.recv(1)
    except TimeoutError:
        line.settimeout(server.timeout)
        return True
    except OSError:
        pass
    return False


def _log_in(server: smtplib.SMTP, mail: Mail) -> None:
    user = mail.user or secret("HEARD_SMTP_USER")
    if not user:
        return
    password = secret("HEARD_SMTP_PASSWORD")
    if not password:
        raise Later("The mail server wants a password, and $HEARD_SMTP_PASSWORD is not set.")
    server.login(user, password)


def _expect(answer: tuple[int, bytes], *codes: int, is_about_reader: bool = True) -> None:
    """Raises Refused on a lasting refusal of this reader or message, Later on any other answer than these."""
    if answer[0] in codes:
        return
    words = f"The mail server said {_said(answer)}."
    raise Refused(words) if is_about_reader and 500 <= answer[0] < 600 else Later(words)


def _said(answer: tuple[int, bytes | str]) -> str:
    text = answer[1].decode(errors="replace") if isinstance(answer[1], bytes) else answer[1]
    return as_shown(f"{answer[0]} {text}")[:200]


def _say(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said((error.smtp_code, error.smtp_error))
    return as_shown(str(error) or type(error).__name__)[:200]


def _with_footer_text(text: str, lacks: str, stop: str) -> str:
    return f"{text.rstrip()}\n\n{_why(lacks)} To stop it: {stop}\n"


def _with_footer(page: str, lacks: str, stop: str) -> str:
    words = (
        '<p class="quiet" style="margin:16px auto;max-width:600px;font:13px Arial,sans-serif;color:#5b6470;text-align:center">'
        f'{html.escape(_why(lacks))} <a href="{html.escape(stop)}" style="color:#5b6470">Stop it</a>.</p>'
    )
    head, end, rest = page.rpartition("</body>")
    return f"{head}{words}{end}{rest}" if end else page + words


def _why(lacks: str) -> str:
    missing = f"A file could not be made this week: {lacks}. " if lacks else ""
    return f"{missing}You get this because you are listed for the weekly digest."


def _name_boundaries(made: EmailMessage, parcel: Parcel) -> None:
    # Python draws them; ours make a mail that is built twice the same.
    seed = f"{parcel.content.content_hash}{parcel.recipient.key}"
    for number, part in enumerate(one for one in made.walk() if one.is_multipart()):
        part.set_boundary(f"=_{sha256(f'{number}{seed}'.encode()).hexdigest()[:32]}")
