"""SLA attainment: targets met among those decided."""

from __future__ import annotations

from metrics.measure import Capability, Column, Metric

KINDS = {
    "first_reply": ("first reply", "The target of the first reply was met."),
    "next_reply": ("next reply", "The target of a later reply was met."),
    "requester_wait": ("requester wait", "The target of the customer's waiting time was met."),
    "agent_work": ("agent work", "The target of the time with the agents was met."),
}

sla_attainment = Metric(
    name="sla_attainment",
    title="SLA attainment",
    question="How many of our promised times did we keep?",
    rule=(
        "Targets met among targets met and breached, each on the day on which it was met or breached. A target is breached"
        " once its clock shows more than the target, also while the customer still waits; it is met when the clock stops at or"
        " before it. A reply's clock runs to the reply or, without one, to the solve; the clocks of wait and work run while"
        " the ticket is new or open (wait: or on hold) until it is solved for good. All count from the ticket's creation (a"
        " later reply: from the customer's message), in business hours where the policy says so. The target in force when the"
        " clock stops decides, with the priority as of that target."
    ),
    leaves_out=(
        "Targets whose clock still runs and is not past them: these are counted apart. Targets in business hours where no"
        " schedule is known, first replies on tickets that an agent opened, and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="is_sla_met",
            title="SLA attainment",
            unit="share",
            total="share",
            better="higher",
            about="The target was met.",
            sql_type="BOOLEAN",
        ),
        *(
            Column(
                name=f"is_{kind}_sla_met",
                title=f"SLA attainment, {said}",
                unit="share",
                total="share",
                better="higher",
                about=about,
                sql_type="BOOLEAN",
            )
            for kind, (said, about) in KINDS.items()
        ),
        Column(
            name="count_sla_active",
            title="SLA targets still running",
            unit="count",
            total="sum",
            better="neither",
            about="1 where the clock runs and is not past its target.",
            sql_type="BIGINT",
        ),
    ),
    grain="sla",
    dated_by="decided_at",
    facts=f"""
        SELECT source, ticket_id, sla_id, NOT is_breached AS is_sla_met, coalesce(is_active, false)::INT AS count_sla_active,
            NOT coalesce(is_active, false) AS is_possible, true AS count_sla_active_is_possible,
            {", ".join(f"CASE WHEN metric = '{kind}' THEN NOT is_breached END AS is_{kind}_sla_met" for kind in KINDS)},
            {", ".join(f"metric = '{kind}' AND NOT coalesce(is_active, false) AS is_{kind}_sla_met_is_possible" for kind in KINDS)}
        FROM sla_clocks
    """,
    needs=frozenset({Capability.TICKETS, Capability.SLA}),
    unlock="Export the ticket audits or the policy history, which hold the targets as they came to apply.",
)
