"""Who gets the weekly digest and by which way, as heard.toml states it; secrets stand in the environment, never here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from warehouse.errors import BadSettings
from warehouse.rights import Rights, Role, from_words

WAYS: Final = ("mail", "folder", "slack", "teams")
ATTACHED: Final = ("pdf", "xlsx", "md", "json")
SECURITY: Final = ("starttls", "tls", "none")
LOCAL: Final = ("localhost", "127.0.0.1", "::1")

_ADDRESS = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class Recipient:
    """Who gets the weekly digest. `by` is mail, folder, slack or teams.

    `to` is the mail address, the folder, or for slack and teams the name of the environment variable that holds the
    webhook's address (the address itself is a secret and never stands here). `role` is director, finance, lead, analyst
    or reader: the digest shows what that role may see; a lead names `teams`. `attach` lists "pdf", "xlsx", "md" or
    "json" to go with a mail.
    """

    name: str = ""
    by: str = "mail"
    to: str = ""
    role: str = "reader"
    teams: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By what the send ledger knows them: the way and the address, so that another name is not another person."""
        return f"{self.by}:{self.to.casefold() if self.by == 'mail' else self.to}"

    @property
    def rights(self) -> Rights:
        """What their digest may show."""
        return from_words(self.role, self.teams)


@dataclass(frozen=True)
class Mail:
    """The mail server that digests go out by. `security` is starttls, tls, or none (to this machine only).

    The user may also stand in $HEARD_SMTP_USER; the password stands in $HEARD_SMTP_PASSWORD and nowhere else. `ca_file`
    names the certificates of an authority of your own; empty: those that the system trusts. `unsubscribe` is the address
    that wishes to stop go to; empty: `sender`.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    sender: str = ""
    user: str = ""
    ca_file: str = ""
    unsubscribe: str = ""
    timeout_seconds: float = 30.0


def check(recipients: Sequence[Recipient], mail: Mail) -> None:
    """Raise BadSettings on a recipient who could not be sent to, on two that are one, or on a mail server not safe to use.

    Whether there is a mail server at all is asked where something is to be sent: `check_server`.
    """
    known: dict[str, str] = {}
    for one in recipients:
        _check_one(one)
        for what in (f"name {one.name.casefold()}", one.key):
            if what in known:
                raise BadSettings(
                    f"The recipients {known[what]!r} and {one.name!r} are one: the digest would go out twice.",
                    fix="give each [[recipients]] its own name and address, or take one away",
                )
            known[what] = one.name
    _check_mail(mail)


def check_server(recipients: Sequence[Recipient], mail: Mail) -> None:
    """Raise BadSettings where one of these gets mail and the settings name no server or no sender to send it."""
    if any(one.by == "mail" for one in recipients) and not (mail.host.strip() and mail.sender):
        raise BadSettings(
            "A recipient gets mail, but [mail] names no server or no sender.",
            fix='[mail] with host = "smtp.example.com" and sender = "heard@example.com"',
        )


def is_address(text: str) -> bool:
    """Whether a text can be a mail address: one @, no space, no sign that could end a header line."""
    return _ADDRESS.fullmatch(text) is not None and ".." not in text


def _check_one(one: Recipient) -> None:
    if not one.name.strip():
        raise BadSettings("A recipient has no name.", fix='name = "Dana" below [[recipients]]')
    if not one.name.isprintable():
        raise BadSettings(
            f"The recipient {one.name!r} has a line break or an unseen sign in the name.",
            fix="name it on one line",
        )
    _one_of(one, "by", one.by, WAYS)
    _one_of(one, "role", one.role, list(Role))
    for form in one.attach:
        _one_of(one, "attach", form, ATTACHED)
    if one.attach and one.by != "mail":
        raise BadSettings(
            f"The recipient {one.name!r} has attach, but only mail carries files.", fix="leave attach out"
        )
    if one.by == "mail" and not is_address(one.to):
        raise BadSettings(f"{one.to!r} is not a mail address ({one.name}).", fix='to = "name@example.com"')
    if one.by == "folder" and (not one.to.strip() or not one.to.isprintable()):
        raise BadSettings(f"The recipient {one.name!r} names no folder.", fix='to = "/srv/digests"')
    if one.by in ("slack", "teams") and not _VARIABLE.fullmatch(one.to):
        # What was written may be the address itself: it is not repeated.
        raise BadSettings(
            f"{one.name}: to must name the environment variable that holds the webhook's address.",
            fix='to = "HEARD_SLACK_WEBHOOK", and set that variable where heard runs',
        )
    if (one.role == Role.LEAD) != bool(one.teams):
        raise BadSettings(
            f"{one.name}: {'a lead needs teams' if one.role == Role.LEAD else 'only a lead has teams'}.",
            fix='role = "lead" with teams = ["..."]',
        )


def _one_of(one: Recipient, key: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        near = get_close_matches(value, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise BadSettings(f"recipients.{key} of {one.name!r} is {value!r}.", fix=fix)


def _check_mail(mail: Mail) -> None:
    if mail.security not in SECURITY:
        raise BadSettings(f"mail.security is {mail.security!r}.", fix=f"known are {', '.join(SECURITY)}")
    if mail.security == "none" and mail.host and mail.host.casefold() not in LOCAL:
        raise BadSettings(
            f"Mail to {mail.host} would go unencrypted.",
            fix='security = "starttls" or "tls"; none is for this machine',
        )
    for key, value in (("sender", mail.sender), ("unsubscribe", mail.unsubscribe)):
        if value and not is_address(value):
            raise BadSettings(
                f"mail.{key} is {value!r}, not a mail address.", fix=f'{key} = "heard@example.com"'
            )
    if not 0 < mail.port < 65536 or not 0 < mail.timeout_seconds <= 600:
        raise BadSettings(
            "mail.port must be 1 to 65535 and mail.timeout_seconds more than 0, at most 600.",
            fix="mend that line",
        )
