"""One-touch rate: tickets solved with a single reply."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

one_touch_rate = Metric(
    name="one_touch_rate",
    title="One-touch rate",
    question="How often is one reply enough?",
    rule=(
        "Tickets that are solved or closed and have exactly one public reply of an agent, among all solved or closed tickets;"
        " beside it those with two, with three or more, and with none."
    ),
    leaves_out=(
        "Tickets that an agent opened, tickets that are not solved now, tickets that only a bot answered, tickets without any message in the files, tickets in"
        " which somebody wrote of whom the files do not say whether they are an agent, and merged, deleted, spam and test tickets. A ticket solved without a reply is not one touch: nobody answered."
    ),
    columns=(
        Column(
            name="is_one_touch",
            title="One-touch rate",
            unit="share",
            total="share",
            better="higher",
            about="The ticket was solved with exactly one public reply.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_two_touch",
            title="Solved with two replies",
            unit="share",
            total="share",
            better="neither",
            about="The ticket was solved with exactly two public replies.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_multi_touch",
            title="Solved with three replies or more",
            unit="share",
            total="share",
            better="lower",
            about="The ticket was solved with three or more public replies.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="is_no_touch",
            title="Solved without a reply",
            unit="share",
            total="share",
            better="lower",
            about="The ticket was solved and nobody answered the customer.",
            sql_type="BOOLEAN",
        ),
        Column(
            name="count_replies",
            title="Replies",
            unit="count",
            total=None,
            better="neither",
            about="How many public messages agents wrote in the ticket.",
            sql_type="BIGINT",
        ),
    ),
    grain="ticket",
    dated_by="solved_at",
    facts="""
        WITH replies AS (
            SELECT source, ticket_id, count(*) AS count_replies FROM turn_index
            WHERE turn IS NOT NULL AND role = 'agent' GROUP BY ALL),
        strangers AS (
            SELECT DISTINCT source, ticket_id, true AS is_unknown FROM turn_index
            WHERE role IS NULL AND is_public AND kind = 'message'),
        counted AS (
            SELECT ticket.source, ticket.ticket_id, NOT is_outbound AND NOT is_bot_only AND status IN ('solved', 'closed') AS is_possible,
                CASE WHEN has_messages AND is_unknown IS NULL THEN coalesce(replies.count_replies, 0) END AS count_replies
            FROM tickets_clean ticket LEFT JOIN replies USING (source, ticket_id)
            LEFT JOIN strangers USING (source, ticket_id)
            WHERE ticket.left_out IS NULL)
        SELECT source, ticket_id, is_possible, count_replies,
            CASE WHEN is_possible THEN count_replies = 1 END AS is_one_touch,
            CASE WHEN is_possible THEN count_replies = 2 END AS is_two_touch,
            CASE WHEN is_possible THEN count_replies > 2 END AS is_multi_touch,
            CASE WHEN is_possible THEN count_replies = 0 END AS is_no_touch
        FROM counted
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
)
