"""How a person gets their answers out of Typeform."""

from __future__ import annotations

from metrics.measure import Capability
from pipelines.sources.source import Export, Guide

_SCORES = (Capability.NPS, Capability.CSAT, Capability.CES)

GUIDE = Guide(
    plan="any plan; the API takes a personal token (account > Personal tokens)",
    exports=(
        Export(
            name="responses and form (JSON)",
            how="Save GET /forms/FORM_ID and every page of GET /forms/FORM_ID/responses in one folder and load the folder.",
            enables=_SCORES,
            lacks="conversations, and who was asked without answering, so there is no response rate.",
        ),
        Export(
            name="results (CSV or XLSX)",
            how="Open the form, Results > Responses > download all, as CSV or XLSX.",
            enables=_SCORES,
            lacks="the scale of a question: load the form (JSON) too, or state it with --map scale_max=10 where it is "
            "not 0 to 10 (NPS), 1 to 5 (CSAT) or 1 to 7 (CES).",
        ),
    ),
    notes=(
        "A question is known by its words (recommend, satisfied, easy, effort); name another with --map "
        "nps_score=COLUMN, or with the field's id for JSON.",
        "Hidden fields named ticket_id, customer_id or email join an answer to its ticket.",
        "The file with the form is kept: it is needed once. Load it before or with the responses.",
    ),
)
