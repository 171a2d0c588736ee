"""Salesforce's objects as rows: Case, EmailMessage, CaseComment, CaseHistory, User, Group, Account, Contact.

An id has 15 letters that differ by case, or the same with three more as a check: the first 15 are the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelines.sources import _columns
from pipelines.sources._api import person, remark
from pipelines.sources._columns import flag
from pipelines.sources._values import identifier, instant, words
from pipelines.sources.source import NAMES, Options, Row
from warehouse.errors import BadInput

CASE, USER, QUEUE = "500", "005", "00G"  # what the ids of these objects begin with
STATUS = "salesforce_status"  # names: what a status means, by the cases that are in it
DESCRIPTION = "description"
_EMAIL, _DRAFT = "email", "5"
_ID = re.compile(r"^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$")
# The statuses that come with a new organisation; any other counts as open or closed by the case's own mark.
_STATUSES = {
    "new": "new",
    "working": "open",
    "escalated": "open",
    "on_hold": "hold",
    "waiting_on_customer": "pending",
    "closed": "closed",
}
_FIELDS = {"Status": "status", "Owner": "owner", "Priority": "priority"}


def key(value: Any, what: str) -> str | None:
    """The id's first 15 letters. Raises BadInput on what is no id, as a spreadsheet leaves it."""
    text = identifier(value, what)
    if text is None:
        return None
    if not _ID.match(text):
        raise BadInput(f"the {what} {text[:40]!r} is no Salesforce id")
    return text[:15]


def _required(row: Row, column: str, what: str) -> str:
    found = key(row.get(column), what)
    if found is None:
        raise BadInput(f"a row without a {what}")
    return found


def _is_deleted(row: Row) -> bool:
    return flag(row.get("IsDeleted")) is True


def case(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A case, and its description as the first message: unless it came by e-mail, which then is that message."""
    case_id = _required(row, "Id", "case id")
    owner = key(row.get("OwnerId"), "owner id") or ""
    is_closed = flag(row.get("IsClosed"))
    raw = words(row.get("Status"))
    ours = _status(raw, is_closed)
    contact = key(row.get("ContactId"), "contact id")
    email = words(row.get("ContactEmail")) or words(row.get("SuppliedEmail"))
    channel = words(row.get("Origin"))
    winner = key(row.get("MasterRecordId"), "master case id")
    yield (
        "tickets",
        {
            "ticket_id": case_id,
            "subject": words(row.get("Subject")),
            "status": ours,
            "status_raw": raw,
            "priority": words(row.get("Priority")),
            "type": words(row.get("Type")),
            "channel": channel.casefold() if channel else None,
            "team_id": owner if owner.startswith(QUEUE) else None,
            "agent_id": owner if owner.startswith(USER) else None,
            "customer_id": contact,
            "customer_email": email,
            "opened_by_id": key(row.get("CreatedById"), "creator's id"),
            "account_id": key(row.get("AccountId"), "account id"),
            "created_at": instant(row.get("CreatedDate")),
            "closed_at": instant(row.get("ClosedDate")) if ours == "closed" else None,
            "updated_at": instant(row.get("SystemModstamp") or row.get("LastModifiedDate")),
            "is_deleted": _is_deleted(row) and winner is None,
            "merged_into": winner,
        },
    )
    if raw and ours:
        yield NAMES, {"kind": STATUS, "id": raw, "name": ours}
    body = words(row.get("Description"))
    if body and (channel or "").casefold() != _EMAIL:
        said = {"ticket_id": case_id, "message_id": DESCRIPTION, "position": 0, "author_role": "customer"}
        when = {"author_id": contact, "is_public": True, "created_at": instant(row.get("CreatedDate"))}
        yield "messages", {**said, **when, "kind": "message", "body": body, "is_html": False}


def _status(raw: str | None, is_closed: bool | None) -> str | None:
    """By the case's own mark of open or closed first; a word that everybody has then says more of an open one."""
    ours = _STATUSES.get(_columns.plain(raw)) if raw else None
    if is_closed is None:
        return ours
    if is_closed:
        return "closed"
    return "open" if ours in (None, "closed") else ours


def email_message(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An e-mail of a case. Drafts were never sent; an e-mail of another object belongs to no ticket."""
    message_id = _required(row, "Id", "e-mail id")
    parent = key(row.get("ParentId") or row.get("RelatedToId"), "parent id")
    if _is_deleted(row) or words(row.get("Status")) in (_DRAFT, "Draft"):
        yield remark("drafts and deleted e-mails, left out", message_id)
        return
    if parent is None or not parent.startswith(CASE):
        yield remark("e-mails that belong to no case, left out", message_id)
        return
    is_incoming = flag(row.get("Incoming"))
    plain, html = words(row.get("TextBody")), words(row.get("HtmlBody"))
    yield (
        "messages",
        {
            "ticket_id": parent,
            "message_id": message_id,
            "author_role": None if is_incoming is None else "customer" if is_incoming else "agent",
            "author_id": None if is_incoming else key(row.get("CreatedById"), "author's id"),
            "is_public": True,
            "created_at": instant(row.get("MessageDate") or row.get("CreatedDate")),
            "kind": "message",
            "body": plain or html,
            "is_html": plain is None,
        },
    )


def case_comment(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A comment on a case; one that is not published is a note. Its author's role is what users say."""
    comment_id = _required(row, "Id", "comment id")
    if _is_deleted(row):
        yield remark("deleted comments, left out", comment_id)
        return
    is_published = flag(row.get("IsPublished"))
    yield (
        "messages",
        {
            "ticket_id": _required(row, "ParentId", "case id"),
            "message_id": comment_id,
            "author_id": key(row.get("CreatedById"), "author's id"),
            "is_public": is_published,
            "created_at": instant(row.get("CreatedDate")),
            "kind": "note" if is_published is False else "message",
            "body": words(row.get("CommentBody")),
            "is_html": False,
        },
    )


def case_history(row: Row, options: Options) -> Iterator[tuple[str, Row]]:
    """A change of status, owner or priority. A change of owner stands there twice: by name, and by id, which counts."""
    field = _FIELDS.get(str(row.get("Field")))
    if field is None:
        return
    origin = _required(row, "Id", "history id")
    old, new = words(row.get("OldValue")), words(row.get("NewValue"))
    if field == "owner":
        if not any(value and _ID.match(value) and value.startswith((USER, QUEUE)) for value in (old, new)):
            return
        for name, start in (("agent", USER), ("team", QUEUE)):
            was, now = _owner(old, start), _owner(new, start)
            if was != now:
                yield _event(row, origin, name, was, now)
        return
    if field == "status":
        old, new = _meaning(old, options), _meaning(new, options)
    yield _event(row, origin, field, old, new)


def _owner(value: str | None, start: str) -> str | None:
    return value[:15] if value and _ID.match(value) and value.startswith(start) else None


def _meaning(raw: str | None, options: Options) -> str | None:
    return options.known.get((STATUS, raw or "")) or _status(raw, None)


def _event(row: Row, origin: str, field: str, old: str | None, new: str | None) -> tuple[str, Row]:
    return "events", {
        "ticket_id": _required(row, "CaseId", "case id"),
        "event_id": f"{origin}:{field}",
        "at": instant(row.get("CreatedDate")),
        "field": field,
        "old": old,
        "new": new,
        "actor_id": key(row.get("CreatedById"), "author's id"),
    }


def user(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A user: an agent by a standard licence, a customer by one of the portals', a bot where the system is meant."""
    kind = (words(row.get("UserType")) or "").casefold()
    role = {"standard": "agent", "automatedprocess": "bot", "cloudintegrationuser": "bot"}.get(kind)
    if role is None and any(part in kind for part in ("customer", "csp", "partner", "guest")):
        role = "customer"
    account = key(row.get("AccountId"), "account id")
    yield _person(row, "user id", role, account)


def contact(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A customer."""
    yield _person(row, "contact id", "customer", key(row.get("AccountId"), "account id"))


def _person(row: Row, what: str, role: str | None, account: str | None) -> tuple[str, Row]:
    parts = [words(row.get("FirstName")), words(row.get("LastName"))]
    name = words(row.get("Name")) or " ".join(part for part in parts if part) or None
    at = instant(row.get("SystemModstamp") or row.get("LastModifiedDate"))
    return person(_required(row, "Id", what), role, name, row.get("Email"), account, at)


def group(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """A queue is a team; other groups say nothing here."""
    if str(row.get("Type")).casefold() == "queue":
        yield "teams", {"team_id": _required(row, "Id", "queue id"), "name": words(row.get("Name"))}


def account(row: Row, _: Options) -> Iterator[tuple[str, Row]]:
    """An account. AnnualRevenue is what they earn and not what they pay, so that it is no value of ours."""
    at = instant(row.get("SystemModstamp") or row.get("LastModifiedDate"))
    account_id = _required(row, "Id", "account id")
    yield "accounts", {"account_id": account_id, "name": words(row.get("Name")), "updated_at": at}
