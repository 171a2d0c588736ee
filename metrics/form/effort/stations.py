"""Stations: the agents and teams that a ticket was with."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

stations = Metric(
    name="stations",
    title="Stations",
    question="How many agents and teams is a ticket with before it ends?",
    rule=(
        "How many times a ticket came to a team and to an agent, the first one included, and how many different agents had it,"
        " each as a mean per ticket. Who gets it back counts again as a station; being with nobody is none."
    ),
    leaves_out=(
        "Tickets without a history of their changes; for teams also where the source tells of no change of team. Merged,"
        " deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="count_team_stations",
            title="Team stations per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Times the ticket came to a team.",
            sql_type="BIGINT",
        ),
        Column(
            name="count_agent_stations",
            title="Agent stations per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Times the ticket came to an agent.",
            sql_type="BIGINT",
        ),
        Column(
            name="count_unique_agents",
            title="Different agents per ticket",
            unit="count",
            total="mean",
            better="lower",
            about="Different agents who had the ticket.",
            sql_type="BIGINT",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        WITH held AS (
            SELECT source, ticket_id, count_if(field = 'team') AS count_teams, count_if(field = 'agent') AS count_agents,
                count(DISTINCT CASE WHEN field = 'agent' THEN holder_id END) AS count_unique
            FROM holder_spans WHERE holder_id IS NOT NULL GROUP BY ALL),
        told_by AS (
            SELECT source, bool_or(field = 'agent') AS tells_agents, bool_or(field = 'team') AS tells_teams
            FROM events GROUP BY ALL),
        followed AS (SELECT DISTINCT source, ticket_id, tells_agents, tells_teams FROM events JOIN told_by USING (source))
        SELECT ticket.source, ticket.ticket_id,
            CASE WHEN tells_teams THEN coalesce(count_teams, 0) END AS count_team_stations,
            CASE WHEN tells_agents THEN coalesce(count_agents, 0) END AS count_agent_stations,
            CASE WHEN tells_agents THEN coalesce(count_unique, 0) END AS count_unique_agents
        FROM tickets_clean ticket LEFT JOIN followed USING (source, ticket_id) LEFT JOIN held USING (source, ticket_id)
        WHERE ticket.left_out IS NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.AGENT_EVENTS}),
    unlock="Export the history of who had each ticket: the audit log or ticket events.",
)
