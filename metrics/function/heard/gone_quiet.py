"""Gone quiet: regular customers who left unhappy and have been silent beyond their own rhythm since."""

from __future__ import annotations

from metrics.measure import Capability, Column, Derived

gone_quiet = Derived(
    name="gone_quiet",
    title="Gone quiet",
    question="Which regular customers left unhappy and have not been heard from since?",
    rule=(
        "A customer with at least {settings.gone_quiet.least_conversations} conversations has a rhythm: the median time"
        " between them. Their last conversation counts as gone quiet when the mood of its last heard words is below"
        " {settings.gone_quiet.unhappy_below}, or they left it worse than they came, and the silence since is longer"
        " than {settings.gone_quiet.times_their_rhythm} times their rhythm and than"
        " {settings.gone_quiet.least_days_silent} days. Silence is counted up to the as-of instant."
    ),
    leaves_out=(
        "Customers with fewer conversations, all their conversations but the last, last conversations that we could not"
        " read, and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="is_gone_quiet",
            title="Gone quiet",
            unit="share",
            total="share",
            better="lower",
            about="The customer left this, their last conversation, unhappy and is silent beyond their own rhythm.",
            sql_type="BOOLEAN",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        WITH now AS (
            SELECT coalesce((SELECT try_cast(value AS TIMESTAMPTZ) FROM meta WHERE key = 'as_of'),
                (SELECT max(ended_at) FROM ticket_facts)) AS as_of),
        paced AS (
            SELECT *, epoch(created_at) - epoch(lag(created_at) OVER contact) AS pause_seconds,
                row_number() OVER (PARTITION BY source, customer_id ORDER BY created_at DESC, ticket_id DESC) AS from_last
            FROM ticket_facts WHERE customer_id IS NOT NULL AND created_at IS NOT NULL
            WINDOW contact AS (PARTITION BY source, customer_id ORDER BY created_at, ticket_id)),
        rhythm AS (
            SELECT source, customer_id, median(pause_seconds) AS rhythm_seconds
            FROM paced GROUP BY ALL HAVING count(*) >= {settings.gone_quiet.least_conversations})
        SELECT paced.source, paced.ticket_id, from_last = 1 AS is_possible,
            (coalesce(mood_after_answer, mood_on_arrival) < {settings.gone_quiet.unhappy_below}
                OR coalesce(left_worse, false))
            AND epoch(now.as_of) - epoch(coalesce(paced.ended_at, paced.created_at)) > greatest(
                {settings.gone_quiet.times_their_rhythm} * rhythm_seconds,
                {settings.gone_quiet.least_days_silent} * 86400) AS is_gone_quiet
        FROM paced JOIN rhythm USING (source, customer_id), now
        WHERE from_last = 1 AND coalesce(mood_after_answer, mood_on_arrival) IS NOT NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset({"mood_after_answer", "mood_on_arrival", "left_worse"}),
    goal="heard",
    wing="function",
)
