"""Surveys resolved: which ticket and customer each belongs to, what it says, and which one counts."""

from __future__ import annotations

# A survey that names only a customer is put beside that customer's ticket opened at most this long before it, so that
# it has a team and a channel. Its comment is not read as part of that conversation.
NEAR_DAYS = 30

# One row for every rating that was asked or answered.
# ticket_id: the ticket that the survey names; near_ticket_id: the latest ticket of its customer within 30 days before;
# joined_by says which of the two there is ('ticket', 'customer', null), each with its source.
# is_satisfied: the vendor's own good or bad, else from how far up its scale the answer is. nps_net: 1 from 9, 0 from 7,
# -1 below, only on a scale of 0 to 10. ease: how far up a CES question's scale the answer is, 1 where it was easiest; null
# where it is not known which end that is. is_latest: the one row that stands for a ticket's survey of that kind (latest
# answer, else latest request); a survey without a ticket stands for itself. is_asked_known: the same source also names
# surveys that nobody answered, so that a response rate exists.
SURVEYS = """
CREATE OR REPLACE TABLE surveys AS
WITH unplaced AS (
    SELECT DISTINCT ticket_id FROM ratings ANTI JOIN tickets_clean USING (source, ticket_id) WHERE ticket_id IS NOT NULL),
elsewhere AS (
    SELECT ticket_id, min(source) AS source, min(customer_id) AS customer_id, min(left_out) AS left_out,
        min(ended_at) AS ended_at
    FROM tickets_clean SEMI JOIN unplaced USING (ticket_id) GROUP BY ticket_id HAVING count(*) = 1),
addresses AS (SELECT DISTINCT lower(customer_email) AS email FROM ratings WHERE customer_email IS NOT NULL),
by_address AS (
    SELECT lower(customer_email) AS email, min(customer_id) AS customer_id FROM tickets_clean
    WHERE lower(customer_email) IN (FROM addresses) GROUP BY ALL HAVING count(DISTINCT customer_id) = 1),
asked_known AS (
    SELECT source, kind, bool_or(score IS NULL AND is_positive IS NULL) AS is_asked_known FROM ratings GROUP BY ALL),
whose AS (
    SELECT rating.* EXCLUDE (ticket_id, customer_id), is_asked_known,
        coalesce(here.source, elsewhere.source) AS named_source,
        coalesce(here.ticket_id, elsewhere.ticket_id) AS named_ticket_id,
        coalesce(here.left_out, elsewhere.left_out) AS left_out,
        coalesce(here.customer_id, elsewhere.customer_id, by_address.customer_id, rating.customer_id,
            lower(rating.customer_email)) AS customer_id,
        coalesce(answered_at, asked_at, here.ended_at, elsewhere.ended_at) AS dated_at,
        score IS NOT NULL OR is_positive IS NOT NULL AS is_answered
    FROM ratings rating
    JOIN asked_known ON asked_known.source = rating.source AND asked_known.kind IS NOT DISTINCT FROM rating.kind
    LEFT JOIN tickets_clean here ON here.source = rating.source AND here.ticket_id = rating.ticket_id
    LEFT JOIN elsewhere ON elsewhere.ticket_id = rating.ticket_id AND here.ticket_id IS NULL
    LEFT JOIN by_address ON by_address.email = lower(rating.customer_email)),
lone AS (SELECT source, rating_id, customer_id, dated_at FROM whose WHERE named_ticket_id IS NULL),
openings AS (
    SELECT customer_id, created_at, min({'source': source, 'ticket_id': ticket_id}) AS ticket FROM tickets_clean
    WHERE customer_id IN (SELECT customer_id FROM lone) AND created_at IS NOT NULL AND left_out IS NULL GROUP BY ALL),
near AS (
    SELECT lone.source, rating_id, ticket.source AS near_source, ticket.ticket_id AS near_ticket_id
    FROM lone ASOF JOIN openings ON openings.customer_id = lone.customer_id AND dated_at >= openings.created_at
    WHERE dated_at <= openings.created_at + to_days($near_days)),
told AS (
    SELECT whose.source, whose.rating_id, whose.kind,
        CASE WHEN named_ticket_id IS NOT NULL THEN 'ticket' WHEN near_ticket_id IS NOT NULL THEN 'customer' END
            AS joined_by,
        named_source AS ticket_source, named_ticket_id AS ticket_id, near_source, near_ticket_id,
        customer_id, customer_email, agent_id, left_out, score, scale_min, scale_max, score_raw, comment,
        asked_at, answered_at, dated_at, is_answered,
        CASE WHEN kind <> 'csat' THEN NULL
            WHEN is_positive IS NOT NULL THEN is_positive
            WHEN scale_max > scale_min
                THEN (score - scale_min) / (scale_max - scale_min) >= $positive_from_share - 1e-9 END AS is_satisfied,
        CASE WHEN kind = 'nps' AND score BETWEEN 0 AND 10
                AND coalesce(scale_min, 0) = 0 AND coalesce(scale_max, 10) = 10
            THEN CASE WHEN score >= 9 THEN 1 WHEN score >= 7 THEN 0 ELSE -1 END END AS nps_net,
        CASE WHEN kind = 'ces' AND is_higher_better IS NOT NULL AND scale_max > scale_min
                AND score BETWEEN scale_min AND scale_max
            THEN CASE WHEN is_higher_better THEN score - scale_min ELSE scale_max - score END / (scale_max - scale_min)
            END AS ease,
        is_asked_known
    FROM whose LEFT JOIN near USING (source, rating_id))
SELECT *, row_number() OVER (
    PARTITION BY kind, joined_by = 'ticket',
        CASE WHEN joined_by = 'ticket' THEN ticket_source ELSE source END,
        CASE WHEN joined_by = 'ticket' THEN ticket_id ELSE rating_id END
    ORDER BY is_answered DESC, dated_at DESC NULLS LAST, try_cast(rating_id AS HUGEINT) DESC NULLS LAST, rating_id DESC
    ) = 1 AS is_latest
FROM told
"""

# Each survey comment among the messages, with the ticket it belongs to where its survey names one. The comment bears
# its rating's id in its own id, or in the conversation's where it stands for itself.
SURVEY_COMMENTS = """
CREATE OR REPLACE TEMP TABLE survey_comments AS
WITH marked AS (
    SELECT *, CASE WHEN starts_with(ticket_id, 'survey:') THEN substr(ticket_id, 8)
        WHEN starts_with(message_id, 'rating:') THEN substr(message_id, 8) ELSE message_id END AS own_id
    FROM turn_index WHERE kind = 'survey')
SELECT marked.source AS message_source, marked.ticket_id AS message_ticket_id, message_id, created_at, position,
    count_letters, text_hash, place, coalesce(survey.ticket_id IS NOT NULL, false) AS is_joined, survey.ticket_source, survey.ticket_id, own_id AS rating_id,
    survey.left_out
FROM marked LEFT JOIN surveys survey ON survey.source = marked.source AND survey.rating_id = marked.own_id
"""
