"""The Money page in plain words, for the screen, the sheet to print and the workbook alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from metrics import wording
from metrics.contrast.assumptions import ASSUMPTIONS, BY_KEY
from metrics.contrast.bounds import Tipping
from metrics.contrast.bridge import TITLES, Bridge, Typed
from metrics.contrast.money import Input, Kind, Money
from metrics.contrast.money_lines import Line
from metrics.contrast.ranges import Range
from metrics.contrast.recount import Score
from metrics.contrast.stands_on import Stands

SECTIONS: Final = {
    "cost": "What it costs",
    "spent": "What was spent without helping",
    "value": "Whose value is at stake",
}
NOT_EXPLAINED, ROUNDING = "Not explained", "Rounding of the typed figure"


def figure(value: float | None, score: Score) -> str:
    """A score with the decimal that a bridge needs: 84.2 %, +21.4, 1 h 24 min."""
    if value is None:
        return wording.NOT_MEASURED
    if score == "first_reply":
        return wording.length(value)
    return f"{100 * value:.1f} %".replace("-", wording.MINUS) if score == "csat" else wording.signed(value, 1)


def change(value: float, score: Score) -> str:
    """A step of a bridge: +3.1 pts, −12 min."""
    if score == "first_reply":
        return ("+" if value > 0 else wording.MINUS) + wording.length(abs(value)) if value else "0 min"
    points = 100 * value if score == "csat" else value
    return f"{wording.signed(points, 1 if abs(points) >= 0.05 else 2)} pts"


def as_typed(typed: Typed) -> str:
    """The typed figure, with no more decimals than were typed."""
    if typed.score == "first_reply":
        return wording.length(typed.value)
    scale = 100 if typed.score == "csat" else 1
    decimals = next((places for places in range(7) if 0.5 * 10**-places <= typed.half * scale * 1.01), 6)
    if typed.score == "nps":
        return wording.signed(typed.value, decimals)
    return f"{typed.value * scale:.{decimals}f} %".replace("-", wording.MINUS)


def question(score: Score, said: str | None) -> str:
    """The page's question, about the reader's own figure."""
    if said is None:
        return f"{TITLES[score]}: what does it stand on, and what is at stake?"
    return f"“{TITLES[score]} is {said}”: what does it stand on, and what is at stake?"


def bridge_finding(found: Bridge) -> str:
    """What the bridge found, as a heading."""
    score, count = found.typed.score, len(found.steps)
    rules = "1 rule" if count == 1 else f"{count} rules"
    if not count and found.is_explained:
        return f"{as_typed(found.typed)} is our figure too: no rule differs"
    if found.is_explained:
        return f"{rules} lead from {as_typed(found.typed)} to {figure(found.ours, score)}, and nothing is left unexplained".replace(
            "1 rule lead", "1 rule leads"
        )
    gap = change(abs(found.remainder), score).lstrip("+")
    if not count:
        return f"No rule of counting leads to {as_typed(found.typed)}: {gap} are not explained"
    return f"{rules} come nearest to {as_typed(found.typed)}, and {gap} are not explained".replace(
        "1 rule come", "1 rule comes"
    )


def bridge_rows(found: Bridge) -> list[tuple[str, str, str, str]]:
    """The bridge as a table: step, theirs and ours in words, what it changes, the figure after it."""
    score = found.typed.score
    rows = [("The helpdesk shows", f"n {found.n_theirs:,} by its nearest rules", "", as_typed(found.typed))]
    if found.rounding:
        rows.append((ROUNDING, "", change(found.rounding, score), figure(found.theirs, score)))
    if found.remainder:
        rows.append(
            (
                NOT_EXPLAINED,
                "no rule here leads to it",
                change(found.remainder, score),
                figure(found.theirs, score),
            )
        )
    for step in found.steps:
        words = f"theirs: {step.theirs}; ours: {step.ours}"
        rows.append(
            (step.title, words, change(step.change, score), f"{figure(step.value, score)}, n {step.n:,}")
        )
    rows.append(("By our rules", f"n {found.n:,}", "", figure(found.ours, score)))
    return rows  # fmt: skip


def bridge_note(found: Bridge) -> str:
    """How the combination was found, and how far to trust it."""
    tried = f"{found.count_tried:,} combinations of rules were counted over the same days and filters"
    if not found.count_fitting:
        return (
            f"{tried}; none gives the typed figure. The days, the filters or the figure itself may be others."
        )
    n = found.typed.n
    if n is not None and n != found.n_theirs:
        return f"{tried}; those that give the typed figure as rounded count {found.n_theirs:,}, not {n:,}."
    if found.count_fitting == 1:
        return f"{tried}; all that give the typed figure as rounded count {found.n_theirs:,}."
    return (
        f"{tried}; what gives the typed figure as rounded comes to {found.count_fitting:,} different counts, and the one with the"
        " fewest rules changed is shown. More decimals, its n, or a rule that you know would tell them apart."
    )


def stands_rows(found: Stands) -> list[tuple[str, str, str]]:
    """What a score stands on: name, value, what it means."""
    if found.value is None:
        return []
    answers = "tickets" if found.score == "first_reply" else "answers"
    rows = [("By our rules", figure(found.value, found.score),
        f"of {found.n:,} {answers}; 95 % interval {wording.say_interval(found.low, found.high, found.unit)}")]  # fmt: skip
    if found.score == "first_reply":
        rows.append(
            ("Still waiting", f"{found.waiting:,}", "of these, counted with the time they have waited so far")
        )
        return rows  # fmt: skip
    bounds = found.bounds
    if bounds is None:
        return rows
    asked = "asked" if found.is_asked_known else "who could have been asked"
    rows.append((
        "Answered", wording.say(bounds.count_answered / bounds.count_asked, "share"),
        f"{bounds.count_answered:,} of {bounds.count_asked:,} {asked} in these days",
    ))  # fmt: skip
    if bounds.count_silent:
        rows.append((
            "Of everybody", wording.say_interval(bounds.lowest, bounds.highest, found.unit),
            f"if none, or all, of the {bounds.count_silent:,} silent were satisfied"
            if found.score == "csat" else f"if all of the {bounds.count_silent:,} silent were detractors, or promoters",
        ))  # fmt: skip
    if found.tipping and found.tipping.verdict != "none":
        rows.append(("It tips", *tipping_words(found.tipping, found.score, found.is_own)))
    return rows


def tipping_words(found: Tipping, score: Score, is_own: bool) -> tuple[str, str]:
    """Where a score falls below a target: the silent's figure in short, and the sentence."""
    target = figure(found.target, score) if score == "nps" else wording.say(found.target, "share")
    named = f"your target of {target}" if is_own else target
    if found.verdict == "reached":
        return "nowhere", f"it stays at {named} or above, whatever the silent think"
    if found.verdict == "missed":
        return "beyond", f"{named} is out of reach, whatever the silent think"
    needed = wording.say(found.needed, "net" if score == "nps" else "share")
    if score == "nps":
        return needed, f"everybody's NPS is below {named} if that of the silent is below {needed}"
    return needed, f"everybody's CSAT is below {named} if fewer than {needed} of the silent are satisfied"


def answer(stands: Stands, found: Bridge | None, told: Money, currency: str, period: str) -> tuple[str, str]:
    """The answer to the page's question: what the score stands on, and what is at stake."""
    title = TITLES[stands.score]
    if stands.value is None:
        first = f"{title} is not measured {period}."
    else:
        shown = f"The helpdesk shows {as_typed(found.typed)}; by our rules " if found else "By our rules "
        noun = "tickets" if stands.score == "first_reply" else "answers"
        first = f"{shown}{title} is {figure(stands.value, stands.score)} {period}, of {stands.n:,} {noun}."
        if stands.bounds and stands.bounds.count_silent:
            bounds = stands.bounds
            said = wording.say(bounds.count_answered / bounds.count_asked, "share")
            span = wording.say_interval(bounds.lowest, bounds.highest, stands.unit)
            first += f" {said} of those asked answered, so that of everybody it lies anywhere from {span}."
    worse = next((line for line in told.lines if line.name == "spent_on_worse"), None)
    second = ""
    if worse and worse.n:
        second = f"Of {worse.n:,} conversations in which it is known, {worse.count:,} left the customer worse"
        spent = told.values.get("spent_on_worse")
        second += f", at a cost of {amount(spent, currency)}" if spent else ""
        risk = told.values.get("risk")
        second += f"; {amount(risk, currency)} of yearly value is at stake" if risk else ""
        second += "."
    return first, second


def amount(value: Range | None, currency: str) -> str:
    """A range of money in short: from low to high."""
    return wording.NOT_MEASURED if value is None else wording.say_money_range(value.low, value.high, currency)


def likely(value: Range | None, currency: str) -> str:
    """The likely amount."""
    return "" if value is None else wording.say_money(value.likely, currency)


def behind(line: Line) -> str:
    """How many conversations or customers are behind a line, and of how many it is known."""
    if line.count == line.n:
        return f"{line.n:,} {line.noun}"
    return f"{line.count:,} of {line.n:,} {line.noun}"


def missing(keys: tuple[str, ...]) -> str:
    """What to type for a line."""
    names = [BY_KEY[key].title for key in keys]
    if keys == ("monthly_spend",):
        names = [f"{names[0]}, or {BY_KEY['hourly_cost'].title}"]
    return f"type: {'; '.join(names)}"


def alone(line: Line, values: Mapping[str, Range], currency: str) -> str:
    """What form alone would have told beside a line; empty where it tells nothing of it."""
    if line.alone is None:
        return ""
    value = values.get(line.alone.name)
    said = f"{line.alone.count:,} {line.alone.title}"
    return f"{amount(value, currency)}: {said}" if value else said


def quantity(value: float, unit: Kind, currency: str) -> str:
    """One end of an input in its unit."""
    match unit:
        case "money":
            return wording.say_money(value, currency)
        case "share":
            return f"{100 * value:.3g} %"
        case "minutes":
            return wording.length(value)
        case _:
            return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:,.2f}"


def span(one: Input, currency: str) -> str:
    """An input from low to high."""
    low, _, high = (quantity(end, one.unit, currency) for end in one.range)
    return low if low == high else f"{low} to {high}"


ALL_ASSUMPTIONS: Final = tuple(one.key for one in ASSUMPTIONS)
