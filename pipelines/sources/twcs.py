"""The public "Customer Support on Twitter" CSV: tweets of customers and of brands that answer each other.

A ticket is a connected component of replies, named by its smallest tweet id, so the file is read as a whole. The
company that answers first is the ticket's brand. Tweets state no status, so nothing that needs one is measured.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime

from metrics.measure import Capability
from pipelines.sources import _tabular
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source
from warehouse.errors import BadInput

COLUMNS = frozenset({"tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id"})
_MONTHS = {
    name: place
    for place, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}


def recognise(sample: Sample, _: Options) -> int | None:
    """Exactly these column names, and perhaps others."""
    return 5 if set(sample.header) >= COLUMNS else None


def read(sample: Sample, _: Options) -> Iterator[Item]:
    """Tweets as messages, and a ticket for each component of replies."""
    threads = _Threads()
    for row in _tabular.rows(sample):
        if row.values is not None:
            try:
                threads.add(row.values)
            except BadInput:
                continue  # told below, where the row is read in full
    tickets: dict[int, _Thread] = {}
    for row in _tabular.rows(sample):
        if row.values is None:
            yield Item(row.line, reason=row.reason, raw=row.raw)
            continue
        try:
            message = _message(row.values, threads)
        except BadInput as error:
            yield Item(row.line, reason=error.what, raw=row.raw)
            continue
        tickets.setdefault(int(message["ticket_id"]), _Thread()).add(message)
        yield Item(row.line, rows=[("messages", message)], size=row.size)
    for ticket_id in sorted(tickets):
        yield Item(None, rows=[("tickets", tickets[ticket_id].ticket(str(ticket_id)))])


class _Threads:
    """Which tweets belong together: disjoint sets over the replies, each named by its smallest tweet in the file."""

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._parent = array("q")
        self._name: dict[int, int] = {}

    def add(self, values: Row) -> None:
        """Join a tweet with the ones it answers and the ones that answer it."""
        tweet = _number(values["tweet_id"], "tweet_id")
        others = list(_references(values))
        own = self._root(self._of(tweet))
        for other in others:
            own = self._join(own, self._root(self._of(other)))
        self._name[own] = min(tweet, self._name.get(own, tweet))

    def named(self, tweet: int) -> int:
        """The ticket of a tweet."""
        return self._name[self._root(self._place[tweet])]

    def _of(self, tweet: int) -> int:
        place = self._place.get(tweet)
        if place is None:
            place = self._place[tweet] = len(self._parent)
            self._parent.append(place)
        return place

    def _root(self, place: int) -> int:
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def _join(self, one: int, other: int) -> int:
        if one == other:
            return one
        self._parent[other] = one
        names = [self._name[place] for place in (one, other) if place in self._name]
        if names:
            self._name[one] = min(names)
        return one


class _Thread:
    """What a ticket's tweets say about the ticket, whatever their order."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[datetime, int, str]] = {}
        self._last: datetime | None = None

    def add(self, message: Row) -> None:
        """Take a tweet into account."""
        entry = (message["created_at"], message["position"], message["author_id"])
        for role in (message["author_role"], "any"):
            if role not in self._first or entry < self._first[role]:
                self._first[role] = entry
        self._last = max(self._last or entry[0], entry[0])

    def ticket(self, ticket_id: str) -> Row:
        """The ticket's row."""
        customer, agent = self._first.get("customer"), self._first.get("agent")
        return {
            "ticket_id": ticket_id,
            "channel": "twitter",
            "customer_id": customer[2] if customer else None,
            "opened_by_id": self._first["any"][2],
            "brand": agent[2] if agent else None,
            "created_at": self._first["any"][0],
            "updated_at": self._last,
            "is_spam": False,
            "is_deleted": False,
            "is_test": False,
        }


def _message(values: Row, threads: _Threads) -> Row:
    tweet = _number(values["tweet_id"], "tweet_id")
    inbound = str(values["inbound"]).strip().casefold()
    if inbound not in ("true", "false"):
        raise BadInput(f"inbound is {inbound[:40]!r}, neither True nor False")
    author = str(values["author_id"] or "").strip()
    if not author:
        raise BadInput("a tweet without an author")
    created_at = _instant(str(values["created_at"]))
    for _ in _references(values):
        pass  # a tweet whose threads can not be read belongs nowhere
    return {
        "ticket_id": str(threads.named(tweet)),
        "message_id": str(tweet),
        "position": tweet,
        "author_role": "customer" if inbound == "true" else "agent",
        "author_id": author,
        "is_public": True,
        "created_at": created_at,
        "kind": "message",
        "body": str(values["text"]) if values["text"] is not None else None,
        "is_html": False,
    }


def _references(values: Row) -> Iterator[int]:
    for name in ("response_tweet_id", "in_response_to_tweet_id"):
        for part in str(values.get(name) or "").split(","):
            if part.strip():
                yield _number(part, name)


def _number(value: object, what: str) -> int:
    """A tweet id, which spreadsheets and data frames write as a float (3.0). Raises BadInput on anything else."""
    text = str(value).strip().removesuffix(".0")
    if not text.isdecimal() or not text.isascii() or len(text) > 18:
        raise BadInput(f"{what} is {text[:40]!r}, not a tweet's number")
    return int(text)


def _instant(text: str) -> datetime:
    """`Tue Oct 31 22:10:47 +0000 2017`, always UTC."""
    parts = text.split()
    try:
        _, month, day, clock, zone, year = parts
        hour, minute, second = clock.split(":")
        if zone != "+0000":
            raise ValueError
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except (ValueError, KeyError):
        raise BadInput(f"created_at is {text[:40]!r}, not a date as Twitter writes it") from None


GUIDE = Guide(
    plan="None: the data are public.",
    exports=(
        Export(
            name="twcs.csv",
            how='Download "Customer Support on Twitter" from Kaggle and unpack it.',
            enables=(Capability.TICKETS, Capability.MESSAGES),
            lacks="Statuses, surveys and assignees: tweets state none.",
        ),
    ),
    notes=("It is there to try the reading of conversations on, not to be compared with.",),
)

SOURCE = Source(
    name="twcs",
    title="Customer Support on Twitter",
    about="the public CSV of tweets; a ticket is a connected thread of replies",
    recognise=recognise,
    read=read,
    claims=20,
    guide=GUIDE,
)
