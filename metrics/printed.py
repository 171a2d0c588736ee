"""What was printed once and what it is now: "printed 24 %, now 27 %, because 14 answers arrived since".

With a figure its rows are kept, so that what came, what changed and what went is told exactly and not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from metrics import registry, wording
from metrics.measure import GRAIN_KEYS, Column, Measure
from metrics.tally import Queried
from metrics.totals import Scope, rows_sql, totals
from warehouse.settings import Settings

# What a row more and a value that turned to yes mean: one, many.
Words = tuple[str, str]
MORE: Final[dict[str, Words]] = {
    "csat": ("answer arrived", "answers arrived"),
    "nps": ("answer arrived", "answers arrived"),
    "ces": ("answer arrived", "answers arrived"),
    "response_rate": ("more survey was sent", "more surveys were sent"),
}
TURNED: Final[dict[str, Words]] = {
    "csat": ("rating changed to satisfied", "ratings changed to satisfied"),
    "response_rate": ("answer arrived", "answers arrived"),
    "reopen_rate": ("ticket was opened again", "tickets were opened again"),
}
GONE: Final = {"merged": "merged", "deleted": "deleted", "spam": "marked as spam", "test": "marked as a test"}


@dataclass(frozen=True)
class Printed:
    """A figure as it was printed: `rows` maps the key of each row to its value; null where they were too many to keep."""

    column: str
    scope: Scope
    value: float | None
    n: int
    as_of: str
    printed_at: str
    version: int
    rule: str
    rows: Mapping[str, float] | None


def rows_of(version: Queried, column: str, scope: Scope) -> dict[str, float]:
    """The rows behind a figure: the grain's key, parts joined by a unit separator, and the value."""
    measure, found = registry.find(column)
    keys = ", ".join(f"{name}::VARCHAR" for name in GRAIN_KEYS[measure.grain])
    chosen = f"concat_ws(chr(31), {keys}) AS key, {found.name}::DOUBLE AS value"
    sql, params = rows_sql(scope, measure.grain, measure.dated_by, (), chosen)
    return dict(
        version.query(f"SELECT key, value FROM ({sql}) WHERE value IS NOT NULL ORDER BY key", params).rows()
    )


def explain(version: Queried, settings: Settings, printed: Printed) -> str:
    """What the figure was when it was printed, what it is now, and what has come, changed and gone since."""
    measure, column = registry.find(printed.column)
    row = totals(version, [column.name], printed.scope).row(0, named=True)
    is_same = row["value"] == printed.value
    said = (
        f"{column.title}, {_days(printed.scope)}: printed {_say(printed.value, printed.n, column)}"
        f" as of {printed.as_of[:10]}, {'still' if is_same else 'now'}"
        f" {_say(row['value'], row['n'], column)}"
    )
    reasons = _definition(measure, settings, printed)
    if printed.rows is None:
        reasons += ["its rows were too many to keep, so what came and went is not known"]
    else:
        reasons += _moves(version, measure, printed.rows, rows_of(version, column.name, printed.scope))
    if not reasons:
        return f"{said}: nothing has changed since."
    return f"{said}, {'though' if is_same else 'because'} {_listed(reasons)}."


def _definition(measure: Measure, settings: Settings, printed: Printed) -> list[str]:
    if measure.version != printed.version:
        return [f"its definition changed (version {printed.version} to {measure.version})"]
    if measure.rule_with(settings) != printed.rule:
        return ["its rule or a setting it rests on changed"]
    return []


def _moves(
    version: Queried, measure: Measure, before: Mapping[str, float], now: Mapping[str, float]
) -> list[str]:
    came = [key for key in now if key not in before]
    went = [key for key in before if key not in now]
    both = [key for key in now if key in before and now[key] != before[key]]
    has_yes_and_no = measure.main.total == "share"
    turned = [key for key in both if has_yes_and_no and now[key] > before[key]]
    changed = len(both) - len(turned)
    said = [
        _count(len(came), *MORE.get(measure.name, ("more was measured", "more were measured"))),
        _count(len(turned), *TURNED.get(measure.name, ("turned from no to yes", "turned from no to yes"))),
        _count(changed, "turned from yes to no", "turned from yes to no")
        if has_yes_and_no
        else _count(changed, "changed its value", "changed their values"),
        *_why_gone(version, measure, went),
    ]
    return [words for words in said if words]


def _why_gone(version: Queried, measure: Measure, keys: list[str]) -> list[str]:
    """Rows that are no longer behind the figure: left out since and why, dated elsewhere, or not in the data any more."""
    if not keys:
        return []
    keyed = "string_split(gone.key, chr(31))"
    match GRAIN_KEYS[measure.grain][1]:
        case "ticket_id":
            whole, place = "tickets_clean", f"whole.source = {keyed}[1] AND whole.ticket_id = {keyed}[2]"
        case "rating_id":
            whole, place = "surveys", f"whole.source = {keyed}[1] AND whole.rating_id = {keyed}[2]"
        case _:
            return [_gone("elsewhere", len(keys))]
    rows = version.query(
        "SELECT coalesce(whole.left_out, CASE WHEN whole.source IS NULL THEN 'absent' ELSE 'elsewhere' END) AS reason,"
        f" count(*) AS n FROM (SELECT unnest(?::VARCHAR[]) AS key) gone LEFT JOIN {whole} whole ON {place}"
        " GROUP BY ALL ORDER BY ALL",
        [keys],
    ).rows()
    return [_gone(reason, n) for reason, n in rows]


def _gone(reason: str, n: int) -> str:
    if reason in GONE:
        return _count(n, f"ticket was {GONE[reason]}", f"tickets were {GONE[reason]}")
    if reason == "elsewhere":
        return _count(
            n, "now counts in another period or not at all", "now count in another period or not at all"
        )
    return _count(n, "is no longer in the data", "are no longer in the data")


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}" if n else ""


def _listed(reasons: list[str]) -> str:
    return reasons[0] if len(reasons) == 1 else f"{', '.join(reasons[:-1])} and {reasons[-1]}"


def _say(value: float | None, n: int, column: Column) -> str:
    return f"{wording.say(value, column.unit)} (n = {n:,})"


def _days(scope: Scope) -> str:
    start = scope.date_from.isoformat() if scope.date_from else "the beginning"
    return f"{start} to {scope.date_to.isoformat() if scope.date_to else 'the end'}"
