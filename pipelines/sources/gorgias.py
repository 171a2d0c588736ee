"""Gorgias' JSON: tickets with their messages, satisfaction surveys, events, users, customers and teams.

Pages as the API gives them (`data`), single objects, lines and arrays.
"""

from __future__ import annotations

from collections.abc import Iterator

from metrics.measure import Capability
from pipelines.sources import _gorgias_objects as objects
from pipelines.sources import _kinds
from pipelines.sources._kinds import Kind, signs
from pipelines.sources.source import Export, Guide, Item, Options, Sample, Source

KINDS = (
    Kind(
        "tickets",
        objects.ticket,
        signs("id from_agent created_datetime spam", "id status created_datetime customer channel via"),
    ),
    Kind(
        "messages", objects.message, signs("id ticket_id from_agent public", "id ticket_id from_agent sender")
    ),
    Kind(
        "surveys",
        objects.survey,
        signs("id ticket_id score scored_datetime", "id ticket_id sent_datetime body_text score"),
    ),
    Kind("events", objects.activity, signs("id object_id object_type created_datetime type")),
    Kind("users", objects.user, signs("id firstname lastname email role")),
    Kind("customers", objects.customer, signs("id firstname lastname email created_datetime")),
    Kind("teams", objects.team, signs("id name members decoration")),
)


def recognise(sample: Sample, _: Options) -> int | None:
    """A page or an object with fields that only Gorgias' have: its times are called ..._datetime."""
    return _kinds.recognise(sample, KINDS)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every object as canonical rows."""
    return _kinds.read(sample, options, KINDS, "Gorgias")


GUIDE = Guide(
    plan="Every plan: Settings > REST API gives the address, the user name and the key.",
    exports=(
        Export(
            name="Tickets with messages (API)",
            how="GET /api/tickets page by page for the ids, then GET /api/tickets/ID of each, which holds its messages; "
            "or GET /api/messages beside the pages of tickets.",
            enables=(Capability.TICKETS, Capability.MESSAGES, Capability.SOLVED_TIMES),
            lacks="The pages of GET /api/tickets hold no messages, and neither call holds the history.",
        ),
        Export(
            name="Events (API)",
            how="GET /api/events?object_type=Ticket, page by page.",
            enables=(Capability.STATUS_EVENTS, Capability.AGENT_EVENTS),
            lacks="Tickets and messages: load these beside it.",
        ),
        Export(
            name="Satisfaction surveys (API)",
            how="GET /api/satisfaction-surveys, page by page.",
            enables=(Capability.CSAT, Capability.ASKED),
            lacks="Tickets; the answers are joined to them by their id.",
        ),
        Export(
            name="Users, customers, teams (API)",
            how="GET /api/users, /api/customers, /api/teams.",
            enables=(),
            lacks="Tickets; these give names.",
        ),
    ),
    notes=(
        "Times bear no zone; they are read as UTC.",
        "Closed is shown as solved, and a ticket that will open again by itself as on hold.",
        "The statistics' CSV downloads hold sums and no conversation, or tickets without messages: the latter load as a "
        "table of tickets, with --map where a column is not found.",
        "A rule's message is never an agent's reply.",
    ),
    is_from_documentation=True,
)

SOURCE = Source(
    name="gorgias",
    title="Gorgias JSON",
    about="tickets with their messages, satisfaction surveys, events, users, customers, teams",
    recognise=recognise,
    read=read,
    claims=6,
    guide=GUIDE,
)
