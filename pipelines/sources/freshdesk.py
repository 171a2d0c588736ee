"""Freshdesk's JSON: tickets, conversations, contacts, agents, groups, companies, ratings, surveys, business hours.

Lines, arrays, single records, search results and pages of them, as the API gives them and as connectors write them.
"""

from __future__ import annotations

from collections.abc import Iterator

from metrics.measure import Capability
from pipelines.sources import _freshdesk_codes as codes
from pipelines.sources import _freshdesk_people as people
from pipelines.sources import _freshdesk_ratings as ratings
from pipelines.sources import _freshdesk_tickets as tickets
from pipelines.sources import _kinds
from pipelines.sources._kinds import Kind, signs
from pipelines.sources.source import Export, Guide, Item, Options, Sample, Source

KINDS = (
    Kind("roles", None, (), named="role"),
    Kind("solution categories", None, (), named="solution_categor"),
    Kind("solution folders", None, (), named="solution_folder"),
    Kind(
        "solution articles",
        None,
        signs("folder_id category_id title", "folder_id thumbs_up title", "folder_id hits title"),
    ),
    Kind(
        "tickets",
        tickets.ticket,
        signs("id requester_id responder_id fr_escalated", "id requester_id responder_id fr_due_by"),
    ),
    Kind("conversations", tickets.conversation, signs("id incoming private user_id")),
    Kind("agents", people.agent, signs("id contact ticket_scope", "id contact occasional")),
    Kind("contacts", people.contact, signs("id email mobile twitter_id", "id email mobile view_all_tickets")),
    Kind(
        "groups",
        people.group,
        signs("id name unassigned_for", "id name business_hour_id escalate_to"),
        is_first=True,
    ),
    Kind("companies", people.company, signs("id name domains note", "id name domains health_score")),
    Kind(
        "products", people.product, signs("id name primary_email", "id name primary_email_id"), is_first=True
    ),
    Kind("satisfaction ratings", ratings.rating, signs("survey_id ticket_id ratings")),
    Kind("surveys", ratings.survey, signs("id title questions active"), is_first=True),
    Kind("business hours", people.business_hours, signs("id working_hours time_zone"), is_first=True),
    Kind("time entries", tickets.time_entry, signs("id ticket_id time_spent agent_id")),
    Kind(
        "ticket fields",
        codes.ticket_field,
        signs("id type label_for_customers", "id type required_for_closure"),
        is_first=True,
    ),
    Kind("canned responses", None, signs("id title folder_id content_html")),
    Kind("SLA policies", None, signs("id applicable_to sla_target")),
)


def recognise(sample: Sample, _: Options) -> int | None:
    """By the fields that only Freshdesk's records have."""
    return _kinds.recognise(sample, KINDS)


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every record of the member as canonical rows; what is known and not used is noted once."""
    yield from _kinds.read(sample, options, KINDS, "Freshdesk")


GUIDE = Guide(
    plan="Any plan with the API; conversations, surveys and business hours need an administrator's key.",
    exports=(
        Export(
            name="Tickets with statistics, JSON",
            how="GET /api/v2/tickets?include=stats,requester,description&updated_since=..., page by page.",
            enables=(Capability.TICKETS, Capability.MESSAGES, Capability.SOLVED_TIMES),
            lacks="Only the first message of each ticket; get the conversations for the rest. No status history, so "
            "that reopens and time in a status can not be measured.",
        ),
        Export(
            name="Conversations, JSON",
            how="GET /api/v2/tickets/ID/conversations for each ticket, all pages: ?include=conversations gives ten only.",
            enables=(Capability.MESSAGES,),
        ),
        Export(
            name="Satisfaction ratings and surveys, JSON",
            how="GET /api/v2/surveys/satisfaction_ratings and GET /api/v2/surveys.",
            enables=(Capability.CSAT,),
            lacks="Surveys that were sent and not answered, so that there is no response rate.",
        ),
        Export(
            name="Agents, contacts, groups, companies, products, ticket fields, JSON",
            how="GET /api/v2/agents, /contacts, /groups, /companies, /products, /ticket_fields.",
            enables=(),
            lacks="Without ticket fields a status that your team made stays unknown; without groups a team is a number.",
        ),
        Export(
            name="Business hours, JSON",
            how="GET /api/v2/business_hours.",
            enables=(Capability.SCHEDULES,),
            lacks="Holidays: state them in heard.toml.",
        ),
    ),
    notes=(
        "An answer over 100 is satisfied, 100 is neutral, below is dissatisfied. Further questions of a survey are kept"
        " beside the main one, which alone is the CSAT.",
        "A merge is only a note in the conversation, so that merged tickets are not left out.",
        "The first message of a phone ticket was written by whoever took the call; it counts as the customer's request.",
        "XML of a full account export is not read: get the same through the API as JSON.",
    ),
)

SOURCE = Source(
    name="freshdesk",
    title="Freshdesk JSON",
    about="tickets, conversations, contacts, agents, groups, companies, ratings, surveys, business hours, time entries",
    recognise=recognise,
    read=read,
    claims=8,
    guide=GUIDE,
)
