"""What a table of one's own needs to hold."""

from __future__ import annotations

from metrics.measure import Capability
from pipelines.sources.source import Export, Guide

GUIDE = Guide(
    plan="None: any system or script that writes a table.",
    exports=(
        Export(
            name="A table of tickets",
            how="One row a ticket, with its id, when it was created and solved, its status, team, agent, customer and channel.",
            enables=(
                Capability.TICKETS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
                Capability.HANDLE_TIME,
            ),
            lacks="What was said: load a table of messages beside it.",
        ),
        Export(
            name="A table of messages",
            how="One row a message, with the ticket's id, the body, who wrote it (customer, agent or bot), when, and whether "
            "it was public; or the same with the ticket's columns repeated in each row.",
            enables=(Capability.TICKETS, Capability.MESSAGES),
            lacks="Changes of status and assignee, which no table of this kind holds.",
        ),
    ),
    notes=(
        "Columns are found by well-known names; --map ticket_id=COLUMN says the rest, and --mapping NAME keeps it.",
        "Dates in another form than ISO are stated once, as --dates '%d/%m/%Y %H:%M'; times without a zone are the "
        "organisation's.",
    ),
)
