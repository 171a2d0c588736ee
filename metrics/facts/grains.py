"""The rows of each grain before any measure: what every fact table carries, as SQL over what was resolved and heard."""

from __future__ import annotations

from metrics.measure import GRAIN_KEYS, Grain

TABLES: dict[Grain, str] = {grain: f"{grain}_facts" for grain in GRAIN_KEYS}

# cluster tells rows of one customer apart from those of another: intervals are widened where one customer has many.
DIMENSIONS = """ticket.team, ticket.channel, ticket.priority, ticket.type, ticket.brand, heard.language, heard.contact_reason,
    ticket.agent, ticket.customer_id, ticket.tags"""
CLUSTER = "hash(coalesce(ticket.customer_id, ticket.source || chr(31) || ticket.ticket_id)) AS cluster"
TICKET_DATES = """ticket.created_at, ticket.solved_at, ticket.ended_at,
    {created_at} AS created_on, {solved_at} AS solved_on, {ended_at} AS ended_on"""
# Tickets and customers by number, which are found and put together many times faster than by their ids. Tickets are numbered
# in the order in which they ended, those still open by when they began; customers in the order of their source and id.
NUMBERS = """SELECT source, ticket_id,
        row_number() OVER (ORDER BY coalesce(ended_at, created_at), ticket_id, source) AS ticket_number,
        CASE WHEN customer_id IS NOT NULL
            THEN dense_rank() OVER (ORDER BY customer_id IS NULL, source, customer_id) END AS customer_number
    FROM tickets_clean WHERE left_out IS NULL"""

BASES: dict[Grain, str] = {
    "ticket": f"""
        SELECT ticket.source, ticket.ticket_id, {DIMENSIONS}, {CLUSTER}, heard.is_readable, ticket.account_id,
            ticket.account, ticket.status, ticket.is_outbound, {TICKET_DATES}, rated.answered_at,
            {{rated_at}} AS answered_on, ticket.first_solved_at, {{first_solved_at}} AS first_solved_on, again.reopened_at
        FROM tickets_clean ticket
        LEFT JOIN heard USING (source, ticket_id)
        LEFT JOIN (SELECT ticket_source AS source, ticket_id, dated_at AS answered_at FROM surveys
            WHERE kind = 'csat' AND is_latest AND is_answered AND ticket_id IS NOT NULL) rated USING (source, ticket_id)
        LEFT JOIN (SELECT source, ticket_id, min(started_at) AS reopened_at FROM status_spans
            WHERE status_before IN ('solved', 'closed') AND status IN ('new', 'open', 'pending', 'hold')
            GROUP BY ALL) again USING (source, ticket_id)
        WHERE ticket.left_out IS NULL""",
    "wait": f"""
        SELECT wait.source, wait.ticket_id, wait.wait_number, {DIMENSIONS}, {CLUSTER},
            wait.is_first, wait.is_open, wait.started_at, wait.replied_at, {{started_at}} AS started_on, {TICKET_DATES}
        FROM reply_waits wait JOIN tickets_clean ticket USING (source, ticket_id)
        LEFT JOIN heard USING (source, ticket_id)
        WHERE ticket.left_out IS NULL""",
    # Each clock of a service level, with the priority that the ticket had when the target came to apply. decided_at is when it
    # was breached or stopped; a clock that runs is dated by the as-of instant.
    "sla": f"""
        SELECT clocks.source, clocks.ticket_id, clocks.sla_id, {DIMENSIONS.replace("ticket.priority", "clocks.priority")},
            {CLUSTER}, clocks.metric, clocks.policy, clocks.applied_at, clocks.target_minutes, clocks.is_business,
            clocks.started_at, clocks.stopped_at, clocks.elapsed_minutes, clocks.breached_at, clocks.is_breached,
            clocks.is_active, {TICKET_DATES}, {{decided_at}} AS decided_on
        FROM (SELECT *, coalesce(breached_at, stopped_at, (SELECT as_of FROM moment)) AS decided_at FROM sla_clocks) clocks
        JOIN tickets_clean ticket USING (source, ticket_id)
        LEFT JOIN heard USING (source, ticket_id)
        WHERE ticket.left_out IS NULL""",
    # A survey is dated by when it was sent; where that is not known, by its answer, else by the end of its ticket.
    "survey": """
        SELECT survey.source, survey.rating_id, survey.kind, survey.joined_by, survey.ticket_source, survey.ticket_id,
            numbered.ticket_number,
            ticket.team, ticket.channel, ticket.priority, ticket.type, ticket.brand, heard.language, heard.contact_reason,
            coalesce(agents.name, survey.agent_id, ticket.agent) AS agent, survey.customer_id, ticket.tags,
            hash(coalesce(survey.customer_id, survey.source || chr(31) || survey.rating_id)) AS cluster,
            survey.is_answered, ticket.created_at, survey.asked_at, survey.answered_at,
            {created_at} AS created_on, {ended_at} AS ended_on,
            {asked} AS asked_on, {survey_answered} AS answered_on
        FROM surveys survey
        LEFT JOIN tickets_clean ticket
            ON ticket.source = coalesce(survey.ticket_source, survey.near_source)
            AND ticket.ticket_id = coalesce(survey.ticket_id, survey.near_ticket_id)
        LEFT JOIN numbers numbered
            ON numbered.source = survey.ticket_source AND numbered.ticket_id = survey.ticket_id
        LEFT JOIN people agents ON agents.source = survey.source AND agents.person_id = survey.agent_id
        LEFT JOIN heard ON heard.source = ticket.source AND heard.ticket_id = ticket.ticket_id
        WHERE survey.left_out IS NULL""",
    # How long a ticket was unsolved, which days.py then unrolls: a ticket on each day at whose end it was unsolved. The
    # dimensions are joined before, since there may be hundreds of days to a ticket.
    "day": f"""
        SELECT unsolved.*, {DIMENSIONS}, {CLUSTER}, ticket.account_id, ticket.account, ticket.is_outbound,
            {{created_at}} AS created_on
        FROM unsolved JOIN tickets_clean ticket USING (source, ticket_id)
        LEFT JOIN heard USING (source, ticket_id)""",
    # A suggestion is dated by when it was said.
    "suggestion": """
        SELECT found.source, found.suggestion_id, found.ticket_id, found.message_id, numbered.ticket_number,
            coalesce(ticket.team, near.team) AS team, coalesce(ticket.channel, near.channel) AS channel,
            coalesce(ticket.priority, near.priority) AS priority, coalesce(ticket.type, near.type) AS type,
            coalesce(ticket.brand, near.brand) AS brand, heard.language, heard.contact_reason,
            coalesce(ticket.agent, near.agent) AS agent,
            coalesce(ticket.customer_id, survey.customer_id) AS customer_id,
            coalesce(ticket.tags, near.tags) AS tags,
            hash(coalesce(ticket.customer_id, survey.customer_id, found.source || chr(31) || found.ticket_id))
                AS cluster,
            coalesce(ticket.account_id, near.account_id) AS account_id, coalesce(ticket.account, near.account) AS account,
            {suggested_at} AS created_at, coalesce(ticket.ended_at, survey.dated_at) AS ended_at,
            {suggested} AS created_on, {suggestion_ended} AS ended_on
        FROM ({keys}) found
        LEFT JOIN numbers numbered USING (source, ticket_id)
        LEFT JOIN turn_index said USING (source, ticket_id, message_id)
        LEFT JOIN tickets_clean ticket ON ticket.source = found.source AND ticket.ticket_id = found.ticket_id
        LEFT JOIN heard ON heard.source = found.source AND heard.ticket_id = found.ticket_id
        LEFT JOIN surveys survey
            ON survey.source = found.source AND found.ticket_id = 'survey:' || survey.rating_id
        LEFT JOIN tickets_clean near
            ON near.source = coalesce(survey.ticket_source, survey.near_source)
            AND near.ticket_id = coalesce(survey.ticket_id, survey.near_ticket_id)
        WHERE ticket.left_out IS NULL AND survey.left_out IS NULL""",
}
SUGGESTED_AT = "coalesce(said.created_at, ticket.created_at, survey.dated_at)"
INSTANTS = {
    "created_at": "ticket.created_at",
    "solved_at": "ticket.solved_at",
    "ended_at": "ticket.ended_at",
    "started_at": "wait.started_at",
    "decided_at": "clocks.decided_at",
    "first_solved_at": "ticket.first_solved_at",
    "rated_at": "rated.answered_at",
    "asked": "coalesce(survey.asked_at, survey.answered_at, ticket.ended_at)",
    "survey_answered": "CASE WHEN survey.is_answered THEN survey.dated_at END",
    "suggested": SUGGESTED_AT,
    "suggestion_ended": "coalesce(ticket.ended_at, survey.dated_at)",
}
NO_SUGGESTIONS = (
    "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS suggestion_id, NULL::VARCHAR AS ticket_id,"
    " NULL::VARCHAR AS message_id WHERE false"
)
