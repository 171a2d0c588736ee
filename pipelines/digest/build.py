"""One ISO week against the one before, as plain data. Built from stored data alone: the same week gives the same digest."""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urlencode

from metrics import periods, review_figures
from metrics.contrast import asked
from metrics.contrast.findings import Looked, look
from metrics.contrast.looks_fine import tickets as looking_fine
from metrics.contrast.pairs import Figure, headline, ledger
from metrics.measure import Unit
from metrics.totals import Scope
from metrics.wording import say, say_change, say_interval
from pipelines.digest.content import Bar, Cell, Digest, Line, Row
from pipelines.digest.stands_on import caveats, coverage, first_and_last_day
from pipelines.digest.voices import QUOTES_RULE, ideas_unanswered, worth_reading
from warehouse.errors import NoData
from warehouse.settings import Settings
from warehouse.store import Version

SCALES: Final = (
    "Bars: shares from 0 to 100 %; net scores from −100 to +100 and moods from −1 to +1, drawn from the middle. "
    "Times and counts have no bar. Brackets hold 95 % intervals; a change within noise may be no change at all."
)
NOTHING_MOVED: Final = "Nothing moved beyond noise."
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def build(
    version: Version, week: str, settings: Settings, *, base_url: str | None = None, is_demo: bool = False
) -> Digest:
    """The digest of an ISO week such as '2026-W46', in the organisation's time zone.

    A week without conversations gives a digest that says so. Raises BadInput on a week that does not exist, NoData
    on one before the first or after the last day of the data.
    """
    monday, sunday = periods.week_days(week)
    first = _first_day(version, week, monday, sunday)
    too_few = settings.display.too_few
    scope = Scope(date_from=monday, date_to=sunday)
    before = periods.previous(scope)
    has_before = first < monday
    base = (base_url or settings.digest.base_url).rstrip("/")
    asked.check(version, review_figures.precision(version, settings))
    asked.prepare(version, scope, before if has_before else None)
    answer = headline(version, scope, too_few=too_few)
    pairs = ledger(version, scope, before if has_before else None)
    looked = look(version, scope, before, too_few=too_few) if has_before else None
    ideas, ideas_summary = ideas_unanswered(version, scope, base)
    basis, lines = coverage(version, scope)
    return Digest(
        week=week,
        dates=f"Week {int(week[-2:])}, {_say_days(monday, sunday)}",
        organisation=settings.organisation.name,
        is_demo=is_demo,
        subject=f"{'Demo: ' if is_demo else ''}Heard, week {int(week[-2:])} of {week[:4]}: {answer.answer}",
        answer=answer.answer,
        more=answer.more,
        basis=basis,
        rows=tuple(
            Row(
                question=pair.question,
                scores=tuple(_cell(figure, has_before, too_few) for figure in pair.scores),
                conversations=tuple(_cell(figure, has_before, too_few) for figure in pair.conversations),
            )
            for pair in pairs
        ),
        scales=SCALES,
        findings=_findings(version, scope, looked, base),
        findings_rule=looked.rule if looked else "",
        quotes=worth_reading(version, scope, base),
        quotes_rule=QUOTES_RULE,
        ideas=ideas,
        ideas_summary=ideas_summary,
        coverage=lines,
        caveats=caveats(version, pairs, too_few, monday=monday, sunday=sunday, first=first),
        url=f"{base}/?{urlencode(_days(scope))}",
    )


def _first_day(version: Version, week: str, monday: date, sunday: date) -> date:
    first, last = first_and_last_day(version)
    if first is None or last is None:
        raise NoData("There are no conversations in this store.", fix="heard ingest PATH, or heard demo")
    if sunday < first or monday > last:
        raise NoData(
            f"The data hold nothing of week {week}: they run from {first.isoformat()} to {last.isoformat()}.",
            fix=f"name a week from {periods.week_of(first)} to {periods.week_of(last)}",
        )
    return first


def _days(scope: Scope) -> dict[str, str]:
    """The days of a scope as a page's address names them."""
    days = {"from": scope.date_from, "to": scope.date_to}
    return {name: day.isoformat() for name, day in days.items() if day}


def _say_days(monday: date, sunday: date) -> str:
    until = f"{sunday.day} {MONTHS[sunday.month - 1]} {sunday.year}"
    if monday.year != sunday.year:
        return f"{monday.day} {MONTHS[monday.month - 1]} {monday.year} to {until}"
    if monday.month != sunday.month:
        return f"{monday.day} {MONTHS[monday.month - 1]} to {until}"
    return f"{monday.day} to {until}"


def _cell(figure: Figure, has_before: bool, too_few: int) -> Cell:
    if figure.value is None or figure.n == 0:
        return Cell(title=figure.title, value=say(None, figure.unit), change="", basis="", is_told=False)
    if figure.n < too_few:
        # Below this we show the conversations, not a rate.
        basis = f"n = {figure.n:,}, below {too_few}"
        return Cell(title=figure.title, value="too few", change="", basis=basis, is_told=False)
    return Cell(
        title=figure.title,
        value=say(figure.value, figure.unit),
        change=_say_change(figure, too_few) if has_before else "",
        basis=_say_basis(figure),
        bar=bar(figure.value, figure.unit),
    )


def _say_change(figure: Figure, too_few: int) -> str:
    if figure.n_before == 0:
        return "not measured the week before"
    if figure.n_before < too_few or figure.change is None:
        return f"too few the week before (n = {figure.n_before:,})"
    verdict = "beyond noise" if figure.change_exceeds_noise else "within noise"
    return f"{say_change(figure.change, figure.unit, figure.better)}; {verdict}"


def _say_basis(figure: Figure) -> str:
    interval = f" ({say_interval(figure.low, figure.high, figure.unit)})" if figure.low is not None else ""
    is_partly = figure.coverage is not None and figure.coverage < 1
    # A score never stands without how many answered.
    how = "answered" if figure.measure in ("csat", "nps") else "measured"
    of = f", {say(figure.coverage, 'share')} {how}" if is_partly else ""
    return f"n = {figure.n:,}{interval}{of}{'' if figure.is_final else ', not final yet'}"


def bar(value: float, unit: Unit) -> Bar | None:
    """The bar that encodes a figure on the scale of its unit; null where the unit has no scale with two ends."""
    if unit == "share":
        return Bar(before=0, filled=round(100 * min(1.0, max(0.0, value))))
    if unit in ("net", "mood"):
        half = round(50 * min(1.0, max(-1.0, value / 100 if unit == "net" else value)))
        return Bar(before=50 + min(0, half), filled=abs(half))
    return None


def _count_looking_fine(version: Version, scope: Scope) -> int:
    if not asked.told(version, ["looks_fine"]):
        return 0
    rows = looking_fine(version, scope, limit=1)
    return int(rows["count_all"][0]) if rows.height else 0


def _findings(version: Version, scope: Scope, looked: Looked | None, base: str) -> tuple[Line, ...]:
    lines = [Line("This is the first week in the data: there is nothing before it to compare with.")]
    if looked:
        lines = [Line(one.text, f"{base}/conversations?{urlencode(one.query)}") for one in looked.findings]
        lines = lines or [Line(NOTHING_MOVED)]
    count = _count_looking_fine(version, scope)
    if count:
        verb = "conversation looks fine and isn't" if count == 1 else "conversations look fine and aren't"
        query = urlencode({"column": "looks_fine_isnt", "answer": "yes", **_days(scope)})
        lines.append(Line(f"{count:,} {verb}.", f"{base}/conversations?{query}"))
    return tuple(lines)
