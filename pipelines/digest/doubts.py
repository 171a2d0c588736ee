"""What to doubt this week: few rows, weeks that are cut or still ripen, changed definitions, loads, models, unchecked reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from metrics import registry, review_figures, ripening
from metrics.contrast import asked, predicted
from metrics.contrast.pairs import Figure, Pair
from metrics.left_empty import left_empty
from metrics.totals import Scope
from pipelines.digest.dates import say_day
from pipelines.digest.stands_on import as_of_day
from warehouse.ledger import ledger_in
from warehouse.settings import Settings
from warehouse.store import Version

ASSOCIATION: Final = "Association is shown, never a cause."
NOT_CHECKED: Final = (
    "What conversations show is read by rules and models, not by people, and has not been checked on your own "
    f"conversations. {ASSOCIATION}"
)
PROMISES: Final = "share_promises_broken"


def doubts(
    version: Version, pairs: Sequence[Pair], settings: Settings, scope: Scope, first: date
) -> tuple[str, ...]:
    """What to keep in mind about a week; the last line says how far the readings were checked on these data."""
    figures = {figure.column: figure for pair in pairs for figure in (*pair.scores, *pair.conversations)}
    lines = [
        *_few(list(figures.values()), settings.display.too_few),
        *_cut(
            version,
            scope,
            first,
            has_rates=any(one.n >= settings.display.too_few for one in figures.values()),
        ),
        *_redefined(version, settings, list(figures), scope),
        *_refused(version),
        *_untold(version),
        _checked(version, settings, [column for pair in pairs for column in _columns(pair)]),
    ]
    return tuple(lines)


def doubts_of_all(version: Version, pairs: Sequence[Pair], settings: Settings) -> tuple[str, ...]:
    """What to keep in mind about all of the data together, without a week; the last line is that of `doubts`."""
    figures = [figure for pair in pairs for figure in (*pair.scores, *pair.conversations)]
    return (
        *_few(figures, settings.display.too_few, "in these data"),
        *_refused(version),
        *_untold(version),
        _checked(version, settings, [column for pair in pairs for column in _columns(pair)]),
    )


def _columns(pair: Pair) -> list[str]:
    return [figure.column for figure in pair.conversations]


def _few(figures: Sequence[Figure], too_few: int, when: str = "this week") -> list[str]:
    small = sum(0 < figure.n < too_few for figure in figures)
    missing = [figure.title for figure in figures if figure.n == 0]
    if small + len(missing) == len(figures):
        return [f"Fewer than {too_few} conversations stand behind each figure {when}, so no rate is shown."]
    # Where there are too few of some figures, the ledger says so beside each.
    return [f"Not measured {when}: {', '.join(missing)}."] if missing else []


def _cut(version: Version, scope: Scope, first: date, *, has_rates: bool) -> list[str]:
    """What a week lacks at its ends, within it, and what may still come, where there are rates that it would change."""
    monday, sunday = scope.date_from, scope.date_to
    assert monday is not None and sunday is not None
    until = as_of_day(version)
    lines = []
    if first > monday:
        lines.append(f"The week is cut: the data begin on {say_day(first)}.")
    elif monday - timedelta(days=7) < first < monday:
        lines.append(f"The week before may be cut: the data begin on {say_day(first)}.")
    if until and until < sunday:
        lines.append(
            f"The week is cut: the data end on {say_day(until)}. It is compared with the same days of the week before."
        )
    elif (
        has_rates
        and until
        and not all(ripening.is_final(version, name, scope) for name in ripening.known(version).ripenings)
    ):
        lines.append(
            f"The data end on {say_day(until)}: answers to this week's surveys and reopenings may still come in, so these"
            " figures are not final, and the week before is told as it was known at the same age."
        )
    empty = left_empty(version, monday, min(sunday, until or sunday))
    if empty:
        days = ", ".join(say_day(day) for day in empty)
        lines.append(
            f"Nothing came in on {days}, though those weekdays always brought conversations in the four weeks before:"
            " an export may be missing."
        )
    return lines


def _redefined(version: Version, settings: Settings, columns: Sequence[str], scope: Scope) -> list[str]:
    """Figures whose definition is another than when a digest of an earlier week printed them last."""
    ledger = ledger_in(version.folder)
    changed = []
    for name in columns if ledger else ():
        assert ledger is not None
        measure, column = registry.find(name)
        earlier = [one for one in ledger.printed(name) if _is_before(one["scope"], scope)]
        last = max(earlier, key=lambda one: (json.loads(one["scope"])["to"], one["printed_at"]), default=None)
        if last and (last["version"], last["rule"]) != (measure.version, measure.rule_with(settings)):
            changed.append(column.title)
    if not changed:
        return []
    verb = "is" if len(changed) == 1 else "are"
    return [
        f"Counted by another rule than in the last digest: {', '.join(changed)}. Both weeks {verb} told by the new one."
        if len(changed) > 1
        else f"Counted by another rule than in the last digest: {changed[0]}. Both weeks are told by the new one."
    ]


def _is_before(written: str, scope: Scope) -> bool:
    until = json.loads(written)["to"]
    return bool(until and scope.date_from and date.fromisoformat(until) < scope.date_from)


def _refused(version: Version) -> list[str]:
    """Rows that could not be read, of the last load of each file."""
    rows = version.query(
        "SELECT file, count_refused, count_read FROM loads QUALIFY row_number() OVER"
        " (PARTITION BY file ORDER BY loaded_at DESC) = 1 AND count_refused > 0 ORDER BY count_refused DESC, file"
    ).rows()
    if not rows:
        return []
    refused = sum(row[1] for row in rows)
    names = ", ".join(str(row[0]) for row in rows[:3]) + (
        f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    )
    row = "row" if refused == 1 else "rows"
    return [
        f"{refused:,} {row} could not be read when the data were loaded, of {names}; they are in no figure."
    ]


def _untold(version: Version) -> list[str]:
    """What a reader might look for and why it is not there."""
    lines = []
    if not asked.told(version, [PROMISES]):
        lines.append(
            "Broken promises are not told: that reading is about agents' turns and was not checked on your data."
        )
    state = predicted.reliability(version)
    if not state.is_on:
        lines.append(
            "Satisfaction of those who did not answer is not predicted: too little is rated to learn from."
        )
    return lines


def _checked(version: Version, settings: Settings, columns: Sequence[str]) -> str:
    """How many of the ledger's readings were checked by people on these data."""
    known = review_figures.checks(version, settings, set(columns))
    if not any(one.reviewed for one in known.values()):
        return NOT_CHECKED
    done = [registry.find(name)[1].title for name, one in known.items() if one.is_checked]
    which = f": {', '.join(done)}" if done else ""
    return (
        f"Of {len(known):,} readings in the ledger {len(done):,} {'was' if len(done) == 1 else 'were'} checked often enough on"
        f" your own conversations{which}. {ASSOCIATION}"
    )
