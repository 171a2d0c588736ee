"""The ledger of a digest: each figure in words with its change, what it stands on, its bar and its target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from metrics.contrast import targets
from metrics.contrast.pairs import Figure, Pair
from metrics.contrast.targets import Target
from metrics.measure import Unit
from metrics.wording import say, say_change, say_interval
from pipelines.digest.addresses import Addresses
from pipelines.digest.content import Bar, Cell, Number, Row

SCALES: Final = (
    "Bars: shares from 0 to 100 %; net scores from −100 to +100 and moods from −1 to +1, drawn from the middle. "
    "Times and counts have no bar. Brackets hold 95 % intervals; a change within noise may be no change at all."
)
NETS: Final = 100  # the two ends of a net score


def rows(
    pairs: Sequence[Pair], wanted: Sequence[Target], where: Addresses, *, day: date, has_before: bool, too_few: int
) -> tuple[Row, ...]:  # fmt: skip
    """The ledger's rows; `day` is that whose targets hold."""

    def cells(figures: Sequence[Figure]) -> tuple[Cell, ...]:
        return tuple(
            _cell(figure, targets.on(wanted, figure.column, day), where, has_before, too_few)
            for figure in figures
        )

    return tuple(Row(pair.question, cells(pair.scores), cells(pair.conversations)) for pair in pairs)


def _cell(figure: Figure, wanted: Target | None, where: Addresses, has_before: bool, too_few: int) -> Cell:
    if figure.value is None or figure.n == 0:
        return Cell(title=figure.title, value=say(None, figure.unit), change="", basis="", is_told=False)
    url = where.behind(figure.column, figure.unit)
    if figure.n < too_few:
        # Below this we show the conversations, not a rate.
        basis = f"n = {figure.n:,}, below {too_few}"
        return Cell(figure.title, "too few", "", basis, is_told=False, url=url)
    number = _number(figure, figure.value, wanted, is_compared=has_before and figure.n_before >= too_few)
    return Cell(
        title=figure.title,
        value=say(figure.value, figure.unit),
        change=_say_change(figure, too_few) if has_before else "",
        basis=_say_basis(figure),
        bar=bar(figure.value, figure.unit),
        target=f"target {say(number.target, figure.unit)}: {number.verdict}" if number.verdict else "",
        url=url,
        number=number,
    )


def _number(figure: Figure, value: float, wanted: Target | None, *, is_compared: bool) -> Number:
    return Number(
        column=figure.column,
        measure=figure.measure,
        unit=figure.unit,
        better=figure.better,
        value=value,
        low=figure.low,
        high=figure.high,
        n=figure.n,
        coverage=figure.coverage,
        change=figure.change if is_compared else None,
        is_beyond_noise=figure.change_exceeds_noise if is_compared else None,
        is_final=figure.is_final,
        weekly=figure.weekly,
        target=wanted.value if wanted else None,
        verdict=targets.verdict(value, figure.low, figure.high, wanted.value, figure.better)
        if wanted
        else None,
    )


def _say_change(figure: Figure, too_few: int) -> str:
    if figure.n_before == 0:
        return "not measured the week before"
    if figure.n_before < too_few or figure.change is None:
        return f"too few the week before (n = {figure.n_before:,})"
    if figure.change_exceeds_noise:
        return f"{say_change(figure.change, figure.unit, figure.better)}; beyond noise"
    # What may be chance is neither better nor worse.
    return f"{say_change(figure.change, figure.unit, 'neither')}; within noise"


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
        half = round(50 * min(1.0, max(-1.0, value / NETS if unit == "net" else value)))
        return Bar(before=50 + min(0, half), filled=abs(half))
    return None
