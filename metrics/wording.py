"""How a number is said: 87 %, 1 h 30 min, +0.12, not measured. Minus is the real sign."""

from __future__ import annotations

import math

from metrics.measure import Better, Unit

MINUS = "\N{MINUS SIGN}"
NOT_MEASURED = "not measured"
NO_CHANGE = "no change"

MINUTES_PER_HOUR = 60
HOURS_PER_DAY = 24
DAYS_WITHOUT_HOURS = 10  # from here on hours say nothing more


def say(value: float | None, unit: Unit) -> str:
    """The value in words: a share as percent, minutes as a length of time, net and mood with their sign.

    Null (and NaN) is "not measured", never 0.
    """
    if value is None or math.isnan(value):
        return NOT_MEASURED
    match unit:
        case "share":
            return f"{_percent(value)} %"
        case "net":
            return signed(value, 0)
        case "mood":
            return signed(value, 2)
        case "minutes":
            return length(value)
        case "count":
            return _minus(
                f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
            )


def say_interval(low: float | None, high: float | None, unit: Unit) -> str:
    """The interval in words: "82 to 91 %", "at least 3 h" where it has no upper end, "not measured" without both."""
    if low is None and high is None:
        return NOT_MEASURED
    if low is None or high is None:
        return f"at least {say(low, unit)}" if high is None else f"at most {say(high, unit)}"
    if unit == "share":
        return f"{_percent(low)} to {_percent(high)} %"
    return f"{say(low, unit)} to {say(high, unit)}"


def say_money(value: float, currency: str) -> str:
    """An amount of money to three figures that count: "EUR 12,300", "EUR 6.09", "EUR 0"."""
    return f"{currency} {amount(value)}"


def say_money_range(low: float, high: float, currency: str) -> str:
    """An amount of money from low to high: "EUR 507 to 792"; one amount where both are the same."""
    first, last = amount(low), amount(high)
    return f"{currency} {first}" if first == last else f"{currency} {first} to {last}"


def amount(value: float) -> str:
    """A number to three figures that count, from 100 on without decimals."""
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return _minus(f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:,.{min(max(digits, 0), 4)}f}")


def say_change(change: float | None, unit: Unit, better: Better) -> str:
    """The change in words with its direction: "+1.8 pts, better", "−3 min, better", "no change".

    The change of a share is given as a fraction and said in points; where neither way is better no word follows.
    """
    if change is None or math.isnan(change):
        return NOT_MEASURED
    match unit:
        case "share":
            said = f"{signed(change * 100, 1)} pts"
        case "net":
            said = f"{signed(change, 1)} pts"
        case "mood":
            said = signed(change, 2)
        case "minutes":
            said = ("+" if change > 0 else MINUS) + length(abs(change))
        case "count":
            said = signed(change, 0 if float(change).is_integer() or abs(change) >= 100 else 1)
    if not any(digit in said for digit in "123456789"):
        return NO_CHANGE
    if better == "neither":
        return said
    return f"{said}, {'better' if (change > 0) == (better == 'higher') else 'worse'}"


def spaced(name: str | None) -> str | None:
    """A system's own name for something, as a reader would write it: native_messaging is "native messaging"."""
    return None if name is None else " ".join(name.replace("_", " ").split())


def signed(value: float, decimals: int) -> str:
    """The number with its sign and thousands separators; what rounds to zero has none."""
    rounded = round(value, decimals)
    if rounded == 0:
        return f"{0:.{decimals}f}"
    return _minus(f"{rounded:+,.{decimals}f}")


def length(minutes: float) -> str:
    """A length of time in its two largest parts: 45 s, 4.5 min, 12 min, 1 h 30 min, 2 days 3 h, 12 days."""
    if minutes < 0:
        return MINUS + length(-minutes)
    if minutes < 1:
        seconds = round(minutes * 60)
        return "1 min" if seconds == 60 else f"{seconds} s" if seconds else "0 min"
    if round(minutes, 1) < 10:
        return f"{round(minutes, 1):g} min"
    whole = round(minutes)
    if whole < MINUTES_PER_HOUR:
        return f"{whole} min"
    if whole < MINUTES_PER_HOUR * HOURS_PER_DAY:
        hours, rest = divmod(whole, MINUTES_PER_HOUR)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(round(minutes / MINUTES_PER_HOUR), HOURS_PER_DAY)
    if days >= DAYS_WITHOUT_HOURS:
        days, hours = round(minutes / MINUTES_PER_HOUR / HOURS_PER_DAY), 0
    said = "1 day" if days == 1 else f"{days:,} days"
    return f"{said} {hours} h" if hours else said


def _percent(share: float) -> str:
    """Whole percents; near 0 and 100 with a decimal, so that nothing that happened reads as never or always."""
    percent = share * 100
    if 0 < percent < 0.05:
        return "under 0.1"
    if 99.95 <= percent < 100:
        return "over 99.9"
    if 0 < percent < 1 or 99 < percent < 100:
        return f"{percent:.1f}".removesuffix(".0")
    return _minus(f"{percent:.0f}")


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
