"""A support mailbox: mbox, Maildir, .eml files, and zips of them.

A thread is a ticket, called by the id of its first message: what References begins with, else what In-Reply-To names,
else the message's own. A reply that names nothing belongs to the thread with its subject and its people. Which
addresses are ours stands in heard.toml ([organisation] domains): who writes from there is an agent, everybody else a
customer. A mailbox knows no status and no ratings; attachments are only counted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from metrics.measure import Capability
from pipelines.sources import _mail_files
from pipelines.sources._mail import Mail, parse
from pipelines.sources.source import NAMES, THREAD, Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

_REPLY = re.compile(r"^(?:re|aw|sv|antw|rif|res|vs|odp)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_PREFIX = re.compile(
    r"^(?:(?:re|aw|sv|antw|rif|res|vs|odp|fwd?|wg|tr|doorst|enc)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_MACHINES = re.compile(
    r"^(?:no-?_?reply|do-?not-?reply|mailer-daemon|postmaster|notifications?|bounces?)(?:[+.-].*)?$"
)
_UNSENT = frozenset({"draft", "drafts", "entwürfe", "brouillons"})
_NOT_MAIL = frozenset({"chat", "chats"})


def recognise(sample: Sample, options: Options) -> int | None:
    """A file whose first lines are the headers of a mail, or a folder of such files."""
    return 4 if sample.kind == "mail" else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """A message, its ticket, its writer, and what it says about which messages belong together."""
    own = tuple(domain.strip().lstrip("@").casefold() for domain in options.domains if domain.strip(" @"))
    if not own:
        raise _nobody_is_ours(sample)
    seen: set[tuple[str, str | None]] = set()
    for position, (line, raw) in enumerate(_mail_files.messages(sample.member)):
        try:
            mail = parse(raw)
            if mail.labels & _UNSENT:
                yield Item(line, note="drafts were passed over", size=len(raw))
            elif mail.labels & _NOT_MAIL:
                yield Item(line, note="chats beside the mail were passed over", size=len(raw))
            else:
                rows = list(_rows(mail, raw, own, position, seen))
                yield Item(line, rows=rows, size=sum(len(row.get("body") or "") for _, row in rows))
        except BadInput as error:
            yield Item(line, reason=error.what, raw=raw[:500].decode("utf-8", "replace"))


def _nobody_is_ours(sample: Sample) -> BadInput:
    """The error that asks for the own domains, with the one that most mail was delivered to as a proposal."""
    domains: Counter[str] = Counter()
    for _, raw in islice(_mail_files.messages(sample.member), 200):
        try:
            mail = parse(raw)
        except BadInput:
            continue
        for address in mail.delivered_to or mail.recipients:
            domains[address.partition("@")[2]] += 1
    likely = min(domains, key=lambda domain: (-domains[domain], domain), default="example.com")
    likely = re.sub(r"[^\w.-]", "", likely) or "example.com"
    return BadInput(
        f"{sample.member.name} is mail, and nothing says which addresses are yours.",
        fix=f'write in heard.toml, with the domains that your team writes from: [organisation] domains = ["{likely}"]',
    )


def _is_own(address: str, own: tuple[str, ...]) -> bool:
    domain = address.partition("@")[2]
    return any(domain == one or domain.endswith(f".{one}") for one in own)


def _rows(
    mail: Mail, raw: bytes, own: tuple[str, ...], position: int, seen: set[tuple[str, str | None]]
) -> Iterator[tuple[str, Row]]:
    sender = mail.sender
    if sender is None:
        raise BadInput("a message without a sender")
    name = mail.sender_name
    if _is_own(sender, own) and mail.reply_to and not _is_own(mail.reply_to, own):
        sender, name = mail.reply_to, None  # a form on the website writes in the customer's name
    is_ours = _is_own(sender, own)
    is_machine = mail.is_automatic or _MACHINES.match(sender.partition("@")[0]) is not None
    others = [one for one in mail.recipients if not _is_own(one, own)]
    # Among ourselves: what a customer never saw is a note, not a reply.
    is_internal = is_ours and bool(mail.recipients) and not others
    message_id = mail.message_id or f"hash:{hashlib.md5(raw).hexdigest()}"
    ticket_id, links = _thread(mail, message_id, others if is_ours else [sender])
    for link in links:
        if link not in seen:
            seen.add(link)
            yield NAMES, {"kind": THREAD, "id": link[0], "name": link[1]}
    if not is_machine and (sender, name) not in seen:
        seen.add((sender, name))
        role = "agent" if is_ours else "customer"
        yield "people", {"person_id": sender, "role": role, "name": name, "email": sender}
    # Whose ticket it is and when it began is found from all its messages after the merge.
    unknown = dict.fromkeys(("status", "priority", "type", "team_id", "agent_id", "account_id"))
    yield (
        "tickets",
        {
            **unknown,
            "ticket_id": ticket_id,
            "subject": _PREFIX.sub("", mail.subject).strip() or None,
            "channel": "email",
            "created_at": mail.sent_at,
            "is_spam": bool(mail.labels & {"spam", "junk"}),
        },
    )
    yield (
        "messages",
        {
            "ticket_id": ticket_id,
            "message_id": message_id,
            "position": position,
            "author_role": "bot" if is_machine else "agent" if is_ours else "customer",
            "author_id": sender,
            "is_public": not is_internal,
            "created_at": mail.sent_at,
            "kind": "auto_reply" if is_machine else "note" if is_internal else "message",
            "body": mail.body,
            "is_html": mail.is_html,
            "count_attachments": mail.count_attachments,
        },
    )


def _thread(mail: Mail, message_id: str, outside: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """The ticket as far as this message knows, and which ids it says belong to which earlier one."""
    if mail.references:
        root = mail.references[0]
        inside = {message_id, mail.references[-1]} - {root}
        return root, [(one, root) for one in sorted(inside)]
    plain = _PREFIX.sub("", mail.subject).strip().casefold()
    if not plain or not outside:
        return message_id, []
    people = "\n".join([plain, *sorted(set(outside))])
    by_subject = f"subject:{hashlib.md5(people.encode('utf-8', 'replace')).hexdigest()}"
    if _REPLY.match(mail.subject):
        return by_subject, []
    return message_id, [(by_subject, message_id)]


SOURCE = Source(
    name="mailbox",
    title="Mailbox",
    about="a support mailbox as mbox, Maildir or .eml files; threads by References, roles by your own domains",
    recognise=recognise,
    read=read,
    needs_domains=True,
    claims=3,
    guide=Guide(
        plan="any mailbox that your mail program or provider lets you copy",
        exports=(
            Export(
                name="mbox",
                how="Google: Takeout > Mail, in mbox form. Thunderbird and Apple Mail: export the folder, or copy the "
                "mbox file from the profile. Load the folders for received and for sent mail together.",
                enables=(Capability.TICKETS, Capability.MESSAGES),
                lacks="status, so resolution times, reopens and backlog are not available; ratings: load a survey file.",
            ),
            Export(
                name="Maildir or a folder of .eml files",
                how="Copy the folder from the mail server (with cur and new in it), or save messages as .eml; name the "
                "folder, or zip it.",
                enables=(Capability.TICKETS, Capability.MESSAGES),
                lacks="the same as an mbox. Outlook's .msg and .pst are not read: save as .eml or mbox.",
            ),
        ),
        notes=(
            'Say first which domains are yours: in heard.toml, [organisation] domains = ["example.com"]. Nothing is '
            "guessed: a mistake would turn customers into agents.",
            "Without the sent mail no reply of yours is there, and every ticket looks unanswered.",
            "Automatic replies (Auto-Submitted, Precedence, reports of failed delivery) count as nobody's turn; mail "
            "among your own addresses is an internal note; drafts are passed over.",
        ),
    ),
)
