"""Help Scout's JSON: conversations with their threads, ratings, the happiness report, users, customers and mailboxes.

Pages as the API gives them (`_embedded`), single objects, lines and arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _helpscout_ratings as ratings
from pipelines.sources import _kinds
from pipelines.sources._api import Tabled, assigned, remark, required
from pipelines.sources._helpscout_threads import (
    ANYONE,
    STATUS,
    author_id,
    customer_id,
    history,
    loose_threads,
    person_row,
)
from pipelines.sources._kinds import Kind, signs
from pipelines.sources._values import identifier, instant, listing, mapping, words
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source


def conversation(record: Row, _: Options) -> Iterator[Tabled]:
    """A conversation with its threads. A draft that was never sent is none."""
    ticket_id = required(record, "conversation")
    if record.get("state") == "draft":
        yield remark("drafts of conversations, left out", ticket_id)
        return
    threads = listing(mapping(record.get("_embedded")).get("threads")) or listing(record.get("threads"))
    raw = words(record.get("status"))
    status = STATUS.get(raw or "")
    assignee = mapping(record.get("assignee"))
    is_team = assignee.get("type") == "team"
    source = mapping(record.get("source"))
    customer = mapping(record.get("primaryCustomer"))
    tags = [
        words(mapping(tag).get("tag")) or words(mapping(tag).get("name"))
        for tag in listing(record.get("tags"))
    ]
    yield from person_row(customer, "customer")
    yield from person_row(assignee)
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": words(record.get("subject")),
            "status": status,
            "status_raw": raw,
            "channel": words(source.get("type")) or words(record.get("type")),
            "team_id": identifier(record.get("mailboxId"), "mailbox id"),
            "agent_id": None if is_team else assigned(assignee.get("id"), "assignee id", ANYONE),
            "customer_id": customer_id(customer),
            "customer_email": words(customer.get("email")),
            "opened_by_id": author_id(record.get("createdBy")),
            "tags": sorted({tag for tag in tags if tag}),
            "created_at": record.get("createdAt"),
            "solved_at": record.get("closedAt") if status == "solved" else None,
            "updated_at": _updated(record, threads),
            "is_spam": raw == "spam",
            "is_deleted": record.get("state") == "deleted",
        },
    )
    yield from history(threads, ticket_id, start="open")


def _updated(record: Row, threads: list[Any]) -> Any:
    """The latest step that the conversation tells of; `userUpdatedAt` leaves the customer's own steps out."""
    stated = [
        record.get("userUpdatedAt"),
        record.get("updatedAt"),
        record.get("closedAt"),
        mapping(record.get("customerWaitingSince")).get("time"),
        *(mapping(thread).get("createdAt") for thread in threads),
    ]
    found = [at for at in map(instant, stated) if at is not None]
    return max(found, default=None)


def user(record: Row, _: Options) -> Iterator[Tabled]:
    """A user of the account."""
    required(record, "user")
    yield from person_row(record, "user")


def customer(record: Row, _: Options) -> Iterator[Tabled]:
    """A customer, with the first of their addresses."""
    required(record, "customer")
    emails = listing(mapping(record.get("_embedded")).get("emails"))
    first = mapping(emails[0]).get("value") if emails else None
    yield from person_row({"email": first, **record}, "customer")


def mailbox(record: Row, _: Options) -> Iterator[Tabled]:
    """A mailbox, which is the team of its conversations."""
    yield "teams", {"team_id": required(record, "mailbox"), "name": words(record.get("name"))}


KINDS = (
    Kind("chat events", None, signs("id beaconId timeline")),
    Kind(
        "conversations",
        conversation,
        signs("id mailboxId folderId", "id mailboxId primaryCustomer", "id mailboxId threads status"),
    ),
    Kind("ratings", ratings.rating, signs("threadId conversationId rating")),
    Kind("rows of the happiness report", ratings.reported, signs("id threadid ratingId")),
    Kind("threads", loose_threads, signs("id type state createdBy source", "id type state action createdBy")),
    Kind("users", user, signs("id firstName lastName role timezone photoUrl")),
    Kind(
        "customers",
        customer,
        signs("id firstName lastName photoType", "id firstName lastName organization gender"),
    ),
    Kind("mailboxes", mailbox, signs("id name slug email")),
)
_EMBEDDED = frozenset({"conversations", "threads", "users", "customers", "mailboxes", "ratings"})


def _unpack(record: Row) -> list[tuple[Kind, Any]] | None:
    """A page's objects; a page of threads says in its own address whose they are."""
    held = mapping(record.get("_embedded"))
    lists = [held[key] for key in held if key in _EMBEDDED and isinstance(held[key], list)]
    if not lists:
        return None
    address = words(mapping(mapping(record.get("_links")).get("self")).get("href")) or ""
    owner = re.search(r"/conversations/(\d+)/threads", address)
    known = [(_kinds.kind_of(one, KINDS), one) for listed in lists for one in listed]
    found = [(kind, one) for kind, one in known if kind]
    if owner and found and found[0][0].read is loose_threads:
        return [(found[0][0], {"conversationId": owner.group(1), "threads": [one for _, one in found]})]
    return found


def recognise(sample: Sample, _: Options) -> int | None:
    """A page or an object with fields that only Help Scout's have."""
    return _kinds.recognise(sample, KINDS, _unpack)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every object of the member as canonical rows; drafts are counted and left out."""
    return _kinds.read(sample, options, KINDS, "Help Scout", _unpack)


GUIDE = Guide(
    plan="Every paid plan: Your Profile > My Apps > Create App gives the id and the secret for the Mailbox API 2.0.",
    exports=(
        Export(
            name="Conversations with threads (Mailbox API)",
            how="GET /v2/conversations?status=all&embed=threads, page by page; keep the pages as they come.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
            ),
            lacks="Ratings: load the happiness report beside it. Without status=all only active conversations come, "
            "without embed=threads no messages.",
        ),
        Export(
            name="Happiness report (Reports API)",
            how="GET /v2/reports/happiness/ratings with start and end, page by page; or one rating at a time from "
            "GET /v2/ratings/ID.",
            enables=(Capability.CSAT,),
            lacks="Surveys that nobody answered, so that there is no response rate, and the conversations.",
        ),
        Export(
            name="Mailboxes, users, customers (Mailbox API)",
            how="GET /v2/mailboxes, /v2/users, /v2/customers; loaded beside the conversations, in any order.",
            enables=(),
            lacks="Tickets; these give the names of teams and people.",
        ),
    ),
    notes=(
        "A mailbox is shown as the team.",
        "Great counts as satisfied, okay and not good do not; the score is kept on a scale of 1 to 3.",
        "Active is shown as open, closed as solved.",
    ),
)

SOURCE = Source(
    name="helpscout",
    title="Help Scout JSON",
    about="conversations with their threads, ratings, happiness report, users, customers, mailboxes",
    recognise=recognise,
    read=read,
    claims=7,
    guide=GUIDE,
)
