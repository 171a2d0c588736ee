"""Predicted satisfaction of tickets that nobody rated, by a model of the organisation's own rated tickets."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from metrics.measure import Capability, Column, Derived
from metrics.prediction import Bin, Figures, Model, can_be_tried, fit
from warehouse.settings import Settings
from warehouse.store import Connection, Version, insert

FEWEST: Final = 200  # rated tickets
FEWEST_OF_EACH: Final = 20  # satisfied, and not satisfied
FEWEST_CUSTOMERS: Final = 20
MOST_LEARNT: Final = 50_000  # rated tickets that are learnt from, chosen by the hash of their ids
AT_ONCE: Final = 20_000  # tickets that are predicted at a time
MOST_CHARACTERS: Final = 4_000  # of what the customer wrote in a ticket
KEY: Final = "predicted_satisfied"  # of the table meta

# Figures of the ticket beside the words, where they are measured. None of them holds an answer to a survey.
FIGURES: Final = (
    "mood_on_arrival", "mood_after_answer", "mood_shift", "predicted_recommend", "predicted_satisfaction",
    "first_reply_minutes", "full_resolution_minutes", "longest_wait_minutes", "count_replies", "count_reopens", "handle_minutes",
)  # fmt: skip
_SCHEMA: Final = pl.Schema(
    {"source": pl.String(), "ticket_id": pl.String(), "predicted_satisfied": pl.Float64()}
)

# The customer's own words in the order in which they were said, survey comments left out: they are the answer.
_TICKETS: Final = """
CREATE OR REPLACE TEMP TABLE predicted_tickets AS
SELECT ticket.source, ticket.ticket_id, ticket.is_satisfied,
    coalesce(ticket.customer_id, ticket.source || chr(31) || ticket.ticket_id) AS customer,
    hash(ticket.source, ticket.ticket_id) AS chosen_by, {figures}
FROM ticket_facts ticket JOIN heard USING (source, ticket_id) WHERE heard.is_readable
"""
_WORDS: Final = """
SELECT ticket.*, said.text FROM {tickets} ticket JOIN (
    SELECT turns.source, turns.ticket_id,
        left(string_agg(left(turns.text, {most}), chr(10) ORDER BY turns.turn), {most}) AS text
    FROM turns SEMI JOIN {tickets} USING (source, ticket_id)
    WHERE turns.role = 'customer' AND turns.turn IS NOT NULL GROUP BY ALL) said USING (source, ticket_id)
ORDER BY ticket.chosen_by, ticket.source, ticket.ticket_id
"""


@dataclass(frozen=True)
class Reliability:
    """Whether satisfaction is predicted here, in words, and how well; figures are None where it is off."""

    is_on: bool
    words: str
    figures: Figures | None = None


def prepare(connection: Connection, settings: Settings) -> None:
    """Learn from the rated tickets and write predicted_ratings, for the tickets nobody rated; empty where it is off."""
    known = {row[0] for row in connection.execute("DESCRIBE ticket_facts").fetchall()}
    names = [name for name in FIGURES if name in known]
    figures = ", ".join(f"ticket.{name}::DOUBLE AS {name}" for name in names) or "NULL::DOUBLE AS nothing"
    names = names or ["nothing"]
    connection.execute(_TICKETS.format(figures=figures))
    connection.execute("CREATE OR REPLACE TEMP TABLE predicted_ratings AS " + _nothing())
    model, state = _learn(connection, names)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [KEY, json.dumps(state, sort_keys=True)])
    if model is not None:
        _predict(connection, model, names)
    connection.execute("DROP TABLE predicted_tickets")


def _words(connection: Connection, tickets: str) -> pl.DataFrame:
    """The tickets of a temporary table with what their customers wrote; a cursor of its own would not see the table."""
    rows: pl.DataFrame = connection.sql(_WORDS.format(tickets=tickets, most=MOST_CHARACTERS)).pl()
    return rows


def _nothing() -> str:
    return "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS ticket_id, NULL::DOUBLE AS predicted_satisfied WHERE false"


def _learn(connection: Connection, names: list[str]) -> tuple[Model | None, dict[str, Any]]:
    """The model, None where there is too little to learn from, and what is kept of it."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE predicted_learnt AS SELECT * FROM predicted_tickets WHERE is_satisfied IS NOT NULL"
        f" ORDER BY chosen_by, source, ticket_id LIMIT {MOST_LEARNT}"
    )
    rated = _words(connection, "predicted_learnt")
    connection.execute("DROP TABLE predicted_learnt")
    count, count_good = rated.height, int(rated["is_satisfied"].sum() or 0)
    counts = {
        "rated": count, "satisfied": count_good, "customers": rated["customer"].n_unique() if count else 0,
    }  # fmt: skip
    if reason := _too_few(counts):
        return None, {"is_on": False, "words": reason}
    satisfied = rated["is_satisfied"].to_numpy().astype(np.bool_)
    customers = rated["customer"].to_list()
    if not can_be_tried(satisfied, customers):
        reason = "Off: answers of one kind come from too few customers to be tried on others."
        return None, {"is_on": False, "words": reason}
    model, figures = fit(rated["text"].to_list(), _numbers(rated, names), satisfied, customers)
    return model, {"is_on": True, "words": _said(figures), "figures": dataclasses.asdict(figures)}


def _too_few(counts: dict[str, int]) -> str:
    """Why nothing is predicted, in words; empty where it can be."""
    least = min(counts["satisfied"], counts["rated"] - counts["satisfied"])
    if counts["rated"] < FEWEST:
        return f"Off: {counts['rated']:,} rated conversations can be read; it takes {FEWEST}."
    if least < FEWEST_OF_EACH:
        return f"Off: it takes {FEWEST_OF_EACH} satisfied and {FEWEST_OF_EACH} other answers; of one kind there are {least}."
    if counts["customers"] < FEWEST_CUSTOMERS:
        return f"Off: the ratings come from {counts['customers']} customers; it takes {FEWEST_CUSTOMERS}."
    return ""


def _said(figures: Figures) -> str:
    return (
        f"On: learnt from {figures.count_rated:,} rated conversations of {figures.count_customers:,} customers. On customers it has "
        f"not seen it puts a satisfied one above another in {figures.auc:.0%} of pairs (95 % interval {figures.auc_low:.0%} to "
        f"{figures.auc_high:.0%}); squared error {figures.brier:.3f}, against {figures.brier_always:.3f} of always saying the share."
    )


def _numbers(rows: pl.DataFrame, names: list[str]) -> Any:
    return rows.select(pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in names).to_numpy()


def _predict(connection: Connection, model: Model, names: list[str]) -> None:
    """Write the chance of every ticket that nobody rated, some at a time: memory does not grow with their number."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE predicted_open AS SELECT *, (row_number() OVER (ORDER BY chosen_by, source, ticket_id) - 1)"
        f" // {AT_ONCE} AS part FROM predicted_tickets WHERE is_satisfied IS NULL"
    )
    row = connection.execute("SELECT coalesce(max(part), -1) FROM predicted_open").fetchone()
    for part in range(int(row[0]) + 1 if row else 0):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE predicted_part AS FROM predicted_open WHERE part = {part}"
        )
        rows = _words(connection, "predicted_part")
        if rows.height:
            chances = model.chances(rows["text"].to_list(), _numbers(rows, names))
            found = rows.select("source", "ticket_id", predicted_satisfied=pl.Series(chances).round(6))
            insert(connection, "predicted_ratings", found.cast(_SCHEMA))
    connection.execute("DROP TABLE IF EXISTS predicted_part")
    connection.execute("DROP TABLE predicted_open")


def reliability(version: Version) -> Reliability:
    """Whether satisfaction is predicted in this version and how well, from what the run that made it kept."""
    rows = version.query("SELECT value FROM meta WHERE key = ?", [KEY])
    if not rows.height:
        return Reliability(False, "Off: nothing was learnt yet.")
    state = json.loads(rows.item())
    kept = state.get("figures")
    if kept is None:
        return Reliability(bool(state["is_on"]), str(state["words"]))
    curve = tuple(Bin(**each) for each in kept.pop("curve"))
    return Reliability(bool(state["is_on"]), str(state["words"]), Figures(**kept, curve=curve))


predicted = Derived(
    name="predicted",
    title="Predicted satisfied",
    question="How likely is a customer whom nobody asked, or who did not answer, to be satisfied?",
    rule=(
        "The chance by a model of your own rated conversations: a logistic regression on the customer's words and on figures of "
        "the ticket (moods, reply times), tried on customers it has not seen and calibrated on them. Only for conversations "
        f"without a rating; off below {FEWEST} rated ones. Experimental, and apart from what customers ticked."
    ),
    leaves_out=(
        "Rated conversations, those that can not be read, survey comments. Customers who do not answer may differ from those who "
        "do in ways that no word or figure shows."
    ),
    columns=(
        Column(
            name="predicted_satisfied",
            title="Predicted satisfied",
            unit="share",
            total="mean",
            better="higher",
            about="The chance, 0 to 1, that the customer of an unrated conversation is satisfied.",
        ),
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="SELECT source, ticket_id, predicted_satisfied, true AS is_possible FROM predicted_ratings",
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES, Capability.CSAT}),
    unlock="Export the tickets with their comments and their ratings.",
    uses=frozenset({"is_satisfied", "mood_on_arrival", "predicted_satisfaction"}),
    prepare=prepare,
)
