"""What a digest stands on: how much could be read, and how many of those asked answered the surveys."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from metrics import ripening
from metrics.contrast import asked
from metrics.contrast.silent import silence
from metrics.contrast.surveyed import UNITS, Survey, surveys
from metrics.coverage import coverage as read_coverage
from metrics.measure import Unit
from metrics.totals import Scope
from metrics.wording import say, say_interval
from warehouse.rights import Area
from warehouse.settings import Settings, zone
from warehouse.store import Version

ENDS: Final[dict[Unit, tuple[float, float]]] = {"share": (0.0, 1.0), "net": (-100.0, 100.0)}
TITLES: dict[Survey, str] = {"csat": "CSAT", "nps": "NPS"}


def first_and_last_day(version: Version) -> tuple[date | None, date | None]:
    """The first and last day of the data; null for a store without conversations and surveys."""
    row = version.query(
        """
        SELECT min(day) AS first, max(day) AS last FROM (
            SELECT created_on AS day FROM ticket_facts UNION ALL SELECT ended_on FROM ticket_facts
            UNION ALL SELECT answered_on FROM survey_facts)
        """
    ).to_dicts()[0]
    return row["first"], row["last"]


def as_of_day(version: Version) -> date | None:
    """The last day of the data in the organisation's zone; an instant at midnight belongs to the day that it ends."""
    told = ripening.known(version)
    if told.as_of is None:
        return None
    return (told.as_of - timedelta(microseconds=1)).astimezone(zone(told.zone)).date()


def coverage(version: Version, scope: Scope, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """How many conversations there are; and how many could be read, and how many of those asked answered each survey."""
    surveyed = tuple(_surveyed(version, scope, survey, settings) for survey in surveys(version))
    seen = read_coverage(version, scope)
    if seen.count == 0:
        return "no conversations", tuple(line for line in surveyed if line)
    basis = "1 conversation" if seen.count == 1 else f"{seen.count:,} conversations"
    left_out = [
        f"{count:,} {words}"
        for count, words in (
            (seen.count_other_language, "in a language that is not read"),
            (seen.count_nothing_written, "without words of the customer's that could be read"),
        )
        if count
    ]
    not_read = f"; not read: {', '.join(left_out)}" if left_out else ""
    share = say(seen.count_readable / seen.count, "share")
    read = f"Read: {seen.count_readable:,} of {basis} ({share}){not_read}."
    return basis, (read, *(line for line in surveyed if line))


def _surveyed(version: Version, scope: Scope, survey: Survey, settings: Settings) -> str:
    """How many answered a survey, and between which figures that of everybody asked lies; empty where nobody was asked.

    What the silent may think is told to those who may see the page about them.
    """
    if not version.rights.may(Area.SILENT):
        return _answered(version, scope, survey)
    found = silence(version, scope, survey, settings)
    bounds, title = found.bounds, TITLES[survey]
    if not bounds.count_asked:
        return ""
    share = say(bounds.count_answered / bounds.count_asked, "share")
    who = "asked" if found.is_asked_known else "who could have been asked"
    said = (
        f"{title}: {bounds.count_answered:,} of {bounds.count_asked:,} {who} in these days answered ({share})"
    )
    if not bounds.count_silent or bounds.lowest is None:
        return f"{said}."
    span = say_interval(bounds.lowest, bounds.highest, UNITS[survey])
    if span == say_interval(*ENDS[UNITS[survey]], UNITS[survey]):
        return f"{said}."  # from one end of the scale to the other says nothing
    return f"{said}; of everybody it lies anywhere from {span}, for what the {bounds.count_silent:,} silent think is not known."


def _answered(version: Version, scope: Scope, survey: Survey) -> str:
    rate = next(iter(asked.totals(version, [f"is_{survey}_answered"], scope).to_dicts()), None)
    if rate is None or not rate["n"]:
        return ""
    return f"{TITLES[survey]}: of {rate['n']:,} asked in these days {say(rate['value'], 'share')} answered."
