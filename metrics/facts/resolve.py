"""Who wrote, who opened, what ended when: tables that every measure and every signal reads.

`resolve` makes tickets_clean, turn_index with its view turns, status_spans, holder_spans, surveys and reply_waits anew from
the merged tables, and moment, the as-of instant in a row; beside them the hours of business (hours.py, business.py), the
minutes in each status (status_minutes, spans.py) and the clocks of service levels (sla.py). What a table holds stands above
its SQL.
"""

from __future__ import annotations

from metrics.facts.accounts import TICKET_ACCOUNTS
from metrics.facts.business import add_business_minutes, write_ticket_hours
from metrics.facts.clock import as_of
from metrics.facts.holders import HOLDER_SPANS
from metrics.facts.hours import write_open_spans
from metrics.facts.sla import write_sla_clocks
from metrics.facts.spans import REPLY_WAITS, STATUS_MINUTES, STATUS_SPANS
from metrics.facts.surveys import NEAR_DAYS, SURVEY_COMMENTS, SURVEYS
from warehouse.settings import Settings
from warehouse.store import Connection

# Order of messages: by instant, then as in the file, then by id (as a number where it is one).
ORDER = "created_at NULLS LAST, position NULLS LAST, try_cast(message_id AS HUGEINT) NULLS LAST, message_id"

# Every message with the role of who wrote it. Who joins in on a public channel, and is not the requester, is a bystander,
# whose words are no turn. Else a stated role wins; then the requester is the customer of this ticket
# (also when they are staff elsewhere); then what people say; then who is an assignee or a requester on any ticket of
# the source. Private words of an unknown author are staff's. Else the role stays null and the message no turn.
# place is its order among the words of its ticket, turn its order among the public words of customers and agents.
WRITTEN = f"""
CREATE OR REPLACE TABLE turn_index AS
WITH writers AS (
    SELECT source, person_id, arg_min(role, rank) AS role FROM (
        SELECT source, person_id, role, 0 AS rank FROM people WHERE role IS NOT NULL
        UNION ALL SELECT DISTINCT source, agent_id, 'agent', 1 FROM tickets WHERE agent_id IS NOT NULL
        UNION ALL SELECT DISTINCT source, customer_id, 'customer', 2 FROM tickets WHERE customer_id IS NOT NULL)
    GROUP BY ALL),
known AS (
    SELECT message.source, message.ticket_id, message.message_id, message.created_at, message.position,
        coalesce(message.kind, 'message') AS kind,
        coalesce(message.is_public, coalesce(message.kind, 'message') <> 'note') AS is_public,
        message.author_id IS NOT NULL AND message.author_id = ticket.customer_id AS is_by_requester,
        message.author_role = 'customer' AND ticket.channel = 'twitter' AND message.author_id <> ticket.customer_id AS is_joining_in,
        message.author_role AS stated, writers.role AS writer, length(message.text) AS count_letters,
        hash(message.text) AS text_hash
    FROM messages message
    LEFT JOIN tickets ticket USING (source, ticket_id)
    LEFT JOIN writers ON writers.source = message.source AND writers.person_id = message.author_id),
told AS (
    SELECT * EXCLUDE (stated, writer, is_joining_in),
        CASE WHEN is_joining_in THEN 'bystander'
            WHEN stated IS NOT NULL THEN stated
            WHEN kind = 'survey' OR is_by_requester THEN 'customer'
            WHEN writer IS NOT NULL THEN writer
            WHEN NOT is_public THEN 'agent' END AS role,
        coalesce(kind = 'message' AND is_public AND role IN ('customer', 'agent'), false) AS is_turn
    FROM known)
SELECT * EXCLUDE (is_turn), source AS message_source, ticket_id AS message_ticket_id, message_id AS message_own_id,
    row_number() OVER said AS place,
    CASE WHEN is_turn
        THEN sum(is_turn::INT) OVER (said ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)::BIGINT - 1 END AS turn
FROM told
WINDOW said AS (PARTITION BY source, ticket_id, kind = 'survey' ORDER BY {ORDER})
"""

# One row a ticket. Names of team, agent and account in place of ids; left_out says why a ticket is in no figure.
# is_outbound: an agent opened it with public words of their own. A private first note does not make it outbound (a
# call written down is still the customer's request).
# answered_by: whose public messages followed the customer's first words: human, bot, ai (a bot that the export calls an AI),
# both (a human and either), nobody; null where the files do not say. An automatic receipt is no answer, nor is a greeting
# before the customer wrote. is_bot_only: solved, and no human wrote to the customer.
# solved_at: last solved by events, else as stated; closed where never solved. ended_at: solved_at of a ticket that is
# solved or closed or whose status is not known, else its last public message.
TICKETS_CLEAN = """
CREATE OR REPLACE TABLE tickets_clean AS
WITH spoken AS (
    SELECT source, ticket_id, min(created_at) AS first_at, max(created_at) FILTER (is_public) AS last_public_at,
        arg_min({'created_at': created_at, 'is_ours': role = 'agent' AND is_public AND NOT is_by_requester}, place)
            AS first_words,
        min(place) FILTER (is_public AND kind = 'message' AND (role = 'customer' OR role IS NULL AND place = 1)) AS asked_place,
        max(place) FILTER (is_public AND kind = 'message' AND role IN ('bot', 'ai')) AS machine_place,
        max(place) FILTER (is_public AND kind = 'message' AND role = 'ai') AS ai_place,
        coalesce(bool_or(turn IS NOT NULL AND role = 'agent'), false) AS has_human_words,
        coalesce(bool_or(role IS NULL AND is_public AND kind = 'message' AND place > 1), false) AS has_strangers_words
    FROM turn_index WHERE kind <> 'survey' GROUP BY ALL),
ends AS (
    SELECT source, ticket_id,
        min("at") FILTER (new = 'solved') AS first_solved_at, max("at") FILTER (new = 'solved') AS last_solved_at,
        min("at") FILTER (new = 'closed') AS first_closed_at, max("at") FILTER (new = 'closed') AS last_closed_at
    FROM events WHERE field = 'status' GROUP BY ALL),
by_address AS (
    SELECT source, lower(email) AS email, min(person_id) AS person_id FROM people
    WHERE email IS NOT NULL GROUP BY ALL HAVING count(*) = 1),
told AS (
    SELECT ticket.* REPLACE (
            coalesce(teams.name, ticket.team, ticket.team_id) AS team,
            coalesce(agents.name, ticket.agent, ticket.agent_id) AS agent,
            coalesce(ticket.customer_id, by_address.person_id, lower(ticket.customer_email)) AS customer_id,
            coalesce(ticket.customer_email, customers.email) AS customer_email,
            coalesce(ticket.account_id, customers.account_id) AS account_id,
            coalesce(ticket.created_at, spoken.first_at) AS created_at,
            coalesce(ends.last_solved_at, ticket.solved_at, ends.last_closed_at, ticket.closed_at) AS solved_at),
        accounts.name AS account,
        coalesce(ends.first_solved_at, ticket.solved_at, ends.first_closed_at, ticket.closed_at) AS first_solved_at,
        CASE WHEN ticket.merged_into IS NOT NULL THEN 'merged'
            WHEN ticket.is_deleted OR ticket.status = 'deleted' THEN 'deleted'
            WHEN ticket.is_spam THEN 'spam'
            WHEN ticket.is_test THEN 'test' END AS left_out,
        openers.role = 'agent' AND ticket.opened_by_id IS DISTINCT FROM ticket.customer_id AS is_opened_by_agent,
        spoken.first_words.is_ours AS is_first_word_ours, spoken.first_words.created_at AS first_word_at,
        spoken.last_public_at, spoken.source IS NOT NULL AS has_messages,
        CASE WHEN spoken.source IS NULL THEN NULL
            WHEN has_human_words THEN CASE WHEN coalesce(machine_place > asked_place, false) THEN 'both' ELSE 'human' END
            WHEN has_strangers_words THEN NULL
            WHEN ai_place > asked_place THEN 'ai' WHEN machine_place > asked_place THEN 'bot' ELSE 'nobody' END
            AS answered_by
    FROM tickets ticket
    LEFT JOIN spoken USING (source, ticket_id)
    LEFT JOIN ends USING (source, ticket_id)
    LEFT JOIN teams ON teams.source = ticket.source AND teams.team_id = ticket.team_id
    LEFT JOIN people agents ON agents.source = ticket.source AND agents.person_id = ticket.agent_id
    LEFT JOIN people customers ON customers.source = ticket.source AND customers.person_id = ticket.customer_id
    LEFT JOIN people openers ON openers.source = ticket.source AND openers.person_id = ticket.opened_by_id
    LEFT JOIN by_address ON by_address.source = ticket.source AND by_address.email = lower(ticket.customer_email)
    LEFT JOIN accounts ON accounts.source = ticket.source AND accounts.account_id = ticket.account_id)
SELECT * EXCLUDE (is_opened_by_agent, is_first_word_ours, first_word_at, last_public_at),
    coalesce(CASE
        WHEN NOT has_messages THEN is_opened_by_agent
        WHEN opened_by_id IS NULL OR is_opened_by_agent IS NULL
            THEN is_first_word_ours AND first_word_at <= created_at
        ELSE is_opened_by_agent AND is_first_word_ours END, false) AS is_outbound,
    coalesce(answered_by IN ('bot', 'ai') AND status IN ('solved', 'closed'), false) AS is_bot_only,
    CASE WHEN status IS NULL OR status IN ('solved', 'closed') THEN coalesce(solved_at, last_public_at)
        ELSE last_public_at END AS ended_at
FROM told
"""

# turn_index then holds every message that can be heard or counted, by the conversation it belongs to. A survey comment
# belongs to the ticket that its survey names, else it stands for itself (ticket_id 'survey:' and the rating's id).
# On a ticket of another source its id bears its own source, since two survey tools may use the same ids.
# Messages of tickets that are left out, or not there, go.
PLACE_SURVEY_COMMENTS = """
INSERT INTO turn_index BY NAME
SELECT CASE WHEN is_joined THEN ticket_source ELSE message_source END AS source,
    CASE WHEN is_joined THEN ticket_id ELSE 'survey:' || rating_id END AS ticket_id,
    CASE WHEN is_joined AND ticket_source <> message_source THEN message_id || '@' || message_source ELSE message_id END
        AS message_id, 'customer' AS role, true AS is_public, 'survey' AS kind, created_at, position, count_letters,
    text_hash, place, message_source, message_ticket_id, message_id AS message_own_id
FROM survey_comments WHERE left_out IS NULL
"""
TAKE_OUT = """
DELETE FROM turn_index WHERE kind = 'survey' OR NOT EXISTS (
    FROM tickets_clean ticket
    WHERE ticket.source = turn_index.source AND ticket.ticket_id = turn_index.ticket_id AND left_out IS NULL)
"""

# The text stays where it is stored; the view lends it.
TURNS = """
CREATE OR REPLACE VIEW turns AS
SELECT entry.source, entry.ticket_id, entry.message_id, entry.role, entry.is_public, entry.kind,
    entry.created_at, entry.position, entry.turn, message.text
FROM turn_index entry JOIN messages message
    ON message.source = entry.message_source AND message.ticket_id = entry.message_ticket_id
    AND message.message_id = entry.message_own_id
"""


def resolve(connection: Connection, settings: Settings) -> None:
    """Make tickets_clean, surveys, turn_index, turns, status_spans and reply_waits anew from the merged tables.

    Open spans and waits end at the as-of instant. Needs no evidence; run it after every merge, before scoring.
    """
    instant = {"as_of": as_of(connection)}
    connection.execute(WRITTEN)
    connection.execute(TICKETS_CLEAN)
    connection.execute(TICKET_ACCOUNTS)
    has_schedules = write_open_spans(connection, settings, instant["as_of"])
    write_ticket_hours(connection, has_schedules=has_schedules)
    share = float(settings.csat.positive_from_share)
    connection.execute(SURVEYS, {"near_days": NEAR_DAYS, "positive_from_share": share})
    connection.execute(SURVEY_COMMENTS)
    connection.execute(TAKE_OUT)
    connection.execute(PLACE_SURVEY_COMMENTS)
    connection.execute(TURNS)
    connection.execute(STATUS_SPANS, instant)
    until = f"'{instant['as_of'].isoformat()}'::TIMESTAMPTZ"
    add_business_minutes(
        connection, "status_spans", f"least(timed.started_at, {until})", f"least(timed.ended_at, {until})"
    )
    connection.execute(STATUS_MINUTES, instant)
    connection.execute(HOLDER_SPANS, instant)
    connection.execute("CREATE OR REPLACE TABLE moment AS SELECT $as_of::TIMESTAMPTZ AS as_of", instant)
    connection.execute(REPLY_WAITS, instant)
    add_business_minutes(connection, "reply_waits", "timed.started_at", "timed.ended_at")
    write_sla_clocks(connection)
    connection.execute("DROP TABLE survey_comments")
