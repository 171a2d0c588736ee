"""Totals over a million made-up ticket facts, beside the same aggregates written by hand without intervals."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

from metrics.facts import sample
from metrics.measure import Column, Measure, Total
from metrics.totals import Scope, totals_of
from warehouse.store import Version, connect

COUNT_SHARES, COUNT_MEANS, COUNT_NETS, COUNT_MEDIANS = 16, 5, 1, 3
RUNS = 5

# 26 weeks and 12 teams; a customer has three to four tickets; a fifth of each column is not measured.
FACTS = """
CREATE TABLE ticket_facts AS
SELECT DATE '2026-05-18' + (hash(i) % 182)::INT AS ended_on, ended_on AS created_on, 'team ' || (hash(i, 1) % 12) AS team,
    (['email', 'chat', 'web', 'voice'])[1 + (hash(i, 2) % 4)::INT] AS channel, hash(hash(i, 3) % {customers}) AS cluster,
    {columns}
FROM range({count}) rows(i) ORDER BY ended_on
"""


def _columns() -> list[tuple[str, str, Total]]:
    """Name, made-up SQL and total of each column."""
    shares = [(f"is_share_{k}", f"hash(i, {10 + k}) % 5 = 0", "share") for k in range(COUNT_SHARES)]
    means = [
        (f"mean_{k}", f"(hash(i, {40 + k}) % 2001)::DOUBLE / 1000 - 1", "mean") for k in range(COUNT_MEANS)
    ]
    nets = [(f"net_{k}", f"(hash(i, {60 + k}) % 3)::INT - 1", "net") for k in range(COUNT_NETS)]
    medians = [
        (f"minutes_{k}", f"(hash(i, {70 + k}) % 1000000)::DOUBLE / 100", "median")
        for k in range(COUNT_MEDIANS)
    ]
    return [*shares, *means, *nets, *medians]  # type: ignore[list-item]


def _by_hand(columns: list[tuple[str, str, Total]]) -> str:
    """The same aggregates as one query: no interval, no clustering."""
    terms = []
    for name, _, total in columns:
        terms.append(f"count({name})")
        terms.append(f"median({name})" if total == "median" else f"avg({name}::DOUBLE)")
    return f"SELECT date_trunc('week', ended_on) AS week, team, {', '.join(terms)} FROM ticket_facts GROUP BY ALL"


def totals_row(count: int) -> dict[str, Any]:
    """25 columns by week and team over `count` rows: milliseconds with intervals, and those of the bare query."""
    columns = _columns()
    connection = connect()
    made = ", ".join(
        f"CASE WHEN hash(i, {100 + k}) % 5 > 0 THEN {sql} END AS {name}"
        for k, (name, sql, _) in enumerate(columns)
    )
    connection.execute(FACTS.format(count=int(count), customers=max(1, int(count) * 3 // 10), columns=made))
    sample.draw(connection, "ticket")
    measure = Measure(
        name="made_up", title="", question="", rule="", leaves_out="", grain="ticket", dated_by="ended_at", facts="",
        columns=tuple(
            Column(name=name, title=name, unit="count", total=total, better="neither", about="") for name, _, total in columns
        ),
    )  # fmt: skip
    pairs = [(measure, column) for column in measure.columns]
    version, by_hand = Version("made up", connection), _by_hand(columns)
    grouped = _milliseconds(lambda: totals_of(version, pairs, Scope(), ("week", "team")))
    plain = _milliseconds(lambda: totals_of(version, pairs, Scope()))
    period = _milliseconds(
        lambda: totals_of(version, pairs, Scope(date(2026, 9, 1), date(2026, 9, 30)), ("team",))
    )
    bare = _milliseconds(lambda: version.query(by_hand))
    connection.close()
    return {
        "what": f"{len(pairs)} totals with intervals by week and team, {count:,} tickets",
        "value": round(grouped),
        "unit": "ms",
        "without_intervals_ms": round(bare),
        "ratio": round(grouped / bare, 2),
        "without_groups_ms": round(plain),
        "one_month_by_team_ms": round(period),
    }


def _milliseconds(call: Callable[[], object]) -> float:
    """The median of several runs, after one to warm up."""
    call()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return median(times)
