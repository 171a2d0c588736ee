"""Zammad's JSON: tickets, articles, histories, states, priorities, groups, users, organisations.

As the API gives them, with names beside the ids (expand=true) or with everything they refer to (all=true).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _kinds
from pipelines.sources import _zammad_tickets as tickets
from pipelines.sources._kinds import Kind, signs
from pipelines.sources._values import mapping
from pipelines.sources.source import Export, Guide, Item, Options, Row, Sample, Source

TICKET = Kind(
    "tickets",
    tickets.ticket,
    signs("id number title owner_id customer_id state_id", "id number title owner_id customer_id state"),
)
ARTICLE = Kind(
    "articles",
    tickets.article,
    signs("id ticket_id sender internal content_type", "id ticket_id sender_id internal content_type"),
)
STATE = Kind("states", tickets.state, signs("id name state_type_id"), is_first=True)
PRIORITY = Kind("priorities", tickets.priority, signs("id name ui_color default_create"), is_first=True)
GROUP = Kind(
    "groups", tickets.group, signs("id name follow_up_possible", "id name assignment_timeout"), is_first=True
)
USER = Kind("users", tickets.user, signs("id login role_ids", "id login roles", "id login organization_id"))
ORGANIZATION = Kind("organizations", tickets.organization, signs("id name domain_assignment"))
HISTORY = Kind("history", tickets.history, signs("id o_id object attribute value_to"))
KINDS = (
    TICKET,
    ARTICLE,
    STATE,
    PRIORITY,
    GROUP,
    USER,
    ORGANIZATION,
    HISTORY,
    Kind("time accountings", None, signs("id ticket_id time_unit ticket_article_id")),
)
# What stands beside the list in an answer with everything it refers to, by the names of its objects.
ASSETS = {
    "Ticket": TICKET,
    "TicketArticle": ARTICLE,
    "TicketState": STATE,
    "TicketPriority": PRIORITY,
    "Group": GROUP,
    "User": USER,
    "Organization": ORGANIZATION,
}


def _assets(record: Row) -> list[tuple[Kind, Any]] | None:
    """The records of an answer that holds them by object and id; None for any other record."""
    assets = mapping(record.get("assets"))
    found = [(kind, one) for name, kind in ASSETS.items() for one in mapping(assets.get(name)).values()]
    entries = record.get("history")
    if isinstance(entries, list):
        found += [(HISTORY, one) for one in entries if _kinds.kind_of(one, (HISTORY,))]
    return found or None


def recognise(sample: Sample, _: Options) -> int | None:
    """By the fields that only Zammad's records have."""
    return _kinds.recognise(sample, KINDS, _assets)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every record of the member as canonical rows; what is known and not used is noted once."""
    is_unnamed = False
    for item in _kinds.read(sample, options, KINDS, "Zammad", _assets):
        is_unnamed = is_unnamed or any(
            table == "tickets" and row["status"] is None for table, row in item.rows
        )
        yield item
    if is_unnamed:
        note = "tickets whose state only has an id: load the states before them, or get the tickets with expand=true"
        yield Item(None, note=note)


GUIDE = Guide(
    plan="Any installation; a token with the right ticket.agent for every group, and admin for users and states.",
    exports=(
        Export(
            name="Tickets, JSON",
            how="GET /api/v1/tickets?expand=true&per_page=100&page=1, page by page.",
            enables=(Capability.TICKETS, Capability.SOLVED_TIMES),
            lacks="Every article: get them for each ticket.",
        ),
        Export(
            name="Articles, JSON",
            how="GET /api/v1/ticket_articles/by_ticket/ID?expand=true for each ticket.",
            enables=(Capability.MESSAGES,),
        ),
        Export(
            name="History, JSON",
            how="GET /api/v1/ticket_history/ID for each ticket.",
            enables=(Capability.STATUS_EVENTS, Capability.AGENT_EVENTS),
        ),
        Export(
            name="States, priorities, groups, users, organisations, JSON",
            how="GET /api/v1/ticket_states, /ticket_priorities, /groups, /users and /organizations.",
            enables=(),
            lacks="Without states a ticket that is not expanded has no status; load them with the tickets or before.",
        ),
    ),
    notes=(
        "Zammad has no satisfaction survey of its own: load the answers of the one you use as a table.",
        "A merged ticket says only that it was merged, not into which.",
        "Accounted time has a unit that each installation chooses, so that it is kept and not counted as handle time.",
        "Business hours stand in no export: state them in heard.toml.",
    ),
    is_from_documentation=True,
)

SOURCE = Source(
    name="zammad",
    title="Zammad JSON",
    about="tickets, articles, histories, states, priorities, groups, users, organisations",
    recognise=recognise,
    read=read,
    claims=9,
    guide=GUIDE,
)
