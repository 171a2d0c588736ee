"""What the contrast asks of the totals: the questions, their columns, and all of it for a period in one go.

A page and a digest tell the same figures several times over: in the ledger, the headline, the findings and the corners.
`prepare` asks for all of them together; `totals` then hands them out. What was not prepared is asked for by itself, so
that preparing changes how long something takes and never what it says.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from weakref import WeakKeyDictionary

import polars as pl

from metrics import registry, ripening, validity
from metrics.measure import Column, Measure
from metrics.totals import Ask, Scope, named, totals_together
from metrics.validity import Precision
from warehouse.store import Version

# Question, goal, columns of the scores, columns of the conversations. A column whose measure is not there is left
# out, and a pair that then lacks one side is not shown: half a comparison is none.
QUESTIONS: Final[tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("Are they satisfied?", "trust", ("csat",), ("left_better", "left_worse")),
    ("Would they recommend us?", "trust", ("nps",), ("said_would_recommend", "would_warn_others")),
    ("Were we fast?", "trust", ("first_reply_time",), ("longest_wait", "has_chased")),
    ("Is it solved?", "solved", ("resolution_time", "reopen_rate"), ("is_ended_confirmed", "has_come_back")),
    ("Was it easy?", "solved", ("handle_time", "one_touch_rate"), ("is_made_to_repeat",)),
    ("Did they tell us what they think?", "heard", ("response_rate",), ("has_suggestion", "is_unheard")),
)
# One figure for each thing that can move: left better and left worse are two ends of one, so the shift stands for both.
LOOKED_AT: Final = (
    "csat",
    "nps",
    "response_rate",
    "first_reply_time",
    "resolution_time",
    "handle_time",
    "reopen_rate",
    "one_touch_rate",
    "mood_shift",
    "left_worse",
    "said_would_recommend",
    "would_warn_others",
    "is_unheard",
    "longest_wait",
    "is_ended_confirmed",
    "is_made_to_repeat",
    "has_words_of_leaving",
    "looks_fine_isnt",
)
# What places a group in a corner (metrics/contrast/quadrant.py).
PLACED_BY: Final = ("is_satisfied", "is_csat_answered", "mood_shift")
GROUPED_BY: Final = "team"
WEEKS_SHOWN: Final = 13
KEPT: Final = 40  # totals of a version that are kept, about eight periods

# By version, so that what was kept of one goes with it. A published version never changes.
_kept: WeakKeyDictionary[Version, dict[Hashable, pl.DataFrame]] = WeakKeyDictionary()
_keeping = threading.Lock()
_checked: WeakKeyDictionary[Version, Precision] = WeakKeyDictionary()


def told(version: Version, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the measures and columns that may stand on home, in the digest and in views of teams.

    A name that is not there stays out, and so does every experimental measure (metrics/validity.py); what people reviewed
    counts where `check` was told of it.
    """
    return validity.trusted(names, _checked.get(version))


def check(version: Version, precision: Precision) -> None:
    """Let what people reviewed of these data decide which signals about agents' turns may be told of them."""
    _checked[version] = precision


def looked_at(names: Iterable[str]) -> dict[str, tuple[Measure, Column]]:
    """Those of the names whose measure is there, with its measure and column; a measure's name means its main one."""
    return {name: registry.find(name) for name in names if name in registry.names()}


def prepare(version: Version, scope: Scope, before: Scope | None, by: str = GROUPED_BY) -> None:
    """Ask for all that the contrast tells of a scope, so that what is told next need not ask again."""
    before = ripening.same_age(version, scope, before) if before else None
    wanted: list[Ask] = [
        (scope, ()),
        (scope, (GROUPED_BY,)),
        (scope, (by,)),
        (by_week_scope(scope), ("week",)),
    ]
    if before:
        wanted += [(before, ()), (before, (GROUPED_BY,))]
    kept = _kept.get(version, {})
    bare = _key(*wanted[3], is_bare=True)  # of the weeks beside a figure only the values are drawn
    keys = {bare if place == 3 else _key(*one): one for place, one in enumerate(wanted)}
    missing = {key: one for key, one in keys.items() if key not in kept}
    if not missing:
        return
    places = [place for place, key in enumerate(missing) if key == bare]
    frames = totals_together(version, _pairs(), list(missing.values()), bare=places)
    with _keeping:
        known = {**_kept.get(version, {}), **dict(zip(missing, frames, strict=True))}
        _kept[version] = dict(list(known.items())[-KEPT:])


def totals(
    version: Version, columns: Sequence[str], scope: Scope, by: Sequence[str] = (), *, is_bare: bool = False
) -> pl.DataFrame:
    """`metrics.totals.totals` of these columns, from what was prepared where that holds them all."""
    return each(version, columns, [(scope, by)], bare=(0,) if is_bare else ())[0]


def each(
    version: Version, columns: Sequence[str], wanted: Sequence[Ask], *, bare: Collection[int] = ()
) -> list[pl.DataFrame]:
    """`totals` of several scopes and groups; what was not prepared is asked for together."""
    kept = _kept.get(version, {})
    keys = [_key(*one, is_bare=place in bare) for place, one in enumerate(wanted)]
    prepared = {column.name for _, column in _pairs()}
    if not set(columns) <= prepared or not all(key in kept for key in keys):
        return totals_together(version, named(columns), wanted, bare=bare)
    return [
        pl.concat(
            [
                kept[key].clear(),
                *(kept[key].filter(pl.col("column") == name) for name in dict.fromkeys(columns)),
            ]
        )
        for key in keys
    ]


def by_week_scope(scope: Scope) -> Scope:
    """The weeks that stand beside a figure: back from the last day of the scope, so that even one has its history."""
    earliest = scope.date_to - timedelta(weeks=WEEKS_SHOWN) + timedelta(days=1) if scope.date_to else None
    starts = [day for day in (scope.date_from, earliest) if day is not None]
    return replace(scope, date_from=min(starts) if scope.date_from and starts else None)


def _pairs() -> list[tuple[Measure, Column]]:
    """All that is asked about, each column once."""
    names = [name for _, _, scores, talk in QUESTIONS for name in (*scores, *talk)]
    found = {pair[1].name: pair for pair in looked_at([*names, *LOOKED_AT, *PLACED_BY]).values()}
    return [pair for pair in found.values() if pair[1].total is not None]


def _key(scope: Scope, by: Sequence[str], *, is_bare: bool = False) -> Hashable:
    where = tuple(sorted((name, tuple(values)) for name, values in scope.where.items()))
    return (
        scope.date_from,
        scope.date_to,
        where,
        scope.known_at,
        scope.without,
        scope.rules,
        tuple(by),
        is_bare,
    )
