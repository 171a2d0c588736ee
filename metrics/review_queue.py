"""The queue of what to check: conversations drawn at random for a column, flagged and unflagged apart.

The order is that of a hash of the column and the conversation, so it is random, the same on every machine, and stays as it
is while people review and data arrive. What was checked counts for the flag that stands now: where a conversation is read
anew, its review stands for as many conversations as were in its stratum when it was drawn for each one checked there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from metrics import registry, reviewed, reviews
from metrics.facts.grains import TABLES
from metrics.measure import Across, Column, Measure, Signal
from metrics.reviewed import Checked
from metrics.reviews import Verdict
from warehouse.errors import HeardError
from warehouse.ledger import ledger_in
from warehouse.rights import Area
from warehouse.settings import Settings
from warehouse.store import Version

StratumName = Literal["flagged", "unflagged"]
STRATA: Final[tuple[StratumName, ...]] = ("flagged", "unflagged")
DRAWN: Final = 1000  # of each stratum; who checks more than that is asked again with a later version
READ_FROM_IDEAS: Final = ("has_suggestion",)  # what says whether a conversation holds an idea at all
_UNITS: Final = {"ticket": "ticket_id", "suggestion": "suggestion_id"}
_SEED: Final = "heard"
_PLACE: Final = f"md5(concat_ws(chr(31), '{_SEED}', ?, source, unit))"


@dataclass(frozen=True)
class Unit:
    """What is asked about: whether a column's reading of a conversation, or of an idea in it, is right."""

    column: str
    source: str
    ticket_id: str
    unit: str  # the conversation's or the idea's id
    stratum: StratumName
    stratum_size: int


def columns(version: Version) -> tuple[tuple[Measure, Column], ...]:
    """The yes-or-no columns that are read from conversations and are in this version's facts."""
    rows = version.query("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main'")
    known = set(rows.rows())
    return tuple(
        (measure, column)
        for measure in registry.discover()
        for column in measure.columns
        if _is_asked(measure, column) and (TABLES[measure.grain], column.name) in known
    )


def _is_asked(measure: Measure, column: Column) -> bool:
    is_heard = (
        isinstance(measure, (Signal, Across)) or bool(column.evidence) or column.name in READ_FROM_IDEAS
    )
    is_flag = column.unit == "share" and column.total == "share" and column.sql_type == "BOOLEAN"
    return is_heard and is_flag and measure.grain in _UNITS


def draw(version: Version, name: str, most: int = DRAWN) -> dict[StratumName, list[Unit]]:
    """The first `most` of each stratum of a column, in the order of the draw. Raises NotAllowed."""
    version.rights.check(Area.REVIEW)
    measure, column = registry.find(name)
    unit = _UNITS[measure.grain]
    rows = version.query(
        f"""
        WITH read AS (
            SELECT source, ticket_id, {unit} AS unit, "{column.name}" AS is_flagged
            FROM {TABLES[measure.grain]} WHERE "{column.name}" IS NOT NULL
        ), sizes AS (SELECT is_flagged, count(*) AS size FROM read GROUP BY ALL)
        SELECT drawn.*, size FROM (
            {" UNION ALL ".join(f"(SELECT * FROM read WHERE {test} ORDER BY {_PLACE}, unit LIMIT ?)" for test in ("is_flagged", "NOT is_flagged"))}
        ) drawn JOIN sizes USING (is_flagged) ORDER BY {_PLACE}, unit
        """,
        [column.name, most, column.name, most, column.name],
    )
    found: dict[StratumName, list[Unit]] = {"flagged": [], "unflagged": []}
    for source, ticket_id, own, is_flagged, size in rows.select(
        "source", "ticket_id", "unit", "is_flagged", "size"
    ).rows():
        stratum: StratumName = "flagged" if is_flagged else "unflagged"
        found[stratum].append(Unit(column.name, source, ticket_id, own, stratum, size))
    return found


def next_unit(
    drawn: Mapping[StratumName, Sequence[Unit]],
    checked: Checked,
    done: Collection[tuple[str, str]],
    skipped: Collection[tuple[str, str]] = (),
) -> Unit | None:
    """The next of a draw to ask about: flagged and unflagged in the proportion that is still missing; None where none is left.

    done, skipped: (source, unit) of what was checked, and of what comes last.
    """
    waiting = {
        name: sorted(
            (one for one in drawn[name] if (one.source, one.unit) not in done),
            key=lambda one: (one.source, one.unit) in skipped,
        )
        for name in STRATA
    }
    flagged_first = 3 * checked.flagged.reviewed <= 2 * checked.unflagged.reviewed
    for name in STRATA if flagged_first else STRATA[::-1]:
        if waiting[name]:
            return waiting[name][0]
    return None


def answer(version: Version, who: str, unit: Unit, verdict: Verdict, note: str | None = None) -> str:
    """Keep what a person said of a unit; what is wrong takes its sentences out of every list. Returns the act.

    Raises Answered where the unit has an answer that stands, HeardError where the verdict does not fit: what was flagged
    is right or wrong, what was not is right or missed.
    """
    if verdict == ("missed" if unit.stratum == "flagged" else "wrong"):
        raise HeardError(
            f"{unit.ticket_id} was {'flagged' if unit.stratum == 'flagged' else 'not flagged'}, so it can not be {verdict}.",
            fix=f"say right or {'wrong' if unit.stratum == 'flagged' else 'missed'}",
        )
    measure = registry.find(unit.column)[0]
    said: list[dict[str, Any]] = [
        {
            "source": unit.source, "ticket_id": unit.ticket_id, "measure": measure.name, "verdict": verdict,
            "column": unit.column, "unit": unit.unit, "stratum": unit.stratum, "stratum_size": unit.stratum_size,
            "version": measure.version, "note": note,
        }
    ]  # fmt: skip
    if verdict == "wrong":
        said += [reviews.said_of(version, place, verdict) for place in sentences_of(version, unit)]
    return reviews.keep(version, who, said)


def sentences_of(version: Version, unit: Unit) -> list[reviews.Place]:
    """The sentences that a unit's reading stands on and that nobody marked wrong; of an idea its own alone."""
    places = reviews.evidence_for(version, unit.column, unit.source, unit.ticket_id)
    if unit.unit == unit.ticket_id:
        return places
    return [one for one in places if f"{one.ticket_id}/{one.message_id}:{one.start}" == unit.unit]


def answered(version: Version) -> dict[str, dict[tuple[str, str], dict[str, Any]]]:
    """What was said of every unit that was drawn: by column, by (source, unit), the row of the ledger."""
    ledger = ledger_in(version.folder)
    found: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for row in ledger.reviews() if ledger else ():
        if row["stratum"] is not None:
            found.setdefault(row["column"], {})[(row["source"], row["unit"])] = row
    return found


def checked(
    version: Version,
    name: str,
    settings: Settings,
    answers: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
) -> Checked:
    """What the random sample says of a column; `answers` are those of `answered`, where they are at hand."""
    measure, column = registry.find(name)
    said = answered(version).get(column.name, {}) if answers is None else answers
    sizes, flags = _flags(version, measure, column, list(said))
    drawn_as = [(row["version"], row["stratum"]) for row in said.values()]
    counts = Counter(drawn_as)
    size_of = {(row["version"], row["stratum"]): row["stratum_size"] for row in said.values()}
    truths: dict[bool, list[bool]] = {True: [], False: []}
    weights: dict[bool, list[float]] = {True: [], False: []}
    for (key, row), group in zip(said.items(), drawn_as, strict=True):
        if key in flags:
            truths[flags[key]].append((row["stratum"] == "flagged") == (row["verdict"] == "right"))
            weights[flags[key]].append(size_of[group] / counts[group])
    flagged, unflagged = (
        reviewed.stratum(sizes[flag], truths[flag], weights[flag]) for flag in (True, False)
    )
    return Checked(column.name, flagged, unflagged, settings.reviews.least)


def _flags(
    version: Version, measure: Measure, column: Column, keys: Sequence[tuple[str, str]]
) -> tuple[dict[bool, int], dict[tuple[str, str], bool]]:
    """How many rows are flagged and not, and how each of these units is read now; one that is no longer read is left out."""
    table, unit = TABLES[measure.grain], _UNITS[measure.grain]
    counted = dict(
        version.query(
            f'SELECT "{column.name}" AS flag, count(*) AS n FROM {table} WHERE "{column.name}" IS NOT NULL GROUP BY ALL'
        ).rows()
    )
    sizes = {flag: int(counted.get(flag, 0)) for flag in (True, False)}
    if not keys:
        return sizes, {}
    rows = version.query(
        f"""
        SELECT source, {unit} AS unit, "{column.name}" AS flag FROM {table}
        JOIN (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS {unit}) asked USING (source, {unit})
        WHERE "{column.name}" IS NOT NULL
        """,
        [list(values) for values in zip(*keys, strict=True)],
    ).rows()
    return sizes, {(source, own): flag for source, own, flag in rows}
