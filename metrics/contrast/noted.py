"""What people note on time charts (a release, a policy, an announced change), with contacts, mood and exits around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

from metrics import entered
from metrics.contrast import asked
from metrics.contrast.difference import Difference, Estimate, difference, estimate, holm
from metrics.measure import Column
from metrics.totals import Scope, totals
from warehouse.errors import HeardError
from warehouse.ledger import Entry
from warehouse.store import Version

KIND: Final = "annotation"
LONGEST: Final = 200
DAYS: Final = 28  # on either side of the day
CONTACTS: Final = "count_tickets"
AROUND: Final = (
    CONTACTS,
    "mood_on_arrival",
    "left_worse",
    "has_exit_wish",
    "has_words_of_leaving",
    "has_come_back",
)


@dataclass(frozen=True)
class Annotation:
    """A day with its words, and whom it concerns: values of dimensions, none for everybody."""

    day: date
    text: str
    where: Mapping[str, tuple[str, ...]]
    entry: Entry


@dataclass(frozen=True)
class Around:
    """A figure in the days before and from the day on; difference is null where it has no interval (contacts)."""

    column: Column
    before: Estimate
    after: Estimate
    difference: Difference | None
    is_beyond_noise: bool  # corrected for all figures of this annotation looked at together


def noted(version: Version) -> tuple[Annotation, ...]:
    """Every annotation that stands, by day."""
    found = [
        Annotation(
            date.fromisoformat(one.fields["day"]),
            one.fields["text"],
            {name: tuple(values) for name, values in one.fields["where"].items()},
            one,
        )
        for one in entered.standing(version, KIND).values()
        if one.fields
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.entry.entry_id)))


def annotate(version: Version, day: date, text: str, where: Mapping[str, tuple[str, ...]], who: str) -> Entry:
    """Note what happened on a day. Raises NotAllowed, and HeardError where there are no words or too many."""
    words = " ".join(text.split())
    if not words or len(words) > LONGEST:
        raise HeardError(
            "An annotation needs words."
            if not words
            else f"{len(words)} characters are too many for a chart.",
            fix=f"say in up to {LONGEST} characters what happened",
        )
    fields = {
        "day": day.isoformat(),
        "text": words,
        "where": {name: list(values) for name, values in where.items()},
    }
    return entered.keep(version, KIND, f"{day.isoformat()} {uuid4().hex[:8]}", fields, who)


def remove(version: Version, annotation: Annotation, who: str) -> Entry:
    """Remove an annotation; undoing the entry returned brings it back. Raises NotAllowed."""
    return entered.keep(version, KIND, annotation.entry.subject, None, who)


def around(version: Version, annotation: Annotation, as_of: date, days: int = DAYS) -> tuple[Around, ...]:
    """The figures of the days before the day and of as many from it on, of whom it concerns; association only.

    Where the data end sooner than `days` after it, both sides are as long as what there is; empty where that is nothing.
    """
    length = min(days, (as_of - annotation.day).days + 1)
    if length < 1:
        return ()
    before = Scope(
        date_from=annotation.day - timedelta(days=length),
        date_to=annotation.day - timedelta(days=1),
        where=annotation.where,
    )
    after = replace(before, date_from=annotation.day, date_to=annotation.day + timedelta(days=length - 1))
    columns = {column.name: column for _, column in asked.looked_at(asked.told(version, AROUND)).values()}
    then, now = (
        {row["column"]: estimate(row) for row in totals(version, list(columns), scope).to_dicts()}
        for scope in (before, after)
    )
    none = Estimate(None, None, None, 0)
    pairs = [(column, then.get(name, none), now.get(name, none)) for name, column in columns.items()]
    moved = [difference(later, earlier) for _, earlier, later in pairs]
    stands = iter(holm([one.chance for one in moved if one]))
    return tuple(
        Around(column, earlier, later, one, next(stands) if one else False)
        for (column, earlier, later), one in zip(pairs, moved, strict=True)
    )


def length_of(annotation: Annotation, as_of: date, days: int = DAYS) -> int:
    """How many days on either side are looked at."""
    return max(0, min(days, (as_of - annotation.day).days + 1))
