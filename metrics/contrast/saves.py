"""Best saves: conversations that began unhappy or with leaving and ended pleased, and what was said between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from metrics import registry
from metrics.contrast import asked
from metrics.contrast.difference import LEVEL, Estimate, difference, estimate
from metrics.contrast.holders import without_corrected
from metrics.contrast.save_endings import Ending, ended_well, endings
from metrics.many_quotes import said
from metrics.mask import mask
from metrics.quotes import Key, Quote
from metrics.reviews import standing
from metrics.text.lexicons import cues_in_force
from metrics.totals import Scope, rows_sql, totals
from warehouse.rights import Area
from warehouse.store import Version

COLUMN: Final = "is_turned_around"
# What an agent may have said between, of which the sentences are shown: measure and kind.
BETWEEN: Final = (
    ("mirroring", "labeling"),
    ("mirroring", "mirroring"),
    ("empathy", "empathy"),
    ("apology", "specific"),
    ("ownership", "owned"),
    ("promise", "made"),
    ("exit_wish", "honoured"),
    ("wait_announced", "announced"),
)
FORMULAS: Final = "scripted"  # the lexicon of what every desk writes
MOST_BETWEEN: Final = 2  # sentences of a conversation that are shown
LOOKED_AT: Final = 200  # conversations whose end is read at a time


@dataclass(frozen=True)
class Said:
    """What was said in a conversation: how it began, an agent's sentences between with their signs, how it ended."""

    began: Quote | None
    between: tuple[tuple[str, str], ...]  # the sign in words, the sentence
    ended: Quote | None


@dataclass(frozen=True)
class Leader:
    """The team that turned most around, against all others together."""

    team: str
    own: Estimate
    others: Estimate


def saves(version: Version, scope: Scope, limit: int = 6) -> pl.DataFrame:
    """The conversations that were turned around: those whose customers said they'd recommend us first, then the widest way.

    Listed are those whose end tells it: with a pleased sentence after our answer, and last words that are not unhappy.
    Columns: source, ticket_id, customer_id, name (of the customer, else the id), team, channel, ended_on,
    mood_on_arrival, mood_after_answer, has_words_of_leaving, said_would_recommend, count_replies, longest_wait_minutes,
    count_all (turned around, listed or not). Raises NotAllowed.
    """
    version.rights.check(Area.CUSTOMERS)
    found = _turned_around(version, scope, LOOKED_AT, 0)
    listed = _ended_well(version, found).head(max(0, limit))
    offset = LOOKED_AT
    # Most ended well, so that the first ones nearly always are enough.
    while found.height == LOOKED_AT and listed.height < limit:
        found = _turned_around(version, scope, LOOKED_AT, offset)
        listed = pl.concat([listed, _ended_well(version, found)]).head(limit)
        offset += LOOKED_AT
    return listed


def _turned_around(version: Version, scope: Scope, limit: int, offset: int) -> pl.DataFrame:
    """The rows of `saves` from a place on, whatever their end says."""
    columns = (
        "source, ticket_id, customer_id, team, channel, ended_on, mood_on_arrival, mood_after_answer,"
        " has_words_of_leaving, said_would_recommend, count_replies, longest_wait_minutes"
    )
    chosen, values = rows_sql(scope, "ticket", "ended_at", (), f"{columns}, {COLUMN}")
    stands, wrong = without_corrected(version, COLUMN)
    order = (
        "coalesce(said_would_recommend, false) DESC, round(mood_after_answer - mood_on_arrival, 6) DESC NULLS LAST,"
        " ended_on DESC, source, ticket_id"
    )
    return version.query(
        f"""
        WITH listed AS (
            SELECT {columns}, count(*) OVER () AS count_all FROM ({chosen}) WHERE {COLUMN} AND {stands}
            ORDER BY {order} LIMIT {limit} OFFSET {offset})
        SELECT listed.*, coalesce(people.name, customer_id) AS name
        FROM listed LEFT JOIN people ON people.source = listed.source AND people.person_id = customer_id ORDER BY {order}
        """,
        [*values, *wrong],
    )


def _ended_well(version: Version, rows: pl.DataFrame) -> pl.DataFrame:
    """Of these rows those whose end tells that it went well."""
    keys: list[Key] = list(rows.select("source", "ticket_id").iter_rows())
    ended = pl.DataFrame(sorted(ended_well(version, keys)), ["source", "ticket_id"], orient="row")
    return rows.join(ended.cast(pl.String()), on=["source", "ticket_id"], how="semi", maintain_order="left")


def words(version: Version, rows: pl.DataFrame) -> dict[Key, Said]:
    """What was said in each of these rows of `saves`, without sentences that a person marked wrong."""
    keys: list[Key] = list(rows.select("source", "ticket_id").iter_rows())
    began = {
        (row["source"], row["ticket_id"]): "has_words_of_leaving"
        if row["has_words_of_leaving"]
        else "mood_on_arrival"
        for row in rows.iter_rows(named=True)
    }
    found = said(version, [(*key, column) for key, column in began.items()])
    ended = endings(version, keys)
    between = _between(version, keys, ended)
    return {
        key: Said(
            found.get((*key, began[key])), between.get(key, ()), ended[key].quote if key in ended else None
        )
        for key in keys
    }


def _between(
    version: Version, keys: Sequence[Key], ended: Mapping[Key, Ending]
) -> dict[Key, tuple[tuple[str, str], ...]]:
    """The first sentences of agents before the end that carry one of the signs, each sentence once with the first of its signs.

    Formulas of desks everywhere, and lines that went to other customers too, turned nobody round and are left out.
    """
    if not keys:
        return {}
    stands, gone = standing(version)
    tickets = ", ".join("?" for _ in keys)
    rows = version.query(
        f"""
        WITH {stands},
        wanted AS (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS ticket_id),
        signs AS (SELECT unnest(?::VARCHAR[]) AS measure, unnest(?::VARCHAR[]) AS kind, unnest(?::BIGINT[]) AS place)
        SELECT e.source, e.ticket_id, e.measure, e.kind, coalesce(t.position, 0) AS position,
            trim(substring(t.text, e."start" + 1, e."end" - e."start")) AS quote
        FROM standing e SEMI JOIN wanted USING (source, ticket_id) JOIN signs USING (measure, kind)
        JOIN turns t ON t.source = e.source AND t.ticket_id = e.ticket_id AND t.message_id = e.message_id
        WHERE t.role <> 'customer' AND e.ticket_id IN ({tickets}) AND t.ticket_id IN ({tickets}) AND e.measure IN ({", ".join("?" for _ in BETWEEN)})
            AND NOT regexp_matches(lower(replace(quote, '\u2019', '''')), ?)
            AND NOT EXISTS (FROM standing s WHERE s.source = e.source AND s.ticket_id = e.ticket_id
                AND s.message_id = e.message_id AND s.measure = 'scripted' AND s."start" < e."end" AND s."end" > e."start")
        QUALIFY row_number() OVER (PARTITION BY e.source, e.ticket_id, e.message_id, e."start" ORDER BY place) = 1
        ORDER BY e.source, e.ticket_id, place, t.created_at, e.message_id, e."start"
        """,
        [
            *gone,
            *(list(part) for part in zip(*keys, strict=True)),
            *(list(part) for part in zip(*((*one, n) for n, one in enumerate(BETWEEN)), strict=True)),
            *(ticket for _, ticket in keys),
            *(ticket for _, ticket in keys),
            *(measure for measure, _ in BETWEEN),
            "|".join(f"(?:{cue.pattern})" for cue in cues_in_force((FORMULAS,))),
        ],
    )
    in_words = {key: kind.words for key, kind in registry.kinds().items()}
    told: dict[Key, list[tuple[str, str]]] = {}
    for row in rows.iter_rows(named=True):
        key = (row["source"], row["ticket_id"])
        if key in ended and row["position"] > ended[key].position:
            continue
        own = told.setdefault(key, [])
        quote = mask(row["quote"]) if version.rights.is_masked else row["quote"]
        if len(own) < MOST_BETWEEN and quote not in [text for _, text in own]:
            own.append((in_words[row["measure"], row["kind"]], quote))
    return {key: tuple(own) for key, own in told.items()}


def leader(version: Version, scope: Scope, least: int) -> Leader | None:
    """The team with the highest share turned around, where it lies above all others together beyond noise.

    Every team of at least `least` conversations was looked at, so the chance is held against a level divided by their
    number (Bonferroni). None where there is no such team, fewer than two, or the signal may not be told.
    """
    if not asked.told(version, [COLUMN]) or "team" in scope.where:
        return None
    by_team = asked.totals(version, [COLUMN], scope, ["team"]).filter(
        pl.col("team").is_not_null() & pl.col("value").is_not_null()
    )
    drawn = by_team.filter(pl.col("n") >= least).sort("value", "team", descending=[True, False])
    if drawn.height < 2:
        return None
    best = drawn.row(0, named=True)
    others = tuple(team for team in by_team["team"] if team != best["team"])
    rest = totals(version, [COLUMN], replace(scope, where={**scope.where, "team": others}))
    own, other = estimate(best), estimate(rest.row(0, named=True) if rest.height else None)
    found = difference(own, other)
    if found is None or found.low <= 0 or found.chance > LEVEL / drawn.height:
        return None
    return Leader(best["team"], own, other)
