"""How a person gets the answers out of any survey tool."""

from __future__ import annotations

from metrics.measure import Capability
from pipelines.sources.source import Export, Guide

GUIDE = Guide(
    plan="any survey tool that can export a table",
    exports=(
        Export(
            name="a table of answers (CSV, XLSX, NDJSON, Parquet)",
            how="Export the answers with a row a survey. Keep the ticket id or the e-mail address, and, where the "
            "tool has it, when each survey was sent.",
            enables=(Capability.CSAT, Capability.NPS, Capability.CES, Capability.ASKED),
            lacks="tickets and messages: load those from your helpdesk. Without the surveys that nobody answered "
            "there is no response rate.",
        ),
    ),
    notes=(
        "A score column is known by its name (nps_score), by its question, or by --map nps_score=COLUMN.",
        "CSAT is read on 1 to 5, CES on 1 to 7, NPS on 0 to 10. Another scale is stated by columns scale_min and "
        'scale_max, in the column\'s name ("Effort (1-5)") or by --map scale_max=10.',
        'Name the CES column by its question: after "made it easy" a higher score is better, after "how much '
        'effort" a lower one. Without the question the direction is unknown and CES is not measured.',
    ),
)
