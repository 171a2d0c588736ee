"""Business hours as heard.toml states them: the opening hours of each weekday, on the clock of one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from warehouse.errors import BadSettings

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_PER_DAY: Final = 1440
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Schedule:
    """Business hours of some teams; the one without `teams` is everybody else's.

    `zone` is an IANA time zone; empty: the organisation's. A weekday holds "09:00-17:00", with a break
    "09:00-12:00 13:00-17:00", round the clock "00:00-24:00"; empty: closed. `holidays` is a country, "DE", or a part of
    one, "DE-BY", whose public holidays are closed all day; `closed` lists more such days.
    """

    name: str = ""
    zone: str = ""
    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""
    sunday: str = ""
    holidays: str = ""
    closed: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    def hours(self) -> tuple[str, ...]:
        """The week's opening hours in minutes from Monday 00:00, as the table schedules holds them: "540-1020".

        Raises BadSettings on hours that can not be read.
        """
        return tuple(
            f"{day * MINUTES_PER_DAY + opens}-{day * MINUTES_PER_DAY + closes}"
            for day, name in enumerate(DAYS)
            for opens, closes in _spans(f"{self.name}.{name}", getattr(self, name))
        )


def check(schedules: tuple[Schedule, ...]) -> None:
    """Raise BadSettings on hours or days that can not be read, no hours at all, or two schedules for one team."""
    owners: dict[str, str] = {}
    for schedule in schedules:
        if not schedule.name:
            raise BadSettings("A schedule has no name.", fix='name = "Support Berlin" below [[schedules]]')
        if not schedule.hours():
            raise BadSettings(
                f"The schedule {schedule.name!r} is never open.", fix='monday = "09:00-17:00" and so on'
            )
        for day in schedule.closed:
            _date(schedule.name, day)
        for team in schedule.teams or ("",):
            other = owners.setdefault(team.lower(), schedule.name)
            if other != schedule.name:
                whose = f"the team {team!r}" if team else "everybody without a schedule of their own"
                raise BadSettings(
                    f"The schedules {other!r} and {schedule.name!r} are both for {whose}.",
                    fix='teams = ["Billing"] says for whom a schedule is',
                )
    names = [schedule.name for schedule in schedules]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadSettings(f"Two schedules are called {twice!r}.", fix="give each a name of its own")


def _spans(where: str, said: str) -> list[tuple[int, int]]:
    """ "09:00-12:00 13:00-17:00" as minutes of the day, in order and apart."""
    spans: list[tuple[int, int]] = []
    for part in said.replace(",", " ").split():
        found = _SPAN.fullmatch(part)
        opens, closes = (_minutes(*found.groups()[:2]), _minutes(*found.groups()[2:])) if found else (0, 0)
        if not found or not 0 <= opens < closes <= MINUTES_PER_DAY or (spans and opens < spans[-1][1]):
            raise BadSettings(
                f"schedules.{where} is {said!r}; these are no opening hours of a day.",
                fix='write "09:00-17:00", or "09:00-12:00 13:00-17:00"; hours past midnight belong to the next day',
            )
        spans.append((opens, closes))
    return spans


def _minutes(hours: str, minutes: str) -> int:
    """Minutes since midnight; -1 where the clock has no such time."""
    return int(hours) * 60 + int(minutes) if int(minutes) < 60 else -1


def _date(name: str, said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise BadSettings(
            f"schedules.{name}.closed names {said!r}, which is no day.", fix='closed = ["2026-12-24"]'
        ) from error
