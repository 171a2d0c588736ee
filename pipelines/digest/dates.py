"""Days and weeks as a digest says them."""

from __future__ import annotations

from datetime import date


def say_week(week: str, monday: date, sunday: date) -> str:
    """An ISO week with its days: "Week 53, 28 December 2026 to 3 January 2027"."""
    return f"Week {int(week[-2:])}, {say_days(monday, sunday)}"


def say_days(monday: date, sunday: date) -> str:
    """Two days with no more of the first than is needed: "16 to 22 November 2026"."""
    until = say_day(sunday)
    if monday.year != sunday.year:
        return f"{say_day(monday)} to {until}"
    return f"{monday:%-d %B} to {until}" if monday.month != sunday.month else f"{monday.day} to {until}"


def say_day(day: date) -> str:
    """A day in full: "16 November 2026"."""
    return f"{day:%-d %B %Y}"
