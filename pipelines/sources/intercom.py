"""Intercom's JSON: conversations with their parts, tickets, and the people, teams and companies beside them.

One object a line, lists such as `{"type": "conversation.list", "conversations": [...]}`, or arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _api
from pipelines.sources import _intercom_parts as parts
from pipelines.sources import _intercom_tickets as tickets
from pipelines.sources._api import Piece, Reader, Tabled, person, required, seconds
from pipelines.sources._values import identifier, listing, mapping, words
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source


def contact(record: Row, _: Options) -> Iterator[Tabled]:
    """A user or a lead, with the first company they belong to."""
    companies = listing(mapping(record.get("companies")).get("data"))
    account = identifier(mapping(companies[0]).get("id"), "company id") if companies else None
    found = required(record, "contact")
    yield person(
        found, "customer", record.get("name"), record.get("email"), account, record.get("updated_at")
    )


def admin(record: Row, _: Options) -> Iterator[Tabled]:
    """A teammate."""
    yield person(required(record, "admin"), "agent", record.get("name"), record.get("email"))


def team(record: Row, _: Options) -> Iterator[Tabled]:
    """A team."""
    yield "teams", {"team_id": required(record, "team"), "name": words(record.get("name"))}


def company(record: Row, _: Options) -> Iterator[Tabled]:
    """An account. Intercom gives 0 as the monthly spend of companies that nobody set one for."""
    spend = seconds(record.get("monthly_spend"))
    yield (
        "accounts",
        {
            "account_id": required(record, "company"),
            "name": words(record.get("name")),
            "value": spend * 12 if spend else None,
            "tier": words(mapping(record.get("plan")).get("name")),
            "updated_at": record.get("updated_at"),
        },
    )


# By the object's own type: what it is called in notes, its reader, and the fields of which it has at least one.
KINDS: dict[str, tuple[str, Reader, frozenset[str]]] = {
    "conversation": (
        "conversations",
        tickets.conversation,
        frozenset({"source", "conversation_message", "conversation_parts", "admin_assignee_id"}),
    ),
    "ticket": ("tickets", tickets.ticket, frozenset({"ticket_state", "ticket_parts", "ticket_attributes"})),
    "conversation_part": ("conversation parts", parts.loose_part, frozenset({"part_type"})),
    "contact": ("contacts", contact, frozenset({"workspace_id", "external_id", "signed_up_at"})),
    "admin": ("admins", admin, frozenset({"has_inbox_seat", "away_mode_enabled", "team_ids"})),
    "team": ("teams", team, frozenset({"admin_ids", "admin_priority_level"})),
    "company": ("companies", company, frozenset({"company_id", "monthly_spend", "user_count"})),
}
LISTS = {
    "conversation.list": "conversations",
    "ticket.list": "tickets",
    "admin.list": "admins",
    "team.list": "teams",
    "contact.list": "contacts",
    "company.list": "data",
    "list": "data",
}


def _kind(value: Any) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else None
    known = KINDS.get(kind) if isinstance(kind, str) else None
    return kind if known and known[2] & value.keys() else None


def pieces(record: Row) -> list[Piece] | None:
    """The objects of a list, or the record itself; None for what is none of Intercom's."""
    kind = record.get("type")
    held = record.get(LISTS[kind]) if isinstance(kind, str) and kind in LISTS else None
    if isinstance(held, list):
        known = [_kind(one) for one in held]
        if not any(known) and (held or kind == "list"):
            return None
        fallback = next((one for one in known if one), None) or "conversation"
        return [
            Piece(KINDS[one or fallback][0], KINDS[one or fallback][1], value)
            for one, value in zip(known, held, strict=True)
        ]
    own = _kind(record)
    return [Piece(KINDS[own][0], KINDS[own][1], record)] if own else None


def recognise(sample: Sample, _: Options) -> int | None:
    """An object or a list that names its own type, with fields that only Intercom's have."""
    is_object = sample.kind == "json" and isinstance(sample.record, dict)
    return 1 if is_object and pieces(sample.record) is not None else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every object of the member as canonical rows; what was sent and never answered is counted and left out."""
    return _api.read(sample, options, pieces, "Intercom")


GUIDE = Guide(
    plan="Every plan with access to the API: Settings > Integrations > Developer Hub, an access token of an own app "
    "with the right to read conversations.",
    exports=(
        Export(
            name="Conversations with parts (API)",
            how="List them with GET /conversations or POST /conversations/search, then fetch each with "
            "GET /conversations/{id}; write one JSON object a line.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
                Capability.ASKED,
                Capability.HANDLE_TIME,
            ),
            lacks="The names of teams and of teammates who did not write: load /teams and /admins beside it. A "
            "conversation holds its last 500 parts; a longer one loads without what was said.",
        ),
        Export(
            name="List of conversations (API)",
            how="The pages of GET /conversations as they come.",
            enables=(Capability.TICKETS, Capability.SOLVED_TIMES, Capability.CSAT, Capability.ASKED),
            lacks="What was said and status changes, also where the parts lie in a file of their own. Fetch each conversation.",
        ),
        Export(
            name="Tickets (API)",
            how="POST /tickets/search; write the pages or one ticket a line.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
            ),
            lacks="Ratings, which hang on conversations.",
        ),
        Export(
            name="Contacts, admins, teams, companies (API)",
            how="GET /contacts, /admins, /teams, /companies; loaded beside the conversations, in any order.",
            enables=(Capability.ACCOUNT_VALUE,),
            lacks="Tickets; these give names, accounts and their value (twelve times the monthly spend).",
        ),
    ),
    notes=(
        "The app has no export of what was written: its CSV reports hold figures, and its content export what was "
        "sent by campaigns. Neither can be heard.",
        "A campaign's or bot's message that no customer answered is a sent message and no request; it is counted and left out.",
        "Intercom's own times leave out-of-office hours away. They are kept for cross-checks and never shown as ours.",
        "The CX score is an AI's opinion, and the rating of the AI agent concerns its answers alone; neither counts as CSAT.",
        "Handle time is Intercom's adjusted handling time, which leaves idle periods out.",
    ),
)

SOURCE = Source(
    name="intercom",
    title="Intercom JSON",
    about="conversations with their parts, tickets, contacts, admins, teams, companies; objects, lines or lists",
    recognise=recognise,
    read=read,
    claims=5,
    guide=GUIDE,
)
