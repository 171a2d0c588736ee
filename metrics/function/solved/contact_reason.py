"""Contact reason: what customers write about, as themes that the data themselves name and that stay from week to week."""

from __future__ import annotations

from typing import Final

import polars as pl

from metrics.measure import Across, Column, Kind
from metrics.text import themes
from metrics.text.said import evidence
from metrics.text.themes import Themes
from warehouse.settings import Settings
from warehouse.store import Connection, insert, query

NAME: Final = "contact_reason"
VERSION: Final = 1
SAMPLE: Final = 20_000  # conversations that themes are found in, however many there are
FEWEST: Final = 200  # conversations that can be read: fewer have no themes
GROWN: Final = 4  # times as many conversations as the themes were found in: they are found anew
BATCH: Final = 15_000
ELSE: Final = "something else"  # enough words, and close to no theme

_KEPT: Final = """
CREATE TABLE IF NOT EXISTS themes (theme BIGINT, name VARCHAR, wanted BIGINT, edition BIGINT, count_known BIGINT);
CREATE TABLE IF NOT EXISTS theme_words (word VARCHAR, rarity DOUBLE, weights DOUBLE[])
"""
# The subject, the tags and the first thing that the customer of each readable conversation wrote, with the place of both.
_FIRST: Final = """
FROM heard JOIN tickets_clean ticket USING (source, ticket_id)
JOIN (SELECT source, ticket_id, arg_min(message_id, turn) AS message_id FROM turn_index
    WHERE role = 'customer' AND turn IS NOT NULL GROUP BY ALL) opening USING (source, ticket_id)
JOIN turns said USING (source, ticket_id, message_id)
WHERE heard.is_readable AND ticket.left_out IS NULL
"""
_TEXT: Final = f"""
SELECT heard.source, heard.ticket_id, said.message_id, coalesce(left(said.text, {themes.MOST_CHARACTERS}), '') AS said,
    concat_ws(' ', ticket.subject, replace(array_to_string(ticket.tags, ' '), '_', ' '), said) AS text {_FIRST}
"""


def prepare(connection: Connection, settings: Settings) -> None:
    """Give each readable conversation its reason (heard.contact_reason) and the word that speaks most for it (evidence).

    Themes are found where there are none, where heard.toml asks for others, or where the conversations have grown
    manifold; else only what is new is told to one of those that are there. At most SAMPLE conversations, chosen by the
    hash of their ids, teach; all others come in batches, so that memory does not grow with their number.
    """
    connection.execute(_KEPT)
    count = int(query(connection, "SELECT count(*) FROM heard WHERE is_readable").item())
    if count < FEWEST and not _known(connection):
        return
    if _is_due(connection, settings, count):
        _find(connection, settings, count)
    _tell(connection, _stored(connection))


def _known(connection: Connection) -> bool:
    return bool(query(connection, "SELECT count(*) FROM themes").item())


def _is_due(connection: Connection, settings: Settings, count: int) -> bool:
    rows = query(connection, "SELECT wanted, edition, count_known FROM themes LIMIT 1").rows()
    asked = (settings.contact_reasons.themes, settings.contact_reasons.edition)
    return not rows or rows[0][:2] != asked or count >= GROWN * rows[0][2]


def _find(connection: Connection, settings: Settings, count: int) -> None:
    """Find themes in a sample and forget what conversations were told before."""
    sample = query(
        connection,
        f"{_TEXT} ORDER BY hash(heard.source, heard.ticket_id), heard.source, heard.ticket_id LIMIT {SAMPLE}",
    )
    wanted, edition = settings.contact_reasons.themes, settings.contact_reasons.edition
    found = themes.fit(sample, wanted, _stored(connection))
    connection.execute("DELETE FROM themes")
    connection.execute("DELETE FROM theme_words")
    kept = {"theme": range(len(found.names)), "name": found.names}
    insert(
        connection,
        "themes",
        pl.DataFrame(kept, schema={"theme": pl.Int64, "name": pl.String}).with_columns(
            wanted=pl.lit(wanted), edition=pl.lit(edition), count_known=pl.lit(count)
        ),
    )
    insert(connection, "theme_words", themes.as_rows(found))
    connection.execute("UPDATE heard SET contact_reason = NULL WHERE contact_reason IS NOT NULL")
    connection.execute(f"DELETE FROM evidence WHERE measure = '{NAME}'")


def _stored(connection: Connection) -> Themes:
    names = query(connection, "SELECT name FROM themes ORDER BY theme")["name"].to_list()
    return themes.from_rows(tuple(names), query(connection, "SELECT * FROM theme_words"))


def _tell(connection: Connection, found: Themes) -> None:
    """Tell each conversation without a reason which theme it is closest to."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE reasons (source VARCHAR, ticket_id VARCHAR, reason VARCHAR)"
    )
    reader = connection.cursor().sql(f"{_TEXT} AND heard.contact_reason IS NULL").to_arrow_reader(BATCH)
    for batch in reader:
        part = pl.DataFrame(batch)
        told = pl.concat([part, themes.nearest(part, found)], how="horizontal")
        has_words = pl.col("text").str.count_matches(r"\p{L}{3,}") >= themes.NAMED_BY
        reason = pl.col("theme").fill_null(pl.lit(ELSE))
        insert(connection, "reasons", told.filter(has_words).select("source", "ticket_id", reason=reason))
        named = told.filter(pl.col("word").is_not_null())
        places = pl.concat([named, themes.where(named["said"], named["word"])], how="horizontal")
        spans = places.filter(pl.col("start").is_not_null())
        insert(connection, "evidence", evidence(spans, NAME, VERSION, kind="reason"))
    connection.execute(
        "UPDATE heard SET contact_reason = reasons.reason FROM reasons "
        "WHERE heard.source = reasons.source AND heard.ticket_id = reasons.ticket_id"
    )
    connection.execute("DROP TABLE reasons")


contact_reason = Across(
    name=NAME,
    title="Contact reason",
    question="What do customers write about, and with which mood do they come?",
    rule=(
        "Themes are found in subjects, tags and first messages (TF-IDF and non-negative matrix factorisation over at most "
        f"{SAMPLE:,} conversations) and named by the words that speak most for them. Each conversation belongs to the theme "
        f'it is closest to, or to "{ELSE}". Themes stay as they are; they are found anew when contact_reasons.edition or '
        f".themes in heard.toml is changed, or when there are {GROWN} times as many conversations; those that resemble one "
        "before keep its name. Any figure can be split by contact_reason."
    ),
    leaves_out=(
        "Conversations in a language that can not be read or with too few words, and stores with fewer than "
        f"{FEWEST} conversations that can be read."
    ),
    columns=(
        Column(
            name="has_contact_reason",
            title="Contact reason known",
            unit="share",
            total="share",
            better="neither",
            about=f'The conversation is close to a theme, and not "{ELSE}"; of those that can be read.',
            sql_type="BOOLEAN",
            evidence=("reason",),
        ),
    ),
    dated_by="created_at",
    facts=f"""
        SELECT heard.source, heard.ticket_id,
            CASE WHEN contact_reason IS NOT NULL THEN contact_reason <> '{ELSE}' END AS has_contact_reason
        FROM heard WHERE heard.is_readable AND heard.count_customer_turns > 0
    """,
    version=VERSION,
    prepare=prepare,
    goal="solved",
    opportunity="Each conversation with a customer's message that can be read.",
    kinds=(Kind("reason", "speaks for the contact reason", is_quiet=True),),
    validity_note="Themes are found, not given: no labelled rows say which are right. Read some of each before you rely on one.",
)
