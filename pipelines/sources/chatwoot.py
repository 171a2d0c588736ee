"""Chatwoot's JSON and its CSAT report: conversations, messages, survey responses, reporting events, people and teams.

Pages as the API gives them (`payload`), single objects, lines and arrays; the report in any language.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metrics.measure import Capability
from pipelines.sources import _chatwoot_ratings as ratings
from pipelines.sources import _kinds
from pipelines.sources._api import Tabled, minutes, person, required, seconds
from pipelines.sources._chatwoot_messages import INCOMING, TEAM, contact_id, message, said
from pipelines.sources._chatwoot_ratings import AGENT
from pipelines.sources._kinds import Kind, signs
from pipelines.sources._values import identifier, listing, mapping, words
from pipelines.sources.source import NAMES, Export, Guide, Item, Options, Row, Sample, Source

STATUS = {"open": "open", "pending": "pending", "snoozed": "hold", "resolved": "solved"}
_SUBJECT_LENGTH = 100
_AT_ONCE_SECONDS = 5
_FIGURES = {"first_response": "first_reply", "conversation_resolved": "full_resolution"}


def conversation(record: Row, options: Options) -> Iterator[Tabled]:
    """A conversation with the messages it holds. The API's holds its last one only, which alone would tell of waits
    that never were: messages are read where they begin with the conversation.
    """
    ticket_id = required(record, "conversation")
    meta = mapping(record.get("meta"))
    sender, assignee, team = (mapping(meta.get(key)) for key in ("sender", "assignee", "team"))
    raw = words(record.get("status"))
    messages = [one for one in listing(record.get("messages")) if isinstance(one, dict)]
    labels = [label for label in listing(record.get("labels")) if isinstance(label, str)]
    customer = contact_id(sender)
    if customer:
        yield person(customer, "customer", sender.get("name"), sender.get("email"))
    if agent_id := identifier(assignee.get("id"), "agent id"):
        yield person(agent_id, "agent", assignee.get("name"), assignee.get("email"))
    if team_id := identifier(team.get("id"), "team id"):
        yield "teams", {"team_id": team_id, "name": words(team.get("name"))}
    subject = words(mapping(record.get("additional_attributes")).get("mail_subject"))
    yield (
        "tickets",
        {
            "ticket_id": ticket_id,
            "subject": subject or _first_line(messages, record),
            "status": STATUS.get(raw or ""),
            "status_raw": raw,
            "priority": words(record.get("priority")),
            "channel": (words(meta.get("channel")) or "").removeprefix("Channel::") or None,
            "team_id": team_id,
            "agent_id": agent_id,
            "customer_id": customer,
            "customer_email": words(sender.get("email")),
            "tags": sorted(set(labels)),
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at")
            or record.get("last_activity_at")
            or record.get("timestamp"),
        },
    )
    known = dict(options.known)
    if agent_id and isinstance(assignee.get("name"), str):
        known[AGENT, assignee["name"]] = agent_id
    if team_id and isinstance(team.get("name"), str):
        known[TEAM, team["name"]] = team_id
    if any(_is_at_once(one, record) for one in messages):
        for one in messages:
            yield from said(one, ticket_id, known)
    began, replied = seconds(record.get("created_at")), seconds(record.get("first_reply_created_at"))
    if began and replied:  # 0 stands for none
        yield from minutes(ticket_id, "first_reply", calendar=replied - began)


def _is_at_once(message: Row, conversation: Row) -> bool:
    """Whether the message is one that the conversation began with."""
    at, began = seconds(message.get("created_at")), seconds(conversation.get("created_at"))
    return at is not None and began is not None and abs(at - began) <= _AT_ONCE_SECONDS


def _first_line(messages: list[Row], conversation: Row) -> str | None:
    """The customer's first line where the record holds the message that began it; Chatwoot has no subjects."""
    for one in messages:
        text = words(one.get("content"))
        if one.get("message_type") in (0, INCOMING) and text and _is_at_once(one, conversation):
            return text.strip().split("\n")[0][:_SUBJECT_LENGTH] or None
    return None


def reporting_event(record: Row, _: Options) -> Iterator[Tabled]:
    """One of Chatwoot's own times. Without business hours it gives 0 for them, which says nothing."""
    ticket_id = required(record, "reporting event", "conversation_id")
    if name := _FIGURES.get(str(record.get("name"))):
        business = record.get("value_in_business_hours") or None
        yield from minutes(ticket_id, name, calendar=record.get("value"), business=business)


def contact(record: Row, _: Options) -> Iterator[Tabled]:
    """A contact."""
    required(record, "contact")
    found = contact_id(record)
    if found:
        yield person(found, "customer", record.get("name"), record.get("email"))


def agent(record: Row, _: Options) -> Iterator[Tabled]:
    """An agent or an administrator; lines of activity give their name in place of the id."""
    found = required(record, "agent")
    yield person(found, "agent", record.get("name"), record.get("email"))
    for name in {words(record.get("name")), words(record.get("available_name"))} - {None}:
        yield NAMES, {"kind": AGENT, "id": name, "name": found}


def team(record: Row, _: Options) -> Iterator[Tabled]:
    """A team; lines of activity give its name in place of the id."""
    found, name = required(record, "team"), words(record.get("name"))
    yield "teams", {"team_id": found, "name": name}
    if name:
        yield NAMES, {"kind": TEAM, "id": name, "name": found}


KINDS = (
    Kind(
        "conversations", conversation, signs("id meta inbox_id status messages", "id meta inbox_id can_reply")
    ),
    Kind(
        "messages",
        message,
        signs(
            "id content message_type conversation_id inbox_id",
            "id content message_type conversation_id private",
        ),
    ),
    Kind("survey responses", ratings.response, signs("rating feedback_message conversation_id")),
    Kind("reporting events", reporting_event, signs("name value value_in_business_hours conversation_id")),
    Kind("contacts", contact, signs("id phone_number identifier thumbnail")),
    Kind(
        "agents",
        agent,
        signs("id available_name role email", "id availability_status role email"),
        is_first=True,
    ),
    Kind("teams", team, signs("id name allow_auto_assign"), is_first=True),
    Kind("inboxes", None, signs("id channel_type name greeting_enabled")),
)


def _unpack(record: Row) -> list[tuple[Kind, Any]] | None:
    """The list of conversations lies one step deeper than the other lists."""
    inner = record.get("data")
    return _kinds.within(inner, KINDS) if isinstance(inner, dict) and "payload" in inner else None


def recognise(sample: Sample, _: Options) -> int | None:
    """An object or a page with fields that only Chatwoot's have, or the CSAT report."""
    if sample.kind == "json":
        return _kinds.recognise(sample, KINDS, _unpack)
    return 1 if ratings.is_report(sample) else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every object, or every row of the report, as canonical rows."""
    if sample.kind == "json":
        return _kinds.read(sample, options, KINDS, "Chatwoot", _unpack)
    return ratings.report(sample, options)


GUIDE = Guide(
    plan="Every plan and the self-hosted edition: Profile Settings > Access Token, of an administrator.",
    exports=(
        Export(
            name="Messages of each conversation (API)",
            how="GET /api/v1/accounts/ACCOUNT/conversations/ID/messages, older pages with ?before=; keep the pages as "
            "they come.",
            enables=(
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
                Capability.ASKED,
            ),
            lacks="Status, team and agent of today: load the conversations beside it.",
        ),
        Export(
            name="Conversations (API)",
            how="GET /api/v1/accounts/ACCOUNT/conversations?status=all, page by page.",
            enables=(Capability.TICKETS,),
            lacks="Messages: it holds the last one only, which is not read. Load the messages of each conversation beside it.",
        ),
        Export(
            name="CSAT responses (API or report)",
            how="GET /api/v1/accounts/ACCOUNT/csat_survey_responses, or Reports > CSAT > Download for the CSV.",
            enables=(Capability.CSAT,),
            lacks="Surveys that nobody answered; they stand in the messages.",
        ),
        Export(
            name="Contacts, agents, teams, reporting events (API)",
            how="GET /api/v1/accounts/ACCOUNT/contacts, /agents, /teams, and conversations/ID/reporting_events.",
            enables=(),
            lacks="Tickets; these give names, and Chatwoot's own times for cross-checks.",
        ),
    ),
    notes=(
        "The report's download under Reports > Conversations holds sums a day and no conversation: it is not read.",
        "Changes of status, agent and team stand in the messages as sentences in the account's language. English is "
        "read; set the account to English before they are written, or they are counted and listed.",
        "Those sentences name agents and teams in the same words: load the lists of agents and teams with the messages, "
        "or assignments can not be told apart and are left out.",
        "Some versions give the internal number of a conversation in reporting events instead of the one that is shown.",
        "The agent bot's and the assistant's messages, greetings and automation are never an agent's replies.",
    ),
)

SOURCE = Source(
    name="chatwoot",
    title="Chatwoot JSON and CSAT report",
    about="conversations, messages, survey responses, reporting events, contacts, agents, teams; the CSAT report as CSV",
    recognise=recognise,
    read=read,
    claims=8,
    guide=GUIDE,
)
