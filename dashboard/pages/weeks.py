"""Over time: what moved, and what did people note beside it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from dashboard import page
from dashboard.download import download
from dashboard.evidence import plain
from dashboard.filters import Chosen, choose
from dashboard.links import link
from dashboard.setting import note_controls, target_controls
from dashboard.state import Data
from dashboard.weeks import weeks_chart
from metrics import wording
from metrics.contrast import noted, targets
from metrics.contrast.course import MOST, SHOWN, Course, as_frame, columns, courses
from metrics.contrast.noted import Annotation, Around

QUESTION = "What moved, and when?"
ACROSS = 3
CHOICE = "figures"


def body(data: Data) -> None:
    """The page below its title."""
    chosen = choose(data)
    titles = data.remember("figures by week", (), lambda: columns(data.version))
    names = _names(titles)
    wanted = targets.targets(data.version)
    found = data.remember(
        "courses",
        (chosen.scope, names, [(one.column, one.value, one.since) for one in wanted]),
        lambda: courses(data.version, names, chosen.scope, wanted),
    )
    notes = [one for one in noted.noted(data.version) if _concerns(one, chosen)]
    page.write(f'<p class="answer">{_answer(found, notes, chosen)}</p>')
    if not found:
        page.state(
            "Nothing of this was measured.",
            f"None of the figures chosen was measured {plain(chosen.period)}.",
            [link("Show 52 weeks", "weeks", chosen.query, period="52 weeks")],
        )
    _charts(data, found, notes)
    if found:
        count = max(sum(week.n for week in course.weeks) for course in found)
        download(data, chosen, "over-time", lambda: as_frame(found), count=count)
    target_controls(data, wanted)
    _notes(data, notes, chosen)


def _names(titles: dict[str, str]) -> tuple[str, ...]:
    names = st.multiselect(
        "Figures",
        list(titles),
        default=[name for name in SHOWN if name in titles],
        format_func=titles.__getitem__,
        max_selections=MOST,
        key=CHOICE,
        help=f"Up to {MOST}. Blue is what scores say, orange what conversations show.",
    )
    return tuple(names)


def _concerns(one: Annotation, chosen: Chosen) -> bool:
    """Whether a note concerns anybody of the scope: no dimension that both name differs throughout."""
    return all(
        set(values) & set(chosen.scope.where[name])
        for name, values in one.where.items()
        if name in chosen.scope.where
    )


def _answer(found: Sequence[Course], notes: Sequence[Annotation], chosen: Chosen) -> str:
    """How the last whole week of each figure with a target stands, and how much was noted."""
    said = [words for course in found if (words := _against_target(course))]
    missed = [words for words, verdict in said if verdict == "missed"]
    shown = [one for one in notes if _is_within(one.day, chosen)]
    noted_words = (
        f"{len(shown)} {'note stands' if len(shown) == 1 else 'notes stand'} beside them."
        if shown
        else "Nothing is noted beside them."
    )
    if not said:
        return f"<strong>{len(found)} {'figure' if len(found) == 1 else 'figures'} by week, none with a target.</strong> {noted_words}"
    met = sum(verdict == "met" for _, verdict in said)
    missing = f" Missed: {plain('; '.join(missed))}." if missed else ""
    return (
        f"<strong>In their last week {met} of {len(said)} {'figure' if len(said) == 1 else 'figures'} with a target met it, "
        f"{len(missed)} missed it, {len(said) - met - len(missed)} {'is' if len(said) - met - len(missed) == 1 else 'are'} too close to say."
        f"</strong>{missing} {noted_words}"
    )


def _against_target(course: Course) -> tuple[str, str] | None:
    last = next((week for week in reversed(course.weeks) if week.value is not None), None)
    if last is None or last.value is None or last.target is None:
        return None
    found = targets.verdict(last.value, last.low, last.high, last.target, course.better)
    value, wanted = wording.say(last.value, course.unit), wording.say(last.target, course.unit)
    return f"{course.title} {value} against {wanted} in {last.week} (n {last.n:,})", found


def _is_within(day: date, chosen: Chosen) -> bool:
    first, last = chosen.scope.date_from, chosen.scope.date_to
    return (first is None or first <= day) and (last is None or day <= last)


def _charts(data: Data, found: Sequence[Course], notes: Sequence[Annotation]) -> None:
    least = data.settings.display.too_few
    grid = st.columns(ACROSS, gap="large")
    for place, course in enumerate(found):
        with grid[place % ACROSS]:
            days = [week.monday for week in course.weeks]
            marks = [
                (number, one.day)
                for number, one in enumerate(notes, start=1)
                if days and days[0] <= one.day <= days[-1] + timedelta(days=6)
            ]
            side = "form" if course.wing == "form" else "function"
            page.write(
                f'<h3 class="{side}">{plain(course.title)}</h3><span class="small">{_last(course)}</span>'
            )
            weeks_chart(course, marks, least=least, key=f"course {course.column}")
            page.write(_table(course))
    if found:
        page.write(
            '<p class="quiet wide">Bands are 95 % intervals; a hollow dot is a week with fewer than '
            f"{least} conversations; a dashed line is your own target; an upright line with a number is a note of the list below. "
            "The first and last week may be cut by the period.</p>"
        )


def _last(course: Course) -> str:
    last = next((week for week in reversed(course.weeks) if week.value is not None), None)
    if last is None or last.value is None:
        return ""
    interval = wording.say_interval(last.low, last.high, course.unit) if last.low is not None else ""
    return plain(
        f"{last.week}: {wording.say(last.value, course.unit)}{', ' + interval if interval else ''}, n {last.n:,}"
    )


def _table(course: Course) -> str:
    rows = "".join(
        f'<tr><th scope="row">{week.week}</th><td class="n">{plain(wording.say(week.value, course.unit))}</td>'
        f'<td class="n">{plain(wording.say_interval(week.low, week.high, course.unit)) if week.low is not None else ""}</td>'
        f'<td class="n">{week.n:,}</td>'
        f'<td class="n">{plain(wording.say(week.target, course.unit)) if week.target is not None else ""}</td></tr>'
        for week in course.weeks
    )
    return (
        f"<details><summary>{plain(course.title)} as a table</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{plain(course.title)} by week"><table><thead><tr>'
        '<th scope="col">Week</th><th scope="col" class="n">Value</th><th scope="col" class="n">95 % interval</th>'
        f'<th scope="col" class="n">n</th><th scope="col" class="n">Target</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _notes(data: Data, notes: Sequence[Annotation], chosen: Chosen) -> None:
    page.heading("What was noted" if notes else "Nothing is noted yet")
    for number, one in enumerate(notes, start=1):
        looked = _looked(data, one)
        page.write(_note(number, one, looked, noted.length_of(one, data.as_of_date)))
    note_controls(data, notes, chosen)


def _looked(data: Data, one: Annotation) -> tuple[Around, ...]:
    return data.remember(
        "around", (one.day, dict(one.where)), lambda: noted.around(data.version, one, data.as_of_date)
    )


def _note(number: int, one: Annotation, looked: Sequence[Around], days: int) -> str:
    whom = ", ".join(value for values in one.where.values() for value in values) or "everybody"
    head = (
        f'<h3>{number}. {plain(one.text)}</h3><p class="quiet">{one.day:%-d %B %Y} · {plain(whom)} · noted by '
        f"{plain(one.entry.who)} on {one.entry.at:%-d %B %Y}</p>"
    )
    if not looked:
        return head + "<p>The data end before that day, so nothing can be told of the time around it.</p>"
    moved = [around for around in looked if around.is_beyond_noise]
    said = (
        "Beyond noise, together with it: " + "; ".join(_moved(around) for around in moved) + "."
        if moved
        else "Of what has an interval, nothing moved beyond noise around it."
    )
    return head + f"<p>{plain(said)}</p>{_around_table(looked, days)}"


def _moved(around: Around) -> str:
    assert around.difference is not None
    return f"{around.column.title.lower()} {wording.say_change(around.difference.change, around.column.unit, around.column.better)}"


def _around_table(looked: Sequence[Around], days: int) -> str:
    rows = "".join(
        f'<tr><th scope="row">{plain(around.column.title)}</th>'
        + "".join(
            f'<td class="n">{plain(wording.say(side.value, around.column.unit))}<span class="small">n {side.n:,}</span></td>'
            for side in (around.before, around.after)
        )
        + f"<td>{_difference(around)}</td></tr>"
        for around in looked
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Around the note"><table><thead><tr><th scope="col">Figure</th>'
        f'<th scope="col" class="n">{days} days before</th><th scope="col" class="n">{days} days from it on</th>'
        f'<th scope="col">Difference</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _difference(around: Around) -> str:
    one = around.difference
    if one is None:
        return ""
    said = wording.say_change(one.change, around.column.unit, around.column.better)
    return plain(said if around.is_beyond_noise else f"{said}, within noise")


if __name__ == "__main__":
    page.run(QUESTION, body)
