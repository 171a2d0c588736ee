"""Service levels: for every target of every ticket how long its clock ran, and whether and when it was breached.

The target in force when a clock stops decides, with the priority that the ticket had when that target came to apply.
"""

from __future__ import annotations

from metrics.facts.business import between, clock
from warehouse.store import Connection

_REPLIED = between(
    "ran", "waits", "waits.started_at", "coalesce(waits.stopped_at, (SELECT as_of FROM moment))"
)
_FROM = clock("begun", "passed", "passed.from_at")

_CREATE = """
CREATE OR REPLACE TABLE sla_clocks
    (source VARCHAR, ticket_id VARCHAR, sla_id VARCHAR, metric VARCHAR, policy VARCHAR, priority VARCHAR,
    applied_at TIMESTAMPTZ, target_minutes DOUBLE, is_business BOOLEAN, started_at TIMESTAMPTZ, stopped_at TIMESTAMPTZ,
    elapsed_minutes DOUBLE, is_breached BOOLEAN, is_active BOOLEAN, breached_at TIMESTAMPTZ)
"""
# What was promised: each target from the instant at which it came to apply. Where the export does not state the priority it
# is the ticket's own at that instant, and where the export has no history of priorities the present one.
_TARGETS = """
CREATE OR REPLACE TEMP TABLE sla_promises AS
WITH priorities AS (
    SELECT source, ticket_id, "at" AS changed_at, new AS priority FROM events
    SEMI JOIN sla_targets USING (source, ticket_id) WHERE field = 'priority' AND "at" IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY source, ticket_id, "at"
        ORDER BY position DESC NULLS LAST, try_cast(event_id AS HUGEINT) DESC, event_id DESC) = 1),
changed AS (SELECT DISTINCT source, ticket_id, true AS is_changed FROM priorities)
SELECT target.source, target.ticket_id, event_id, "at" AS applied_at, metric, target_minutes,
    coalesce(is_business, false) AS is_business, policy,
    coalesce(target.priority, priorities.priority, CASE WHEN is_changed IS NULL THEN ticket.priority END) AS priority
FROM sla_targets target JOIN tickets_clean ticket USING (source, ticket_id) LEFT JOIN changed USING (source, ticket_id)
ASOF LEFT JOIN priorities ON priorities.source = target.source AND priorities.ticket_id = target.ticket_id
    AND target."at" >= priorities.changed_at
WHERE metric IN ('first_reply', 'next_reply', 'requester_wait', 'agent_work') AND "at" IS NOT NULL
    AND ticket.left_out IS NULL
"""

# One row for each clock: the first reply and every later run of the customer's messages, until the reply or the next solve;
# the time that the customer waited for us, and the time that the ticket lay with agents, until it was solved for good. All of
# them count from the ticket's creation (a later reply from the run's beginning), whenever the policy came to apply.
# stopped_at is null while a clock runs. A clock whose end is not known has no minutes.
_CLOCKS = f"""
CREATE OR REPLACE TEMP TABLE sla_ran AS
WITH concerned AS (SELECT DISTINCT source, ticket_id FROM sla_promises),
solves AS (
    SELECT source, ticket_id, started_at AS solved_at FROM status_spans SEMI JOIN concerned USING (source, ticket_id)
    WHERE status IN ('solved', 'closed') AND started_at <= (SELECT as_of FROM moment)
    UNION ALL
    SELECT source, ticket_id, solved_at FROM tickets_clean
    SEMI JOIN concerned USING (source, ticket_id) ANTI JOIN status_spans USING (source, ticket_id)
    WHERE solved_at <= (SELECT as_of FROM moment) AND status IN ('solved', 'closed')),
waits AS (
    SELECT wait.source, wait.ticket_id, wait_number, is_first, end_kind, wait.started_at,
        least(any_value(replied_at), min(solved_at)) AS stopped_at
    FROM reply_waits wait SEMI JOIN concerned USING (source, ticket_id)
    LEFT JOIN solves ON solves.source = wait.source AND solves.ticket_id = wait.ticket_id
        AND solves.solved_at >= wait.started_at
    GROUP BY ALL),
spans AS (
    SELECT span.*, metric FROM status_spans span SEMI JOIN concerned USING (source, ticket_id)
    JOIN (VALUES ('requester_wait', ['new', 'open', 'hold']), ('agent_work', ['new', 'open'])) counted(metric, statuses)
        ON list_contains(statuses, status)),
ends AS (
    SELECT source, ticket_id, is_running, max(solved_at) AS solved_at
    FROM status_minutes SEMI JOIN concerned USING (source, ticket_id) LEFT JOIN solves USING (source, ticket_id) GROUP BY ALL)
SELECT waits.source, waits.ticket_id, CASE WHEN is_first THEN 'first_reply' ELSE 'next_reply' END AS metric, wait_number,
    started_at, stopped_at, end_kind <> 'unknown' OR stopped_at IS NOT NULL AS is_known,
    (epoch_us(coalesce(stopped_at, (SELECT as_of FROM moment))) - epoch_us(started_at)) / 6e7 AS calendar_minutes,
    {_REPLIED.minutes} AS business_minutes
FROM waits {_REPLIED.joins}
UNION ALL
SELECT ends.source, ends.ticket_id, metric, 0, min(started_at), any_value(CASE WHEN NOT is_running THEN solved_at END), true,
    sum(calendar_minutes), CASE WHEN count(business_minutes) = count(*) THEN sum(business_minutes) END
FROM ends JOIN spans USING (source, ticket_id) GROUP BY ALL
"""

# One row for each clock with the target that decides of it. is_breached is null while that is open (is_active) and where the
# time is not known.
_JUDGED = """
CREATE OR REPLACE TEMP TABLE sla_judged AS
WITH ended AS (SELECT *, coalesce(stopped_at, (SELECT as_of FROM moment)) AS decided_at FROM sla_ran),
judged AS (
    SELECT ended.source, ended.ticket_id,
        CASE WHEN ended.metric = 'next_reply' THEN event_id || ':' || wait_number ELSE event_id END AS sla_id,
        ended.metric, policy, priority, applied_at, target_minutes, is_business, started_at, stopped_at,
        CASE WHEN is_known THEN CASE WHEN is_business THEN business_minutes ELSE calendar_minutes END END AS elapsed_minutes
    FROM ended ASOF JOIN sla_promises promised ON promised.source = ended.source AND promised.ticket_id = ended.ticket_id
        AND promised.metric = ended.metric AND ended.decided_at >= promised.applied_at)
SELECT *, CASE WHEN elapsed_minutes > target_minutes THEN true
        WHEN elapsed_minutes IS NOT NULL AND stopped_at IS NOT NULL THEN false END AS is_breached,
    CASE WHEN elapsed_minutes IS NOT NULL THEN elapsed_minutes <= target_minutes AND stopped_at IS NULL END AS is_active
FROM judged WHERE target_minutes IS NOT NULL
"""

# When a breached target was: where its minutes were used up. For times in a status that is within the status in which they were.
_BREACHES = f"""
INSERT INTO sla_clocks BY NAME
WITH spans AS (
    SELECT clocks.source, clocks.ticket_id, sla_id, span.started_at, target_minutes, is_business,
        CASE WHEN is_business THEN span.business_minutes ELSE span.calendar_minutes END AS minutes,
        sum(minutes) OVER (PARTITION BY clocks.source, clocks.ticket_id, sla_id ORDER BY span_number) AS minutes_so_far
    FROM sla_judged clocks JOIN status_spans span ON span.source = clocks.source AND span.ticket_id = clocks.ticket_id
        AND (span.status IN ('new', 'open') OR span.status = 'hold' AND metric = 'requester_wait')
    WHERE is_breached AND metric IN ('requester_wait', 'agent_work')),
passed AS (
    SELECT source, ticket_id, sla_id, is_business, started_at AS from_at,
        (target_minutes - minutes_so_far + minutes) * 6e7 AS left_us
    FROM spans WHERE minutes_so_far > target_minutes
    QUALIFY row_number() OVER (PARTITION BY source, ticket_id, sla_id ORDER BY minutes_so_far) = 1
    UNION ALL
    SELECT source, ticket_id, sla_id, is_business, started_at, target_minutes * 6e7 FROM sla_judged
    WHERE is_breached AND metric IN ('first_reply', 'next_reply')),
aimed AS (
    SELECT passed.source, passed.ticket_id, sla_id, hours.schedule, hours.from_at, hours.until_at,
        {_FROM.us} + left_us::BIGINT - hours.offset_us AS open_us
    FROM passed {_FROM.joins}
    JOIN ticket_hours hours ON hours.source = passed.source AND hours.ticket_id = passed.ticket_id
    WHERE is_business),
found AS (
    SELECT aimed.*, span.opens_at + to_microseconds(open_us - before_us) AS breached_at, span.closes_at
    FROM aimed ASOF JOIN (FROM open_spans WHERE closes_at > opens_at) span
        ON span.schedule = aimed.schedule AND aimed.open_us > span.before_us),
breaches AS (
    SELECT source, ticket_id, sla_id, min(breached_at) AS breached_at FROM found
    WHERE breached_at <= closes_at AND breached_at > from_at AND breached_at <= until_at GROUP BY ALL
    UNION ALL
    SELECT source, ticket_id, sla_id, from_at + to_microseconds(left_us::BIGINT) FROM passed WHERE NOT is_business)
SELECT sla_judged.*, breached_at FROM sla_judged LEFT JOIN breaches USING (source, ticket_id, sla_id)
"""


def write_sla_clocks(connection: Connection) -> None:
    """Make sla_clocks anew: source, ticket_id, sla_id, metric, policy, priority, applied_at, target_minutes, is_business,
    started_at, stopped_at, elapsed_minutes, is_breached, is_active, breached_at.

    Reads reply_waits, status_spans, ticket_hours and moment.
    """
    connection.execute(_CREATE)
    if not connection.execute("SELECT 1 FROM sla_targets LIMIT 1").fetchall():
        return
    for sql in (_TARGETS, _CLOCKS, _JUDGED, _BREACHES):
        connection.execute(sql)
    for name in ("sla_promises", "sla_ran", "sla_judged"):
        connection.execute(f"DROP TABLE {name}")
