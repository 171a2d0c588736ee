"""Came back: customers who opened another ticket about the same thing soon after the first was solved."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Across, Column, Kind
from metrics.text.sentences import split
from metrics.text.shared_words import words
from warehouse.schema import EVIDENCE
from warehouse.settings import Settings
from warehouse.store import Connection, insert

NAME: Final = "came_back"
VERSION: Final = 1
SHARED: Final = 3  # content words that both openings hold
SHARE: Final = 0.4  # of the content words of the shorter one
NEXT: Final = 5  # of the customer's next tickets are looked at
MOST_CHARACTERS: Final = 1_000  # of an opening are read
GREETING_WORDS: Final = 3  # a sentence of at most so many words is a greeting, not what a message says
BATCH: Final = 20_000

# What tickets open with: the subject and the first words of customers that can be read; and of each solved ticket that has
# one, the pairs with the tickets that its customer opened within the days after.
_PAIRS: Final = """
WITH numbered AS (
    SELECT source, ticket_id, customer_id, subject, first_solved_at, created_at, is_outbound,
        row_number() OVER (PARTITION BY source, customer_id ORDER BY created_at, ticket_id) AS number
    FROM tickets_clean WHERE left_out IS NULL AND customer_id IS NOT NULL AND created_at IS NOT NULL),
pairs AS (
    SELECT earlier.source, earlier.ticket_id, earlier.subject, later.ticket_id AS later_id, later.subject AS later_subject, step
    FROM (SELECT *, unnest(range(1, {next} + 1)) AS step FROM numbered WHERE first_solved_at IS NOT NULL) earlier
    JOIN numbered later ON later.source = earlier.source AND later.customer_id = earlier.customer_id
        AND later.number = earlier.number + step
    WHERE later.created_at > earlier.first_solved_at AND NOT later.is_outbound
        AND later.created_at <= earlier.first_solved_at + to_days({days})),
wanted AS (SELECT source, ticket_id FROM pairs UNION SELECT source, later_id FROM pairs),
openings AS (
    SELECT said.source, said.ticket_id, said.message_id, left(said.text, {characters}) AS said
    FROM (SELECT source, ticket_id, arg_min(message_id, turn) AS message_id
        FROM turn_index JOIN wanted USING (source, ticket_id) JOIN heard USING (source, ticket_id)
        WHERE role = 'customer' AND turn IS NOT NULL AND is_readable GROUP BY ALL)
    JOIN turns said USING (source, ticket_id, message_id) WHERE said.text IS NOT NULL)
SELECT pairs.source, pairs.ticket_id, later_id, step, after.message_id, after.said,
    concat_ws(' ', pairs.subject, before.said) AS first_text, concat_ws(' ', later_subject, after.said) AS later_text
FROM pairs
JOIN openings before ON before.source = pairs.source AND before.ticket_id = pairs.ticket_id
JOIN openings after ON after.source = pairs.source AND after.ticket_id = pairs.later_id
"""


def prepare(connection: Connection, settings: Settings) -> None:
    """Write the evidence again: for each solved ticket a sentence of the next one about the same thing.

    The evidence lies in the later ticket, in the first sentence that says something, and refers to the earlier one.
    """
    connection.execute(f"DELETE FROM evidence WHERE measure = '{NAME}'")
    sql = _PAIRS.format(days=int(settings.came_back.within_days), next=NEXT, characters=MOST_CHARACTERS)
    for part in connection.cursor().sql(sql).to_arrow_reader(BATCH):
        same = about_the_same(pl.DataFrame(part))
        if same.height:
            insert(connection, "evidence", _evidence(same))
    # Batches know nothing of each other: of several later tickets the nearest stays.
    connection.execute(f"""
        DELETE FROM evidence USING (
            SELECT source, refers_to_ticket, min(value) AS nearest FROM evidence WHERE measure = '{NAME}' GROUP BY ALL) kept
        WHERE evidence.measure = '{NAME}' AND evidence.source = kept.source
            AND evidence.refers_to_ticket = kept.refers_to_ticket AND evidence.value > kept.nearest
    """)


def about_the_same(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose openings, first_text and later_text, share enough words that say what they are about."""
    told = pairs.with_columns(
        first_words=words(pl.col("first_text")), later_words=words(pl.col("later_text"))
    )
    shared = pl.col("first_words").list.set_intersection("later_words").list.len()
    shorter = pl.min_horizontal(pl.col("first_words").list.len(), pl.col("later_words").list.len())
    return told.filter((shared >= SHARED) & (shared >= SHARE * shorter)).select(pairs.columns)


def _evidence(same: pl.DataFrame) -> pl.DataFrame:
    """A sentence of each later ticket; value is how many tickets of the customer lie between, from 1."""
    spans = [_first_thing_said(text) for text in same["said"]]
    return same.select(
        "source",
        pl.col("later_id").alias("ticket_id"),
        "message_id",
        pl.Series("start", [start for start, _ in spans], dtype=pl.Int64),
        pl.Series("end", [end for _, end in spans], dtype=pl.Int64),
        pl.lit(NAME).alias("measure"),
        pl.lit("again").alias("kind"),
        pl.col("step").cast(pl.Float64).alias("value"),
        pl.col("ticket_id").alias("refers_to_ticket"),
        pl.lit(None, dtype=pl.String).alias("refers_to_message"),
        pl.lit(VERSION, dtype=pl.Int64).alias("version"),
    ).cast(EVIDENCE)


def _first_thing_said(text: str) -> tuple[int, int]:
    """The first sentence of a text that is longer than a greeting, else the first."""
    spans = split(text) or [(0, len(text))]
    return next(
        ((start, end) for start, end in spans if len(text[start:end].split()) > GREETING_WORDS), spans[0]
    )


came_back = Across(
    name=NAME,
    title="Came back about the same thing",
    question="How many customers had to write again about what was solved?",
    rule=(
        "Solved tickets whose customer opened another one within {settings.came_back.within_days} days after it was first "
        f"solved, about the same thing: subject and first message of both share {SHARED} content words or more, and "
        f"{SHARE:.0%} of those of the shorter. A ticket counts only when these days have passed; the customer's next {NEXT} "
        "tickets are looked at. A ticket that is opened again is no new ticket: see the reopen rate."
    ),
    leaves_out=(
        "Tickets that were never solved, whose customer is not known, that we opened, that can not be read or were solved "
        "less than {settings.came_back.within_days} days ago, and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="has_come_back",
            title="Came back about the same thing",
            unit="share",
            total="share",
            better="lower",
            about="The customer opened another ticket about the same thing soon after this one was solved.",
            sql_type="BOOLEAN",
            evidence=("again",),
        ),
    ),
    dated_by="first_solved_at",
    final_after_days="{settings.came_back.within_days}",
    facts="""
        SELECT ticket.source, ticket.ticket_id,
            CASE WHEN first_solved_at + to_days({settings.came_back.within_days}) <= moment.as_of AND NOT is_outbound
                    AND ticket.customer_id IS NOT NULL AND heard.is_readable AND heard.count_customer_turns > 0
                THEN again.ticket_id IS NOT NULL END AS has_come_back,
            NOT is_outbound AND coalesce(first_solved_at <= moment.as_of, false) AS is_possible
        FROM tickets_clean ticket CROSS JOIN moment
        LEFT JOIN heard USING (source, ticket_id)
        LEFT JOIN (SELECT DISTINCT source, refers_to_ticket AS ticket_id FROM evidence WHERE measure = 'came_back') again
            USING (source, ticket_id)
        WHERE ticket.left_out IS NULL
    """,
    unlock="Export the tickets with their comments, their customers and when they were solved.",
    version=VERSION,
    prepare=prepare,
    goal="solved",
    opportunity="Each solved ticket of a known customer with a message that can be read, once the days have passed.",
    kinds=(Kind("again", "came back about it"),),
    validity_note=(
        "No labelled rows tell two tickets about the same thing: not validated. The same thing in other words is missed, "
        "and two orders of the same kind may be taken for one."
    ),
)
