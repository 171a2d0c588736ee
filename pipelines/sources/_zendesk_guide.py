"""How a person gets their data out of Zendesk as JSON."""

from __future__ import annotations

from metrics.measure import Capability
from pipelines.sources.source import Export, Guide

GUIDE = Guide(
    plan="Any but the Team plans for the full export, which Zendesk switches on when it is asked to; the API needs an "
    "administrator's token on any plan.",
    exports=(
        Export(
            name="Full JSON export",
            how="Admin Center, Account, Tools, Reports, tab Export: Request file beside JSON export. A link to a zip "
            "comes by mail; load the zip as it is. Above a million tickets Zendesk makes pieces of 31 days: load them all.",
            enables=(Capability.TICKETS, Capability.MESSAGES, Capability.CSAT),
            lacks="Every change on the way: audits have it. When surveys were sent: satisfaction_ratings has it. Tickets "
            "over 1 MB come without comments.",
        ),
        Export(
            name="Audits or incremental ticket events, JSON",
            how="GET /api/v2/ticket_audits.json, or /api/v2/incremental/ticket_events.json?include=comment_events, page by "
            "page.",
            enables=(
                Capability.MESSAGES,
                Capability.STATUS_EVENTS,
                Capability.AGENT_EVENTS,
                Capability.SOLVED_TIMES,
                Capability.CSAT,
                Capability.ASKED,
                Capability.SLA,
            ),
            lacks="The tickets themselves.",
        ),
        Export(
            name="Satisfaction ratings and survey responses, JSON",
            how="GET /api/v2/satisfaction_ratings.json, or /api/v2/guide/survey_responses for the newer surveys.",
            enables=(Capability.CSAT, Capability.ASKED),
        ),
        Export(
            name="Users, groups, organisations, brands, ticket fields, custom statuses, JSON",
            how="GET /api/v2/users.json, and groups, organizations, brands, ticket_fields, custom_statuses alike.",
            enables=(Capability.HANDLE_TIME,),
            lacks="Tickets. Without users the agents are known by being assignees only; without ticket fields the time "
            "of the Time Tracking app is not found.",
        ),
        Export(
            name="Schedules, JSON",
            how="GET /api/v2/business_hours/schedules.json, with the holidays of each.",
            enables=(Capability.SCHEDULES,),
            lacks="Which ticket follows which schedule: the audits say so, else the first schedule holds.",
        ),
        Export(
            name="Metric sets, JSON",
            how="GET /api/v2/ticket_metrics.json, or tickets with ?include=metric_sets.",
            enables=(Capability.SOLVED_TIMES,),
            lacks="It is Zendesk's own arithmetic: kept to check ours against, never shown as ours.",
        ),
    ),
    notes=(
        "Files may be loaded together or one after another, in any order, and may overlap.",
        "The comments of one ticket (/tickets/ID/comments) do not say whose they are: put them beside the ticket, as "
        '{"ticket": {...}, "comments": [...]}.',
        "Merged tickets are closed and tagged closed_by_merge; they are counted and left out.",
        "Metric events, views and macros are passed over.",
    ),
)
