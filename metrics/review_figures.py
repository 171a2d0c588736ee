"""Rates as read and corrected for reading errors, and in words how far a reading was checked on these data."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

import polars as pl

from metrics import registry, review_queue, reviewed, wording
from metrics.reviewed import Checked, Stratum
from metrics.totals import Scope, totals
from warehouse.settings import Settings
from warehouse.store import Version

COLUMNS: Final = ("corrected", "corrected_low", "corrected_high", "n_reviewed")


def checks(version: Version, settings: Settings, names: Collection[str] | None = None) -> dict[str, Checked]:
    """What the random sample says of every column that can be asked about, or of those named, in the order of the registry."""
    answers = review_queue.answered(version)
    return {
        column.name: review_queue.checked(version, column.name, settings, answers.get(column.name, {}))
        for _, column in review_queue.columns(version)
        if names is None or column.name in names
    }


def with_corrected(version: Version, frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Figures of `totals` with corrected, corrected_low, corrected_high and n_reviewed beside what was read.

    Null where a column's reading was not checked often enough, and where no value was read. The errors are those of all
    that was checked; in each group they are taken to be the same.
    """
    asked = {column.name for _, column in review_queue.columns(version)} & set(frame["column"])
    answers = review_queue.answered(version)
    known = checks(version, settings, [name for name in asked if answers.get(name)])
    found: dict[str, list[float | None]] = {name: [] for name in COLUMNS}
    for row in frame.iter_rows(named=True):
        for name, value in zip(COLUMNS, _corrected(row, known.get(row["column"])), strict=True):
            found[name].append(value)
    return frame.with_columns(
        pl.Series(name, values, dtype=pl.Float64()) for name, values in found.items()
    ).with_columns(pl.col("n_reviewed").cast(pl.Int64))


def _corrected(row: dict[str, Any], checked: Checked | None) -> tuple[float | None, ...]:
    if checked is None:
        return None, None, None, None
    if not checked.is_checked or row["value"] is None or row["low"] is None:
        return None, None, None, checked.reviewed
    found = reviewed.corrected(row["value"], row["low"], row["high"], checked)
    return found.value, found.low, found.high, checked.reviewed


def rows(version: Version, settings: Settings, names: Collection[str] | None = None) -> list[dict[str, Any]]:
    """One row a column that can be asked about: how it was read, what the checks say of it, and the corrected rate.

    column, measure, title, value, low, high, n (as read, of all data), corrected, corrected_low, corrected_high, reviewed,
    missing (reviews until a rate is corrected), is_checked, and of flagged and unflagged size_, reviewed_, share_, low_, high_:
    precision is share_flagged, what was missed is share_unflagged; recall, recall_low, recall_high.
    """
    known = checks(version, settings, names)
    if not known:
        return []
    frame = with_corrected(version, totals(version, list(known), Scope()), settings)
    return [_row(one, known[one["column"]]) for one in frame.to_dicts()]


def _row(figure: dict[str, Any], checked: Checked) -> dict[str, Any]:
    measure, column = registry.find(checked.column)
    found = reviewed.recall(checked) or (None, None, None)
    return {
        "column": column.name, "measure": measure.name, "title": column.title,
        **{name: figure[name] for name in ("value", "low", "high", "n", "corrected", "corrected_low", "corrected_high")},
        "reviewed": checked.reviewed, "missing": checked.missing, "is_checked": checked.is_checked,
        **_stratum("flagged", checked.flagged), **_stratum("unflagged", checked.unflagged),
        "recall": found[0], "recall_low": found[1], "recall_high": found[2],
    }  # fmt: skip


def _stratum(name: str, stratum: Stratum) -> dict[str, Any]:
    low, high = stratum.interval or (None, None)
    return {
        f"size_{name}": stratum.size, f"reviewed_{name}": stratum.reviewed,
        f"share_{name}": stratum.share if stratum.reviewed else None, f"low_{name}": low, f"high_{name}": high,
    }  # fmt: skip


def in_words(row: dict[str, Any]) -> str:
    """A row of `rows` as a sentence or two: how far the reading was checked on these data, and the rate it gives."""
    if not row["is_checked"]:
        done = (
            f"{row['reviewed']:,} reviewed so far, {row['missing']:,} more needed"
            if row["reviewed"]
            else "no reviews yet"
        )
        return f"Not checked on your data: {done}."
    said = [f"Checked on your data, {row['reviewed']:,} conversations drawn at random"]
    if row["reviewed_flagged"]:
        said.append(
            f"of those flagged {_share(row, 'share_flagged', 'low_flagged', 'high_flagged')} are right"
        )
    if row["reviewed_unflagged"]:
        said.append(
            f"of the others {_share(row, 'share_unflagged', 'low_unflagged', 'high_unflagged')} were missed"
        )
    rate = ""
    if row["corrected"] is not None:
        rate = (
            f" As read {_share(row, 'value', 'low', 'high')}; corrected for reading errors"
            f" {_share(row, 'corrected', 'corrected_low', 'corrected_high')}."
        )
    return f"{said[0]}: {', '.join(said[1:])}.{rate}"


def sentences(version: Version, settings: Settings) -> dict[str, str]:
    """`in_words` of every column that can be asked about."""
    answers = review_queue.answered(version)
    known = {
        row["column"]: row for row in rows(version, settings, [name for name in answers if answers[name]])
    }
    none = {"is_checked": False, "reviewed": 0}
    return {
        column.name: in_words(known.get(column.name, none)) for _, column in review_queue.columns(version)
    }


def precision(version: Version, settings: Settings) -> Callable[[str], float | None]:
    """A function that gives for a measure's name the share of its flags that people found right.

    Of several columns that of the one least often right. Null until enough flagged conversations of a column were reviewed.
    """
    answers = review_queue.answered(version)
    least: dict[str, float] = {}
    for name, checked in checks(version, settings, [name for name in answers if answers[name]]).items():
        if checked.flagged.reviewed and not checked.missing_of(checked.flagged):
            measure = registry.find(name)[0].name
            least[measure] = min(checked.flagged.share, least.get(measure, 1.0))
    return least.get


def _share(row: dict[str, Any], value: str, low: str, high: str) -> str:
    return f"{wording.say(row[value], 'share')} ({wording.say_interval(row[low], row[high], 'share')})"
