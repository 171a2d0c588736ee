"""Front's analytics exports (messages or activities, as CSV) and its API's JSON.

Pages as the API gives them (`_results`), single objects, lines and arrays.
"""

from __future__ import annotations

from collections.abc import Iterator

from metrics.measure import Capability
from pipelines.sources import _front_objects as objects
from pipelines.sources import _front_tables as tables
from pipelines.sources import _kinds
from pipelines.sources._kinds import Kind, signs
from pipelines.sources.source import Export, Guide, Item, Options, Sample, Source

KINDS = (
    Kind("events", objects.activity, signs("id type emitted_at conversation")),
    Kind("conversations", objects.conversation, signs("id subject status assignee recipient")),
    Kind("messages", objects.message, signs("id is_inbound recipients body")),
    Kind("comments", objects.comment, signs("id posted_at body author")),
    Kind("teammates", objects.teammate, signs("id username is_available is_blocked")),
    Kind("accounts", objects.account, signs("id name domains _links")),
    Kind("contacts", None, signs("id handles _links")),
    Kind("inboxes and tags", objects.inbox, signs("id name is_private _links")),
)


def recognise(sample: Sample, _: Options) -> int | None:
    """A page or an object with fields that only Front's have, or a table whose conversations come in segments."""
    if sample.kind == "json":
        return _kinds.recognise(sample, KINDS)
    return 1 if tables.is_export(sample) else None


def read(sample: Sample, options: Options) -> Iterator[Item]:
    """Every object or row as canonical rows."""
    if sample.kind == "json":
        return _kinds.read(sample, options, KINDS, "Front")
    return tables.read(sample, options)


GUIDE = Guide(
    plan="The exports: a plan with analytics, and the right to see it. The API: Settings > Developers > API tokens, of "
    "an administrator.",
    exports=(
        Export(
            name="Conversations, messages, comments and events (API)",
            how="GET /conversations, then /conversations/ID/messages, /comments and /events of each; or GET /events "
            "alone, which holds messages and comments too. Keep the pages as they come.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
            ),
            lacks="Survey answers: load the activities export beside it.",
        ),
        Export(
            name="Activities export (CSV)",
            how="Analytics > Exports > New export > Activities, in UTC, with every column.",
            enables=(
                Capability.TICKETS,
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
            ),
            lacks="Texts: it has their beginnings only. Load the messages from the API beside it.",
        ),
        Export(
            name="Messages export (CSV)",
            how="Analytics > Exports > New export > Messages, in UTC, with every column.",
            enables=(Capability.TICKETS, Capability.MESSAGES),
            lacks="Texts, changes of status and survey answers: take the activities export.",
        ),
    ),
    notes=(
        "A conversation comes in several segments; it is one ticket here.",
        "Archived is shown as solved; a message that comes in opens the conversation again.",
        "The exports' own durations are not taken over: in which unit they stand is not documented.",
        "Choose the columns that end in API ID, so that the exports and the API speak of the same conversations.",
        "An inbox is shown as the team. A customer is known by the address or number they write from.",
    ),
    is_from_documentation=True,
)

SOURCE = Source(
    name="front",
    title="Front exports and JSON",
    about="analytics exports of messages or activities as CSV; conversations, messages, comments, events as JSON",
    recognise=recognise,
    read=read,
    claims=9,
    guide=GUIDE,
)
